//! A file of CA certificates to be trusted besides the platform's.
//!
//! *Guarantee*: every certificate that the file seems to hold is taken, or none: a CA that is left out
//! in silence is a connection that fails far from its cause.

use std::path::{Path, PathBuf};

use certctl_files::Links;
use reqwest::Certificate;

use crate::cause::causes;

/// All CAs of the world are a tenth of this.
const MAX_BYTES: u64 = 16 << 20;
/// What some editors begin a file with, and `cat` then leaves in the middle of another.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a CA bundle cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the CA bundle {path} {reason}", path = path.display())]
pub struct BundleError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads the certificates of a file.
///
/// # Errors
/// When it cannot be read, is no text in PEM, or one of its certificates cannot be used.
pub fn read_bundle(path: &Path) -> Result<Vec<Certificate>, BundleError> {
    let fail = |reason: String| BundleError {
        path: path.to_owned(),
        reason,
    };
    let bytes = certctl_files::read(path, MAX_BYTES, Links::Follow)
        .map_err(|error| fail(format!("cannot be read: {error}")))?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(fail("is UTF-16: save it as UTF-8".to_owned()));
    }
    // Only comments may be in another encoding, and they do not matter.
    let pem = String::from_utf8_lossy(&bytes).replace(BYTE_ORDER_MARK, "");
    let found = Certificate::from_pem_bundle(pem.as_bytes())
        .map_err(|error| fail(format!("is not PEM: {}", causes(&error))))?;
    let announced = pem.lines().filter(|line| announces(line)).count();
    if found.len() != announced {
        return Err(fail(format!(
            "seems to hold {announced} certificates, of which {} can be read: each begins with the line \
             `-----BEGIN CERTIFICATE-----`",
            found.len()
        )));
    }
    if found.is_empty() {
        return Err(fail("holds no certificate in PEM".to_owned()));
    }
    Ok(found)
}

/// Whether a certificate begins with this line, of whatever dialect of PEM.
fn announces(line: &str) -> bool {
    line.contains("-----BEGIN ") && line.contains("CERTIFICATE-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.self_signed(&key).unwrap().pem()
    }

    fn read(bytes: &[u8]) -> Result<usize, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, bytes).unwrap();
        let found = read_bundle(&path).map_err(|error| error.reason)?;
        Ok(found.len())
    }

    #[test]
    fn every_certificate_counts_whatever_stands_around_it() {
        let pem = pem();
        for text in [
            format!("{pem}{pem}"),
            format!("\u{feff}{pem}{pem}"),
            format!("{pem}\u{feff}{pem}"),
            format!(
                "# A comment\r\n{}",
                format!("{pem}\n{pem}").replace('\n', "\r\n")
            ),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(2), "{text}");
        }
        let latin = [b"# Gesch\xe4ft\n", pem.as_bytes()].concat();
        assert_eq!(read(&latin), Ok(1));
    }

    #[test]
    fn no_certificate_is_left_out_in_silence() {
        let pem = pem();
        let trusted = pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
        let cases = [
            (
                format!("{pem}{trusted}"),
                "seems to hold 2 certificates, of which 1",
            ),
            (
                format!("x{pem}{pem}"),
                "seems to hold 2 certificates, of which 1",
            ),
            (pem.replace("-----END CERTIFICATE-----", ""), "not PEM"),
            (String::new(), "holds no certificate"),
            ("not a certificate".to_owned(), "holds no certificate"),
        ];
        for (text, why) in cases {
            let reason = read(text.as_bytes()).unwrap_err();
            assert!(reason.contains(why), "{reason}: {text}");
        }
        let utf16: Vec<u8> = "\u{feff}x"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(read(&utf16).unwrap_err().contains("UTF-16"));
    }
}
