//! A CA of one's own, by the real client: stored once, known to Gateway under the same id, removed.

use certctl_cloudflare::{RefusalKind, Upload, WriteError};
use certctl_model::{AccountId, CertificateType};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};

use crate::wire::Wire;

#[tokio::test(start_paused = true)]
async fn an_upload_is_stored_once_and_removed_through_the_store() {
    let (client, _) = Wire::new();
    let account: AccountId = "699d98642c564d2e855e9661899b7252".parse().unwrap();
    let upload = upload();
    let id = client
        .upload(&account, &upload)
        .await
        .unwrap()
        .certificate
        .unwrap()
        .id;
    let found = client.get(&account, &id).await.unwrap().unwrap();
    assert_eq!(found.kind, CertificateType::Custom);
    assert!(found.facts().is_some(), "{:?}", found.inspection);

    let again = client.upload(&account, &upload).await;
    assert_eq!(refused(again), Some(RefusalKind::AlreadyUploaded));
    assert_eq!(client.list(&account).await.unwrap().certificates.len(), 1);

    // Gateway's own DELETE refuses what somebody uploaded.
    assert!(client.delete(&account, &id).await.is_err());
    client.remove_uploaded(&account, &id).await.unwrap();
    assert_eq!(client.get(&account, &id).await.unwrap(), None);
    let again = client.remove_uploaded(&account, &id).await;
    assert_eq!(refused(again), Some(RefusalKind::NotFound));
}

/// What the refusal of a write was about.
fn refused<T>(sent: Result<T, WriteError>) -> Option<RefusalKind> {
    match sent {
        Err(WriteError::Refused(refusal)) => Some(refusal.kind()),
        _ => None,
    }
}

fn upload() -> Upload {
    let key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "Own CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Upload {
        name: "own-ca".to_owned(),
        certificates: ca.self_signed(&key).unwrap().pem(),
        private_key: key.serialize_pem().into(),
    }
}
