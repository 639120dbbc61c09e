//! What the state remembers of an address.

use certctl_model::{
    Aim, Binding, Cause, CertificateId, Entry, Hold, Intent, Mutation, Name, Origin, Role,
    Timestamp,
};
use certctl_plan::{Change, StateVersion, escape, time};

use super::api::id_of;
use super::paper::Paper;
use super::scene::Scene;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, change: &Change) {
    let place = scene.plan.state.as_deref().map(escape);
    let place = place.as_deref().unwrap_or("the state");
    let Some(state) = scene.state() else {
        paper.item(&format!(
            "state  {place} remembers nothing of this account yet"
        ));
        return;
    };
    let StateVersion { serial, .. } = &scene.input.version;
    let Some(entry) = scene.entry(&change.address) else {
        paper.item(&format!(
            "state  {place}, serial {serial}: it remembers nothing of this address"
        ));
        return;
    };
    paper.item(&format!("state  {place}, serial {serial}"));
    for binding in &entry.bindings {
        paper.item(&format!("state  {}", bound(binding)));
    }
    for line in of_entry(entry, change) {
        paper.item(&format!("state  {line}"));
    }
    let about = |intent: &&Intent| is_about(intent, &change.address.certificate, entry);
    for intent in state.intents.iter().filter(about) {
        paper.item(&format!("state  {}", asked(intent)));
    }
    let ours = |id: &CertificateId| entry.bindings.iter().any(|binding| binding.id == *id);
    if let Some(record) = state.in_use.as_ref().filter(|record| ours(&record.id)) {
        let how = match record.set {
            true => "certctl set it in use",
            false => "it was in use when it was taken over",
        };
        let at = time(record.at);
        paper.item(&format!("state  {}: {how}, seen {at}", id_of(&record.id)));
    }
}

fn bound(binding: &Binding) -> String {
    let how = match (binding.origin, binding.days) {
        (Origin::Created, Some(days)) => format!("created by certctl for {days} days"),
        (Origin::Created, None) => "created by certctl".to_owned(),
        (Origin::Uploaded, _) => "uploaded by certctl".to_owned(),
        (Origin::Adopted, _) => "taken over".to_owned(),
    };
    let mut parts = vec![format!("{how}, bound {}", time(binding.bound_at))];
    let mut add = |what: &str, at: Option<Timestamp>| {
        parts.extend(at.map(|at| format!("{what} {}", time(at))));
    };
    add(
        match binding.inferred {
            true => "available when it was first looked at,",
            false => "available since",
        },
        binding.available_since,
    );
    add("pending since", binding.pending_since);
    add("no longer in use since", binding.in_use_until);
    add("replaced or given up since", binding.retiring_since);
    if binding.compromised {
        parts.push("somebody said that it is compromised".to_owned());
    }
    match binding.hold {
        Some(Hold::Held) => parts.push("a person holds the switch to it".to_owned()),
        Some(Hold::Released) => parts.push("a person let the switch to it go on".to_owned()),
        None => {}
    }
    let (role, id) = (binding.role.as_str(), id_of(&binding.id));
    format!("{role} {id}  {}", parts.join(", "))
}

fn of_entry(entry: &Entry, change: &Change) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(entry.cause.map(|cause| {
        let why = match cause {
            Cause::Replace => "another validity or CA was declared",
            Cause::Requested => "somebody asked for it",
            Cause::Renew => "its expiry came near",
            Cause::Compromised => "its key is not to be trusted",
        };
        format!("a rotation was started, because {why}")
    }));
    lines.extend(entry.aim.map(|aim| {
        let replaces = entry.bindings.iter().any(|one| one.role != Role::Current);
        let which = if replaces {
            "the predecessor"
        } else {
            "its certificate"
        };
        match aim {
            Aim::Activate => "an approved run set out to make it available".to_owned(),
            Aim::SetInUse => "an approved run set out to set it in use".to_owned(),
            Aim::Deactivate => format!("an approved run set out to deactivate {which} in the end"),
            Aim::Delete => format!("an approved run set out to delete {which} in the end"),
        }
    }));
    match &change.settings {
        Some(changed) if changed.before.is_some() => {
            let differences = changed.differences();
            lines.extend(differences.iter().map(|one| {
                let one = one.to_string();
                format!("accepted before, declared now: {}", escape(&one))
            }));
        }
        Some(_) => lines.push("no approved run took up what is declared yet".to_owned()),
        None if entry.settings.is_some() && !entry.removed => {
            lines.push("what is declared was accepted by an approved run".to_owned());
        }
        None => {}
    }
    if entry.removed {
        lines.push("an approved run accepted that it is no longer declared".to_owned());
    }
    lines
}

fn is_about(intent: &Intent, name: &Name, entry: &Entry) -> bool {
    match intent.mutation.makes() {
        Some((certificate, _)) => certificate == name,
        None => intent
            .mutation
            .certificate_id()
            .is_some_and(|id| entry.bindings.iter().any(|binding| binding.id == *id)),
    }
}

/// A request of which it is not known what came of it.
fn asked(intent: &Intent) -> String {
    let (what, id) = match &intent.mutation {
        Mutation::Create { days, .. } => (format!("create for {days} days"), None),
        Mutation::Upload { content, .. } => (format!("upload of SHA-256 {content}"), None),
        Mutation::Activate { id } => ("activate".to_owned(), Some(id)),
        Mutation::SetInUse { id } => ("set_in_use".to_owned(), Some(id)),
        Mutation::Deactivate { id } => ("deactivate".to_owned(), Some(id)),
        Mutation::Delete { id } => ("delete".to_owned(), Some(id)),
    };
    let id = id.map(|id| format!(" {}", id_of(id))).unwrap_or_default();
    let answer = intent.answer.as_deref();
    let answer = answer.map(|said| format!(" ({})", escape(said)));
    format!(
        "{what}{id} was asked for at {}, and its outcome is not known yet{}",
        time(intent.at),
        answer.unwrap_or_default()
    )
}
