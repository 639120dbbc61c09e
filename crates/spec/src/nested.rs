//! Values that hold mappings: one, or a list of them.

use std::collections::HashMap;
use std::marker::PhantomData;

use certctl_model::{Code, Diagnostic, Name, Place};
use serde_json::{Value as Json, json};

use crate::complaint::Complaint;
use crate::fields::Fields;
use crate::key::Mapping;
use crate::reader::Reader;
use crate::value::Value;
use crate::yaml::{Kind, Mark, Node};

/// A nested mapping.
#[derive(Debug)]
pub(crate) struct Map<S>(PhantomData<fn() -> S>);

/// A list of mappings.
#[derive(Debug)]
pub(crate) struct List<S>(PhantomData<fn() -> S>);

/// Mappings, each under a name.
#[derive(Debug)]
pub(crate) struct Named<S>(PhantomData<fn() -> S>);

/// One value, or a mapping that says more.
#[derive(Debug)]
pub(crate) struct Either<T, S>(PhantomData<fn() -> (T, S)>);

/// Which of the two it is.
#[derive(Debug)]
pub(crate) enum Said<'n, T> {
    /// The value alone.
    Alone(T),
    /// The mapping.
    Keys(Fields<'n>),
}

impl<T: Value, S: Mapping> Value for Either<T, S> {
    type Out<'n> = Said<'n, T::Out<'n>>;

    fn schema() -> Json {
        json!({ "anyOf": [T::schema(), Map::<S>::schema()] })
    }

    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Self::Out<'n>, Complaint> {
        match &node.kind {
            Kind::Map(_) => Map::<S>::read(node, key, reader).map(Said::Keys),
            _ => T::read(node, key, reader).map(Said::Alone),
        }
    }
}

impl<S: Mapping> Value for Map<S> {
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

impl<S: Mapping> Value for List<S> {
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

impl<S: Mapping> Value for Named<S> {
    type Out<'n> = Vec<(Name, Fields<'n>)>;

    fn schema() -> Json {
        json!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z0-9-]{1,63}$" },
            "additionalProperties": { "$ref": format!("#/$defs/{}", S::NAME) },
        })
    }

    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Self::Out<'n>, Complaint> {
        let Kind::Map(entries) = &node.kind else {
            let hint = format!("write each {} under a name", S::NAME);
            return Err(Complaint::wrong_type(key, "a mapping", &node.kind).hint(Some(hint)));
        };
        let mut read = Vec::with_capacity(entries.len());
        let mut seen: HashMap<Name, Mark> = HashMap::new();
        for (key, value) in entries {
            let name = match Name::read(key, S::NAME, reader) {
                Ok(name) => name,
                Err(complaint) => {
                    reader.complain(complaint, key.mark);
                    continue;
                }
            };
            if let Some(first) = seen.insert(name.clone(), key.mark) {
                reader.report(twice(
                    &name,
                    S::NAME,
                    reader.place(key.mark),
                    reader.place(first),
                ));
                continue;
            }
            match &value.kind {
                Kind::Map(entries) => {
                    let fields = Fields::read::<S>(entries, key.mark, reader);
                    read.push((name, fields));
                }
                other => {
                    let (article, what) = (S::ARTICLE, S::NAME);
                    let message =
                        format!("{article} {what} must be a mapping, found {}", other.what());
                    let hint = format!("its keys are {}", S::listed());
                    let complaint = Complaint::new(Code::WrongType, message);
                    reader.complain(complaint.hint(Some(hint)), key.mark);
                }
            }
        }
        Ok(read)
    }
}

fn twice(name: &Name, what: &str, at: Place, first: Place) -> Diagnostic {
    Diagnostic::error(
        Code::DuplicateKey,
        format!("{what} `{name}` is given twice"),
    )
    .at(Some(at))
    .related(first, "first given here")
    .hint("keep one of the two, or rename it")
}
