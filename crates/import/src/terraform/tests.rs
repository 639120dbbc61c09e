use super::*;

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";
const OTHER: &str = "0123456789abcdef0123456789abcdef";

/// What version 5 stores, with nothing in it that matters to nobody.
fn v5() -> String {
    serde_json::json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "x", "outputs": {},
        "resources": [
            { "mode": "managed", "type": "cloudflare_zero_trust_gateway_certificate",
              "name": "inspection", "provider": "provider[\"registry.terraform.io/cloudflare/cloudflare\"]",
              "instances": [{ "schema_version": 500, "attributes": {
                "account_id": ACCOUNT, "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415", "activate": true,
                "validity_period_days": 1825, "binding_status": "available", "in_use": true,
                "created_at": "2025-03-18T23:07:14.46Z", "expires_on": "2030-03-18T23:02:00Z",
                "uploaded_on": "0001-01-01T00:00:00Z", "type": "gateway_managed" } }] },
            { "module": "module.eu[\"a.b\"].module.tls", "mode": "managed",
              "type": "cloudflare_zero_trust_gateway_certificate", "name": "this",
              "instances": [
                { "index_key": 0, "attributes": { "account_id": OTHER,
                  "id": "aaaaaaaa-fafe-4643-bbbc-4a0ed4fc8415", "type": "gateway_managed" } },
                { "index_key": 1, "deposed": "00000000", "attributes": { "account_id": OTHER,
                  "id": "bbbbbbbb-fafe-4643-bbbc-4a0ed4fc8415", "type": "gateway_managed" } }] },
            { "mode": "managed", "type": "cloudflare_zero_trust_gateway_settings", "name": "main",
              "instances": [{ "attributes": { "account_id": ACCOUNT, "settings": {
                "certificate": { "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415" },
                "tls_decrypt": { "enabled": true } } } }] },
            { "mode": "managed", "type": "cloudflare_mtls_certificate", "name": "root",
              "instances": [{ "attributes": { "account_id": ACCOUNT, "ca": true,
                "id": "cccccccc-fafe-4643-bbbc-4a0ed4fc8415", "certificates": "-----BEGIN",
                "private_key": "s3cret-k3y", "expires_on": "2031-01-01T00:00:00Z" } }] },
            { "mode": "data", "type": "cloudflare_zero_trust_gateway_certificate", "name": "seen",
              "instances": [{ "attributes": { "account_id": ACCOUNT,
                "id": "dddddddd-fafe-4643-bbbc-4a0ed4fc8415" } }] },
            { "mode": "managed", "type": "aws_s3_bucket", "name": "x",
              "instances": [{ "attributes": { "id": "x" } }] }
        ]
    })
    .to_string()
}

#[test]
fn a_state_of_version_5_is_read() {
    let terraform = Terraform::read(&v5()).unwrap();
    let [other, account] = terraform.found.as_slice() else {
        panic!("{:?}", terraform.found)
    };
    assert_eq!(other.account_id.as_str(), OTHER);
    let [tls] = other.items.as_slice() else {
        panic!("{other:?}")
    };
    assert_eq!(tls.name.as_ref().unwrap().as_str(), "tls-this-0");
    assert_eq!((tls.days, tls.created, tls.expires), (None, None, None));

    let [inspection, root] = account.items.as_slice() else {
        panic!("{account:?}")
    };
    assert_eq!(inspection.name.as_ref().unwrap().as_str(), "inspection");
    assert_eq!(inspection.usage, Usage::InUse);
    assert_eq!(
        inspection.days.map(ValidityDays::days),
        Some(1826),
        "by its dates, not by what was asked"
    );
    assert_eq!(root.kind, CertificateType::Custom);
    assert_eq!(terraform.warnings.len(), 1, "{:?}", terraform.warnings);
    assert!(terraform.warnings[0].contains("deposed"));
    insta::assert_snapshot!("removed", terraform.forgotten.removed().unwrap());
    insta::assert_snapshot!("ignored", terraform.forgotten.ignored().unwrap());
}

#[test]
fn what_is_deposed_or_no_ca_says_nothing() {
    let state = serde_json::json!({ "version": 4, "resources": [
        { "mode": "managed", "type": "cloudflare_mtls_certificate", "name": "old", "instances": [
            { "deposed": "00000000", "attributes": { "account_id": ACCOUNT, "ca": true,
              "id": "cccccccc-fafe-4643-bbbc-4a0ed4fc8415" } }] },
        { "mode": "managed", "type": "cloudflare_mtls_certificate", "name": "client", "instances": [
            { "attributes": { "account_id": ACCOUNT, "ca": false,
              "id": "eeeeeeee-fafe-4643-bbbc-4a0ed4fc8415" } }] },
        { "mode": "managed", "type": "cloudflare_zero_trust_gateway_settings", "name": "s", "instances": [
            { "deposed": "00000000", "attributes": { "account_id": ACCOUNT, "settings": {
              "certificate": { "id": "aaaaaaaa-fafe-4643-bbbc-4a0ed4fc8415" } } } },
            { "attributes": { "account_id": ACCOUNT, "settings": {
              "certificate": { "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415" } } } }] },
        { "mode": "managed", "type": "cloudflare_zero_trust_gateway_certificate", "name": "x", "instances": [
            { "attributes": { "account_id": ACCOUNT,
              "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415" } }] }] });
    let terraform = Terraform::read(&state.to_string()).unwrap();
    let [account] = terraform.found.as_slice() else {
        panic!("{:?}", terraform.found)
    };
    let [used] = account.items.as_slice() else {
        panic!("{account:?}")
    };
    assert_eq!(used.usage, Usage::InUse);
    assert_eq!(terraform.warnings.len(), 2, "{:?}", terraform.warnings);
    let deposed = |said: &String| said.contains("deposed");
    assert!(
        terraform.warnings.iter().all(deposed),
        "{:?}",
        terraform.warnings
    );
}

