//! Values of `policy`: how many, and which addresses.

use std::collections::BTreeSet;

use certctl_model::{Address, Code};
use serde_json::{Value as Json, json};

use super::Value;
use super::kinds::{or_variable, string};
use crate::complaint::Complaint;
use crate::reader::Reader;
use crate::scalar;
use crate::yaml::{Kind, Node};

/// How many of something; none at all is a limit too.
#[derive(Debug)]
pub(crate) struct Count;

/// A list of addresses.
#[derive(Debug)]
pub(crate) struct Addresses;

impl Value for Count {
    type Out<'n> = u32;

    fn schema() -> Json {
        or_variable(json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }))
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<u32, Complaint> {
        let number = scalar::whole(node, key, reader)?;
        u32::try_from(number).map_err(|_| {
            let number = scalar::number(node, number);
            let message = format!("`{key}` is {number}, which is no limit");
            let hint = "write 0 or more, or remove the key for no limit";
            Complaint::new(Code::OutOfRange, message).hint(Some(hint.to_owned()))
        })
    }
}

impl Value for Addresses {
    type Out<'n> = BTreeSet<Address>;

    fn schema() -> Json {
        let address = string("^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$");
        json!({ "type": "array", "items": address })
    }

    fn read(
        node: &Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<BTreeSet<Address>, Complaint> {
        let Kind::List(items) = &node.kind else {
            let hint = "list addresses: `[acme/inspection]`";
            return Err(
                Complaint::wrong_type(key, "a list", &node.kind).hint(Some(hint.to_owned()))
            );
        };
        let mut addresses = BTreeSet::new();
        for item in items {
            if matches!(item.kind, Kind::Unknown) {
                continue;
            }
            let address = match &item.kind {
                Kind::Text(text) | Kind::Expanded(text) => scalar::parsed(item, text),
                other => {
                    let found = other.what();
                    let message = format!("an address in `{key}` must be a string, found {found}");
                    Err(Complaint::new(Code::WrongType, message))
                }
            };
            match address {
                Ok(address) => {
                    addresses.insert(address);
                }
                Err(complaint) => reader.complain(complaint, item.mark),
            }
        }
        Ok(addresses)
    }
}
