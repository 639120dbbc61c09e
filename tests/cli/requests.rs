//! How many requests an account costs: counted where they arrive, at the API and at the bucket of the state.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bucket::Bucket;
use crate::support::{Place, Server};

/// How often each kind of request was sent, by method.
type Counts = BTreeMap<String, usize>;

/// A place whose spec has so many accounts of one certificate each, and a server for them.
fn fleet(accounts: usize, state: &str) -> (Place, Server) {
    let mut text = format!("version: 1\nstate: {state}\naccounts:\n");
    for n in 1..=accounts {
        let _ = write!(
            text,
            "  - name: a{n:03}\n    account_id: a{n:031x}\n    certificates:\n      - {{ name: inspection, \
             validity_period_days: 365, in_use: true, rotation: {{ renew_before: 90d }} }}\n"
        );
    }
    let mut place = Place::new();
    place.write("certctl.yaml", &text);
    let server = place.serve("");
    (place, server)
}

/// How many requests the API has had since it began.
fn api(server: &Server) -> Counts {
    let log = crate::http::get(&server.control("/sandbox/log"));
    let entries = log["entries"].as_array().unwrap().iter();
    let methods = entries
        .filter(|entry| entry["cause"] == "request")
        .map(|entry| entry["method"].as_str().unwrap().to_owned());
    count(methods)
}

fn count(methods: impl Iterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    for method in methods {
        *counts.entry(method).or_default() += 1;
    }
    counts
}

/// What came since.
fn since(before: &Counts, after: &Counts) -> Counts {
    let had = |method: &String| before.get(method).copied().unwrap_or_default();
    let rest = after
        .iter()
        .map(|(method, n)| (method.clone(), n - had(method)));
    rest.filter(|(_, n)| *n > 0).collect()
}

fn gets(n: usize) -> Counts {
    Counts::from([("GET".to_owned(), n)])
}

#[test]
fn an_account_in_which_nothing_is_due_costs_one_request() {
    for accounts in [1, 25] {
        let (place, server) = fleet(accounts, "./state");
        place.certctl("apply --auto-approve").ok();
        for command in ["plan", "apply --auto-approve", "plan --parallelism 1"] {
            let before = api(&server);
            place.certctl(command).ok();
            let sent = since(&before, &api(&server));
            assert_eq!(sent, gets(accounts), "{command}: {accounts} accounts");
        }
    }
}

#[test]
fn the_configuration_is_read_where_something_is_due() {
    let (place, server) = fleet(3, "./state");
    place.certctl("plan").ok();
    // The list, the configuration, and for the switch the settings of devices.
    assert_eq!(api(&server), gets(3 * 3));
}

#[test]
fn an_apply_of_one_change_reads_no_other_account_again() {
    let (place, server) = fleet(25, "./state");
    place.certctl("apply --auto-approve").ok();
    place.edit(
        "certctl.yaml",
        "account_id: a0000000000000000000000000000007\n    certificates:\n",
        "account_id: a0000000000000000000000000000007\n    certificates:\n      - { name: standby, \
         validity_period_days: 365 }\n",
    );
    let before = api(&server);
    place.certctl("apply --auto-approve").ok();
    let sent = since(&before, &api(&server));
    let log = crate::http::get(&server.control("/sandbox/log"));
    let all: usize = before.values().sum();
    let entries = log["entries"].as_array().unwrap().iter();
    let others = entries
        .filter(|entry| entry["cause"] == "request")
        .skip(all)
        .filter(|entry| {
            !entry
                .to_string()
                .contains("a0000000000000000000000000000007")
        })
        .count();
    assert_eq!(
        others, 24,
        "one read for each account without a change: {sent:?}"
    );
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn a_state_in_a_bucket_is_read_twice_and_nothing_is_written_or_locked() {
    let Some(mut bucket) = Bucket::start() else {
        println!("skipped, because the Python package moto[server,s3] is not installed");
        return;
    };
    let accounts = 5;
    let (mut place, _server) = fleet(accounts, "s3://certctl-state/a");
    place.set("AWS_ENDPOINT_URL_S3", &bucket.endpoint);
    place.set("AWS_ACCESS_KEY_ID", "testing");
    place.set("AWS_SECRET_ACCESS_KEY", "testing");
    place.certctl("apply --auto-approve").ok();
    assert!(
        bucket.asked().iter().any(|(method, _)| method == "PUT"),
        "the first apply writes, so that this counts what is written"
    );
    for command in ["plan", "apply --auto-approve"] {
        place.certctl(command).ok();
        let asked = bucket.asked();
        let counts = count(asked.iter().map(|(method, _)| method.clone()));
        // Before the account is read and after it: another run may have moved it meanwhile.
        assert_eq!(counts, gets(2 * accounts), "{command}: {asked:?}");
    }
}
