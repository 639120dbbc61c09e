//! A PEM: as it stands, and the same bytes as DER within an intact PEM.
#![no_main]

use std::fmt::Write as _;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let reported = Some("00:11:22");
    let _ = certctl_x509::inspect(&String::from_utf8_lossy(bytes), reported);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let letter = BASE64[(word >> (18 - 6 * n) & 63) as usize] as char;
            let _ = write!(pem, "{}", if n <= chunk.len() { letter } else { '=' });
        }
    }
    pem.push_str("\n-----END CERTIFICATE-----\n");
    let _ = certctl_x509::inspect(&pem, reported);
});
