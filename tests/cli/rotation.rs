//! `examples/rotation` and `examples/emergency`, lived through: the sandbox's clock and the planner's
//! stand at the same instants, and Gateway never inspects with what browsers refuse.

use serde_json::Value;

use crate::http::{get, send, set_clock};
use crate::support::{Place, Seen, Server};

const ACME: &str = "699d98642c564d2e855e9661899b7252";

/// An example that was applied for the first time.
struct Life {
    place: Place,
    server: Server,
}

impl Life {
    fn of(example: &str) -> Self {
        let mut place = Place::with_example(example);
        let server = place.serve("--deploy-delay 0s --inspects");
        let mut life = Self { place, server };
        life.at("2027-01-04T04:17:00Z");
        life.place.certctl("apply --auto-approve").ok();
        life
    }

    fn at(&mut self, now: &str) {
        self.place.set("CERTCTL_NOW", now);
        set_clock(&self.server, now);
    }

    fn plan(&self, options: &str) -> Seen {
        self.place.certctl(&format!("plan {options}"))
    }

    /// The run that nobody watches.
    #[track_caller]
    fn daily(&self) -> Seen {
        self.place
            .certctl("apply --only rotation --auto-approve")
            .ok()
    }

    #[track_caller]
    fn apply(&self, options: &str) -> Seen {
        let arguments = format!("apply --auto-approve {options}");
        self.place.certctl(&arguments).ok()
    }

    /// What an address holds, by role, the one in use with a star; sorted.
    fn holds(&self, address: &str) -> Vec<String> {
        let status = self.place.certctl("status --format json").ok().json();
        let rows = status["certificates"].as_array().unwrap().iter();
        let mut held: Vec<String> = rows
            .filter(|row| row["address"] == address)
            .map(|row| {
                let star = if row["in_use"] == true { " *" } else { "" };
                format!("{}{star}", row["role"].as_str().unwrap())
            })
            .collect();
        held.sort();
        held
    }

    /// The certificate that Gateway used last in the account `acme`.
    fn used(&self) -> String {
        let account = &self.log()["accounts"][ACME];
        let used = account["in_use"].as_array().unwrap().last().unwrap();
        used.as_str().unwrap().to_owned()
    }

    fn log(&self) -> Value {
        get(&self.server.control("/sandbox/log"))
    }

    /// That interception worked all the time, and how many certificates were created for it.
    #[track_caller]
    fn never_an_outage(&self, account: &str, creations: u64) {
        let log = self.log();
        let account = &log["accounts"][account];
        assert_eq!(account["outages"], serde_json::json!([]));
        assert_eq!(account["creations"], creations);
    }
}

/// That all of this was said, on stdout or stderr.
#[track_caller]
fn says(seen: &Seen, words: &[&str]) {
    let said = format!("{}{}", seen.stdout, seen.stderr);
    for word in words {
        assert!(said.contains(word), "{word:?} was not said:\n{said}");
    }
}

#[test]
fn a_rotation_from_the_first_issue_to_the_last_deletion() {
    let mut life = Life::of("rotation");
    assert_eq!(life.holds("acme/inspection"), ["current *"]);
    let first = life.used();

    // The day before its renewal nothing is due.
    life.at("2027-11-04T04:17:00Z");
    says(&life.plan("--account acme").ok(), &["No changes."]);

    // Due: the successor is created and activated, and the trust period begins.
    life.at("2027-11-05T04:17:00Z");
    let planned = life
        .plan("--account acme --detailed-exitcode --format json")
        .json();
    let renewed = &planned["changes"][0];
    assert_eq!(renewed["change"], "renew");
    assert_eq!(renewed["reason"]["code"], "renewal_due");
    assert_eq!(renewed["blast_radius"], "unsynced_devices");
    says(
        &life.daily(),
        &[
            "acme/inspection: waits until 2027-11-19T04:17:00Z for the trust period, then set_in_use",
        ],
    );
    assert_eq!(life.holds("acme/inspection"), ["current *", "successor"]);

    // In between there is nothing to do.
    life.at("2027-11-12T04:17:00Z");
    says(&life.plan("--account acme").ok(), &["Nothing is due now"]);

    // The trust period is over on a Friday: the switch waits for Saturday's window.
    life.at("2027-11-19T04:17:00Z");
    says(
        &life.daily(),
        &["waits until 2027-11-20T01:00:00Z for the maintenance window, then set_in_use"],
    );
    assert_eq!(life.used(), first);

    // Within it, Gateway switches, and the predecessor stays available.
    life.at("2027-11-20T04:17:00Z");
    says(
        &life.daily(),
        &["waits until 2027-12-04T04:17:00Z for the retire period, then deactivate"],
    );
    assert_ne!(life.used(), first);
    assert_eq!(life.holds("acme/inspection"), ["current *", "retiring"]);
    let planned = life.plan("--account acme --format json").ok().json();
    assert_eq!(
        planned["changes"][0]["rollback_until"],
        "2027-12-04T04:17:00Z"
    );

    // The retire period is over: deactivated and deleted.
    life.at("2027-12-04T04:17:00Z");
    let seen = life.daily();
    let deactivated = format!("deactivated {first}");
    let deleted = format!("deleted {first}");
    says(&seen, &[&deactivated, &deleted, "acme/inspection: done"]);
    assert_eq!(life.holds("acme/inspection"), ["current *"]);
    life.never_an_outage(ACME, 2);
}

