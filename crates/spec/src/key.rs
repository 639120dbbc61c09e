//! What a key of the format is.
//!
//! The table of [`crate::format`] is made of these. From one entry follow the check for unknown
//! keys, the check for missing ones, the type of what is read, and the JSON Schema, so that none of
//! them can forget a key that another knows.

use std::marker::PhantomData;

use serde_json::{Map, Value as Json, json};

use crate::value::Value;

/// A key whose value is a `T`.
#[derive(Debug)]
pub(crate) struct Key<T> {
    name: &'static str,
    about: &'static str,
    hint: Option<&'static str>,
    required: bool,
    nullable: bool,
    value: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    /// A key that may be left out. `about` is what editors show.
    pub(crate) const fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            hint: None,
            required: false,
            nullable: false,
            value: PhantomData,
        }
    }

    /// The same, but it must be there; the hint says what to write.
    pub(crate) const fn required(self, hint: &'static str) -> Self {
        Self {
            required: true,
            ..self.hint(hint)
        }
    }

    /// The same, with what to write where it has no value.
    pub(crate) const fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// The same, and `null` stops what it would inherit.
    pub(crate) const fn nullable(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }
}

/// A key without the type of its value, so that a table can hold them all.
pub(crate) trait Described: Sync {
    /// The key as it is written.
    fn name(&self) -> &'static str;
    /// Whether it must be there.
    fn required(&self) -> bool;
    /// What to write where it has no value.
    fn hint(&self) -> Option<&'static str>;
    /// Whether it may be `null`.
    fn nullable(&self) -> bool;
    /// The JSON Schema of its value.
    fn schema(&self) -> Json;
}

impl<T: Value> Described for Key<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn required(&self) -> bool {
        self.required
    }

    fn hint(&self) -> Option<&'static str> {
        self.hint
    }

    fn nullable(&self) -> bool {
        self.nullable
    }

    fn schema(&self) -> Json {
        described(T::schema(), self.nullable, self.about)
    }
}

/// A mapping of the format.
pub(crate) trait Mapping {
    /// What one is called in the schema and, with an article, in messages.
    const NAME: &'static str;
    /// The article.
    const ARTICLE: &'static str = "a";
    /// What it is for; editors show it.
    const ABOUT: &'static str;
    /// Its keys, in groups so that shapes can share them.
    const KEYS: &'static [&'static [&'static dyn Described]];

    /// Keys of which at least one must be there; the first is the usual one.
    const ONE_OF: &'static [&'static str] = &[];
    /// Whether only one of those may be there.
    const EXCLUSIVE: bool = false;
    /// What to write where none of them is.
    const ONE_OF_HINT: &'static str = "";

    /// Its keys.
    fn keys() -> impl Iterator<Item = &'static dyn Described> {
        Self::KEYS.iter().flat_map(|group| group.iter().copied())
    }

    /// The keys' names, as a list for people.
    fn listed() -> String {
        let names: Vec<_> = Self::keys()
            .map(|key| format!("`{}`", key.name()))
            .collect();
        names.join(", ")
    }

    /// Its JSON Schema.
    fn schema() -> Json {
        let keys: Vec<_> = Self::keys().collect();
        let mut schema = object(Self::ABOUT, &keys);
        if !Self::ONE_OF.is_empty() {
            let one_of = Self::ONE_OF.iter().map(|key| json!({ "required": [key] }));
            let word = if Self::EXCLUSIVE { "oneOf" } else { "anyOf" };
            schema.insert(word.to_owned(), one_of.collect());
        }
        schema.into()
    }
}

/// The JSON Schema of a mapping with these keys.
fn object(about: &str, keys: &[&dyn Described]) -> Map<String, Json> {
    let properties: Map<_, _> = keys
        .iter()
        .map(|key| (key.name().to_owned(), key.schema()))
        .collect();
    let required: Vec<_> = keys
        .iter()
        .filter(|key| key.required())
        .map(|key| key.name())
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("description".to_owned(), about.into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

/// The JSON Schema of a key, from that of its value.
fn described(mut schema: Json, nullable: bool, about: &str) -> Json {
    if nullable {
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    }
    if let Json::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), about.into());
    }
    schema
}
