//! A spec: parsed, and every diagnostic rendered.
#![no_main]

use certctl_spec::{Mode, ParseOptions, Source, Sources};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let source = Source { name: "certctl.yaml".to_owned(), text: text.to_owned() };
    let sources: Sources = std::iter::once(source).collect();
    let env = |name: &str| (name == "SET").then(|| "1825".to_owned());
    for mode in [Mode::Validate, Mode::Use] {
        let parsed = certctl_spec::parse(&sources, &ParseOptions { env: &env, mode, accounts: &[] });
        let rendered = certctl_spec::render(&parsed.diagnostics, &sources, false);
        assert!(rendered.chars().all(|c| c == '\n' || !c.is_control()), "{rendered:?}");
    }
});
