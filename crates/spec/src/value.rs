//! What a value can be, and what is said when it is something else.

mod kinds;
mod limits;
mod words;

use std::marker::PhantomData;

use certctl_model::Code;
use serde_json::{Value as Json, json};

pub(crate) use kinds::{Line, StateUrl, Version};
pub(crate) use limits::{Addresses, Count};

use crate::fields::Fields;
use crate::key::Shape;
use crate::reader::Reader;
use crate::yaml::{Kind, Node};

/// A type of value: how it is read and what the JSON Schema says of it.
pub(crate) trait Value {
    /// What is read from a node.
    type Out<'n>;
    /// The schema, without its description.
    fn schema() -> Json;
    /// Reads it. The node is neither null nor unknown. Problems of what it holds go to the reader;
    /// its own is returned.
    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Self::Out<'n>, Complaint>;
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Complaint {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// It should have been something else.
    pub(crate) fn wrong_type(key: &str, expected: &str, found: &Kind) -> Self {
        let message = format!("`{key}` must be {expected}, found {}", found.what());
        Self::new(Code::WrongType, message)
    }
}

/// A nested mapping.
#[derive(Debug)]
pub(crate) struct Map<S>(PhantomData<fn() -> S>);

/// A list of mappings.
#[derive(Debug)]
pub(crate) struct List<S>(PhantomData<fn() -> S>);

/// A text from a file, cut to a length that a message can bear.
pub(crate) fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

impl<S: Shape> Value for Map<S> {
    type Out<'n> = Fields<'n>;

    fn schema() -> Json {
        json!({ "$ref": format!("#/$defs/{}", S::NAME) })
    }

    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Fields<'n>, Complaint> {
        match &node.kind {
            Kind::Map(entries) => Ok(Fields::read::<S>(entries, node.mark, reader)),
            other => Err(Complaint::wrong_type(key, "a mapping", other)
                .hint(Some(format!("its keys are {}", S::listed())))),
        }
    }
}

impl<S: Shape> Value for List<S> {
    type Out<'n> = Vec<Fields<'n>>;

    fn schema() -> Json {
        json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", S::NAME) } })
    }

    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Vec<Fields<'n>>, Complaint> {
        let Kind::List(items) = &node.kind else {
            let hint = matches!(node.kind, Kind::Map(_))
                .then(|| format!("start each {} with `- `", S::NAME));
            return Err(Complaint::wrong_type(key, "a list", &node.kind).hint(hint));
        };
        let mut read = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                Kind::Map(entries) => read.push(Fields::read::<S>(entries, item.mark, reader)),
                other => {
                    let (article, name) = (S::ARTICLE, S::NAME);
                    let found = other.what();
                    let complaint = Complaint::new(
                        Code::WrongType,
                        format!("{article} {name} must be a mapping, found {found}"),
                    );
                    let hint = format!("its keys are {}", S::listed());
                    reader.complain(complaint.hint(Some(hint)), item.mark);
                }
            }
        }
        Ok(read)
    }
}
