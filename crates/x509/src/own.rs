//! What can be known of a CA of one's own before it is uploaded: nothing that browsers, strict verifiers
//! or Gateway would reject leaves this machine.

use std::collections::BTreeSet;

use certctl_model::{CaFacts, Timestamp};
use secrecy::SecretString;

use crate::chain::{blocks, chain_facts, is_root};
use crate::inspect::facts;
use crate::{private_key, public_key};

/// A CA that may be uploaded, or a chain of them, root first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCa {
    /// All its certificates as PEM with real newlines, one after the other.
    pub pem: String,
    /// What is known of it: of a chain, of the last certificate, which signs.
    pub facts: CaFacts,
}

/// Why a CA is not uploaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is no CA that may sign, or no chain of them.
    #[error("{0}")]
    Chain(String),
    /// OpenSSL with `-x509_strict`, and so Python, would not accept it.
    #[error("strict verifiers reject it: {0}")]
    Lax(String),
    /// It is not valid yet.
    #[error("it is not valid before {0}")]
    NotYet(Timestamp),
    /// It is valid no more.
    #[error("it expired at {0}")]
    Expired(Timestamp),
    /// There is no private key that can be read, or it is not the certificate's own.
    #[error("{0}")]
    Key(&'static str),
}

impl OwnCa {
    /// Reads it, whenever it is valid.
    ///
    /// # Errors
    /// What is wrong with it, the first that was found.
    pub fn read(pem: &str) -> Result<Self, Unfit> {
        let blocks = blocks(pem).map_err(Unfit::Chain)?;
        let last = blocks.last().map(String::as_str).unwrap_or_default();
        let signs = facts(last).map_err(Unfit::Chain)?;
        // What the API will report nobody knows yet.
        let reported = signs.fingerprint.to_string();
        let facts = chain_facts(&blocks, Some(&reported)).map_err(Unfit::Chain)?;
        if let Some(why) = &facts.lax {
            return Err(Unfit::Lax(why.clone()));
        }
        let objections = || blocks.iter().find_map(|block| public_key::objection(block));
        match whole(&blocks).err().or_else(objections) {
            Some(why) => Err(Unfit::Chain(why.to_owned())),
            None => Ok(Self {
                pem: blocks.concat(),
                facts,
            }),
        }
    }

    /// That it is valid now.
    ///
    /// # Errors
    /// [`Unfit::NotYet`] or [`Unfit::Expired`].
    pub fn is_valid_at(&self, now: Timestamp) -> Result<(), Unfit> {
        if now < self.facts.not_before {
            return Err(Unfit::NotYet(self.facts.not_before));
        }
        if now >= self.facts.not_after {
            return Err(Unfit::Expired(self.facts.not_after));
        }
        Ok(())
    }

    /// That the private key is its own: of a chain, that of the last certificate.
    ///
    /// # Errors
    /// [`Unfit::Key`]; it says nothing of the key but that it does not fit.
    pub fn owns(&self, private_key: &SecretString) -> Result<(), Unfit> {
        let blocks = blocks(&self.pem).map_err(Unfit::Chain)?;
        let last = blocks.last().map(String::as_str).unwrap_or_default();
        private_key::is_of(private_key, last).map_err(Unfit::Key)
    }
}

