//! The words for a forecast, the same in every renderer.

use certctl_forecast::{Event, Forecast, Life};
use certctl_plan::{count, time};

/// What the forecast is of, in one line without a full stop.
pub(super) fn subject(forecast: &Forecast) -> String {
    let span = forecast.span;
    format!(
        "{} in {}, from {} to {}, `apply` every {}",
        count(forecast.certificates, "certificate"),
        count(forecast.accounts, "account"),
        time(span.from),
        time(span.until),
        span.every
    )
}

/// What it comes to, in one line.
pub(super) fn verdict(forecast: &Forecast) -> String {
    match forecast.findings.len() {
        0 => "No problems found.".to_owned(),
        1 => "1 problem found.".to_owned(),
        n => format!("{n} problems found."),
    }
}

/// What an event is about: its address, or what nothing claims.
pub(super) fn whom(event: &Event) -> String {
    match (&event.address, &event.certificate_id) {
        (Some(address), _) => address.to_string(),
        (None, Some(id)) => format!("{}: {id}", event.account),
        (None, None) => event.account.to_string(),
    }
}

/// What happens, as a word or two.
pub(super) fn what(event: &Event) -> String {
    match event.days {
        Some(days) => format!(
            "{} ({})",
            event.kind.as_str(),
            count(days.days() as usize, "day")
        ),
        None => event.kind.as_str().to_owned(),
    }
}

/// The lives of each address, in the order of the addresses.
pub(super) fn by_address(forecast: &Forecast) -> impl Iterator<Item = &[Life]> {
    forecast.lives.chunk_by(|a, b| a.address == b.address)
}
