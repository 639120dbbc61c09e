//! Files that are not YAML, or not YAML that is read.

use certctl_model::{Code, Diagnostic};

use super::{acme, read, shown, sources};
use crate::render;

#[test]
fn a_tab_is_named_where_it_stands() {
    insta::assert_snapshot!(shown(&["version: 1\naccounts:\n\t- name: acme\n"]), @r#"
    error[yaml_syntax]: a tab is used for indentation
     --> a.yaml:3:1
      |
    3 | →- name: acme
      | ^
      |
      = help: indent with spaces
    "#);
}

#[test]
fn indentation_that_does_not_align() {
    insta::assert_snapshot!(shown(&["version: 1\ndefaults:\n    in_use: true\n   activate: true\n"]), @r#"
    error[yaml_syntax]: while parsing a block mapping, did not find expected key
     --> a.yaml:4:4
      |
    4 |    activate: true
      |    ^
      |
      = help: check the indentation: keys of one mapping start in the same column
    "#);
}

#[test]
fn a_colon_in_a_plain_value() {
    insta::assert_snapshot!(shown(&["version: 1\nname: acme: inspection\n"]), @r#"
    error[yaml_syntax]: mapping values are not allowed in this context
     --> a.yaml:2:11
      |
    2 | name: acme: inspection
      |           ^
      |
      = help: quote a value that holds a colon, or check the indentation
    "#);
}

#[test]
fn a_bracket_that_is_never_closed() {
    insta::assert_snapshot!(shown(&["version: 1\naccounts: [\n"]), @r#"
    error[yaml_syntax]: unclosed bracket '['
     --> a.yaml:2:11
      |
    2 | accounts: [
      |           ^
    "#);
}

#[test]
fn a_variable_inside_of_braces() {
    insta::assert_snapshot!(shown(&["version: 1\naccounts: [{name: acme, account_id: ${ID}}]\n"]), @r#"
    error[yaml_syntax]: while parsing a flow mapping, did not find expected ',' or '}'
     --> a.yaml:2:38
      |
    2 | accounts: [{name: acme, account_id: ${ID}}]
      |                                      ^
      |
      = help: quote a variable inside of braces: "${NAME}"
    "#);
}

#[test]
fn an_alias_of_nothing() {
    insta::assert_snapshot!(shown(&["version: 1\ndefaults: *shared\n"]), @r#"
    error[yaml_syntax]: an alias of something that is not defined before it
     --> a.yaml:2:11
      |
    2 | defaults: *shared
      |           ^
      |
      = help: define it with `&name` first, or quote a value that starts with `*`
    "#);
}

#[test]
fn a_tag() {
    insta::assert_snapshot!(shown(&["version: 1\nname: !vault acme\n"]), @r#"
    error[yaml_syntax]: unsupported tag `!vault`
     --> a.yaml:2:14
      |
    2 | name: !vault acme
      |              ^^^^
      |
      = help: remove the tag: the format needs none
    "#);
}

#[test]
fn a_second_document() {
    insta::assert_snapshot!(shown(&["version: 1\nname: a\n---\nversion: 1\nname: b\n"]), @r#"
    error[yaml_syntax]: a second document starts here; a spec file holds one
     --> a.yaml:3:1
      |
    3 | ---
      | ^^^
      |
      = help: put it into a file of its own and name both with -f
    "#);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    insta::assert_snapshot!(shown(&["version: 1\n\"na\\e[31mme\": x\nstate: \"\u{202e}\" # \u{202e}\n"]), @r#"
    error[unknown_key]: unknown key `na�[31mme` in a spec
     --> a.yaml:2:1
      |
    2 | "na\e[31mme": x
      | ^^^^^^^^^^^^
      |
      = help: the keys here are `version`, `name`, `state`, `policy`, `token`, `defaults`, `templates`, `accounts`, `accounts_from`
    "#);
}

#[test]
fn a_file_that_declares_nothing() {
    insta::assert_snapshot!(shown(&["", "# later\n", "---\n"]), @r#"
    error[missing_key]: this file declares nothing
    --> a.yaml:1:1
     = help: start with `version: 1`

    error[missing_key]: this file declares nothing
     --> b.yaml:1:1
      |
    1 | # later
      | ^
      |
      = help: start with `version: 1`

    error[missing_key]: this file declares nothing
     --> c.yaml:1:1
      |
    1 | ---
      | ^
      |
      = help: start with `version: 1`
    "#);
}

#[test]
fn a_file_that_is_no_mapping() {
    insta::assert_snapshot!(shown(&["- name: acme\n", "hello\n"]), @r#"
    error[wrong_type]: a spec must be a mapping, found a list
     --> a.yaml:1:1
      |
    1 | - name: acme
      | ^
      |
      = help: start with `version: 1`

    error[wrong_type]: a spec must be a mapping, found a string
     --> b.yaml:1:1
      |
    1 | hello
      | ^^^^^
      |
      = help: start with `version: 1`
    "#);
}

#[test]
fn one_bad_file_does_not_hide_another() {
    insta::assert_snapshot!(shown(&["version: [\n", "version: 1\nacounts: []\n"]), @r#"
    error[yaml_syntax]: unclosed bracket '['
     --> a.yaml:1:10
      |
    1 | version: [
      |          ^

    error[unknown_key]: unknown key `acounts` in a spec
     --> b.yaml:2:1
      |
    2 | acounts: []
      | ^^^^^^^
      |
      = help: did you mean `accounts`?
    "#);
}

#[test]
fn byte_order_marks_and_carriage_returns_are_no_problem() {
    let text = acme("      - name: inspection\n        in_use: true # é\n").replace('\n', "\r\n");
    let with_mark = format!("\u{feff}{text}");
    let (with, without) = (read(&[&with_mark]), read(&[&text]));
    assert!(with.spec.is_some());
    assert_eq!(with.spec, without.spec);
    let place = &without.spec.unwrap().accounts[0].certificates[0].place;
    assert_eq!((place.line, place.column, place.length), (6, 15, 10));
}

#[test]
fn columns_count_characters() {
    insta::assert_snapshot!(shown(&["{version: 1, state: \"é🦀\", acounts: []}\r\n"]), @r#"
    error[unknown_key]: unknown key `acounts` in a spec
     --> a.yaml:1:27
      |
    1 | {version: 1, state: "é🦀", acounts: []}
      |                            ^^^^^^^
      |
      = help: did you mean `accounts`?
    "#);
}

#[test]
fn colour_is_given_only_where_it_is_wanted() {
    let texts = sources(&["acounts: []\n"]);
    let diagnostics = read(&["acounts: []\n"]).diagnostics;
    assert!(render(&diagnostics, &texts, true).contains("\u{1b}["));
    assert!(!render(&diagnostics, &texts, false).contains('\u{1b}'));
    assert_eq!(render(&[], &texts, true), "");
}

#[test]
fn what_has_no_place_is_shown_at_its_address() {
    let address = "acme/inspection".parse().unwrap();
    let diagnostic = Diagnostic::warning(Code::ExpiresSoon, "it expires in 3 days")
        .hint("give it `rotation.renew_before`")
        .address(&address);
    insta::assert_snapshot!(render(&[diagnostic], &sources(&[]), false), @r#"
    warning[expires_soon]: it expires in 3 days
    --> acme/inspection
     = help: give it `rotation.renew_before`
    "#);
}

#[test]
fn the_marker_of_a_conflict_is_named() {
    let text = "version: 1
<<<<<<< HEAD
name: a
=======
name: b
>>>>>>> theirs
accounts: []
";
    insta::assert_snapshot!(shown(&[text]), @r#"
    error[yaml_syntax]: a merge left its conflict marker here
     --> a.yaml:2:1
      |
    2 | <<<<<<< HEAD
      | ^^^^^^^
      |
      = help: keep one of the two sides, and remove the lines of the markers
    "#);
    for rest in [">>>>>>> theirs", "||||||| 1a2b3c"] {
        let shown = shown(&[&format!("version: 1\nname: b\n{rest}\n")]);
        assert!(
            shown.contains("conflict marker") && shown.contains("a.yaml:3:1"),
            "{shown}"
        );
    }
}
