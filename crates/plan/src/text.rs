//! Text that is safe to show, and small manners of writing it.
//!
//! Ids, status words and messages come from an API or a file, so they may hold anything. What a
//! terminal or a browser would obey instead of show is written out as `\u{..}`.

use std::borrow::Cow;

use certctl_model::{Period, Timestamp};

/// Writes every character that is not to be seen as `\u{..}`: C0, C1 and DEL (newlines and tabs
/// included, for a value has one line), bidirectional controls, zero-width and other invisible
/// characters, line separators. Everything else stays as it is.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unseen(c) {
            safe.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a character does something other than being seen.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// `1 certificate`, `2 certificates`.
#[must_use]
pub fn count(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{s}")
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// An instant as it is written everywhere: RFC 3339, UTC, without a fraction of a second.
#[must_use]
pub fn time(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).map_or_else(|_| at.to_string(), |at| at.to_string())
}

/// `2026-11-30T10:00:00Z (in 6d 23h)`: never the distance alone, for output is kept and read later.
#[must_use]
pub fn time_from(now: Timestamp, at: Timestamp) -> String {
    let distance = if at < now {
        format!("{} ago", roughly(Period::between(at, now)))
    } else {
        format!("in {}", roughly(Period::between(now, at)))
    };
    format!("{} ({distance})", time(at))
}

/// A period in its two largest units.
fn roughly(period: Period) -> String {
    let text = period.to_string();
    let parts: Vec<&str> = text.split(' ').take(2).collect();
    let days = parts
        .first()
        .and_then(|part| part.strip_suffix('d'))
        .and_then(|days| days.parse::<u32>().ok());
    match (days, parts.as_slice()) {
        (Some(days), [first, ..]) if days >= 30 => (*first).to_owned(),
        _ => parts.join(" "),
    }
}

/// Breaks a line at spaces so that it keeps within `width`; later lines begin with `indent`.
/// A word that is longer than a line stands alone.
#[must_use]
pub fn wrap(line: &str, width: Option<usize>, indent: &str) -> String {
    let Some(width) = width else {
        return line.to_owned();
    };
    let start = line.len() - line.trim_start_matches([' ', '#']).len();
    let (head, rest) = line.split_at(start);
    let mut wrapped = head.to_owned();
    let mut column = head.chars().count();
    let mut empty = true;
    for word in rest.split(' ') {
        let length = word.chars().count();
        if !empty && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.chars().count();
        } else if !empty {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
        empty = false;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        for (text, safe) in [
            ("available", "available"),
            ("größe 证书", "größe 证书"),
            ("a\x1b[31mb\x07", "a\\u{1b}[31mb\\u{7}"),
            ("a\r\nb\tc\x7f", "a\\u{d}\\u{a}b\\u{9}c\\u{7f}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("user\u{202e}gpj", "user\\u{202e}gpj"),
            (
                "a\u{200b}b\u{feff}\u{2066}",
                "a\\u{200b}b\\u{feff}\\u{2066}",
            ),
        ] {
            assert_eq!(escape(text), safe);
        }
    }

    #[test]
    fn distances_are_short() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-11-29T23:30:10.5Z", "2026-11-29T23:30:10Z (in 6d 23h)"),
            ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z (in 0s)"),
            ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z (1h ago)"),
            ("2031-11-22T10:00:00Z", "2031-11-22T10:00:00Z (in 1825d)"),
        ] {
            assert_eq!(time_from(now, at.parse().unwrap()), expected);
        }
    }

    #[test]
    fn lines_break_at_spaces() {
        let text = wrap("  # aa bb cc dd-long-word", Some(9), "  # ");
        assert_eq!(text, "  # aa bb\n  # cc\n  # dd-long-word");
        assert_eq!(wrap("a b", None, ""), "a b");
    }

    proptest! {
        #[test]
        fn nothing_unseen_is_left_and_twice_is_once(text in any::<String>()) {
            let safe = escape(&text).into_owned();
            prop_assert!(!safe.chars().any(is_unseen));
            prop_assert_eq!(escape(&safe), safe.as_str());
        }
    }
}
