//! What happens, drawn from a seed.

use certctl_sandbox::{Conditions, Fault, FaultKind};
use fastrand::Rng;

use crate::bucket::Loss;
use crate::declared::{ACCOUNTS, Adopt, Edit, NAMES, Periods, Removal};
use crate::history::{Event, Hand, History, How, Only, Reach, Run, Status, calm};

const HOUR: u64 = 3_600;

/// How many tiers there are; the last is in no wave but that of the rest.
const TIERS: usize = 3;

impl History {
    /// The history of a seed; a third of them have several accounts.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let accounts = [1, 1, 1, 1, 2, 3, 4][rng.usize(..7)];
        let trust_hours = [12, 72, 72, 168][rng.usize(..4)];
        let periods = Periods {
            trust_hours,
            retire_hours: [12, 72, 168][rng.usize(..3)],
            renew_before_days: trust_hours / 24 + 10 + rng.u32(..10),
            window: (rng.u8(..4) == 0).then(|| rng.u32(..24)),
            waves: if accounts > 1 {
                bakes(&mut rng)
            } else {
                [0; 2]
            },
        };
        let tiers = (0..accounts).map(|n| n.min(rng.usize(..TIERS))).collect();
        let skewed = rng.u8(..3) == 0;
        let mut skew = || if skewed { rng.i64(-280..=280) } else { 0 };
        let ahead = [skew(), skew()];
        let mut events = vec![
            Event::Edit(Edit::Add(everywhere(accounts, 0))),
            Event::Edit(Edit::InUse(everywhere(accounts, 0))),
            Event::Run(calm(How::Approved)),
        ];
        let length = 3 + rng.usize(..16);
        let farewells = std::env::var_os("CERTCTL_SIMULATION_LIFECYCLE").is_some();
        for _ in 0..length {
            match farewells && rng.u8(..5) == 0 {
                true => events.extend(farewell(&mut rng, accounts)),
                false => events.push(event(&mut rng, accounts)),
            }
        }
        Self {
            seed,
            periods,
            tiers,
            ahead,
            events,
        }
    }
}

/// The name of this number, in every account.
fn everywhere(accounts: usize, name: usize) -> usize {
    match accounts {
        1 => name,
        accounts => accounts * NAMES.len() + name,
    }
}

/// How many hours each wave bakes; those of nought are none.
fn bakes(rng: &mut Rng) -> [u32; 2] {
    match rng.u8(..6) {
        0 => [0; 2],
        1..4 => [[24, 72, 168][rng.usize(..3)], 0],
        _ => [[24, 72][rng.usize(..2)], [24, 72, 168][rng.usize(..3)]],
    }
}

fn event(rng: &mut Rng, accounts: usize) -> Event {
    if accounts > 1 && rng.u8(..5) == 0 {
        return event_of_a_fleet(rng, accounts);
    }
    match rng.u8(..40) {
        0..4 => Event::Pass(rng.u64(1..200)),
        4..8 => Event::Pass(rng.u64(1..200) * HOUR),
        8..12 => {
            let days = [3, 10, 30, 90, 200][rng.usize(..5)];
            let how = [How::Approved, How::Unattended][rng.usize(..2)];
            Event::Days(days, how)
        }
        12..19 => Event::Edit(edit(rng, accounts)),
        19..31 => Event::Run(run(rng, accounts)),
        31..34 => {
            let later = rng.u64(..20_000);
            let mut second = run(rng, accounts);
            second.runner = 1;
            Event::Two(
                Run {
                    runner: 0,
                    ..run(rng, accounts)
                },
                later,
                second,
            )
        }
        34..37 => Event::Hand(hand(rng, accounts)),
        37..39 => Event::Conditions(conditions(rng)),
        _ => Event::StateComesBack(1 + rng.usize(..12)),
    }
}

