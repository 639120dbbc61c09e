//! What can be compared without changing anything.

use std::collections::BTreeSet;

use certctl_cloudflare::{Answer, Client, decode_certificate};
use certctl_model::{
    AccountId, BindingStatus, CertificateType, InUse, Inspection, Observed, RemoteCertificate,
    Timestamp,
};
use serde_json::Value;

use super::lines::Lines;

/// Every field of a certificate that certctl knows.
const FIELDS: &[&str] = &[
    "id",
    "binding_status",
    "certificate",
    "created_at",
    "expires_on",
    "fingerprint",
    "in_use",
    "issuer_org",
    "issuer_raw",
    "type",
    "updated_at",
    "uploaded_on",
    "qs_pack_id",
];
/// An id that no certificate has.
const NOBODY: &str = "ffffffff-ffff-4fff-bfff-ffffffffffff";

/// Who asks, and for which account.
type Asked<'a> = (&'a Client, &'a AccountId);

/// What the later questions need.
pub(super) struct Read {
    pub(super) observed: Observed,
    /// The configuration as it was answered.
    pub(super) configuration: Value,
}

/// `None`: the account cannot be read.
pub(super) async fn probe(client: &Client, account: &AccountId, lines: &mut Lines) -> Option<Read> {
    let list = format!("/accounts/{account}/gateway/certificates");
    let answer = client.ask(account, &list).await;
    lines.check(
        "the list answers 200",
        answer.status() == Some(200),
        told(&answer),
    );
    let Answer::Yes {
        result: Value::Array(items),
        result_info,
        date,
        audited,
        ..
    } = &answer
    else {
        lines.check("the list is an array", false, told(&answer));
        return None;
    };
    lines.check(
        "the list is an array",
        true,
        format!("{} certificates", items.len()),
    );
    lines.seen(
        "`result_info` of the list",
        if result_info.is_null() {
            "absent".to_owned()
        } else {
            names(result_info)
        },
    );
    lines.check(
        "the answer has a `Date`",
        date.is_some(),
        present(date.is_some()),
    );
    lines.seen("`Cf-Auditlog-Id` of a read", present(*audited));
    let certificates = certificates(items, lines);
    again((client, account), &list, items, lines).await;
    single((client, account), &list, items.first(), lines).await;
    absent((client, account), &list, lines).await;
    let (configuration, observed) = configuration(client, account, certificates, lines).await?;
    Some(Read {
        observed,
        configuration,
    })
}

/// Each certificate of the list, as certctl reads it.
fn certificates(items: &[Value], lines: &mut Lines) -> Vec<RemoteCertificate> {
    let (mut read, mut unreadable) = (Vec::new(), Vec::new());
    for item in items {
        match decode_certificate(item) {
            Ok(certificate) => read.push(certificate),
            Err(why) => unreadable.push(why.to_string()),
        }
    }
    lines.check(
        "every certificate can be read",
        unreadable.is_empty(),
        if unreadable.is_empty() {
            "yes".to_owned()
        } else {
            unreadable.join("; ")
        },
    );
    let unknown: BTreeSet<&str> = items
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|item| item.keys().map(String::as_str))
        .filter(|key| !FIELDS.contains(key))
        .collect();
    lines.seen("fields that certctl does not know", listed(&unknown));
    let status: BTreeSet<String> = read
        .iter()
        .filter(|c| matches!(c.binding_status, BindingStatus::Unknown(_)))
        .map(|c| c.binding_status.to_string())
        .collect();
    lines.check(
        "every `binding_status` is known",
        status.is_empty(),
        listed(&status),
    );
    let kinds: BTreeSet<String> = read
        .iter()
        .filter(|c| matches!(c.kind, CertificateType::Unknown(_)))
        .map(|c| c.kind.to_string())
        .collect();
    lines.check("every `type` is known", kinds.is_empty(), listed(&kinds));
    let managed = read
        .iter()
        .filter(|c| c.kind == CertificateType::GatewayManaged);
    let unsound: Vec<String> = managed
        .clone()
        .filter_map(|certificate| match &certificate.inspection {
            Inspection::Unsound(why) => Some(why.clone()),
            Inspection::Sound(_) => None,
        })
        .collect();
    lines.check(
        "every generated certificate is a CA whose SHA-256 is its `fingerprint`",
        unsound.is_empty(),
        if unsound.is_empty() {
            "yes".to_owned()
        } else {
            unsound.join("; ")
        },
    );
    let apart = managed.filter_map(|certificate| {
        let not_after = certificate.facts()?.not_after;
        let apart = certificate.expires_on?.duration_since(not_after).as_secs();
        (apart != 0).then_some(apart)
    });
    let apart: Vec<i64> = apart.collect();
    lines.check(
        "`expires_on` is the certificate's notAfter",
        apart.is_empty(),
        if apart.is_empty() {
            "yes".to_owned()
        } else {
            format!("{apart:?} seconds apart")
        },
    );
    read
}

