//! A history: everything that happens to a few accounts, drawn from one seed.
//!
//! It is a value: printed when it fails, and made shorter by leaving events out. So no event refers to
//! another; what an event acts on is chosen by counting through what is there when it happens.

use std::fmt;

use certctl_sandbox::{Conditions, Fault};
use serde::{Deserialize, Serialize};

use crate::bucket::Loss;
use crate::declared::{Edit, Periods};

/// A history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct History {
    /// What everything else is drawn from: ids, waits between attempts, the devices.
    pub(crate) seed: u64,
    pub(crate) periods: Periods,
    /// The tier of each account.
    #[serde(default = "one_account")]
    pub(crate) tiers: Vec<usize>,
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
    /// A backup of a state is brought back, from so many versions ago.
    StateComesBack(usize),
    /// What of the so many-th account can be read from now on.
    Reach(usize, Reach),
}

/// What of an account can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    Everything,
    /// The API does not answer for it.
    NoApi,
    /// The store does not answer for it.
    NoState,
}

/// Which accounts a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Only {
    /// `--account`, the so many-th.
    Account(usize),
    /// `--label tier=…`.
    Tier(usize),
}

fn one_account() -> Vec<usize> {
    vec![0]
}

/// One run of certctl.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    #[serde(default)]
    pub(crate) runner: usize,
    pub(crate) how: How,
    /// Which accounts it is for; all, where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<Only>,
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
    /// The same, with every guard allowed but that of waves: a person answers what was asked.
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
    /// `apply --allow wave:…`, of the so many-th account.
    AllowWave(usize),
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

/// What somebody does in the dashboard; on the so many-th certificate that is there. Of several accounts
/// one counts through the accounts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hand {
    /// A certificate of somebody else's, available or not.
    Create {
        available: bool,
        #[serde(default)]
        account: usize,
    },
    /// A creation that is spent, of which nothing is left; of one account after the other.
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
        let (tiers, ahead) = (json(&self.tiers), json(&self.ahead));
        write!(
            f,
            "{{ \"seed\": {seed}, \"periods\": {periods}, \"tiers\": {tiers}, \"ahead\": {ahead},\n  \"events\": ["
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
}

/// A run that nothing happens to.
pub(crate) fn calm(how: How) -> Run {
    Run {
        runner: 0,
        how,
        only: None,
        dies: None,
        faults: Vec::new(),
        losses: Vec::new(),
        hands: Vec::new(),
    }
}