/// An address is declared no longer, and sometimes again, by this lifecycle and that way to adopt.
fn farewell(rng: &mut Rng, accounts: usize) -> Vec<Event> {
    let account = rng.usize(..accounts);
    let name = account * NAMES.len() + 1 + rng.usize(..NAMES.len() - 1);
    let removal = [Removal::Delete, Removal::Deactivate, Removal::Retain][rng.usize(..3)];
    let adopt = [Adopt::Ask, Adopt::Matching, Adopt::Never][rng.usize(..3)];
    let mut edits = vec![vec![
        Edit::Add(name),
        Edit::Removal(name, removal),
        Edit::Protect(name, rng.u8(..3) == 0),
    ]];
    if rng.u8(..3) == 0 {
        edits.push(vec![Edit::Days(name)]);
    }
    edits.push(vec![Edit::Remove(name)]);
    if rng.bool() {
        edits.push(vec![Edit::Adopt(account, adopt), Edit::Return(name)]);
    }
    let approved = |edits: Vec<Edit>| {
        let edits = edits.into_iter().map(Event::Edit);
        edits.chain([Event::Run(calm(How::Approved))])
    };
    edits.into_iter().flat_map(approved).collect()
}

/// What happens where there are several accounts alone.
fn event_of_a_fleet(rng: &mut Rng, accounts: usize) -> Event {
    let one = rng.usize(..accounts);
    match rng.u8(..12) {
        0..5 => Event::Edit(Edit::Days(everywhere(accounts, 0))),
        5 => Event::Edit(Edit::Waves(bakes(rng))),
        6 => Event::Edit(Edit::Tier(one, rng.usize(..TIERS))),
        7 => Event::Edit(Edit::Suspended(one, rng.bool())),
        8 => Event::Run(calm(How::AllowWave(one))),
        9 => Event::Run(calm(How::Rollback(one * NAMES.len()))),
        _ => {
            let reach = [Reach::Everything, Reach::NoApi, Reach::NoState];
            Event::Reach(one, reach[rng.usize(..3)])
        }
    }
}

/// The number of a name: that of one account, or of all of them.
fn name(rng: &mut Rng, accounts: usize) -> usize {
    match accounts {
        1 => rng.usize(..NAMES.len()),
        accounts => rng.usize(..NAMES.len() * (accounts + 1)),
    }
}

fn edit(rng: &mut Rng, accounts: usize) -> Edit {
    let index = name(rng, accounts);
    match rng.u8(..18) {
        15..17 => Edit::Window(rng.bool().then(|| rng.u32(..24))),
        17 => Edit::RenewBefore([18, 26, 40][rng.usize(..3)]),
        12..14 => Edit::Trust([0, 12, 72, 168][rng.usize(..4)]),
        14 => Edit::Retire([0, 12, 168][rng.usize(..3)]),
        0..3 => Edit::Add(index),
        3 => Edit::Remove(index),
        4..8 => Edit::Days(index),
        8 => Edit::Active(index, rng.bool()),
        9 => Edit::Renewed(index, rng.u8(..4) > 0),
        _ => Edit::InUse(index),
    }
}

fn run(rng: &mut Rng, accounts: usize) -> Run {
    let index = rng.usize(..NAMES.len() * accounts);
    let how = match rng.u8(..20) {
        0 => How::Plan,
        1..7 => How::Approved,
        7..9 => How::Answered,
        9 => How::Saved([0, 60, 7_200][rng.usize(..3)]),
        10..13 => How::Unattended,
        13 => How::Unapproved,
        14..16 => How::Replace(index),
        16..18 => How::Rollback(index),
        18 => How::Resume(index),
        _ => How::Compromised(index),
    };
    let only = (accounts > 1 && rng.u8(..4) == 0).then(|| match rng.bool() {
        true => Only::Account(rng.usize(..accounts)),
        false => Only::Tier(rng.usize(..TIERS)),
    });
    let few = |rng: &mut Rng| usize::from(rng.bool()) * (1 + usize::from(rng.u8(..4) == 0));
    let faults = (0..few(rng)).map(|_| fault(rng, accounts)).collect();
    let hands = if rng.u8(..5) == 0 {
        vec![(1 + rng.u32(..12), hand(rng, accounts))]
    } else {
        Vec::new()
    };
    let losses = if rng.u8(..6) == 0 {
        let loss = [Loss::Refused, Loss::Unanswered][rng.usize(..2)];
        vec![(rng.usize(..14), loss)]
    } else {
        Vec::new()
    };
    let awaits = 80 * u32::try_from(accounts).unwrap_or(1);
    Run {
        runner: rng.usize(..2),
        how,
        only,
        dies: (rng.u8(..4) == 0).then(|| rng.u32(1..awaits)),
        faults,
        losses,
        hands,
    }
}

