//! What the fold refuses, and what follows from a note.

use std::collections::BTreeSet;

use crate::{
    AccountState, AllowedSwitch, ApiTime, Cause, CertificateId, Dispute, Guard, Intent, Machine,
    MachineTime, Moment, Mutation, Name, Note, Period, Role, Timestamp, ValidityDays,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn id(text: &str) -> CertificateId {
    text.parse().unwrap()
}

fn begin(certificate: &str, role: Role) -> Note {
    Note::Intent(Intent::new(
        create(certificate, role),
        NOW,
        Moment::by_one_clock(NOW),
    ))
}

fn create(certificate: &str, role: Role) -> Mutation {
    Mutation::Create {
        certificate: name(certificate),
        role,
        days: ValidityDays::DEFAULT,
        known: BTreeSet::new(),
    }
}

fn created(certificate: &str, made: &str) -> Note {
    Note::Created {
        certificate: name(certificate),
        id: id(made),
    }
}

fn adopted(certificate: &str, found: &str) -> Note {
    Note::Adopted {
        certificate: name(certificate),
        id: id(found),
    }
}

fn retire(given_up: &str) -> Note {
    Note::Retire {
        id: id(given_up),
        since: NOW,
    }
}

fn promote(certificate: &str) -> Note {
    Note::Promote {
        certificate: name(certificate),
        since: NOW,
    }
}

fn moved(from: &str, to: &str) -> Note {
    Note::Move {
        from: name(from),
        to: name(to),
    }
}

fn after(notes: &[Note]) -> AccountState {
    let mut state = AccountState::default();
    for note in notes {
        state.note(note, NOW).unwrap();
    }
    state
}

/// `a` with a current certificate `old` and a successor `new`.
fn rotating() -> Vec<Note> {
    vec![
        begin("a", Role::Current),
        created("a", "old"),
        begin("a", Role::Successor),
        created("a", "new"),
    ]
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let rotating = rotating();
    let cases: Vec<(&[Note], Note)> = vec![
        (&[], created("a", "x")),
        (&[], promote("a")),
        (&[], retire("x")),
        (&[], moved("a", "b")),
        (&[], Note::Used { id: id("x") }),
        (
            &[],
            Note::SetInUse {
                id: id("x"),
                at: NOW,
            },
        ),
        (&[], Note::Done(create("a", Role::Current))),
        (
            &[],
            Note::Intent(Intent::new(
                Mutation::Delete { id: id("x") },
                NOW,
                Moment::by_one_clock(NOW),
            )),
        ),
        // One open create per account.
        (&rotating[..1], begin("b", Role::Current)),
        // A name holds one current certificate and one successor.
        (&rotating[..2], begin("a", Role::Current)),
        (&rotating, begin("a", Role::Successor)),
        (&rotating, adopted("a", "x")),
        // A certificate belongs to one name.
        (&rotating, adopted("b", "old")),
        (&rotating[..3], created("a", "old")),
    ];
    for (before, note) in cases {
        let state = after(before);
        let mut changed = state.clone();
        assert!(changed.note(&note, NOW).is_err(), "{note:?}");
        assert_eq!(changed, state, "{note:?}");
    }
}

#[test]
fn a_name_moves_only_to_where_nothing_is() {
    let mut state = after(&rotating());
    state.note(&adopted("b", "other"), NOW).unwrap();
    assert!(state.note(&moved("a", "b"), NOW).is_err());
    state.note(&moved("a", "c"), NOW).unwrap();
    assert_eq!(state.binding(&id("new")).unwrap().0, &name("c"));

    // An open create moves with its name, and is in the way of another.
    let mut open = after(&[begin("a", Role::Current), adopted("b", "other")]);
    assert!(open.note(&moved("b", "a"), NOW).is_err());
    open.note(&moved("a", "c"), NOW).unwrap();
    open.note(&created("c", "made"), NOW).unwrap();
}

#[test]
fn a_promoted_successor_leaves_a_predecessor_that_retires_once() {
    let mut notes = rotating();
    notes.push(promote("a"));
    let mut state = after(&notes);
    let entry = &state.certificates[&name("a")];
    assert_eq!(entry.with_role(Role::Current).unwrap().id, id("new"));
    assert_eq!(entry.with_role(Role::Retiring).unwrap().id, id("old"));
    assert!(state.note(&retire("old"), NOW).is_err());
}

#[test]
fn in_use_has_one_holder_and_the_one_before_remembers_until_when() {
    let mut state = after(&rotating());
    let later = Period::DAY.after(NOW);
    for (used, at) in [("old", NOW), ("new", later)] {
        let note = Note::SetInUse { id: id(used), at };
        state.note(&note, at).unwrap();
    }
    let (_, old) = state.binding(&id("old")).unwrap();
    assert_eq!((old.in_use, old.in_use_until), (false, Some(later)));
    assert!(state.binding(&id("new")).unwrap().1.in_use);
    assert_eq!(state.in_use.unwrap().id, id("new"));
}

#[test]
fn what_is_gone_is_remembered_by_its_name_and_what_we_deleted_is_not() {
    let mut gone = after(&[adopted("a", "x")]);
    gone.note(&Note::Unbind { id: id("x") }, NOW).unwrap();
    assert_eq!(gone.certificates[&name("a")].had, [id("x")]);

    let mut deleted = after(&[adopted("a", "x")]);
    let note = Note::Done(Mutation::Delete { id: id("x") });
    deleted.note(&note, NOW).unwrap();
    assert!(deleted.certificates.is_empty());
}

#[test]
fn what_is_forgotten_leaves_no_intent_behind() {
    let mut state = after(&[adopted("a", "x")]);
    let forget = Note::Forget {
        certificate: name("a"),
    };
    let begin = Note::Intent(Intent::new(
        Mutation::Activate { id: id("x") },
        NOW,
        Moment::by_one_clock(NOW),
    ));
    state.note(&begin, NOW).unwrap();
    state.note(&forget, NOW).unwrap();
    assert_eq!(
        state,
        AccountState {
            strangers: [id("x")].into(),
            ..AccountState::default()
        }
    );
}

#[test]
fn a_new_current_certificate_is_not_asked_to_be_replaced() {
    let state = after(&[
        adopted("a", "x"),
        Note::Rotate {
            certificate: name("a"),
            cause: Cause::Requested,
        },
        Note::Unbind { id: id("x") },
        begin("a", Role::Current),
        created("a", "y"),
    ]);
    assert_eq!(state.certificates[&name("a")].cause, None);
}

#[test]
fn pending_and_available_exclude_each_other() {
    let mut state = after(&[adopted("a", "x")]);
    let x = id("x");
    let notes = [
        Note::Pending {
            id: x.clone(),
            since: NOW,
        },
        Note::Available {
            id: x.clone(),
            since: NOW,
            inferred: false,
        },
        Note::Pending {
            id: x.clone(),
            since: NOW,
        },
        Note::Unavailable { id: x.clone() },
    ];
    let seen: Vec<(bool, bool)> = notes
        .iter()
        .map(|note| {
            state.note(note, NOW).unwrap();
            let (_, binding) = state.binding(&x).unwrap();
            (
                binding.pending_since.is_some(),
                binding.available_since.is_some(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [(true, false), (false, true), (true, false), (false, false)]
    );
}

#[test]
fn creations_count_for_a_day() {
    let mut state = after(&rotating());
    assert_eq!(state.creations.len(), 2);
    let note = Note::Used { id: id("old") };
    state.note(&note, Period::DAY.after(NOW)).unwrap();
    assert!(state.creations.is_empty());
}

/// A run whose clock was a year ahead noted its times; the next whose clocks agree puts them right, and
/// leaves alone what clocks that are a little apart may have noted.
#[test]
fn what_lies_in_the_future_counts_as_now_and_once() {
    let later = |seconds| Period::seconds(seconds).after(NOW);
    let year = later(365 * 86_400);
    let wrong = Moment::by_one_clock(year);
    let mut state = AccountState::default();
    let available = Note::Available {
        id: id("x"),
        since: year,
        inferred: false,
    };
    let begun = Note::Intent(Intent::new(
        create("standby", Role::Current),
        year,
        wrong.clone(),
    ));
    for note in [adopted("inspection", "x"), available, begun] {
        state.note(&note, year).unwrap();
    }
    let seen = Moment {
        machine: MachineTime(later(30)),
        on: Some(Machine("another".into())),
        api: Some(ApiTime(later(20))),
    };
    let now = later(30);
    assert!(state.is_ahead(now, &seen));
    let just_now = Note::JustNow {
        at: now,
        seen: seen.clone(),
    };
    state.note(&just_now, now).unwrap();
    assert!(!state.is_ahead(now, &seen));
    let (_, binding) = state.binding(&id("x")).unwrap();
    assert_eq!(binding.available_since, Some(now));
    assert_eq!(binding.bound_at, now);
    let intent = state.open_create().unwrap();
    assert_eq!((intent.at, intent.sent()), (now, seen.clone()));
    let before = state.clone();
    let earlier = later(0);
    assert!(!state.is_ahead(earlier, &Moment::by_one_clock(earlier)));
    state.note(&just_now, now).unwrap();
    assert_eq!(state, before);
}

/// What a request was answered with stays with its intent until its outcome is known.
#[test]
fn an_answer_is_kept_with_its_intent() {
    let mut state = AccountState::default();
    state
        .note(&begin("inspection", Role::Current), NOW)
        .unwrap();
    let answer = Note::Answered {
        mutation: create("inspection", Role::Current),
        answer: "HTTP 502".to_owned(),
    };
    state.note(&answer, NOW).unwrap();
    let open = state.open_create().unwrap();
    assert_eq!(open.answer.as_deref(), Some("HTTP 502"));
}

#[test]
fn what_was_allowed_goes_with_a_rename() {
    let dispute = |of: &str| Dispute {
        certificate: name(of),
        listed: BTreeSet::new(),
        configured: None,
    };
    let switch = |of: &str| AllowedSwitch {
        certificate: name(of),
        guard: Guard::InUseMoved,
        from: id("used"),
    };
    let state = after(&[
        adopted("old", "held"),
        Note::AllowDispute(dispute("old")),
        Note::AllowSwitch(switch("old")),
        Note::AllowSwitch(switch("other")),
        moved("old", "new"),
    ]);
    assert_eq!(state.allowed_disputes, [dispute("new")]);
    assert_eq!(state.allowed_switches, [switch("new"), switch("other")]);
}
