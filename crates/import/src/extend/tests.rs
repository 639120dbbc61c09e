use std::collections::BTreeMap;

use certctl_model::{
    AccountState, BindingStatus, CertificateId, CertificateType, Name, Timestamp, ValidityDays,
};

use super::*;
use crate::found::{Item, Origin, Usage};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const OTHER: &str = "0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    "2026-11-26T00:00:00Z".parse().unwrap()
}

fn item(serial: u32) -> Item {
    Item {
        id: CertificateId::made_up(serial),
        name: None,
        kind: CertificateType::GatewayManaged,
        status: Some(BindingStatus::Available),
        usage: Usage::NotInUse,
        days: Some(ValidityDays::try_from(1826).unwrap()),
        created: Some("2025-03-18T23:07:14Z".parse().unwrap()),
        expires: Some("2030-03-18T23:02:00Z".parse().unwrap()),
        fingerprint: None,
        unsound: None,
    }
}

fn found(account: &str, items: Vec<Item>) -> Found {
    Found {
        account_id: account.parse().unwrap(),
        label: None,
        origin: Origin::Api,
        items,
    }
}

/// One of each kind.
fn odd() -> Vec<Item> {
    let used = Item {
        usage: Usage::InUse,
        ..item(1)
    };
    let custom = Item {
        kind: CertificateType::Custom,
        days: None,
        ..item(3)
    };
    let inactive = Item {
        status: Some(BindingStatus::Inactive),
        days: Some(ValidityDays::try_from(90).unwrap()),
        ..item(4)
    };
    let expired = Item {
        expires: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        ..item(5)
    };
    let unsound = Item {
        unsound: Some("the PEM is not base64".to_owned()),
        days: None,
        ..item(6)
    };
    let unknown = Item {
        status: Some(BindingStatus::Unknown("sleeping\n- x".to_owned())),
        ..item(7)
    };
    let nameless = Item {
        kind: CertificateType::Unknown("novel".to_owned()),
        created: None,
        expires: None,
        ..item(8)
    };
    let pending = Item {
        status: Some(BindingStatus::PendingDeployment),
        days: None,
        ..item(9)
    };
    vec![
        custom,
        item(2),
        used,
        inactive,
        expired,
        unsound,
        unknown,
        nameless,
        pending,
    ]
}

fn with(text: &str, found: &[Found]) -> Result<Extension, Refusal> {
    let states = BTreeMap::new();
    let around = Surroundings {
        sources: None,
        env: &|name| (name == "ID").then(|| ACCOUNT.to_owned()),
        states: &states,
        now: now(),
    };
    extend("certctl.yaml", text, found, &around)
}

#[track_caller]
fn extended(text: &str, found: &[Found]) -> String {
    let extension = with(text, found).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    let again = with(&extension.text, found).unwrap();
    assert_eq!(again.text, extension.text, "twice is not once");
    assert!(again.declared.is_empty() && again.remarked.is_empty());
    extension.text
}

/// What was there before, with what was added cut out.
#[track_caller]
fn assert_kept(before: &str, after: &str) {
    let mut rest = after.split_inclusive('\n');
    for line in before.split_inclusive('\n') {
        assert!(
            rest.any(|found| found == line),
            "{line:?} is gone, or moved:\n{after}"
        );
    }
}

#[test]
fn a_new_spec_declares_what_lives_and_names_the_rest() {
    let states = BTreeMap::new();
    let around = Surroundings {
        sources: None,
        env: &|_| None,
        states: &states,
        now: now(),
    };
    let mut labelled = found(ACCOUNT, odd());
    labelled.label = Some("Acme Corp\n- x".to_owned());
    let extension = write(&[labelled, found(OTHER, Vec::new())], &around).unwrap();
    insta::assert_snapshot!("new", extension.text);
    assert_eq!(extension.declared.len(), 3);
    assert_eq!(extension.remarked.len(), 6);
    assert_eq!(extension.accounts.len(), 2);
}

