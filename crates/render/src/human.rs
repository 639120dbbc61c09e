//! A plan for people at a terminal, in Terraform's manner: what will be done, block by block, and the
//! sum of it last. What is as declared is only counted.
//!
//! *Non-goals*: diagnostics, which the command line prints with their source lines; printing.

mod block;
mod page;

use page::Page;

use super::paint::{Paint, Tone};
use super::steps::View;
use super::{Style, devices, safety, verdict, words};
use certctl_plan::{
    AccountPlan, Action, BlastRadius, BoundCertificate, Change, ChangeKind, Plan, Unmanaged,
};
use certctl_plan::{count, escape, time_from, wrap};

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
    /// A block for each change of which something is due.
    fn blocks(&self) -> Vec<String> {
        self.plan()
            .changes
            .iter()
            .filter(|change| change.kind != ChangeKind::NoOp && self.view.is_due(change))
            .map(|change| self.block(change).join("\n"))
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

    /// What changes for an account as a whole.
    fn accounts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for account in &self.plan().accounts {
            if !account.applyable {
                let blocked = format!("{} is blocked: see the errors", account.name);
                lines.push(self.paint.paint(Tone::Removes, &blocked));
                continue;
            }
            lines.extend(self.switch(account));
            let created = self
                .plan()
                .changes_of(&account.name)
                .filter(|change| self.creates_now(change))
                .count();
            if created > 0 {
                let left = account.creations_left as usize;
                lines.push(format!(
                    "{}: creates {}; Cloudflare allows {left} more within 24 hours",
                    account.name,
                    count(created, "certificate"),
                ));
            }
        }
        lines
    }

    /// What Gateway will use, where that becomes another one. To adopt what is in use, or to rename
    /// it, is no switch.
    fn switch(&self, account: &AccountPlan) -> Option<String> {
        let name = &account.name;
        let before = account.in_use_before.as_deref();
        let after = account.in_use_after.as_deref();
        let same = self
            .plan()
            .changes_of(name)
            .filter(|change| after == Some(change.address.to_string().as_str()))
            .any(|change| {
                let held = |held: &BoundCertificate| before == Some(held.id.as_str());
                change.certificates.iter().any(held)
                    || !change
                        .steps
                        .iter()
                        .any(|step| step.action() == Action::SetInUse)
            });
        match (before.map(escape), after.map(escape)) {
            (before, after) if before == after || same => None,
            (Some(before), Some(after)) => Some(format!(
                "{name}: Gateway will use {after} instead of {before}"
            )),
            (None, Some(after)) => Some(format!(
                "{name}: Gateway will use {after}; so far it uses no certificate of this account"
            )),
            (_, None) => Some(format!(
                "{name}: Gateway will use no certificate of this account"
            )),
        }
    }

    fn creates_now(&self, change: &Change) -> bool {
        change
            .steps
            .iter()
            .any(|step| step.action() == Action::Create)
            && self.view.is_due(change)
    }

    /// What is not due: what it waits for, or that it stands still.
    fn waits(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .plan()
            .changes
            .iter()
            .filter(|change| !self.view.is_due(change))
            .filter_map(|change| self.wait(change))
            .map(|line| wrap(&line, self.width, "    "))
            .collect();
        if !lines.is_empty() {
            let n = self.view.waiting();
            let heading = if !self.plan().has_changes && n == lines.len() {
                format!("Nothing is due now; {}:", verdict::waits(n))
            } else {
                "Not due now:".to_owned()
            };
            lines.insert(0, heading);
        }
        lines
    }

    fn wait(&self, change: &Change) -> Option<String> {
        let what = format!("  {} ({})", change.address, change.kind.as_str());
        let reason = escape(&change.reason.message);
        if let Some(waiting) = self.waiting_for(change) {
            let affects = match change.blast_radius {
                BlastRadius::Nobody => String::new(),
                radius => format!("; affects {}", words::radius(radius)),
            };
            return Some(format!("{what} {waiting}{affects}"));
        }
        let still =
            change.kind != ChangeKind::NoOp || change.reason.code == certctl_model::Reason::Blocked;
        still.then(|| format!("{what} stands still: {reason}"))
    }

    /// `waits until … for …, then …`.
    fn waiting_for(&self, change: &Change) -> Option<String> {
        let waiting = change.waiting.as_ref()?;
        let until = waiting
            .until
            .map(|at| format!(" until {}", time_from(self.plan().planned_at, at)))
            .unwrap_or_default();
        let then = words::then(waiting.next)
            .map(|next| format!(", then {next}"))
            .unwrap_or_default();
        Some(format!(
            "waits{until} for {}{then}",
            words::wait_for(waiting.why)
        ))
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

#[cfg(test)]
mod tests;
