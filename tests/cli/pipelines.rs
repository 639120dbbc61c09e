//! The pipelines in `examples/pipelines` run as they are written, against a sandbox: comment, merge,
//! apply; and whatever moves in between stops the apply.

use std::collections::BTreeMap;

use crate::forge::{self, Forge};
use crate::http;
use crate::support::{Seen, Server, repository};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

fn in_use(status: &Seen) -> usize {
    let rows = status.json();
    let rows = rows["certificates"].as_array().unwrap().clone();
    rows.iter().filter(|row| row["in_use"] == true).count()
}

#[test]
fn what_is_reviewed_is_what_is_applied() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 100ms");
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    let comments = forge.comments();
    let [comment] = comments.as_slice() else {
        panic!("{comments:#?}")
    };
    assert!(
        comment.starts_with("## certctl will create 2 certificates"),
        "{comment}"
    );
    assert!(
        comment.contains("certctl apply --expect-digest sha256:"),
        "{comment}"
    );
    assert!(
        forge
            .place
            .read("forge/summary.md")
            .contains(comment.trim_end())
    );

    // Another push: the same comment, not a second one.
    forge.place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 400",
    );
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    assert_eq!(forge.comments().len(), 1);
    assert_ne!(forge.comments(), comments);

    // Somebody pastes the old plan as if it were ours.
    forge.place.write("forge/comments/2.md", &comments[0]);
    forge.place.write("forge/comments/2.author", "mallory");

    forge.merge();
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    assert!(
        forge.comments()[2].starts_with("**Applied.**"),
        "{:#?}",
        forge.comments()
    );
    let status = forge.place.certctl("status --format json").ok();
    assert_eq!(in_use(&status), 1);
    assert!(!forge.log().contains("a-token-for-tests"));
}

#[test]
fn a_forecast_below_the_plan_changes_nothing_about_what_is_approved() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 100ms");
    forge.set("CERTCTL_FORECAST", "--until 2y --every 1d");
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    let comment = forge.comments().pop().unwrap();
    // The standby of the example is valid for a year, and nothing renews it.
    for part in [
        "## certctl will create 2",
        "\nDigest: `sha256:",
        "## 1 problem found.",
    ] {
        assert!(comment.contains(part), "{part:?} is not in {comment}");
    }
    forge.merge();
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    let said = forge.comments().pop().unwrap();
    assert!(said.starts_with("**Applied.**"), "{said}");
}

#[test]
fn a_change_between_review_and_merge_stops_the_apply() {
    let mut forge = Forge::new("quickstart");
    let server = forge.place.serve("--deploy-delay 100ms");
    forge.place.certctl("apply --auto-approve").ok();
    forge.place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 400",
    );
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());

    // Somebody takes the certificate from the edge by hand, after the review.
    let status = forge.place.certctl("status --format json").ok().json();
    let row = status["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["address"] == "acme/standby")
        .unwrap()
        .clone();
    let id = row["certificate_id"].as_str().unwrap();
    let url = format!(
        "{}/accounts/{ACCOUNT}/gateway/certificates/{id}/deactivate",
        server.url
    );
    assert!(http::send("POST", &url, "{}") < 300);

    forge.merge();
    assert!(!forge.run("certctl-apply.yml"), "{}", forge.log());
    let last = forge.comments().pop().unwrap();
    assert!(last.starts_with("**Not applied"), "{last}");
    assert!(last.contains("**Moved.**"), "{last}");
    assert!(last.contains("plan_moved"), "{last}");
    let after = forge.place.certctl("status --format json").ok().json();
    let ids = |status: &serde_json::Value| -> Vec<String> {
        let rows = status["certificates"].as_array().unwrap().iter();
        rows.map(|row| row["certificate_id"].to_string()).collect()
    };
    assert_eq!(ids(&after), ids(&status));
}

