//! Where a secret comes from, or a certificate: the name of a variable, a path, the words of a command.

use certctl_model::Code;
use serde_json::{Value as Json, json};

use super::Value;
use super::kinds::string;
use crate::complaint::Complaint;
use crate::reader::Reader;
use crate::scalar;
use crate::yaml::{Kind, Node};

/// How the tokens of Cloudflare begin.
const PREFIXES: [&str; 4] = ["cfat_", "cfut_", "cfoat_", "cfk_"];

/// The name of an environment variable.
#[derive(Debug)]
pub(crate) struct VariableName;

/// A path on one line.
#[derive(Debug)]
pub(crate) struct FilePath;

/// A program and its arguments, as a list.
#[derive(Debug)]
pub(crate) struct Words;

impl Value for VariableName {
    type Out<'n> = String;

    fn schema() -> Json {
        string("^[A-Za-z_][A-Za-z0-9_]*$")
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<String, Complaint> {
        let text = scalar::text(node, key, reader)?;
        // The value is not repeated: it may be the token.
        let wrong = |what: &str, hint: &str| {
            let message = format!("`{key}` is the name of a variable, found {what}");
            Err(Complaint::new(Code::InvalidValue, message).hint(Some(hint.to_owned())))
        };
        let named = "write the name alone: `env: ACME_TOKEN`, without `$` and braces";
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            let hint = "replace the token in Cloudflare's dashboard, for whoever reads this file has it; \
                        then put the new one into a variable and write the variable's name here";
            return wrong("a token itself", hint);
        }
        if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
            return wrong("something else", named);
        }
        if !text.chars().all(letters) {
            return wrong("something else", named);
        }
        Ok(text.to_owned())
    }
}

impl Value for FilePath {
    type Out<'n> = String;

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<String, Complaint> {
        let text = scalar::text(node, key, reader)?;
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            let message = format!("`{key}` must be a path on one line");
            let hint = "name the file, without its content";
            return Err(Complaint::new(Code::InvalidValue, message).hint(Some(hint.to_owned())));
        }
        Ok(text.to_owned())
    }
}

impl Value for Words {
    type Out<'n> = Vec<String>;

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })
    }

    fn read(node: &Node, key: &str, reader: &mut Reader<'_>) -> Result<Vec<String>, Complaint> {
        let Kind::List(items) = &node.kind else {
            let hint = "write the program and each argument as one word of a list, for no shell reads \
                        it: `[vault, read, -field=token, cloudflare/acme]`";
            let complaint = Complaint::wrong_type(key, "a list", &node.kind);
            return Err(complaint.hint(Some(hint.to_owned())));
        };
        let mut words = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                Kind::Text(text) | Kind::Expanded(text) if !text.contains('\0') => {
                    words.push(text.clone());
                }
                // Its variable is not set, which was said.
                Kind::Unknown => words.push(String::new()),
                _ => {
                    let complaint = scalar::text(item, key, reader).err();
                    let what = format!("a word of `{key}` must be a string without NUL");
                    let complaint =
                        complaint.unwrap_or_else(|| Complaint::new(Code::InvalidValue, what));
                    reader.complain(complaint, item.mark);
                }
            }
        }
        let unknown = items
            .first()
            .is_some_and(|item| matches!(item.kind, Kind::Unknown));
        if !unknown
            && words
                .first()
                .is_none_or(|program| program.trim().is_empty())
        {
            let message = format!("`{key}` names no program");
            let hint = "its first word is the program, the others are its arguments";
            return Err(Complaint::new(Code::InvalidValue, message).hint(Some(hint.to_owned())));
        }
        Ok(words)
    }
}
