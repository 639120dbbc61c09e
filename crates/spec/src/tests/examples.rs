//! The examples parse, and the JSON Schema is current and agrees with the parser.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{acme, read};
use crate::{Mode, ParseOptions, json_schema, parse, read_sources, render};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// The directories of examples that hold a spec.
fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let holds_spec = |path: &PathBuf| {
        path.is_dir()
            && fs::read_dir(path).unwrap().any(|entry| {
                entry
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|ext| ext == "yaml")
            })
    };
    let mut examples: Vec<_> = entries.filter(holds_spec).collect();
    examples.sort();
    examples
}

/// The specs among the examples, with their texts. Pipelines and the like declare no version.
pub(super) fn texts() -> Vec<(String, String)> {
    let (sources, diagnostics) = read_sources(&examples());
    assert_eq!(diagnostics, []);
    let specs = sources
        .iter()
        .filter(|source| source.text.contains("\nversion: 1\n"));
    specs
        .map(|source| (source.name.clone(), source.text.clone()))
        .collect()
}

/// Whether the schema accepts this text; says why not.
fn accepted(text: &str) -> Result<(), String> {
    let instance: Json = serde_yaml::from_str(text).unwrap();
    let validator = jsonschema::draft202012::new(&json_schema()).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("\n"))
    }
}

#[test]
fn every_example_is_right() {
    assert!(examples().len() >= 6);
    let env = |name: &str| (name == "ACME_LAB_ACCOUNT_ID").then(|| "f".repeat(32));
    for example in examples() {
        let (sources, diagnostics) = read_sources(std::slice::from_ref(&example));
        assert_eq!(diagnostics, []);
        if !sources
            .iter()
            .all(|source| source.text.contains("\nversion: 1\n"))
        {
            continue;
        }
        let options = ParseOptions {
            env: &env,
            mode: Mode::Use,
            accounts: &[],
        };
        let parsed = parse(&sources, &options);
        let shown = render(&parsed.diagnostics, &sources, false);
        assert!(
            parsed.spec.is_some() && shown.is_empty(),
            "{}\n{shown}",
            example.display()
        );
    }
}

#[test]
fn every_example_validates_against_the_schema() {
    for (name, text) in texts() {
        assert_eq!(accepted(&text), Ok(()), "{name}");
        let first = text.lines().next().unwrap();
        assert_eq!(
            first, "# yaml-language-server: $schema=../spec.schema.json",
            "{name}"
        );
    }
}

/// `UPDATE=1 cargo test -p certctl-spec`, or `certctl schema spec > examples/spec.schema.json`,
/// writes it anew.
#[test]
fn the_schema_in_examples_is_current() {
    let path = directory().join("spec.schema.json");
    let current = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    // Compared as values: another crate of the workspace may make `serde_json` keep another order.
    let kept: Json = serde_json::from_str(&kept).unwrap_or_default();
    assert!(
        kept == json_schema(),
        "run: certctl schema spec > examples/spec.schema.json"
    );
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&json_schema()));
}

#[test]
fn schema_and_parser_agree_about_one_certificate() {
    for (certificate, right) in [
        ("{ name: a }", true),
        (
            "{ name: a, validity_period_days: 10950, activate: null, in_use: ~ }",
            true,
        ),
        (
            "{ name: a, rotation: null, lifecycle: null, import: null, moved_from: null }",
            true,
        ),
        (
            "{ name: a, rotation: { renew_before: 1d 12h, trust_period: 36h, retire_after: 0s } }",
            false,
        ),
        (
            "{ name: a, rotation: { renew_before: 2d 12h, trust_period: 36h, retire_after: 0s } }",
            true,
        ),
        (
            "{ name: a, lifecycle: { prevent_destroy: true, deletion_policy: retain } }",
            true,
        ),
        ("{ name: a, import: none }", true),
        ("{}", false),
        ("{ name: null }", false),
        ("{ name: A }", false),
        ("{ name: a, validity_period_days: 0 }", false),
        ("{ name: a, validity_period_days: 10951 }", false),
        ("{ name: a, validity_period_days: '365' }", false),
        ("{ name: a, in_use: yes }", false),
        ("{ name: a, colour: red }", false),
        ("{ name: a, rotation: { renew_before: 90 } }", false),
        ("{ name: a, rotation: { renew_before: 1y } }", false),
        ("{ name: a, rotation: { window: 1d } }", false),
        (
            "{ name: a, lifecycle: { deletion_policy: destroy } }",
            false,
        ),
        ("{ name: a, import: not an id }", false),
        ("[]", false),
    ] {
        let text = acme(&format!("      - {certificate}\n"));
        let parsed = read(&[&text]).spec.is_some();
        assert_eq!(parsed, right, "{certificate}");
        // What a schema cannot say: how periods compare.
        let comparison = certificate.contains("1d 12h");
        assert_eq!(
            accepted(&text).is_ok(),
            right || comparison,
            "{certificate}"
        );
    }
}

#[test]
fn the_schema_takes_variables() {
    let text = acme(
        "      - { name: \"${N}\", validity_period_days: \"${D}\", in_use: \"${B}\", import: \"${I}\" }\n",
    );
    assert_eq!(accepted(&text), Ok(()));
    assert_eq!(
        accepted(&text.replace("699d98642c564d2e855e9661899b7252", "${ID}")),
        Ok(())
    );
}
