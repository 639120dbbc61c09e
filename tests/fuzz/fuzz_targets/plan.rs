//! A saved plan: what can be read can be shown.
#![no_main]

use certctl_plan::render;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(plan) = render::parse_json(text) {
        let shown = render::human(&plan, render::Style::default());
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        let _ = render::markdown(&plan, &render::MarkdownOptions::default());
    }
});
