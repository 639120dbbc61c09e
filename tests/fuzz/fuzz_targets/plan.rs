//! A saved plan: what can be read can be shown.
#![no_main]

use certctl_plan::parse_json;
use certctl_render as render;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(plan) = parse_json(text) {
        let shown = render::human(&plan, render::Style::default());
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        let _ = render::markdown(&plan, &render::MarkdownOptions::default());
    }
});
