//! What can be known of a CA of one's own before it is uploaded: nothing that browsers, strict verifiers
//! or Gateway would reject leaves this machine.
//!
//! *Invariants*: no error quotes the private key, or says more of it than that it does not fit.

use certctl_model::{CaFacts, Timestamp};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::ExposeSecret as _;
use x509_parser::pem::Pem;

use crate::inspect::facts;
use crate::mtls::Upload;
use crate::uploaded::{blocks, chain_facts};

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
    /// There is no private key that can be read.
    #[error("{0}")]
    Key(&'static str),
}

impl Upload {
    /// Checks it at a moment, and gives what is known of it: of a chain, the last certificate, which signs.
    ///
    /// # Errors
    /// What is wrong with it, the first that was found.
    pub fn check(&self, now: Timestamp) -> Result<CaFacts, Unfit> {
        let blocks = blocks(&self.certificates).map_err(Unfit::Chain)?;
        let last = blocks.last().map(String::as_str).unwrap_or_default();
        let signs = facts(last).map_err(Unfit::Chain)?;
        // What the API will report nobody knows yet.
        let reported = signs.fingerprint.to_string();
        let facts = chain_facts(&blocks, Some(&reported)).map_err(Unfit::Chain)?;
        if let Some(why) = &facts.lax {
            return Err(Unfit::Lax(why.clone()));
        }
        if now < facts.not_before {
            return Err(Unfit::NotYet(facts.not_before));
        }
        if now >= facts.not_after {
            return Err(Unfit::Expired(facts.not_after));
        }
        self.key_of(last)?;
        Ok(facts)
    }

    /// That the private key is the certificate's own.
    fn key_of(&self, pem: &str) -> Result<(), Unfit> {
        let text = self.private_key.expose_secret();
        if text.contains("ENCRYPTED") {
            return Err(Unfit::Key(
                "the private key is encrypted: Gateway needs it as it is",
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| Unfit::Key("there is no private key in PEM"))?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = provider
            .key_provider
            .load_private_key(key)
            .map_err(|_| Unfit::Key("the private key is of no kind that can be used"))?;
        let public = key
            .public_key()
            .ok_or(Unfit::Key("the private key tells no public one"))?;
        let (block, _) = Pem::read(std::io::Cursor::new(pem.as_bytes()))
            .map_err(|_| Unfit::Chain("the PEM is not base64".to_owned()))?;
        let certificate = block
            .parse_x509()
            .map_err(|_| Unfit::Chain("the certificate is not X.509".to_owned()))?;
        if certificate.public_key().raw == &*public {
            Ok(())
        } else {
            Err(Unfit::Key(
                "the private key is not the certificate's own; of a chain it is that of the last one",
            ))
        }
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

    fn upload(certificates: String, private_key: &str) -> Upload {
        Upload {
            name: "own".to_owned(),
            certificates,
            private_key: private_key.into(),
        }
    }

    fn of(params: &CertificateParams, key: &KeyPair) -> Upload {
        upload(params.self_signed(key).unwrap().pem(), &key.serialize_pem())
    }

    #[track_caller]
    fn why(upload: &Upload) -> String {
        let why = upload.check(NOW.parse().unwrap()).unwrap_err().to_string();
        for line in upload.private_key.expose_secret().lines() {
            assert!(line.len() < 8 || !why.contains(line), "{why}");
        }
        why
    }

    #[test]
    fn a_ca_with_its_key_is_fit() {
        let keys = [
            KeyPair::generate().unwrap(),
            KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
            KeyPair::generate_for(&PKCS_ED25519).unwrap(),
        ];
        for key in &keys {
            let facts = of(&params("own"), key).check(NOW.parse().unwrap());
            let until = facts.unwrap().not_after.to_string();
            assert_eq!(until, "2031-01-01T00:00:00Z");
        }
    }

    #[test]
    fn of_a_chain_the_key_of_the_last_one_is_needed() {
        let (root, inner) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let by = params("root");
        let issuer = Issuer::from_params(&by, &root);
        let last = params("inner").signed_by(&inner, &issuer).unwrap().pem();
        let first = by.self_signed(&root).unwrap().pem();
        let chain = format!("{first}{last}");
        let facts = upload(chain.clone(), &inner.serialize_pem()).check(NOW.parse().unwrap());
        assert!(facts.unwrap().root.is_some());
        let wrong = why(&upload(chain, &root.serialize_pem()));
        assert!(wrong.contains("not the certificate's own"), "{wrong}");
        let reversed = format!("{last}{first}");
        let wrong = why(&upload(reversed, &root.serialize_pem()));
        assert!(wrong.contains("the root comes first"), "{wrong}");
    }

    #[test]
    fn what_would_be_rejected_stays_here() {
        let key = KeyPair::generate().unwrap();
        let with = |change: fn(&mut CertificateParams)| {
            let mut params = params("own");
            change(&mut params);
            why(&of(&params, &key))
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
            let said = why(&upload(certificate.clone(), text));
            assert!(said.contains(part), "{said}");
        }
    }
}
