//! The commands of docs/custom.md, word for word: what they make is uploaded, taken over and set in use,
//! and the private key stays where they put it.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::http::get;
use crate::support::{Place, holders, repository};

const ACME: &str = "699d98642c564d2e855e9661899b7252";

/// The shell commands of the page: the first make a CA, the second upload it.
fn guide() -> [String; 2] {
    let page = std::fs::read_to_string(repository().join("docs/custom.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect::<Vec<_>>().try_into().unwrap()
}

/// Does what the page says, and gives what was printed.
#[track_caller]
fn follow(place: &Place, commands: &str) -> String {
    let output = place.command("sh").args(["-e", "-c", commands]).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn the_guide_makes_a_ca_that_is_set_in_use() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped, because openssl is not installed");
        return;
    }
    let mut place = Place::new();
    let program = Path::new(env!("CARGO_BIN_EXE_certctl")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    place.set("PATH", &format!("{}:{path}", program.display()));
    let server = place.serve("--deploy-delay 0s");
    let [make, send] = guide();
    follow(&place, &make);
    let spec = |certificates: &str| {
        format!(
            "version: 1
accounts:
  - name: acme
    account_id: {ACME}
    certificates: [{certificates}]
"
        )
    };
    place.write("certctl.yaml", &spec(""));
    let id = follow(&place, &send);
    assert_eq!(follow(&place, &send), id);

    let own = format!(
        "{{ name: own, custom: {{ id: {} }}, in_use: true }}",
        id.trim()
    );
    place.write("certctl.yaml", &spec(&own));
    let planned = place.certctl("plan").ok();
    let planned = format!("{}{}", planned.stdout, planned.stderr);
    assert!(!planned.contains("strict_verifiers"), "{planned}");
    place.certctl("apply --auto-approve").ok();
    let account = &get(&server.control("/sandbox/log"))["accounts"][ACME];
    assert_eq!(account["in_use"], json!([id.trim()]));

    let key = place.read("private.key");
    let sentinel = key.lines().nth(1).unwrap();
    assert_eq!(holders(&place.path(""), sentinel), ["private.key"]);
}
