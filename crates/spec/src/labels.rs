//! Labels of an account: words by which accounts are selected.

/// The form of a label's key.
pub(crate) const KEY_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$";
/// The same for people.
pub(crate) const KEY_RULE: &str = "a label's key has 1 to 63 letters, digits, `-`, `_` and `.`, and starts with a letter or a digit";
/// The longest value of a label, in characters.
pub(crate) const MAX_VALUE: usize = 255;

/// Whether a label can have this key.
pub(crate) fn is_key(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric();
    text.len() <= 63
        && text.bytes().next().is_some_and(letter)
        && text.bytes().all(|b| letter(b) || b"_.-".contains(&b))
}

/// Whether a label can have this value: text on one line.
pub(crate) fn is_value(text: &str) -> bool {
    (1..=MAX_VALUE).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
