//! What the API really answers, for comparing it with what is assumed of it.

use bytes::Bytes;
use certctl_model::{AccountId, Timestamp};
use http::Method;
use serde_json::Value;

use crate::client::Client;
use crate::error::{Failure, Refusal};
use crate::exchange::Fault;

/// What came of one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A well-formed yes.
    Yes {
        /// The HTTP status.
        status: u16,
        /// The envelope's `result`.
        result: Value,
        /// The envelope's `result_info`; null where there is none.
        result_info: Value,
        /// The API's own clock (`Date` header).
        date: Option<Timestamp>,
        /// Whether the header `Cf-Auditlog-Id` came with it.
        audited: bool,
    },
    /// A well-formed no.
    No(Refusal),
    /// Neither.
    Nothing(Failure),
}

impl Answer {
    /// The HTTP status, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Yes { status, .. } => Some(*status),
            Self::No(refusal) => Some(refusal.status),
            Self::Nothing(failure) => failure.status,
        }
    }

    /// The `result` of a yes.
    #[must_use]
    pub fn result(&self) -> Option<&Value> {
        match self {
            Self::Yes { result, .. } => Some(result),
            _ => None,
        }
    }

    /// The codes of a no.
    #[must_use]
    pub fn codes(&self) -> Vec<i64> {
        match self {
            Self::No(refusal) => refusal.errors.iter().map(|error| error.code).collect(),
            _ => Vec::new(),
        }
    }
}

impl Client {
    /// Sends a GET to a path below the API's address, once, with the credentials of this account, and
    /// gives the answer as it is.
    pub async fn ask(&self, account: &AccountId, path: &str) -> Answer {
        answer(self.exchange(account, Method::GET, path, None).await)
    }

    /// Sends a request that changes something, once, and gives the answer as it is. Whoever sends a
    /// create so has to look for its effect.
    pub async fn tell(
        &self,
        account: &AccountId,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Answer {
        let body = Bytes::from(body.to_string());
        answer(self.exchange(account, method, path, Some(body)).await)
    }
}

fn answer(outcome: Result<crate::exchange::Reply, Fault>) -> Answer {
    match outcome {
        Ok(reply) => Answer::Yes {
            status: reply.status,
            date: reply.date,
            audited: reply.audit_log_id.is_some(),
            result: reply.result,
            result_info: reply.result_info,
        },
        Err(Fault::Refused(refusal)) => Answer::No(refusal),
        Err(Fault::NotSent(failure) | Fault::Lost(failure) | Fault::Garbled(failure)) => {
            Answer::Nothing(failure)
        }
    }
}
