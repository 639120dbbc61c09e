//! Another engine reads every valid spec as the same tree, and no text makes ours panic.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::{ACME, examples, read, shown};
use crate::yaml::parse;

/// What each engine makes of a text.
fn both(text: &str) -> (Json, Json) {
    let ours = parse(text).unwrap().unwrap().to_json();
    (ours, serde_yaml::from_str(text).unwrap())
}

#[test]
fn both_read_every_example_alike() {
    let texts = examples::texts();
    assert!(texts.len() >= 7);
    for (name, text) in texts {
        let (ours, theirs) = both(&text);
        assert_eq!(ours, theirs, "{name}");
    }
}

/// A scalar in one of the ways to write it.
fn written(text: String) -> impl Strategy<Value = String> {
    prop_oneof![
        Just(text.clone()),
        Just(format!("'{text}'")),
        Just(format!("\"{text}\"")),
        Just(format!("{text} # {text}")),
    ]
}

fn period() -> impl Strategy<Value = String> {
    (1..60_u32, prop_oneof![Just("h"), Just("m"), Just("s")])
        .prop_flat_map(|(n, unit)| written(format!("{n}{unit}")))
}

fn flag() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["true", "false", "True", "FALSE", "null", "~", ""])
        .prop_map(str::to_owned)
}

/// Some of the keys that a certificate may have, each on its own line.
fn keys() -> impl Strategy<Value = Vec<String>> {
    let days = (1..=10_950_u32).prop_map(|n| format!("validity_period_days: {n}"));
    let rotation = (period(), prop::bool::ANY).prop_map(|(period, block)| {
        let flow = !block && !period.contains('#');
        if flow {
            format!("rotation: {{ trust_period: {period} }}")
        } else {
            format!("rotation:\n          trust_period: {period}")
        }
    });
    let policy = prop::sample::select(vec!["delete", "deactivate", "retain"])
        .prop_flat_map(|word| written(word.to_owned()))
        .prop_map(|word| format!("lifecycle:\n          deletion_policy: {word}"));
    let import = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        .prop_map(|id| format!("import: {id}"));
    let optional = (
        prop::option::of(days),
        prop::option::of(flag().prop_map(|flag| format!("activate: {flag}"))),
        prop::option::of(rotation),
        prop::option::of(policy),
        prop::option::of(import),
    );
    optional.prop_map(|(a, b, c, d, e)| [a, b, c, d, e].into_iter().flatten().collect())
}

/// A spec that is right, written in one of many ways.
fn spec() -> impl Strategy<Value = String> {
    let certificates = prop::collection::vec((keys(), prop::bool::ANY), 0..5);
    (certificates, prop::bool::ANY, prop::bool::ANY).prop_map(|(certificates, carriage, start)| {
        let mut text = if start {
            format!("---\n{ACME}")
        } else {
            ACME.to_owned()
        };
        if certificates.is_empty() {
            text.push_str("      []\n");
        }
        for (number, (keys, comment)) in certificates.into_iter().enumerate() {
            text.push_str(&format!("      - name: c{number}\n"));
            if comment {
                text.push_str("        # é: [\n\n");
            }
            for key in keys {
                text.push_str(&format!("        {key}\n"));
            }
        }
        if carriage {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

/// Pieces of YAML that are dangerous next to each other.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "version: 1\n",
        "accounts:\n",
        "  - ",
        "name: ",
        "a",
        "\n",
        "\r\n",
        "\t",
        ": ",
        "- ",
        "? ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&a ",
        "*a",
        "|\n",
        ">-\n",
        "\"",
        "'",
        "#",
        "${",
        "${X}",
        "}",
        "$${",
        "!!str ",
        "<<: ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "é",
        "🦀",
        "\u{0}",
        "\u{1b}",
        "\u{feff}",
        "\u{2028}",
        "certificates: []\n",
        "    ",
        "rotation: {renew_before: 1d}\n",
        "~",
        "1.5",
        "999",
        "defaults:\n",
        "in_use: true\n",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn both_read_generated_specs_alike(text in spec()) {
        let parsed = read(&[&text]);
        prop_assert!(parsed.spec.is_some(), "{}\n{:?}", text, parsed.diagnostics);
        let (ours, theirs) = both(&text);
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn no_text_panics(text in prop_oneof![".*", soup(), soup().prop_map(|soup| format!("{ACME}{soup}"))]) {
        let shown = shown(&[&text]);
        let harmless = |c: char| c == '\n' || !c.is_control();
        prop_assert!(shown.chars().all(harmless), "{:?}", shown);
    }

    #[test]
    fn diagnostics_come_in_source_order(text in soup()) {
        let text = format!("{ACME}{text}");
        let parsed = read(&[&text, &text]);
        let places: Vec<_> = parsed.diagnostics.iter().filter_map(|d| d.place.clone()).collect();
        prop_assert!(places.is_sorted(), "{:?}", places);
    }
}