#[test]
fn a_fork_is_validated_without_a_secret_and_never_approved() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("");
    forge.set_fork(true);
    forge.place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 99999",
    );
    // What a stranger leaves in the artefact is not looked at.
    std::fs::create_dir_all(forge.place.path("certctl-out")).unwrap();
    forge.place.write("certctl-out/comment.md", &forged());
    assert!(!forge.run("certctl-plan.yml"));
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    let comment = forge.comments().pop().unwrap();
    assert!(comment.contains("<!-- certctl:validate -->"), "{comment}");
    assert!(comment.contains("99999"), "{comment}");
    assert!(!comment.contains("sha256:"), "{comment}");
    assert!(
        forge.log().contains("::error file=certctl.yaml,line="),
        "{}",
        forge.log()
    );
    forge.merge();
    assert!(!forge.run("certctl-apply.yml"));
    assert!(forge.log().contains("has no plan"));
}

#[test]
fn nothing_is_applied_that_nobody_reviewed() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("");
    assert!(!forge.run("certctl-apply.yml"));
    assert!(
        forge.log().contains("no pull request was merged"),
        "{}",
        forge.log()
    );
    // A plan that could not be made takes the place of the one before it.
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    forge.place.edit("certctl.yaml", "version: 1", "version: 2");
    assert!(!forge.run("certctl-plan.yml"));
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    let comments = forge.comments();
    let [comment] = comments.as_slice() else {
        panic!("{comments:#?}")
    };
    assert!(comment.contains("**Spec.**"), "{comment}");
    assert!(comment.contains("error[unsupported_version]"), "{comment}");
    forge.merge();
    assert!(!forge.run("certctl-apply.yml"));
    assert!(forge.log().contains("has no plan"), "{}", forge.log());
}

const THREE: &str = "version: 1
accounts:
  - name: one
    account_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    certificates: [{ name: inspection, validity_period_days: 1001 }]
  - name: two
    account_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    certificates: [{ name: inspection, validity_period_days: 1002 }]
  - name: three
    account_id: cccccccccccccccccccccccccccccccc
    certificates: [{ name: inspection, validity_period_days: 1003 }]
";

/// Three accounts that are as declared.
fn three_accounts() -> (Forge, Server) {
    let mut forge = Forge::new("quickstart");
    let server = forge.place.serve("--deploy-delay 0s");
    forge.place.write("certctl.yaml", THREE);
    forge.place.certctl("apply --auto-approve").ok();
    (forge, server)
}

/// Proposes another validity as a pull request of its own, from what was declared before; returns the spec.
fn propose(forge: &mut Forge, request: u32, from: &str, to: &str) -> String {
    forge.place.write("certctl.yaml", THREE);
    forge.place.edit("certctl.yaml", from, to);
    forge.propose(request);
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    forge.place.read("certctl.yaml")
}

