//! The block of one change, or of many alike: why, its fields, what it holds, its steps, who notices, where.

use super::page::Page;
use crate::fold::Group;
use crate::paint::Tone;
use crate::steps::{When, is_dangerous};
use crate::words;
use certctl_plan::{BlastRadius, Change, ChangeKind};
use certctl_plan::{Mark, Row, rows};
use certctl_plan::{escape, time, wrap};

/// How many accounts are named in which nobody can notice and nothing goes.
const NAMED: usize = 12;

impl Page<'_> {
    /// The lines of changes that are told together.
    pub(super) fn block(&self, group: &Group<'_>) -> Vec<String> {
        let change = group.first;
        let mut lines = self.heading(group);
        if !change.only_remembers() {
            let all = rows(change).len();
            let rows = shown(change);
            let width = rows
                .iter()
                .map(|row| row.name.len())
                .chain(change.certificates.iter().map(|h| h.role.as_str().len()))
                .max()
                .unwrap_or_default();
            for n in 0..change.certificates.len() {
                lines.push(self.held(group, n, width));
                lines.extend(self.devices(group, n, width));
            }
            lines.extend(rows.iter().map(|row| self.row(row, width)));
            let hidden = all - rows.len();
            if hidden > 0 {
                let s = if hidden == 1 { "" } else { "s" };
                let line = format!("      ({hidden} unchanged field{s} not shown)");
                lines.push(self.paint.paint(Tone::Quiet, &line));
            }
            lines.extend(self.steps(group));
            lines.extend(self.consequences(group));
        }
        lines.extend(self.places(group));
        lines
    }

    fn heading(&self, group: &Group<'_>) -> Vec<String> {
        let change = group.first;
        let will = if self.view.is_blocked(change) {
            "would be"
        } else {
            "will be"
        };
        let why = format!(
            "  # {} {will} {}{}: {}",
            group.who(),
            words::participle(change.kind),
            group.places(),
            escape(&group.reason())
        );
        let symbol = format!("{:>3}", words::symbol(change.kind));
        let symbol = self.paint.paint(Tone::of_kind(change.kind), &symbol);
        vec![
            self.paint
                .paint(Tone::Strong, &wrap(&why, self.width, "  # ")),
            format!("{symbol} {}{}", group.who(), group.places()),
        ]
    }

    /// One of the certificates that are held, by its place; of many, without what is each one's own.
    fn held(&self, group: &Group<'_>, n: usize, width: usize) -> String {
        let Some(held) = group.first.certificates.get(n) else {
            return String::new();
        };
        let role = held.role.as_str();
        let status = words::status(held.binding_status.as_ref());
        let since = held.available_since.filter(|_| !held.inferred);
        let mut facts = vec![match since.filter(|_| !group.is_folded()) {
            Some(since) => format!("{status} since {}", time(since)),
            None => status,
        }];
        if held.in_use {
            facts.push("in use".to_owned());
        }
        if let Some(span) = group.span(|change| change.certificates.get(n)?.expires_on) {
            facts.push(format!("expires {}", self.span(span)));
        }
        let facts = facts.join(", ");
        let line = if group.is_folded() {
            format!("      {role:<width$}  {facts}")
        } else {
            format!("      {role:<width$}  {} ({facts})", held.id)
        };
        wrap(&line, self.width, &" ".repeat(width + 8))
    }

    /// What devices show of one of them, below it.
    fn devices(&self, group: &Group<'_>, n: usize, width: usize) -> Option<String> {
        let said = group.devices(n)?;
        let indent = " ".repeat(width + 8);
        Some(wrap(&format!("{indent}{said}"), self.width, &indent))
    }

    fn row(&self, row: &Row, width: usize) -> String {
        let (mark, tone) = match row.mark {
            Mark::Same => (' ', Tone::Quiet),
            Mark::Added => ('+', Tone::Adds),
            Mark::Removed => ('-', Tone::Removes),
            Mark::Changed => ('~', Tone::Changes),
        };
        let text = format!("{mark} {:<width$}  {}", row.name, row.value);
        format!("    {}", self.paint.paint(tone, &text))
    }

    /// The steps as a numbered list in three columns: what, to what, when.
    fn steps(&self, group: &Group<'_>) -> Vec<String> {
        let change = group.first;
        let cells: Vec<(String, String, String)> = change
            .steps
            .iter()
            .enumerate()
            .map(|(n, step)| {
                let when = match self.view.when(change, n) {
                    When::Now => "now".to_owned(),
                    When::From(at) => {
                        let earliest = |change: &Change| change.steps.get(n)?.not_before;
                        self.span(group.span(earliest).unwrap_or((at, at)))
                    }
                    When::Then(phrase) => phrase,
                };
                (step.action().as_str().to_owned(), group.object(step), when)
            })
            .collect();
        let what = cells.iter().map(|c| c.0.len()).max().unwrap_or_default();
        let whom = cells.iter().map(|c| c.1.len()).max().unwrap_or_default();
        let mut lines = Vec::new();
        if !cells.is_empty() {
            lines.push("      steps".to_owned());
        }
        lines.extend(cells.iter().enumerate().map(|(n, (action, object, when))| {
            format!(
                "        {}. {action:<what$}  {object:<whom$}  {when}",
                n + 1
            )
        }));
        lines
    }

    fn consequences(&self, group: &Group<'_>) -> Vec<String> {
        let change = group.first;
        let mut lines = Vec::new();
        if let Some(waiting) = self.waiting_for(group) {
            lines.push(format!("      {waiting}"));
        }
        if change.blast_radius != BlastRadius::Nobody {
            let affects = format!("affects {}", words::radius(change.blast_radius));
            let tone = Tone::of_radius(change.blast_radius);
            lines.push(format!("      {}", self.paint.paint(tone, &affects)));
        }
        let now = self.plan().planned_at;
        let back = group.span(|change| change.rollback_until.filter(|until| *until > now));
        if let Some(until) = back {
            lines.push(format!(
                "      can be rolled back until {}",
                self.span(until)
            ));
        }
        let wrapped = lines.iter().map(|line| wrap(line, self.width, "        "));
        wrapped.collect()
    }

    /// In which accounts; all of them, where somebody could notice or something goes.
    fn places(&self, group: &Group<'_>) -> Option<String> {
        if !group.is_folded() {
            return None;
        }
        let mut names = group.accounts();
        let all = names.len();
        if !is_dangerous(group.first) {
            names.truncate(NAMED);
        }
        let more = match all - names.len() {
            0 => String::new(),
            more => format!(", and {more} more, see `certctl plan --format json`"),
        };
        let line = format!("      in {}{more}", names.join(", "));
        Some(wrap(&line, self.width, "         "))
    }
}

/// The fields that are shown: for a rotation all of them, for the new certificate is made of them;
/// otherwise those that differ.
fn shown(change: &Change) -> Vec<Row> {
    let whole = matches!(change.kind, ChangeKind::Replace | ChangeKind::Renew);
    rows(change)
        .into_iter()
        .filter(|row| whole || row.mark != Mark::Same)
        .collect()
}
