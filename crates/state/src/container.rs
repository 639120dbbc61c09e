//! The keys that the agent of a container gives: `AWS_CONTAINER_CREDENTIALS_FULL_URI`, with a token that
//! stands in a variable or in a file.
//!
//! *Invariant*: the token goes over plain HTTP to this machine and to the addresses of AWS's own agents
//! alone, as in AWS's SDKs.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use certctl_files::Links;
use http::header;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use object_store::client::{HttpClient, HttpRequestBody};
use url::{Host, Url};

use crate::fetched::{Fetched, Kept, Why, ask, json, text, until};

/// What the agent is asked with.
#[derive(Clone)]
pub(crate) enum Token {
    /// As it stands in `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    Inline(String),
    /// In a file that is replaced from time to time.
    File(PathBuf),
}

/// Asks the agent.
pub(crate) struct Agent {
    client: HttpClient,
    url: String,
    token: Option<Token>,
    kept: Kept<AwsCredential>,
}

const WHO: &str = "the container's agent";
/// The agents of ECS and EKS.
const AGENTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
const MAX_TOKEN: u64 = 64 * 1024;

/// Whether a token may go to this address.
pub(crate) fn is_agent(url: &Url) -> bool {
    let agent = |ip: IpAddr| ip.is_loopback() || AGENTS.iter().any(|a| a.parse() == Ok(ip));
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(ip))) => agent(ip.into()),
        ("http", Some(Host::Ipv6(ip))) => agent(ip.into()),
        _ => false,
    }
}

impl Agent {
    pub(crate) fn new(client: HttpClient, url: &Url, token: Option<Token>) -> Self {
        Self {
            client,
            url: url.to_string(),
            token,
            kept: Kept::default(),
        }
    }

    async fn fetch(&self) -> Result<Fetched<AwsCredential>, Why> {
        let mut request = http::Request::get(&self.url);
        let token = match &self.token {
            None => None,
            Some(Token::Inline(token)) => Some(token.clone()),
            Some(Token::File(path)) => {
                let read = certctl_files::read(path, MAX_TOKEN, Links::Follow);
                let bytes = read.map_err(|error| {
                    format!("cannot read the token file {}: {error}", path.display())
                })?;
                Some(String::from_utf8_lossy(&bytes).trim().to_owned())
            }
        };
        if let Some(token) = token {
            let mut value = header::HeaderValue::try_from(token)
                .map_err(|_| "the token for the container's agent is not printable ASCII")?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let answer = ask(&self.client, request, HttpRequestBody::empty(), WHO).await?;
        let answer = json(&answer, WHO)?;
        Ok(Fetched {
            keys: AwsCredential {
                key_id: text(&answer, "AccessKeyId", WHO)?.to_owned(),
                secret_key: text(&answer, "SecretAccessKey", WHO)?.to_owned(),
                token: text(&answer, "Token", WHO).ok().map(str::to_owned),
            },
            lasts: until(&answer, "Expiration"),
        })
    }
}

#[async_trait]
impl CredentialProvider for Agent {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.kept.get("S3", self.fetch()).await
    }
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_to_an_agent_only() {
        for (url, agent) in [
            ("http://169.254.170.23/v1/credentials", true),
            ("http://[fd00:ec2::23]/v1/credentials", true),
            ("http://127.0.0.1:9000/x", true),
            ("http://localhost/x", true),
            ("https://agent.example/x", true),
            ("http://169.254.169.254/x", false),
            ("http://agent.example/x", false),
            ("http://127.0.0.1.example/x", false),
            ("file:///x", false),
        ] {
            assert_eq!(is_agent(&url.parse().unwrap()), agent, "{url}");
        }
    }
}
