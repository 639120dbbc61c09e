//! The engine: serde-saphyr, through one untyped visitor.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, Spanned};

use super::fault::{Fault, locate};
use super::node::{Kind, MAX_ALIASES, MAX_BYTES, MAX_DEPTH, MAX_NODES, Mark, Node};

/// Reads one file. `Ok(None)`: it holds nothing but comments.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    if text.len() > MAX_BYTES {
        return Err(Fault::too_large());
    }
    let roots = serde_saphyr::from_multiple_with_options::<Raw>(text, options())
        .map_err(|error| Fault::from_engine(&error, text))?;
    let mut roots = roots.into_iter();
    let (first, second) = (roots.next(), roots.next());
    if let Some(second) = second {
        return Err(Fault::second_document(mark(&second.0, text), text));
    }
    Ok(first.map(|root| place(root, text)))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 2 * MAX_NODES,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_recorded_anchor_events: MAX_NODES / 10,
            max_recorded_anchor_bytes: 2 * MAX_BYTES,
            max_total_scalar_bytes: 2 * MAX_BYTES,
            // Many aliases of one anchor are how people share a rotation; their number is bounded.
            enforce_alias_anchor_ratio: false,
        },
        // Long comments between keys would otherwise count against a small buffer.
        emit_comments: false,
        // Passed on, so that every duplicate is reported, each with its first.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        // `<<` is not YAML 1.2, and half of all engines ignore it: an unknown key like any other.
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

/// What the engine gives: [`Node`], before the source is looked at.
struct Raw(Spanned<RawKind>);

enum RawKind {
    Scalar(Kind),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for RawKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind)
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = RawKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Null))
    }

    fn visit_none<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Int(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Int(value.into())))
    }

    fn visit_i128<E>(self, value: i128) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Int(value)))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<RawKind, E> {
        let value = i128::try_from(value).map_err(|_| E::custom("a number is too large"))?;
        Ok(RawKind::Scalar(Kind::Int(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Kind::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawKind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
            if entries.len() > MAX_NODES {
                return Err(A::Error::custom("a mapping is too large"));
            }
        }
        Ok(RawKind::Map(entries))
    }
}

/// Gives every value its place in the source.
fn place(Raw(raw): Raw, text: &str) -> Node {
    let mut at = mark(&raw, text);
    let kind = match raw.value {
        RawKind::Scalar(kind) => kind,
        RawKind::List(items) => {
            Kind::List(items.into_iter().map(|item| place(item, text)).collect())
        }
        RawKind::Map(entries) => {
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| (place(key, text), place(value, text)))
                .collect();
            // A mapping has no token of its own; its first key is what people see.
            if let Some((key, _)) = entries.first() {
                at = key.mark;
            }
            Kind::Map(entries)
        }
    };
    Node { kind, mark: at }
}

fn mark<T>(spanned: &Spanned<T>, text: &str) -> Mark {
    let defined = locate(spanned.defined, text);
    Mark {
        plain: defined.plain,
        ..locate(spanned.referenced, text)
    }
}