#[test]
fn what_was_commented_out_is_right_without_its_comment_signs() {
    let text = extended("version: 1\n", &[found(ACCOUNT, odd())]);
    let uncommented: String = text
        .lines()
        .map(|line| match line.trim_start().strip_prefix("# ") {
            Some(rest) if rest.starts_with("- name") || rest.starts_with("  ") => {
                format!("      {rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    assert_ne!(uncommented, text);
    let states = BTreeMap::new();
    let around = Surroundings {
        sources: None,
        env: &|_| None,
        states: &states,
        now: now(),
    };
    let spec = parse("x", &uncommented, &around).unwrap();
    assert_eq!(spec.accounts[0].certificates.len(), 5, "{uncommented}");
}

#[test]
fn a_hand_formatted_spec_keeps_its_bytes() {
    let before = "\
# ours
version:   1     # one

defaults: {rotation: {trust_period: 3d}}
accounts:

    # the first
    -   name:  acme
        certificates:
          # hello
          - {name: a, import: 00000002-0000-4000-8000-000000000000}

          -   name:    b   # b
              in_use:  true
              # belongs to b

          # belongs to nobody
        account_id: '699d98642c564d2e855e9661899b7252'   # id
        adopt: ask

policy: {max_deletes: 1} # end";
    let after = extended(
        before,
        &[found(ACCOUNT, odd()), found(OTHER, vec![item(21)])],
    );
    assert_kept(&before[..=before.rfind('\n').unwrap()], &after);
    assert!(after.ends_with("policy: {max_deletes: 1} # end"));
    insta::assert_snapshot!("hand_formatted", after);
}

#[test]
fn lists_are_extended_in_their_own_style() {
    let one = [found(ACCOUNT, vec![item(1)]), found(OTHER, vec![item(2)])];
    let id = ACCOUNT;
    for (style, before) in [
        ("flush", format!("version: 1\naccounts:\n- name: a\n  account_id: {id}\n  certificates:\n  - name: x\n")),
        ("empty", format!("version: 1\naccounts:\n  - name: a\n    certificates: [] # none\n    account_id: {id}\n")),
        ("flow", format!("version: 1\naccounts: [{{name: a, account_id: {id}, certificates: [{{name: x}}, ]}}]\n")),
        ("flow_empty", format!("{{version: 1, accounts: [{{name: a, account_id: {id}, certificates: []}}]}}")),
        ("flow_lines", format!("version: 1\naccounts:\n  - name: a\n    account_id: {id}\n    certificates: [\n      {{name: x}}, # x\n      {{name: y}}  # y\n    ]\n")),
        ("variable", "version: 1\naccounts:\n  - name: a\n    account_id: ${ID}\n    certificates:\n      - name: x".to_owned()),
        ("crlf", format!("version: 1\r\naccounts:\r\n  - name: a\r\n    account_id: {id}\r\n    certificates:\r\n      - name: x\r\n")),
        ("no_accounts", "version: 1\nstate: here\n".to_owned()),
        ("accounts_empty", "version: 1\naccounts: []\nstate: here".to_owned()),
        ("bom", format!("\u{feff}version: 1\naccounts:\n  - name: ä\n    account_id: {id}\n    certificates:\n      - name: x\n").replace('ä', "a")),
    ] {
        let after = extended(&before, &one);
        insta::assert_snapshot!(style, after);
        let lines = after.matches('\n').count();
        let returns = after.matches("\r\n").count();
        assert!(returns == 0 || returns == lines, "{style}: mixed line ends");
    }
}

#[test]
fn a_comment_between_brackets_stays_and_none_of_ours_is_lost_in_silence() {
    let idle = Item {
        status: Some(BindingStatus::Inactive),
        ..item(4)
    };
    let found = [found(ACCOUNT, vec![item(1), idle])];
    let id = ACCOUNT;
    for before in [
        format!(
            "version: 1\naccounts:\n  - name: a\n    account_id: {id}\n    certificates: [\n      # nothing yet\n    ]\n"
        ),
        "version: 1\naccounts: [ # one\n  # two\n]\n".to_owned(),
        format!(
            "version: 1\naccounts: [{{name: a, account_id: {id}, certificates: [{{name: x}}]}}]\n"
        ),
    ] {
        let extension = with(&before, &found).unwrap();
        let after = &extension.text;
        for comment in before
            .lines()
            .filter_map(|line| line.find('#').map(|at| &line[at..]))
        {
            assert!(after.contains(comment), "{comment} is gone: {after}");
        }
        assert_eq!(extension.declared.len(), 1, "{after}");
        // No line is there for what is only named: it is said, each time.
        assert_eq!(extension.remarked, []);
        for extension in [&extension, &with(after, &found).unwrap()] {
            let said = extension
                .warnings
                .iter()
                .filter(|said| said.contains("is inactive"));
            assert_eq!(said.count(), 1, "{:?}", extension.warnings);
            assert_eq!(extension.text, *after);
        }
    }
}

#[test]
fn what_is_imported_or_bound_is_not_declared_again() {
    let text = format!(
        "version: 1\naccounts:\n  - name: a\n    account_id: {ACCOUNT}\n    certificates: []\n"
    );
    let mut state = AccountState::default();
    let name: Name = "mine".parse().unwrap();
    let note = certctl_model::Note::Adopted {
        certificate: name,
        id: CertificateId::made_up(1),
    };
    state.note(&note, now()).unwrap();
    let states = BTreeMap::from([(ACCOUNT.parse().unwrap(), state)]);
    let around = Surroundings {
        sources: None,
        env: &|_| None,
        states: &states,
        now: now(),
    };
    let found = [found(ACCOUNT, vec![item(1)])];
    let extension = extend("x", &text, &found, &around).unwrap();
    assert_eq!(extension.text, text);
}

#[test]
fn defaults_do_not_change_what_exists() {
    let before = "\
version: 1
defaults:
  activate: false
  in_use: false
  validity_period_days: 30
  rotation: { renew_before: 1200d }
accounts:
  - name: a
    account_id: 699d98642c564d2e855e9661899b7252
    certificates: []
";
    let before = before.replace("validity_period_days: 30", "validity_period_days: 1800");
    let used = Item {
        usage: Usage::InUse,
        ..item(1)
    };
    let unknown = Item {
        days: None,
        ..item(2)
    };
    let young = Item {
        expires: Some("2031-11-01T00:00:00Z".parse().unwrap()),
        ..item(3)
    };
    let after = extended(&before, &[found(ACCOUNT, vec![used, unknown, young])]);
    insta::assert_snapshot!("defaults", after);
}

#[test]
fn only_one_is_declared_in_use() {
    let text = format!(
        "version: 1\naccounts:\n  - name: a\n    account_id: {ACCOUNT}\n    certificates:\n      - {{ name: mine, in_use: true }}\n"
    );
    let used = Item {
        usage: Usage::InUse,
        ..item(1)
    };
    let extension = with(&text, &[found(ACCOUNT, vec![used])]).unwrap();
    assert!(!extension.declared[0].in_use);
    assert!(extension.text.contains("as `mine` has it"));
    assert_eq!(extension.warnings.len(), 1);
    assert!(extension.warnings[0].starts_with("a/mine was declared before"));

    let disputed = |serial| Item {
        usage: Usage::Disputed,
        ..item(serial)
    };
    let text = extended(
        "version: 1\n",
        &[found(ACCOUNT, vec![disputed(1), disputed(2)])],
    );
    assert!(!text.contains("in_use: true"), "{text}");
    assert_eq!(text.matches("disagree").count(), 2);
}

#[test]
fn what_cannot_be_extended_is_said_with_the_lines() {
    let alias = format!(
        "version: 1\naccounts:\n  - &a\n    name: a\n    account_id: {ACCOUNT}\n    certificates: &c\n      - name: x\n  - name: b\n    account_id: {OTHER}\n    certificates: *c\n"
    );
    let refusal = with(&alias, &[found(OTHER, vec![item(2)])]).unwrap_err();
    let Refusal::NoPlace { why, lines } = refusal else {
        panic!("{refusal:?}")
    };
    assert!(why.contains("`b` (line 8)"), "{why}");
    assert!(lines.contains("import: 00000002-0000-4000-8000-000000000000"));

    let refusal = with("version: 2\n", &[found(ACCOUNT, vec![item(1)])]).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { .. }), "{refusal:?}");
    let refusal = with("", &[found(ACCOUNT, vec![item(1)])]).unwrap_err();
    assert!(matches!(refusal, Refusal::Invalid { .. }), "{refusal:?}");
}

#[test]
fn words_that_yaml_would_read_otherwise_are_quoted() {
    let named = |name: &str, serial| Item {
        name: Some(name.parse().unwrap()),
        ..item(serial)
    };
    let items = ["null", "12", "0x1f", "1e5", "true", "on", "a1"];
    let items = items
        .iter()
        .zip(1..)
        .map(|(name, n)| named(name, n))
        .collect();
    let text = extended(
        "version: 1\n",
        &[found("12345678901234567890123456789012", items)],
    );
    assert!(text.contains("account_id: \"12345678901234567890123456789012\""));
    assert!(
        text.contains("- name: a1\n") && text.contains("- name: \"on\"\n"),
        "{text}"
    );
}
