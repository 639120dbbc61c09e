//! A CA of one's own: uploaded past certctl, named by its id, set in use, rotated, and never taken away.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use serde_json::{Value, json};

use crate::http::{get, send, set_clock};
use crate::support::{Place, Server};

const ACME: &str = "699d98642c564d2e855e9661899b7252";

fn params(name: &str, until: i32) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

/// What devices trust.
struct Root {
    params: CertificateParams,
    key: KeyPair,
    pem: String,
}

fn root(name: &str) -> Root {
    let (params, key) = (params(name, 2046), KeyPair::generate().unwrap());
    let pem = params.self_signed(&key).unwrap().pem();
    Root { params, key, pem }
}

impl Root {
    /// The root and what it issued, as an upload holds them: root first.
    fn chain(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> String {
        let mut inner = params(name, 2028);
        change(&mut inner);
        let issuer = Issuer::from_params(&self.params, &self.key);
        let issued = inner.signed_by(&KeyPair::generate().unwrap(), &issuer);
        format!("{}{}", self.pem, issued.unwrap().pem())
    }
}

fn chain(name: &str, change: impl FnOnce(&mut CertificateParams)) -> String {
    root(name).chain(&format!("{name} inner"), change)
}

/// Uploads a chain as its owner would, and gives its id.
#[track_caller]
fn upload(server: &Server, name: &str, chain: &str) -> String {
    let store = server.control(&format!("/client/v4/accounts/{ACME}/mtls_certificates"));
    let body = json!({"certificates": chain, "private_key": "unused", "ca": true, "name": name});
    assert_eq!(send("POST", &store, &body.to_string()), 200);
    let listed = get(&store);
    let found = listed["result"].as_array().unwrap().iter();
    let mut found = found.filter(|one| one["name"] == name);
    found.next().unwrap()["id"].as_str().unwrap().to_owned()
}

fn spec(id: &str) -> String {
    format!(
        "version: 1
accounts:
  - name: acme
    account_id: {ACME}
    certificates:
      - {{ name: own, custom: {{ id: {id} }}, in_use: true, rotation: {{ renew_before: 120d }} }}
"
    )
}

fn at(place: &mut Place, server: &Server, now: &str) {
    place.set("CERTCTL_NOW", now);
    set_clock(server, now);
}

/// What the account holds, each with its role and its status, the one in use with a star.
fn rows(place: &Place) -> Vec<(String, String)> {
    let status = place.certctl("status --format json").ok().json();
    let rows = status["certificates"].as_array().unwrap().iter();
    let told = |row: &Value| {
        let star = if row["in_use"] == true { " *" } else { "" };
        let role = row["role"].as_str().unwrap_or("-");
        let (status, id) = (
            row["binding_status"].as_str(),
            row["certificate_id"].as_str(),
        );
        (
            id.unwrap().to_owned(),
            format!("{role} {}{star}", status.unwrap()),
        )
    };
    rows.filter(|row| row["certificate_id"].is_string())
        .map(told)
        .collect()
}

#[test]
fn it_is_set_in_use_rotated_and_let_go() {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    at(&mut place, &server, "2026-06-01T00:00:00Z");
    let first = upload(&server, "first", &chain("first", |_| {}));
    place.write("certctl.yaml", &spec(&first));
    place.certctl("apply --auto-approve").ok();
    assert_eq!(
        rows(&place),
        [(first.clone(), "current available *".to_owned())]
    );
    let status = place.certctl("status --format json").ok().json();
    let expires = &status["certificates"][0]["expires_on"];
    assert_eq!(
        expires, "2028-01-01T00:00:00Z",
        "of the chain, not of its root"
    );
    let printed = place.certctl("pem acme/own").ok();
    assert!(
        printed.stdout.contains("expires 2028-01-01"),
        "{}",
        printed.stdout
    );
    let told = place.certctl("status").ok();
    assert!(!told.stdout.contains("renewal"), "{}", told.stdout);
    let kit = place.certctl("trust-kit --out kit").ok();
    let bundle = place.read("kit/acme/bundle.pem");
    assert_eq!(
        bundle.matches("BEGIN CERTIFICATE").count(),
        1,
        "{}",
        kit.stderr
    );
    place.certctl("plan --detailed-exitcode").ok();

    // Its owner is told in time, and every run says so until there is a successor.
    at(&mut place, &server, "2027-09-04T00:00:00Z");
    let told = place.certctl("apply --only rotation --auto-approve");
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("custom_successor"), "{}", told.stderr);

