//! Virtual time over all accounts: which run comes next, and what it may do.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::{Code, Name, Timestamp};
use certctl_plan::{AccountInput, AccountWave, Allowance, Options, StateVersion, Tally};
use certctl_planner::{Peer, Peers, plan};
use certctl_spec::Policy;

use crate::simulated::{SimulatedAccount, Wake};
use crate::span::Span;

/// So many accounts are worth a thread of their own, in one run of all.
const WORTH_A_THREAD: usize = 16;

/// Lives through the time of all accounts.
pub(crate) fn live(courses: &mut [SimulatedAccount<'_>], policy: &Policy, span: Span) {
    block_mass_removals(courses, span.from);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let limited = !policy.waves.is_empty()
        || policy.max_deletes.is_some()
        || policy.max_replaces.is_some()
        || policy.max_in_use_switches.is_some();
    if limited {
        return live_together(courses, Some(policy), span, threads);
    }
    // Without a limit that they share, no account knows of another.
    let share = courses.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for some in courses.chunks_mut(share) {
            scope.spawn(move || live_together(some, None, span, 1));
        }
    });
}

/// Goes from run to run; `policy` holds the limits that the accounts share, where there are any.
fn live_together(
    courses: &mut [SimulatedAccount<'_>],
    policy: Option<&Policy>,
    span: Span,
    threads: usize,
) {
    let mut queue: BTreeSet<(Timestamp, usize)> =
        (0..courses.len()).map(|n| (span.from, n)).collect();
    while let Some(&(tick, _)) = queue.first() {
        let later = queue.split_off(&(tick, usize::MAX));
        let come = std::mem::replace(&mut queue, later);
        let come: Vec<usize> = come.into_iter().map(|(_, n)| n).collect();
        let (mut due, mut waiting) = (Vec::new(), Vec::new());
        for n in &come {
            if let Some(course) = courses.get_mut(*n) {
                let waits = course.waits_for_others_until(tick);
                if waits { &mut waiting } else { &mut due }.push(*n);
                course.pass(tick);
            }
        }
        let shares = match policy {
            Some(policy) => shares(courses, due, &waiting, policy, tick, threads),
            None => due.into_iter().map(|n| (n, Share::default())).collect(),
        };
        side_by_side(courses, &shares, threads, |course, share| {
            course.run(share.allowance.clone(), share.wave.clone());
        });
        for n in come {
            let next = match courses.get(n).map(|course| course.wake) {
                None | Some(Wake::Never) => None,
                Some(Wake::At(at)) => span.next(tick, at),
                Some(Wake::NextRun | Wake::OnceOpen(_)) => span.next(tick, tick),
            };
            queue.extend(next.map(|next| (next, n)));
        }
    }
    for course in courses {
        course.pass(span.until);
        course.end_lives();
    }
}

/// What an account may do in a run, in the light of the others.
#[derive(Debug, Clone, Default)]
struct Share {
    allowance: Allowance,
    wave: Option<AccountWave>,
}

/// Does the same for each account that has a share, many of them on several threads: none knows of another.
fn side_by_side(
    courses: &mut [SimulatedAccount<'_>],
    shares: &BTreeMap<usize, Share>,
    threads: usize,
    work: impl Fn(&mut SimulatedAccount<'_>, &Share) + Sync,
) {
    let all = courses.iter_mut().enumerate();
    let mut chosen: Vec<_> = all
        .filter_map(|(n, course)| Some((course, shares.get(&n)?)))
        .collect();
    let each = chosen.len().div_ceil(threads).max(WORTH_A_THREAD);
    let work = &work;
    let do_all = |some: &mut [(&mut SimulatedAccount<'_>, &Share)]| {
        some.iter_mut()
            .for_each(|(course, share)| work(course, share));
    };
    std::thread::scope(|scope| {
        let mut parts = chosen.chunks_mut(each);
        let own = parts.next();
        for some in parts {
            scope.spawn(move || do_all(some));
        }
        own.map(do_all);
    });
}

/// What each account may do that is `due`; and each of those that are `waiting` for others, where their
/// wave opens or closes, or a limit has more or less left for them. Whom a wave waits for does not matter.
fn shares(
    courses: &mut [SimulatedAccount<'_>],
    due: Vec<usize>,
    waiting: &[usize],
    policy: &Policy,
    now: Timestamp,
    threads: usize,
) -> BTreeMap<usize, Share> {
    let mut shares: BTreeMap<usize, Share> =
        due.into_iter().map(|n| (n, Share::default())).collect();
    side_by_side(courses, &shares, threads, |course, _| {
        course.foresee_alone();
    });
    if !policy.waves.is_empty() {
        let peers = courses.iter().map(|course| {
            let outcome = course.foreseen.as_ref().or(course.last.as_ref());
            Peer::simulated(course.account, policy, course.state.as_ref(), outcome, now)
        });
        let mut peers = Peers::new(peers.collect(), now);
        for (n, share) in &mut shares {
            share.wave = peers.wave(*n);
        }
        for n in waiting {
            let wave = peers.wave(*n);
            if courses
                .get(*n)
                .is_some_and(|course| course.is_to_change_by(wave.as_ref()))
            {
                let allowance = Allowance::default();
                shares.insert(*n, Share { allowance, wave });
            }
        }
        side_by_side(courses, &shares, threads, |course, share| {
            course.foresee_in(share.wave.as_ref());
        });
    }
    grant(courses, &mut shares, waiting);
    shares
}

/// What the limits of the policy let each account do in this run: as much as the plan over all accounts
/// grants it. One that is `waiting` takes what it took, unless those before it leave it something else.
fn grant(
    courses: &mut [SimulatedAccount<'_>],
    shares: &mut BTreeMap<usize, Share>,
    waiting: &[usize],
) {
    let mut taken = Tally::default();
    let asked: BTreeSet<usize> = shares.keys().chain(waiting).copied().collect();
    for n in asked {
        let Some(course) = courses.get_mut(n) else {
            continue;
        };
        let share = shares.get(&n);
        if share.is_none() && !course.is_left_something_else(&taken) {
            taken.add(&course.takes());
            continue;
        }
        let wave = share.map_or_else(|| course.wave().cloned(), |share| share.wave.clone());
        let tally = course.foresee_after(&taken, wave.as_ref());
        taken.add(&tally);
        let allowance = Allowance::granted(&tally);
        shares.insert(n, Share { allowance, wave });
    }
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
