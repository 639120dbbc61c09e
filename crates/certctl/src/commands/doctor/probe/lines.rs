//! The lines of a probe's report.

/// How an assumption came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Agrees,
    Differs,
    /// Nobody knew; this was seen.
    Seen,
    Skipped,
}

struct Line {
    assumption: String,
    answer: String,
    outcome: Outcome,
}

/// All lines, in the order in which they were found.
#[derive(Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    /// Something that certctl rests on, and whether it is so.
    pub(super) fn check(
        &mut self,
        assumption: impl Into<String>,
        agrees: bool,
        answer: impl Into<String>,
    ) {
        let outcome = if agrees {
            Outcome::Agrees
        } else {
            Outcome::Differs
        };
        self.push(assumption.into(), answer.into(), outcome);
    }

    /// Something that certctl is safe under whatever it is, and what it was.
    pub(super) fn seen(&mut self, question: impl Into<String>, answer: impl Into<String>) {
        self.push(question.into(), answer.into(), Outcome::Seen);
    }

    /// Something that could not be asked, and why.
    pub(super) fn skip(&mut self, assumption: impl Into<String>, why: impl Into<String>) {
        self.push(assumption.into(), why.into(), Outcome::Skipped);
    }

    /// Whether any assumption does not hold.
    pub(super) fn disagree(&self) -> bool {
        self.0.iter().any(|line| line.outcome == Outcome::Differs)
    }

    fn push(&mut self, assumption: String, answer: String, outcome: Outcome) {
        self.0.push(Line {
            assumption,
            answer,
            outcome,
        });
    }

    /// The report, to be attached to an issue.
    pub(super) fn markdown(&self, spent: bool) -> String {
        let how = if spent {
            "It created a certificate and removed it."
        } else {
            "It only read."
        };
        let mut text = format!(
            "# certctl doctor --probe\n\ncertctl {}. {how} Ids are replaced.\n\n| | assumption | answer \
             |\n|---|---|---|\n",
            env!("CARGO_PKG_VERSION")
        );
        for line in &self.0 {
            let outcome = match line.outcome {
                Outcome::Agrees => "agrees",
                Outcome::Differs => "**differs**",
                Outcome::Seen => "seen",
                Outcome::Skipped => "skipped",
            };
            text.push_str(&format!(
                "| {outcome} | {} | {} |\n",
                cell(&line.assumption),
                cell(&line.answer)
            ));
        }
        let differ = self
            .0
            .iter()
            .filter(|l| l.outcome == Outcome::Differs)
            .count();
        text.push_str(&format!("\n{differ} of {} differ.\n", self.0.len()));
        text
    }
}

/// A text that stays in its cell.
fn cell(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let short: String = plain.take(300).collect();
    short.replace('|', "\\|").replace('<', "&lt;")
}
