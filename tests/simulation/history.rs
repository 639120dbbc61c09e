//! A history: everything that happens to one account, drawn from one seed.
//!
//! It is a value: printed when it fails, and made shorter by leaving events out. So no event refers to
//! another; what an event acts on is chosen by counting through what is there when it happens.

use std::fmt;

use certctl_sandbox::{Conditions, Fault, FaultKind};
use fastrand::Rng;
use serde::{Deserialize, Serialize};

use crate::bucket::Loss;
use crate::declared::{Edit, NAMES, Periods};

/// A history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct History {
    /// What everything else is drawn from: ids, waits between attempts, the devices.
    pub(crate) seed: u64,
    pub(crate) periods: Periods,
    /// How many seconds the clock of each runner is ahead of the API's.
    pub(crate) ahead: [i64; 2],
    pub(crate) events: Vec<Event>,
}

/// One thing that happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// So many seconds pass.
    Pass(u64),
    /// The daily job, for so many days.
    Days(u32, How),
    Edit(Edit),
    Run(Run),
    /// A second run begins so many milliseconds after the first, on the other runner.
    Two(Run, u64, Run),
    /// Somebody's hand in the dashboard.
    Hand(Hand),
    /// How the world is from now on.
    Conditions(Conditions),
    /// A backup of the state is brought back, from so many versions ago.
    StateComesBack(usize),
}

/// One run of certctl.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    #[serde(default)]
    pub(crate) runner: usize,
    pub(crate) how: How,
    /// Its process is killed at its so many-th await.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dies: Option<u32>,
    /// What strikes its requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<Fault>,
    /// What strikes its writes of the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) losses: Vec<(usize, Loss)>,
    /// Whose hand comes before which of its requests, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hands: Vec<(u32, Hand)>,
}

/// What a run is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// `plan`.
    Plan,
    /// `apply --auto-approve`.
    Approved,
    /// The same, with every guard allowed: a person answers what was asked.
    Answered,
    /// `apply PLANFILE`, of a plan made so many seconds before.
    Saved(u32),
    /// `apply --only rotation`, by nobody.
    Unattended,
    /// `apply` without an approval of any kind: it comes only to wait.
    Unapproved,
    /// `apply --replace`, of the so many-th declared address.
    Replace(usize),
    /// `apply --compromised`, likewise.
    Compromised(usize),
    /// `apply --rollback`, likewise.
    Rollback(usize),
    /// `apply --resume`, likewise.
    Resume(usize),
}

impl How {
    /// Whether somebody says yes to what is declared.
    pub(crate) fn approves(self) -> bool {
        !matches!(self, Self::Plan | Self::Unattended | Self::Unapproved)
    }
}

/// What a status turns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    PendingDeletion,
    Inactive,
    PendingDeployment,
    Available,
    /// A word that nobody knows.
    InOrbit,
}

impl Status {
    /// The word of the API.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::PendingDeletion => "pending_deletion",
            Self::Inactive => "inactive",
            Self::PendingDeployment => "pending_deployment",
            Self::Available => "available",
            Self::InOrbit => "in_orbit",
        }
    }
}

/// What somebody does in the dashboard; on the so many-th certificate that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hand {
    /// A certificate of somebody else's, available or not.
    Create {
        available: bool,
    },
    /// A creation that is spent, of which nothing is left.
    Spend,
    Use(usize),
    Deactivate(usize),
    Delete(usize),
    /// An inactive one is activated.
    Activate(usize),
    /// It turns by itself, after so many seconds.
    Turn(usize, Status, u32),
}

/// As it stands in a file of `failed/`.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, periods) = (self.seed, json(&self.periods));
        let ahead = json(&self.ahead);
        write!(
            f,
            "{{ \"seed\": {seed}, \"periods\": {periods}, \"ahead\": {ahead},\n  \"events\": ["
        )?;
        for (n, event) in self.events.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}\n    {}", json(event))?;
        }
        write!(f, "\n] }}")
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

const HOUR: u64 = 3_600;

impl History {
    /// How many days after its creation the validity of a certificate begins at most.
    pub(crate) fn starts_later_days(&self) -> u32 {
        let faults = self.runs().flat_map(|run| &run.faults);
        faults
            .map(|f| f.starts_later_days)
            .max()
            .unwrap_or_default()
    }

