//! The status for people: a block for each address, and one for what this spec does not manage.

use certctl_model::Timestamp;
use certctl_plan::{WaitFor, devices_said, escape};
use certctl_render::wait_for;

use super::next::{Declared, Next, Outlook};
use super::row::{Row, days_until};

/// The whole text.
pub(super) fn text(rows: &[Row], outlooks: &[Outlook], now: Timestamp) -> String {
    let mut text = String::new();
    let mut shown: Option<&str> = None;
    for row in rows.iter().filter(|row| row.address.is_some()) {
        let address = row.address.as_deref();
        let outlook = outlooks
            .iter()
            .find(|outlook| Some(outlook.address.to_string().as_str()) == address);
        if shown != address {
            shown = address;
            text.push_str(&heading(address.unwrap_or_default(), outlook, now));
        }
        text.push_str(&certificate(row, row.role.unwrap_or_default(), outlook));
    }
    let others: Vec<&Row> = rows.iter().filter(|row| row.address.is_none()).collect();
    if !others.is_empty() {
        text.push_str("not managed by this spec\n");
    }
    for row in others {
        let mut name = format!("{}: {}", row.account, row.kind.as_deref().unwrap_or("-"));
        if let Some(address) = &row.may_be_of {
            name.push_str(&format!(", perhaps made for {address}: leave it alone"));
        }
        text.push_str(&certificate(row, &escape(&name), None));
    }
    text
}

fn heading(address: &str, outlook: Option<&Outlook>, now: Timestamp) -> String {
    let next = outlook.map(|outlook| &outlook.next);
    let next = match next {
        None | Some(Next::Nothing) => "nothing is due".to_owned(),
        Some(Next::Now { step }) => format!("next: {step}, with the next `certctl apply`"),
        Some(Next::Waits {
            step,
            at: Some(at),
            why: why @ WaitFor::Wave,
        }) => {
            let latest = moment(*at, now);
            format!(
                "next: {step} after {}, {latest} at the latest",
                wait_for(*why)
            )
        }
        Some(Next::Waits {
            step,
            at: Some(at),
            why,
        }) => {
            format!(
                "next: {step} {}, after {}",
                moment(*at, now),
                wait_for(*why)
            )
        }
        Some(Next::Waits {
            step,
            at: None,
            why,
        }) => {
            format!("next: {step}; it waits for {}", wait_for(*why))
        }
        Some(Next::Renews { at }) => format!("next: renewal {}", moment(*at, now)),
        Some(Next::Blocked { code, message }) => format!("blocked: {} [{code}]", escape(message)),
    };
    format!("{address}  {next}\n")
}

fn certificate(row: &Row, name: &str, outlook: Option<&Outlook>) -> String {
    let declared = outlook.and_then(|outlook| outlook.declared.as_ref());
    let declared = declared.filter(|_| matches!(row.role, None | Some("current")));
    let Some(id) = &row.certificate_id else {
        let what = row.creating_since.map_or_else(
            || "not created".to_owned(),
            |since| {
                let answer = row.create_answered.iter();
                let answer: String = answer.map(|said| format!(" ({})", escape(said))).collect();
                format!(
                    "a create was sent {since}; its outcome is not known yet{answer}, run `certctl apply`"
                )
            },
        );
        return format!("  {what}\n");
    };
    let mut parts = vec![standing(row, declared)];
    parts.extend(validity(row, declared));
    parts.extend(row.created_at.map(|at| format!("created {}", date(at))));
    parts.extend(
        row.expires_on
            .zip(row.days_left)
            .map(|(at, days)| match days {
                ..0 => format!("expired {}", date(at)),
                0 => format!("expires {} (today)", date(at)),
                1 => format!("expires {} (in 1 day)", date(at)),
                _ => format!("expires {} (in {days} days)", date(at)),
            }),
    );
    let fingerprint = row.fingerprint.as_ref();
    let fingerprint = fingerprint.map_or_else(String::new, |print| format!("  SHA-256 {print}"));
    let devices = row.evidence.as_ref().map(devices_said);
    let devices = devices.map_or_else(String::new, |said| format!("  {:9}  {said}\n", ""));
    format!(
        "  {name:<9}  {}\n  {:9}  {id}{fingerprint}\n{devices}",
        parts.join("  "),
        ""
    )
}

/// Its status and whether it is in use, beside what is declared where that differs.
fn standing(row: &Row, declared: Option<&Declared>) -> String {
    let status = row.binding_status.as_deref().unwrap_or("not found");
    let mut text = escape(status).into_owned();
    let active = matches!(status, "available" | "pending_deployment");
    match declared.and_then(|declared| declared.activate) {
        Some(true) if !active => text.push_str(" (declared active)"),
        Some(false) if active => text.push_str(" (declared inactive)"),
        _ => {}
    }
    match (row.in_use, declared.and_then(|declared| declared.in_use)) {
        (true, Some(false)) => text.push_str(", in use (declared not in use)"),
        (true, _) => text.push_str(", in use"),
        (false, Some(true)) => text.push_str(", not in use (declared in use)"),
        (false, _) => {}
    }
    text
}

fn validity(row: &Row, declared: Option<&Declared>) -> Option<String> {
    let days = row.validity_period_days?;
    let declared = declared.and_then(|declared| declared.validity_period_days);
    Some(match declared {
        Some(wanted) if wanted != days => format!("{days} days (declared {wanted})"),
        _ => format!("{days} days"),
    })
}

/// `on 2026-12-03 (in 7 days)`.
fn moment(at: Timestamp, now: Timestamp) -> String {
    match days_until(at, now) {
        ..0 => format!("since {}", date(at)),
        0 => format!("today, at {}", at.strftime("%H:%M UTC")),
        1 => format!("on {} (in 1 day)", date(at)),
        days => format!("on {} (in {days} days)", date(at)),
    }
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
