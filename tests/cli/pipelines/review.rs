//! From a pull request to the apply: what is reviewed is what is applied, and a refusal says what to do.

use std::collections::BTreeMap;

use super::{ACCOUNT, forged, in_use};
use crate::forge::Forge;
use crate::http;
use crate::support::repository;

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
