//! Virtual time over all accounts: which run comes next, and what it may do.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{Code, Name, Timestamp};
use certctl_plan::{AccountInput, AccountWave, Allowance, Options, StateVersion, Tally};
use certctl_planner::{Peer, Peers, plan};
use certctl_spec::Policy;

use crate::simulated::SimulatedAccount;
use crate::span::Span;
use crate::wake::Wake;

/// Lives through the time of all accounts.
pub(crate) fn live(courses: &mut [SimulatedAccount<'_>], policy: &Policy, span: Span) {
    block_mass_removals(courses, span.from);
    let limited = !policy.waves.is_empty()
        || policy.max_deletes.is_some()
        || policy.max_replaces.is_some()
        || policy.max_in_use_switches.is_some();
    if limited {
        return live_together(courses, Some(policy), span);
    }
    // Without a limit that they share, no account knows of another.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = courses.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for some in courses.chunks_mut(share) {
            scope.spawn(move || live_together(some, None, span));
        }
    });
}

/// Goes from run to run; `policy` holds the limits that the accounts share, where there are any.
fn live_together(courses: &mut [SimulatedAccount<'_>], policy: Option<&Policy>, span: Span) {
    let mut queue: BTreeSet<(Timestamp, usize)> =
        (0..courses.len()).map(|n| (span.from, n)).collect();
    while let Some(&(tick, _)) = queue.first() {
        let due: Vec<usize> = queue
            .range((tick, 0)..=(tick, usize::MAX))
            .map(|(_, n)| *n)
            .collect();
        for n in &due {
            queue.remove(&(tick, *n));
            if let Some(course) = courses.get_mut(*n) {
                course.pass(tick);
            }
        }
        let mut waves =
            policy.map_or_else(BTreeMap::new, |policy| waves(courses, &due, policy, tick));
        let mut granted = policy.map_or_else(BTreeMap::new, |_| grant(courses, &due));
        for n in due {
            let Some(course) = courses.get_mut(n) else {
                continue;
            };
            course.run(granted.remove(&n).unwrap_or_default(), waves.remove(&n));
            let next = match course.wakes() {
                Wake::Never => None,
                Wake::At(at) => span.next(tick, at),
                Wake::NextRun => span.next(tick, tick),
            };
            queue.extend(next.map(|next| (next, n)));
        }
    }
    for course in courses {
        course.pass(span.until);
        course.end_lives();
    }
}

/// In which of the policy's waves each account is that is planned now, and whom it waits for. Of the
/// others the last plan still holds.
fn waves(
    courses: &mut [SimulatedAccount<'_>],
    due: &[usize],
    policy: &Policy,
    now: Timestamp,
) -> BTreeMap<usize, AccountWave> {
    if policy.waves.is_empty() {
        return BTreeMap::new();
    }
    let mut planned = BTreeMap::new();
    for n in due {
        if let Some(course) = courses.get_mut(*n) {
            planned.insert(*n, course.plan(course.now, &Options::default()));
        }
    }
    let peers = courses.iter().enumerate().map(|(n, course)| {
        let outcome = planned.get(&n).or(course.last.as_ref());
        Peer::simulated(course.account, policy, course.state.as_ref(), outcome, now)
    });
    let mut peers = Peers::new(peers.collect(), now);
    let wave = |n: &usize| Some((*n, peers.wave(*n)?));
    due.iter().filter_map(wave).collect()
}

/// What the limits of the policy let each account do in this run: as much as the plan over all
/// accounts grants it. An account that is not planned now would take nothing.
fn grant(courses: &mut [SimulatedAccount<'_>], due: &[usize]) -> BTreeMap<usize, Allowance> {
    let mut taken = Tally::default();
    let mut granted = BTreeMap::new();
    for n in due {
        let Some(course) = courses.get_mut(*n) else {
            continue;
        };
        let options = Options {
            allowance: Allowance::after(&taken),
            ..Options::default()
        };
        let tally = course.plan(course.now, &options).account.tally;
        taken.add(&tally);
        granted.insert(*n, Allowance::granted(&tally));
    }
    granted
}

/// What is too much over all accounts is no run's to do. It is judged once: what is removed only
/// becomes less.
fn block_mass_removals(courses: &mut [SimulatedAccount<'_>], now: Timestamp) {
    let mut blocked: BTreeMap<Name, Vec<certctl_model::Diagnostic>> = BTreeMap::new();
    {
        let inputs: Vec<AccountInput<'_>> = courses
            .iter_mut()
            .map(|course| AccountInput {
                account: course.account,
                policy: course.policy,
                spec_name: course.spec_name,
                observed: Ok(course.world.look(now, true)),
                state: course.state.as_ref(),
                version: StateVersion::default(),
            })
            .collect();
        for diagnostic in plan(&inputs, Vec::new(), &Options::default(), now).diagnostics {
            if let (Code::MassDestroy, Some(account)) = (diagnostic.code, &diagnostic.account) {
                blocked.entry(account.clone()).or_default().push(diagnostic);
            }
        }
    }
    for course in courses {
        if let Some(diagnostics) = blocked.get(&course.account.name) {
            course.block(diagnostics);
        }
    }
}
