//! The way to other machines: proxies that cannot be used, CAs that are given, places that are none.

use crate::support::Place;

fn place() -> Place {
    let mut place = Place::with_example("quickstart");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    place.set("AWS_ACCESS_KEY_ID", "testing");
    place.set("AWS_SECRET_ACCESS_KEY", "testing-testing");
    place
}

/// Every command that opens a connection to the API or to a bucket.
const COMMANDS: [&str; 16] = [
    "plan",
    "apply --auto-approve",
    "status",
    "forecast",
    "pem acme/inspection",
    "explain acme/inspection",
    "upload acme --certificate certctl.yaml --private-key certctl.yaml",
    "history",
    "state list",
    "state show acme/inspection",
    "state pull",
    "state rm acme/inspection --auto-approve",
    "state mv acme/inspection acme/other",
    "state unlock --auto-approve",
    "state settle acme/inspection f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
    "state restore .",
];

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_not_shown() {
    for (variable, value) in [
        ("HTTPS_PROXY", "http://user:hunter2-hunter2@"),
        ("https_proxy", "http://proxy:hunter2-hunter2"),
        ("ALL_PROXY", "socks5://user:hunter2-hunter2@proxy:1080"),
    ] {
        let mut place = place();
        place.set(variable, value);
        place.set("AWS_REGION", "eu-central-1");
        for line in COMMANDS {
            let seen = place.certctl(&format!("{line} --state s3://a-bucket"));
            assert_eq!(seen.code, 1, "{line}");
            let first = seen.stderr.lines().next().unwrap_or_default();
            assert!(
                first.starts_with(&format!("error: {variable} ")),
                "{line}: {}",
                seen.stderr
            );
            assert!(!seen.stderr.contains("hunter2"), "{}", seen.stderr);
        }
        // What stays on this machine needs none.
        place.certctl("plan --sandbox").ok();
    }
}

#[test]
fn the_proxy_through_which_nothing_came_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    drop(listener);
    let mut place = place();
    place.set(
        "HTTPS_PROXY",
        &format!("http://user:hunter2-hunter2@{proxy}"),
    );
    place.set("AWS_REGION", "eu-central-1");
    let seen = place.certctl("plan");
    let said = format!("through the proxy {proxy} (HTTPS_PROXY)");
    assert!(seen.stderr.contains(&said), "{}", seen.stderr);
    let seen = place.certctl("state list --state s3://a-bucket");
    assert!(seen.stderr.contains(&said), "{}", seen.stderr);
    assert!(!seen.stderr.contains("hunter2"), "{}", seen.stderr);
}

#[test]
fn every_command_that_opens_a_connection_takes_a_bundle() {
    let mut place = place();
    place.set("AWS_REGION", "eu-central-1");
    place.write("ca.pem", "no certificate");
    for line in COMMANDS {
        for bundle in ["--ca-bundle ca.pem", "--ca-bundle none.pem"] {
            let seen = place.certctl(&format!("{line} {bundle} --state s3://a-bucket"));
            assert_eq!(seen.code, 1, "{line}");
            assert!(
                seen.stderr.contains("the CA bundle"),
                "{line}: {}",
                seen.stderr
            );
        }
    }
}

#[test]
fn a_place_that_is_none_is_refused_with_the_right_form() {
    let place = place();
    for (state, meant) in [
        ("s3:/a-bucket/p", "write s3://a-bucket/p"),
        ("arn:aws:s3:::a-bucket", "write s3://a-bucket"),
        ("~/state", "write the path of your home directory in full"),
        ("file:///srv/state", "write /srv/state"),
    ] {
        for line in ["plan --sandbox", "state list", "history"] {
            let seen = place.certctl(&format!("{line} --state {state}"));
            assert_eq!(seen.code, 1, "{line} {state}");
            assert!(
                seen.stderr.contains(meant),
                "{line} {state}: {}",
                seen.stderr
            );
        }
        place.edit(
            "certctl.yaml",
            "version: 1\n",
            &format!("version: 1\nstate: '{state}'\n"),
        );
        let seen = place.certctl("plan");
        assert_eq!(seen.code, 1, "{state}");
        assert!(seen.stderr.contains(meant), "{state}: {}", seen.stderr);
        place.edit("certctl.yaml", &format!("state: '{state}'\n"), "");
    }
    assert!(!place.path("~").exists() && !place.path("s3:").exists());
}
