//! Private keys that stand where none belongs, such as in a command line or a spec: nobody told certctl of
//! them, so they are known by their form, PEM.

use std::borrow::Cow;

/// What ends the first line of every private key in PEM.
const KEY: &str = "PRIVATE KEY-----";
const BEGIN: &str = "-----BEGIN";
const END: &str = "-----END";
/// Fewer letters than this in a row, after a space or a new line, are words and no key.
const SHORTEST: usize = 16;

/// What a text holds of private keys.
pub(crate) fn within(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(KEY).map(|(at, found)| {
        let after = text.get(at + found.len()..).unwrap_or_default();
        after.get(..key(after)).unwrap_or_default()
    })
}

/// The text with `instead` in the place of each private key; the lines that say that it is one stay.
pub(crate) fn without<'t>(text: Cow<'t, str>, instead: &str) -> Cow<'t, str> {
    if !text.contains(KEY) {
        return text;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once(KEY) {
        clean.push_str(before);
        clean.push_str(KEY);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let begins = line.rfind(BEGIN) > line.rfind(END);
        let length = if begins { key(after) } else { 0 };
        let (found, left) = after.split_at_checked(length).unwrap_or(("", after));
        if found.trim().is_empty() {
            clean.push_str(found);
        } else {
            clean.push_str(instead);
        }
        rest = left;
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

/// How much of what follows the first line is the key, in bytes: all up to its last line, or, where that was
/// cut off, as far as it looks like one.
fn key(after: &str) -> usize {
    let end = after.find(END);
    if let Some(end) = end.filter(|end| after.find(BEGIN).is_none_or(|begin| begin > *end)) {
        return end;
    }
    let letters = |text: &str| {
        let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"+/=\\{}".contains(b);
        text.bytes().take_while(is_letter).count()
    };
    let mut length = letters(after);
    loop {
        let rest = after.get(length..).unwrap_or_default();
        let space = rest.len() - rest.trim_start().len();
        let next = letters(rest.trim_start());
        if space == 0 || next < SHORTEST {
            return length;
        }
        length += space + next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkU2i5FTgjMh2NP7L";

    #[test]
    fn a_private_key_is_known_by_its_form() {
        let clean = |text: &str| without(Cow::Borrowed(text), "[x]").into_owned();
        for kind in ["", "EC ", "RSA ", "ENCRYPTED "] {
            let (begin, end) = (
                format!("-----BEGIN {kind}PRIVATE KEY-----"),
                format!("-----END {kind}PRIVATE KEY-----"),
            );
            for (text, wanted) in [
                (
                    format!("a {begin}\n{LINE}\noYv=\n{end}\nb"),
                    format!("a {begin}[x]{end}\nb"),
                ),
                (
                    format!("'{begin}\\u{{a}}{LINE}\\u{{a}}{end}' found"),
                    format!("'{begin}[x]{end}' found"),
                ),
                (
                    format!("\"{begin}\\n{LINE}\" is not valid"),
                    format!("\"{begin}[x]\" is not valid"),
                ),
                (
                    format!("{begin} {LINE} {LINE} is not"),
                    format!("{begin}[x] is not"),
                ),
                (
                    format!("{begin}\n{LINE}\n{LINE}\n  |  ^^^"),
                    format!("{begin}[x]\n  |  ^^^"),
                ),
                (format!("{begin}{LINE}..."), format!("{begin}[x]...")),
                (
                    format!("{begin}\n{begin}\n{LINE}\n{end}"),
                    format!("{begin}\n{begin}[x]{end}"),
                ),
                (format!("{begin} is no file"), format!("{begin} is no file")),
                (begin.clone(), begin.clone()),
                (format!("{end}\n{LINE}"), format!("{end}\n{LINE}")),
            ] {
                assert_eq!(clean(&text), wanted, "{text}");
            }
        }
        let text = format!(
            "k: |\n  -----BEGIN PRIVATE KEY-----\n  {LINE}\n  oYv=\n  -----END PRIVATE KEY-----\na: b"
        );
        let found: Vec<&str> = within(&text).flat_map(str::split_whitespace).collect();
        assert_eq!(found, [LINE, "oYv="]);
        let certificate = format!("-----BEGIN CERTIFICATE-----\n{LINE}\n-----END CERTIFICATE-----");
        assert_eq!(clean(&certificate), certificate);
    }
}
