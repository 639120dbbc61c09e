//! Whether everything is there that certctl needs, and what TLS in between shows.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::http;
use crate::import::seed;
use crate::support::{Place, Seen, Server};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const SPEC: &str = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: inspection
        in_use: true
";

fn place() -> (Place, Server) {
    let mut place = Place::new();
    place.write("certctl.yaml", SPEC);
    let server = place.serve("--deploy-delay 0s");
    (place, server)
}

/// One check of the JSON document.
#[track_caller]
fn check(seen: &Seen, name: &str) -> Value {
    let document = seen.json();
    assert_eq!(document["kind"], "doctor");
    let checks = document["checks"].as_array().unwrap().iter();
    checks
        .into_iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no check {name:?}: {document:#}"))
        .clone()
}

#[test]
fn all_is_well() {
    let (place, _server) = place();
    place.certctl("apply --auto-approve").ok();
    let seen = place.certctl("doctor --format json").ok();
    for name in [
        "spec",
        "token",
        "clock",
        "acme: read certificates",
        "acme: state",
        "acme: lock",
    ] {
        let check = check(&seen, name);
        assert_eq!(check["verdict"], "ok", "{check}");
    }
    let seen = place.certctl("doctor").ok();
    assert!(
        seen.stdout.contains("0 errors, 0 warnings"),
        "{}",
        seen.stdout
    );
    // What is wrong is said with what to do, each on a line of its own.
    place.certctl("doctor --sandbox").ok();
}

#[test]
fn without_a_spec_or_a_token_it_says_how_to_get_one() {
    let (mut place, _server) = place();
    std::fs::remove_file(place.path("certctl.yaml")).unwrap();
    let seen = place
        .certctl(&format!("doctor --format json --account-id {ACCOUNT}"))
        .ok();
    assert!(
        check(&seen, "spec")["advice"]
            .as_str()
            .unwrap()
            .contains("certctl import")
    );
    assert_eq!(
        check(&seen, "account-699d9864: read certificates")["verdict"],
        "ok"
    );

    place.set("CLOUDFLARE_API_TOKEN", "");
    let seen = place.certctl("doctor --format json");
    assert_eq!(seen.code, 1);
    let credentials = check(&seen, "credentials");
    assert_eq!(credentials["verdict"], "error");
    assert!(
        credentials["advice"]
            .as_str()
            .unwrap()
            .contains("CLOUDFLARE_API_TOKEN")
    );

    for (token, said, verdict) in [
        ("cfat_0123456789", "account-owned", "ok"),
        ("cfut_0123456789", "token of a user", "note"),
        ("cfoat_0123456789", "short-lived", "warning"),
        ("cfk_0123456789", "global API key", "error"),
    ] {
        place.set("CLOUDFLARE_API_TOKEN", token);
        let seen = place.certctl(&format!("doctor --format json --account-id {ACCOUNT}"));
        let found = check(&seen, "credentials");
        assert!(found["finding"].as_str().unwrap().contains(said), "{found}");
        assert_eq!(found["verdict"], verdict, "{found}");
        assert!(!format!("{}{}", seen.stdout, seen.stderr).contains("0123456789"));
    }
}

#[test]
fn what_is_not_allowed_is_named_with_its_permission() {
    let (place, server) = place();
    let forbid = |path: &str| {
        let fault = json!({"kind": "status", "status": 403, "times": 9, "path_ends_with": path,
            "body": {"success": false, "result": null, "errors": [{"code": 10000,
                "message": "Forbidden", "documentation_url": "https://developers.cloudflare.com/x"}]}});
        assert_eq!(
            http::send(
                "POST",
                &server.control("/sandbox/faults"),
                &fault.to_string()
            ),
            200
        );
    };
    forbid("/mtls_certificates");
    let seen = place.certctl("doctor --format json").ok();
    let found = check(&seen, "acme: read uploaded certificates");
    assert_eq!(found["verdict"], "note", "only custom certificates need it");
    assert!(
        found["advice"]
            .as_str()
            .unwrap()
            .contains("SSL and Certificates"),
        "{found}"
    );
    assert!(
        found["advice"]
            .as_str()
            .unwrap()
            .contains("https://developers"),
        "{found}"
    );

    forbid("/logs/audit");
    let seen = place.certctl("doctor --format json").ok();
    let found = check(&seen, "acme: read the audit log");
    assert_eq!(found["verdict"], "note", "only to name somebody");
    let advice = found["advice"].as_str().unwrap();
    assert!(advice.contains("Account Settings"), "{found}");

    forbid("/gateway/certificates");
    let seen = place.certctl("doctor --format json");
    assert_eq!(seen.code, 1);
    assert_eq!(check(&seen, "acme: read certificates")["verdict"], "error");
}

#[test]
fn a_clock_that_is_wrong_and_a_lock_that_is_held() {
    let (mut place, _server) = place();
    place.certctl("apply --auto-approve").ok();
    let locks = crate::locks::take(&place);
    let seen = place.certctl("doctor --format json").ok();
    let found = check(&seen, "acme: lock");
    assert_eq!(found["verdict"], "note", "{found}");
    drop(locks);

    drop(_server);
    let _server = place.serve("--clock 2027-01-01");
    let seen = place.certctl("doctor --format json");
    assert_eq!(seen.code, 1);
    let found = check(&seen, "clock");
    assert_eq!(found["verdict"], "error", "{found}");
    assert!(
        found["finding"]
            .as_str()
            .unwrap()
            .contains("behind the API's"),
        "{found}"
    );
}

#[test]
fn the_probe_agrees_with_the_sandbox_in_every_line() {
    let (place, server) = place();
    place.certctl("apply --auto-approve").ok();
    seed(
        &server,
        ACCOUNT,
        1,
        json!({"binding_status": "available", "type": "custom"}),
    );
    let requests = || {
        let log = http::get(&server.control("/sandbox/log"));
        let entries = log["entries"].as_array().unwrap().iter();
        let wrote = |e: &&Value| e["cause"] == "request" && e["method"] != "GET";
        entries.filter(wrote).count()
    };
    let before = requests();
    let seen = place
        .certctl(&format!("doctor --probe --account-id {ACCOUNT}"))
        .ok();
    assert_eq!(requests(), before, "a probe only reads");
    assert!(seen.stdout.contains("\n0 of "), "{}", seen.stdout);
    assert!(
        !seen.stdout.contains(ACCOUNT) && !seen.stdout.contains("aaaa-4000"),
        "{}",
        seen.stdout
    );

    let probe = format!("doctor --probe --spend-a-creation --account-id {ACCOUNT}");
    let seen = place.certctl(&probe).ok();
    assert!(
        seen.stdout.contains("| agrees | a delete answers 200 |"),
        "{}",
        seen.stdout
    );
    assert!(!seen.stdout.contains("skipped"), "{}", seen.stdout);
    let plan = place
        .certctl("plan --format json --detailed-exitcode")
        .ok()
        .json();
    assert_eq!(
        plan["has_changes"], false,
        "the probe left something: {plan:#}"
    );

    // What is not as assumed, is said.
    let fault = json!({"kind": "status", "status": 404, "path_ends_with": "ffffffffffff",
        "body": {"success": false, "result": null, "errors": [{"code": 9999, "message": "what?"}]}});
    assert_eq!(
        http::send(
            "POST",
            &server.control("/sandbox/faults"),
            &fault.to_string()
        ),
        200
    );
    let seen = place.certctl(&format!("doctor --probe --account-id {ACCOUNT}"));
    assert_eq!(seen.code, 1);
    assert!(
        seen.stdout
            .contains("| **differs** | what does not exist is refused"),
        "{}",
        seen.stdout
    );
}

/// A CA, and a server certificate of it for 127.0.0.1.
pub(crate) fn authority() -> (CertifiedIssuer<'static, KeyPair>, Arc<ServerConfig>) {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Gateway CA - Cloudflare Managed G9");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let leaf =
        CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = leaf.signed_by(&key, &ca).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    (ca, Arc::new(config))
}

/// TLS in front of a sandbox, as a gateway that inspects would have it: one request for each connection. Tells
/// its port, and counts who only looked at the chain.
pub(crate) fn intercept(config: Arc<ServerConfig>, server: &Server) -> (u16, Arc<AtomicUsize>) {
    let sandbox = server.url.trim_start_matches("http://");
    let sandbox = sandbox.split('/').next().unwrap().to_owned();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut client = StreamOwned::new(connection, stream.unwrap());
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && matches!(client.read(&mut byte), Ok(1)) {
                request.push(byte[0]);
            }
            if request.is_empty() {
                counted.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            let text = String::from_utf8(request).unwrap();
            let text = text.replacen("\r\n", "\r\nConnection: close\r\n", 1);
            let mut server = TcpStream::connect(&sandbox).unwrap();
            server.write_all(text.as_bytes()).unwrap();
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).unwrap();
            let _ = client.write_all(&answer);
            client.conn.send_close_notify();
            let _ = client.flush();
        }
    });
    (port, looks)
}