    let second = upload(
        &server,
        "second",
        &chain("second", |inner| {
            inner.not_after = date_time_ymd(2030, 1, 1);
        }),
    );
    place.write("certctl.yaml", &spec(&second));
    place.certctl("apply --auto-approve").ok();
    let mut trusting = vec![
        (first.clone(), "current available *".to_owned()),
        (second.clone(), "successor available".to_owned()),
    ];
    trusting.sort();
    let mut seen = rows(&place);
    seen.sort();
    assert_eq!(seen, trusting);

    at(&mut place, &server, "2027-09-11T01:00:00Z");
    place.certctl("apply --only rotation --auto-approve").ok();
    assert!(rows(&place).contains(&(second.clone(), "current available *".to_owned())));
    at(&mut place, &server, "2027-09-18T02:00:00Z");
    place.certctl("apply --only rotation --auto-approve").ok();
    let left = rows(&place);
    assert!(
        left.contains(&(first, "- available".to_owned())),
        "{left:?}"
    );

    let account = &get(&server.control("/sandbox/log"))["accounts"][ACME];
    assert_eq!(account["outages"], json!([]));
    assert_eq!(account["creations"], 0);

    // Another one takes over, and then it is no longer declared: it stays as it is.
    let spec = spec(&second).replace(", in_use: true", "").replace(
        "    certificates:\n",
        "    certificates:\n      - { name: other, in_use: true }\n",
    );
    place.write("certctl.yaml", &spec);
    place.certctl("apply --auto-approve").ok();
    at(&mut place, &server, "2027-09-26T00:00:00Z");
    place.certctl("apply --auto-approve").ok();
    let declared = spec.lines().filter(|line| !line.contains("custom"));
    place.write("certctl.yaml", &declared.collect::<Vec<_>>().join("\n"));
    at(&mut place, &server, "2027-10-04T00:00:00Z");
    place.certctl("apply --auto-approve").ok();
    assert!(rows(&place).contains(&(second, "- available".to_owned())));
}

#[test]
fn a_chain_with_what_is_no_ca_is_not_taken_over() {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    at(&mut place, &server, "2026-06-01T00:00:00Z");
    let bad = chain("bad", |inner| inner.is_ca = IsCa::ExplicitNoCa);
    let id = upload(&server, "bad", &bad);
    place.write("certctl.yaml", &spec(&id));
    let planned = place.certctl("plan");
    assert_eq!(planned.code, 1);
    let said = format!("{}{}", planned.stdout, planned.stderr);
    assert!(
        said.contains("certificate 2 of the chain: it is not a CA"),
        "{said}"
    );
    let applied = place.certctl("apply --auto-approve");
    assert_eq!(applied.code, 1);
    assert_eq!(rows(&place), [(id, "- inactive".to_owned())]);
}

#[test]
fn an_intermediate_changes_under_its_root_without_a_trust_period() {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    at(&mut place, &server, "2026-06-01T00:00:00Z");
    let root = root("root");
    let [first, second] = ["first", "second"].map(|name| root.chain(name, |_| {}));
    let first = upload(&server, "first", &first);
    place.write("certctl.yaml", &spec(&first));
    place.certctl("apply --auto-approve").ok();
    let second = upload(&server, "second", &second);
    place.write("certctl.yaml", &spec(&second));
    let planned = place.certctl("plan").ok();
    let said = "under the same root, so that no trust period is needed";
    assert!(planned.stdout.contains(said), "{}", planned.stdout);
    place.certctl("apply --auto-approve").ok();
    let held = rows(&place);
    assert!(
        held.contains(&(second, "current available *".to_owned())),
        "{held:?}"
    );
    assert!(
        held.contains(&(first, "retiring available".to_owned())),
        "{held:?}"
    );
}
