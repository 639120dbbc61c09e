//! Cloudflare's audit log, version 2: who changed something in an account, from where, when.
//!
//! *Guarantees*: one request, never repeated; nobody's run depends on its answer. *Caveats*: it keeps 18
//! months, lags, and is read with a permission of its own. What it says is any text, to be escaped before
//! it reaches a terminal.

use certctl_model::{AccountId, CertificateId, Timestamp};
use serde_json::Value;

use crate::client::Client;
use crate::envelope::text;
use crate::error::RefusalKind;
use crate::raw::Answer;

/// How many entries are asked for, the newest of the span: the most that the API gives at once. Its filters
/// by path or method would save more, but nobody recorded how they compare.
const LIMIT: usize = 1000;

/// One entry: a change that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// The path below the API's address, as far as the log has it.
    pub uri: String,
    /// Of a person, or of the owner of a token.
    pub email: Option<String>,
    /// `dash`, `api_token`, `api_key`, `oauth` and the like.
    pub context: Option<String>,
    /// Of an API token.
    pub token_name: Option<String>,
    /// `user`, `account`, `system` and the like.
    pub kind: Option<String>,
    /// Where the request came from.
    pub ip_address: Option<String>,
    /// Whether the log has what was sent.
    pub tells_request: bool,
    /// The resource, the request and the response, as JSON: only to look for ids in.
    resource: String,
}

/// Why nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlogged {
    /// The token may not read the log.
    Forbidden,
    /// The log did not answer, or not in a form that is known.
    Unknown,
}

impl Act {
    /// An entry as the API writes it; none where it does not say when it was done, or how.
    #[must_use]
    pub fn read(entry: &Value) -> Option<Self> {
        let at = entry.pointer("/action/time")?.as_str()?.parse().ok()?;
        let of = |path: &str| text(entry.pointer(path));
        let resource = entry.get("resource").unwrap_or(&Value::Null);
        Some(Self {
            at,
            method: of("/raw/method")?,
            uri: of("/raw/uri")?,
            email: of("/actor/email"),
            context: of("/actor/context"),
            token_name: of("/actor/token_name"),
            kind: of("/actor/type"),
            ip_address: of("/actor/ip_address"),
            tells_request: resource.get("request").is_some_and(|sent| !sent.is_null()),
            resource: resource.to_string().to_ascii_lowercase(),
        })
    }

    /// Whether it is about this certificate, by its path or by what was sent or answered.
    #[must_use]
    pub fn names(&self, id: &CertificateId) -> bool {
        let id = id.as_str();
        self.uri.to_ascii_lowercase().contains(id) || self.resource.contains(id)
    }

    /// Whether it wrote the Gateway configuration.
    #[must_use]
    pub fn writes_configuration(&self) -> bool {
        self.path().ends_with("/gateway/configuration")
    }

    /// Whether it created a certificate.
    #[must_use]
    pub fn creates_certificate(&self) -> bool {
        self.method == "POST" && self.path().ends_with("/gateway/certificates")
    }

    fn path(&self) -> &str {
        let path = self.uri.split('?').next().unwrap_or_default();
        path.trim_end_matches('/')
    }
}

impl Client {
    /// The newest changes within a span, newest first.
    ///
    /// # Errors
    /// When the token may not read the log, or the log gives no answer that is understood.
    pub async fn audit_log(
        &self,
        account: &AccountId,
        since: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Act>, Unlogged> {
        let path = format!(
            "/accounts/{account}/logs/audit?since={}&before={}&direction=desc&limit={LIMIT}",
            whole(since),
            whole(before)
        );
        let entries = match self.ask(account, &path).await {
            Answer::Yes { result, .. } => result,
            Answer::No(refusal)
                if refusal.status == 403 || refusal.kind() == RefusalKind::Forbidden =>
            {
                return Err(Unlogged::Forbidden);
            }
            Answer::No(_) | Answer::Nothing(_) => return Err(Unlogged::Unknown),
        };
        let entries = entries.as_array().ok_or(Unlogged::Unknown)?;
        let mut acts: Vec<Act> = entries.iter().filter_map(Act::read).collect();
        acts.sort_by_key(|act| std::cmp::Reverse(act.at));
        Ok(acts)
    }
}

/// Without a fraction of a second: every server reads that.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
