//! The plan as a document: `plan --format json`, and a saved plan, are the same bytes.
//!
//! *Invariants*: what is read back is what was written, but for the notes, which an executor gets by
//! planning afresh; a file
//! whose digests do not fit its content is refused, so that nobody approves one thing and names
//! another.

use certctl_model::{Diagnostic, Name, Role};
use serde::Deserialize;
use serde_json::Value;

use crate::change::Change;
use crate::digest;
use crate::plan::Plan;
use crate::text::is_unseen;

/// The major version of the document that this certctl reads.
const MAJOR: &str = "1";

/// Why a plan file is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not a JSON object.
    #[error("the plan file is not a JSON document")]
    Syntax(#[source] serde_json::Error),
    /// It is a document of something else.
    #[error("the file is not a plan; its kind is {0:?}")]
    Kind(String),
    /// It is of a version that this certctl does not read.
    #[error("the plan file has format_version {0:?}; this certctl reads 1.x")]
    Version(String),
    /// It says that it is a plan, and is none.
    #[error("the plan file does not have the form of a plan")]
    Form(#[source] serde_json::Error),
    /// An account's digest is not that of its changes.
    #[error("the plan file was changed: the digest of account {account} does not fit its changes")]
    AccountDigest {
        /// Which account.
        account: Name,
        /// The certctl that wrote the file, by its own word.
        written_by: String,
    },
    /// A change belongs to no account of the plan.
    #[error("the plan file was changed: it has changes of account {0}, which it does not list")]
    Account(Name),
    /// The plan's digest is not that of its accounts.
    #[error("the plan file was changed: its digest does not fit its accounts")]
    Digest,
}

impl PlanFileError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Kind(_) | Self::Syntax(_) | Self::Form(_) => {
                "give the file that `certctl plan --out FILE` wrote".to_owned()
            }
            Self::Version(_) => "use a newer certctl, or make the plan again".to_owned(),
            Self::AccountDigest { written_by, .. } if written_by != env!("CARGO_PKG_VERSION") => {
                format!(
                    "make the plan again; it was written by certctl {}, this is {}",
                    crate::text::escape(written_by),
                    env!("CARGO_PKG_VERSION")
                )
            }
            Self::AccountDigest { .. } | Self::Account(_) | Self::Digest => {
                "make the plan again; a plan file is not edited by hand".to_owned()
            }
        }
    }
}

/// The plan as a JSON document, ended by a newline.
#[must_use]
pub fn json(plan: &Plan) -> String {
    // A plan has string keys and finite numbers only, so that writing it cannot fail.
    let mut text = serde_json::to_string_pretty(plan).unwrap_or_default();
    text.push('\n');
    if text.chars().any(is_hidden) {
        text = text.chars().map(written_out).collect();
    }
    text
}

/// Reads back what [`json`] wrote.
///
/// # Errors
/// When it is not a plan, not of a version that is read here, or was changed since it was written.
pub fn parse_json(text: &str) -> Result<Plan, PlanFileError> {
    let header: Header = serde_json::from_str(text).map_err(PlanFileError::Syntax)?;
    if header.kind != "plan" {
        return Err(PlanFileError::Kind(header.kind));
    }
    if header.format_version.split('.').next() != Some(MAJOR) {
        return Err(PlanFileError::Version(header.format_version));
    }
    let mut plan: Plan = match header.format_version.as_str() {
        "1.0" => serde_json::from_str(text)
            .and_then(|old| serde_json::from_str(&upgraded(old).to_string())),
        _ => serde_json::from_str(text),
    }
    .map_err(PlanFileError::Form)?;
    let digest = digest::of_accounts(plan.accounts.iter());
    // In the order of every plan, whoever wrote the file.
    plan.accounts.sort_by(|a, b| a.name.cmp(&b.name));
    plan.changes
        .sort_by(|a, b| a.address.account.cmp(&b.address.account));
    check_accounts(&plan)?;
    if digest != plan.digest {
        return Err(PlanFileError::Digest);
    }
    Ok(plan)
}

/// What is looked at before anything else, so that a newer document is not called malformed.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    format_version: String,
}

/// A document of format 1.0, which does not say what is due, nor what a create makes. Facts are due, and the
/// first call unless the change waits; the days stand in `after`, and an address that has a certificate makes
/// its successor.
fn upgraded(mut plan: Value) -> Value {
    let changes = plan.get_mut("changes").and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        let days = change.pointer("/after/validity_period_days").cloned();
        let role = match &change["before"] {
            Value::Null => Role::Current,
            _ => Role::Successor,
        };
        let waits_for = change.pointer("/waiting/for").cloned();
        let mut first = true;
        let steps = change.get_mut("steps").and_then(Value::as_array_mut);
        for step in steps.into_iter().flatten() {
            let is_fact = step["action"] == "record";
            step["due"] = (is_fact || (first && waits_for.is_none())).into();
            if first && !is_fact {
                step["waits_for"] = waits_for.clone().unwrap_or_default();
            }
            first &= is_fact;
            if step["action"] == "create" {
                step["role"] = role.as_str().into();
                step["validity_period_days"] = days.clone().unwrap_or_default();
            }
        }
    }
    plan
}

