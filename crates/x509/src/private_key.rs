//! Whether a private key is a certificate's own.
//!
//! *Invariants*: no error quotes the private key, or says more of it than that it does not fit.

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use x509_parser::pem::Pem;

/// That the private key, in PEM, is the one of this certificate.
pub(crate) fn is_of(private_key: &SecretString, certificate: &str) -> Result<(), &'static str> {
    let text = private_key.expose_secret();
    if text.contains("ENCRYPTED") {
        return Err("the private key is encrypted: Gateway needs it as it is");
    }
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "there is no private key in PEM")?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|_| "the private key is of no kind that can be used")?;
    let public = key
        .public_key()
        .ok_or("the private key tells no public one")?;
    let (block, _) = Pem::read(std::io::Cursor::new(certificate.as_bytes()))
        .map_err(|_| "the PEM of the certificate is not base64")?;
    let certificate = block
        .parse_x509()
        .map_err(|_| "the certificate is not X.509")?;
    if certificate.public_key().raw == &*public {
        Ok(())
    } else {
        Err("the private key is not the certificate's own; of a chain it is that of the last one")
    }
}
