//! Which operation a method and a path mean.

use crate::call::Call;
use crate::operation::Operation;
use crate::wire::{Outcome, Refusal};
use crate::{audit, configuration, devices, lifecycle, mtls, token};

/// Does what a call asks for.
///
/// # Errors
/// A refusal; nothing was changed then.
pub(crate) fn dispatch(operation: &mut Operation<'_>, call: &Call) -> Outcome {
    let id = call.certificate().unwrap_or_default();
    let segments = call.segments();
    let Some(rest) = segments.get(2..) else {
        return Err(Refusal::no_route(&call.path));
    };
    match (rest, call.method.as_str()) {
        (["gateway", "certificates"], "GET") => Ok(lifecycle::list(operation)),
        (["gateway", "certificates"], "POST") => lifecycle::create(operation, &call.body),
        (["gateway", "certificates", _], "GET") => lifecycle::get(operation, &id),
        (["gateway", "certificates", _], "DELETE") => lifecycle::delete(operation, &id),
        (["gateway", "certificates", _, "activate"], "POST") => lifecycle::activate(operation, &id),
        (["gateway", "certificates", _, "deactivate"], "POST") => {
            lifecycle::deactivate(operation, &id)
        }
        (["gateway", "configuration"], "GET") => Ok(configuration::get(operation)),
        (["gateway", "configuration"], "PATCH") => configuration::patch(operation, &call.body),
        (["gateway", "configuration"], "PUT") => configuration::put(operation, &call.body),
        (["gateway", "configuration", "custom_certificate"], "GET") => {
            Ok(configuration::legacy(operation))
        }
        (["devices", "settings"], "GET") => Ok(devices::get(operation)),
        (["logs", "audit"], "GET") => audit::list(operation, call.query.as_deref()),
        (["devices", "physical-devices"], "GET") => devices::list(operation, call.query.as_deref()),
        (["tokens", "verify"], "GET") => Ok(token::verified()),
        (["mtls_certificates"], "GET") => Ok(mtls::list(operation, call.query.as_deref())),
        (["mtls_certificates"], "POST") => mtls::upload(operation, &call.body),
        (["mtls_certificates", _], "GET") => mtls::get(operation, &id),
        (["mtls_certificates", _], "DELETE") => mtls::delete(operation, &id),
        (["mtls_certificates", _, "associations"], "GET") => mtls::associations(operation, &id),
        (
            ["gateway", "certificates"]
            | ["gateway", "certificates", _]
            | ["gateway", "certificates", _, "activate" | "deactivate"]
            | ["gateway", "configuration"]
            | ["gateway", "configuration", "custom_certificate"]
            | ["logs", "audit"]
            | ["devices", "settings" | "physical-devices"]
            | ["mtls_certificates"]
            | ["mtls_certificates", _]
            | ["mtls_certificates", _, "associations"],
            _,
        ) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::no_route(&call.path)),
    }
}
