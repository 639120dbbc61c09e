//! A certificate's fingerprint.

use std::fmt;
use std::str::FromStr;

use crate::text::{Invalid, serde_as_string};

/// The SHA-256 of a certificate's DER.
///
/// Cloudflare writes it in upper-case hexadecimal, separated by colons, and does not pad the bytes
/// (`…:AB:0:31:…`), so that it must be compared as bytes and never as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// A fingerprint from the digest itself.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Fingerprint {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "fingerprint",
                text,
                "it is a SHA-256: 32 bytes in hexadecimal, separated by colons",
            )
        };
        let mut bytes = [0; 32];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().ok_or_else(invalid)?;
            if !(1..=2).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err(invalid());
            }
            *byte = u8::from_str_radix(part, 16).map_err(|_| invalid())?;
        }
        if parts.next().is_some() {
            Err(invalid())
        } else {
            Ok(Self(bytes))
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, byte) in self.0.iter().enumerate() {
            let colon = if n == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

serde_as_string!(Fingerprint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpadded_and_padded_bytes_are_equal() {
        let unpadded = "E9:19:49:AA:DD:D8:1E:C1:20:2A:D8:22:BF:A5:F8:FC:1A:F7:10:9F:C7:5B:69:AB:0:31:91:8B:61:B4:BF:1C";
        let padded = unpadded.replace(":0:", ":00:").to_lowercase();
        let parsed: Fingerprint = unpadded.parse().unwrap();
        assert_eq!(parsed, padded.parse().unwrap());
        assert_eq!(parsed.to_string(), padded.to_uppercase());
    }

    #[test]
    fn what_is_not_32_bytes_is_refused() {
        for bad in [
            "",
            "00",
            "zz:00",
            "+1:00",
            &"00:".repeat(32),
            &"00:".repeat(33),
        ] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }
}
