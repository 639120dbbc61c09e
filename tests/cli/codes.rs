//! `docs/codes.md` lists every code: it is made from the code itself. `UPDATE=1` writes it anew.

use std::fmt::Write as _;

use certctl_model::{Guard, Reason};

use crate::support::{Place, repository};

#[test]
fn all_codes_are_in_the_docs() {
    let path = repository().join("docs/codes.md");
    let expected = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/codes.md is out of date; run this test with UPDATE=1"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Codes\n\n\
         Every code that a document or a message of certctl can hold. They are stable: programs may rely on them.\n",
    );
    let diagnostics = Place::new().certctl("explain --markdown").ok().stdout;
    let _ = write!(
        page,
        "\n## Diagnostics\n\n\
         `diagnostics[].code`, and the word in `error[...]` and `warning[...]`. An error blocks its own account; \
         one in the spec blocks everything. `certctl explain CODE` prints the same.\n\n{diagnostics}"
    );
    let mut section = |title: &str, text: &str, rows: Vec<(&str, &str)>| {
        let _ = write!(
            page,
            "\n## {title}\n\n{text}\n\n| code | meaning |\n|---|---|\n"
        );
        for (code, meaning) in rows {
            let _ = writeln!(page, "| `{code}` | {meaning} |");
        }
    };
    section(
        "Guards",
        "Passed by `--allow GUARD`, or `--allow GUARD:ADDRESS` for one certificate.",
        Guard::ALL
            .iter()
            .map(|guard| (guard.as_str(), guard.meaning()))
            .collect(),
    );
    section(
        "Reasons",
        "`changes[].reason.code`. For people: nothing is decided by them.",
        Reason::ALL
            .iter()
            .map(|reason| (reason.as_str(), reason.meaning()))
            .collect(),
    );
    page
}