#[test]
fn a_machine_behind_the_gateway_is_warned() {
    let (mut place, server) = place();
    let (ca, config) = authority();
    let (port, _) = intercept(config, &server);
    place.set(
        "CLOUDFLARE_BASE_URL",
        &format!("https://127.0.0.1:{port}/client/v4"),
    );
    place.write("ca.pem", &ca.pem());

    let seen = place
        .certctl("doctor --format json --ca-bundle ca.pem")
        .ok();
    let found = check(&seen, "TLS to the API");
    assert_eq!(
        found["verdict"], "ok",
        "not a certificate of the account: {found}"
    );
    assert!(
        found["finding"].as_str().unwrap().contains("Managed G9"),
        "{found}"
    );

    seed(
        &server,
        ACCOUNT,
        5,
        json!({"binding_status": "available", "in_use": true, "certificate": ca.pem()}),
    );
    let seen = place
        .certctl("doctor --format json --ca-bundle ca.pem")
        .ok();
    let found = check(&seen, "TLS to the API");
    assert_eq!(found["verdict"], "warning", "{found}");
    assert!(
        found["finding"].as_str().unwrap().contains("00000005-aaaa"),
        "{found}"
    );
    assert!(
        found["advice"].as_str().unwrap().contains("Do Not Inspect"),
        "{found}"
    );
}
