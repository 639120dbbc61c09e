//! What the token may read, one permission after the other.

use certctl_cloudflare::{Answer, Client, RefusalKind, Uncounted};
use certctl_model::{AccountId, Period, Timestamp};
use certctl_plan::{DEVICES_PERMISSION, time};
use serde_json::Value;

use super::report::{Check, Verdict};

/// Something that certctl reads.
struct Right {
    /// Below `/accounts/ID/`.
    path: &'static str,
    what: &'static str,
    /// As the dashboard calls it.
    permission: &'static str,
    /// Whether nothing works without it; else what does not.
    without: Option<&'static str>,
}

const RIGHTS: &[Right] = &[
    Right {
        path: "gateway/certificates",
        what: "read certificates",
        permission: "Account · Zero Trust · Read",
        without: None,
    },
    Right {
        path: "gateway/configuration",
        what: "read the Gateway configuration",
        permission: "Account · Zero Trust · Read",
        without: None,
    },
    Right {
        path: "mtls_certificates",
        what: "read uploaded certificates",
        permission: "Account · Account: SSL and Certificates · Read",
        without: Some("custom certificates cannot be looked into"),
    },
    Right {
        path: "devices/settings",
        what: "read device settings",
        permission: "Account · Zero Trust · Read (devices)",
        without: Some("nobody warns you when devices do not install certificates"),
    },
    Right {
        path: "logs/audit",
        what: "read the audit log",
        permission: "Account · Account Settings · Read",
        without: Some("nobody tells you who changed something past certctl"),
    },
];

/// Asks for each, once.
pub(super) async fn look(
    client: &Client,
    account: &AccountId,
    name: &str,
    now: Timestamp,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for right in RIGHTS {
        let mut path = format!("/accounts/{account}/{}", right.path);
        if right.path == "logs/audit" {
            // It demands a span; any will do.
            let (since, before) = (time(Period::days(1).before(now)), time(now));
            path.push_str(&format!("?since={since}&before={before}&limit=1"));
        }
        let answer = client.ask(account, &path).await;
        let check = judge(right, &answer, name);
        let settings = answer.result().filter(|_| right.path == "devices/settings");
        checks.push(check);
        checks.extend(settings.map(|settings| devices(settings, name)));
    }
    checks.push(counting(client.can_count_devices(account).await, name));
    checks
}

/// Whether devices can be counted. What the API says about them is never shown.
fn counting(outcome: Result<(), Uncounted>, name: &str) -> Check {
    let check = format!("{name}: count devices");
    let without = "without it `rotation.trust_evidence` is waited for in vain";
    match outcome {
        Ok(()) => Check::new(check, Verdict::Ok, "allowed"),
        Err(Uncounted::Denied) => {
            Check::new(check, Verdict::Note, format!("not allowed; {without}")).advice(format!(
                "give the token the permission {DEVICES_PERMISSION}"
            ))
        }
        Err(Uncounted::Unreadable) => Check::new(
            check,
            Verdict::Note,
            format!("the list of devices could not be read; {without}"),
        ),
    }
}

fn judge(right: &Right, answer: &Answer, name: &str) -> Check {
    let check = format!("{name}: {}", right.what);
    let verdict = if right.without.is_some() {
        Verdict::Note
    } else {
        Verdict::Error
    };
    let without = right
        .without
        .map_or_else(String::new, |lost| format!("; without it {lost}"));
    match answer {
        Answer::Yes { .. } => Check::new(check, Verdict::Ok, "allowed"),
        Answer::No(refusal)
            if refusal.status == 403 || refusal.kind() == RefusalKind::Forbidden =>
        {
            let more = refusal
                .errors
                .iter()
                .find_map(|e| e.documentation_url.clone());
            let more = more.map_or_else(String::new, |url| format!("; see {url}"));
            Check::new(check, verdict, format!("not allowed{without}")).advice(format!(
                "give the token the permission {}{more}",
                right.permission
            ))
        }
        Answer::No(refusal) => {
            Check::new(check, verdict, format!("{refusal}{without}")).maybe_advice(refusal.hint())
        }
        Answer::Nothing(failure) => Check::new(check, verdict, format!("{failure}{without}"))
            .maybe_advice(failure.hint.clone()),
    }
}

/// Whether devices install certificates at all.
fn devices(settings: &Value, name: &str) -> Check {
    let check = format!("{name}: devices");
    match settings.get("root_certificate_installation_enabled") {
        Some(Value::Bool(true)) => Check::new(
            check,
            Verdict::Ok,
            "the client installs certificates (Windows, macOS, Debian-based Linux)",
        ),
        Some(Value::Bool(false)) => Check::new(
            check,
            Verdict::Warning,
            "the client installs no certificate on any device",
        )
        .advice(
            "switch on `Install CA to system certificate store` (Zero Trust → Settings → WARP Client), \
             or install certificates by device management: `certctl trust-kit --out DIR`",
        ),
        _ => Check::new(
            check,
            Verdict::Note,
            "the settings do not say whether the client installs certificates",
        ),
    }
}
