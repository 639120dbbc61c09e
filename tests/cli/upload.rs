//! `certctl upload`: what fits is stored once, what does not never leaves, and the key is seen nowhere.

use std::io::Write as _;
use std::process::Stdio;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};

use crate::http::get;
use crate::support::{Place, Server, holders};

const ACME: &str = "699d98642c564d2e855e9661899b7252";

const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates: []
";

/// A CA that everybody accepts.
pub(crate) fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Own CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A place with a CA, its key, and a server; and a line of the key.
fn place() -> (Place, Server, String) {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    place.write("certctl.yaml", SPEC);
    let key = KeyPair::generate().unwrap();
    place.write("ca.pem", &params().self_signed(&key).unwrap().pem());
    place.write("private.key", &key.serialize_pem());
    let sentinel = key.serialize_pem().lines().nth(1).unwrap().to_owned();
    (place, server, sentinel)
}

/// The requests that were no reads, by their paths.
fn written(server: &Server) -> Vec<String> {
    let log = get(&server.control("/sandbox/log"));
    let entries = log["entries"].as_array().unwrap().iter();
    let written = entries.filter(|entry| entry["method"] == "POST" && entry["cause"] == "request");
    written
        .map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_ca_is_stored_declared_and_set_in_use() {
    let (place, server, sentinel) = place();
    let line = "upload acme --certificate ca.pem --private-key private.key --reason OPS-7 \
                --audit-log audit.jsonl";
    let first = place.certctl(&format!("--log-level trace {line}")).ok();
    let id = first.stdout.trim().to_owned();
    let declared = format!("\n      - name: ca\n        custom: {{ id: {id} }}\n");
    assert!(first.stderr.contains(&declared), "{}", first.stderr);
    assert!(!first.text().contains(&sentinel));
    let again = place.certctl(line).ok();
    assert_eq!(again.stdout.trim(), id);
    assert!(
        again.stderr.contains("was stored already"),
        "{}",
        again.stderr
    );

    // Each that was sent is on record: who, when, which and what came of it, and never the key.
    let records = place.certctl("history --format json").ok().json();
    let records = records["records"].as_array().unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|one| (&one["action"], &one["outcome"], &one["certificate_id"]))
        .collect();
    let (upload, none) = (json!("upload"), Value::Null);
    assert_eq!(
        told,
        [
            (&upload, &json!("done"), &json!(id)),
            (&upload, &json!("refused"), &none)
        ]
    );
    assert!(records.iter().all(|one| {
        one["account_id"] == ACME
            && one["reason"] == "OPS-7"
            && one["address"].is_null()
            && one["fingerprint"].is_string()
            && !one["actor"]["user"].as_str().unwrap().is_empty()
    }));
    let shown = place.certctl("history").ok().stdout;
    let lines = shown
        .lines()
        .filter(|line| line.contains("  upload  acme "));
    assert_eq!(lines.count(), 2, "{shown}");
    assert_eq!(place.read("audit.jsonl").lines().count(), 2);

    let own = format!("[{{ name: own-ca, custom: {{ id: {id} }}, in_use: true }}]");
    place.edit("certctl.yaml", "[]", &own);
    place.certctl("apply --auto-approve").ok();
    let account = &get(&server.control("/sandbox/log"))["accounts"][ACME];
    assert_eq!(account["in_use"], json!([id]));
    assert_eq!(holders(&place.path(""), &sentinel), ["private.key"]);
}

#[test]
fn the_key_comes_from_standard_input_too() {
    let (place, server, sentinel) = place();
    let key = place.read("private.key");
    std::fs::remove_file(place.path("private.key")).unwrap();
    let mut child = place
        .command(env!("CARGO_BIN_EXE_certctl"))
        .args("upload acme --certificate ca.pem --private-key - --name Inspection".split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(key.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let store = server.control(&format!("/client/v4/accounts/{ACME}/mtls_certificates"));
    assert_eq!(get(&store)["result"][0]["name"], Value::from("Inspection"));
    assert_eq!(holders(&place.path(""), &sentinel), [""; 0]);
}

#[test]
fn what_does_not_fit_never_leaves() {
    let (place, server, sentinel) = place();
    let other = KeyPair::generate().unwrap();
    place.write("other.key", &other.serialize_pem());
    let mut leaf = params();
    leaf.is_ca = IsCa::NoCa;
    place.write("leaf.pem", &leaf.self_signed(&other).unwrap().pem());
    std::fs::write(place.path("ca.der"), [0x30, 0x82, 0xff, 0xfe]).unwrap();
    for (arguments, says) in [
        (
            "acme --certificate ca.pem --private-key other.key",
            "not the certificate's own",
        ),
        (
            "acme --certificate leaf.pem --private-key other.key",
            "leaf.pem is not uploaded",
        ),
        (
            "acme --certificate private.key --private-key private.key",
            "private.key is not uploaded",
        ),
        (
            "acme --certificate ca.pem --private-key ca.pem",
            "there is no private key in PEM",
        ),
        (
            "acme --certificate ca.der --private-key other.key",
            "ca.der is no PEM",
        ),
        (
            "acme --certificate missing.pem --private-key other.key",
            "cannot read the certificate missing.pem",
        ),
        (
            "acme --certificate ca.pem --private-key missing.key",
            "cannot read the private key, missing.key",
        ),
        (
            "acme --certificate ca.pem --private-key .",
            "cannot read the private key, .",
        ),
        (
            "nobody --certificate ca.pem --private-key private.key",
            "no account is named nobody",
        ),
    ] {
        let seen = place.certctl(&format!("upload {arguments}"));
        assert_eq!(seen.code, 1, "{arguments}: {}", seen.text());
        assert!(seen.stderr.contains(says), "{arguments}: {}", seen.stderr);
        assert!(!seen.text().contains(&sentinel), "{arguments}");
    }
    assert_eq!(written(&server), [""; 0]);
}
