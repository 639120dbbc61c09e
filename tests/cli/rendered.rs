//! The Markdown, as parsers read it that know nothing of certctl: markdown-it and mermaid, where they
//! are installed (`npm install markdown-it mermaid jsdom`, in a folder that `CERTCTL_TEST_NODE` names).

use std::path::PathBuf;
use std::process::Command;

use crate::http::send;
use crate::support::{Place, repository};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

#[test]
#[expect(clippy::print_stdout, reason = "a test says what it skips")]
fn other_parsers_read_it_without_an_error() {
    let home = std::env::var_os("CERTCTL_TEST_NODE").map(PathBuf::from);
    let Some(home) = home.filter(|home| home.join("node_modules/mermaid").is_dir()) else {
        println!(
            "skipped, because the npm packages markdown-it, mermaid and jsdom are not installed"
        );
        return;
    };
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    let mut files = Vec::new();
    let mut keep = |place: &Place, arguments: &str| {
        let seen = place.certctl(arguments);
        assert!(seen.stdout.len() > 100, "{arguments}: {}", seen.stderr);
        let name = format!("{}.md", files.len());
        place.write(&name, &seen.stdout);
        files.push(place.path(&name));
    };
    keep(&place, "plan --format markdown");
    keep(&place, "forecast --offline --format markdown --until 12y");
    place.certctl("apply --auto-approve").ok();
    // What a stranger could put into an account, shown where it can do most harm.
    let hostile =
        "x\\n```\\n| <script>alert(1)</script> <img src=x> @security [a](http://b) `</details>";
    let certificates = server.control(&format!("/sandbox/accounts/{ACCOUNT}/certificates"));
    let seeded = format!(r#"{{"type":"{hostile}","binding_status":"{hostile}","in_use":true}}"#);
    assert_eq!(send("POST", &certificates, &seeded), 200);
    keep(&place, "plan --format markdown --replace acme/inspection");
    place.edit("certctl.yaml", "name: inspection", "name: another");
    keep(&place, "plan --format markdown");
    keep(&place, "forecast --format markdown");
    let output = Command::new("node")
        .arg(repository().join("tests/cli/rendered.mjs"))
        .args(&files)
        .current_dir(home)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.starts_with("read: 5 documents"), "{said}");
    assert!(!said.contains(" 0 charts"), "{said}");
}
