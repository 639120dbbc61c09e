//! `${NAME}`.

use super::{acme, sources};
use crate::{Mode, ParseOptions, Parsed, Selector, parse, render};

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "ID" => "023e105f4ecef8ad9ca31a8372d0c353",
        "DIGITS" => "11111111111111111111111111111111",
        "DAYS" => "365",
        "YES" => "true",
        "WORD" => "lab",
        "NULL" => "null",
        "EMPTY" => "",
        "YAML" => "{ a: b }",
        "LINES" => "a\nb",
        _ => return None,
    };
    Some(value.to_owned())
}

fn with(mode: Mode, accounts: &[&str], text: &str) -> Parsed {
    let accounts: Vec<Selector> = accounts
        .iter()
        .map(|name| Selector::Account(name.parse().unwrap()))
        .collect();
    parse(
        &sources(&[text]),
        &ParseOptions {
            env: &environment,
            mode,
            accounts: &accounts,
        },
    )
}

fn shown(mode: Mode, accounts: &[&str], text: &str) -> String {
    render(
        &with(mode, accounts, text).diagnostics,
        &sources(&[text]),
        false,
    )
}

#[test]
fn they_are_typed_after_substitution() {
    let text = "version: 1
state: s3://${WORD}/$${WORD}/$WORD
accounts:
  - name: ${WORD}-one
    account_id: ${ID}
    certificates:
      - { name: \"${WORD}\", validity_period_days: 1000, rotation: { trust_period: \"${DAYS}d\" } }
      - name: b
        validity_period_days: ${DAYS}
        in_use: ${YES}
  - name: two
    account_id: ${DIGITS}
    certificates: []
";
    let parsed = with(Mode::Use, &[], text);
    assert_eq!(parsed.diagnostics, []);
    let spec = parsed.spec.unwrap();
    assert_eq!(spec.state.unwrap().url, "s3://lab/${WORD}/$WORD");
    assert_eq!(spec.accounts[0].name.as_str(), "lab-one");
    assert_eq!(spec.accounts[1].account_id.as_str(), "1".repeat(32));
    let [b, lab] = &spec.accounts[0].certificates[..] else {
        panic!("two")
    };
    assert_eq!(lab.rotation.trust_period.to_string(), "365d");
    assert_eq!(b.validity_period_days.unwrap().days(), 365);
    assert_eq!(b.in_use, Some(true));
}

#[test]
fn they_bring_in_one_piece_of_text() {
    let text = acme(
        "      - { name: a, validity_period_days: \"${DAYS}\" }
      - name: b
        validity_period_days: ${NULL}
      - name: c
        validity_period_days: ${EMPTY}
      - name: d
        rotation: ${YAML}
      - name: ${LINES}
",
    );
    insta::assert_snapshot!(shown(Mode::Use, &[], &text), @r#"
    error[wrong_type]: `validity_period_days` must be a whole number, found a string
     --> a.yaml:6:42
      |
    6 |       - { name: a, validity_period_days: "${DAYS}" }
      |                                          ^^^^^^^^^
      |
      = help: remove the quotes

    error[wrong_type]: `validity_period_days` must be a whole number, found a string
     --> a.yaml:8:31
      |
    8 |         validity_period_days: ${NULL}
      |                               ^^^^^^^
      |
      = help: the variable gives something else

    error[wrong_type]: `validity_period_days` must be a whole number, found a string
      --> a.yaml:10:31
       |
    10 |         validity_period_days: ${EMPTY}
       |                               ^^^^^^^^
       |
       = help: the variable gives something else

    error[wrong_type]: `rotation` must be a mapping, found a string
      --> a.yaml:12:19
       |
    12 |         rotation: ${YAML}
       |                   ^^^^^^^
       |
       = help: its keys are `renew_before`, `trust_period`, `trust_evidence`, `retire_after`, `switch`, `windows`

    error[invalid_value]: the variable `LINES` has a line break or a control character
      --> a.yaml:13:15
       |
    13 |       - name: ${LINES}
       |               ^^^^^^^^
       |
       = help: a variable gives one line of plain text
    "#);
}

#[test]
fn malformed_ones() {
    let text = acme(
        "      - name: ${}\n      - name: ${DAYS:-3}\n      - name: a${\n      - name: ${1}${2}\n",
    );
    insta::assert_snapshot!(shown(Mode::Use, &[], &text), @r#"
    error[invalid_value]: malformed `${`
     --> a.yaml:6:15
      |
    6 |       - name: ${}
      |               ^^^
      |
      = help: write `${NAME}`, with letters, digits and `_`; or `$${` for a literal `${`

    error[invalid_value]: malformed `${`
     --> a.yaml:7:15
      |
    7 |       - name: ${DAYS:-3}
      |               ^^^^^^^^^^
      |
      = help: write `${NAME}`, with letters, digits and `_`; or `$${` for a literal `${`

    error[invalid_value]: malformed `${`
     --> a.yaml:8:15
      |
    8 |       - name: a${
      |               ^^^
      |
      = help: write `${NAME}`, with letters, digits and `_`; or `$${` for a literal `${`

    error[invalid_value]: malformed `${`
     --> a.yaml:9:15
      |
    9 |       - name: ${1}${2}
      |               ^^^^^^^^
      |
      = help: write `${NAME}`, with letters, digits and `_`; or `$${` for a literal `${`
    "#);
}

const UNSET: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates: []
  - name: lab
    account_id: ${LAB_ID}
    adopt: maybe
    certificates: []
";

#[test]
fn an_unset_one_is_an_error_if_its_account_is_selected() {
    insta::assert_snapshot!(shown(Mode::Use, &["lab"], UNSET), @r#"
    error[unset_variable]: the variable `LAB_ID` is not set
     --> a.yaml:7:17
      |
    7 |     account_id: ${LAB_ID}
      |                 ^^^^^^^^^
      |
      = help: set it in the environment, or write `$${` for a literal `${`

    error[invalid_value]: `adopt` must be one of `ask`, `matching`, `never`, found "maybe"
     --> a.yaml:8:12
      |
    8 |     adopt: maybe
      |            ^^^^^
    "#);
}

#[test]
fn else_its_account_is_left_out() {
    let text = UNSET.replace("maybe", "ask");
    let parsed = with(Mode::Use, &["acme"], &text);
    assert_eq!(parsed.diagnostics, []);
    let names: Vec<_> = parsed
        .spec
        .unwrap()
        .accounts
        .into_iter()
        .map(|a| a.name.to_string())
        .collect();
    assert_eq!(names, ["acme"]);
    assert!(
        with(Mode::Use, &[], &text).spec.is_none(),
        "all are selected"
    );
}

#[test]
fn outside_of_the_accounts_it_is_an_error() {
    let text = acme("      []\n") + "state: ${BUCKET}\n";
    insta::assert_snapshot!(shown(Mode::Use, &["acme"], &text), @r#"
    error[unset_variable]: the variable `BUCKET` is not set
     --> a.yaml:7:8
      |
    7 | state: ${BUCKET}
      |        ^^^^^^^^^
      |
      = help: set it in the environment, or write `$${` for a literal `${`
    "#);
}

#[test]
fn validate_warns_and_checks_the_rest() {
    insta::assert_snapshot!(shown(Mode::Validate, &[], UNSET), @r#"
    warning[unset_variable]: the variable `LAB_ID` is not set
     --> a.yaml:7:17
      |
    7 |     account_id: ${LAB_ID}
      |                 ^^^^^^^^^
      |
      = help: set it before planning; what depends on it was not checked

    error[invalid_value]: `adopt` must be one of `ask`, `matching`, `never`, found "maybe"
     --> a.yaml:8:12
      |
    8 |     adopt: maybe
      |            ^^^^^
    "#);
    let parsed = with(Mode::Validate, &[], &UNSET.replace("maybe", "ask"));
    assert_eq!(
        parsed.spec.unwrap().accounts.len(),
        1,
        "the account is left out"
    );
}

#[test]
fn validate_does_not_compare_what_it_does_not_know() {
    let text = acme(
        "      - name: a
        rotation: { renew_before: 3d, trust_period: \"${TRUST}\" }
      - name: ${NAME}
        in_use: ${USED}
",
    );
    let parsed = with(Mode::Validate, &[], &text);
    assert!(
        parsed.diagnostics.iter().all(|d| !d.is_error()),
        "{:?}",
        parsed.diagnostics
    );
    assert_eq!(parsed.spec.unwrap().accounts, []);
}

#[test]
fn keys_are_never_replaced() {
    let text = "version: 1\n${WORD}: 1\n";
    insta::assert_snapshot!(shown(Mode::Use, &[], text), @r#"
    error[unknown_key]: unknown key `${WORD}` in a spec
     --> a.yaml:2:1
      |
    2 | ${WORD}: 1
      | ^^^^^^^
      |
      = help: the keys here are `version`, `name`, `state`, `policy`, `token`, `defaults`, `templates`, `accounts`, `accounts_from`
    "#);
}

#[test]
fn what_a_variable_gives_is_never_repeated() {
    let text = "version: 1
name: ${SECRET}
state: \"${CLOUDFLARE_API_TOKEN}\"
policy:
  max_deletes: ${SECRET}
  max_validity_days: ${SECRET}
  require_renewal: ${SECRET}
  protected: [ \"${SECRET}\" ]
accounts:
  - name: x${SECRET}
    account_id: \"${SECRET}\"
    adopt: ${SECRET}
    certificates:
      - name: a
        validity_period_days: ${SECRET}
        in_use: ${SECRET}
        rotation: { renew_before: \"${SECRET}\" }
        lifecycle: { deletion_policy: \"${SECRET}\" }
        import: \"${SECRET} \"
        moved_from: ${SECRET}
      - name: b
        rotation:
          switch: ${SECRET}
          windows:
            - { cron: \"${SECRET}\", window_duration: 4h }
            - { cron: 0 2 * * 6, timezone: \"${SECRET}\", window_duration: 4h }
            - { cron: 0 2 * * 6, window_duration: \"${SECRET}\" }
";
    let options = ParseOptions {
        env: &|_| Some("S3cr3t_".to_owned()),
        mode: Mode::Use,
        accounts: &[],
    };
    let diagnostics = parse(&sources(&[text]), &options).diagnostics;
    assert_eq!(diagnostics.len(), 19);
    assert!(
        !format!("{diagnostics:?}").contains("3cr3t"),
        "{diagnostics:?}"
    );
    assert!(
        diagnostics[1].message.contains("is a credential"),
        "{diagnostics:?}"
    );
}

#[test]
fn a_variable_is_never_a_whole_certificate() {
    let text = acme("      - ${A_CERTIFICATE}\n");
    insta::assert_snapshot!(shown(Mode::Validate, &[], &text), @r#"
    warning[unset_variable]: the variable `A_CERTIFICATE` is not set
     --> a.yaml:6:9
      |
    6 |       - ${A_CERTIFICATE}
      |         ^^^^^^^^^^^^^^^^
      |
      = help: set it before planning; what depends on it was not checked

    error[wrong_type]: a certificate must be a mapping, found a variable
     --> a.yaml:6:9
      |
    6 |       - ${A_CERTIFICATE}
      |         ^^^^^^^^^^^^^^^^
      |
      = help: its keys are `name`, `validity_period_days`, `activate`, `in_use`, `rotation`, `lifecycle`, `import`, `custom`, `moved_from`
    "#);
}

#[test]
fn numbers_of_variables_are_not_repeated_either() {
    let text = "version: ${NUMBER}
policy: { max_deletes: \"-${NUMBER}\", max_validity_days: ${NUMBER} }
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - { name: a, validity_period_days: ${NUMBER}, rotation: { renew_before: \"${NUMBER}\" } }
";
    let text = &text.replace(
        "{ max_deletes: \"-${NUMBER}\", max_validity_days: ${NUMBER} }",
        "\n  max_deletes: -${NUMBER}\n  max_validity_days: ${NUMBER}",
    );
    let text = &text.replace(
        "validity_period_days: ${NUMBER}, ",
        "validity_period_days: \"${NUMBER}\", ",
    );
    let options = ParseOptions {
        env: &|_| Some("6174206174".to_owned()),
        mode: Mode::Use,
        accounts: &[],
    };
    let diagnostics = parse(&sources(&[text]), &options).diagnostics;
    assert_eq!(diagnostics.len(), 5, "{diagnostics:?}");
    assert!(
        !format!("{diagnostics:?}").contains("6174"),
        "{diagnostics:?}"
    );
}

#[test]
fn a_state_names_no_variable_that_may_hold_a_secret() {
    for name in [
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "DB_PASSWORD",
        "vault_token",
        "X_KEY",
    ] {
        let text = acme("      []\n") + "state: s3://bucket/${" + name + "}\n";
        let shown = shown(Mode::Use, &[], &text);
        assert!(
            shown.starts_with(&format!("error[invalid_value]: the variable `{name}` is ")),
            "{shown}"
        );
        assert_eq!(shown.matches("error[").count(), 1, "{shown}");
    }
    let text = acme("      []\n") + "state: s3://${WORD}/x\n";
    assert_eq!(shown(Mode::Use, &[], &text), "");
}

#[test]
fn an_account_is_selected_by_its_labels_too() {
    let text = "version: 1
accounts:
  - { name: acme, account_id: 699d98642c564d2e855e9661899b7252, labels: { tier: canary }, certificates: [] }
  - { name: lab, account_id: \"${LAB_ID}\", labels: { tier: \"${WORD}\" }, certificates: [] }
";
    for (label, wrong) in [("tier=canary", 0), ("tier=lab", 1)] {
        let selectors = [Selector::Label(label.parse().unwrap())];
        let options = ParseOptions {
            env: &environment,
            mode: Mode::Use,
            accounts: &selectors,
        };
        let parsed = parse(&sources(&[text]), &options);
        assert_eq!(parsed.diagnostics.len(), wrong, "{label}");
    }
}
