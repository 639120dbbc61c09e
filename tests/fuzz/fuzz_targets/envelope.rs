//! Whatever the API, or something in between, may answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let _ = certctl_cloudflare::Envelope::parse(body);
    let _ = certctl_cloudflare::decode_list(body);
    let _ = certctl_cloudflare::decode_single(body);
    let _ = certctl_cloudflare::decode_configuration(body);
});
