//! The settings of devices, of which one matters here: whether the client installs certificates.

use serde::Deserialize;
use serde_json::json;

use crate::operation::Operation;
use crate::wire::Reply;

/// What somebody sets in the dashboard.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    root_certificate_installation_enabled: bool,
}

/// The settings.
pub(crate) fn get(operation: &Operation<'_>) -> Reply {
    let settings = json!({
        "gateway_proxy_enabled": true,
        "gateway_udp_proxy_enabled": false,
        "root_certificate_installation_enabled": !operation.account.installs_nothing,
        "use_zt_virtual_ip": false,
    });
    Reply::new(200, settings)
}

/// Sets them: for the control plane.
pub(crate) fn overwrite(operation: &mut Operation<'_>, settings: Settings) {
    operation.account.installs_nothing = !settings.root_certificate_installation_enabled;
    operation.note("devices", None, None, None);
}
