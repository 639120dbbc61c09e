//! Which variables hold secrets, by their names: nobody looks at what they hold.

/// Whose variables certctl, or a library of it, reads credentials from.
const OWNERS: [&str; 9] = [
    "CLOUDFLARE_",
    "CERTCTL_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "MSI_",
    "GITHUB_",
    "GITLAB_",
    "CI_JOB_",
];
/// What is in the name of a secret.
const PARTS: [&str; 10] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "ACCESS_KEY",
    "API_KEY",
    "ACCOUNT_KEY",
    "PRIVATE_KEY",
];
/// How else the name of a secret ends.
const ENDINGS: [&str; 4] = ["_KEY", "_PAT", "_SAS", "_PASS"];

/// Whether certctl reads this variable as a credential.
pub(crate) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    OWNERS.iter().any(|owner| name.starts_with(owner)) && may_be_secret(&name)
}

/// Whether somebody who names a variable so keeps a secret in it.
pub(crate) fn may_be_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    PARTS.iter().any(|part| name.contains(part)) || ENDINGS.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name() {
        for name in [
            "CLOUDFLARE_API_TOKEN",
            "CLOUDFLARE_API_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
            "CERTCTL_STATE_AWS_SESSION_TOKEN",
            "AZURE_STORAGE_SAS_TOKEN",
            "AZURE_STORAGE_ACCOUNT_KEY",
            "AZURE_CLIENT_SECRET",
            "GOOGLE_SERVICE_ACCOUNT_KEY",
            "GITHUB_TOKEN",
            "CI_JOB_TOKEN",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in ["DB_PASSWORD", "vault_token", "STORAGE_KEY", "BUCKET_SAS"] {
            assert!(may_be_secret(name) && !is_credential(name), "{name}");
        }
        for name in [
            "ACME_ACCOUNT_ID",
            "BUCKET",
            "STATE_PREFIX",
            "AWS_REGION",
            "KEYS",
        ] {
            assert!(!may_be_secret(name), "{name}");
        }
    }
}
