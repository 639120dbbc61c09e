//! Values that are one of a few words.

use certctl_model::{Code, DeletionPolicy};
use serde_json::{Value as Json, json};

use super::Value;
use crate::complaint::Complaint;
use crate::reader::Reader;
use crate::spec::{Adopt, SwitchMode};
use crate::yaml::Node;
use crate::{scalar, suggest};

/// The words of a closed set, each with what it means.
type Words<T> = &'static [(&'static str, T, &'static str)];

const ADOPT: Words<Adopt> = &[
    ("ask", Adopt::Ask, "Stop and ask which is meant."),
    (
        "matching",
        Adopt::Matching,
        "Take over the one that fits, if exactly one does.",
    ),
    (
        "never",
        Adopt::Never,
        "Leave it alone and create a new one.",
    ),
];

const DELETION: Words<DeletionPolicy> = &[
    (
        "delete",
        DeletionPolicy::Delete,
        "Deactivate it, then delete it.",
    ),
    (
        "deactivate",
        DeletionPolicy::Deactivate,
        "Deactivate it, then forget it.",
    ),
    (
        "retain",
        DeletionPolicy::Retain,
        "Leave it as it is and forget it.",
    ),
];

const SWITCH: Words<SwitchMode> = &[
    (
        "auto",
        SwitchMode::Auto,
        "Switch once the trust period is over.",
    ),
    (
        "hold",
        SwitchMode::Hold,
        "Then wait for `certctl apply --resume ADDRESS`.",
    ),
];

fn words_schema<T>(words: Words<T>) -> Json {
    let mut choices: Vec<Json> = words
        .iter()
        .map(|(word, _, meaning)| json!({ "const": word, "description": meaning }))
        .collect();
    choices.push(json!({ "$ref": "#/$defs/variable" }));
    json!({ "anyOf": choices })
}

fn word<T: Copy>(
    words: Words<T>,
    node: &Node,
    key: &str,
    reader: &Reader<'_>,
) -> Result<T, Complaint> {
    let text = scalar::text(node, key, reader.text())?;
    if let Some((_, value, _)) = words.iter().find(|(word, ..)| *word == text) {
        return Ok(*value);
    }
    let list: Vec<_> = words.iter().map(|(word, ..)| format!("`{word}`")).collect();
    let message = format!(
        "`{key}` must be one of {}, found {}",
        list.join(", "),
        scalar::found(node, text)
    );
    let hint = suggest::nearest(text, words.iter().map(|(word, ..)| *word))
        .filter(|_| !node.mark.variable)
        .map(|near| format!("did you mean `{near}`?"));
    Err(Complaint::new(Code::InvalidValue, message).hint(hint))
}

impl Value for Adopt {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema(ADOPT)
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(ADOPT, node, key, reader)
    }
}

impl Value for DeletionPolicy {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema(DELETION)
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(DELETION, node, key, reader)
    }
}

impl Value for SwitchMode {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema(SWITCH)
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(SWITCH, node, key, reader)
    }
}
