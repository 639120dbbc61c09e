//! The workflows as they are written: what they may do, and what stands in them as a comment.

use crate::forge;
use crate::support::repository;

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
            "certctl-apply-branch.yml",
            "certctl-apply.yml",
            "certctl-comment.yml",
            "certctl-drift.yml",
            "certctl-plan.yml",
            "certctl-rotation.yml"
        ]
    );
}

/// The blocks for credentials of the state are comments; without their marks they are steps and variables.
#[test]
fn the_blocks_for_buckets_are_valid_when_they_are_uncommented() {
    for name in ["plan", "apply", "apply-branch", "rotation", "drift"] {
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
