//! What is wrong with a value, in words.

use std::borrow::Cow;

use certctl_model::Code;

use crate::yaml::Kind;

/// The longest text that a message repeats, in characters.
const LONGEST: usize = 60;

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Complaint {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// It should have been something else.
    pub(crate) fn wrong_type(key: &str, expected: &str, found: &Kind) -> Self {
        let message = format!("`{key}` must be {expected}, found {}", found.what());
        Self::new(Code::WrongType, message)
    }
}

/// A text from a file for a message: whole, for a piece of a secret would not be recognised as one; or
/// only its length, where it is longer than a message can bear.
pub(crate) fn brief(text: &str) -> Cow<'_, str> {
    let length = text.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        Cow::Owned(format!("a text of {} characters", text.chars().count()))
    } else {
        Cow::Borrowed(text)
    }
}