#[test]
fn no_secret_is_kept() {
    assert!(!format!("{:?}", Terraform::read(&v5()).unwrap()).contains("s3cret"));
}

#[test]
fn what_is_shown_is_read_alike_of_both_versions() {
    let shown = serde_json::json!({
        "format_version": "1.0", "terraform_version": "1.5.7",
        "values": { "root_module": {
            "resources": [
                { "address": "cloudflare_teams_account.main", "mode": "managed",
                  "type": "cloudflare_teams_account", "name": "main", "values": {
                    "account_id": ACCOUNT, "certificate": [{ "id": "aaaaaaaa-fafe-4643-bbbc-4a0ed4fc8415" }] } },
                { "address": "x", "mode": "managed",
                  "type": "cloudflare_zero_trust_gateway_certificate", "name": "byo", "values": {
                    "account_id": ACCOUNT, "custom": true, "gateway_managed": false,
                    "id": "bbbbbbbb-fafe-4643-bbbc-4a0ed4fc8415", "in_use": true } }],
            "child_modules": [{ "address": "module.sub", "resources": [
                { "mode": "managed", "type": "cloudflare_zero_trust_gateway_certificate",
                  "name": "tls", "index": "eu", "values": { "account_id": ACCOUNT,
                    "gateway_managed": true, "custom": null, "validity_period_days": 1826,
                    "id": "aaaaaaaa-fafe-4643-bbbc-4a0ed4fc8415" } },
                { "mode": "managed", "type": "cloudflare_zero_trust_gateway_settings",
                  "name": "sub", "values": { "account_id": OTHER, "certificate": [] } }] }] } }
    });
    let terraform = Terraform::read(&shown.to_string()).unwrap();
    let [account] = terraform.found.as_slice() else {
        panic!("{:?}", terraform.found)
    };
    let told: Vec<_> = account
        .items
        .iter()
        .map(|item| (item.name.as_ref().unwrap().as_str(), item.usage, &item.kind))
        .collect();
    assert_eq!(
        told,
        [
            ("byo", Usage::Disputed, &CertificateType::Custom),
            (
                "sub-tls-eu",
                Usage::Disputed,
                &CertificateType::GatewayManaged
            )
        ]
    );
    let removed = terraform.forgotten.removed().unwrap();
    assert!(removed.contains("from = module.sub.cloudflare_zero_trust_gateway_certificate.tls\n"));
    assert_eq!(removed.matches("\nremoved {").count(), 1, "{removed}");
    let ignored = terraform.forgotten.ignored().unwrap();
    assert!(
        ignored.contains("\n    ignore_changes = [certificate]\n"),
        "{ignored}"
    );
    assert!(ignored.contains("# resource \"cloudflare_zero_trust_gateway_settings\" \"sub\" {"));
}

#[test]
fn what_is_no_state_says_so() {
    for (text, error) in [
        ("", "it is not JSON: line 1, column 0"),
        ("{\n \"version\": 4,", "it is not JSON: line 2, column 14"),
        (
            "[]",
            "it is neither a Terraform state nor the output of `terraform show -json`",
        ),
        (
            "{\"version\":4}",
            "it is neither a Terraform state nor the output of `terraform show -json`",
        ),
        (
            "{\"version\":3,\"modules\":[]}",
            "it is a Terraform state of format 3, and certctl reads format 4",
        ),
        (
            "{\"version\":4,\"encrypted_data\":\"x\"}",
            "the state is encrypted",
        ),
    ] {
        assert_eq!(
            Terraform::read(text).unwrap_err().to_string(),
            error,
            "{text}"
        );
    }
    for empty in [
        "{\"format_version\":\"1.0\"}",
        "{\"version\":4,\"resources\":[]}",
    ] {
        let terraform = Terraform::read(empty).unwrap();
        assert!(terraform.found.is_empty() && terraform.forgotten.is_empty());
    }
}

#[test]
fn what_could_not_stand_in_hcl_does_not() {
    let state = serde_json::json!({ "version": 4, "resources": [
        { "mode": "managed", "type": "cloudflare_zero_trust_gateway_certificate",
          "name": "x\" }\nresource", "instances": [{ "attributes": {
            "account_id": ACCOUNT, "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415" } }] }] });
    let terraform = Terraform::read(&state.to_string()).unwrap();
    assert_eq!(terraform.forgotten.removed(), None);
    assert_eq!(terraform.warnings.len(), 1);
    assert!(!terraform.warnings[0].contains('\n'));
}
