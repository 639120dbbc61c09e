//! `labels`: words under keys.

use std::collections::BTreeMap;

use certctl_model::Code;
use serde_json::{Value as Json, json};

use super::Value;
use super::kinds::string;
use crate::complaint::{Complaint, brief};
use crate::reader::Reader;
use crate::yaml::{Kind, Node};
use crate::{labels, scalar};

/// The labels of an account.
#[derive(Debug)]
pub(crate) struct Labels;

impl Value for Labels {
    type Out<'n> = BTreeMap<String, String>;

    fn schema() -> Json {
        json!({
            "type": "object",
            "propertyNames": { "pattern": labels::KEY_PATTERN },
            "additionalProperties": string(&format!("^.{{1,{}}}$", labels::MAX_VALUE)),
        })
    }

    fn read(
        node: &Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<BTreeMap<String, String>, Complaint> {
        let Kind::Map(entries) = &node.kind else {
            let hint = "write words under keys: `labels: { tier: canary }`";
            return Err(
                Complaint::wrong_type(key, "a mapping", &node.kind).hint(Some(hint.to_owned()))
            );
        };
        let mut labels = BTreeMap::new();
        for (key, value) in entries {
            if matches!(value.kind, Kind::Unknown) {
                continue;
            }
            match one(key, value, reader) {
                Ok((name, _)) if labels.contains_key(&name) => {
                    let message = format!("the label `{name}` is given twice");
                    let complaint = Complaint::new(Code::DuplicateKey, message);
                    let hint = Some("keep one of the two".to_owned());
                    reader.complain(complaint.hint(hint), key.mark);
                }
                Ok((name, word)) => {
                    labels.insert(name, word);
                }
                Err(complaint) => reader.complain(complaint, value.mark),
            }
        }
        Ok(labels)
    }
}

fn one(key: &Node, value: &Node, reader: &Reader<'_>) -> Result<(String, String), Complaint> {
    let name = match &key.kind {
        Kind::Text(name) if labels::is_key(name) => name,
        Kind::Text(name) => {
            let message = format!("`{}` cannot be the key of a label", brief(name));
            return Err(
                Complaint::new(Code::InvalidValue, message).hint(Some(labels::KEY_RULE.to_owned()))
            );
        }
        other => {
            return Err(Complaint::wrong_type(
                "the key of a label",
                "a string",
                other,
            ));
        }
    };
    let word = scalar::text(value, name, reader)?;
    if labels::is_value(word) {
        return Ok((name.clone(), word.to_owned()));
    }
    let message = format!(
        "the label `{name}` must be text on one line, of 1 to {} characters",
        labels::MAX_VALUE
    );
    Err(Complaint::new(Code::InvalidValue, message))
}