fn fault(rng: &mut Rng, accounts: usize) -> Fault {
    let kind = [
        FaultKind::RefuseConnection,
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutAfter,
        FaultKind::TimeoutBefore,
        FaultKind::TimeoutAfter,
        FaultKind::Error500Before,
        FaultKind::Error500After,
        FaultKind::SuccessFalse,
        FaultKind::NullResult,
        FaultKind::LateEffect,
        FaultKind::NoEffect,
        FaultKind::WrongId,
        FaultKind::Problem,
        FaultKind::Status,
        FaultKind::OddCertificate,
    ][rng.usize(..16)];
    let mut fault = Fault {
        nth: 1 + rng.u32(..10),
        times: [1, 1, 1, 3, 8][rng.usize(..5)],
        ..Fault::new(kind)
    };
    if rng.bool() {
        fault.method = Some(["POST", "PATCH", "DELETE", "GET"][rng.usize(..4)].to_owned());
        fault.nth = 1 + rng.u32(..3);
    }
    if accounts > 1 && rng.bool() {
        fault.path_contains = Some(ACCOUNTS[rng.usize(..accounts)].1.to_owned());
    }
    match kind {
        FaultKind::LateEffect => fault.seconds = Some(f64::from(1 + rng.u32(..40))),
        FaultKind::SuccessFalse => fault.acts = Some(rng.bool()),
        FaultKind::Status => {
            let status = [403, 408, 429, 502, 503, 520][rng.usize(..6)];
            fault.status = Some(status);
            fault.acts = Some(status >= 500 && rng.bool());
            if status == 429 {
                let seconds = [1, 20, 65, 300][rng.usize(..4)];
                fault
                    .headers
                    .insert("retry-after".to_owned(), seconds.to_string());
            }
        }
        FaultKind::OddCertificate => match rng.u8(..4) {
            0 => fault.days_off = [-1, 1][rng.usize(..2)],
            1 => fault.wrong_fingerprint = true,
            2 => fault.not_a_ca = true,
            _ => fault.starts_later_days = 30,
        },
        _ => {}
    }
    fault
}

fn hand(rng: &mut Rng, accounts: usize) -> Hand {
    let one = rng.usize(..6 * accounts);
    match rng.u8(..10) {
        0..2 => Hand::Create {
            available: rng.bool(),
            account: rng.usize(..accounts),
        },
        2 => Hand::Spend,
        3 => Hand::Use(one),
        4 => Hand::Deactivate(one),
        5 => Hand::Delete(one),
        6 => Hand::Activate(one),
        _ => {
            let status = [
                Status::PendingDeletion,
                Status::Inactive,
                Status::PendingDeployment,
                Status::Available,
                Status::InOrbit,
            ];
            Hand::Turn(one, status[rng.usize(..5)], rng.u32(..40))
        }
    }
}

fn conditions(rng: &mut Rng) -> Conditions {
    let lag = |rng: &mut Rng| match rng.u8(..3) {
        0 => f64::from(rng.u32(1..40)),
        _ => 0.0,
    };
    Conditions {
        list_lag_seconds: lag(rng),
        certificate_lag_seconds: lag(rng),
        configuration_lag_seconds: lag(rng),
        date_offset_seconds: match rng.u8(..6) {
            0 => [-90.0, 90.0, -600.0, 600.0][rng.usize(..4)],
            _ => 0.0,
        },
        deploy_seconds: match rng.u8(..3) {
            0 => Some([30.0, 700.0, 90_000.0][rng.usize(..3)]),
            _ => None,
        },
        deployments_fail: rng.u8(..8) == 0,
    }
}
