//! No second certificate is made while one that fits is there which the state should know and does not.

use certctl_model::{Code, Diagnostic, RemoteCertificate, Timestamp};
use certctl_plan::{Action, WaitFor};

use crate::facts::Facts;
use crate::gather::suspects_of;
use crate::proposal::Proposal;
use crate::tables::{HeldBack, LaneWaits};

pub(super) fn hold(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> HeldBack {
    let mut held = HeldBack::default();
    for (n, proposal) in proposals.iter().enumerate() {
        let place = &proposal.place;
        let Some(declared) = place.declared else {
            continue;
        };
        let suspects = suspects_of(facts, declared);
        let Some(first) = suspects.first() else {
            continue;
        };
        let lanes = proposal.lanes().iter().enumerate();
        let creates = lanes.filter(|(_, lane)| lane.first() == Some(Action::Create));
        let waits = creates.map(|(lane, _)| LaneWaits {
            proposal: n,
            lane,
            why: WaitFor::StaleState,
            until: None,
        });
        let before = held.waits.len();
        held.waits.extend(waits);
        if held.waits.len() > before {
            let expires = place.current.and_then(|c| facts.remote(&c.id)?.expires());
            let diagnostic = stale(first, expires, suspects.len()).hint(format!(
                "bring the newest state back (`certctl state restore`); or, if it is what an unknown run \
                 made here, declare `import: {}`; or, if it is not ours, pass `--allow stale_state:{}`",
                first.id, place.address
            ));
            let diagnostic = diagnostic.address(&place.address);
            held.says.push(diagnostic.blocks_nothing());
        }
    }
    held
}

fn stale(suspect: &RemoteCertificate, expires: Option<Timestamp>, count: usize) -> Diagnostic {
    let made = suspect
        .created_at
        .map_or_else(String::new, |at| format!(", made at {at},"));
    let others = match count {
        1 => String::new(),
        _ => format!(" (and {} more)", count - 1),
    };
    let until = expires.map_or_else(String::new, |at| {
        format!("; what the address has expires at {at}: decide before")
    });
    let message = format!(
        "{}{made} fits and is younger than the state{others}: this state is an old one, or somebody else \
         makes certificates; no second one is made{until}",
        suspect.id
    );
    Diagnostic::error(Code::StaleState, message)
}
