//! How text from outside becomes Markdown that means nothing but itself.
//!
//! Backslashes do not help: platforms look for mentions, references and links in what was rendered,
//! after the backslashes are gone. So nothing from outside is ever Markdown: plain words are written
//! as they are, and whatever is not a plain word stands in code.

use certctl_plan::escape;

/// The longest text from outside that a comment shows of one value, in characters.
const LONGEST: usize = 400;

/// A value as a code span, safe also within a table cell.
#[must_use]
pub(crate) fn code(text: &str) -> String {
    let text = clip(text).replace('|', "\\u{7c}");
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence: its plain words as they are, what is quoted in backticks and everything else as code.
#[must_use]
pub(crate) fn prose(text: &str) -> String {
    let text = clip(text);
    let mut written: Vec<String> = Vec::new();
    let mut odd = String::new();
    let flush = |odd: &mut String, written: &mut Vec<String>| {
        if !odd.trim().is_empty() {
            written.push(code(odd.trim()));
        }
        odd.clear();
    };
    for (n, segment) in text.split('`').enumerate() {
        if n % 2 == 1 {
            flush(&mut odd, &mut written);
            odd.push_str(segment);
            flush(&mut odd, &mut written);
            continue;
        }
        for word in segment.split(' ').filter(|word| !word.is_empty()) {
            let (word, end) = split_end(word);
            if is_plain(word) {
                flush(&mut odd, &mut written);
                written.push(format!("{word}{end}"));
            } else if word.is_empty() && odd.is_empty() && !written.is_empty() {
                // Punctuation that follows a quotation.
                if let Some(last) = written.last_mut() {
                    last.push_str(end);
                }
            } else {
                if !odd.is_empty() {
                    odd.push(' ');
                }
                odd.push_str(word);
                if end.is_empty() {
                    continue;
                }
                flush(&mut odd, &mut written);
                match written.last_mut() {
                    Some(last) => last.push_str(end),
                    None => written.push(code(end)),
                }
            }
        }
    }
    flush(&mut odd, &mut written);
    written.join(" ")
}

/// Punctuation at the end of a word that no Markdown reads anything into.
fn split_end(word: &str) -> (&str, &str) {
    let body = word.trim_end_matches([',', ';', '.', ':', '?']);
    let (_, end) = word.split_at(body.len());
    // After a digit a full stop would make a list.
    if body.ends_with(|c: char| c.is_ascii_digit()) && end.starts_with('.') {
        return (word, "");
    }
    (body, end)
}

/// A word of letters, joined by single hyphens or apostrophes, or a number: nothing that any platform
/// links, and nothing that could begin a block.
fn is_plain(word: &str) -> bool {
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let letters = word
        .split(['-', '\''])
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphabetic()));
    digits || letters
}

/// A fenced block; the fence is longer than any run of backticks inside.
pub(super) fn fenced(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// A line within a fenced block.
pub(super) fn line(text: &str) -> String {
    clip(text)
}

/// A command line, whole: one that is cut would do something else.
pub(super) fn command(text: &str) -> String {
    escape(text).into_owned()
}

/// A label in a Mermaid chart: letters, digits and what no part of its grammar uses.
#[must_use]
pub(crate) fn label(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '/' => c,
            _ => '_',
        })
        .take(80)
        .collect()
}

/// Nothing unseen, not too long, and no certificate: those have no place in a comment.
fn clip(text: &str) -> String {
    let (text, cut) = match text.split_once("-----BEGIN") {
        Some((before, _)) => (before, true),
        None => (text, false),
    };
    let safe = escape(text);
    let mut clipped: String = safe.chars().take(LONGEST).collect();
    if cut || clipped.len() < safe.len() {
        clipped.push_str("...");
    }
    clipped
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stand_in_code() {
        for (text, expected) in [
            ("available", "`available`"),
            ("", "(empty)"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("a|b", "`a\\u{7c}b`"),
            ("@octocat\n# x", "`@octocat\\u{a}# x`"),
            ("</details>", "`</details>`"),
            ("x-----BEGIN CERTIFICATE-----", "`x...`"),
        ] {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn only_plain_words_are_plain() {
        for (text, expected) in [
            (
                "it is declared and does not exist",
                "it is declared and does not exist",
            ),
            (
                "validity_period_days: 1825 -> 365; a certificate is immutable",
                "`validity_period_days`: 1825 `->` 365; a certificate is immutable",
            ),
            ("say `import: none`, or wait", "say `import: none`, or wait"),
            ("it's the well-known one.", "it's the well-known one."),
            (
                "cc @octocat and #12, GH-12",
                "cc `@octocat` and `#12`, `GH-12`",
            ),
            (
                "see https://evil.example/x?y",
                "see `https://evil.example/x?y`",
            ),
            (
                "www.evil.example mail a@b.c",
                "`www.evil.example` mail `a@b.c`",
            ),
            (
                "<img src=x> **bold** [a](b)",
                "`<img src=x> **bold** [a](b)`",
            ),
            ("1. one", "`1.` one"),
            ("- one", "`-` one"),
            ("a ` b", "a `b`"),
            ("``` x", "`x`"),
            (". x", "`.` x"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        let text = fenced("diff", &["+ ```".to_owned(), " ````".to_owned()]);
        assert_eq!(text, "`````diff\n+ ```\n ````\n`````\n");
        assert_eq!(fenced("", &["a".to_owned()]), "```\na\n```\n");
    }

    /// What stands outside of code spans.
    fn outside(markdown: &str) -> String {
        let mut outside = String::new();
        let mut rest = markdown;
        while let Some(start) = rest.find('`') {
            let (before, from) = rest.split_at(start);
            outside.push_str(before);
            let run = from.len() - from.trim_start_matches('`').len();
            let (fence, inside) = from.split_at(run);
            let mut at = 0;
            rest = loop {
                let next = inside[at..]
                    .find('`')
                    .expect("a code span that is not closed")
                    + at;
                let length = inside[next..].len() - inside[next..].trim_start_matches('`').len();
                at = next + length;
                if length == fence.len() {
                    break &inside[at..];
                }
            };
        }
        outside + rest
    }

    proptest! {
        #[test]
        fn nothing_from_outside_is_markdown(
            text in "[ a-z`@#:/.<>|*_\\\\\\[\\]()!~$&1-9\n\u{202e}-]{0,60}"
        ) {
            for markdown in [prose(&text), code(&text)] {
                let plain = outside(&markdown);
                prop_assert!(
                    plain.chars().all(|c| c.is_ascii_alphanumeric() || " ,;.:?'-()".contains(c)),
                    "{plain:?}"
                );
                prop_assert!(!markdown.contains(['\n', '|']));
            }
        }

        #[test]
        fn any_text_gives_closed_spans(text in any::<String>()) {
            outside(&prose(&text));
            outside(&code(&text));
            let label = label(&text);
            prop_assert!(!label.contains([':', ';', '#', '\n', '%', ',']));
        }
    }
}
