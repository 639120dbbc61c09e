//! Documents that somebody kept: a plan of format 1.0 stays readable, and stays what the schema says.
//!
//! The file is not made anew. Where a later certctl cannot read it any more, that is what broke.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "the planner reads no files; what it is tested with does"
)]

use std::path::Path;

use certctl_plan::{Options, json, json_schema, parse_json};
use certctl_render::{Style, human, markdown};
use serde_json::Value;

fn kept() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat/plan-1.0.json");
    std::fs::read_to_string(path).expect("the document")
}

/// Whether everything that `old` says stands in `new`, which may say more.
fn holds(new: &Value, old: &Value, at: &str) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (key, old) in old {
                let at = format!("{at}/{key}");
                holds(new.get(key).unwrap_or(&Value::Null), old, &at);
            }
        }
        (Value::Array(new), Value::Array(old)) => {
            assert_eq!(new.len(), old.len(), "{at}");
            for (n, (new, old)) in new.iter().zip(old).enumerate() {
                holds(new, old, &format!("{at}/{n}"));
            }
        }
        _ => assert_eq!(new, old, "{at}"),
    }
}

#[test]
fn a_plan_of_format_1_0_is_read_whole() {
    let text = kept();
    let plan = parse_json(&text).expect("a plan");
    let old: Value = serde_json::from_str(&text).expect("JSON");
    let new: Value = serde_json::from_str(&json(&plan)).expect("JSON");
    holds(&new, &old, "");
    Options::from_words(&plan.options).expect("options that are still known");
    assert!(human(&plan, Style::default()).contains("acme/new-name"));
    assert!(markdown(&plan, &Default::default()).contains("### Waits"));
}

#[test]
fn it_fits_the_schema_of_today() {
    let document: Value = serde_json::from_str(&kept()).expect("JSON");
    let validator = jsonschema::draft202012::new(&json_schema()).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn what_a_later_minor_version_adds_is_passed_over() {
    let of_today = json(&parse_json(&kept()).expect("a plan"));
    let text = of_today
        .replacen(
            "\"format_version\": \"1.0\"",
            "\"format_version\": \"1.7\"",
            1,
        )
        .replace(
            "\"kind\": \"plan\"",
            "\"kind\": \"plan\", \"mood\": { \"of\": [\"day\"] }",
        )
        .replace("\"change\": \"", "\"shade\": null, \"change\": \"");
    parse_json(&text).expect("a plan");
    let later = of_today.replacen(
        "\"format_version\": \"1.0\"",
        "\"format_version\": \"2.0\"",
        1,
    );
    parse_json(&later).expect_err("another major version");
}
