//! What would change what happens to an address: what a person can declare or order, and what time does.

use certctl_model::{
    Custom, DeletionPolicy, InUse, LastResort, Lifecycle, RemoteCertificate, Role, SwitchMode,
};
use certctl_plan::{Action, Change, Step, WaitFor, time_from};
use certctl_spec::Certificate;

use super::api::id_of;
use super::next::renewal;
use super::paper::Paper;
use super::scene::Scene;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, change: &Change) {
    paper.section("What would change it");
    let mut lines = of_rule(scene, change);
    let mut waits: Vec<WaitFor> = change.steps.iter().filter_map(|s| s.waits_for).collect();
    waits.dedup();
    lines.extend(waits.into_iter().filter_map(of_wait).map(str::to_owned));
    lines.extend(last_resort(scene, change));
    for line in lines {
        paper.item(&line);
    }
}

/// What takes an address away from the rule that decided. Every rule has lines.
fn of_rule(scene: &Scene<'_>, change: &Change) -> Vec<String> {
    let address = &change.address;
    let holds = |role| change.certificates.iter().find(|c| c.role == role);
    let successor = holds(Role::Successor).map(|held| id_of(&held.id));
    let successor = successor.as_deref().unwrap_or("the successor");
    let lines: &[String] = &match change.rule.as_str() {
        "open_create" => vec![
            "the certificate that the create made is seen: the next `certctl apply` binds it".to_owned(),
            format!("`certctl state settle {address} ID`: you know which certificate the create made"),
        ],
        "removed" => vec![
            "declare it in the spec again: it is kept".to_owned(),
            "`lifecycle.deletion_policy`, applied before it is removed from the spec, says whether it is \
             deleted, deactivated or kept"
                .to_owned(),
        ],
        "undecided" => vec![
            "`import: ID` in the spec: it is that certificate".to_owned(),
            "`import: none` in the spec: it is none of those that exist, and a new one is created".to_owned(),
            "`adopt: matching` or `adopt: never` for the account decides it for all of its addresses".to_owned(),
        ],
        "missing" => vec![
            "`import: ID` in the spec: it is that certificate, and none is created".to_owned(),
            "remove it from the spec: nothing is created".to_owned(),
        ],
        "held" => vec![
            format!("`--resume {address}`: the rotation to {successor} goes on"),
            "time does not: a person's hold is kept, even when what Gateway uses expires".to_owned(),
        ],
        "rotation_open" => {
            let mut lines = vec![format!(
                "`--rollback {address}`: Gateway goes back to, or stays with, the predecessor, and the rotation is held"
            )];
            let declared = scene.declared(address);
            let auto = |d: &&Certificate| d.rotation.switch == SwitchMode::Auto;
            lines.extend(declared.filter(auto).map(|_| {
                "`rotation.switch: hold` in the spec: the switch waits for `--resume`".to_owned()
            }));
            lines
        }
        "compromised" => vec![
            "nothing takes back that it is compromised: certctl never sets it in use again".to_owned(),
        ],
        "replace_requested" => vec![
            "the request stands until the successor takes over".to_owned(),
        ],
        "custom_changed" => vec![
            "the CA that it has at `custom.certificate`: nothing is replaced".to_owned(),
            "`lifecycle.prevent_destroy: true` in the spec refuses the replacement".to_owned(),
        ],
        "custom_dropped" => vec![
            "declare its `custom` again: nothing is replaced".to_owned(),
        ],
        "validity_changed" => vec![
            "declare the `validity_period_days` that it has, or leave them out: nothing is replaced".to_owned(),
            "`lifecycle.prevent_destroy: true` in the spec refuses the replacement".to_owned(),
        ],
        "renewal_due" => vec![
            "a shorter `rotation.renew_before` in the spec: it is renewed later".to_owned(),
        ],
        _ => as_declared(scene, change),
    };
    lines.to_vec()
}

