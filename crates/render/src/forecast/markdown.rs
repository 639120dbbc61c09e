//! A forecast as Markdown: the verdict, what goes wrong, a chart, and the events, folded.
//!
//! *Invariants*: the first line is the verdict; nothing from outside is Markdown; the text keeps within
//! what GitHub takes, and says first what it left out.

use crate::markdown::budget::{Section, fit, left_out};
use crate::markdown::escape::{code, label, prose};
use certctl_model::Severity;
use certctl_plan::{count, time};

use super::bars::{Bar, Phase, bars};
use super::words::{by_address, subject, verdict, what, whom};
use certctl_forecast::{Event, Finding, Forecast, Life};

/// The longest comment that GitHub takes, in characters.
const LONGEST: usize = 65_536;
/// Room for the notice of what was left out.
const NOTICE: usize = 300;
/// How many addresses a chart shows; more cannot be read, and charts have a size limit.
const SECTIONS: usize = 20;
/// How many certificates of an address a chart shows.
const GENERATIONS: usize = 12;

/// The forecast as GitHub and GitLab render it, ended by a newline.
#[must_use]
pub fn markdown(forecast: &Forecast) -> String {
    let head = format!(
        "## {}\n\n{}.\n\n",
        verdict(forecast),
        prose(&subject(forecast))
    );
    let sections = vec![findings(forecast), chart(forecast), events(forecast)];
    let fitted = fit(sections, LONGEST.saturating_sub(head.len() + NOTICE));
    let notice = left_out(&fitted).map_or_else(String::new, |what| {
        format!(
            "> **Shortened to {LONGEST} characters.** Left out: {what}. `certctl forecast` shows them.\n\n"
        )
    });
    let body: String = fitted.into_iter().map(|one| one.text).collect();
    let text = format!("{head}{notice}{body}");
    format!("{}\n", text.trim_end())
}

fn findings(forecast: &Forecast) -> Section {
    Section {
        head: "| when | what | where | why | what to change |\n|---|---|---|---|---|\n".to_owned(),
        items: forecast.findings.iter().map(finding).collect(),
        foot: "\n".to_owned(),
        noun: "finding",
    }
}

fn finding(found: &Finding) -> String {
    let diagnostic = &found.diagnostic;
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = match (&diagnostic.address, &diagnostic.account) {
        (Some(address), _) => code(&address.to_string()),
        (None, Some(account)) => code(account.as_str()),
        (None, None) => String::new(),
    };
    format!(
        "| {} | {severity} {} | {place} | {} | {} |\n",
        time(found.at),
        code(diagnostic.code.as_str()),
        prose(&diagnostic.message),
        prose(diagnostic.hint.as_deref().unwrap_or_default())
    )
}

/// A Mermaid chart: a section for each address, bars for each of its certificates.
fn chart(forecast: &Forecast) -> Section {
    let all = by_address(forecast).count();
    let mut foot = "```\n\n".to_owned();
    if all > SECTIONS {
        foot.push_str(&format!("{} more are not drawn.\n\n", all - SECTIONS));
    }
    if by_address(forecast).any(|lives| lives.len() > GENERATIONS) {
        foot.push_str(&format!(
            "Of each, the first {GENERATIONS} certificates are drawn.\n\n"
        ));
    }
    Section {
        head:
            "```mermaid\ngantt\n    title Validity, trust and use\n    dateFormat YYYY-MM-DD\n    \
               axisFormat %Y-%m\n"
                .to_owned(),
        items: by_address(forecast)
            .take(SECTIONS)
            .filter_map(|lives| section(forecast, lives))
            .collect(),
        foot,
        noun: "chart section",
    }
}

fn section(forecast: &Forecast, lives: &[Life]) -> Option<String> {
    let address = lives.first()?.address.to_string();
    let mut text = format!("    section {}\n", label(&address));
    for (n, life) in lives.iter().take(GENERATIONS).enumerate() {
        let bars = bars(life, forecast.span);
        text.extend(bars.iter().filter_map(|one| bar(n + 1, one)));
    }
    Some(text)
}

fn bar(generation: usize, bar: &Bar) -> Option<String> {
    let (word, tag) = match bar.phase {
        Phase::Valid => ("valid", ""),
        Phase::InUse => ("in use", "active, "),
        Phase::Kept => ("kept", "done, "),
        Phase::Trust => ("trust", "crit, "),
    };
    let (from, to) = (time(bar.from), time(bar.to));
    let (from, to) = (from.get(..10)?, to.get(..10)?);
    (from < to).then(|| format!("    {generation} {word} :{tag}{from}, {to}\n"))
}

fn events(forecast: &Forecast) -> Section {
    Section {
        head: format!(
            "<details><summary>{}</summary>\n\n| when | where | what |\n|---|---|---|\n",
            count(forecast.events.len(), "event")
        ),
        items: forecast.events.iter().map(event).collect(),
        foot: "\n</details>\n".to_owned(),
        noun: "event",
    }
}

fn event(event: &Event) -> String {
    format!(
        "| {} | {} | {} |\n",
        time(event.at),
        code(&whom(event)),
        code(&what(event))
    )
}
