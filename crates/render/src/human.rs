//! A plan for people at a terminal, in Terraform's manner: what will be done, block by block, and the
//! sum of it last. What is as declared is only counted.
//!
//! *Non-goals*: diagnostics, which the command line prints with their source lines; printing.

mod accounts;
mod block;
mod page;

use page::Page;

use super::fold::{Group, groups};
use super::paint::{Paint, Tone};
use super::steps::{View, is_dangerous};
use super::{Style, devices, safety, verdict, words};
use certctl_model::{Reason, Timestamp};
use certctl_plan::{BlastRadius, Change, ChangeKind, Plan, Unmanaged};
use certctl_plan::{escape, time_from, wrap};

/// How many unmanaged certificates are listed; `certctl status` shows all.
const UNMANAGED: usize = 10;

/// The plan as text, ended by a newline.
#[must_use]
pub fn human(plan: &Plan, style: Style) -> String {
    let view = View::new(plan);
    let page = Page {
        view: &view,
        paint: Paint::new(style.color),
        width: style.width,
    };
    let mut paragraphs = page.blocks();
    if !paragraphs.is_empty() {
        paragraphs.insert(0, wrap(&view.verdict(), style.width, ""));
    }
    let weaker = page.weaker();
    if !weaker.is_empty() {
        paragraphs.insert(0, weaker.join("\n"));
    }
    paragraphs.extend(
        [page.accounts(), page.waits(), page.unmanaged()]
            .into_iter()
            .filter(|lines| !lines.is_empty())
            .map(|lines| lines.join("\n")),
    );
    paragraphs.push(page.sum());
    format!("{}\n", paragraphs.join("\n\n"))
}

impl Page<'_> {
    /// A block for each change of which something is due, and one for many alike.
    fn blocks(&self) -> Vec<String> {
        let due = self
            .plan()
            .changes
            .iter()
            .filter(|change| change.kind != ChangeKind::NoOp && self.view.is_due(change));
        groups(self.view, due)
            .iter()
            .map(|group| self.block(group).join("\n"))
            .collect()
    }

    /// What takes safety away, and where devices install nothing, before everything else.
    fn weaker(&self) -> Vec<String> {
        let mut lines = safety::lost(self.plan());
        lines
            .iter_mut()
            .for_each(|line| *line = wrap(&format!("  ! {line}"), self.width, "    "));
        if !lines.is_empty() {
            lines.insert(0, "This takes safety away:".to_owned());
        }
        lines.extend(devices::uninstalled(self.plan()).map(|line| wrap(&line, self.width, "  ")));
        lines
            .iter()
            .map(|line| self.paint.paint(Tone::Removes, line))
            .collect()
    }

    /// What is not due: what it waits for, or that it stands still.
    fn waits(&self) -> Vec<String> {
        let changes = self.plan().changes.iter();
        let later = changes.filter(|change| !self.view.is_due(change) && is_told(change));
        let groups = groups(self.view, later);
        let told: usize = groups.iter().map(|group| group.all().count()).sum();
        let mut lines: Vec<String> = Vec::new();
        for group in &groups {
            lines.push(wrap(&self.wait(group), self.width, "    "));
            let held = 0..group.first.certificates.len();
            let devices = held.filter_map(|n| group.devices(n));
            lines.extend(devices.map(|said| wrap(&format!("    {said}"), self.width, "    ")));
        }
        if !lines.is_empty() {
            let n = self.view.waiting();
            let heading = if !self.plan().has_changes && n == told {
                format!("Nothing is due now; {}:", verdict::waits(n))
            } else {
                "Not due now:".to_owned()
            };
            lines.insert(0, heading);
        }
        lines
    }

    fn wait(&self, group: &Group<'_>) -> String {
        let change = group.first;
        let kind = change.kind.as_str();
        let named = match group.is_folded() && is_dangerous(change) {
            true => format!(" ({})", group.accounts().join(", ")),
            false => String::new(),
        };
        let what = format!("  {} ({kind}){}{named}", group.who(), group.places());
        match self.waiting_for(group) {
            Some(waiting) => {
                let affects = match change.blast_radius {
                    BlastRadius::Nobody => String::new(),
                    radius => format!("; affects {}", words::radius(radius)),
                };
                format!("{what} {waiting}{affects}")
            }
            None => format!("{what} stands still: {}", escape(&group.reason())),
        }
    }

    /// `waits until … for …, then …`.
    fn waiting_for(&self, group: &Group<'_>) -> Option<String> {
        let waiting = group.first.waiting.as_ref()?;
        let until = group
            .span(|change| change.waiting.as_ref()?.until)
            .map(|span| format!(" {}", words::until(waiting.why, &self.span(span))))
            .unwrap_or_default();
        let then = words::then(waiting.next)
            .map(|next| format!(", then {next}"))
            .unwrap_or_default();
        Some(format!(
            "waits{until} for {}{then}",
            words::wait_for(waiting.why)
        ))
    }

    /// An instant; or the earliest and the latest of some.
    fn span(&self, (first, last): (Timestamp, Timestamp)) -> String {
        let now = self.plan().planned_at;
        if first == last {
            return time_from(now, first);
        }
        format!("{} to {}", time_from(now, first), time_from(now, last))
    }

    fn unmanaged(&self) -> Vec<String> {
        let unmanaged = &self.plan().unmanaged;
        if unmanaged.is_empty() {
            return Vec::new();
        }
        let mut lines = vec!["Unmanaged, and left alone:".to_owned()];
        let listed = unmanaged.iter().take(UNMANAGED);
        lines.extend(listed.map(|one| self.one_unmanaged(one)));
        if unmanaged.len() > UNMANAGED {
            let more = unmanaged.len() - UNMANAGED;
            lines.push(format!("  and {more} more, see `certctl status`"));
        }
        lines
    }

    fn one_unmanaged(&self, one: &Unmanaged) -> String {
        let used = if one.in_use { ", in use" } else { "" };
        let expires = one
            .expires_on
            .map(|at| format!(", expires {}", time_from(self.plan().planned_at, at)))
            .unwrap_or_default();
        let kind = one.kind.to_string();
        let line = format!(
            "  {} {} ({}{used}{expires})",
            one.account,
            one.certificate_id,
            escape(&kind)
        );
        wrap(&line, self.width, "    ")
    }

    /// The last line.
    fn sum(&self) -> String {
        let counted = |kind| words::how_many(self.plan(), kind);
        let waiting = self.view.waiting();
        let mut parts: Vec<String> = ChangeKind::ALL
            .into_iter()
            .map(|kind| (counted(kind), kind.as_str()))
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} to {word}"))
            .collect();
        if parts.is_empty() && waiting == 0 {
            return self.paint.paint(Tone::Strong, &self.view.verdict());
        }
        let same = counted(ChangeKind::NoOp);
        if waiting > 0 {
            parts.push(format!("{waiting} waiting"));
        }
        if same > 0 {
            parts.push(format!("{same} unchanged"));
        }
        let line = format!("Plan: {}.", parts.join(", "));
        let line = self.paint.paint(Tone::Strong, &line);
        match &self.plan().state {
            Some(state) => format!("{line}\nState: {}", escape(state)),
            None => line,
        }
    }
}

/// Whether it is told although nothing of it is due: it waits, or something stands in its way.
fn is_told(change: &Change) -> bool {
    change.waiting.is_some()
        || change.kind != ChangeKind::NoOp
        || change.reason.code == Reason::Blocked
}

#[cfg(test)]
mod tests;
