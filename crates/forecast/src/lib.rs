//! The forecast: what daily runs of `apply` will do in the years to come, and what will go wrong.
//!
//! *Purpose*: the real planner, asked again and again through virtual time about a pure model of each
//! account. *Invariants*: a pure function, total and deterministic; nothing is decided here, what
//! happens is what the planner wants. *Non-goals*: faults, lag, people who change things meanwhile.
//!
//! | module | what it does |
//! |---|---|
//! | `course` | one account on its way through time |
//! | `run` | one run of `apply`: plan, do what is due, note it, plan again |
//! | `wake` | when an account has to be planned next |
//! | `span`, `timeline` | virtual time over all accounts |
//! | `event`, `finding`, `forecast` | the value: what happens, and what should not |
//! | `findings` | what is judged to go wrong, and which field to change |
//! | `lives` | what became of each certificate, for the pictures |
//! | `document`, `schema` | the forecast as JSON |

mod document;
mod event;
mod finding;
mod findings;
mod forecast;
mod lives;
mod run;
mod schema;
mod simulated;
mod span;
mod timeline;
mod wake;

#[cfg(test)]
extern crate self as certctl_forecast;
#[cfg(test)]
mod tests;

pub use document::json;
pub use event::{Event, EventKind, Life};
pub use finding::Finding;
pub use forecast::{Forecast, Start};
pub use schema::json_schema;
pub use span::Span;

use certctl_account::AccountModel;
use certctl_model::Period;
use certctl_spec::Spec;

use crate::simulated::SimulatedAccount;
use crate::timeline::live;

/// Lives through `span`: `starts` holds one for each account of the spec, in its order; an account
/// without one starts empty.
#[must_use]
pub fn forecast(spec: &Spec, starts: Vec<Option<Start>>, span: Span) -> Forecast {
    let mut courses = courses(spec, starts, span);
    courses.iter_mut().for_each(SimulatedAccount::begin);
    live(&mut courses, &spec.policy, span);
    collect(spec, courses, span)
}

fn courses(spec: &Spec, starts: Vec<Option<Start>>, span: Span) -> Vec<SimulatedAccount<'_>> {
    let starts = starts.into_iter().chain(std::iter::repeat(None));
    spec.accounts
        .iter()
        .zip(starts)
        .map(|(account, start)| {
            // The edge answers at once: how long it takes is less than any period.
            let (world, state) = match start {
                Some(Start { observed, state }) => {
                    (AccountModel::observed(observed, Period::ZERO), state)
                }
                None => (
                    AccountModel::empty(account.account_id.clone(), Period::ZERO),
                    None,
                ),
            };
            let declared = (&spec.policy, spec.name.as_ref());
            SimulatedAccount::new(account, declared, world, state, (span.from, span.every))
        })
        .collect()
}

fn collect(spec: &Spec, courses: Vec<SimulatedAccount<'_>>, span: Span) -> Forecast {
    let (mut events, mut findings, mut lives) = (Vec::new(), Vec::new(), Vec::new());
    let declared = spec
        .accounts
        .iter()
        .map(|account| account.certificates.len());
    for course in courses {
        events.extend(course.events);
        findings.extend(course.findings.found);
        lives.extend(course.lives.into_values());
    }
    // Stable: what happens at the same instant keeps its order.
    events.sort_by(|a: &Event, b| (a.at, &a.account).cmp(&(b.at, &b.account)));
    let of = |finding: &Finding| {
        let diagnostic = &finding.diagnostic;
        (
            finding.at,
            diagnostic.account.clone(),
            diagnostic.address.clone(),
            diagnostic.code,
        )
    };
    findings.sort_by_key(of);
    lives.sort_by(|a: &Life, b| (&a.address, a.from).cmp(&(&b.address, b.from)));
    Forecast {
        span,
        accounts: spec.accounts.len(),
        certificates: declared.sum(),
        events,
        findings,
        lives,
    }
}
