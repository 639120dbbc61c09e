//! The whole life of a certificate, by the real client.

use certctl_cloudflare::{RefusalKind, WriteError};
use certctl_model::{AccountId, BindingStatus, CertificateId, ValidityDays};

use crate::document::Document;
use crate::wire::Wire;

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

#[tokio::test(start_paused = true)]
async fn client_and_sandbox_speak_as_described() {
    let (client, wire) = Wire::new();
    let account: AccountId = ACCOUNT.parse().unwrap();
    assert!(client.list(&account).await.unwrap().certificates.is_empty());
    assert_eq!(
        client.configuration(&account).await.unwrap().certificate_id,
        None
    );

    let days = ValidityDays::try_from(90).unwrap();
    let created = client
        .create(&account, days)
        .await
        .unwrap()
        .certificate
        .unwrap();
    assert_eq!(created.binding_status, BindingStatus::Inactive);
    assert_eq!(created.facts().unwrap().days(), 90);
    let id = created.id;
    client.activate(&account, &id).await.unwrap();
    while !is(&client, &account, &id, BindingStatus::Available).await {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    client.set_in_use(&account, &id).await.unwrap();
    assert_eq!(
        client
            .configuration(&account)
            .await
            .unwrap()
            .certificate_id
            .as_ref(),
        Some(&id)
    );
    assert!(client.list(&account).await.unwrap().certificates[0].in_use);

    // What Gateway uses can be neither withdrawn nor deleted.
    for refused in [
        client.deactivate(&account, &id).await,
        client.delete(&account, &id).await,
    ] {
        let Err(WriteError::Refused(refusal)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(refusal.kind(), RefusalKind::InUse);
    }
    let nil = "00000000-0000-0000-0000-000000000000".parse().unwrap();
    client.set_in_use(&account, &nil).await.unwrap();
    client.deactivate(&account, &id).await.unwrap();
    while !is(&client, &account, &id, BindingStatus::Inactive).await {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    client.delete(&account, &id).await.unwrap();
    assert_eq!(client.get(&account, &id).await.unwrap(), None);

    let documents = Document::all();
    let (mut checked, mut faults) = (0, Vec::new());
    for exchange in wire.seen() {
        let path = template(&exchange.path);
        for document in &documents {
            let mut found = document.request(&exchange.method, &path, &exchange.request);
            if exchange.status < 300 {
                let method = &exchange.method;
                found.extend(document.response(method, &path, exchange.status, &exchange.response));
            } else {
                // Error bodies have no usable schema in the official document.
                assert_eq!(exchange.response["success"], false);
            }
            checked += 1;
            let place = format!("{} {path}, {}", exchange.method, document.name);
            faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    println!("contract: {checked} exchanges fit");
}

async fn is(
    client: &certctl_cloudflare::Client,
    account: &AccountId,
    id: &CertificateId,
    status: BindingStatus,
) -> bool {
    client
        .get(account, id)
        .await
        .unwrap()
        .unwrap()
        .binding_status
        == status
}

/// The path as descriptions write it.
fn template(path: &str) -> String {
    let path = path
        .trim_start_matches("/client/v4")
        .replace(ACCOUNT, "{account_id}");
    path.split('/')
        .map(|part| {
            if part.len() == 36 {
                "{certificate_id}"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}
