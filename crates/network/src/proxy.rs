//! The proxies that the environment names.
//!
//! The HTTP library reads the variables itself and leaves out, in silence, what it does not understand;
//! so they are looked at here first, by its own reader. *Non-goals*: SOCKS.

use hyper_util::client::proxy::matcher::Matcher;

/// The variables, in the order in which the library reads them: for `https`, for `http`, for both.
const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// A variable that names no proxy that could be used. Never holds its value, which may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {reason}")]
pub struct ProxyError {
    /// Its name.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub reason: &'static str,
}

impl ProxyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "write it as http://HOST:PORT, or unset it; NO_PROXY names hosts that are reached without it"
    }
}

/// Refuses a variable that would be left out.
///
/// # Errors
/// When one of them is set to what is no address of an HTTP proxy.
pub fn check_proxies(env: &dyn Fn(&str) -> Option<String>) -> Result<(), ProxyError> {
    for variable in VARIABLES {
        let Some(value) = env(variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let refuse = |reason| Err(ProxyError { variable, reason });
        let read = Matcher::builder().all(value.as_str()).build();
        let anywhere = http::Uri::from_static("https://host.invalid/");
        let Some(proxy) = read.intercept(&anywhere) else {
            return refuse("is not the address of an HTTP proxy");
        };
        let uri = proxy.uri();
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return refuse("names a SOCKS proxy, which certctl cannot use");
        }
        let authority = uri.authority().map(http::uri::Authority::as_str);
        let host = uri.host().unwrap_or_default();
        let port = authority.and_then(|text| text.strip_prefix(host)?.strip_prefix(':'));
        if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return refuse("is not the address of an HTTP proxy");
        }
    }
    Ok(())
}

/// The proxy through which a URL is reached, as `HOST:PORT (VARIABLE)`; none where it is reached without
/// one.
#[must_use]
pub fn proxy_to(url: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let url: http::Uri = url.parse().ok()?;
    // As the library does: the first that is set counts, and an empty one names nothing.
    let first = |names: [&'static str; 2]| {
        let mut set = names
            .into_iter()
            .filter_map(|name| Some((name, env(name)?)));
        set.next().filter(|(_, value)| !value.is_empty())
    };
    let own = match url.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let (variable, value) = first(own).or_else(|| first(["ALL_PROXY", "all_proxy"]))?;
    let excluded = first(["NO_PROXY", "no_proxy"]).map(|(_, value)| value);
    let matcher = Matcher::builder()
        .all(value)
        .no(excluded.unwrap_or_default())
        .build();
    let proxy = matcher.intercept(&url)?;
    let authority = proxy.uri().authority()?;
    Some(format!("{authority} ({variable})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn what_would_be_left_out_is_refused_without_its_value() {
        let good = env(&[
            ("HTTPS_PROXY", "http://proxy:3128"),
            ("https_proxy", "proxy.example"),
            ("HTTP_PROXY", "user:password@proxy:3128"),
            ("ALL_PROXY", "https://[::1]:8080/"),
            ("all_proxy", ""),
        ]);
        assert_eq!(check_proxies(&good), Ok(()));
        for value in [
            "http://user:hunter2-hunter2@",
            "http://",
            "http:/proxy:3128",
            "http://proxy:port",
            "http://proxy:99999",
            "ftp://proxy:21",
            "socks5://proxy:1080",
            "http://pro xy:3128",
            "://proxy",
            "/proxy",
            "http://proxy:31 28",
        ] {
            for variable in VARIABLES {
                let error = check_proxies(&|name| (name == variable).then(|| value.to_owned()));
                let error = error.expect_err(value);
                assert_eq!(error.variable, variable);
                assert!(!format!("{error:?}").contains("hunter2"));
            }
        }
    }

    #[test]
    fn the_proxy_is_named_without_its_password() {
        let set = env(&[
            ("https_proxy", "http://user:password@proxy:3128"),
            ("ALL_PROXY", "other:1"),
            ("NO_PROXY", "inside.example, 10.0.0.0/8"),
        ]);
        let to = |url| proxy_to(url, &set);
        let proxy = Some("proxy:3128 (https_proxy)".to_owned());
        assert_eq!(to("https://api.cloudflare.com/client/v4"), proxy);
        assert_eq!(
            to("http://a.example"),
            Some("other:1 (ALL_PROXY)".to_owned())
        );
        assert_eq!(to("https://x.inside.example"), None);
        assert_eq!(to("https://10.1.2.3"), None);
        assert_eq!(proxy_to("https://a.example", &|_| None), None);
    }
}
