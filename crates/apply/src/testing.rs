//! Changes and accounts, as short as tests of pure functions need them.

use certctl_model::{
    AccountId, AccountState, CertificateId, Name, Note, Reason, Role, ValidityDays,
};
use certctl_plan::{
    AccountOutcome, AccountPlan, Action, BlastRadius, Change, ChangeKind, Operation, StateVersion,
    Step, Tally, WaitFor, Waiting, Why,
};

use crate::approval::Approved;

pub(crate) fn id(serial: u32) -> CertificateId {
    CertificateId::made_up(serial)
}

pub(crate) fn name(name: &str) -> Name {
    name.parse().unwrap()
}

fn account_id() -> AccountId {
    "699d98642c564d2e855e9661899b7252".parse().unwrap()
}

/// A step that can be done now.
pub(crate) fn due(operation: Operation) -> Step {
    Step {
        due: true,
        ..Step::new(operation)
    }
}

/// A create that can be done now.
pub(crate) fn create() -> Step {
    due(Operation::Create {
        role: Role::Current,
        days: ValidityDays::DEFAULT,
    })
}

/// A creation of `acme/NAME` with these steps.
pub(crate) fn change(name: &str, steps: Vec<Step>) -> Change {
    Change {
        address: format!("acme/{name}").parse().unwrap(),
        account_id: account_id(),
        kind: ChangeKind::Create,
        reason: Why {
            code: Reason::Missing,
            message: "it is declared and does not exist".to_owned(),
        },
        rule: "missing".to_owned(),
        before: None,
        after: None,
        settings: None,
        certificates: Vec::new(),
        steps,
        waiting: None,
        blast_radius: BlastRadius::Nobody,
        rollback_until: None,
    }
}

/// The same, which waits for this.
pub(crate) fn waits(change: Change, why: WaitFor) -> Change {
    let next = Action::SetInUse;
    Change {
        waiting: Some(Waiting {
            until: None,
            why,
            next,
        }),
        ..change
    }
}

pub(crate) fn outcome(changes: Vec<Change>) -> AccountOutcome {
    AccountOutcome {
        account: AccountPlan {
            name: name("acme"),
            account_id: account_id(),
            applyable: true,
            digest: "sha256:00".to_owned(),
            state: StateVersion::default(),
            in_use_before: None,
            in_use_after: None,
            creations_left: 3,
            settings: None,
            tally: Tally::default(),
            wave: None,
        },
        changes,
        unmanaged: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// What was approved of it: every step.
pub(crate) fn approved(outcome: &AccountOutcome) -> Approved {
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    Approved::of(outcome, "sha256:00".to_owned(), at)
}

/// A state in which a create made this certificate for this name, after the approval.
pub(crate) fn created(certificate: &str, id: &CertificateId) -> AccountState {
    let mut state = AccountState::default();
    let at = "2026-11-23T00:01:00Z".parse().unwrap();
    let certificate = name(certificate);
    let adopted = Note::Adopted {
        certificate: certificate.clone(),
        id: id.clone(),
    };
    state.note(&adopted, at).unwrap();
    let bindings = &mut state.certificates.get_mut(&certificate).unwrap().bindings;
    bindings[0].origin = certctl_model::Origin::Created;
    state
}
