//! From Terraform to certctl, as docs/terraform.md has it; with real Terraform where it is at hand.

use std::process::Command;

use serde_json::{Value, json};

use crate::http;
use crate::import::{adoptions, seed};
use crate::support::{Place, repository};

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

/// What the sandbox holds, as the provider's version 5 stores it.
fn state(listed: &Value) -> String {
    let instance = |n: usize| {
        let mut attributes = listed[n].clone();
        attributes["account_id"] = json!(ACCOUNT);
        attributes["activate"] = json!(true);
        // What was asked for once; not what it is.
        attributes["validity_period_days"] = json!(1825);
        json!({ "schema_version": 500, "attributes": attributes })
    };
    let certificate = |name: &str, n: usize| {
        json!({ "mode": "managed", "type": "cloudflare_zero_trust_gateway_certificate", "name": name,
            "provider": "provider[\"registry.terraform.io/cloudflare/cloudflare\"]",
            "instances": [instance(n)] })
    };
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {},
        "resources": [
            certificate("inspection", 0), certificate("next", 1), certificate("uploaded", 2),
            { "mode": "managed", "type": "cloudflare_zero_trust_gateway_settings", "name": "main",
              "instances": [{ "attributes": { "account_id": ACCOUNT, "settings": {
                "certificate": { "id": listed[0]["id"] }, "tls_decrypt": { "enabled": true } } } }] }
        ] })
    .to_string()
}

/// Three certificates, of which Terraform says that it made them; one of them was uploaded.
fn place() -> (Place, crate::support::Server) {
    let mut place = Place::new();
    let server = place.serve("--clock 2026-11-23 --deploy-delay 0s");
    place.set("CERTCTL_NOW", "2026-11-23T00:00:00Z");
    let available = |more: Value| {
        let mut certificate = json!({ "binding_status": "available" });
        for (key, value) in more.as_object().unwrap() {
            certificate[key] = value.clone();
        }
        certificate
    };
    let made =
        json!({"validity_period_days": 1826, "created_at": "2025-03-18T23:07:14Z", "in_use": true});
    seed(&server, ACCOUNT, 1, available(made));
    let next = json!({"validity_period_days": 400, "created_at": "2026-10-01T00:00:00Z"});
    seed(&server, ACCOUNT, 2, available(next));
    seed(&server, ACCOUNT, 3, available(json!({"type": "custom"})));
    let listed = http::get(&server.control(&format!(
        "/client/v4/accounts/{ACCOUNT}/gateway/certificates"
    )));
    place.write("state.json", &state(&listed["result"]));
    (place, server)
}

#[test]
fn the_migration_of_the_docs_takes_over_and_changes_nothing() {
    let docs = std::fs::read_to_string(repository().join("docs/terraform.md")).unwrap();
    let (place, server) = place();
    let mut planned = false;
    for command in docs
        .lines()
        .filter_map(|line| line.trim().strip_prefix("$ certctl "))
    {
        let command = command.replace("certctl apply", "certctl apply --auto-approve");
        if command.starts_with("plan") {
            let plan = place.certctl("plan --format json").ok().json();
            assert_eq!(adoptions(&plan), 2, "{plan:#}");
            planned = true;
        }
        let command = command.replace("apply", "apply --auto-approve");
        place.certctl(&command).ok();
    }
    assert!(planned, "the docs have no `$ certctl plan`");
    let spec = place.read("certctl.yaml");
    assert!(
        spec.contains(
            "      - name: inspection\n        validity_period_days: 1826\n        in_use: true\n"
        ),
        "{spec}"
    );
    assert!(
        spec.contains("      - name: next\n        validity_period_days: 400\n"),
        "{spec}"
    );
    assert!(spec.contains("is a custom certificate"), "{spec}");
    let plan = place
        .certctl("plan --format json --detailed-exitcode")
        .ok()
        .json();
    assert_eq!(plan["has_changes"], false);
    let log = http::get(&server.control("/sandbox/log"));
    let wrote = |entry: &&Value| entry["cause"] == "request" && entry["method"] != "GET";
    assert_eq!(log["entries"].as_array().unwrap().iter().find(wrote), None);

    // Again, and over what is there already: nothing new.
    let hcl = place.read("certctl-forget.tf");
    place.certctl("import --from-terraform state.json").ok();
    assert_eq!(place.read("certctl.yaml"), spec);
    assert_eq!(place.read("certctl-forget.tf"), hcl);
    assert!(hcl.contains("from = cloudflare_zero_trust_gateway_certificate.inspection\n"));
    assert!(
        !hcl.contains("uploaded"),
        "what stays with Terraform is not forgotten"
    );
}

#[test]
fn a_file_of_somebody_else_is_not_written_over() {
    let (place, _server) = place();
    place.write("certctl-forget.tf", "resource \"x\" \"y\" {}\n");
    let seen = place.certctl("import --from-terraform state.json");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("certctl did not write it"),
        "{}",
        seen.stderr
    );
    assert!(!place.path("certctl.yaml").exists());
    assert_eq!(place.read("certctl-forget.tf"), "resource \"x\" \"y\" {}\n");
}

/// Real Terraform runs the HCL, with its built-in resource in place of Cloudflare's, for the provider
/// is not on this machine.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn terraform_forgets_and_destroys_nothing() {
    if Command::new("terraform").arg("version").output().is_err() {
        println!("skipped, because terraform is not installed");
        return;
    }
    let (mut place, _server) = place();
    place.certctl("import --from-terraform state.json").ok();
    place.set("CHECKPOINT_DISABLE", "1");
    place.set("HOME", place.path("").to_str().unwrap().to_owned().as_str());
    place.set("PATH", &std::env::var("PATH").unwrap_or_default());
    std::fs::create_dir(place.path("infra")).unwrap();
    let terraform = |arguments: &str| {
        let mut command = place.command("terraform");
        command.current_dir(place.path("infra"));
        let output = command.args(arguments.split_whitespace()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success(),
            "terraform {arguments}: {text}{wrong}"
        );
        text
    };
    let resource = |name: &str, input: &str| {
        format!(
            "resource \"terraform_data\" \"{name}\" {{\n  input = {{ certificate = {input}, other = 1 }}\n}}\n"
        )
    };
    let both = resource("inspection", "\"made\"") + &resource("next", "\"made\"");
    place.write("infra/main.tf", &(both + &resource("main", "\"old\"")));
    terraform("init -no-color");
    terraform("apply -no-color -auto-approve");

    for file in ["certctl-forget.tf", "certctl-forget_override.tf"] {
        let hcl = place.read(file);
        place.write(&format!("infra/{file}"), &hcl);
        terraform(&format!("fmt -check -diff {file}"));
        let hcl = hcl
            .replace(
                "cloudflare_zero_trust_gateway_certificate",
                "terraform_data",
            )
            .replace("cloudflare_zero_trust_gateway_settings", "terraform_data")
            .replace("settings.certificate", "input.certificate");
        place.write(&format!("infra/{file}"), &hcl);
    }
    place.write("infra/main.tf", &resource("main", "\"moved\""));
    let plan = terraform("plan -no-color");
    assert!(
        plan.contains("will no longer be managed by Terraform"),
        "{plan}"
    );
    assert!(
        plan.contains("0 to add, 0 to change, 0 to destroy"),
        "{plan}"
    );
    terraform("apply -no-color -auto-approve");
    assert_eq!(terraform("state list").trim(), "terraform_data.main");
    assert!(terraform("show -no-color").contains("certificate = \"old\""));
}
