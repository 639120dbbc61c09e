//! The pages of `docs/` that are made from the program itself: the commands, the keys of a spec, the codes.
//! `UPDATE=1` writes them anew.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Place, repository};

/// The notes on the keys of a spec that no schema holds: when a key may change, and an example.
const NOTES: &str = include_str!("reference/spec.yaml");

/// Holds a page against what it should be.
fn hold(name: &str, expected: &str) {
    let path = repository().join("docs").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{name} is out of date; run this test with UPDATE=1"
    );
}

#[test]
fn every_command_and_option_is_in_the_docs() {
    let place = Place::new();
    let mut page = String::from(
        "# Commands\n\n\
         What `certctl help COMMAND` prints, for every command. Made from the program itself.\n",
    );
    let mut commands = vec![Vec::new()];
    while !commands.is_empty() {
        let words: Vec<String> = commands.remove(0);
        let typed = words.join(" ");
        let help = place.certctl(format!("{typed} --help").trim()).ok().stdout;
        let help: String = help
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        let title = format!("certctl {typed}");
        let _ = write!(
            page,
            "\n## {}\n\n```text\n{}\n```\n",
            title.trim(),
            help.trim()
        );
        let below = subcommands(&help).into_iter().map(|name| {
            let mut words = words.clone();
            words.push(name);
            words
        });
        // A command comes before those of its neighbour.
        commands.splice(0..0, below);
    }
    assert!(page.matches("\n## ").count() > 20, "{page}");
    hold("cli.md", &page);
}

/// The names below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    list.lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_key_of_a_spec_is_in_the_docs() {
    let schema = Place::new().certctl("schema spec").ok().json();
    let notes: serde_yaml::Value = serde_yaml::from_str(NOTES).unwrap();
    let mut page = String::from(
        "# The spec\n\n\
         Every key of `certctl.yaml`, made from the table with which certctl reads a file. `certctl schema` prints \
         the same as a JSON Schema, for editors. [Start](start.md) shows a first file; `examples/` has more.\n\n\
         Values may come from the environment: `${NAME}`. Durations are `90d`, `36h`, `15m`, `0s`, or sums of them. An \
         unknown key is an error, with its line and the nearest key that exists.\n",
    );
    let mut missing = Vec::new();
    section(&mut page, "The file", &schema, "", &notes, &mut missing);
    for (name, shape) in schema["$defs"].as_object().unwrap() {
        if shape["properties"].is_object() {
            section(
                &mut page,
                &format!("`{name}`"),
                shape,
                name,
                &notes,
                &mut missing,
            );
        }
    }
    assert!(
        missing.is_empty(),
        "tests/cli/reference/spec.yaml says nothing about {missing:?}"
    );
    hold("spec.md", &page);
}

fn section(
    page: &mut String,
    title: &str,
    shape: &Value,
    name: &str,
    notes: &serde_yaml::Value,
    missing: &mut Vec<String>,
) {
    let _ = write!(page, "\n## {title}\n");
    if let Some(text) = shape["description"].as_str() {
        let _ = write!(page, "\n{text}\n");
    }
    let required: Vec<&str> = shape["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let _ = write!(
        page,
        "\n| key | type | meaning | when it changes | example |\n|---|---|---|---|---|\n"
    );
    for (key, schema) in shape["properties"].as_object().unwrap() {
        let path = format!("{name}.{key}");
        let note = &notes[path.trim_start_matches('.')];
        let (Some(change), Some(example)) = (note["change"].as_str(), note["example"].as_str())
        else {
            missing.push(path);
            continue;
        };
        let must = if required.contains(&key.as_str()) {
            " **Required.**"
        } else {
            ""
        };
        let _ = writeln!(
            page,
            "| `{key}` | {} | {}{must}{} | {change} | `{example}` |",
            kind(schema).replace('|', "\\|"),
            schema["description"]
                .as_str()
                .unwrap_or_default()
                .replace('|', "\\|"),
            words(schema),
        );
    }
}

/// What a value has to be.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return format!("[`{name}`](#{name})");
    }
    if let Some(kinds) = schema["type"].as_array() {
        let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
        return kinds.join(" or ");
    }
    if !schema["const"].is_null() {
        return format!("`{}`", schema["const"]);
    }
    if let (Some(least), Some(most)) = (schema["minimum"].as_u64(), schema["maximum"].as_u64()) {
        return format!("{least} to {most}");
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some(kind) => kind.to_owned(),
        None => {
            let any = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
            let kinds: Vec<String> = any
                .into_iter()
                .flatten()
                .filter(|one| one["$ref"] != "#/$defs/variable")
                .map(|one| match &one["const"] {
                    Value::Null => kind(one),
                    word => format!("`{}`", word.to_string().trim_matches('"')),
                })
                .collect();
            let mut unique: Vec<String> = Vec::new();
            for one in kinds.into_iter().filter(|one| !one.is_empty()) {
                if !unique.contains(&one) {
                    unique.push(one);
                }
            }
            unique.join(" or ")
        }
    }
}

/// What each of a few words means.
fn words(schema: &Value) -> String {
    let any = schema["anyOf"].as_array().into_iter().flatten();
    any.filter_map(|one| Some((one["const"].as_str()?, one["description"].as_str()?)))
        .map(|(word, meaning)| format!(" `{word}`: {meaning}"))
        .collect()
}
