//! What the environment says of a bucket, and which of it is secret.

use std::cell::RefCell;

use object_store::client::{HttpClient, HttpConnector as _};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use url::{Host, Url};

use crate::access::Access;
use crate::remote::message;
use crate::service::Connector;
use crate::{Location, StateError};

/// The tries of a request together are given up after this.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

pub(crate) struct Environment<'a> {
    pub(crate) location: &'a Location,
    pub(crate) access: &'a Access,
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    /// Every secret that was read.
    pub(crate) secrets: RefCell<Vec<String>>,
}

impl Environment<'_> {
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.env)(name).filter(|value| !value.is_empty())
    }

    /// Our own variable first, so that state may have keys of its own.
    pub(crate) fn aws(&self, name: &str) -> Option<String> {
        self.get(&format!("CERTCTL_STATE_{name}"))
            .or_else(|| self.get(name))
    }

    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        self.keep_secret(&value);
        Some(value)
    }

    /// Takes note of what no error may show.
    pub(crate) fn keep_secret(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    pub(crate) fn refuse(&self, problem: impl Into<String>, hint: impl Into<String>) -> StateError {
        StateError::Open {
            location: self.location.to_string(),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    pub(crate) fn failed(&self, error: &object_store::Error) -> StateError {
        self.refuse(
            message(error, &self.secrets.borrow()),
            "check the variables that hold its keys and its endpoint",
        )
    }

    /// Refuses what only S3 could be told to do: what was asked for must not be left out.
    pub(crate) fn refuse_encryption(&self) -> Result<(), StateError> {
        match &self.access.encryption {
            None => Ok(()),
            Some(encryption) => Err(self.refuse(
                format!("it cannot be told to encrypt by {encryption}"),
                "`sse` is for s3://; elsewhere set the encryption of the bucket itself",
            )),
        }
    }

    /// An endpoint that may be spoken to, and whether it is plain HTTP.
    pub(crate) fn endpoint(&self, name: &str, text: &str) -> Result<bool, StateError> {
        let refuse = |problem: &str| {
            self.refuse(
                format!("{name} {problem}"),
                "an endpoint is https://HOST[:PORT], or http:// for a server on this machine",
            )
        };
        let url = Url::parse(text).map_err(|_| refuse("is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("has a user or a password in it"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(false),
            "http" if loopback => Ok(true),
            "http" => Err(refuse("is plain http to another machine")),
            _ => Err(refuse("is not https")),
        }
    }

    /// The client of the store, and what else its library has to know of it.
    pub(crate) fn options(&self, http: bool) -> ClientOptions {
        ClientOptions::new().with_allow_http(http)
    }

    /// What makes the clients of a store, which speaks plain HTTP if `plain`.
    pub(crate) fn connector(&self, plain: bool) -> Result<Connector, StateError> {
        let roots = match &self.access.ca_bundle {
            Some(path) => certctl_network::read_bundle(path).map_err(|error| {
                self.refuse(error.to_string(), "it is a file of certificates in PEM")
            })?,
            None => Vec::new(),
        };
        Ok(Connector {
            roots,
            plain,
            conflict_is_busy: !matches!(self.location, Location::Azure { .. }),
        })
    }

    /// A client for those who give keys.
    pub(crate) fn client(&self, http: bool) -> Result<HttpClient, StateError> {
        self.connector(false)?
            .connect(&self.options(http))
            .map_err(|error| self.failed(&error))
    }
}

/// Few tries in little time: whoever waits wants to know.
pub(crate) fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            max_backoff: std::time::Duration::from_secs(5),
            ..BackoffConfig::default()
        },
        max_retries: 5,
        retry_timeout: PATIENCE,
    }
}
