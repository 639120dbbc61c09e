//! The forecast: what daily runs of `apply` will do in the years to come, and what will go wrong.
//!
//! *Purpose*: the real planner, asked again and again through virtual time about a pure model of each
//! account. *Invariants*: a pure function, total and deterministic; nothing is decided here, what
//! happens is what the planner wants. *Non-goals*: faults, lag, people who change things meanwhile.
//!
//! | module | what it does |
//! |---|---|
//! | `world` | the model of an account: what each request does to it |
//! | `run` | one run of `apply`: plan, do what is due, note it, plan again |
//! | `wake` | when an account has to be planned next |
//! | `timeline` | virtual time over all accounts |
//! | `event`, `findings` | what happens, and what should not |
//! | `lives` | what became of each certificate, for the pictures |
//! | `document`, `schema`, `render` | the forecast as JSON, for people, as Markdown |

mod document;
mod event;
mod findings;
mod lives;
pub mod render;
mod run;
mod schema;
#[cfg(test)]
mod tests;
mod timeline;
mod wake;
mod world;

pub use document::json;
pub use event::{Event, EventKind, Life};
pub use findings::Finding;
pub use schema::json_schema;
pub use timeline::Span;
pub use world::{Refusal, World};

use certctl_model::{AccountState, Observed, Period};
use certctl_spec::Spec;

use crate::run::Course;
use crate::timeline::live;

/// What will happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// Which time it covers.
    pub span: Span,
    /// How many accounts are declared.
    pub accounts: usize,
    /// How many certificates are declared.
    pub certificates: usize,
    /// What happens, by time.
    pub events: Vec<Event>,
    /// What goes wrong, by time.
    pub findings: Vec<Finding>,
    /// The certificates that the addresses hold, by address and time.
    pub lives: Vec<Life>,
}

/// Where an account starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// What the API says now.
    pub observed: Observed,
    /// What is remembered; none where there is no document yet.
    pub state: Option<AccountState>,
}

/// Lives through `span`: `starts` holds one for each account of the spec, in its order; an account
/// without one starts empty.
#[must_use]
pub fn forecast(spec: &Spec, starts: Vec<Option<Start>>, span: Span) -> Forecast {
    let mut courses = courses(spec, starts, span);
    live(&mut courses, &spec.policy, span);
    collect(spec, courses, span)
}

fn courses(spec: &Spec, starts: Vec<Option<Start>>, span: Span) -> Vec<Course<'_>> {
    let starts = starts.into_iter().chain(std::iter::repeat(None));
    spec.accounts
        .iter()
        .zip(starts)
        .map(|(account, start)| {
            // The edge answers at once: how long it takes is less than any period.
            let (world, state) = match start {
                Some(Start { observed, state }) => (World::observed(observed, Period::ZERO), state),
                None => (World::empty(account.account_id.clone(), Period::ZERO), None),
            };
            let declared = (&spec.policy, spec.name.as_ref());
            Course::new(account, declared, world, state, (span.from, span.every))
        })
        .collect()
}

fn collect(spec: &Spec, courses: Vec<Course<'_>>, span: Span) -> Forecast {
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
