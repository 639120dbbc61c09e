//! Who asks.
//!
//! *Purpose*: the token, or the email and key, from the environment to the header and to nowhere
//! else. *Invariants*: neither `Debug` nor an error shows a secret; what cannot stand in a header is
//! refused with the reason, never with the value.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

/// What a request is signed with.
#[derive(Clone)]
pub enum Credentials {
    /// An API token, sent as `Authorization: Bearer …`.
    Token(SecretString),
    /// A global API key, sent as `X-Auth-Email` and `X-Auth-Key`.
    Key {
        /// The user's email address.
        email: String,
        /// The key.
        key: SecretString,
    },
}

/// What kind of credentials these are, as far as their text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A token that an account owns (`cfat_`); it works in that account alone.
    Account,
    /// A token of a user (`cfut_`).
    User,
    /// A short-lived token of the official command line (`cfoat_`).
    OAuth,
    /// A global API key (`cfk_`) where a token is expected.
    GlobalKeyAsToken,
    /// An email address with a global API key.
    GlobalKey,
    /// A token from before tokens had prefixes.
    Unknown,
}

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// None in the environment.
    #[error("no credentials: CLOUDFLARE_API_TOKEN is {0}")]
    Missing(&'static str),
    /// One half of email and key.
    #[error("{present} is set but {absent} is not")]
    Half {
        /// The variable that is set.
        present: &'static str,
        /// The variable that is not.
        absent: &'static str,
    },
    /// None from where they were to come from.
    #[error("no credentials: {what}")]
    Unavailable {
        /// What happened, without any of the value.
        what: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Something that no header can carry.
    #[error("the {what} {reason}")]
    Malformed {
        /// What is malformed: `API token`, `API key` or `email address`.
        what: &'static str,
        /// How, without the value.
        reason: &'static str,
    },
}

impl CredentialsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Unavailable { hint, .. } => return hint.as_deref(),
            Self::Missing(_) | Self::Half { .. } => {
                "set CLOUDFLARE_API_TOKEN (permission Zero Trust: Read to plan, Edit to apply), \
                 or both CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"
            }
            Self::Malformed { .. } => {
                "copy it again, alone: without quotes, spaces, line breaks or the word Bearer"
            }
        })
    }
}

impl Credentials {
    /// An API token; white space around it, such as a file's last line break, is dropped.
    ///
    /// # Errors
    /// When it is empty or could not stand in a header.
    pub fn token(text: &str) -> Result<Self, CredentialsError> {
        Ok(Self::Token(checked("API token", text)?.into()))
    }

    /// An email address and its global API key.
    ///
    /// # Errors
    /// When either is empty or could not stand in a header.
    pub fn key(email: &str, key: &str) -> Result<Self, CredentialsError> {
        Ok(Self::Key {
            email: checked("email address", email)?.to_owned(),
            key: checked("API key", key)?.into(),
        })
    }

    /// Reads `CLOUDFLARE_API_TOKEN`, or else `CLOUDFLARE_EMAIL` with `CLOUDFLARE_API_KEY`: the names
    /// and the order of the official SDKs. An empty variable counts as not set.
    ///
    /// # Errors
    /// When there are none, half of them, or ones that could not stand in a header.
    pub fn from_env(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, CredentialsError> {
        let filled = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        if let Some(token) = filled("CLOUDFLARE_API_TOKEN") {
            return Self::token(&token);
        }
        match (filled("CLOUDFLARE_EMAIL"), filled("CLOUDFLARE_API_KEY")) {
            (Some(email), Some(key)) => Self::key(&email, &key),
            (Some(_), None) => Err(CredentialsError::Half {
                present: "CLOUDFLARE_EMAIL",
                absent: "CLOUDFLARE_API_KEY",
            }),
            (None, Some(_)) => Err(CredentialsError::Half {
                present: "CLOUDFLARE_API_KEY",
                absent: "CLOUDFLARE_EMAIL",
            }),
            (None, None) => Err(CredentialsError::Missing(
                if get("CLOUDFLARE_API_TOKEN").is_some() {
                    "set but empty"
                } else {
                    "not set"
                },
            )),
        }
    }

    /// What kind they are.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        let Self::Token(token) = self else {
            return TokenKind::GlobalKey;
        };
        let token = token.expose_secret().trim();
        let prefixes = [
            ("cfat_", TokenKind::Account),
            ("cfut_", TokenKind::User),
            ("cfoat_", TokenKind::OAuth),
            ("cfk_", TokenKind::GlobalKeyAsToken),
        ];
        let found = prefixes
            .iter()
            .find(|(prefix, _)| token.starts_with(prefix));
        found.map_or(TokenKind::Unknown, |(_, kind)| *kind)
    }

    /// The headers, marked sensitive so that no HTTP library prints them.
    ///
    /// # Errors
    /// When the values could not stand in a header.
    pub(crate) fn headers(&self) -> Result<HeaderMap, CredentialsError> {
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, what, text: String| {
            let mut value =
                HeaderValue::try_from(text).map_err(|_| CredentialsError::Malformed {
                    what,
                    reason: NOT_ASCII,
                })?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok::<_, CredentialsError>(())
        };
        match self {
            Self::Token(token) => {
                let token = checked("API token", token.expose_secret())?;
                put(
                    header::AUTHORIZATION,
                    "API token",
                    format!("Bearer {token}"),
                )?;
            }
            Self::Key { email, key } => {
                let email = checked("email address", email)?;
                let key = checked("API key", key.expose_secret())?;
                put(X_AUTH_EMAIL, "email address", email.to_owned())?;
                put(X_AUTH_KEY, "API key", key.to_owned())?;
            }
        }
        Ok(headers)
    }

    /// What tells these credentials from others: the secret itself, so it stays in memory.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Token(token) => token.expose_secret().trim().to_owned(),
            Self::Key { email, key } => format!("{email} {}", key.expose_secret()),
        }
    }

    /// The text without the secret, should a server have echoed it. One that is shorter than any
    /// real secret (they have 37 characters and more) is left, for it may be a word like any other.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let secret = match self {
            Self::Token(secret) | Self::Key { key: secret, .. } => secret.expose_secret().trim(),
        };
        if secret.len() < SHORTEST {
            text.to_owned()
        } else {
            text.replace(secret, "[redacted]")
        }
    }
}

