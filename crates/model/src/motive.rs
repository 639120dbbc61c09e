//! Why Gateway is switched to another certificate.

use serde::{Deserialize, Serialize};

/// Why Gateway is switched. `policy.waves` waits only for switches that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Motive {
    /// The expiry of what it used came near.
    Renewal,
    /// What it used was replaced: another validity is declared, somebody asked for it, or its key is not to
    /// be trusted any more.
    Replacement,
    /// It is declared that Gateway uses it, and nothing was rotated.
    Declared,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccountState, Cause, CertificateId, Hold, Intent, Moment, Mutation, Name, Note, Timestamp,
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn name() -> Name {
        "a".parse().unwrap()
    }

    fn id(text: &str) -> CertificateId {
        text.parse().unwrap()
    }

    fn make(state: &mut AccountState, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            state.note(&note, NOW).unwrap();
        }
    }

    fn found(text: &str) -> Note {
        let (certificate, id) = (name(), id(text));
        Note::Adopted { certificate, id }
    }

    fn switch(to: &str) -> [Note; 2] {
        let asked = Mutation::SetInUse { id: id(to) };
        let intent = Intent::new(asked.clone(), NOW, Moment::by_one_clock(NOW));
        [Note::Intent(intent), Note::Done(asked)]
    }

    fn motive(state: &AccountState) -> Option<Motive> {
        state.in_use.as_ref().and_then(|record| record.motive)
    }

    #[test]
    fn what_somebody_else_set_in_use_has_none() {
        let mut state = AccountState::default();
        make(&mut state, [found("old"), seen("old")]);
        assert_eq!(motive(&state), None);
    }

    fn seen(text: &str) -> Note {
        let (id, at) = (id(text), NOW);
        Note::SetInUse { id, at }
    }

    #[test]
    fn a_switch_keeps_why_it_was_made_and_so_does_the_way_back() {
        let mut state = AccountState::default();
        make(&mut state, [found("old")]);
        make(&mut state, switch("old"));
        assert_eq!(motive(&state), Some(Motive::Declared));
        let (certificate, cause) = (name(), Cause::Renew);
        make(
            &mut state,
            [Note::Rotate { certificate, cause }, found("new")],
        );
        make(&mut state, switch("new"));
        let (certificate, since) = (name(), NOW);
        make(
            &mut state,
            [Note::Promote { certificate, since }, seen("new")],
        );
        assert_eq!(motive(&state), Some(Motive::Renewal));

        let (certificate, id) = (name(), id("old"));
        let back = Note::Rollback {
            certificate,
            id,
            since,
        };
        make(&mut state, [back]);
        let successor = state.binding(&"new".parse().unwrap()).unwrap().1;
        assert_eq!(successor.hold, Some(Hold::Held));
        make(&mut state, switch("old"));
        assert_eq!(motive(&state), Some(Motive::Renewal));
    }

    #[test]
    fn an_older_document_does_not_say_it() {
        let old = r#"{"id":"old","at":"2026-11-23T00:00:00Z","set":true}"#;
        let record: crate::InUseRecord = serde_json::from_str(old).unwrap();
        assert_eq!(record.motive, None);
        assert_eq!(serde_json::to_string(&record).unwrap(), old);
    }
}