#[test]
fn a_held_switch_waits_for_a_person() {
    let mut life = Life::of("rotation");
    let address = "acme-lab/inspection";
    life.at("2027-03-05T04:17:00Z");
    says(&life.daily(), &["for the trust period, then set_in_use"]);
    life.at("2027-03-07T04:17:00Z");
    says(
        &life.daily(),
        &[
            "warning[rotation_held]: the rotation is held, and what it replaces expires at \
             2027-04-04T04:12:00Z",
            "`--resume acme-lab/inspection` switches to the successor",
            "waits for `--resume`, then set_in_use",
        ],
    );
    assert_eq!(life.holds(address), ["current *", "successor"]);
    life.apply(&format!("--resume {address}"));
    assert_eq!(life.holds(address), ["current *", "retiring"]);
    life.at("2027-03-09T04:17:00Z");
    life.daily();
    assert_eq!(life.holds(address), ["current *"]);
    life.never_an_outage("023e105f4ecef8ad9ca31a8372d0c353", 2);
}

#[test]
fn the_daily_run_falls_into_every_window() {
    // The whole life, as the workflow's cron would run it: nothing goes wrong.
    let mut life = Life::of("rotation");
    let seen = life
        .place
        .certctl("forecast --account acme --until 5y --every 1d")
        .ok();
    says(&seen, &["set_in_use"]);
    // At midnight no run ever does, and the forecast says so.
    life.at("2027-01-05T00:00:00Z");
    let seen = life.place.certctl("forecast --account acme --until 2y");
    assert_eq!(seen.code, 2);
    says(
        &seen,
        &["last_resort", "no window of `rotation.windows` is open"],
    );
}

#[test]
fn away_from_a_compromised_certificate_at_once() {
    let mut life = Life::of("emergency");
    let address = "acme/inspection";
    let first = life.used();
    life.at("2027-03-01T09:00:00Z");
    let planned = life
        .plan("--compromised acme/inspection --format json")
        .ok();
    let planned = planned.json();
    let replaced = planned["changes"].as_array().unwrap().iter();
    let replaced: Vec<&Value> = replaced.filter(|c| c["address"] == address).collect();
    assert_eq!(replaced[0]["reason"]["code"], "compromised");
    assert_eq!(replaced[0]["blast_radius"], "everybody");
    assert_eq!(replaced[0]["rollback_until"], Value::Null);

    // No trust period, and no retire period.
    let seen = life.apply("--compromised acme/inspection");
    says(
        &seen,
        &[&format!("deleted {first}"), "acme/inspection: done"],
    );
    assert_ne!(life.used(), first);
    assert_eq!(life.holds(address), ["current *"]);

    // No way back.
    let seen = life.plan("--rollback acme/inspection");
    assert_eq!(seen.code, 1);
    says(&seen, &["error[not_possible]"]);
    says(&life.plan("").ok(), &["No changes."]);
    life.never_an_outage(ACME, 3);
}

#[test]
fn a_standby_takes_over_from_a_compromised_certificate() {
    let mut life = Life::of("emergency");
    life.at("2027-03-01T09:00:00Z");
    life.place
        .edit("certctl.yaml", "        in_use: true\n", "");
    life.place.edit(
        "certctl.yaml",
        "        validity_period_days: 730\n",
        "        validity_period_days: 730\n        in_use: true\n",
    );
    life.apply("--compromised acme/inspection");
    assert_eq!(life.holds("acme/standby"), ["current *"]);
    assert_eq!(life.holds("acme/inspection"), ["current"]);
    life.never_an_outage(ACME, 3);
}

/// The example, the day after a switch; the predecessor.
fn switched() -> (Life, String) {
    let mut life = Life::of("emergency");
    let first = life.used();
    life.at("2027-11-05T04:17:00Z");
    life.daily();
    life.at("2027-11-12T04:17:00Z");
    life.daily();
    assert_ne!(life.used(), first);
    life.at("2027-11-13T09:00:00Z");
    (life, first)
}

/// That the rotation is held: a plan says so, and a daily run leaves it.
#[track_caller]
fn is_held(life: &mut Life, first: &str) {
    let held = [
        "warning[rotation_held]",
        "`--resume acme/inspection` switches to the successor; `--replace acme/inspection` makes \
         another one",
    ];
    says(&life.plan("").ok(), &held);
    for day in 14..20 {
        life.at(&format!("2027-11-{day}T04:17:00Z"));
        says(&life.daily(), &held);
        assert_eq!(life.used(), first);
    }
    assert_eq!(life.holds("acme/inspection"), ["current *", "successor"]);
}

