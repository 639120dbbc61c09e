//! What each stage of a run costs, for 10, 1,000 and 10,000 accounts of one certificate each.
//!
//! `cargo bench --bench stages`; a name at its end picks some: `-- plan`. Nothing here waits for anybody:
//! what a whole run takes beside a server is in `fleet`.

#![expect(
    clippy::expect_used,
    reason = "a fleet that cannot be made is a broken bench"
)]

#[path = "../../planner/examples/plan/fleet.rs"]
mod fleet;

use certctl_forecast::{Forecast, Span, forecast};
use certctl_model::{AccountState, Observed, Period, Timestamp};
use certctl_plan::{Plan, digest};
use certctl_render::{MarkdownOptions, Style, human, markdown};
use certctl_spec::{Sources, Spec, expand};
use divan::Bencher;

use fleet::{declared, planned, settled, sources};

const ACCOUNTS: [usize; 3] = [10, 1_000, 10_000];
const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const STYLE: Style = Style {
    color: true,
    width: Some(100),
};

fn main() {
    divan::main();
}

fn files(accounts: usize) -> Sources {
    sources(accounts, 1)
}

fn spec(accounts: usize) -> Spec {
    declared(&files(accounts)).expect("the fleet's spec is valid")
}

/// A plan that creates a certificate in every account.
fn creates(accounts: usize) -> Plan {
    let spec = spec(accounts);
    let read: Vec<(Observed, AccountState)> = settled(&spec, NOW)
        .expect("the fleet can be settled")
        .into_iter()
        .map(|(mut observed, _)| {
            observed.certificates.clear();
            (observed, AccountState::default())
        })
        .collect();
    let plan = planned(&spec, &read, NOW);
    assert_eq!(plan.changes.len(), accounts);
    plan
}

#[divan::bench(args = ACCOUNTS)]
fn parse(bencher: Bencher, accounts: usize) {
    bencher
        .with_inputs(|| files(accounts))
        .bench_refs(|files| declared(files));
}

#[divan::bench(args = ACCOUNTS)]
fn expand_spec(bencher: Bencher, accounts: usize) {
    let spec = spec(accounts);
    bencher.bench(|| expand(&spec));
}

/// Nothing is due.
#[divan::bench(args = ACCOUNTS)]
fn plan_settled(bencher: Bencher, accounts: usize) {
    let spec = spec(accounts);
    let read = settled(&spec, NOW).expect("the fleet can be settled");
    bencher.bench(|| planned(&spec, &read, NOW));
}

#[divan::bench(args = ACCOUNTS)]
fn digest_of_creates(bencher: Bencher, accounts: usize) {
    let plan = creates(accounts);
    bencher.bench(|| {
        let each = plan.accounts.iter().zip(plan.changes.chunks(1));
        let digests = each.map(|(account, changes)| digest::of_account(account, changes, [], &[]));
        let digests: Vec<String> = digests.collect();
        (digests, digest::of_accounts(plan.accounts.iter()))
    });
}

#[divan::bench(args = ACCOUNTS)]
fn render_human(bencher: Bencher, accounts: usize) {
    let plan = creates(accounts);
    bencher.bench(|| human(&plan, STYLE));
}

#[divan::bench(args = ACCOUNTS)]
fn render_markdown(bencher: Bencher, accounts: usize) {
    let plan = creates(accounts);
    bencher.bench(|| markdown(&plan, &MarkdownOptions::default()));
}

#[divan::bench(args = ACCOUNTS)]
fn render_json(bencher: Bencher, accounts: usize) {
    let plan = creates(accounts);
    bencher.bench(|| certctl_plan::json(&plan));
}

/// A year of daily runs, from empty accounts.
#[divan::bench(args = ACCOUNTS, max_time = 5)]
fn forecast_a_year(bencher: Bencher, accounts: usize) {
    let spec = spec(accounts);
    bencher.bench(|| year(&spec));
}

fn year(spec: &Spec) -> Forecast {
    let span = Span {
        from: NOW,
        until: Period::days(365).after(NOW),
        every: Period::days(1),
    };
    forecast(spec, Vec::new(), span)
}