/// What starts something where nothing is going on.
fn as_declared(scene: &Scene<'_>, change: &Change) -> Vec<String> {
    let (address, now) = (&change.address, scene.plan.planned_at);
    let mut lines = Vec::new();
    let declared = scene.declared(address);
    let current = change.certificates.iter().find(|c| c.role == Role::Current);
    let custom = declared.and_then(|declared| declared.custom.as_ref());
    if let Some(at) = renewal(scene, change) {
        let at = time_from(now, at);
        lines.push(format!("time: from {at} on it is renewed (renewal_due)"));
    } else if custom.is_none() && declared.is_some_and(|d| d.rotation.renew_before.is_none()) {
        let expires = current.and_then(|current| current.expires_on);
        let expires = expires.map(|at| format!(", which expires {}", time_from(now, at)));
        lines.push(format!(
            "`rotation.renew_before` in the spec: it is renewed; without it nothing replaces it{}",
            expires.unwrap_or_default()
        ));
    }
    match custom {
        Some(Custom::Id(_)) => lines.push(
            "another `custom: { id: … }` in the spec: that one is its successor (custom)"
                .to_owned(),
        ),
        Some(Custom::Own(_)) => lines.push(
            "another CA at `custom.certificate`: it is uploaded as the successor (custom_changed)"
                .to_owned(),
        ),
        None => {
            lines.push(
                "another `validity_period_days` in the spec: it is replaced (validity_changed)"
                    .to_owned(),
            );
            lines.push(format!(
                "`--replace {address}`: it is replaced (replace_requested)"
            ));
        }
    }
    lines.push(format!(
        "`--compromised {address}`: it is replaced, and removed without a retire period (compromised)"
    ));
    match declared.and_then(|declared| declared.in_use) {
        Some(true) => {}
        _ => lines.push("`in_use: true` in the spec: Gateway is switched to it".to_owned()),
    }
    lines.extend(declared.map(removal));
    lines
}

/// What becomes of it once the spec does not declare it any more.
fn removal(declared: &Certificate) -> String {
    let Lifecycle {
        prevent_destroy,
        deletion_policy,
    } = declared.lifecycle;
    let then = match deletion_policy {
        _ if prevent_destroy => "certctl refuses that, by `lifecycle.prevent_destroy`",
        _ if matches!(declared.custom, Some(Custom::Id(_))) => {
            "certctl forgets it, and it stays in the account"
        }
        DeletionPolicy::Delete => "it is deactivated and deleted",
        DeletionPolicy::Deactivate => "it is deactivated, and certctl forgets it",
        DeletionPolicy::Retain => "certctl forgets it, and it stays in the account",
    };
    format!("remove it from the spec: {then} (removed)")
}

/// What a person can do about a wait; none where only time or Cloudflare can.
fn of_wait(why: WaitFor) -> Option<&'static str> {
    Some(match why {
        WaitFor::TrustPeriod => {
            "a shorter `rotation.trust_period` in the spec: it switches earlier, and more devices see errors"
        }
        WaitFor::Evidence => {
            "a smaller `rotation.trust_evidence.seen` in the spec: it switches earlier, and more devices see errors"
        }
        WaitFor::RetireAfter => {
            "a shorter `rotation.retire_after` in the spec: what was replaced is removed earlier"
        }
        WaitFor::AvailableCap => "deactivate or delete one of the ten certificates at the edge",
        WaitFor::Window => "other `rotation.windows` in the spec",
        WaitFor::Hold => "declare another certificate `in_use: true`",
        WaitFor::Unattended => {
            "a run that somebody approves: `certctl apply` without `--only rotation`"
        }
        WaitFor::PolicyLimit => "a higher limit in `policy`, or another run",
        WaitFor::Wave => "a shorter `bake` of the earlier wave in `policy.waves`",
        WaitFor::StaleState => {
            "say whose the younger certificate is: `import: ID`, or `--allow stale_state:ADDRESS`"
        }
        WaitFor::Paused | WaitFor::Deploying | WaitFor::CreationQuota | WaitFor::Settling => {
            return None;
        }
    })
}

/// The expiry of what Gateway uses beats the wait of its successor, but for a person's hold.
fn last_resort(scene: &Scene<'_>, change: &Change) -> Option<String> {
    let switches = |step: &&Step| {
        step.action() == Action::SetInUse
            && matches!(
                step.waits_for,
                Some(WaitFor::TrustPeriod | WaitFor::Evidence | WaitFor::Window | WaitFor::Wave)
            )
    };
    change.steps.iter().find(switches)?;
    let InUse::Certificate(used) = scene.observed()?.in_use() else {
        return None;
    };
    let facts = scene.remote(&used).and_then(RemoteCertificate::facts)?;
    let begins = LastResort::begins(scene.input.policy.last_resort, facts)?;
    let from = time_from(scene.plan.planned_at, begins);
    Some(format!(
        "time: from {from} on, the last resort: it is set in use whatever it waits for, because what Gateway uses \
         expires (`policy.last_resort`)"
    ))
}
