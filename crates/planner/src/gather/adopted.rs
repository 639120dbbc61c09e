//! What a declared address that is bound to nothing takes over: by `import`, or because it fits.

use certctl_model::{
    Candidate, CertificateId, CertificateType, Code, Diagnostic, Guard, InUse, Inspection, Reason,
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
    if let Some(custom) = &declared.custom {
        return custom::takes(facts, noted, declared, custom);
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
        _ => Err(ask_about(facts, declared, "several existing certificates fit").into()),
    }
}

fn ask(facts: &Facts<'_>, declared: &Certificate) -> Verdict {
    match fitting(facts, declared).as_slice() {
        [] => {}
        [_] => return Err(ask_about(facts, declared, "an existing certificate fits").into()),
        _ => return Err(ask_about(facts, declared, "several existing certificates fit").into()),
    }
    let unclaimed = |id: &CertificateId| {
        facts
            .remote(id)
            .is_some_and(|remote| is_unclaimed(facts, remote))
    };
    match facts.in_use() {
        InUse::Certificate(id) if declared.in_use == Some(true) && unclaimed(id) => {
            let what = "Gateway uses a certificate that nothing claims";
            Err(ask_about(facts, declared, what).into())
        }
        _ => Ok(None),
    }
}

/// Asks a person, with everything that the address could mean.
fn ask_about(facts: &Facts<'_>, declared: &Certificate, what: &str) -> Diagnostic {
    let candidates = candidates(facts, declared);
    let usable: Vec<&Candidate> = candidates
        .iter()
        .filter(|one| one.fingerprint.is_some())
        .collect();
    let fitting = usable.iter().filter(|one| one.why == FITS).count();
    let imports: Vec<String> = usable
        .iter()
        .map(|one| line_to_paste(one, declared))
        .collect();
    let mut hint = match imports.as_slice() {
        // What fails verification cannot be taken over, so that is not offered.
        [] => {
            "it fails verification and is not to be taken over; create another with `import: none`"
                .to_owned()
        }
        _ => format!(
            "take it over with {}; create another with `import: none`",
            imports.join(" or ")
        ),
    };
    if facts.account.adopt == Adopt::Ask && fitting == 1 {
        hint.push_str("; or let the account say `adopt: matching`");
    }
    if facts.fresh {
        hint.push_str(
            "; no state of this account was found: look whether `state` is the right place",
        );
    }
    let message = match candidates.as_slice() {
        [only] => format!("{what}; is it {}?", only.certificate_id),
        _ => format!("{what}; is it one of these?"),
    };
    Diagnostic::error(Code::AdoptAsk, message)
        .hint(hint)
        .candidates(candidates)
}

const FITS: &str = "fits";
/// The most that are listed.
const LISTED: usize = 20;

/// What nothing claims, unless it is over and nobody uses it: what Gateway uses first, then what fits.
fn candidates(facts: &Facts<'_>, declared: &Certificate) -> Vec<Candidate> {
    let used = |remote: &RemoteCertificate| facts.may_be_in_use(&remote.id);
    let over = |remote: &RemoteCertificate| facts.may_have_expired(remote) && !used(remote);
    let all = facts.observed.certificates.iter();
    let mut all: Vec<&RemoteCertificate> = all
        .filter(|remote| is_unclaimed(facts, remote) && !over(remote))
        .collect();
    let order = |remote: &&RemoteCertificate| {
        (
            !used(remote),
            !fits(facts, remote, declared),
            remote.id.clone(),
        )
    };
    all.sort_by_key(order);
    let candidate = |remote: &&RemoteCertificate| {
        Candidate::of(remote, used(remote), why(facts, remote, declared))
    };
    all.iter().take(LISTED).map(candidate).collect()
}

/// Why it fits, or why not.
fn why(facts: &Facts<'_>, remote: &RemoteCertificate, declared: &Certificate) -> String {
    match (&remote.inspection, declared.validity_period_days) {
        _ if fits(facts, remote, declared) => FITS.to_owned(),
        (Inspection::Unsound(why), _) => format!("fails verification: {why}"),
        _ if facts.may_have_expired(remote) => "has expired".to_owned(),
        (Inspection::Sound(_), Some(days)) => format!("is not valid for {days} days"),
        (Inspection::Sound(_), None) => "does not fit".to_owned(),
    }
}

/// What to write into the spec to take it over as it is.
fn line_to_paste(candidate: &Candidate, declared: &Certificate) -> String {
    let import = format!("`import: {}`", candidate.certificate_id);
    let days = candidate.validity_period_days;
    match days.filter(|_| candidate.why != FITS && declared.validity_period_days.is_some()) {
        Some(days) => format!("{import} and `validity_period_days: {days}`"),
        None => import,
    }
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
