//! Accounts from a table.

use std::fmt::Write as _;
use std::fs;

use super::sources;
use crate::{Mode, ParseOptions, Parsed, Source, Sources, parse, read_sources, render};

const SPEC: &str = "version: 1
accounts_from: { csv: tenants.csv }
templates:
  standard:
    certificates: [ { name: inspection, in_use: true } ]
";

const OPTIONS: ParseOptions<'_> = ParseOptions {
    env: &|_| None,
    mode: Mode::Use,
    accounts: &[],
};

fn with(spec: &str, table: &str) -> Sources {
    let table = Source {
        name: "tenants.csv".to_owned(),
        text: table.to_owned(),
    };
    sources(&[spec]).with_named([table])
}

fn read(table: &str) -> Parsed {
    parse(&with(SPEC, table), &OPTIONS)
}

fn shown(table: &str) -> String {
    let sources = with(SPEC, table);
    let parsed = parse(&sources, &OPTIONS);
    assert!(parsed.spec.is_none());
    render(&parsed.diagnostics, &sources, false)
}

#[test]
fn each_row_is_an_account() {
    let rows = "name,account_id,template,suspended,tier,company
acme,699d98642c564d2e855e9661899b7252,standard,,canary,\"Acme, \"\"the\"\" Inc.\"
lab , 023e105f4ecef8ad9ca31a8372d0c353 ,standard,false,,

old,11111111111111111111111111111111,standard,TRUE,,
";
    // As editors and spreadsheets save it.
    for table in [
        rows.to_owned(),
        format!("\u{feff}{}", rows.replace('\n', "\r\n")),
        rows.trim_end().to_owned(),
        rows.replace("acme,6", "\"acme\",6"),
    ] {
        let parsed = read(&table);
        assert_eq!(parsed.diagnostics, [], "{table}");
        let spec = parsed.spec.unwrap();
        let [acme, lab] = &spec.accounts[..] else {
            panic!("two")
        };
        assert_eq!(
            (acme.place.file.as_str(), acme.place.line),
            ("tenants.csv", 2)
        );
        assert_eq!((lab.place.line, lab.place.column), (3, 1));
        assert_eq!(acme.labels["company"], "Acme, \"the\" Inc.");
        assert_eq!(acme.labels["tier"], "canary");
        assert!(lab.labels.is_empty());
        assert_eq!(lab.certificates.len(), 1);
        assert_eq!(lab.certificates[0].place.file.as_str(), "a.yaml");
        assert_eq!(spec.suspended[0].name.as_str(), "old");
    }
}

#[test]
fn every_mistake_of_a_row_is_shown_in_the_table() {
    insta::assert_snapshot!(shown(
        "name,account_id,template,suspended,tier
acme,699d98642c564d2e855e9661899b7252,standard,,canary
Acme Lab,023e105f4ecef8ad9ca31a8372d0c353,standard,,
short,699d,standard,,
acme,22222222222222222222222222222222,standard,,
twin,699d98642c564d2e855e9661899b7252,standard,,
,33333333333333333333333333333333,standard,,
no-id,,standard,,
no-template,44444444444444444444444444444444,,,
other,55555555555555555555555555555555,premium,,
maybe,66666666666666666666666666666666,standard,perhaps,
few,77777777777777777777777777777777
\"a
b\",88888888888888888888888888888888,standard,,
variable,\"${ID}\",standard,,x
"
    ));
}

#[test]
fn a_table_without_the_columns_it_needs() {
    for (header, message) in [
        ("name,account_id\n", "the table has no column `template`"),
        ("account_id,template\n", "the table has no column `name`"),
        ("name,id,template\n", "the table has a column `id`"),
        (
            "name,account_id,template,templates\n",
            "the table has a column `templates`",
        ),
        (
            "name,account_id,template,tier,tier\n",
            "the table has two columns `tier`",
        ),
        (
            "name,account_id,template,\n",
            "a column of the table has no name",
        ),
        (
            "name,account_id,template,cost center\n",
            "the column `cost center` cannot be a label",
        ),
        (
            "name;account_id;template\n",
            "the columns of the table are separated by ';'",
        ),
        ("", "the table is empty"),
        ("\n\n", "the table is empty"),
    ] {
        let shown = shown(
            &format!("{header}a,{},standard,x,y\n", "1".repeat(32))
                .repeat(usize::from(!header.trim().is_empty())),
        );
        assert!(shown.contains(message), "{header}: {shown}");
        assert!(shown.contains("--> tenants.csv:1:"), "{header}: {shown}");
    }
}

