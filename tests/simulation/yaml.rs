//! The spec that says what is declared.

use std::fmt::Write as _;

use crate::declared::{ACCOUNTS, Certificate, Declared, Periods, WINDOW_HOURS};

/// The spec of these accounts, in a history that began with these periods. An account of which nothing is
/// declared is not in it.
pub(crate) fn spec(accounts: &[Declared], first: Periods) -> String {
    let mut text = "version: 1\n".to_owned();
    if let Some(one) = accounts.first() {
        text.push_str(&policy(one.periods(first).waves));
    }
    text.push_str("accounts:\n");
    let named = accounts.iter().zip(ACCOUNTS);
    for (declared, (name, id)) in named.filter(|(one, _)| !one.certificates.is_empty()) {
        let _infallible = writeln!(
            text,
            "  - name: {name}\n    account_id: {id}\n    adopt: {}\n    labels: {{ tier: \"{}\" }}\n    suspended: {}\n    certificates:",
            word(&declared.adopt),
            declared.tier,
            declared.suspended,
        );
        text.push_str(&declared.certificates(first));
    }
    text
}

fn policy(bakes: [u32; 2]) -> String {
    let bakes = bakes.into_iter().take_while(|bake| *bake > 0);
    let waves = bakes
        .enumerate()
        .map(|(tier, bake)| format!("    - {{ labels: {{ tier: \"{tier}\" }}, bake: {bake}h }}\n"));
    match waves.collect::<String>() {
        waves if waves.is_empty() => waves,
        waves => format!("policy:\n  waves:\n{waves}    - {{ rest: true }}\n"),
    }
}

impl Declared {
    fn certificates(&self, first: Periods) -> String {
        let periods = self.periods(first);
        let mut text = String::new();
        for (name, certificate) in &self.certificates {
            let Certificate {
                days,
                active,
                renewed,
                protected,
                removal,
            } = certificate;
            let in_use = match self.in_use {
                Some(used) if used == *name => ", in_use: true",
                _ => "",
            };
            let renew_before = match renewed {
                true => format!("{}d", periods.renew_before_days),
                false => "null".to_owned(),
            };
            let windows = periods.window.map_or_else(String::new, |hour| {
                format!(
                    ", windows: [ {{ cron: \"0 {hour} * * *\", timezone: UTC, window_duration: {WINDOW_HOURS}h }} ]"
                )
            });
            // No device is there to wait for; but the list of them is read, and may fail.
            let evidence = match periods.trust_hours {
                168 => ", trust_evidence: { seen: 98% }",
                _ => "",
            };
            let _infallible = writeln!(
                text,
                "      - {{ name: {name}, validity_period_days: {days}, activate: {active}{in_use}, rotation: {{ renew_before: {renew_before}, trust_period: {}h{evidence}, retire_after: {}h{windows} }}, lifecycle: {{ prevent_destroy: {protected}, deletion_policy: {} }} }}",
                periods.trust_hours,
                periods.retire_hours,
                word(removal),
            );
        }
        text
    }
}

/// The word of the spec.
fn word(of: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(of).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}
