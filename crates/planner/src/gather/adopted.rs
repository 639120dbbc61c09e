//! What a declared address that is bound to nothing takes over: by `import`, or because it fits.

use certctl_model::{
    CertificateId, CertificateType, Code, Diagnostic, Guard, InUse, Inspection, Reason,
    RemoteCertificate, Role,
};
use certctl_spec::{Adopt, Certificate, Import};

use super::bound::{bind, refuse_command};
use super::custom;
use super::fitting::{fits, is_unclaimed, is_younger};
use crate::facts::Facts;
use crate::noted::Noted;
use certctl_plan::ChangeKind;

/// Whether the address holds a certificate, once it took over what the spec means. A run that nobody
/// watches takes nothing over.
pub(super) fn takes(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) -> bool {
    if let Some(id) = &declared.custom {
        return custom::takes(facts, noted, declared, id);
    }
    let bound = |role| facts.bound(&noted.name, role).is_some();
    match (bound(Role::Current), bound(Role::Successor)) {
        (true, false) => {
            take_successor(facts, noted, declared);
            return true;
        }
        (true, true) | (false, true) => return true,
        (false, false) => {}
    }
    refuse_command(facts, noted);
    if facts.options.is_unattended() {
        report_lost_state(facts, noted, declared);
        return false;
    }
    adopt(facts, noted, declared)
}

/// An `import` at an address that holds a certificate answers `stale_state` alone: what it names was made
/// as the successor, by a run that this state does not know.
fn take_successor(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) {
    let Some(Import::Id(id)) = declared.import.as_ref() else {
        return;
    };
    let is_answer = facts.remote(id).is_some_and(|remote| {
        remote.kind == CertificateType::GatewayManaged
            && remote.facts().is_some()
            && facts.state.binding(id).is_none()
            && is_younger(facts, remote)
    });
    if is_answer && !facts.options.is_unattended() {
        take(facts, noted, id, Reason::Import);
    }
}

/// Takes over the certificate that the spec means, if it means one; or notes that a person has to say
/// which, before one is created.
fn adopt(facts: &mut Facts<'_>, noted: &mut Noted, declared: &Certificate) -> bool {
    let import = declared.import.as_ref();
    let import = import.filter(|import| !is_spent(facts, noted, import));
    let verdict = match (import, facts.account.adopt) {
        (Some(Import::Id(id)), _) => self::import(facts, id),
        (Some(Import::None), _) | (None, Adopt::Never) => new_state(facts, noted),
        (None, Adopt::Matching) => matching(facts, declared),
        (None, Adopt::Ask) => ask(facts, declared),
    };
    match verdict {
        Ok(Some((id, reason))) => take(facts, noted, &id, reason),
        Ok(None) => false,
        Err(diagnostic) => {
            noted.undecided = true;
            noted.say(
                ChangeKind::NoOp,
                Reason::Blocked,
                diagnostic.message.clone(),
            );
            let diagnostic = without_spent(declared, *diagnostic);
            let place = match diagnostic.code {
                Code::AdoptAsk | Code::NewState => &declared.place,
                _ => &declared.import_place,
            };
            facts.report(noted, diagnostic.at(Some(place.clone())));
            false
        }
    }
}

/// The ways out, but for the one that was used up.
fn without_spent(declared: &Certificate, diagnostic: Diagnostic) -> Diagnostic {
    let spent = declared.import == Some(Import::None) && diagnostic.code == Code::AdoptAsk;
    let hint = diagnostic.hint.clone().filter(|_| spent);
    match hint {
        Some(hint) => diagnostic.hint(hint.replace(
            "create another with `import: none`",
            "`import: none` was used before: to create another, let the account say `adopt: never`",
        )),
        None => diagnostic,
    }
}

/// Whether an `import` is over: it binds once, and what the address had or has is not what it asks
/// for now.
fn is_spent(facts: &Facts<'_>, noted: &Noted, import: &Import) -> bool {
    let entry = facts.state.certificates.get(&noted.name);
    match import {
        Import::Id(id) => entry.is_some_and(|entry| {
            entry.had.contains(id) || entry.bindings.iter().any(|binding| binding.id == *id)
        }),
        // It was answered once: what the account says of adoption holds since.
        Import::None => entry.is_some_and(|entry| !entry.had.is_empty()),
    }
}

/// What to take over, if anything; or what stands in the way.
type Verdict = Result<Option<(CertificateId, Reason)>, Box<Diagnostic>>;

fn import(facts: &Facts<'_>, id: &CertificateId) -> Verdict {
    let Some(remote) = facts.remote(id) else {
        return Err(Diagnostic::error(
            Code::ImportMissing,
            format!(
                "{id} does not exist in account {}",
                facts.account.account_id
            ),
        )
        .hint("`certctl status` lists what exists; `import: none` creates a new one")
        .into());
    };
    if let Some((name, _)) = facts.state.binding(id) {
        let holder = facts.address(name);
        return Err(
            Diagnostic::error(Code::ImportClaimed, format!("{id} belongs to {holder}"))
                .hint(format!(
                    "remove one of the two, or say `moved_from: {name}`"
                ))
                .into(),
        );
    }
    let refused = match (&remote.kind, &remote.inspection) {
        (CertificateType::GatewayManaged, Inspection::Sound(_)) => {
            return Ok(Some((id.clone(), Reason::Import)));
        }
        (CertificateType::GatewayManaged, Inspection::Unsound(why)) => {
            format!("{id} fails verification: {why}")
        }
        (CertificateType::Custom, _) => {
            return Err(Diagnostic::error(
                Code::ImportRefused,
                format!("{id} is custom: somebody uploaded it"),
            )
            .hint(format!("declare it with `custom: {{ id: {id} }}` instead"))
            .into());
        }
        (kind, _) => format!("{id} is of type `{kind}`, which certctl does not know"),
    };
    Err(Diagnostic::error(Code::ImportRefused, refused)
        .hint("declare nothing for it: what certctl does not manage it leaves alone, and without `import` this declaration would make another one")
        .into())
}

