//! The plan as a value: printable, comparable, savable. Its serialised form is `format_version` 1.1
//! of the design; minor versions add fields, and readers ignore what they do not know.

use std::collections::BTreeMap;

use certctl_model::{Blocks, Diagnostic, Name, Timestamp};
use serde::{Deserialize, Serialize};

use crate::account::AccountPlan;
use crate::change::{Change, ChangeKind, Unmanaged};
use crate::digest;
use crate::options::Options;
use crate::outcome::AccountOutcome;

/// The version of the plan document.
pub(crate) const FORMAT_VERSION: &str = "1.1";

/// What would be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `1.1`.
    pub format_version: String,
    /// `plan`.
    pub kind: String,
    /// The version of certctl that made it.
    pub certctl_version: String,
    /// The `now` that it was computed for.
    pub planned_at: Timestamp,
    /// The planning options, as words.
    pub options: Vec<String>,
    /// `sha256:…` over the accounts' digests.
    pub digest: String,
    /// Where the state was looked for; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether no error stops anything; one that stops nothing is only said.
    pub applyable: bool,
    /// Whether a step is due now. Waiting alone is not a change.
    pub has_changes: bool,
    /// How many of each.
    pub summary: Summary,
    /// Each account that was planned, ordered by name.
    pub accounts: Vec<AccountPlan>,
    /// What happens to each address, ordered by address; `no_op` included.
    pub changes: Vec<Change>,
    /// Remote certificates that nothing claims.
    pub unmanaged: Vec<Unmanaged>,
    /// What is wrong or worth reading.
    pub diagnostics: Vec<Diagnostic>,
}

/// How many changes of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each field counts the kind that it is named after"
)]
pub struct Summary {
    pub create: usize,
    pub adopt: usize,
    pub replace: usize,
    pub renew: usize,
    pub update: usize,
    pub r#move: usize,
    pub delete: usize,
    pub forget: usize,
    pub no_op: usize,
    pub waiting: usize,
    pub unmanaged: usize,
}

impl Plan {
    /// Puts the accounts' plans together, which come ordered by name, one by one: of a large fleet they
    /// are not in memory beside the whole. `general` are diagnostics of no account, such as warnings of
    /// the spec.
    #[must_use]
    pub fn assemble(
        outcomes: impl IntoIterator<Item = AccountOutcome>,
        general: Vec<Diagnostic>,
        options: &Options,
        now: Timestamp,
    ) -> Self {
        let mut plan = Self {
            format_version: FORMAT_VERSION.to_owned(),
            kind: "plan".to_owned(),
            certctl_version: env!("CARGO_PKG_VERSION").to_owned(),
            planned_at: now,
            options: options.words(),
            digest: String::new(),
            state: None,
            applyable: true,
            has_changes: false,
            summary: Summary::default(),
            accounts: Vec::new(),
            changes: Vec::new(),
            unmanaged: Vec::new(),
            diagnostics: general,
        };
        for outcome in outcomes {
            plan.accounts.push(outcome.account);
            plan.changes.extend(outcome.changes);
            plan.unmanaged.extend(outcome.unmanaged);
            plan.diagnostics.extend(outcome.diagnostics);
        }
        plan.accounts.shrink_to_fit();
        plan.changes.shrink_to_fit();
        plan.digest = digest::of_accounts(plan.accounts.iter());
        plan.applyable = !plan.diagnostics.iter().any(Diagnostic::is_blocking)
            && plan.accounts.iter().all(|account| account.applyable);
        plan.has_changes = plan
            .changes
            .iter()
            .flat_map(|change| &change.steps)
            .any(|step| step.due);
        plan.summary = plan.count();
        plan
    }

    /// The changes of one account, ordered by address.
    #[must_use]
    pub fn changes_of(&self, account: &Name) -> &[Change] {
        let name = |change: &Change| change.address.account.cmp(account);
        let first = self.changes.partition_point(|change| name(change).is_lt());
        let after = self.changes.partition_point(|change| name(change).is_le());
        self.changes.get(first..after).unwrap_or_default()
    }

    /// The account of this name, if it was planned.
    #[must_use]
    pub fn account(&self, name: &Name) -> Option<&AccountPlan> {
        let place = self.accounts.binary_search_by(|one| one.name.cmp(name));
        self.accounts.get(place.ok()?)
    }

    /// Whether an error stops everything in this account.
    #[must_use]
    pub fn is_blocked(&self, account: &Name) -> bool {
        self.diagnostics.iter().any(|diagnostic| {
            diagnostic.account.as_ref() == Some(account) && diagnostic.blocking() == Blocks::Account
        })
    }

    /// Whether anything is wrong, also what stops nothing.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    fn count(&self) -> Summary {
        let mut kinds: BTreeMap<ChangeKind, usize> = BTreeMap::new();
        for change in &self.changes {
            *kinds.entry(change.kind).or_default() += 1;
            if let Some(kind) = change.begins_as() {
                *kinds.entry(kind).or_default() += 1;
            }
        }
        let count = |kind| kinds.get(&kind).copied().unwrap_or_default();
        Summary {
            create: count(ChangeKind::Create),
            adopt: count(ChangeKind::Adopt),
            replace: count(ChangeKind::Replace),
            renew: count(ChangeKind::Renew),
            update: count(ChangeKind::Update),
            r#move: count(ChangeKind::Move),
            delete: count(ChangeKind::Delete),
            forget: count(ChangeKind::Forget),
            no_op: count(ChangeKind::NoOp),
            waiting: self
                .changes
                .iter()
                .filter(|change| change.waiting.is_some())
                .count(),
            unmanaged: self.unmanaged.len(),
        }
    }
}
