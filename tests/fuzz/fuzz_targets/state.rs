//! A state document: what can be read can be written, and is then the same.
#![no_main]

use certctl_state::{Key, parse_document, render_document};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(account_id) = "699d98642c564d2e855e9661899b7252".parse() else { return };
    let key = Key { origin: "api.cloudflare.com".to_owned(), account_id };
    if let Ok(document) = parse_document(bytes, &key) {
        let again = parse_document(&render_document(&document, &key), &key);
        assert!(again.is_ok_and(|again| again == document));
    }
});
