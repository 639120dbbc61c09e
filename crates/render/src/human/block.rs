//! The block of one change: why, its fields, what it holds, its steps, who notices.

use super::page::Page;
use crate::paint::Tone;
use crate::steps::When;
use crate::words;
use certctl_plan::{BlastRadius, BoundCertificate, Change, ChangeKind};
use certctl_plan::{Mark, Row, rows};
use certctl_plan::{escape, time, time_from, wrap};

impl Page<'_> {
    /// The lines of one change.
    pub(super) fn block(&self, change: &Change) -> Vec<String> {
        let mut lines = self.heading(change);
        if change.only_remembers() {
            return lines;
        }
        let all = rows(change).len();
        let rows = shown(change);
        let width = rows
            .iter()
            .map(|row| row.name.len())
            .chain(change.certificates.iter().map(|h| h.role.as_str().len()))
            .max()
            .unwrap_or_default();
        lines.extend(
            change
                .certificates
                .iter()
                .map(|held| self.held(held, width)),
        );
        lines.extend(rows.iter().map(|row| self.row(row, width)));
        let hidden = all - rows.len();
        if hidden > 0 {
            let s = if hidden == 1 { "" } else { "s" };
            let line = format!("      ({hidden} unchanged field{s} not shown)");
            lines.push(self.paint.paint(Tone::Quiet, &line));
        }
        lines.extend(self.steps(change));
        lines.extend(self.consequences(change));
        lines
    }

    fn heading(&self, change: &Change) -> Vec<String> {
        let will = if self.view.is_blocked(change) {
            "would be"
        } else {
            "will be"
        };
        let why = format!(
            "  # {} {will} {}: {}",
            change.address,
            words::participle(change.kind),
            escape(&change.reason.message)
        );
        let symbol = format!("{:>3}", words::symbol(change.kind));
        let symbol = self.paint.paint(Tone::of_kind(change.kind), &symbol);
        vec![
            self.paint
                .paint(Tone::Strong, &wrap(&why, self.width, "  # ")),
            format!("{symbol} {}", change.address),
        ]
    }

    fn held(&self, held: &BoundCertificate, width: usize) -> String {
        let role = held.role.as_str();
        let status = words::status(held.binding_status.as_ref());
        let since = held.available_since.filter(|_| !held.inferred);
        let mut facts = vec![match since {
            Some(since) => format!("{status} since {}", time(since)),
            None => status,
        }];
        if held.in_use {
            facts.push("in use".to_owned());
        }
        if let Some(at) = held.expires_on {
            facts.push(format!("expires {}", time_from(self.plan().planned_at, at)));
        }
        let line = format!("      {role:<width$}  {} ({})", held.id, facts.join(", "));
        wrap(&line, self.width, &" ".repeat(width + 8))
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
    fn steps(&self, change: &Change) -> Vec<String> {
        let cells: Vec<(String, String, String)> = change
            .steps
            .iter()
            .enumerate()
            .map(|(n, step)| {
                let when = match self.view.when(change, n) {
                    When::Now => "now".to_owned(),
                    When::From(at) => time_from(self.plan().planned_at, at),
                    When::Then(phrase) => phrase,
                };
                (step.action().as_str().to_owned(), change.object(step), when)
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

    fn consequences(&self, change: &Change) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(waiting) = self.waiting_for(change) {
            lines.push(format!("      {waiting}"));
        }
        if change.blast_radius != BlastRadius::Nobody {
            let affects = format!("affects {}", words::radius(change.blast_radius));
            let tone = Tone::of_radius(change.blast_radius);
            lines.push(format!("      {}", self.paint.paint(tone, &affects)));
        }
        let now = self.plan().planned_at;
        if let Some(until) = change.rollback_until.filter(|until| *until > now) {
            let until = time_from(now, until);
            lines.push(format!("      can be rolled back until {until}"));
        }
        let wrapped = lines.iter().map(|line| wrap(line, self.width, "        "));
        wrapped.collect()
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