const X_AUTH_EMAIL: HeaderName = HeaderName::from_static("x-auth-email");
const X_AUTH_KEY: HeaderName = HeaderName::from_static("x-auth-key");
const SHORTEST: usize = 8;
const NOT_ASCII: &str = "has characters that are not printable ASCII, or spaces";

fn checked<'a>(what: &'static str, text: &'a str) -> Result<&'a str, CredentialsError> {
    let text = text.trim();
    let reason = if text.is_empty() {
        "is empty"
    } else if !text.bytes().all(|b| b.is_ascii_graphic()) {
        NOT_ASCII
    } else {
        return Ok(text);
    };
    Err(CredentialsError::Malformed { what, reason })
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([redacted])",
            Self::Key { .. } => "Key([redacted])",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credentials, CredentialsError> {
        Credentials::from_env(&|name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_token_comes_first_then_email_and_key() {
        let token = from(&[
            ("CLOUDFLARE_API_TOKEN", " s3cret\n"),
            ("CLOUDFLARE_EMAIL", "a@b.c"),
            ("CLOUDFLARE_API_KEY", "k3y"),
        ])
        .unwrap();
        let headers = token.headers().unwrap();
        assert_eq!(headers["authorization"], "Bearer s3cret");
        assert!(headers["authorization"].is_sensitive());
        assert_eq!(headers.len(), 1);

        let key = from(&[
            ("CLOUDFLARE_API_TOKEN", ""),
            ("CLOUDFLARE_EMAIL", "a@b.c"),
            ("CLOUDFLARE_API_KEY", "k3y"),
        ])
        .unwrap();
        let headers = key.headers().unwrap();
        assert_eq!(headers["x-auth-email"], "a@b.c");
        assert_eq!(headers["x-auth-key"], "k3y");
        assert!(headers.values().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (pairs, message) in [
            (&[][..], "no credentials: CLOUDFLARE_API_TOKEN is not set"),
            (
                &[("CLOUDFLARE_API_TOKEN", "  ")][..],
                "no credentials: CLOUDFLARE_API_TOKEN is set but empty",
            ),
            (
                &[("CLOUDFLARE_EMAIL", "a@b.c")][..],
                "CLOUDFLARE_EMAIL is set but CLOUDFLARE_API_KEY is not",
            ),
            (
                &[("CLOUDFLARE_API_KEY", "k")][..],
                "CLOUDFLARE_API_KEY is set but CLOUDFLARE_EMAIL is not",
            ),
        ] {
            let error = from(pairs).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.hint().unwrap().contains("CLOUDFLARE_API_TOKEN"));
        }
    }

    #[test]
    fn no_text_about_credentials_shows_them() {
        for bad in [
            "s3cret x",
            "Bearer s3cret",
            "s3cret\u{e4}",
            "s3cret\r\nx: y",
        ] {
            let error = Credentials::token(bad).unwrap_err();
            let raw = Credentials::Token(bad.to_owned().into());
            let text = format!("{error} {error:?} {raw:?} {:?}", raw.headers().unwrap_err());
            assert!(!text.contains("s3cret"), "{text}");
        }
        let good = Credentials::key("a@b.c", "s3cret-k3y").unwrap();
        let text = format!("{good:?} {:?}", good.headers().unwrap());
        assert!(!text.contains("s3cret"), "{text}");
        assert_eq!(good.scrub("you sent s3cret-k3y"), "you sent [redacted]");
        let short = Credentials::token("test").unwrap();
        assert_eq!(short.scrub("a test"), "a test");
    }
}
