//! Whether an address lays claim to be what Gateway uses, and what is wanted of its certificates.

use certctl_model::{Binding, Name, Origin, Role};
use certctl_spec::Certificate;

use crate::certificate::{is_active, is_held, is_its_owners};
use crate::facts::Facts;

/// Whether this address's certificate is the one that Gateway should use: because that is declared,
/// or because the current one is in use and the spec says nothing against it.
pub(crate) fn claims_in_use(facts: &Facts<'_>, name: &Name, declared: &Certificate) -> bool {
    declared.in_use.unwrap_or_else(|| {
        let used = |binding: &Binding| facts.may_be_in_use(&binding.id);
        let current = facts.bound(name, Role::Current);
        let successor = facts.bound(name, Role::Successor);
        declared.activate != Some(false)
            && (current.is_some_and(used) || successor.filter(|s| is_held(s)).is_some_and(used))
            && !facts.another_is_declared_in_use(name)
    })
}

/// Whether Gateway uses what somebody said is compromised.
pub(crate) fn uses_compromised(facts: &Facts<'_>) -> bool {
    let certctl_model::InUse::Certificate(used) = facts.in_use() else {
        return false;
    };
    let bound = facts.state.binding(used);
    bound.is_some_and(|(_, binding)| binding.compromised)
}

/// What is wanted of one certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) active: bool,
    pub(crate) in_use: bool,
}

/// What the spec wants of this certificate. Where it says nothing: what certctl created is active,
/// what was adopted stays as it is. What its owner uploaded is never taken from the edge.
pub(crate) fn wanted(
    facts: &Facts<'_>,
    declared: &Certificate,
    binding: &Binding,
    in_use: bool,
) -> Wanted {
    let as_it_is = || match binding.origin {
        Origin::Created | Origin::Uploaded => true,
        Origin::Adopted => facts.remote(&binding.id).is_none_or(is_active),
    };
    let active = declared.activate.unwrap_or_else(|| in_use || as_it_is());
    let stays =
        || is_its_owners(facts, &binding.id) && facts.remote(&binding.id).is_some_and(is_active);
    Wanted {
        active: active || stays(),
        in_use,
    }
}
