//! The certificate itself: by address, id or role, and while the API cannot be reached.

use crate::support::Place;

const BLOCK: &str = "-----BEGIN CERTIFICATE-----\n";

/// The blocks of a bundle, without what stands around them.
fn blocks(bundle: &str) -> Vec<&str> {
    let found = bundle.match_indices(BLOCK).map(|(start, _)| {
        let end = bundle[start..].find("-----END CERTIFICATE-----\n").unwrap();
        &bundle[start..start + end]
    });
    found.collect()
}

fn place() -> (Place, crate::support::Server) {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    place.certctl("apply --auto-approve").ok();
    (place, server)
}

#[test]
fn by_address_by_id_and_by_role() {
    let (place, _server) = place();
    let named = place.certctl("pem acme/inspection").ok().stdout;
    assert!(
        named.starts_with("# acme/inspection, current, in use by Gateway\n# "),
        "{named}"
    );
    assert!(named.contains("\n# SHA-256 "), "{named}");
    assert_eq!(blocks(&named).len(), 1);
    let rows = place.certctl("status --format json").ok().json()["certificates"].clone();
    let id = rows[0]["certificate_id"].as_str().unwrap();
    let fingerprint = rows[0]["fingerprint"].as_str().unwrap();
    assert!(named.contains(fingerprint), "{named}");
    assert_eq!(place.certctl(&format!("pem {id}")).ok().stdout, named);

    // A rotation: both, told apart, and each alone.
    place
        .certctl("apply --auto-approve --replace acme/inspection")
        .ok();
    let both = place.certctl("pem acme/inspection").ok().stdout;
    assert_eq!(blocks(&both).len(), 2);
    assert!(both.contains("# acme/inspection, successor\n"), "{both}");
    let successor = place
        .certctl("pem acme/inspection --role successor")
        .ok()
        .stdout;
    assert_eq!(blocks(&successor), blocks(&both)[1..]);

    for (arguments, expected) in [
        (
            "pem acme/standby --role retiring",
            "holds no retiring to print",
        ),
        ("pem acme/other", "holds no certificate to print"),
        ("pem nobody/inspection", "no account is named nobody"),
        (
            "pem f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
            "holds no certificate to print",
        ),
    ] {
        let refused = place.certctl(arguments);
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (1, ""),
            "{arguments}"
        );
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
}

#[test]
fn from_the_state_while_the_api_is_away() {
    let (place, server) = place();
    let online = place.certctl("pem acme/inspection").ok().stdout;
    drop(server);
    let offline = place.certctl("pem acme/inspection").ok();
    assert_eq!(blocks(&offline.stdout), blocks(&online));
    assert!(
        offline.stdout.contains("\n# SHA-256 "),
        "{}",
        offline.stdout
    );
    assert!(
        offline.stderr.contains("from the state"),
        "{}",
        offline.stderr
    );
}