fn check_accounts(plan: &Plan) -> Result<(), PlanFileError> {
    let listed = |change: &Change| {
        let account = plan.account(&change.address.account);
        account.is_some_and(|account| account.account_id == change.account_id)
    };
    let stray = plan.changes.iter().find(|change| !listed(change));
    if let Some(stray) = stray {
        return Err(PlanFileError::Account(stray.address.account.clone()));
    }
    for account in &plan.accounts {
        let changes = plan.changes_of(&account.name);
        let here = |d: &&Diagnostic| d.account.as_ref() == Some(&account.name);
        let says = || plan.diagnostics.iter().filter(here);
        let of = |options| digest::of_account(account, changes, says(), options);
        // An account that could not be read has no changes, and a digest without the options.
        let unread = changes.is_empty() && of(&[]) == account.digest;
        if !unread && of(&plan.options) != account.digest {
            return Err(PlanFileError::AccountDigest {
                account: account.name.clone(),
                written_by: plan.certctl_version.clone(),
            });
        }
    }
    Ok(())
}

/// What JSON leaves as it is and a terminal would obey. All of it stands within strings, for the
/// document's own characters are ASCII.
fn is_hidden(c: char) -> bool {
    c != '\n' && is_unseen(c)
}

fn written_out(c: char) -> String {
    if !is_hidden(c) {
        return c.to_string();
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units)
        .iter()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use certctl_model::BindingStatus;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture;

    fn plan() -> Plan {
        fixture::plan(vec![
            fixture::create("acme/new"),
            fixture::replace_in_use(),
            fixture::delete("beta/old"),
        ])
    }

    #[test]
    fn what_was_written_is_read_back() {
        let text = json(&plan());
        assert!(text.ends_with("}\n"));
        let read = parse_json(&text).unwrap();
        assert_eq!(read, plan());
        assert_eq!(json(&read), text);
    }

    #[test]
    fn a_newer_minor_version_is_read_and_a_major_one_is_not() {
        let text = json(&plan());
        let newer = text.replacen("\"1.1\"", "\"1.7\",\n  \"weather\": {\"sun\": 1}", 1);
        assert!(parse_json(&newer).is_ok());
        let major = text.replacen("\"1.1\"", "\"2.0\"", 1);
        assert!(matches!(parse_json(&major), Err(PlanFileError::Version(v)) if v == "2.0"));
    }

    #[test]
    fn a_document_of_format_1_0_says_nothing_of_what_a_create_makes_and_is_read() {
        let mut old = serde_json::to_value(plan()).unwrap();
        old["format_version"] = "1.0".into();
        for change in old["changes"].as_array_mut().unwrap() {
            for step in change["steps"].as_array_mut().unwrap() {
                step.as_object_mut().unwrap().retain(|key, _| {
                    ["action", "certificate_id", "not_before"].contains(&key.as_str())
                });
            }
        }
        let read = parse_json(&old.to_string()).unwrap();
        let makes = |plan: &Plan| -> Vec<_> {
            let steps = plan.changes.iter().flat_map(|change| &change.steps);
            steps.map(|step| step.operation.clone()).collect()
        };
        assert_eq!(makes(&read), makes(&plan()));
        old["format_version"] = "1.1".into();
        let error = parse_json(&old.to_string()).unwrap_err();
        assert!(matches!(error, PlanFileError::Form(_)), "{error}");
    }

    #[test]
    fn changes_in_another_order_are_read_into_their_own() {
        let mut other = serde_json::to_value(plan()).unwrap();
        let changes = other["changes"].as_array_mut().unwrap();
        changes.rotate_left(2);
        let read = parse_json(&other.to_string()).unwrap();
        assert_eq!(read, plan());
        let (acme, beta) = ("acme".parse().unwrap(), "beta".parse().unwrap());
        assert_eq!(
            (read.changes_of(&acme).len(), read.changes_of(&beta).len()),
            (2, 1)
        );
        assert!(read.changes_of(&"b".parse().unwrap()).is_empty());
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        assert!(matches!(parse_json("{"), Err(PlanFileError::Syntax(_))));
        assert!(matches!(parse_json("[]"), Err(PlanFileError::Kind(_))));
        assert!(matches!(parse_json("{}"), Err(PlanFileError::Kind(k)) if k.is_empty()));
        let other = r#"{"kind":"apply","format_version":"1.0"}"#;
        assert!(matches!(parse_json(other), Err(PlanFileError::Kind(k)) if k == "apply"));
        let empty = r#"{"kind":"plan","format_version":"1.0"}"#;
        assert!(matches!(parse_json(empty), Err(PlanFileError::Form(_))));
    }

    #[test]
    fn an_edited_plan_is_refused() {
        let text = json(&plan());
        for (from, to) in [
            (
                "\"validity_period_days\": 365",
                "\"validity_period_days\": 366",
            ),
            ("\"change\": \"delete\"", "\"change\": \"forget\""),
            ("\"action\": \"deactivate\"", "\"action\": \"delete\""),
            ("\"trust_period\": \"7d\"", "\"trust_period\": \"0s\""),
            ("\"account_id\": \"699d", "\"account_id\": \"799d"),
            ("\"digest\": \"sha256:", "\"digest\": \"sha256:0"),
            ("\"address\": \"beta/old\"", "\"address\": \"gamma/old\""),
        ] {
            let edited = text.replacen(from, to, 1);
            assert_ne!(edited, text, "{from}");
            let error = parse_json(&edited).unwrap_err();
            assert!(error.to_string().contains("was changed"), "{from}: {error}");
            assert!(error.hint().contains("make the plan again"));
        }
    }

    proptest! {
        #[test]
        fn hostile_text_survives_and_is_not_obeyed(text in any::<String>(), word in any::<String>()) {
            let mut change = fixture::replace_in_use();
            change.reason.message = text;
            change.certificates[0].binding_status = Some(BindingStatus::Unknown(format!("?{word}")));
            let plan = fixture::plan(vec![change]);
            let written = json(&plan);
            prop_assert!(written.chars().all(|c| c == '\n' || !is_unseen(c)));
            prop_assert_eq!(parse_json(&written).unwrap(), plan);
        }
    }
}