async fn again((client, account): Asked<'_>, list: &str, items: &[Value], lines: &mut Lines) {
    let answer = client.ask(account, list).await;
    let same = answer.result().and_then(Value::as_array).map(Vec::as_slice) == Some(items);
    lines.check(
        "two lists in a row say the same",
        same,
        if same { "yes" } else { "no" },
    );
}

async fn single(
    (client, account): Asked<'_>,
    list: &str,
    first: Option<&Value>,
    lines: &mut Lines,
) {
    let what = "one certificate is answered as it stands in the list";
    let id = first.and_then(|first| first.get("id")?.as_str());
    let (Some(first), Some(id)) = (first, id) else {
        return lines.skip(what, "the account has none");
    };
    let answer = client.ask(account, &format!("{list}/{id}")).await;
    let same = answer.result() == Some(first);
    lines.check(
        what,
        same,
        if same {
            "yes".to_owned()
        } else {
            told(&answer)
        },
    );
}

async fn absent((client, account): Asked<'_>, list: &str, lines: &mut Lines) {
    let answer = client.ask(account, &format!("{list}/{NOBODY}")).await;
    lines.check(
        "what does not exist is refused with code 2027",
        answer.codes().contains(&2027),
        told(&answer),
    );
}

async fn configuration(
    client: &Client,
    account: &AccountId,
    certificates: Vec<RemoteCertificate>,
    lines: &mut Lines,
) -> Option<(Value, Observed)> {
    let answer = client
        .ask(
            account,
            &format!("/accounts/{account}/gateway/configuration"),
        )
        .await;
    lines.check(
        "the configuration answers 200 with `settings`",
        answer
            .result()
            .is_some_and(|r| r.get("settings").is_some_and(Value::is_object)),
        told(&answer),
    );
    let result = answer.result()?.clone();
    let settings = result.get("settings").cloned().unwrap_or_default();
    lines.seen("blocks of the configuration", names(&settings));
    let body = serde_json::json!({"success": true, "errors": [], "result": result}).to_string();
    let decoded = certctl_cloudflare::decode_configuration(body.as_bytes());
    lines.check(
        "the configuration can be read",
        decoded.is_ok(),
        decoded
            .as_ref()
            .map_or_else(ToString::to_string, |_| "yes".to_owned()),
    );
    let observed = Observed {
        account_id: account.clone(),
        at: certctl_model::MachineTime(Timestamp::now()),
        on: None,
        date: None,
        certificates,
        gone: BTreeSet::new(),
        configuration: decoded.ok(),
        installation: None,
        evidence: None,
    };
    let in_use = observed.in_use();
    lines.check(
        "the list and the configuration agree on what is in use",
        !matches!(in_use, InUse::Disputed { .. }),
        match in_use {
            InUse::Nothing => "nothing is in use",
            InUse::Certificate(_) => "one certificate",
            InUse::Disputed { .. } => "they name different ones",
        },
    );
    Some((result, observed))
}

/// An answer in a few words.
pub(super) fn told(answer: &Answer) -> String {
    match answer {
        Answer::Yes { status, .. } => format!("HTTP {status}"),
        Answer::No(refusal) => {
            let errors: Vec<String> = refusal.errors.iter().map(ToString::to_string).collect();
            format!("HTTP {}: {}", refusal.status, errors.join("; "))
        }
        Answer::Nothing(failure) => match failure.status {
            Some(status) => format!("HTTP {status}, no envelope: {}", failure.what),
            None => failure.what.clone(),
        },
    }
}

fn names(value: &Value) -> String {
    let names: BTreeSet<&str> = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    listed(&names)
}

fn listed<T: AsRef<str>>(names: &BTreeSet<T>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(", ")
}

fn present(is: bool) -> &'static str {
    if is { "present" } else { "absent" }
}
