//! The pages for people are run: every command block, as written; and what is shown below one was printed.

use std::path::Path;
use std::process::Stdio;

use crate::http::send;
use crate::support::{Place, redact, repository};

/// A place with a copy of the examples, and with `certctl` in its path.
fn place() -> Place {
    let mut place = Place::new();
    copy(&repository().join("examples"), &place.path("examples"));
    std::fs::create_dir(place.path("bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_certctl"), place.path("bin/certctl")).unwrap();
    // Stands for cargo: the program is built.
    let cargo = "#!/bin/sh\n[ \"$1 $2\" = 'run --' ] || exec test \"$1\" = install\nshift 2\nexec certctl \"$@\"\n";
    place.write("bin/cargo", cargo);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path("bin/cargo"), mode).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    place.set("PATH", &path);
    place
}

/// Copies the specs below a directory.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() && name != "pipelines" {
            copy(&path, &to.join(name));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "csv")
        {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// What a block printed; it has to succeed.
fn run(place: &Place, block: &str) -> String {
    let output = place
        .command("/bin/sh")
        .args(["-e", "-c", block])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = text(output.stdout) + &text(output.stderr);
    assert!(output.status.success(), "{block}\n{said}");
    said
}

/// A fenced block of a page.
#[derive(Debug)]
struct Block {
    language: String,
    text: String,
    /// Whether nothing stands between it and the block before.
    follows: bool,
}

/// The fenced blocks of a page, in order.
fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(repository().join(page)).unwrap();
    let parts: Vec<&str> = text.split("\n```").collect();
    let pairs = parts.chunks_exact(2);
    pairs
        .map(|pair| {
            let (before, fence) = (pair[0], pair[1]);
            let (language, text) = fence.split_once('\n').unwrap();
            Block {
                language: language.to_owned(),
                text: format!("{text}\n"),
                follows: before.trim().is_empty(),
            }
        })
        .collect()
}

/// Runs the commands of a page; a `text` block that follows one at once was printed by it. Returns how many blocks
/// ran, and how many lines were compared.
fn follow(place: &Place, blocks: &[Block]) -> (usize, usize) {
    let (mut ran, mut shown) = (0, 0);
    let mut said: Option<String> = None;
    for block in blocks {
        match block.language.as_str() {
            "sh" => {
                said = Some(run(place, &block.text));
                ran += 1;
            }
            "text" => {
                let Some(said) = said.take().filter(|_| block.follows) else {
                    continue;
                };
                let said: Vec<String> = said.lines().map(redact).collect();
                for line in block.text.lines() {
                    assert!(said.contains(&redact(line)), "{line:?} is not in {said:#?}");
                    shown += 1;
                }
            }
            _ => said = None,
        }
    }
    (ran, shown)
}

#[test]
fn the_readme_does_what_it_shows() {
    let blocks = blocks("README.md");
    let place = place();
    let (ran, _) = follow(&place, &blocks);
    assert!(ran >= 2, "{blocks:#?}");
    // The picture at the top, after the change that the text names.
    let spec = "examples/quickstart/certctl.yaml";
    place.edit(
        spec,
        "validity_period_days: 1825",
        "validity_period_days: 730",
    );
    let said = run(&place, "certctl plan --sandbox -f examples/quickstart");
    let said: Vec<String> = said.lines().map(redact).collect();
    let picture = &blocks[0];
    assert_eq!(picture.language, "text");
    for line in picture.text.lines() {
        assert!(said.contains(&redact(line)), "{line:?} is not in {said:#?}");
    }
    // The spec that it shows is valid.
    let yaml = blocks
        .iter()
        .find(|block| block.language == "yaml")
        .unwrap();
    place.write("certctl.yaml", &yaml.text);
    run(&place, "certctl validate");
}

#[test]
fn every_guide_does_what_it_shows() {
    for (page, least) in [
        ("docs/install.md", (2, 0)),
        ("docs/rotation.md", (6, 15)),
        ("docs/emergency.md", (1, 0)),
        ("docs/state.md", (1, 0)),
        ("docs/fleet.md", (2, 0)),
    ] {
        let (ran, shown) = follow(&place(), &blocks(page));
        assert!(
            ran >= least.0 && shown >= least.1,
            "{page}: {ran} blocks, {shown} lines"
        );
    }
}

/// The account of the guide, in which somebody made a certificate and set it in use.
const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const EXISTS: &str = r#"{"id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "type": "gateway_managed",
    "binding_status": "available", "validity_period_days": 1826, "in_use": true}"#;

#[test]
fn the_first_guide_leads_from_an_account_to_a_plan_for_a_pull_request() {
    let mut place = place();
    let server = place.serve("--deploy-delay 0s");
    let seeded = server.control(&format!("/sandbox/accounts/{ACCOUNT}/certificates"));
    assert_eq!(send("POST", &seeded, EXISTS), 200);
    let blocks = blocks("docs/start.md");
    let mut ran = 0;
    for (index, block) in blocks.iter().enumerate() {
        match block.language.as_str() {
            "yaml" => {
                let text = edited(&place, &block.text);
                place.write("certctl.yaml", &text);
            }
            "sh" => {
                let shown = blocks[index + 1..].iter().take_while(|next| next.follows);
                follow(&place, &blocks[index..=index + shown.count()]);
                ran += 1;
            }
            _ => {}
        }
    }
    assert!(ran >= 6, "{ran}");
    let planned = run(&place, "certctl plan --format markdown");
    assert!(
        planned.starts_with("## certctl will create 1 certificate"),
        "{planned}"
    );
    assert_eq!(
        place.certctl("status --format json").ok().json()["certificates"][0]["certificate_id"],
        "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
    );
}

/// The spec of the guide after its next step: a whole file, a certificate that is written anew, or lines below it.
fn edited(place: &Place, block: &str) -> String {
    if block.starts_with("version:") {
        return block.to_owned();
    }
    let before = place.read("certctl.yaml");
    if block.starts_with("state:") {
        // A bucket of the reader's own.
        return before;
    }
    let first = block.lines().next().unwrap();
    match before.split_once(first) {
        Some((kept, _)) if first.trim_start().starts_with("- name:") => format!("{kept}{block}"),
        _ => format!("{before}{block}"),
    }
}
