//! A forecast for people at a terminal: what goes wrong first, then bars, then what happens.

use certctl_model::{Period, Severity, Timestamp};
use certctl_plan::{count, escape, time};
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::bars::{Phase, bars};
use super::words::{by_address, subject, verdict, what, whom};
use crate::paint::{Paint, Style, Tone};
use certctl_forecast::{Event, Finding, Forecast, Life, Span};

/// How many addresses have bars; more cannot be seen at once.
const ADDRESSES: usize = 40;
/// How wide it is drawn where nobody knows how wide a line is.
const WIDTH: usize = 100;
/// The least that bars need to say anything.
const NARROWEST: usize = 20;
/// The longest address that is written out beside its bars.
const LONGEST: usize = 40;

/// The forecast as text, ended by a newline.
#[must_use]
pub fn human(forecast: &Forecast, style: Style) -> String {
    let paint = Paint::new(style.color);
    let head = format!("{}\n{}.", verdict(forecast), subject(forecast));
    let mut paragraphs = vec![paint.paint(Tone::Strong, &head)];
    paragraphs.extend(forecast.findings.iter().map(|found| finding(found, paint)));
    paragraphs.extend(picture(forecast, style.width.unwrap_or(WIDTH)));
    paragraphs.extend(years(forecast, paint));
    format!("{}\n", paragraphs.join("\n\n"))
}

fn finding(found: &Finding, paint: Paint) -> String {
    let diagnostic = &found.diagnostic;
    let (word, tone) = match diagnostic.severity {
        Severity::Error => ("error", Tone::Removes),
        Severity::Warning => ("warning", Tone::Changes),
    };
    let head = paint.paint(tone, &format!("{word}[{}]", diagnostic.code));
    let whom = match (&diagnostic.address, &diagnostic.account) {
        (Some(address), _) => address.to_string(),
        (None, Some(account)) => account.to_string(),
        (None, None) => String::new(),
    };
    let mut text = format!(
        "{head}: {}  {whom}\n    {}",
        time(found.at),
        escape(&diagnostic.message)
    );
    if let Some(hint) = &diagnostic.hint {
        text.push_str(&format!("\n    hint: {}", escape(hint)));
    }
    text
}

/// Bars over time, to the width of the terminal.
fn picture(forecast: &Forecast, width: usize) -> Option<String> {
    let drawn: Vec<&[Life]> = by_address(forecast).take(ADDRESSES).collect();
    let names = drawn.iter().filter_map(|lives| lives.first());
    let longest = names.map(|life| life.address.to_string().len()).max()?;
    let margin = longest.min(LONGEST);
    let canvas = Canvas {
        span: forecast.span,
        margin,
        width: width.saturating_sub(margin + 2).max(NARROWEST),
    };
    let mut lines = vec![canvas.scale()];
    lines.extend(drawn.iter().flat_map(|lives| canvas.rows(lives)));
    let more = by_address(forecast).count() - drawn.len();
    if more > 0 {
        lines.push(format!("{more} more are not drawn"));
    }
    lines.push(String::new());
    lines.push("░ trust period   █ in use   ▒ replaced, kept as the way back   ─ valid".to_owned());
    Some(lines.join("\n"))
}

/// Where bars are drawn.
struct Canvas {
    span: Span,
    /// Columns of the addresses.
    margin: usize,
    /// Columns of the bars.
    width: usize,
}

impl Canvas {
    /// The column of an instant within the span.
    fn column(&self, at: Timestamp) -> usize {
        let seconds = |from, to| Period::between(from, to).as_seconds();
        let all = seconds(self.span.from, self.span.until).max(1);
        let width = i64::try_from(self.width).unwrap_or(i64::MAX);
        let column = seconds(self.span.from, at).saturating_mul(width) / all;
        usize::try_from(column).unwrap_or(0)
    }

    /// One address: its certificates alternate between two rows, so that old and new are seen to
    /// overlap.
    fn rows(&self, lives: &[Life]) -> Vec<String> {
        let name = lives.first().map(|life| life.address.to_string());
        let name: String = name.unwrap_or_default().chars().take(self.margin).collect();
        let mut rows = [vec![' '; self.width], vec![' '; self.width]];
        for (n, life) in lives.iter().enumerate() {
            if let Some(row) = rows.get_mut(n % 2) {
                self.draw(life, row);
            }
        }
        let labels = [name, String::new()];
        let rows = labels.iter().zip(rows).map(|(label, row)| {
            let row: String = row.into_iter().collect();
            format!("{label:margin$}  {row}", margin = self.margin)
        });
        let rows = rows.map(|row| row.trim_end().to_owned());
        rows.filter(|row| !row.is_empty()).collect()
    }

    fn draw(&self, life: &Life, row: &mut [char]) {
        for bar in bars(life, self.span) {
            let sign = match bar.phase {
                Phase::Valid => '─',
                Phase::InUse => '█',
                Phase::Kept => '▒',
                Phase::Trust => '░',
            };
            // However short, it is seen.
            let from = self.column(bar.from).min(self.width - 1);
            let to = self.column(bar.to).max(from + 1);
            row.iter_mut()
                .take(to)
                .skip(from)
                .for_each(|cell| *cell = sign);
        }
    }

    /// The years, or the months of a short span, where each begins.
    fn scale(&self) -> String {
        let long = Period::between(self.span.from, self.span.until) >= Period::days(730);
        let zoned = self.span.from.to_zoned(TimeZone::UTC);
        let months = if long { 12 } else { 1 };
        let mut row = if long {
            zoned.year().to_string()
        } else {
            format!("{}-{:02}", zoned.year(), zoned.month())
        };
        for n in 0.. {
            let month = i32::from(zoned.month()) - 1 + n;
            let first = if long { (n + 1) * months } else { month };
            let (year, month) = (first.div_euclid(12), first.rem_euclid(12) + 1);
            let year = i32::from(zoned.year()) + year;
            let Some(at) = begins(year, month).filter(|at| *at <= self.span.until) else {
                break;
            };
            let label = if long {
                format!("{year}")
            } else {
                format!("{year}-{month:02}")
            };
            let column = self.column(at);
            if column > row.len() && column + label.len() <= self.width {
                row.push_str(&" ".repeat(column - row.len()));
                row.push_str(&label);
            }
        }
        format!("{:margin$}  {row}", "", margin = self.margin)
            .trim_end()
            .to_owned()
    }
}

/// The first instant of a month.
fn begins(year: i32, month: i32) -> Option<Timestamp> {
    let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    let zoned = date(year, month, 1).to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

/// The events, a paragraph for each year.
fn years(forecast: &Forecast, paint: Paint) -> Vec<String> {
    let year = |event: &Event| time(event.at).get(..4).map(str::to_owned);
    let day = forecast.span.every.as_seconds() % Period::DAY.as_seconds() == 0;
    let addresses = forecast.events.iter().map(|event| whom(event).len());
    let margin = addresses.max().unwrap_or_default();
    forecast
        .events
        .chunk_by(|a, b| year(a) == year(b))
        .map(|events| {
            let head = events.first().and_then(year).unwrap_or_default();
            let head = format!("{head}: {}", count(events.len(), "event"));
            let mut lines = vec![paint.paint(Tone::Strong, &head)];
            lines.extend(events.iter().map(|event| line(event, day, margin)));
            lines.join("\n")
        })
        .collect()
}

fn line(event: &Event, day: bool, margin: usize) -> String {
    let at = time(event.at);
    let at = if day {
        at.get(..10).unwrap_or(&at).to_owned()
    } else {
        at
    };
    format!("  {at}  {:margin$}  {}", whom(event), what(event))
}
