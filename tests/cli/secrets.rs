//! No token leaves, at any log level, with requests that fail.

use crate::support::Place;

const TOKEN: &str = "v1.0-s3cr3t-t0ken-that-nobody-may-see";

#[test]
fn no_token_is_printed_or_kept() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("");
    place.set("CLOUDFLARE_API_TOKEN", TOKEN);
    let mut everything = String::new();
    for arguments in [
        "validate",
        "plan --out plan.json",
        "apply --auto-approve",
        "status",
        "plan --format json",
    ] {
        let seen = place.certctl(&format!("--log-level trace {arguments}"));
        everything.push_str(&seen.stdout);
        everything.push_str(&seen.stderr);
    }
    drop(server);
    for arguments in ["plan", "apply --auto-approve", "status"] {
        let seen = place.certctl(&format!("--log-level trace --log-format json {arguments}"));
        assert_eq!(seen.code, 1, "{arguments}");
        everything.push_str(&seen.stdout);
        everything.push_str(&seen.stderr);
    }
    everything.push_str(&place.read("plan.json"));
    for file in walk(&place.path(".certctl")) {
        everything.push_str(&std::fs::read_to_string(file).unwrap());
    }
    assert!(
        everything.contains("GET"),
        "nothing was logged, so nothing was tested"
    );
    assert!(!everything.contains(TOKEN));
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}
