//! `custom: { certificate, private_key }`: certctl uploads the CA, uses it, replaces it and removes it, and
//! its key is seen nowhere.

use rcgen::KeyPair;

use crate::http::get;
use crate::support::{Place, Server, holders};
use crate::upload::params;

const ACME: &str = "699d98642c564d2e855e9661899b7252";

const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    adopt: never
    certificates:
      - name: own-ca
        custom: { certificate: ca.pem, private_key: { file: private.key } }
        in_use: true
        rotation: { trust_period: 0s, retire_after: 0s }
";

/// Writes a CA and its key into these files; gives a line of the key.
fn make(place: &Place, certificate: &str, key_file: &str) -> String {
    let key = KeyPair::generate().unwrap();
    place.write(certificate, &params().self_signed(&key).unwrap().pem());
    place.write(key_file, &key.serialize_pem());
    key.serialize_pem().lines().nth(1).unwrap().to_owned()
}

fn place() -> (Place, Server, String) {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    place.write("certctl.yaml", SPEC);
    let sentinel = make(&place, "ca.pem", "private.key");
    (place, server, sentinel)
}

/// The ids of the custom certificates of the account, and which was set in use last.
fn custom(server: &Server) -> (Vec<String>, Option<String>) {
    let account = get(&server.control(&format!("/sandbox/accounts/{ACME}")));
    let certificates = account["certificates"].as_array().unwrap().iter();
    let custom = certificates.filter(|certificate| certificate["kind"] == "custom");
    let ids = custom.map(|c| c["id"].as_str().unwrap().to_owned());
    let log = get(&server.control("/sandbox/log"));
    let used = log["accounts"][ACME]["in_use"].as_array().unwrap().last();
    let used = used.map(|id| id.as_str().unwrap().to_owned());
    (ids.collect(), used)
}

#[test]
fn a_ca_is_uploaded_replaced_and_removed() {
    let (place, server, sentinel) = place();
    let plan = place.certctl("plan").ok();
    assert!(plan.stdout.contains("upload "), "{}", plan.stdout);
    let applied = place.certctl("--log-level trace apply --auto-approve").ok();
    assert!(!applied.text().contains(&sentinel));
    let (first, in_use) = custom(&server);
    assert_eq!(first.len(), 1);
    assert_eq!(in_use, first.first().cloned());
    let nothing = place.certctl("plan").ok();
    assert!(nothing.stdout.contains("No changes"), "{}", nothing.stdout);

    let other = make(&place, "ca.pem", "private.key");
    place.certctl("apply --auto-approve").ok();
    let (second, in_use) = custom(&server);
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    assert_eq!(in_use, second.first().cloned());

    place.edit("certctl.yaml", "custom: {", "# custom: {");
    place.certctl("apply --auto-approve").ok();
    assert_eq!(custom(&server).0, [""; 0]);
    assert_eq!(holders(&place.path(""), &sentinel), [""; 0]);
    assert_eq!(holders(&place.path(""), &other), ["private.key"]);
    let history = place.certctl("history --format json").ok().json();
    let records = history["records"].as_array().unwrap().iter();
    let uploads: Vec<_> = records.filter(|one| one["action"] == "upload").collect();
    assert_eq!(uploads.len(), 2);
    for upload in uploads {
        assert_eq!(upload["address"], "acme/own-ca");
        assert!(upload["fingerprint"].is_string(), "{upload}");
    }
}

#[test]
fn what_was_there_is_taken_over_and_stays() {
    let (place, server, _) = place();
    let line = "upload acme --certificate ca.pem --private-key private.key";
    let id = place.certctl(line).ok().stdout.trim().to_owned();
    // Nobody needs the key of what is there.
    std::fs::remove_file(place.path("private.key")).unwrap();
    place.certctl("apply --auto-approve").ok();
    assert_eq!(custom(&server), (vec![id.clone()], Some(id.clone())));
    place.edit("certctl.yaml", "custom: {", "# custom: {");
    place.certctl("apply --auto-approve").ok();
    assert_eq!(custom(&server).0, [id]);
}

#[test]
fn the_key_comes_from_a_command_and_is_asked_for_once() {
    let (place, server, sentinel) = place();
    let command = "private_key: { command: [sh, -c, 'echo asked >> asked; cat private.key'] }";
    place.edit(
        "certctl.yaml",
        "private_key: { file: private.key }",
        command,
    );
    place.certctl("plan").ok();
    assert!(!place.path("asked").exists());
    let applied = place.certctl("apply --auto-approve").ok();
    assert_eq!(place.read("asked"), "asked\n");
    assert!(!applied.text().contains(&sentinel));
    assert_eq!(custom(&server).0.len(), 1);
}

#[test]
fn a_key_that_is_wrong_or_missing_uploads_nothing() {
    let (place, server, sentinel) = place();
    let other = make(&place, "other.pem", "other.key");
    for (given, says) in [
        ("{ file: other.key }", "not the certificate's own"),
        ("{ file: ca.pem }", "there is no private key in PEM"),
        ("{ file: missing.key }", "cannot read the private key"),
        (
            "{ env: NO_SUCH_KEY }",
            "the variable NO_SUCH_KEY is not set",
        ),
        (
            "{ command: [sh, -c, 'cat private.key; exit 3'] }",
            "failed with exit code 3",
        ),
        (
            "{ command: [cat, /dev/null] }",
            "there is no private key in PEM",
        ),
    ] {
        let spec = SPEC.replace("{ file: private.key }", given);
        place.write("certctl.yaml", &spec);
        let run = place.certctl("apply --auto-approve");
        assert_eq!(run.code, 1, "{given}: {}", run.text());
        assert!(run.stderr.contains(says), "{given}: {}", run.stderr);
        for line in [&sentinel, &other] {
            assert!(!run.text().contains(line.as_str()), "{given}");
        }
    }
    assert_eq!(custom(&server).0, [""; 0]);
}

#[test]
fn a_ca_that_does_not_fit_is_said_with_its_place() {
    let (place, _server, _) = place();
    std::fs::remove_file(place.path("ca.pem")).unwrap();
    let missing = place.certctl("validate");
    assert_eq!(missing.code, 1);
    for part in ["cannot read ", "ca.pem", "certctl.yaml:8:32"] {
        assert!(missing.text().contains(part), "{}", missing.text());
    }
    place.write("ca.pem", &place.read("private.key"));
    let no_ca = place.certctl("validate");
    assert_eq!(no_ca.code, 1);
    assert!(no_ca.text().contains("custom_unfit"), "{}", no_ca.text());
    std::fs::remove_file(place.path("ca.pem")).unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), place.path("ca.pem")).unwrap();
    let link = place.certctl("validate");
    assert!(
        link.text().contains("outside of its directory"),
        "{}",
        link.text()
    );
}

#[test]
fn a_saved_plan_uploads_what_was_approved_and_nothing_else() {
    let (place, server, _) = place();
    place.certctl("plan --out plan.json").ok();
    let second = make(&place, "ca.pem", "private.key");
    let moved = place.certctl("apply plan.json");
    assert_eq!(moved.code, 1, "{}", moved.text());
    assert!(moved.text().contains("plan_moved"), "{}", moved.text());
    assert_eq!(custom(&server).0, [""; 0]);
    place.certctl("plan --out plan.json").ok();
    place.certctl("apply plan.json").ok();
    assert_eq!(custom(&server).0.len(), 1);
    assert_eq!(holders(&place.path(""), &second), ["private.key"]);
}
