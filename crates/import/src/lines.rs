//! How what exists is written in YAML: in lines of their own, or between braces.

use certctl_model::Timestamp;

use crate::found::{Found, Item, Origin, Usage};
use crate::verdict::printable;

/// What stands above everything else in a new file.
pub(crate) const HEADER: &str = "\
# Written by `certctl import` from what exists.
#
# `certctl plan` shows which certificates it takes over. `certctl apply` writes them into the state;
# it changes nothing in the account.
#
# Nothing here renews a certificate. To have one renewed before it expires, add to it:
#   rotation: { renew_before: 90d }
#
# Names can be changed freely before the first apply, and with `moved_from` after it.
";

/// One certificate as it is to be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) name: String,
    /// In the order in which they are written, each with its value.
    pub(crate) keys: Vec<(&'static str, String)>,
}

impl Declaration {
    /// Between braces.
    pub(crate) fn flow(&self) -> String {
        let mut text = format!("{{ name: {}", self.name);
        for (key, value) in &self.keys {
            text.push_str(&format!(", {key}: {value}"));
        }
        text.push_str(" }");
        text
    }

    fn block(&self) -> Vec<String> {
        let mut lines = vec![format!("- name: {}", self.name)];
        let keys = self.keys.iter();
        lines.extend(keys.map(|(key, value)| format!("  {key}: {value}")));
        lines
    }
}

/// A declared certificate, below what is known of it.
pub(crate) fn declared(item: &Item, declaration: &Declaration, notes: &[String]) -> Vec<String> {
    let usage = match item.usage {
        Usage::InUse => "Gateway uses this one. ",
        Usage::Disputed => {
            "Gateway may use this one: the list and the configuration disagree, so `in_use` is not \
             declared. "
        }
        Usage::NotInUse => "",
    };
    let status = item.status.as_ref().map_or_else(String::new, |status| {
        let status = printable(&status.to_string());
        format!("Status {status}; ")
    });
    let mut lines = vec![comment(&format!("{usage}{status}{}.", dates(item)))];
    if let Some(fingerprint) = &item.fingerprint {
        lines.push(comment(&format!("SHA-256 {fingerprint}")));
    }
    lines.extend(notes.iter().map(|note| comment(note)));
    lines.extend(declaration.block());
    lines
}

/// A certificate that is not declared: what it is, and where it can be managed, how.
pub(crate) fn remark(item: &Item, why: &str, offer: Option<&Declaration>) -> Vec<String> {
    let usage = match item.usage {
        Usage::InUse => " Gateway uses it.",
        Usage::Disputed => " Gateway may use it: the list and the configuration disagree.",
        Usage::NotInUse => "",
    };
    let mut lines = vec![comment(&format!(
        "Not declared: {} {why}.{usage} ({})",
        item.id,
        dates(item)
    ))];
    if let Some(declaration) = offer {
        lines.push(comment("To manage it, remove the comment signs here:"));
        let block = declaration.block();
        lines.extend(block.iter().map(|line| comment(line)));
    }
    lines
}

/// A new account's first lines, up to the list of its certificates.
pub(crate) fn account(found: &Found, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(label) = &found.label {
        let whose = match found.origin {
            Origin::Api => "Cloudflare calls this account",
            Origin::Terraform => "Terraform has this account from",
        };
        lines.push(comment(&format!("{whose} {}.", printable(label))));
    }
    lines.push(format!("- name: {}", scalar(name)));
    lines.push(format!(
        "  account_id: {}",
        scalar(found.account_id.as_str())
    ));
    lines
}

/// A word of letters, digits and `-` as YAML reads it back as a text: in quotes where it could be a
/// number, a boolean or nothing.
pub(crate) fn scalar(word: &str) -> String {
    let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let lower = word.to_ascii_lowercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = match lower.split_once('e') {
        Some((whole, power)) => digits(whole) && digits(power.trim_start_matches('-')),
        None => digits(&lower),
    };
    let based = ["0x", "0o", "0b"]
        .iter()
        .any(|base| lower.starts_with(base));
    if number || based || reserved.contains(&lower.as_str()) || word.starts_with('-') {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

fn dates(item: &Item) -> String {
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let created = match item.created {
        Some(created) => format!("created {}", day(created)),
        None => "creation date unknown".to_owned(),
    };
    let expires = match item.expires {
        Some(expires) => format!("expires {}", day(expires)),
        None => "expiry unknown".to_owned(),
    };
    format!("{created}, {expires}")
}

fn comment(text: &str) -> String {
    format!("# {text}")
}