/// That a held rotation goes on when a person says so, to its end.
#[track_caller]
fn goes_on(life: &mut Life, first: &str) {
    life.apply("--resume acme/inspection");
    assert_eq!(life.holds("acme/inspection"), ["current *", "retiring"]);
    life.at("2027-12-10T04:17:00Z");
    says(&life.daily(), &[&format!("deleted {first}")]);
    life.never_an_outage(ACME, 3);
}

#[test]
fn after_a_switch_the_address_does_not_say_which_one_is_compromised() {
    let (life, first) = switched();
    let healthy = life.used();
    let seen = life.plan("--compromised acme/inspection");
    assert_eq!(seen.code, 1);
    let listed = [
        "it is not plain which of them is compromised",
        &first,
        "retiring",
        &healthy,
        "`--compromised ID`",
    ];
    says(&seen, &listed);

    // Named by its id, the predecessor goes, and nobody is switched.
    let seen = life.apply(&format!("--compromised {first}"));
    says(&seen, &[&format!("deleted {first}")]);
    assert_eq!(life.used(), healthy);
    assert_eq!(life.holds("acme/inspection"), ["current *"]);

    let seen = life.plan(&format!("--compromised {first}"));
    assert_eq!(seen.code, 1);
    says(&seen, &["error[unknown_selection]", &first]);
    life.never_an_outage(ACME, 3);
}

#[test]
fn back_to_the_predecessor_and_on_again() {
    let (mut life, first) = switched();
    let seen = life.apply("--rollback acme/inspection");
    says(
        &seen,
        &[
            &format!("set in use: {first}"),
            "waits for `--resume`, then set_in_use",
        ],
    );
    is_held(&mut life, &first);
    goes_on(&mut life, &first);
}

#[test]
fn moved_back_by_hand_is_not_fought() {
    let (mut life, first) = switched();
    let path = format!("/sandbox/accounts/{ACME}/certificates/{first}");
    assert_eq!(
        send("PATCH", &life.server.control(&path), r#"{"in_use":true}"#),
        200
    );
    says(
        &life.plan("").ok(),
        &["warning[in_use_moved]", "back to its predecessor"],
    );
    life.daily();
    is_held(&mut life, &first);
    goes_on(&mut life, &first);
}

#[test]
fn another_successor_instead_of_a_held_one() {
    let (mut life, first) = switched();
    life.apply("--rollback acme/inspection");
    life.apply("--replace acme/inspection");
    assert_eq!(
        life.holds("acme/inspection"),
        ["current *", "retiring", "successor"]
    );
    assert_eq!(life.used(), first);
    life.at("2027-11-20T09:00:00Z");
    life.daily();
    assert_ne!(life.used(), first);
    life.never_an_outage(ACME, 4);
}

/// What docs/terraform.md says of a PUT that replaces the whole configuration.
#[test]
fn a_put_of_all_settings_is_met_as_the_page_says() {
    let (mut life, first) = switched();
    let second = life.used();
    let configuration = format!("/sandbox/accounts/{ACME}/configuration");
    let configuration = life.server.control(&configuration);
    let put = |certificate: &str| {
        let body = format!(r#"{{"tls_decrypt":{{"enabled":true}}{certificate}}}"#);
        assert_eq!(send("PUT", &configuration, &body), 200);
    };

    // Within a minute of the switch to it, the list may lag: no decision is taken from that.
    life.at("2027-11-12T04:17:30Z");
    put(&format!(r#","certificate":{{"id":"{first}"}}"#));
    says(
        &life.plan("").ok(),
        &["set_in_use", "2027-11-12T04:18:00Z (in 30s)"],
    );

    // Later it is a hold.
    life.at("2027-11-12T04:19:00Z");
    says(
        &life.plan("").ok(),
        &["warning[in_use_moved]", "the rotation is held"],
    );

    // Another certificate: an error also for the run that nobody watches, and nothing is moved.
    let other = life.place.certctl("status --format json").ok().json();
    let other = other["certificates"].as_array().unwrap().iter();
    let mut standby = other.filter(|row| row["address"] == "acme/standby");
    let standby = standby.next().unwrap()["certificate_id"].clone();
    put(&format!(r#","certificate":{{"id":{standby}}}"#));
    let seen = life.place.certctl("apply --only rotation --auto-approve");
    assert_eq!(seen.code, 1);
    says(&seen, &["error[in_use_moved]"]);
    assert_eq!(life.used(), standby.as_str().unwrap());

    // No certificate: what is declared is set in use at once.
    put("");
    says(&life.apply(""), &[&format!("set in use: {second}")]);
    assert_eq!(life.used(), second);
}
