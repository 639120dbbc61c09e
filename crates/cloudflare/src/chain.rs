//! The certificate chain that TLS to the API really shows.
//!
//! *Purpose*: a machine behind Gateway sees another chain than Cloudflare's own: one that ends in the
//! certificate with which Gateway inspects. *Invariants*: the handshake is broken off as soon as the
//! chain was shown, so that nothing is ever sent over a connection that nobody verified.

use std::sync::{Arc, Mutex, PoisonError};

use certctl_model::Fingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;

use crate::endpoint::Endpoint;
use crate::options::{ClientOptions, Proxy};

/// The certificates that a server showed: its own first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    ders: Vec<Vec<u8>>,
}

impl Chain {
    /// Asks the API's address for its chain; `None` where it speaks without TLS.
    ///
    /// # Errors
    /// In words, when no chain came back.
    pub async fn shown(
        endpoint: &Endpoint,
        options: &ClientOptions,
    ) -> Result<Option<Self>, String> {
        if endpoint.is_plain() {
            return Ok(None);
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let witness = Arc::new(Witness {
            provider: Arc::clone(&provider),
            seen: Mutex::new(Vec::new()),
        });
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(&witness) as _;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .retry(reqwest::retry::never())
            .timeout(options.timeout)
            .connect_timeout(options.connect_timeout);
        if endpoint.is_loopback() || options.proxy == Proxy::Direct {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        let outcome = client.head(endpoint.join("/")).send().await;
        let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match (seen.is_empty(), outcome) {
            (false, _) => Ok(Some(Self { ders: seen.clone() })),
            (true, Err(error)) => Err(certctl_network::causes(&error.without_url())),
            (true, Ok(_)) => Err("the server showed no certificate".to_owned()),
        }
    }

    /// Whether it ends in this CA certificate: it holds it, or what it holds last was issued by it.
    #[must_use]
    pub fn ends_in(&self, pem: &str) -> bool {
        let Ok((_, block)) = parse_x509_pem(pem.as_bytes()) else {
            return false;
        };
        if self.ders.contains(&block.contents) {
            return true;
        }
        let last = self.ders.last().map(Vec::as_slice).unwrap_or_default();
        match (parsed(&block.contents), parsed(last)) {
            (Some(ca), Some(last)) => is_issued_by(&last, &ca),
            _ => false,
        }
    }

    /// Who issued what it holds last, for people.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        Some(parsed(self.ders.last()?)?.issuer().to_string())
    }

    /// The SHA-256 of the server's own certificate.
    #[must_use]
    pub fn leaf(&self) -> Option<Fingerprint> {
        let leaf = self.ders.first()?;
        Some(Fingerprint::from_bytes(Sha256::digest(leaf).into()))
    }
}

fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der)
        .ok()
        .map(|(_, parsed)| parsed)
}

/// By name, and by key id where both have one.
fn is_issued_by(certificate: &X509Certificate<'_>, ca: &X509Certificate<'_>) -> bool {
    if certificate.issuer().as_raw() != ca.subject().as_raw() {
        return false;
    }
    let authority =
        certificate
            .iter_extensions()
            .find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(id) => {
                    id.key_identifier.as_ref().map(|id| id.0)
                }
                _ => None,
            });
    let subject = ca
        .iter_extensions()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
            _ => None,
        });
    match (authority, subject) {
        (Some(authority), Some(subject)) => authority == subject,
        _ => true,
    }
}

/// Looks at the chain, and lets no connection come about.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    seen: Mutex<Vec<Vec<u8>>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = all.map(|der| der.to_vec()).collect();
        Err(Error::General("only the chain was wanted".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only the chain was wanted".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only the chain was wanted".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
