//! Which operation a method and a path mean.

use crate::call::Call;
use crate::turn::Turn;
use crate::wire::{Outcome, Refusal};
use crate::{configuration, lifecycle, mtls, token};

/// Does what a call asks for.
///
/// # Errors
/// A refusal; nothing was changed then.
pub(crate) fn dispatch(turn: &mut Turn<'_>, call: &Call) -> Outcome {
    let id = call.certificate().unwrap_or_default();
    let segments = call.segments();
    let Some(rest) = segments.get(2..) else {
        return Err(Refusal::no_route(&call.path));
    };
    match (rest, call.method.as_str()) {
        (["gateway", "certificates"], "GET") => Ok(lifecycle::list(turn)),
        (["gateway", "certificates"], "POST") => lifecycle::create(turn, &call.body),
        (["gateway", "certificates", _], "GET") => lifecycle::get(turn, &id),
        (["gateway", "certificates", _], "DELETE") => lifecycle::delete(turn, &id),
        (["gateway", "certificates", _, "activate"], "POST") => lifecycle::activate(turn, &id),
        (["gateway", "certificates", _, "deactivate"], "POST") => lifecycle::deactivate(turn, &id),
        (["gateway", "configuration"], "GET") => Ok(configuration::get(turn)),
        (["gateway", "configuration"], "PATCH") => configuration::patch(turn, &call.body),
        (["gateway", "configuration"], "PUT") => configuration::put(turn, &call.body),
        (["gateway", "configuration", "custom_certificate"], "GET") => {
            Ok(configuration::legacy(turn))
        }
        (["tokens", "verify"], "GET") => Ok(token::verified()),
        (["mtls_certificates"], "GET") => Ok(mtls::list(turn, call.query.as_deref())),
        (["mtls_certificates"], "POST") => mtls::upload(turn, &call.body),
        (["mtls_certificates", _], "GET") => mtls::get(turn, &id),
        (["mtls_certificates", _], "DELETE") => mtls::delete(turn, &id),
        (["mtls_certificates", _, "associations"], "GET") => mtls::associations(turn, &id),
        (
            ["gateway", "certificates"]
            | ["gateway", "certificates", _]
            | ["gateway", "certificates", _, "activate" | "deactivate"]
            | ["gateway", "configuration"]
            | ["gateway", "configuration", "custom_certificate"]
            | ["mtls_certificates"]
            | ["mtls_certificates", _]
            | ["mtls_certificates", _, "associations"],
            _,
        ) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::no_route(&call.path)),
    }
}
