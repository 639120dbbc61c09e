//! The account's mTLS certificate store, through which a CA of its own comes to Gateway.
//!
//! *Facts*: what is uploaded appears among Gateway's certificates under the same id, inactive. The same
//! content twice is refused with 1471, so an upload is stored once however often it is sent. The key is
//! never returned. Gateway's own DELETE refuses custom certificates; the store's removes them, once no
//! service uses them.

use std::fmt;

use certctl_model::{AccountId, CertificateId};
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::client::{Client, Written};
use crate::error::WriteError;
use crate::exchange::Fault;
use crate::payload::Payload;
use crate::wire;

/// A CA with its private key, to be stored in an account.
#[derive(Clone)]
pub struct Upload {
    /// What the dashboard calls it.
    pub name: String,
    /// The PEM of the CA, or of its whole chain, root first.
    pub certificates: String,
    /// The PEM of the private key that Gateway is to sign with.
    pub private_key: SecretString,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    ca: bool,
    certificates: &'a str,
    name: &'a str,
    private_key: &'a str,
}

impl Client {
    /// Stores a CA of the account's own, inactive. The limit of three creations a day is said of generated
    /// certificates only.
    ///
    /// # Errors
    /// As [`WriteError`] says; [`crate::RefusalKind::AlreadyUploaded`] when this very content is there.
    pub async fn upload(
        &self,
        account: &AccountId,
        upload: &Upload,
    ) -> Result<Written, WriteError> {
        let path = format!("/accounts/{account}/mtls_certificates");
        let body = Body {
            ca: true,
            certificates: &upload.certificates,
            name: &upload.name,
            private_key: upload.private_key.expose_secret(),
        };
        // The cause stays unsaid, for it may quote the body.
        let payload = Payload::with_key(&body, upload.private_key.clone()).map_err(|_| {
            Fault::not_sent(
                &format!("POST {path}"),
                "no JSON can hold it".to_owned(),
                None,
            )
        })?;
        let reply = self.write(account, Method::POST, &path, payload).await?;
        // The store tells less of a certificate than Gateway does, but its id in the same way.
        match wire::decode_certificate(&reply.result) {
            Ok(certificate) => Ok(Written {
                certificate: Some(certificate),
                audit_log_id: reply.audit_log_id,
                status: reply.status,
                date: reply.date,
            }),
            Err(why) => Err(reply.garbled(&why).into()),
        }
    }

    /// Removes a custom certificate from the store. Gateway must not use it any more.
    ///
    /// # Errors
    /// As [`WriteError`] says.
    pub async fn remove_uploaded(
        &self,
        account: &AccountId,
        id: &CertificateId,
    ) -> Result<Written, WriteError> {
        let path = format!("/accounts/{account}/mtls_certificates/{id}");
        self.change(account, Method::DELETE, &path, id).await
    }
}
