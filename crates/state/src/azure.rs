//! Reaching a container of Azure Blob Storage.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use crate::StateError;
use crate::environment::{Environment, retry};

const AZURE: [(&str, AzureConfigKey, bool); 11] = [
    ("AZURE_STORAGE_ACCOUNT_KEY", AzureConfigKey::AccessKey, true),
    ("AZURE_STORAGE_ACCESS_KEY", AzureConfigKey::AccessKey, true),
    ("AZURE_STORAGE_SAS_TOKEN", AzureConfigKey::SasKey, true),
    ("AZURE_STORAGE_TOKEN", AzureConfigKey::Token, true),
    ("AZURE_CLIENT_ID", AzureConfigKey::ClientId, false),
    ("AZURE_CLIENT_SECRET", AzureConfigKey::ClientSecret, true),
    (
        "AZURE_FEDERATED_TOKEN_FILE",
        AzureConfigKey::FederatedTokenFile,
        false,
    ),
    ("AZURE_USE_AZURE_CLI", AzureConfigKey::UseAzureCli, false),
    ("IDENTITY_ENDPOINT", AzureConfigKey::MsiEndpoint, false),
    ("AZURE_TENANT_ID", AzureConfigKey::AuthorityId, false),
    ("AZURE_AUTHORITY_HOST", AzureConfigKey::AuthorityHost, false),
];

pub(crate) fn azure(
    env: &Environment<'_>,
    container: &str,
) -> Result<Arc<dyn ObjectStore>, StateError> {
    env.refuse_encryption()?;
    let hint = "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY, \
                AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_ID with what belongs to it";
    let account = env
        .get("AZURE_STORAGE_ACCOUNT_NAME")
        .ok_or_else(|| env.refuse("the storage account is not known", hint))?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(container)
        .with_retry(retry());
    let mut http = false;
    if let Some(url) = env.get("AZURE_STORAGE_ENDPOINT") {
        http = env.endpoint("AZURE_STORAGE_ENDPOINT", &url)?;
        builder = builder.with_endpoint(url);
    }
    builder = builder
        .with_client_options(env.options(http))
        .with_http_connector(env.connector(http)?);
    let mut keys = false;
    for (index, (name, key, secret)) in AZURE.into_iter().enumerate() {
        let value = if secret {
            env.secret(name)
        } else {
            env.get(name)
        };
        if let Some(value) = value {
            builder = builder.with_config(key, value);
            // The last two only say who to ask.
            keys |= index + 2 < AZURE.len();
        }
    }
    if !keys {
        return Err(env.refuse("there are no keys for it in the environment", hint));
    }
    Ok(Arc::new(builder.build().map_err(|e| env.failed(&e))?))
}