/// Certificates that this declaration may mean: gateway-managed, unclaimed, verified, unexpired,
/// and of the declared validity where one is declared.
fn fitting<'a>(facts: &Facts<'a>, declared: &Certificate) -> Vec<&'a RemoteCertificate> {
    let mut fitting: Vec<&RemoteCertificate> = facts
        .observed
        .certificates
        .iter()
        .filter(|remote| fits(facts, remote, declared))
        .collect();
    fitting.sort_by(|a, b| a.id.cmp(&b.id));
    fitting
}

fn matching(facts: &Facts<'_>, declared: &Certificate) -> Verdict {
    let fitting = fitting(facts, declared);
    let in_use = fitting.iter().find(|remote| facts.is_in_use(&remote.id));
    match (fitting.as_slice(), in_use) {
        ([], _) => Ok(None),
        ([only], _) => Ok(Some((only.id.clone(), Reason::Matching))),
        (_, Some(used)) if declared.in_use == Some(true) => {
            Ok(Some((used.id.clone(), Reason::Matching)))
        }
        (several, _) => Err(ask_about(several, false, "several existing certificates fit").into()),
    }
}

fn ask(facts: &Facts<'_>, declared: &Certificate) -> Verdict {
    let fitting = fitting(facts, declared);
    if !fitting.is_empty() {
        let one = fitting.len() == 1;
        return Err(ask_about(&fitting, one, "an existing certificate fits").into());
    }
    if declared.in_use == Some(true)
        && let InUse::Certificate(id) = facts.in_use()
        && let Some(remote) = facts
            .remote(id)
            .filter(|remote| is_unclaimed(facts, remote))
    {
        return Err(ask_about(
            &[remote],
            false,
            "Gateway uses a certificate that nothing claims",
        )
        .into());
    }
    Ok(None)
}

fn ask_about(candidates: &[&RemoteCertificate], would_match: bool, what: &str) -> Diagnostic {
    let listed: Vec<String> = candidates.iter().map(|remote| describe(remote)).collect();
    // What fails verification cannot be taken over, so that is not offered.
    let imports: Vec<String> = candidates
        .iter()
        .filter(|remote| remote.facts().is_some())
        .map(|remote| format!("`import: {}`", remote.id))
        .collect();
    let hint = if imports.is_empty() {
        "it fails verification and is not to be taken over; create another with `import: none`"
            .to_owned()
    } else {
        let matching = if would_match {
            "; or let the account say `adopt: matching`"
        } else {
            ""
        };
        format!(
            "take it over with {}; create another with `import: none`{matching}",
            imports.join(" or ")
        )
    };
    let message = format!("{what}: {}; is it this one?", listed.join(", "));
    Diagnostic::error(Code::AdoptAsk, message).hint(hint)
}

/// What a person needs to know to recognise it.
fn describe(remote: &RemoteCertificate) -> String {
    let mut said = vec![remote.binding_status.to_string()];
    if remote.in_use {
        said.insert(0, "in use".to_owned());
    }
    if let Some(known) = remote.facts() {
        let days = known.days();
        said.push(format!("{days} days, expires {}", known.not_after));
    }
    format!("{} ({})", remote.id, said.join(", "))
}

/// The guard `new_state`: creating from an empty state beside what is available is how duplicates
/// are made when a state was lost.
fn new_state(facts: &Facts<'_>, noted: &Noted) -> Verdict {
    let available = facts
        .observed
        .certificates
        .iter()
        .any(|remote| is_unclaimed(facts, remote) && facts.is_usable(remote));
    if !facts.fresh || !available || facts.options.allows(Guard::NewState, &noted.address) {
        return Ok(None);
    }
    Err(Diagnostic::error(
        Code::NewState,
        "there is no state for this account, but it has available certificates",
    )
    .hint("check that `state` is the right one; if it is, pass `--allow new_state`")
    .into())
}

/// Without any state, an unattended run cannot tell a new address from one that it should renew.
fn report_lost_state(facts: &mut Facts<'_>, noted: &Noted, declared: &Certificate) {
    if let Err(diagnostic) = new_state(facts, noted) {
        facts.report(noted, (*diagnostic).at(Some(declared.place.clone())));
    }
}

fn take(facts: &mut Facts<'_>, noted: &mut Noted, id: &CertificateId, reason: Reason) -> bool {
    if !bind(facts, noted, id) {
        return false;
    }
    let message = match reason {
        Reason::Import => format!("`import: {id}`"),
        _ => format!("{id} is the one that fits"),
    };
    noted.say(ChangeKind::Adopt, reason, message);
    true
}