#[test]
fn of_three_merges_at_once_none_is_lost() {
    let (mut forge, _server) = three_accounts();
    let first = propose(&mut forge, 7, "1001", "401");
    propose(&mut forge, 8, "1002", "402");
    propose(&mut forge, 9, "1003", "403");
    // The run of the first is at work while the others are merged; the run of the second is dropped for
    // that of the third.
    forge.merge_of(7);
    forge.place.write("certctl.yaml", &first);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    let all = THREE
        .replace("1001", "401")
        .replace("1002", "402")
        .replace("1003", "403");
    forge.place.write("certctl.yaml", &all);
    forge.merge_of(8);
    forge.merge_of(9);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    for request in [7, 8, 9] {
        let comments = forge.comments_on(request);
        let [_, result] = comments.as_slice() else {
            panic!("{request}: {comments:#?}")
        };
        assert!(result.starts_with("**Applied.**"), "{request}: {result}");
    }
    let held = held(&forge);
    assert_eq!(held.values().copied().collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn of_two_merges_into_one_account_the_second_is_reviewed_again() {
    let (mut forge, _server) = three_accounts();
    let first = propose(&mut forge, 7, "1001", "401");
    let second = propose(&mut forge, 8, "1001", "402");
    forge.merge_of(7);
    forge.place.write("certctl.yaml", &first);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    forge.merge_of(8);
    forge.place.write("certctl.yaml", &second);
    assert!(!forge.run("certctl-apply.yml"), "{}", forge.log());
    let last = forge.comments_on(8).pop().unwrap();
    assert!(last.starts_with("**Not applied"), "{last}");
    assert!(last.contains("**Moved.**"), "{last}");
    assert_eq!(held(&forge)["one/inspection"], 2);
}

/// Stands in for a certctl that finds an error: one that blocks nothing leaves the plan applyable.
const WITH_AN_ERROR: &str = r#"#!/bin/sh
while [ "$1" != --out ]; do shift; done
printf '{"applyable": %s, "accounts": [], "changes": []}' "$APPLYABLE" >"$2"
echo plan
exit 1
"#;

#[test]
fn an_error_that_blocks_nothing_stops_no_merge() {
    let forge = Forge::new("quickstart");
    std::fs::create_dir(forge.place.path("bin")).unwrap();
    forge.place.write("bin/certctl", WITH_AN_ERROR);
    let plan = repository().join("examples/pipelines/shell/plan.sh");
    for (applyable, passes) in [("true", true), ("false", false)] {
        let line = format!(
            "chmod +x bin/certctl; PATH=$PWD/bin:$PATH APPLYABLE={applyable} {} out",
            plan.display()
        );
        let passed = forge.bash(&line, &BTreeMap::new());
        assert_eq!(passed, passes, "{}", forge.log());
    }
}

#[test]
fn each_refusal_has_its_text() {
    let forge = Forge::new("quickstart");
    let library = repository().join("examples/pipelines/shell/library.sh");
    let said = |log: &str| {
        forge.place.write("log.txt", log);
        std::fs::remove_file(forge.place.path("forge/log")).unwrap_or_default();
        let line = format!(". {}; way_forward log.txt", library.display());
        assert!(forge.bash(&line, &BTreeMap::new()), "{}", forge.log());
        forge.log()
    };
    for guard in certctl_model::Guard::ALL {
        let text = said(&format!("error[{guard}]: no\n"));
        let fits = ["**Guard.**", "**State.**"];
        assert!(
            fits.iter().any(|word| text.contains(word)),
            "{guard}: {text}"
        );
    }
    for (log, word) in [
        (
            "error[plan_moved]: x\nerror[not_approved]: y\n",
            "**Moved.**",
        ),
        ("error[yaml_syntax]: x\n", "**Spec.**"),
        (
            "error[state_failed]: .certctl/state/x is held by ann, apply\n",
            "**Locked.**",
        ),
        ("error[new_state]: x\n", "**State.**"),
        ("error[request_failed]: x\n", "**Cloudflare.**"),
        ("error: no credentials\n", "The messages below"),
    ] {
        let text = said(log);
        assert_eq!(text.matches(word).count(), 1, "{log}: {text}");
    }
}

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

/// Sets the sandbox's clock and the planner's to the same instant.
fn at(forge: &mut Forge, server: &Server, now: &str) {
    forge.place.set("CERTCTL_NOW", now);
    let clock = server.control("/sandbox/clock");
    assert_eq!(
        http::send("POST", &clock, &format!(r#"{{"now":"{now}"}}"#)),
        200
    );
}

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

/// How many certificates each address has.
fn held(forge: &Forge) -> BTreeMap<String, usize> {
    let status = forge.place.certctl("status --format json").ok().json();
    let mut held = BTreeMap::new();
    for row in status["certificates"].as_array().unwrap() {
        if let (Some(address), Some(_)) = (row["address"].as_str(), row["certificate_id"].as_str())
        {
            *held.entry(address.to_owned()).or_default() += 1;
        }
    }
    held
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

#[test]
fn without_a_platform_two_stages_suffice() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 100ms");
    let review = repository().join("examples/pipelines/shell/review.sh");
    let run = |stage: &str| {
        forge.bash(
            &format!("{} {stage} out", review.display()),
            &BTreeMap::new(),
        )
    };
    assert!(run("plan"), "{}", forge.log());
    assert!(run("apply"), "{}", forge.log());
    assert!(run("plan"), "{}", forge.log());
    assert!(forge.log().contains("## No changes."), "{}", forge.log());
    assert!(!run("else"));
}

#[test]
fn no_workflow_may_do_more_than_it_needs() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(repository().join("examples/pipelines/github")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let workflow = forge::read(&format!("examples/pipelines/github/{name}"));
        let on = workflow["on"].as_mapping().unwrap();
        let triggers: Vec<&str> = on.keys().map(|key| key.as_str().unwrap()).collect();
        let permissions = workflow["permissions"].as_mapping().unwrap();
        let writes: Vec<&str> = permissions
            .iter()
            .filter(|(_, value)| value.as_str() != Some("read"))
            .map(|(key, _)| key.as_str().unwrap())
            .collect();
        // Nothing that a stranger wrote runs with a right to write.
        assert!(!triggers.contains(&"pull_request_target"), "{name}");
        if triggers.contains(&"pull_request") {
            assert!(writes.is_empty(), "{name}: {writes:?}");
        }
        let text =
            std::fs::read_to_string(repository().join("examples/pipelines/github").join(&name));
        if triggers.contains(&"workflow_run") {
            assert!(!text.unwrap().contains("actions/checkout"), "{name}");
        }
        seen.push(name);
    }
    seen.sort();
    assert_eq!(
        seen,
        [
            "certctl-apply.yml",
            "certctl-comment.yml",
            "certctl-drift.yml",
            "certctl-plan.yml",
            "certctl-rotation.yml"
        ]
    );
}

/// The scripts of the jobs of the GitLab pipeline, as one.
fn gitlab(job: &str) -> String {
    let pipeline = forge::read("examples/pipelines/gitlab/.gitlab-ci.yml");
    let lines = pipeline[job]["script"].as_sequence().unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    lines.join("\n")
}

/// The scripts where the pipeline looks for them.
fn copy_scripts(forge: &Forge) {
    std::fs::create_dir_all(forge.place.path("ci")).unwrap();
    for directory in ["shell", "gitlab"] {
        let from = repository().join("examples/pipelines").join(directory);
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let to = forge.place.path(&format!("ci/{name}"));
            assert!(!to.exists(), "two scripts are called {name}");
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What GitLab gives a job, with a stand-in for its API behind `curl`.
fn gitlab_env() -> BTreeMap<String, String> {
    let path = repository().join("tests/cli/forge/gitlab");
    let path = format!("{}:{}", path.display(), std::env::var("PATH").unwrap());
    let certctl = std::path::Path::new(env!("CARGO_BIN_EXE_certctl"));
    let path = format!("{}:{path}", certctl.parent().unwrap().display());
    [
        ("PATH", path.as_str()),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_PROJECT_ID", "1"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_COMMIT_SHA", "fedcba98"),
        ("GITLAB_TOKEN", "a-token"),
        ("CLOUDFLARE_API_TOKEN_READ", "a-token-for-tests"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn forged() -> String {
    format!(
        "## x\n\n<!-- certctl:plan -->\n\nDigest: `sha256:{}`\n",
        "0".repeat(64)
    )
}

#[test]
fn the_pipeline_for_gitlab_notes_and_applies() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 100ms");
    copy_scripts(&forge);
    let env = gitlab_env();
    assert!(forge.bash(&gitlab("validate"), &env), "{}", forge.log());
    // Without a note nothing is applied.
    std::fs::create_dir_all(forge.place.path("forge/notes")).unwrap();
    assert!(!forge.bash(&gitlab("apply"), &env));
    assert!(forge.log().contains("has no plan"), "{}", forge.log());
    // A merge request that people talk much about: the plan is not on the first page.
    for note in 1..=150 {
        let name = format!("forge/notes/{note}");
        forge.place.write(&format!("{name}.md"), &forged());
        forge.place.write(&format!("{name}.author"), "mallory");
    }
    for _ in 0..2 {
        assert!(forge.bash(&gitlab("plan"), &env), "{}", forge.log());
    }
    let first = forge.place.read("forge/notes/151.md");
    assert!(first.starts_with("## certctl will create 2"), "{first}");
    assert!(!forge.place.path("forge/notes/152.md").exists());
    assert!(forge.bash(&gitlab("apply"), &env), "{}", forge.log());
    let result = forge.place.read("forge/notes/152.md");
    assert!(result.starts_with("**Applied.**"), "{result}");
    let status = forge.place.certctl("status --format json").ok();
    assert_eq!(in_use(&status), 1);
    assert!(forge.bash(&gitlab("drift"), &env), "{}", forge.log());
    assert!(!forge.log().contains("a-token"));
}

#[test]
fn still_deploying_fails_no_job_on_either_platform() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 1h");
    copy_scripts(&forge);
    let env = gitlab_env();
    std::fs::create_dir_all(forge.place.path("forge/notes")).unwrap();
    assert!(forge.bash(&gitlab("plan"), &env), "{}", forge.log());
    let apply = gitlab("apply").replace("$CERTCTL_OPTIONS", "--wait-timeout 0s");
    assert!(forge.bash(&apply, &env), "{}", forge.log());
    let result = forge.place.read("forge/notes/2.md");
    assert!(
        result.starts_with("**Applied; Cloudflare is still deploying.**"),
        "{result}"
    );
}

/// The component is the same pipeline, with its parts as inputs.
#[test]
fn the_component_for_gitlab_is_the_same_pipeline() {
    let text = std::fs::read_to_string(repository().join("templates/certctl.yml")).unwrap();
    let (header, jobs) = text.split_once("\n---\n").unwrap();
    let header: serde_yaml::Value = serde_yaml::from_str(header).unwrap();
    let mut jobs = jobs.to_owned();
    for (name, input) in header["spec"]["inputs"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        let value = input["default"].as_str().unwrap_or("an-image");
        jobs = jobs.replace(&format!("$[[ inputs.{name} ]]"), value);
    }
    assert!(!jobs.contains("$[["), "{jobs}");
    let jobs: serde_yaml::Value = serde_yaml::from_str(&jobs.replace("/ci/", "ci/")).unwrap();
    let pipeline = forge::read("examples/pipelines/gitlab/.gitlab-ci.yml");
    for job in ["validate", "plan", "apply", "rotation", "drift"] {
        let same = &jobs[format!("certctl-{job}").as_str()];
        for part in [
            "script",
            "rules",
            "resource_group",
            "environment",
            "artifacts",
        ] {
            assert_eq!(same[part], pipeline[job][part], "{job}: {part}");
        }
    }
}

/// The blocks for credentials of the state are comments; without their marks they are steps and variables.
#[test]
fn the_blocks_for_buckets_are_valid_when_they_are_uncommented() {
    for name in ["plan", "apply", "rotation", "drift"] {
        let path = format!("examples/pipelines/github/certctl-{name}.yml");
        let text = std::fs::read_to_string(repository().join(path)).unwrap();
        let lines = text.lines().map(|line| {
            let (space, comment) = line.split_at(line.find("# ").unwrap_or(0));
            let comment = comment
                .strip_prefix("# ")
                .filter(|_| space.trim().is_empty());
            let is_yaml = |text: &&str| {
                text.starts_with("- uses:")
                    || text.starts_with("  ")
                    || text.split(": ").next().is_some_and(|key| {
                        key.len() > 3 && key.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                    })
            };
            match comment.filter(is_yaml) {
                Some(yaml) if space.len() >= 6 => format!("{space}{yaml}\n"),
                _ => format!("{line}\n"),
            }
        });
        let whole: serde_yaml::Value = serde_yaml::from_str(&lines.collect::<String>()).unwrap();
        let job = whole["jobs"].as_mapping().unwrap().values().next().unwrap();
        let steps = job["steps"].as_sequence().unwrap();
        let used: Vec<&str> = steps
            .iter()
            .filter_map(|step| step["uses"].as_str())
            .collect();
        for action in [
            "aws-actions/configure-aws-credentials@",
            "google-github-actions/auth@",
            "azure/login@",
        ] {
            assert!(
                used.iter().any(|uses| uses.starts_with(action)),
                "{name}: {used:?}"
            );
        }
        // By commit, never by a tag that may move.
        for uses in used {
            let commit = uses.split_once('@').unwrap().1;
            assert!(
                commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()),
                "{uses}"
            );
        }
        let env = steps
            .iter()
            .map(|step| &step["env"])
            .find(|env| env["CLOUDFLARE_API_TOKEN"].is_string());
        for variable in [
            "GOOGLE_BEARER_TOKEN",
            "AZURE_USE_AZURE_CLI",
            "CERTCTL_STATE_AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(env.unwrap()[variable].is_string(), "{name}: {variable}");
        }
    }
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
