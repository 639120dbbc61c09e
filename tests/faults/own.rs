//! CAs of one's own that a spec gives: uploaded once, rotated, removed, whatever strikes.

use std::sync::LazyLock;

use async_trait::async_trait;
use certctl_apply::{NoKey, PrivateKeys};
use certctl_cloudflare::SecretString;
use certctl_spec::{Account, Own, SecretSource, Source};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};

use crate::scenarios::{PERIOD, acme, scenario};
use crate::sweep::{Act, sweep};

/// A CA, and its private key.
pub(crate) struct Ca {
    pub(crate) name: &'static str,
    pub(crate) pem: String,
    pub(crate) key: String,
}

/// Those that specs of these tests may name.
static CAS: LazyLock<[Ca; 2]> = LazyLock::new(|| ["first", "second"].map(Ca::new));

impl Ca {
    pub(crate) fn new(name: &'static str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, name);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self {
            name,
            pem: ca.self_signed(&key).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// The files of the CAs, beside every spec.
pub(crate) fn files() -> impl Iterator<Item = Source> {
    CAS.iter().map(|ca| Source {
        name: format!("{}.pem", ca.name),
        text: ca.pem.clone(),
    })
}

/// Their private keys, each in a variable of its name.
pub(crate) struct Keys;

#[async_trait]
impl PrivateKeys for Keys {
    async fn private_key(&self, _: &Account, own: &Own) -> Result<SecretString, NoKey> {
        let SecretSource::Env(name) = &own.private_key else {
            panic!("{:?}", own.private_key);
        };
        let ca = CAS.iter().find(|ca| ca.name == name).unwrap();
        Ok(ca.key.clone().into())
    }
}

/// The account `acme` declares this CA.
fn own(ca: &str) -> Act {
    acme(&format!(
        "
      - {{ name: inspection, custom: {{ certificate: {ca}.pem, private_key: {{ env: {ca} }} }}, in_use: true }}"
    ))
}

/// Uploaded and set in use; then another one, trusted first; the predecessor is removed.
#[test]
fn own_rotated() {
    let before = vec![own("first"), Act::Apply, Act::Pass(PERIOD), own("second")];
    let mut acts = vec![Act::Apply];
    for _ in 0..2 {
        acts.extend([Act::Pass(PERIOD), Act::Apply]);
    }
    sweep(&scenario("own rotated", before, acts, 0));
}

#[test]
fn own_first() {
    sweep(&scenario(
        "own first",
        vec![],
        vec![own("first"), Act::Apply],
        0,
    ));
}
