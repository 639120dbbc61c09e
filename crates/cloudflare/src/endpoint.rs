//! Where the API is.
//!
//! *Purpose*: one validated base URL. *Invariants*: a token never leaves in the clear for another
//! machine (plain http goes to loopback only), and the address holds no secret, query or fragment.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The base URL of the API, such as `https://api.cloudflare.com/client/v4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: String,
    origin: String,
    loopback: bool,
    plain: bool,
}

/// Why an address cannot be the API's. The address itself is not repeated, for it may hold a
/// password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an absolute URL with a host.
    #[error("the API address is not a URL with a host")]
    NotAUrl,
    /// Neither https nor http.
    #[error("the API address is neither https nor http")]
    Scheme,
    /// Plain http to another machine.
    #[error("the API address is plain http and not on loopback")]
    PlainHttp,
    /// A user name or password inside of the URL.
    #[error("the API address holds a user name or password")]
    UserInfo,
    /// A query or a fragment.
    #[error("the API address has a query or a fragment")]
    Excess,
}

impl EndpointError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::PlainHttp => "use https; plain http is only for localhost, 127.0.0.0/8 and [::1]",
            Self::UserInfo => "credentials come from CLOUDFLARE_API_TOKEN, never from the address",
            _ => "it looks like https://api.cloudflare.com/client/v4",
        })
    }
}

impl Endpoint {
    /// Reads a base URL, with or without a slash at its end.
    ///
    /// # Errors
    /// When it is not a URL, is plain http to anything but loopback, or holds credentials, a query
    /// or a fragment.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(EndpointError::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::NotAUrl)?;
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(EndpointError::Scheme),
        };
        let host = url.host().ok_or(EndpointError::NotAUrl)?;
        let loopback = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Excess);
        }
        if plain && !loopback {
            return Err(EndpointError::PlainHttp);
        }
        let origin = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let path = url.path().trim_end_matches('/');
        Ok(Self {
            base: format!("{}://{origin}{path}", url.scheme()),
            origin,
            loopback,
            plain,
        })
    }

    /// Cloudflare's own API.
    #[must_use]
    pub fn cloudflare() -> Self {
        Self {
            base: "https://api.cloudflare.com/client/v4".to_owned(),
            origin: "api.cloudflare.com".to_owned(),
            loopback: false,
            plain: false,
        }
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Host and, unless it is the scheme's own, port: `api.cloudflare.com`, `127.0.0.1:8080`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Whether it is spoken to without TLS (and therefore on loopback).
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The URL of a path below the base.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudflare_is_what_its_address_parses_to() {
        let parsed = Endpoint::parse("https://api.cloudflare.com/client/v4/").unwrap();
        assert_eq!(parsed, Endpoint::cloudflare());
        assert!(!parsed.is_loopback());
        assert_eq!(
            parsed.join("/accounts"),
            "https://api.cloudflare.com/client/v4/accounts"
        );
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for (text, origin) in [
            ("http://127.0.0.1:8080/client/v4", "127.0.0.1:8080"),
            ("http://127.255.3.4", "127.255.3.4"),
            ("http://[::1]:9/", "[::1]:9"),
            ("http://LOCALHOST:80/x", "localhost"),
            ("https://localhost:8443", "localhost:8443"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert!(endpoint.is_loopback(), "{text}");
            assert_eq!(endpoint.origin(), origin);
        }
        for text in [
            "http://api.cloudflare.com/client/v4",
            "http://128.0.0.1",
            "http://localhost.example.com",
            "http://0.0.0.0",
            "http://[::ffff:10.0.0.1]",
        ] {
            assert_eq!(
                Endpoint::parse(text),
                Err(EndpointError::PlainHttp),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for (text, error) in [
            ("", EndpointError::NotAUrl),
            ("api.cloudflare.com", EndpointError::NotAUrl),
            ("https://a b/", EndpointError::NotAUrl),
            ("ftp://127.0.0.1/", EndpointError::Scheme),
            ("https://user:pw@example.com/", EndpointError::UserInfo),
            ("https://example.com/?x=1", EndpointError::Excess),
            ("https://example.com/#x", EndpointError::Excess),
        ] {
            assert_eq!(Endpoint::parse(text), Err(error), "{text}");
            assert!(error.hint().is_some());
            assert!(!error.to_string().contains("pw"));
        }
    }
}