    /// The runs that are events of their own.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.events.iter().flat_map(|event| match event {
            Event::Run(run) => vec![run],
            Event::Two(first, _, second) => vec![first, second],
            _ => Vec::new(),
        })
    }

    /// The history of a seed.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let trust_hours = [12, 72, 72, 168][rng.usize(..4)];
        let periods = Periods {
            trust_hours,
            retire_hours: [12, 72, 168][rng.usize(..3)],
            renew_before_days: trust_hours / 24 + 10 + rng.u32(..10),
            window: (rng.u8(..4) == 0).then(|| rng.u32(..24)),
        };
        let skewed = rng.u8(..3) == 0;
        let mut skew = || if skewed { rng.i64(-280..=280) } else { 0 };
        let ahead = [skew(), skew()];
        let mut events = vec![
            Event::Edit(Edit::Add(0)),
            Event::Edit(Edit::InUse(0)),
            Event::Run(calm(How::Approved)),
        ];
        let length = 3 + rng.usize(..16);
        events.extend((0..length).map(|_| event(&mut rng)));
        Self {
            seed,
            periods,
            ahead,
            events,
        }
    }
}

/// A run that nothing happens to.
pub(crate) fn calm(how: How) -> Run {
    Run {
        runner: 0,
        how,
        dies: None,
        faults: Vec::new(),
        losses: Vec::new(),
        hands: Vec::new(),
    }
}

fn event(rng: &mut Rng) -> Event {
    match rng.u8(..40) {
        0..4 => Event::Pass(rng.u64(1..200)),
        4..8 => Event::Pass(rng.u64(1..200) * HOUR),
        8..12 => {
            let days = [3, 10, 30, 90, 200][rng.usize(..5)];
            let how = [How::Approved, How::Unattended][rng.usize(..2)];
            Event::Days(days, how)
        }
        12..19 => Event::Edit(edit(rng)),
        19..31 => Event::Run(run(rng)),
        31..34 => {
            let later = rng.u64(..20_000);
            let mut second = run(rng);
            second.runner = 1;
            Event::Two(
                Run {
                    runner: 0,
                    ..run(rng)
                },
                later,
                second,
            )
        }
        34..37 => Event::Hand(hand(rng)),
        37..39 => Event::Conditions(conditions(rng)),
        _ => Event::StateComesBack(1 + rng.usize(..12)),
    }
}

fn edit(rng: &mut Rng) -> Edit {
    let index = rng.usize(..NAMES.len());
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

fn run(rng: &mut Rng) -> Run {
    let how = match rng.u8(..20) {
        0 => How::Plan,
        1..7 => How::Approved,
        7..9 => How::Answered,
        9 => How::Saved([0, 60, 7_200][rng.usize(..3)]),
        10..13 => How::Unattended,
        13 => How::Unapproved,
        14..16 => How::Replace(rng.usize(..NAMES.len())),
        16..18 => How::Rollback(rng.usize(..NAMES.len())),
        18 => How::Resume(rng.usize(..NAMES.len())),
        _ => How::Compromised(rng.usize(..NAMES.len())),
    };
    let few = |rng: &mut Rng| usize::from(rng.bool()) * (1 + usize::from(rng.u8(..4) == 0));
    let faults = (0..few(rng)).map(|_| fault(rng)).collect();
    let hands = if rng.u8(..5) == 0 {
        vec![(1 + rng.u32(..12), hand(rng))]
    } else {
        Vec::new()
    };
    let losses = if rng.u8(..6) == 0 {
        let loss = [Loss::Refused, Loss::Unanswered][rng.usize(..2)];
        vec![(rng.usize(..14), loss)]
    } else {
        Vec::new()
    };
    Run {
        runner: rng.usize(..2),
        how,
        dies: (rng.u8(..4) == 0).then(|| rng.u32(1..80)),
        faults,
        losses,
        hands,
    }
}

fn fault(rng: &mut Rng) -> Fault {
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

fn hand(rng: &mut Rng) -> Hand {
    let one = rng.usize(..6);
    match rng.u8(..10) {
        0..2 => Hand::Create {
            available: rng.bool(),
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
