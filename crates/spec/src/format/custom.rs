//! `custom`: a certificate that its owner uploaded, or one that certctl uploads.

use certctl_model::CertificateId;

use crate::key::{Described, Key, Mapping};
use crate::nested::Map;
use crate::value::token::{FilePath, VariableName, Words};

/// `custom`.
#[derive(Debug)]
pub(crate) struct CustomMapping;
/// `private_key`.
#[derive(Debug)]
pub(crate) struct PrivateKeyMapping;

pub(crate) static CUSTOM_ID: Key<CertificateId> = Key::new(
    "id",
    "The id of one that somebody uploaded. certctl activates it and sets it in use; it never deactivates \
     or deletes it. Another id is its successor: Gateway switches to it after the trust period.",
);
pub(crate) static CUSTOM_CERTIFICATE: Key<FilePath> = Key::new(
    "certificate",
    "The file with the CA that certctl uploads, beside this file or below: PEM, of a chain the root \
     first. Another CA is its successor: certctl uploads that, and Gateway switches to it after the \
     trust period.",
);
pub(crate) static PRIVATE_KEY: Key<Map<PrivateKeyMapping>> = Key::new(
    "private_key",
    "Where the private key comes from that belongs to `certificate`, of a chain to its last one. It is \
     read only when it is uploaded, and kept nowhere.",
);
pub(crate) static KEY_ENV: Key<VariableName> = Key::new(
    "env",
    "The name of the environment variable that holds the private key, as PEM.",
);
pub(crate) static KEY_FILE: Key<FilePath> = Key::new(
    "file",
    "A file that holds the private key, as PEM; a relative path is beside this file.",
);
pub(crate) static KEY_COMMAND: Key<Words> = Key::new(
    "command",
    "A program that prints the private key as PEM, and its arguments, as a list. No shell reads it. It \
     runs beside this file, with CERTCTL_ACCOUNT and CERTCTL_ACCOUNT_ID in its environment.",
);

impl Mapping for CustomMapping {
    const NAME: &'static str = "custom";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str =
        "A certificate of your own: one that somebody uploaded, or one that certctl uploads.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&CUSTOM_ID, &CUSTOM_CERTIFICATE, &PRIVATE_KEY]];
    const ONE_OF: &'static [&'static str] = &["id", "certificate"];
    const EXCLUSIVE: bool = true;
    const ONE_OF_HINT: &'static str =
        "name the uploaded certificate: `id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415`";
}

impl Mapping for PrivateKeyMapping {
    const NAME: &'static str = "private_key";
    const ARTICLE: &'static str = "the";
    const ABOUT: &'static str = "Where a private key comes from: one of three.";
    const KEYS: &'static [&'static [&'static dyn Described]] =
        &[&[&KEY_ENV, &KEY_FILE, &KEY_COMMAND]];
    const ONE_OF: &'static [&'static str] = &["env", "file", "command"];
    const EXCLUSIVE: bool = true;
    const ONE_OF_HINT: &'static str =
        "name the variable that holds it: `private_key: { env: ACME_CA_KEY }`";
}
