//! Small plans, built by hand, for the tests of the renderers.

use std::collections::BTreeMap;

use certctl_model::{
    Address, BindingStatus, CertificateId, Diagnostic, Period, Reason, Role, Timestamp,
    ValidityDays,
};

use certctl_plan::{
    AccountOutcome, AccountPlan, Action, Attributes, BlastRadius, BoundCertificate, Change,
    ChangeKind, Operation, Options, Plan, StateVersion, Step, WaitFor, Waiting, Why, digest,
};

pub(crate) const OLD: &str = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";
pub(crate) const NEW: &str = "0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> CertificateId {
    text.parse().unwrap()
}

pub(crate) fn shape(days: u32) -> Attributes {
    Attributes {
        validity_period_days: ValidityDays::try_from(days).ok(),
        activate: true,
        in_use: true,
        renew_before: None,
        trust_period: None,
        trust_evidence: None,
        retire_after: None,
        switch: None,
        windows: Vec::new(),
    }
}

pub(crate) fn declared(days: u32) -> Attributes {
    Attributes {
        trust_period: Some(Period::days(7)),
        retire_after: Some(Period::days(7)),
        ..shape(days)
    }
}

pub(crate) fn held(text: &str, role: Role, in_use: bool, expires: &str) -> BoundCertificate {
    BoundCertificate {
        id: id(text),
        role,
        fingerprint: None,
        binding_status: Some(BindingStatus::Available),
        in_use,
        expires_on: Some(at(expires)),
        available_since: None,
        inferred: false,
        evidence: None,
    }
}

pub(crate) fn steps(operations: impl IntoIterator<Item = Operation>) -> Vec<Step> {
    operations.into_iter().map(Step::new).collect()
}

/// A certificate is made and comes to be used.
pub(crate) fn made(role: Role, days: u32) -> Vec<Step> {
    let days = ValidityDays::try_from(days).unwrap();
    steps([
        Operation::Create { role, days },
        Operation::Activate(None),
        Operation::SetInUse(None),
    ])
}

/// One is taken away.
pub(crate) fn gone(of: &str) -> Vec<Step> {
    steps([Operation::Deactivate(id(of)), Operation::Delete(id(of))])
}

pub(crate) fn change(address: &str, kind: ChangeKind, code: Reason, message: &str) -> Change {
    Change {
        address: address.parse::<Address>().unwrap(),
        account_id: "699d98642c564d2e855e9661899b7252".parse().unwrap(),
        kind,
        reason: Why {
            code,
            message: message.to_owned(),
        },
        rule: String::new(),
        before: None,
        after: None,
        certificates: Vec::new(),
        steps: Vec::new(),
        waiting: None,
        blast_radius: BlastRadius::Nobody,
        rollback_until: None,
        settings: None,
    }
}

pub(crate) fn create(address: &str) -> Change {
    let mut created = Change {
        after: Some(declared(1825)),
        steps: made(Role::Current, 1825),
        ..change(
            address,
            ChangeKind::Create,
            Reason::Missing,
            "it is declared and does not exist",
        )
    };
    created.steps[0].due = true;
    created
}

pub(crate) fn replace_in_use() -> Change {
    let mut replaced = Change {
        before: Some(shape(1825)),
        after: Some(declared(365)),
        certificates: vec![held(OLD, Role::Current, true, "2031-11-22T00:00:00Z")],
        blast_radius: BlastRadius::UnsyncedDevices,
        ..change(
            "acme/inspection",
            ChangeKind::Replace,
            Reason::ValidityChanged,
            "validity_period_days: 1825 -> 365; a certificate is immutable",
        )
    };
    replaced.steps = made(Role::Successor, 365);
    replaced.steps.extend(gone(OLD));
    replaced.steps[0].due = true;
    replaced
}

pub(crate) fn waits_for_trust() -> Change {
    let until = at("2026-11-30T10:00:00Z");
    let mut waiting = Change {
        certificates: vec![
            held(OLD, Role::Current, true, "2031-11-22T00:00:00Z"),
            held(NEW, Role::Successor, false, "2027-11-23T00:00:00Z"),
        ],
        waiting: Some(Waiting {
            until: Some(until),
            why: WaitFor::TrustPeriod,
            next: Action::SetInUse,
        }),
        ..replace_in_use()
    };
    waiting.reason = Why {
        code: Reason::RotationOpen,
        message: format!("a rotation to {NEW} is under way"),
    };
    waiting.steps = steps([Operation::SetInUse(Some(id(NEW)))]);
    waiting.steps.extend(gone(OLD));
    waiting.steps[0].not_before = Some(until);
    waiting.steps[0].waits_for = Some(WaitFor::TrustPeriod);
    waiting
}

pub(crate) fn delete(address: &str) -> Change {
    let mut deleted = Change {
        before: Some(Attributes {
            in_use: false,
            ..shape(1825)
        }),
        certificates: vec![held(OLD, Role::Current, false, "2031-11-22T00:00:00Z")],
        steps: gone(OLD),
        ..change(
            address,
            ChangeKind::Delete,
            Reason::Removed,
            "it is no longer declared",
        )
    };
    deleted.steps[0].due = true;
    deleted
}

pub(crate) fn no_op(address: &str) -> Change {
    Change {
        before: Some(shape(1825)),
        after: Some(declared(1825)),
        certificates: vec![held(OLD, Role::Current, true, "2031-11-22T00:00:00Z")],
        ..change(
            address,
            ChangeKind::NoOp,
            Reason::UpToDate,
            "nothing differs",
        )
    }
}

/// A plan of these changes, with its digests, as the planner would put it together.
pub(crate) fn plan(changes: Vec<Change>) -> Plan {
    plan_with(changes, Vec::new())
}

pub(crate) fn plan_with(changes: Vec<Change>, diagnostics: Vec<Diagnostic>) -> Plan {
    let mut accounts: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        accounts
            .entry(change.address.account.to_string())
            .or_default()
            .push(change);
    }
    let outcomes = accounts
        .into_values()
        .map(|changes| outcome(changes, &diagnostics));
    let now = at("2026-11-23T11:00:00Z");
    Plan::assemble(outcomes, Vec::new(), &Options::default(), now)
}

fn outcome(mut changes: Vec<Change>, diagnostics: &[Diagnostic]) -> AccountOutcome {
    changes.sort_by(|a, b| a.address.cmp(&b.address));
    let first = changes.first().unwrap();
    let name = first.address.account.clone();
    let diagnostics: Vec<Diagnostic> = diagnostics
        .iter()
        .filter(|d| d.account.as_ref() == Some(&name))
        .cloned()
        .collect();
    let used = changes
        .iter()
        .find(|change| change.certificates.iter().any(|held| held.in_use));
    let taken = changes.iter().find(|change| {
        change
            .steps
            .iter()
            .any(|step| step.action() == Action::SetInUse)
    });
    let mut account = AccountPlan {
        name,
        account_id: first.account_id.clone(),
        applyable: !diagnostics.iter().any(Diagnostic::is_error),
        digest: String::new(),
        state: StateVersion::default(),
        in_use_before: used.map(|change| change.address.to_string()),
        in_use_after: taken.or(used).map(|change| change.address.to_string()),
        creations_left: 3,
        settings: None,
        tally: certctl_plan::Tally::default(),
        wave: None,
    };
    account.digest = digest::of_account(&account, &changes, &diagnostics, &[]);
    AccountOutcome {
        account,
        changes,
        unmanaged: Vec::new(),
        diagnostics,
    }
}
