//! The laws, as predicates over what the server's own journal says happened. It asks neither a plan nor
//! a report nor the state what is true.

use std::fmt;

use crate::history::How;
use crate::record::{Ran, Record, Told};
use crate::runner::Ended;
use crate::watch::Watch;
use crate::waves;
use crate::wire::MOST_REQUESTS;

/// What was broken: which law, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) law: &'static str,
    pub(crate) how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.law, self.how)
    }
}

pub(crate) fn broken<T>(law: &'static str, how: String) -> Result<T, Broken> {
    Err(Broken { law, how })
}

/// Holds a history against the laws.
///
/// # Errors
/// The first that was broken.
pub(crate) fn judge(record: &Record) -> Result<(), Broken> {
    for run in record.accounts.iter().flat_map(|told| &told.runs) {
        ends(run)?;
        only_reads(run)?;
    }
    let accounts = record.accounts.iter();
    let mut watches: Vec<Watch<'_>> = accounts.map(|told| Watch::new(record, told)).collect();
    for entry in &record.journal {
        let is_of = |watch: &Watch<'_>| entry.account_id.as_deref() == Some(watch.told.id);
        let Some(of) = watches.iter().position(is_of) else {
            continue;
        };
        for effect in &entry.effects {
            waves::judge(record, &watches, of, entry, effect)?;
            watches[of].judge(entry, effect)?;
            watches[of].see(entry, effect);
        }
    }
    if let Some(strayed) = &record.strayed {
        return broken("what was not chosen is left alone", strayed.clone());
    }
    if let Some(moved) = &record.moved_by_others {
        let law = "what others did is no part of a digest";
        return broken(law, moved.clone());
    }
    record.accounts.iter().try_for_each(settles)
}

/// Law 13.
fn ends(run: &Ran) -> Result<(), Broken> {
    if run.requests >= MOST_REQUESTS {
        let sent = run.requests;
        return broken(
            "every run ends",
            format!("the run at {} sent {sent} requests", run.from),
        );
    }
    match run.ended {
        Ended::Endless => broken(
            "every run ends",
            format!("the run at {} never ended", run.from),
        ),
        _ => Ok(()),
    }
}

/// Law 5.
fn only_reads(run: &Ran) -> Result<(), Broken> {
    if run.how == How::Plan && run.writes + run.saves > 0 {
        let what = format!("{} writes, {} saves at {}", run.writes, run.saves, run.from);
        return broken("plan only reads", what);
    }
    Ok(())
}

/// After a quiet time, exactly what is declared.
fn settles(told: &Told) -> Result<(), Broken> {
    let Some(difference) = told.last_difference.as_ref() else {
        return Ok(());
    };
    let last = told.runs.last();
    let said = last.map(|run| run.ended.to_string()).unwrap_or_default();
    broken(
        "in the end it is as declared",
        format!("{difference}; the last run: {said}"),
    )
}
