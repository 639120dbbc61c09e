//! The pipeline for GitLab, and the component that is the same one.

use super::{copy_scripts, forged, gitlab, gitlab_env, in_use};
use crate::forge::{self, Forge};
use crate::support::repository;

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
    for job in [
        "validate",
        "plan",
        "apply",
        "apply-branch",
        "rotation",
        "drift",
    ] {
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