#[test]
fn a_quote_that_is_never_closed() {
    insta::assert_snapshot!(shown("name,account_id,template\na,\"11111111111111111111111111111111,standard\nb,c,d\n"), @r#"
    error[invalid_value]: a quote that opens here is never closed
     --> tenants.csv:2:3
      |
    2 | a,"11111111111111111111111111111111,standard
      |   ^
      |
      = help: write a quote within quotes twice: `""`
    "#);
}

#[test]
fn text_after_quotes_is_a_quote_that_was_not_written_twice() {
    insta::assert_snapshot!(shown("name,account_id,template,company
a,11111111111111111111111111111111,standard,\"Acme \"the\" Inc.\"
\"b\" ,22222222222222222222222222222222,standard,\"Bee\"
c,3,standard,
"), @r#"
    error[invalid_value]: text follows quotes that were closed
     --> tenants.csv:2:52
      |
    2 | a,11111111111111111111111111111111,standard,"Acme "the" Inc."
      |                                                    ^^^^^^^^^^
      |
      = help: write a quote within quotes twice: `""`

    error[invalid_value]: account id "3" is not valid: it has 32 hexadecimal digits
     --> tenants.csv:4:3
      |
    4 | c,3,standard,
      |   ^
      |
      = help: the dashboard shows it under Account home, and in every address after dash.cloudflare.com/
    "#);
}

#[test]
fn lines_are_counted_however_they_end() {
    let table = "name,account_id,template,company\na,bad,standard,\"x\ny\"\nbb,bad,standard,\n";
    for (end, what) in [("\n", "feed"), ("\r\n", "both"), ("\r", "return")] {
        let shown = shown(&table.replace('\n', end));
        for place in [
            "--> tenants.csv:2:3",
            "--> tenants.csv:4:4",
            "4 | bb,bad,standard,",
        ] {
            assert!(shown.contains(place), "{what}: no {place}: {shown}");
        }
    }
}

#[test]
fn rows_without_anything_say_nothing() {
    let row = "a,11111111111111111111111111111111,standard";
    let parsed = read(&format!(
        "name,account_id,template\n,,\n{row}\n  \n,,\n,,,,\n"
    ));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.spec.unwrap().accounts.len(), 1);
}

#[test]
fn a_table_without_rows_is_named() {
    let shown = shown("name,account_id,template\n");
    for said in [
        "no account is declared",
        "--> tenants.csv:1:1",
        "add one for each account",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
    // Beside accounts that are written out it is none.
    let spec = format!(
        "{SPEC}accounts: [ {{ name: a, account_id: \"{}\", certificates: [] }} ]\n",
        "1".repeat(32)
    );
    let parsed = parse(&with(&spec, "name,account_id,template\n"), &OPTIONS);
    assert_eq!(parsed.diagnostics, []);
}

#[test]
fn a_table_of_two_files_is_told_once() {
    let table = Source {
        name: "tenants.csv".to_owned(),
        text: format!(
            "name,account_id,template\na,{},standard\nb,{},standard\n",
            "1".repeat(32),
            "2".repeat(32)
        ),
    };
    let sources = sources(&[SPEC, SPEC]).with_named([table]);
    let parsed = parse(&sources, &OPTIONS);
    let shown = render(&parsed.diagnostics, &sources, false);
    assert_eq!(parsed.diagnostics.len(), 1, "{shown}");
    for said in [
        "the table tenants.csv is read by another file too",
        "--> b.yaml:2:23",
        "read here first",
    ] {
        assert!(shown.contains(said), "{shown}");
    }
}

#[test]
fn a_conflict_is_told_once() {
    let shown = shown(
        "name,account_id,template
<<<<<<< HEAD
a,11111111111111111111111111111111,standard
=======
a,22222222222222222222222222222222,standard
>>>>>>> theirs
",
    );
    assert!(
        shown.contains("a merge left its conflict marker here"),
        "{shown}"
    );
    assert!(shown.contains("--> tenants.csv:2:1"), "{shown}");
    assert_eq!(shown.matches("error[").count(), 1, "{shown}");
}

#[test]
fn many_mistakes_of_one_kind_are_a_list() {
    let mut table = "name,account_id,template\n".to_owned();
    for n in 0..8 {
        let _ = writeln!(table, "a{n},bad-{n},standard");
    }
    insta::assert_snapshot!(shown(&table), @r#"
    error[invalid_value]: account id "bad-0" is not valid: it has 32 hexadecimal digits
     --> tenants.csv:2:4
      |
    2 | a0,bad-0,standard
      |    ^^^^^
      |
      = help: the dashboard shows it under Account home, and in every address after dash.cloudflare.com/

    error[invalid_value]: account id "bad-1" is not valid: it has 32 hexadecimal digits
     --> tenants.csv:3:4
      |
    3 | a1,bad-1,standard
      |    ^^^^^
      |
      = help: the dashboard shows it under Account home, and in every address after dash.cloudflare.com/

    error[invalid_value]: account id "bad-2" is not valid: it has 32 hexadecimal digits
     --> tenants.csv:4:4
      |
    4 | a2,bad-2,standard
      |    ^^^^^
      |
      = help: the dashboard shows it under Account home, and in every address after dash.cloudflare.com/

    … and 5 more of this kind:
      tenants.csv:5:4: account id "bad-3" is not valid: it has 32 hexadecimal digits
      tenants.csv:6:4: account id "bad-4" is not valid: it has 32 hexadecimal digits
      tenants.csv:7:4: account id "bad-5" is not valid: it has 32 hexadecimal digits
      tenants.csv:8:4: account id "bad-6" is not valid: it has 32 hexadecimal digits
      tenants.csv:9:4: account id "bad-7" is not valid: it has 32 hexadecimal digits
    "#);
}

#[test]
fn columns_are_counted_in_characters() {
    let shown =
        shown("name,account_id,template,company\n\"x\",bad,standard,é\nä,\"b\u{fc}d\",standard,\n");
    assert!(shown.contains("--> tenants.csv:2:5"), "{shown}");
    assert!(shown.contains("--> tenants.csv:3:1"), "{shown}");
    assert!(shown.contains("--> tenants.csv:3:3"), "{shown}");
}

#[test]
fn twenty_thousand_rows_are_read() {
    let mut table = "name,account_id,template,tier,company\n".to_owned();
    for n in 0..20_000 {
        writeln!(table, "tenant-{n},{n:032x},standard,early,\"Tenant, {n}\"").unwrap();
    }
    let parsed = read(&table);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.spec.unwrap().accounts.len(), 20_000);
    // All of them wrong: the problems are bounded.
    let diagnostics = read(&table.replace("standard", "none-such")).diagnostics;
    assert_eq!(diagnostics.len(), crate::reader::MAX_PROBLEMS + 1);
}

#[test]
fn many_columns_and_many_certificates_are_bounded() {
    let wide = "x,".repeat(1_000_000);
    assert!(read(&wide).spec.is_none());
    let certificates: String = (0..1_000)
        .map(|n| format!("      - {{ name: c{n}, activate: false }}\n"))
        .collect();
    let spec = format!(
        "version: 1\naccounts_from: {{ csv: tenants.csv }}\ntemplates:\n  standard:\n    certificates:\n{certificates}"
    );
    let mut table = "name,account_id,template\n".to_owned();
    for n in 0..5_000 {
        writeln!(table, "tenant-{n},{n:032x},standard").unwrap();
    }
    let parsed = parse(&with(&spec, &table), &OPTIONS);
    let codes: Vec<_> = parsed.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [certctl_model::Code::YamlLimits]);
}

#[test]
fn the_table_is_a_file_beside_the_spec_or_below() {
    for path in [
        "../tenants.csv",
        "/etc/passwd",
        "a/../../b.csv",
        "\"\"",
        "\"${PATH}\"",
    ] {
        let spec = SPEC.replace("tenants.csv", path);
        let options = ParseOptions {
            env: &|_| Some("tenants.csv".to_owned()),
            ..OPTIONS
        };
        let parsed = parse(&sources(&[&spec]), &options);
        let message = &parsed.diagnostics[0].message;
        assert!(
            message.starts_with("`csv` must be a file beside this one"),
            "{path}: {message}"
        );
    }
}

#[test]
fn tables_are_read_with_the_files_that_name_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("tables")).unwrap();
    fs::write(path("a.yaml"), SPEC.replace("tenants.csv", "tables/t.csv")).unwrap();
    let row = format!(
        "name,account_id,template\nacme,{},standard\n",
        "1".repeat(32)
    );
    fs::write(path("tables/t.csv"), row).unwrap();
    let (sources, diagnostics) = read_sources(&[path("a.yaml")]);
    assert_eq!(diagnostics, []);
    let spec = parse(&sources, &OPTIONS).spec.unwrap();
    assert_eq!(
        spec.accounts[0].place.file.as_str(),
        path("tables/t.csv").display().to_string()
    );

    fs::remove_file(path("tables/t.csv")).unwrap();
    let (sources, diagnostics) = read_sources(&[path("a.yaml")]);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].place.as_ref().unwrap().line, 2);
    let parsed = parse(&sources, &OPTIONS);
    assert!(parsed.spec.is_none());
    assert_eq!(parsed.diagnostics, [], "it is said once");
}

#[cfg(unix)]
#[test]
fn a_table_is_no_link_out_of_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("spec")).unwrap();
    fs::write(path("spec/a.yaml"), SPEC).unwrap();
    fs::write(path("secret"), "name,secret\n").unwrap();
    std::os::unix::fs::symlink("../secret", path("spec/tenants.csv")).unwrap();
    let (_, diagnostics) = read_sources(&[path("spec")]);
    assert!(
        diagnostics[0]
            .message
            .contains("is a link to a file outside of its directory")
    );
}
