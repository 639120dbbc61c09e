//! Input that is large or made to hurt: refused, or read, within bounds that do not depend on it.

use std::fmt::Write as _;

use super::{ACME, read, shown};
use crate::reader::MAX_PROBLEMS;
use crate::yaml::{Kind, MAX_BYTES, MAX_NODES, Node, parse};

fn nodes(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::List(items) => items.iter().map(nodes).sum(),
        Kind::Map(entries) => entries
            .iter()
            .map(|(key, value)| nodes(key) + nodes(value))
            .sum(),
        _ => 0,
    }
}

#[test]
fn ten_thousand_certificates_are_read() {
    let mut text = ACME.to_owned();
    for number in 0..10_000 {
        write!(
            text,
            "      - name: certificate-{number}
        validity_period_days: 1825
        activate: false
        rotation: {{ renew_before: 90d, trust_period: 7d, retire_after: 7d }}
        lifecycle: {{ prevent_destroy: true, deletion_policy: retain }}
        import: f174e90a-fafe-4643-bbbc-{number:012}
        moved_from: former-{number}
"
        )
        .unwrap();
    }
    assert!(text.len() < MAX_BYTES);
    let tree = parse(&text).unwrap().unwrap();
    assert!(nodes(&tree) < MAX_NODES, "{}", nodes(&tree));
    let parsed = read(&[&text]);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.spec.unwrap().accounts[0].certificates.len(), 10_000);
}

/// An account with so many certificates of this kind.
fn crowd(count: usize, settings: &str) -> String {
    let certificate = |number| format!("      - {{ name: c{number}{settings} }}\n");
    ACME.to_owned() + &(0..count).map(certificate).collect::<String>()
}

#[test]
fn an_account_has_room_for_ten_that_are_available() {
    for settings in ["", ", activate: true", ", import: none"] {
        assert_eq!(read(&[&crowd(10, settings)]).diagnostics, [], "{settings}");
    }
    insta::assert_snapshot!(shown(&[&crowd(11, "")]), @r#"
    error[available_cap]: 11 certificates of this account have to be available, and an account has room for 10
      --> a.yaml:16:17
       |
    16 |       - { name: c10 }
       |                 ^^^
       |
       = help: write `activate: false` on those that can do without, or remove them
    "#);
    // Found at once, however many there are: one problem, not thousands.
    let shown = shown(&[&crowd(3_000, ", activate: true")]);
    assert!(
        shown.starts_with("error[available_cap]: 3000 certificates"),
        "{shown}"
    );
    assert_eq!(shown.matches("error[").count(), 1, "{shown}");
}

#[test]
fn those_that_need_not_be_available_do_not_count() {
    let ids: String = (0..20)
        .map(|n| format!("      - {{ name: i{n}, import: f174e90a-fafe-4643-bbbc-{n:012} }}\n"))
        .collect();
    for text in [
        crowd(200, ", activate: false"),
        ACME.to_owned() + &ids,
        crowd(10, "") + &ids,
    ] {
        assert_eq!(read(&[&text]).diagnostics, []);
    }
}

#[test]
fn deep_nesting() {
    insta::assert_snapshot!(shown(&[&format!("version: {}", "[".repeat(100_000))]), @r#"
    error[yaml_limits]: lists and mappings are nested more than 32 deep
     --> a.yaml:1:42
      |
    1 | version: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                          ^
      |
      = help: write it flatter
    "#);
    let deep = ["- ", "{a: ", "? "].map(|piece| shown(&[&piece.repeat(100_000)]));
    for shown in deep {
        assert!(
            shown.starts_with("error[yaml_limits]: lists and mappings are nested"),
            "{shown}"
        );
    }
}

#[test]
fn alias_bombs() {
    let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in ('b'..='j').zip('a'..) {
        let aliases = vec![format!("*{before}"); 10].join(", ");
        writeln!(laughs, "{name}: &{name} [{aliases}]").unwrap();
    }
    insta::assert_snapshot!(shown(&[&laughs]), @r#"
    error[yaml_limits]: aliases are used or nested too often: at most 1000, of small values
     --> a.yaml:5:16
      |
    5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      |                ^^
      |
      = help: write it flatter, or split the file
    "#);
}

#[test]
fn aliases_of_a_long_text() {
    let text = format!(
        "a: &a \"{}\"\nb: [{}]\n",
        "x".repeat(100_000),
        "*a, ".repeat(900)
    );
    let shown = shown(&[&text]);
    assert!(
        shown.starts_with("error[yaml_limits]: the file has too much text"),
        "{shown}"
    );
}

#[test]
fn more_nodes_than_are_read() {
    let text = format!("a: [{}]\n", "x,".repeat(MAX_NODES));
    let shown = shown(&[&text]);
    assert!(
        shown.starts_with("error[yaml_limits]: the file has more than"),
        "{shown}"
    );
}

#[test]
fn more_bytes_than_are_read() {
    let shown = shown(&[&"x".repeat(MAX_BYTES + 1)]);
    assert!(shown.starts_with("error[file_too_large]"), "{shown}");
}

#[test]
fn problems_are_counted_where_they_are_too_many_to_show() {
    let text = format!("{ACME}{}", "      - name: A\n".repeat(20_000));
    let diagnostics = read(&[&text]).diagnostics;
    assert_eq!(diagnostics.len(), MAX_PROBLEMS + 1);
    let last = &diagnostics.last().unwrap().message;
    assert_eq!(last, "10001 more problems in this file");
    let shown = shown(&[&text]);
    assert!(
        shown.ends_with("… and 9501 more\n"),
        "{}",
        &shown[shown.len() - 100..]
    );
}

#[test]
fn a_long_line_is_cut() {
    let text = format!(
        "version: 1\nname: {}\n\"{}\": 1\n",
        "A".repeat(100_000),
        "k".repeat(900)
    );
    let shown = shown(&[&text, &format!("{{a: \"{}\", b: 1}}", "x".repeat(100_000))]);
    assert!(shown.len() < 10_000, "{}", shown.len());
}

#[test]
fn variables_cannot_make_a_file_grow_without_end() {
    let long = "x".repeat(100_000);
    let text = format!("version: 1\nstate: {}\n", "${LONG}".repeat(10_000));
    let options = crate::ParseOptions {
        env: &|_| Some(long.clone()),
        mode: crate::Mode::Use,
        accounts: &[],
    };
    let parsed = crate::parse(&super::sources(&[&text]), &options);
    let codes: Vec<_> = parsed.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [certctl_model::Code::YamlLimits]);
}

#[test]
fn malformed_variables_are_read_in_one_pass() {
    let text = format!("version: 1\nstate: \"{}\"\n", "${".repeat(2_000_000));
    assert_eq!(read(&[&text]).diagnostics.len(), 1);
}
