//! The page that an explanation is written on: sections, and lines within them.

use certctl_plan::wrap;

/// How wide a page is that nobody gave a width.
const USUAL: usize = 100;

/// The text so far.
#[derive(Debug)]
pub(super) struct Paper {
    text: String,
    width: usize,
}

impl Paper {
    pub(super) fn new(width: Option<usize>) -> Self {
        Self {
            text: String::new(),
            width: width.unwrap_or(USUAL).max(40),
        }
    }

    /// A line at the margin.
    pub(super) fn line(&mut self, text: &str) {
        self.wrapped(text, "  ");
    }

    /// The heading of a section.
    pub(super) fn section(&mut self, heading: &str) {
        self.text.push('\n');
        self.line(heading);
    }

    /// A line of a section.
    pub(super) fn item(&mut self, text: &str) {
        self.wrapped(&format!("  {text}"), "      ");
    }

    /// A line below a line of a section.
    pub(super) fn below(&mut self, text: &str) {
        self.wrapped(&format!("    {text}"), "      ");
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    fn wrapped(&mut self, line: &str, indent: &str) {
        self.text.push_str(&wrap(line, Some(self.width), indent));
        self.text.push('\n');
    }
}
