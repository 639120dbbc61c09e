//! The pipelines in `examples/pipelines` run as they are written, against a sandbox: comment, merge,
//! apply; and whatever moves in between stops the apply.

mod branch;
mod daily;
mod merges;
mod on_gitlab;
mod review;
mod written;

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

fn forged() -> String {
    format!(
        "## x\n\n<!-- certctl:plan -->\n\nDigest: `sha256:{}`\n",
        "0".repeat(64)
    )
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

/// Sets the sandbox's clock and the planner's to the same instant.
fn at(forge: &mut Forge, server: &Server, now: &str) {
    forge.place.set("CERTCTL_NOW", now);
    http::set_clock(server, now);
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
