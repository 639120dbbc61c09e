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

/// A type that has such a set.
pub(crate) trait Word: Copy + PartialEq + 'static {
    const WORDS: Words<Self>;
}

/// The word for a value.
pub(crate) fn of<T: Word>(value: T) -> &'static str {
    let found = T::WORDS.iter().find(|(_, other, _)| *other == value);
    found.map_or("", |(word, ..)| word)
}

impl Word for Adopt {
    const WORDS: Words<Self> = &[
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
}

impl Word for DeletionPolicy {
    const WORDS: Words<Self> = &[
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
}

impl Word for SwitchMode {
    const WORDS: Words<Self> = &[
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
}

/// `sse`: which server-side encryption, as S3 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sse {
    /// With keys of S3 itself.
    Aes256,
    /// With a key in KMS.
    Kms,
    /// The same, in two layers.
    KmsDsse,
}

impl Word for Sse {
    const WORDS: Words<Self> = &[
        ("AES256", Sse::Aes256, "With keys of S3 itself."),
        ("aws:kms", Sse::Kms, "With a key in AWS KMS."),
        (
            "aws:kms:dsse",
            Sse::KmsDsse,
            "With a key in AWS KMS, in two layers.",
        ),
    ];
}

fn words_schema<T: Word>() -> Json {
    let mut choices: Vec<Json> = T::WORDS
        .iter()
        .map(|(word, _, meaning)| json!({ "const": word, "description": meaning }))
        .collect();
    choices.push(json!({ "$ref": "#/$defs/variable" }));
    json!({ "anyOf": choices })
}

fn word<T: Word>(node: &Node, key: &str, reader: &Reader<'_>) -> Result<T, Complaint> {
    let text = scalar::text(node, key, reader)?;
    if let Some((_, value, _)) = T::WORDS.iter().find(|(word, ..)| *word == text) {
        return Ok(*value);
    }
    let list: Vec<_> = T::WORDS
        .iter()
        .map(|(word, ..)| format!("`{word}`"))
        .collect();
    let message = format!(
        "`{key}` must be one of {}, found {}",
        list.join(", "),
        scalar::found(node, text)
    );
    let hint = suggest::nearest(text, T::WORDS.iter().map(|(word, ..)| *word))
        .filter(|_| !node.mark.variable)
        .map(|near| format!("did you mean `{near}`?"));
    Err(Complaint::new(Code::InvalidValue, message).hint(hint))
}

impl Value for Adopt {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema::<Self>()
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(node, key, reader)
    }
}

impl Value for DeletionPolicy {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema::<Self>()
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(node, key, reader)
    }
}

impl Value for SwitchMode {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema::<Self>()
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(node, key, reader)
    }
}

impl Value for Sse {
    type Out<'n> = Self;

    fn schema() -> Json {
        words_schema::<Self>()
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Self, Complaint> {
        word(node, key, reader)
    }
}
