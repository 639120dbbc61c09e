//! Which lines differ: `similar`, by one algorithm.
//!
//! Its `TextDiff` has a choice of six, and each of them would be in the program.

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffOp};

/// What happens to a line, or to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It stays.
    Same,
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It becomes different.
    Changed,
}

/// The lines of both sides in order, each with what happens to it; none of them is [`Mark::Changed`].
pub fn diff<'a>(
    before: &'a [String],
    after: &'a [String],
) -> impl Iterator<Item = (Mark, &'a str)> {
    ops(before, after).into_iter().flat_map(move |op| {
        op.iter_slices(before, after).flat_map(|(tag, lines)| {
            let mark = match tag {
                ChangeTag::Equal => Mark::Same,
                ChangeTag::Delete => Mark::Removed,
                ChangeTag::Insert => Mark::Added,
            };
            lines.iter().map(move |line| (mark, line.as_str()))
        })
    })
}

fn ops(before: &[String], after: &[String]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), before, after);
    let (old, new) = (0..before.len(), 0..after.len());
    let Ok(()) = myers::diff_deadline_raw(&mut hook, before, old, after, new, None);
    hook.into_inner().into_inner().into_ops()
}
