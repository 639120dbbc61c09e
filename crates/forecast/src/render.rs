//! Renderers: the forecast as text. They decide nothing, and read nothing but the forecast.
//!
//! *Invariants*: the same forecast gives the same bytes; what comes from an API or a file is escaped
//! before it is shown; no renderer prints.

mod bars;
mod human;
mod markdown;

#[cfg(test)]
mod tests;

pub use human::human;
pub use markdown::markdown;

use certctl_plan::render::{count, time};

use crate::{Event, Forecast, Life};

/// What the forecast is of, in one line without a full stop.
fn subject(forecast: &Forecast) -> String {
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
fn verdict(forecast: &Forecast) -> String {
    match forecast.findings.len() {
        0 => "Nothing will go wrong.".to_owned(),
        1 => "One thing will go wrong.".to_owned(),
        n => format!("{n} things will go wrong."),
    }
}

/// What an event is about: its address, or what nothing claims.
fn whom(event: &Event) -> String {
    match (&event.address, &event.certificate_id) {
        (Some(address), _) => address.to_string(),
        (None, Some(id)) => format!("{}: {id}", event.account),
        (None, None) => event.account.to_string(),
    }
}

/// What happens, as a word or two.
fn what(event: &Event) -> String {
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
fn by_address(forecast: &Forecast) -> impl Iterator<Item = &[Life]> {
    forecast.lives.chunk_by(|a, b| a.address == b.address)
}
