//! No id leaves with a report.

/// What is replaced by what.
#[derive(Debug, Default)]
pub(super) struct Scrub {
    hidden: Vec<(String, String)>,
}

impl Scrub {
    /// Replaces a text wherever it stands.
    pub(super) fn hide(&mut self, text: &str, by: &str) {
        self.hidden.push((text.to_owned(), by.to_owned()));
    }

    /// The text with what is hidden replaced, and every other UUID or hexadecimal id of 32 digits and
    /// more too: the same by the same.
    pub(super) fn scrubbed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (hidden, by) in &self.hidden {
            text = text.replace(hidden, by);
        }
        let mut known: Vec<String> = Vec::new();
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain(std::iter::once('\n')) {
            if c.is_ascii_alphanumeric() || c == '-' {
                word.push(c);
                continue;
            }
            out.push_str(&replaced(&word, &mut known));
            word.clear();
            out.push(c);
        }
        out.pop();
        out
    }
}

fn replaced(word: &str, known: &mut Vec<String>) -> String {
    let digits = word.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = word.bytes().filter(|b| *b == b'-').count();
    if digits < 32 || digits + dashes != word.len() {
        return word.to_owned();
    }
    let position = known.iter().position(|id| id == word).unwrap_or_else(|| {
        known.push(word.to_owned());
        known.len() - 1
    });
    format!("ID-{}", position + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_left() {
        let mut scrub = Scrub::default();
        scrub.hide("699d98642c564d2e855e9661899b7252", "ACCOUNT");
        assert_eq!(
            scrub.scrubbed(
                "GET /accounts/699d98642c564d2e855e9661899b7252/x/f174e90a-fafe-4643-bbbc-4a0ed4fc8415: \
                 f174e90a-fafe-4643-bbbc-4a0ed4fc8415, 0123456789abcdef0123456789abcdef. well-known"
            ),
            "GET /accounts/ACCOUNT/x/ID-1: ID-1, ID-2. well-known"
        );
    }
}
