//! The planner's corpus: one directory per lesson.
//!
//! `NNN-name/` holds `case.yaml` (the lesson, `now`, options), `spec.yaml`, `observed.yaml`, where it
//! matters `state.yaml`, and what is planned from them, `plan.snap`. Unchanged rows are collapsed.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the planner reads no files; what it is tested with does"
)]

mod decisions;
mod input;
#[path = "../../crates/planner/tests/support/lint.rs"]
mod lint;
mod show;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use certctl_plan::{Plan, json, json_schema, parse_json};
use certctl_planner::plan_account;

use crate::input::Inputs;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases")
}

/// The directories of the corpus, in order.
fn directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = fs::read_dir(corpus())
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    directories.sort();
    directories
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

#[test]
fn every_case_plans_what_its_snapshot_says() {
    let failed: Vec<String> = directories()
        .iter()
        .filter(|directory| catch_unwind(|| run(directory)).is_err())
        .map(|directory| name_of(directory))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn run(directory: &Path) {
    let inputs = Inputs::read(directory);
    let input = inputs.account_input();
    let outcome = plan_account(&input, &inputs.options, inputs.now);
    lint::check(&input, &inputs.options, inputs.now, &outcome);
    let plan = Plan::assemble(vec![outcome], Vec::new(), &inputs.options, inputs.now);
    fits_the_schema(&plan);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(fs::canonicalize(directory).expect("a path"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(inputs.lesson);
    settings.bind(|| insta::assert_snapshot!("plan", show::plan(&plan)));
}

/// Every plan is a document that others can rely on, and that we read back.
fn fits_the_schema(plan: &Plan) {
    static SCHEMA: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::draft202012::new(&json_schema()).expect("a schema"));
    let text = json(plan);
    let document = serde_json::from_str(&text).expect("JSON");
    let errors: Vec<String> = SCHEMA
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    let read = parse_json(&text).expect("a plan that can be read");
    assert_eq!(read.digest, plan.digest);
}

#[test]
fn no_directory_is_forgotten_and_each_has_one_lesson() {
    let mut numbers = BTreeSet::new();
    let mut lessons = BTreeSet::new();
    for directory in directories() {
        let name = name_of(&directory);
        let (number, words) = name.split_once('-').expect("NNN-name");
        assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{name}");
        assert!(!words.is_empty(), "{name}");
        assert!(numbers.insert(number.to_owned()), "{name}: number taken");
        let held: BTreeSet<String> = fs::read_dir(&directory)
            .expect("a case")
            .map(|entry| name_of(&entry.expect("an entry").path()))
            .collect();
        for needed in ["case.yaml", "spec.yaml", "observed.yaml", "plan.snap"] {
            assert!(held.contains(needed), "{name} lacks {needed}");
        }
        assert!(
            held.len() == 4 || (held.len() == 5 && held.contains("state.yaml")),
            "{name}: {held:?}"
        );
        let lesson = Inputs::read(&directory).lesson;
        assert!(lesson.len() > 20, "{name} has no lesson");
        assert!(lessons.insert(lesson), "{name}: a lesson that is taken");
    }
    assert!(numbers.len() >= 45);
}
