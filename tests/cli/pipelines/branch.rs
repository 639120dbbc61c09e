//! A pull request that is approved and not merged yet is applied from its branch; the merge has nothing left
//! to do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{copy_scripts, gitlab, gitlab_env, in_use};
use crate::forge::Forge;

/// Makes the spec a commit, which is the head of request 7 on both platforms; returns it.
fn commit(forge: &Forge) -> String {
    let line =
        "git init -q . 2>/dev/null; git config user.email a@b.example; git config user.name a
        git add certctl.yaml; git commit -qm spec --allow-empty
        git update-ref refs/merge-requests/7/head HEAD
        git remote add origin \"$PWD\" 2>/dev/null || true
        git rev-parse HEAD >forge/head";
    assert!(forge.bash(line, &BTreeMap::new()), "{}", forge.log());
    forge.place.read("forge/head").trim().to_owned()
}

fn review(head: &str, who: &str, state: &str) -> Value {
    json!({"user": {"login": who}, "state": state, "commit_id": head})
}

/// What GitHub says of pull request 7.
fn github(forge: &Forge, request: &Value, behind: u32, reviews: &[Value]) {
    let write = |name: &str, value: Value| forge.place.write(name, &value.to_string());
    write("forge/branch.json", request.clone());
    write("forge/behind.json", json!({"behind_by": behind}));
    write("forge/reviews.json", json!(reviews));
}

fn opened(head: &str) -> Value {
    let head = json!({"sha": head, "repo": {"full_name": "acme/gateway"}});
    json!({"state": "open", "head": head, "base": {"ref": "main"}})
}

#[test]
fn a_branch_is_applied_before_it_is_merged() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 0s");
    let head = commit(&forge);
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    // Ann changed her mind, and Bob has nothing against it.
    let reviews = [
        review(&head, "ann", "CHANGES_REQUESTED"),
        review(&head, "ann", "APPROVED"),
        review(&head, "bob", "COMMENTED"),
    ];
    github(&forge, &opened(&head), 0, &reviews);
    assert!(forge.run("certctl-apply-branch.yml"), "{}", forge.log());
    let said = forge.comments().pop().unwrap();
    assert!(said.starts_with("**Applied.**"), "{said}");
    let status = forge.place.certctl("status --format json").ok();
    assert_eq!(in_use(&status), 1);
    // The run of the merge finds that nothing is left.
    forge.merge();
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    let said = forge.comments().pop().unwrap();
    assert!(said.contains("Nothing to do."), "{said}");
}

#[test]
fn a_branch_that_is_not_what_somebody_approved_is_not_applied() {
    let mut forge = Forge::new("quickstart");
    let server = forge.place.serve("--deploy-delay 0s");
    let head = commit(&forge);
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    let yes = [review(&head, "ann", "APPROVED")];
    let both = [yes[0].clone(), review(&head, "bob", "CHANGES_REQUESTED")];
    let before = [review("0123456789abcdef", "ann", "APPROVED")];
    let with = |path: &str, value: Value| {
        let mut request = opened(&head);
        *request.pointer_mut(path).unwrap() = value;
        request
    };
    let other = || json!("0123456789abcdef");
    for (request, behind, reviews, why) in [
        (with("/state", json!("closed")), 0, &yes[..], "is closed"),
        (
            with("/head/repo", Value::Null),
            0,
            &yes,
            "comes from a fork",
        ),
        (
            with("/head/sha", other()),
            0,
            &yes,
            "is not what is checked out",
        ),
        (
            opened(&head),
            2,
            &yes,
            "lacks what was merged to main since",
        ),
        (opened(&head), 0, &[], "is not approved"),
        (opened(&head), 0, &before, "is not approved as it is now"),
        (opened(&head), 0, &both, "is not approved"),
    ] {
        github(&forge, &request, behind, reviews);
        forge.place.write("forge/log", "");
        assert!(!forge.run("certctl-apply-branch.yml"), "{why}");
        assert!(forge.log().contains(why), "{why}: {}", forge.log());
    }
    let log = crate::http::get(&server.control("/sandbox/log")).to_string();
    assert!(!log.contains("\"POST\""), "{log}");
}

#[test]
fn a_branch_on_gitlab_is_applied_before_it_is_merged() {
    let mut forge = Forge::new("quickstart");
    let _server = forge.place.serve("--deploy-delay 0s");
    // The state is not in the working directory, as in a pipeline.
    let state = forge.place.path("kept").display().to_string();
    let stated = format!("version: 1\nstate: {state}\n");
    forge.place.edit("certctl.yaml", "version: 1\n", &stated);
    copy_scripts(&forge);
    let head = commit(&forge);
    let mut env = gitlab_env();
    env.insert("MERGE_REQUEST".to_owned(), "7".to_owned());
    std::fs::create_dir_all(forge.place.path("forge/notes")).unwrap();
    assert!(forge.bash(&gitlab("plan"), &env), "{}", forge.log());
    let request = |state: &str, sha: &str, behind: u32, by: &[Value]| {
        let request = json!({"state": state, "sha": sha, "diverged_commits_count": behind});
        let approvals = json!({"approved": true, "approved_by": by});
        let write = |name: &str, value: Value| forge.place.write(name, &value.to_string());
        write("forge/branch.json", request);
        write("forge/approvals.json", approvals);
    };
    let ann = [json!({"user": {"username": "ann"}})];
    let other = "0123456789abcdef";
    for (state, sha, behind, by, why) in [
        ("merged", head.as_str(), 0, &ann[..], "is merged"),
        ("opened", other, 0, &ann, "was pushed to meanwhile"),
        (
            "opened",
            &head,
            1,
            &ann,
            "lacks what was merged to its target since",
        ),
        ("opened", &head, 0, &[], "is not approved"),
    ] {
        request(state, sha, behind, by);
        assert!(!forge.bash(&gitlab("apply-branch"), &env), "{why}");
        assert!(forge.log().contains(why), "{why}: {}", forge.log());
    }
    request("opened", &head, 0, &ann);
    assert!(forge.bash(&gitlab("apply-branch"), &env), "{}", forge.log());
    let result = forge.place.read("forge/notes/2.md");
    assert!(result.starts_with("**Applied.**"), "{result}");
    let status = forge.place.certctl("status --format json").ok();
    assert_eq!(in_use(&status), 1);
}
