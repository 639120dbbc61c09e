//! Scalars: strict about types, and precise about what to change.
//!
//! A string is never taken for a number nor a number for a string: what is right in one YAML
//! reader would be wrong in the next. Only what came from a variable is read as its key wants it,
//! for there people cannot choose the quotes.

use std::str::FromStr;

use certctl_model::{Code, Invalid, Period};

use crate::complaint::{Complaint, brief};
use crate::reader::Reader;
use crate::yaml::{Kind, Node};

/// A string.
pub(crate) fn text<'n>(
    node: &'n Node,
    key: &str,
    reader: &Reader<'_>,
) -> Result<&'n str, Complaint> {
    match &node.kind {
        Kind::Text(text) | Kind::Expanded(text) => Ok(text),
        other => {
            let written = reader.slice(node.mark).trim();
            let quotable = matches!(other, Kind::Int(_) | Kind::Float(_) | Kind::Bool(_));
            let hint = (quotable && !written.is_empty() && written.len() <= 60)
                .then(|| format!("quote it: \"{written}\""));
            Err(Complaint::wrong_type(key, "a string", other).hint(hint))
        }
    }
}

/// A string in the form that its type demands.
pub(crate) fn parsed<T: FromStr<Err = Invalid>>(node: &Node, text: &str) -> Result<T, Complaint> {
    text.parse().map_err(|invalid: Invalid| {
        let message = if node.mark.variable {
            format!(
                "{} from a variable is not valid: {}",
                invalid.what, invalid.rule
            )
        } else {
            invalid.to_string()
        };
        Complaint::new(Code::InvalidValue, message)
    })
}

/// What was found, for a message.
pub(crate) fn found(node: &Node, text: &str) -> String {
    if node.mark.variable {
        "something else from a variable".to_owned()
    } else {
        format!("{:?}", brief(text))
    }
}

/// Where to look when what a variable gave is not right.
fn elsewhere(node: &Node) -> Option<String> {
    let variable = node.mark.variable;
    variable.then(|| "the variable gives something else".to_owned())
}

/// A number that is not right, for a message.
pub(crate) fn number(node: &Node, number: i128) -> String {
    if node.mark.variable {
        "a number from a variable".to_owned()
    } else {
        number.to_string()
    }
}

/// A whole number.
pub(crate) fn whole(node: &Node, key: &str, reader: &Reader<'_>) -> Result<i128, Complaint> {
    let hint = match &node.kind {
        Kind::Int(number) => return Ok(*number),
        Kind::Expanded(text) => match text.trim().parse() {
            Ok(number) => return Ok(number),
            Err(_) => elsewhere(node),
        },
        Kind::Text(_) if node.mark.variable => Some("remove the quotes".to_owned()),
        Kind::Text(text) => match text.trim().parse::<i128>() {
            Ok(number) if number.to_string() == text.trim() && !node.mark.plain => {
                Some(format!("remove the quotes: {number}"))
            }
            Ok(number) => Some(format!("write {number}")),
            Err(_) => digits(text).map(|digits| format!("write {digits}")),
        },
        Kind::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Some(format!("write {number:.0}"))
        }
        _ => None,
    };
    let mut complaint = Complaint::wrong_type(key, "a whole number", &node.kind);
    let written = reader.slice(node.mark);
    if matches!(node.kind, Kind::Float(_)) && written.bytes().all(|b| b.is_ascii_digit()) {
        complaint = Complaint::new(
            Code::OutOfRange,
            format!("`{key}` is far too large: {}", brief(written)),
        );
    }
    Err(complaint.hint(hint))
}

/// The number in a text such as `1_825` or `365d`.
fn digits(text: &str) -> Option<i128> {
    let bare = text
        .trim()
        .trim_end_matches("days")
        .trim_end_matches('d')
        .trim();
    bare.replace(['_', ','], "").parse().ok()
}

/// `true` or `false`.
pub(crate) fn flag(node: &Node, key: &str) -> Result<bool, Complaint> {
    let hint = match &node.kind {
        Kind::Bool(flag) => return Ok(*flag),
        Kind::Expanded(text) => match text.trim() {
            "true" | "True" | "TRUE" => return Ok(true),
            "false" | "False" | "FALSE" => return Ok(false),
            _ => elsewhere(node).or_else(|| Some("write true or false".to_owned())),
        },
        Kind::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "false" => Some(format!("remove the quotes: {}", text.to_ascii_lowercase())),
            "yes" | "y" | "on" => Some("write true".to_owned()),
            "no" | "n" | "off" => Some("write false".to_owned()),
            _ => None,
        },
        Kind::Int(1) => Some("write true".to_owned()),
        Kind::Int(0) => Some("write false".to_owned()),
        _ => None,
    };
    Err(Complaint::wrong_type(key, "true or false", &node.kind).hint(hint))
}

/// A length of time.
pub(crate) fn period(node: &Node, key: &str) -> Result<Period, Complaint> {
    match &node.kind {
        Kind::Text(text) | Kind::Expanded(text) => {
            parsed(node, text).map_err(|complaint: Complaint| {
                let days = in_days(text).filter(|_| !node.mark.variable);
                let hint = days.map(|days| format!("write {days}d"));
                complaint.hint(hint)
            })
        }
        Kind::Int(number) => Err(Complaint::wrong_type(key, "a duration", &node.kind)
            .hint((*number >= 0).then(|| format!("add a unit: {number}d")))),
        other => Err(Complaint::wrong_type(key, "a duration such as 90d", other)),
    }
}

/// Units that have no fixed length, or that are not read, in days.
fn in_days(text: &str) -> Option<u32> {
    let text = text.trim();
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(count)?;
    let days = match unit.trim() {
        "" | "D" | "day" | "days" => 1,
        "w" | "week" | "weeks" => 7,
        "mo" | "month" | "months" | "M" => 30,
        "y" | "year" | "years" => 365,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(days)
}
