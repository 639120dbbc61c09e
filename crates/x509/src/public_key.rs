//! Which public keys browsers accept in a CA.

use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;

/// P-256, P-384 and P-521.
const CURVES: [&str; 3] = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

/// Why no browser accepts what the key of this certificate, in PEM, has signed; none where they do.
pub(crate) fn objection(certificate: &str) -> Option<&'static str> {
    let (block, _) = Pem::read(std::io::Cursor::new(certificate.as_bytes())).ok()?;
    judge(&block.parse_x509().ok()?)
}

fn judge(certificate: &X509Certificate<'_>) -> Option<&'static str> {
    let key = certificate.public_key();
    let curve = key.algorithm.parameters.as_ref();
    let curve = curve.and_then(|curve| curve.as_oid().ok());
    let known = curve.is_some_and(|curve| CURVES.contains(&curve.to_id_string().as_str()));
    match key.parsed() {
        Ok(PublicKey::EC(_)) if !known => {
            Some("browsers reject it: its key is on none of the curves P-256, P-384 and P-521")
        }
        Ok(PublicKey::RSA(_) | PublicKey::EC(_)) => None,
        _ => Some("browsers reject it: its key is neither RSA nor ECDSA"),
    }
}
