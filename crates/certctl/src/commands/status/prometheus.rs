//! `status --format prometheus`: gauges in the text exposition format, for the textfile collector of
//! node_exporter.
//!
//! *Invariants*: all samples of a metric stand together, below their `# HELP` and `# TYPE`; a label
//! value from outside cannot end its line; a metric without samples is still declared.

use std::fmt::Write as _;

use certctl_model::{DeviceCounts, Name, Timestamp};
use certctl_plan::AccountOutcome;
use certctl_plan::escape;

use super::row::Row;

/// The whole page.
pub(super) fn text<'a>(
    rows: &[Row],
    read: impl Iterator<Item = (&'a Name, bool)>,
    outcomes: &[AccountOutcome],
    now: Timestamp,
) -> String {
    let mut page = Page::default();
    certificates(&mut page, rows);
    devices(&mut page, rows);
    changes(&mut page, outcomes);
    page.gauge(
        "certctl_account_readable",
        "Whether the account and its state could be read.",
    );
    for (account, readable) in read {
        let labels = [("account", account.as_str())];
        page.sample(&labels, i64::from(readable));
    }
    page.gauge(
        "certctl_status_timestamp_seconds",
        "When this was written, by the clock that periods end by.",
    );
    page.sample(&[], now.as_second());
    page.text
}

/// What there is. What is bound and was not found has no samples.
fn certificates(page: &mut Page, rows: &[Row]) {
    let found = || rows.iter().filter(|row| row.kind.is_some());
    page.gauge(
        "certctl_certificate_expiry_timestamp_seconds",
        "When the certificate expires.",
    );
    for (row, expires) in found().filter_map(|row| Some((row, row.expires_on?))) {
        page.sample(&labels(row), expires.as_second());
    }
    page.gauge(
        "certctl_certificate_in_use",
        "Whether Gateway inspects with the certificate.",
    );
    for row in found() {
        page.sample(&labels(row), i64::from(row.in_use));
    }
    page.gauge(
        "certctl_certificate_status",
        "The certificate has this binding_status.",
    );
    for (row, status) in found().filter_map(|row| Some((row, row.binding_status.as_deref()?))) {
        let mut labels = labels(row).to_vec();
        labels.push(("binding_status", status));
        page.sample(&labels, 1);
    }
}

/// What devices show. A certificate that Gateway is not to be switched to has no samples.
fn devices(page: &mut Page, rows: &[Row]) {
    page.gauge(
        "certctl_evidence_devices",
        "How many active devices are in this group: whether they had the time to fetch the certificate.",
    );
    for (row, counts) in rows.iter().filter_map(|row| Some((row, row.evidence?))) {
        let DeviceCounts {
            seen,
            not_seen,
            old_clients,
            needs_mdm,
        } = counts;
        for (group, number) in [
            ("seen", seen),
            ("not_seen", not_seen),
            ("old_clients", old_clients),
            ("needs_mdm", needs_mdm),
        ] {
            let mut labels = labels(row).to_vec();
            labels.push(("group", group));
            page.sample(&labels, i64::try_from(number).unwrap_or(i64::MAX));
        }
    }
}

/// What is to be done. An account that could not be read has no samples.
fn changes(page: &mut Page, outcomes: &[AccountOutcome]) {
    let all = || outcomes.iter().flat_map(|outcome| &outcome.changes);
    let waiting = || all().filter_map(|change| Some((&change.address, change.waiting.as_ref()?)));
    page.gauge(
        "certctl_change_waiting",
        "The next step of the address waits, for the trust period or the like.",
    );
    for (address, waiting) in waiting() {
        let (address, why) = (address.to_string(), waiting.why.as_str());
        let account = account_of(&address);
        page.sample(
            &[("account", account), ("address", &address), ("for", why)],
            1,
        );
    }
    page.gauge(
        "certctl_change_waiting_until_timestamp_seconds",
        "Until when the next step of the address waits, where that is known.",
    );
    for (address, until) in waiting().filter_map(|(a, waiting)| Some((a, waiting.until?))) {
        let address = address.to_string();
        let account = account_of(&address);
        page.sample(
            &[("account", account), ("address", &address)],
            until.as_second(),
        );
    }
    page.gauge(
        "certctl_steps_due",
        "How many steps of the address can be done now.",
    );
    for change in all() {
        let address = change.address.to_string();
        let due = change.steps.iter().filter(|step| step.due).count();
        let account = account_of(&address);
        page.sample(
            &[("account", account), ("address", &address)],
            i64::try_from(due).unwrap_or(i64::MAX),
        );
    }
}

/// The account of an address as it is written.
fn account_of(address: &str) -> &str {
    address.split('/').next().unwrap_or_default()
}

/// Who a certificate is; a label without a value means that nothing claims it.
fn labels(row: &Row) -> [(&'static str, &str); 5] {
    [
        ("account", row.account.as_str()),
        ("address", row.address.as_deref().unwrap_or_default()),
        (
            "certificate_id",
            row.certificate_id.as_deref().unwrap_or_default(),
        ),
        ("role", row.role.unwrap_or_default()),
        ("type", row.kind.as_deref().unwrap_or_default()),
    ]
}

/// The page as it grows: metrics, each followed by its samples.
#[derive(Default)]
struct Page {
    text: String,
    metric: &'static str,
}

impl Page {
    fn gauge(&mut self, metric: &'static str, help: &str) {
        self.metric = metric;
        let _ = writeln!(self.text, "# HELP {metric} {help}\n# TYPE {metric} gauge");
    }

    fn sample(&mut self, labels: &[(&str, &str)], value: i64) {
        let pairs: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let labels = match pairs.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", pairs.join(",")),
        };
        let _ = writeln!(self.text, "{}{labels} {value}", self.metric);
    }
}

/// A label's value, as the format wants it: backslash, quote and line end. What else is not to be seen
/// is written out, for the format has no escape for it.
fn escaped(value: &str) -> String {
    let line = |line: &str| escape(line).replace('\\', "\\\\").replace('"', "\\\"");
    value.split('\n').map(line).collect::<Vec<_>>().join("\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_its_line() {
        let mut page = Page::default();
        page.gauge("m", "A metric.");
        page.sample(&[("a", "q\" b\\ n\n#"), ("b", "")], 7);
        page.sample(&[("a", "\u{1b}[2J\r\u{202e}")], 1);
        page.sample(&[], 0);
        assert_eq!(
            page.text,
            "# HELP m A metric.\n# TYPE m gauge\nm{a=\"q\\\" b\\\\ n\\n#\",b=\"\"} 7\n\
             m{a=\"\\\\u{1b}[2J\\\\u{d}\\\\u{202e}\"} 1\nm 0\n"
        );
    }
}
