//! The forecast as a document, `format_version` 1.0: minor versions add fields, and readers ignore
//! what they do not know.

use certctl_model::{Address, CertificateId, Code, Name, Severity, Timestamp};
use serde::Serialize;

use crate::event::{Event, EventKind};
use crate::finding::Finding;
use crate::forecast::Forecast;

#[derive(Serialize)]
struct Document<'a> {
    format_version: &'static str,
    kind: &'static str,
    from: Timestamp,
    until: Timestamp,
    every: String,
    events: Vec<EventEntry<'a>>,
    findings: Vec<FindingEntry<'a>>,
}

#[derive(Serialize)]
struct EventEntry<'a> {
    at: Timestamp,
    address: Option<&'a Address>,
    event: EventKind,
    account: &'a Name,
    certificate_id: Option<&'a CertificateId>,
}

#[derive(Serialize)]
struct FindingEntry<'a> {
    severity: Severity,
    code: Code,
    account: Option<&'a Name>,
    address: Option<&'a Address>,
    at: Timestamp,
    message: &'a str,
    hint: Option<&'a str>,
}

/// The document, ended by a newline.
#[must_use]
pub fn json(forecast: &Forecast) -> String {
    let document = Document {
        format_version: "1.0",
        kind: "forecast",
        from: forecast.span.from,
        until: forecast.span.until,
        every: forecast.span.every.to_string(),
        events: forecast.events.iter().map(event).collect(),
        findings: forecast.findings.iter().map(finding).collect(),
    };
    // Only strings and numbers: this cannot fail.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}

fn event(event: &Event) -> EventEntry<'_> {
    EventEntry {
        at: event.at,
        address: event.address.as_ref(),
        event: event.kind,
        account: &event.account,
        certificate_id: event.certificate_id.as_ref(),
    }
}

fn finding(finding: &Finding) -> FindingEntry<'_> {
    let diagnostic = &finding.diagnostic;
    FindingEntry {
        severity: diagnostic.severity,
        code: diagnostic.code,
        account: diagnostic.account.as_ref(),
        address: diagnostic.address.as_ref(),
        at: finding.at,
        message: &diagnostic.message,
        hint: diagnostic.hint.as_deref(),
    }
}