/// That devices, which trust the root, can follow the chain: it begins with a root, and names each once.
fn whole(blocks: &[String]) -> Result<(), &'static str> {
    let first = blocks.first().map(String::as_str).unwrap_or_default();
    if !is_root(first) {
        return Err(
            "the first certificate is no root, and devices trust roots: upload the whole chain, root first",
        );
    }
    let once: BTreeSet<&String> = blocks.iter().collect();
    match once.len() == blocks.len() {
        true => Ok(()),
        false => Err("the chain holds a certificate twice"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair,
        KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, date_time_ymd,
    };

    use super::*;

    const NOW: &str = "2026-11-28T00:00:00Z";

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2031, 1, 1);
        params.use_authority_key_identifier_extension = true;
        params
    }

    /// All that is checked before an upload.
    fn check(certificates: &str, private_key: &str) -> Result<CaFacts, Unfit> {
        let own = OwnCa::read(certificates)?;
        own.is_valid_at(NOW.parse().unwrap())?;
        own.owns(&private_key.into())?;
        Ok(own.facts)
    }

    fn of(params: &CertificateParams, key: &KeyPair) -> Result<CaFacts, Unfit> {
        check(
            &params.self_signed(key).unwrap().pem(),
            &key.serialize_pem(),
        )
    }

    #[track_caller]
    fn why(certificates: &str, private_key: &str) -> String {
        let why = check(certificates, private_key).unwrap_err().to_string();
        for line in private_key.lines() {
            assert!(line.len() < 8 || !why.contains(line), "{why}");
        }
        why
    }

    #[test]
    fn a_ca_with_its_key_is_fit() {
        let keys = [
            KeyPair::generate().unwrap(),
            KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
        ];
        for key in &keys {
            let facts = of(&params("own"), key).unwrap();
            let until = facts.not_after.to_string();
            assert_eq!(until, "2031-01-01T00:00:00Z");
        }
    }

    #[test]
    fn a_key_that_no_browser_knows_is_refused() {
        let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let said = of(&params("own"), &key).unwrap_err().to_string();
        assert_eq!(said, "browsers reject it: its key is neither RSA nor ECDSA");
        let own = params("own").self_signed(&KeyPair::generate().unwrap());
        assert_eq!(public_key::objection(&own.unwrap().pem()), None);
    }

    #[test]
    fn of_a_chain_the_key_of_the_last_one_is_needed() {
        let (root, inner) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let by = params("root");
        let issuer = Issuer::from_params(&by, &root);
        let last = params("inner").signed_by(&inner, &issuer).unwrap().pem();
        let first = by.self_signed(&root).unwrap().pem();
        let chain = format!("{first}{last}");
        let facts = check(&chain, &inner.serialize_pem()).unwrap();
        assert!(facts.root.is_some());
        assert_ne!(facts.content(), facts.fingerprint);
        let wrong = why(&chain, &root.serialize_pem());
        assert!(wrong.contains("not the certificate's own"), "{wrong}");
        let reversed = format!("{last}{first}");
        let wrong = why(&reversed, &root.serialize_pem());
        assert!(wrong.contains("the root comes first"), "{wrong}");
        let alone = why(&last, &inner.serialize_pem());
        assert!(alone.contains("no root"), "{alone}");
        let twice = why(&format!("{first}{first}"), &root.serialize_pem());
        assert!(twice.contains("a certificate twice"), "{twice}");
    }

    #[test]
    fn what_would_be_rejected_stays_here() {
        let key = KeyPair::generate().unwrap();
        let with = |change: fn(&mut CertificateParams)| {
            let mut params = params("own");
            change(&mut params);
            of(&params, &key).unwrap_err().to_string()
        };
        for (said, part) in [
            (with(|p| p.is_ca = IsCa::NoCa), "CA"),
            (
                with(|p| p.key_usages.clear()),
                "strict verifiers reject it: it has no keyUsage",
            ),
            (
                with(|p| p.not_after = date_time_ymd(2026, 11, 1)),
                "it expired at 2026-11-01",
            ),
            (
                with(|p| p.not_before = date_time_ymd(2027, 1, 1)),
                "it is not valid before 2027-01-01",
            ),
            (
                with(|p| {
                    // Basic constraints of a CA that are not critical.
                    p.is_ca = IsCa::NoCa;
                    let lax = vec![0x30, 0x03, 0x01, 0x01, 0xff];
                    let lax = CustomExtension::from_oid_content(&[2, 5, 29, 19], lax);
                    p.custom_extensions.push(lax);
                }),
                "basicConstraints is not critical",
            ),
        ] {
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn a_key_that_is_none_is_said_without_it() {
        let key = KeyPair::generate().unwrap();
        let certificate = params("own").self_signed(&key).unwrap().pem();
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFLTBXBgkqhkiG\n-----END ENCRYPTED PRIVATE KEY-----\n";
        for (text, part) in [
            ("", "there is no private key in PEM"),
            ("hunter2hunter2", "there is no private key in PEM"),
            (certificate.as_str(), "there is no private key in PEM"),
            (encrypted, "is encrypted"),
            (
                "-----BEGIN PRIVATE KEY-----\nMIIFLTBXBgkqhkiG\n-----END PRIVATE KEY-----\n",
                "of no kind that can be used",
            ),
        ] {
            let said = why(&certificate, text);
            assert!(said.contains(part), "{said}");
        }
    }
}
