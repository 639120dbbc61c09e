//! The runs of each day: the rotation, and the look for drift.

use std::collections::BTreeMap;

use super::{at, copy_scripts, gitlab, gitlab_env, held};
use crate::forge::{self, Forge};
use crate::support::{Server, repository};

#[test]
fn drift_keeps_one_issue_open() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 100ms");
    assert!(forge.run("certctl-drift.yml"), "{}", forge.log());
    assert!(
        forge
            .place
            .read("forge/issue.md")
            .starts_with("## certctl will create")
    );
    assert!(forge.run("certctl-drift.yml"), "{}", forge.log());
    forge.place.certctl("apply --auto-approve").ok();
    assert!(forge.run("certctl-drift.yml"), "{}", forge.log());
    assert!(!forge.place.path("forge/issue.md").exists());
    let calls = forge.place.read("forge/gh.log");
    let calls: Vec<&str> = calls
        .lines()
        .filter_map(|line| line.strip_prefix("issue ")?.split(' ').next())
        .collect();
    assert_eq!(calls, ["list", "create", "list", "edit", "list", "close"]);
}

const RENEWAL: &str = "        rotation: { renew_before: 30d, trust_period: 1d }\n";
const UNAPPLIED: &str = "      - name: merged-only\n";

/// An account that is as declared, then a year later: `standby` is due for renewal, and an address is
/// declared that nobody applied.
fn a_renewal_is_due(forge: &mut Forge, deploy_delay: &str) -> Server {
    let server = forge.place.serve(&format!("--deploy-delay {deploy_delay}"));
    at(forge, &server, "2030-01-01T00:00:00Z");
    forge.place.edit(
        "certctl.yaml",
        "        in_use: false\n",
        &format!("        in_use: false\n{RENEWAL}"),
    );
    let first = forge
        .place
        .certctl("apply --auto-approve --wait-timeout 0s");
    assert!([0, 3].contains(&first.code), "{}", first.stderr);
    at(forge, &server, "2030-01-01T02:00:00Z");
    forge.place.certctl("apply --auto-approve").ok();
    at(forge, &server, "2030-12-05T00:00:00Z");
    let text = forge.place.read("certctl.yaml");
    forge
        .place
        .write("certctl.yaml", &format!("{text}{UNAPPLIED}"));
    server
}

fn expected(standby: usize) -> BTreeMap<String, usize> {
    [("acme/inspection", 1), ("acme/standby", standby)]
        .map(|(address, count)| (address.to_owned(), count))
        .into()
}

#[test]
fn the_daily_run_renews_and_leaves_what_nobody_applied() {
    let mut forge = Forge::new("quickstart");
    let server = a_renewal_is_due(&mut forge, "0s");
    assert!(forge.run("certctl-rotation.yml"), "{}", forge.log());
    assert_eq!(held(&forge), expected(2));
    let said = forge.place.read("certctl-out/rotation.txt");
    assert!(
        said.contains("`--only rotation` leaves this to another run: create"),
        "{said}"
    );
    let summary = forge.place.read("forge/summary.md");
    assert!(
        summary.contains("**The rotation run did what was due.**"),
        "{summary}"
    );
    assert!(summary.contains("acme/merged-only"), "{summary}");
    // The run beside it tells the same to everybody.
    assert!(forge.run("certctl-drift.yml"), "{}", forge.log());
    let issue = forge.place.read("forge/issue.md");
    assert!(issue.starts_with("## certctl will create 1"), "{issue}");

    // A week after its successor is there, the predecessor goes; nothing else was done meanwhile.
    at(&mut forge, &server, "2030-12-13T00:00:00Z");
    assert!(forge.run("certctl-rotation.yml"), "{}", forge.log());
    assert_eq!(held(&forge), expected(1));
    assert!(!forge.log().contains("a-token-for-tests"));
}

#[test]
fn still_deploying_is_shown_and_fails_no_daily_run() {
    let mut forge = Forge::new("quickstart");
    let _server = a_renewal_is_due(&mut forge, "1h");
    let script = repository().join("examples/pipelines/shell/rotation.sh");
    let line = format!("{} out --wait-timeout 0s", script.display());
    assert!(forge.bash(&line, &BTreeMap::new()), "{}", forge.log());
    let summary = forge.place.read("forge/summary.md");
    assert!(
        summary.contains("**Cloudflare is still deploying;"),
        "{summary}"
    );
    // What is blocked is a failure.
    forge.place.edit("certctl.yaml", "version: 1", "version: 2");
    assert!(!forge.bash(&line, &BTreeMap::new()));
}

#[test]
fn the_daily_run_on_gitlab_renews() {
    let mut forge = Forge::new("quickstart");
    let _server = a_renewal_is_due(&mut forge, "0s");
    copy_scripts(&forge);
    let env = gitlab_env();
    assert!(forge.bash(&gitlab("rotation"), &env), "{}", forge.log());
    assert_eq!(held(&forge), expected(2));
    let pipeline = forge::read("examples/pipelines/gitlab/.gitlab-ci.yml");
    assert_eq!(
        pipeline["rotation"]["resource_group"],
        pipeline["apply"]["resource_group"]
    );
}

/// A spec that the daily runs look at is looked at by `status` too; what only `plan` knows is left out.
#[test]
fn what_status_does_not_know_is_not_given_to_it() {
    let forge = Forge::new("quickstart");
    let library = repository().join("examples/pipelines/shell/library.sh");
    let line = format!(
        ". {}; reading_options -f a --allow max_deletes --account=b --replace x/y --label k=v -f | tr '\\n' ' '",
        library.display()
    );
    assert!(forge.bash(&line, &BTreeMap::new()), "{}", forge.log());
    assert!(
        forge.log().contains("-f a --account=b --label k=v -f "),
        "{}",
        forge.log()
    );
}
