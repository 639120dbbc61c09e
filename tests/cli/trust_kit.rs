//! What device management gets: the right certificates, whole, and the same bytes again.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::http::get;
use crate::import::seed;
use crate::support::Place;

const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: inspection
        in_use: true
      - name: spare
        activate: false
  - name: beta
    account_id: 0123456789abcdef0123456789abcdef
    certificates: []
";
const ACME: &str = "699d98642c564d2e855e9661899b7252";
const BETA: &str = "0123456789abcdef0123456789abcdef";

/// All files below a directory, with what they hold.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

fn certificates(files: &BTreeMap<String, Vec<u8>>, account: &str) -> Vec<String> {
    let bundle = String::from_utf8(files[&format!("{account}/bundle.pem")].clone()).unwrap();
    let names = files.keys().filter_map(|name| name.strip_suffix(".pem"));
    let prefix = format!("{account}/certificates/");
    let names: Vec<String> = names
        .filter_map(|name| name.strip_prefix(&prefix))
        .map(|name| name.rsplit_once('-').unwrap().0.to_owned())
        .collect();
    assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), names.len());
    names
}

#[test]
fn a_kit_holds_what_devices_should_trust_and_nothing_else() {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--deploy-delay 0s");
    seed(
        &server,
        BETA,
        2,
        json!({"binding_status": "available", "type": "custom", "in_use": true}),
    );
    place.certctl("apply --auto-approve --trust-kit kit").ok();
    let kit = files(&place.path("kit"));
    assert_eq!(
        certificates(&kit, "acme"),
        ["inspection"],
        "neither inactive nor unmanaged ones"
    );
    assert_eq!(
        certificates(&kit, "beta"),
        ["custom"],
        "what Gateway uses, whoever made it"
    );
    let readme = String::from_utf8(kit["acme/README.md"].clone()).unwrap();
    assert!(
        readme.contains("in use: Gateway inspects with it"),
        "{readme}"
    );

    let twice = place.certctl("trust-kit acme/inspection acme/inspection --out kit");
    let told = twice.ok().stderr;
    assert!(told.contains("acme: 1 certificate in"), "{told}");

    // What nobody declares and Gateway does not use, is not in it.
    let nobody = json!({"binding_status": "available", "created_at": "2024-01-01T00:00:00Z"});
    seed(&server, ACME, 1, nobody);
    let again = place.certctl("trust-kit --out kit").ok();
    assert!(
        again
            .stderr
            .contains("acme: 1 certificate in kit/acme, unchanged"),
        "{}",
        again.stderr
    );
    assert_eq!(
        files(&place.path("kit")),
        kit,
        "the same certificates, other bytes"
    );

    // A successor, before and after it is available.
    place
        .certctl("apply --auto-approve --replace acme/inspection --trust-kit kit")
        .ok();
    let both = files(&place.path("kit"));
    assert_eq!(certificates(&both, "acme"), ["inspection", "inspection"]);
    let readme = String::from_utf8(both["acme/README.md"].clone()).unwrap();
    assert!(
        readme.contains("successor: Gateway is going to"),
        "{readme}"
    );

    // What is compromised is handed on no more, though it is in use. Of two, an id says which.
    let log = get(&server.control("/sandbox/log"));
    let used = log["accounts"][ACME]["in_use"].as_array().unwrap();
    let used = used.last().unwrap().as_str().unwrap().to_owned();
    std::fs::write(place.path("kit/acme/notes.txt"), "mine").unwrap();
    let status = place.certctl(&format!(
        "apply --auto-approve --compromised {used} --trust-kit kit"
    ));
    assert!([0, 1, 3].contains(&status.code), "{}", status.stderr);
    let after = files(&place.path("kit"));
    assert_eq!(certificates(&after, "acme"), ["inspection"]);
    assert!(
        !after
            .keys()
            .any(|name| kit.contains_key(name) && name.contains("acme/certificates/"))
    );
    assert_eq!(
        after["acme/notes.txt"], b"mine",
        "what we did not write is left alone"
    );
}

#[test]
fn one_can_be_named_by_address_or_id() {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    seed(&server, BETA, 7, json!({"binding_status": "inactive"}));
    seed(
        &server,
        BETA,
        8,
        json!({"binding_status": "available", "created_at": "2020-01-01T00:00:00Z", "validity_period_days": 30}),
    );

    place.certctl("trust-kit acme/inspection --out one").ok();
    assert_eq!(
        files(&place.path("one"))
            .keys()
            .filter(|name| name.starts_with("beta/"))
            .count(),
        0
    );
    let id = "00000007-aaaa-4000-8000-000000000000";
    place.certctl(&format!("trust-kit {id} --out two")).ok();
    assert_eq!(
        certificates(&files(&place.path("two")), "beta"),
        ["unmanaged"]
    );

    for (subject, said) in [
        ("acme/nothing", "acme/nothing is bound to no certificate"),
        ("acme/spare", "no certificate that devices should trust now"),
        ("00000008-aaaa-4000-8000-000000000000", "has expired"),
        (
            "00000009-aaaa-4000-8000-000000000000",
            "no account of the spec has a certificate",
        ),
    ] {
        let seen = place.certctl(&format!("trust-kit {subject} --out three"));
        assert_eq!(seen.code, 1, "{subject}");
        assert!(seen.stderr.contains(said), "{subject}: {}", seen.stderr);
        assert!(!place.path("three").exists(), "{subject}");
    }
}
