//! `mass_destroy`: most of what there is goes at once, which is more often a mistake (a file that was
//! not given, a list that came out empty) than a wish.
//!
//! It is judged twice: within each account, so that a large fleet hides no account that is emptied;
//! and over all accounts of a plan, so that many small ones do not each stay below ten. An executor
//! that plans one account at a time finds the first; the second it takes from the plan it starts from.

use certctl_model::{Blocks, Code, Diagnostic, Guard};
use certctl_plan::{AccountOutcome, Allow, Options, Tally};

use crate::facts::Facts;
use crate::proposal::Proposal;

/// Fewer certificates than this may all go.
const MANY: usize = 10;
/// More than this share of them is a mass, in percent.
const SHARE: usize = 30;

/// Judges one account.
pub(super) fn check(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> Vec<Diagnostic> {
    let (destroyed, held) = count(facts, proposals);
    if !is_mass(destroyed, held) {
        return Vec::new();
    }
    let diagnostic = diagnostic(destroyed, held, "this account");
    vec![diagnostic.account(&facts.account.name)]
}

/// How many addresses are removed without leave, and how many hold a certificate.
pub(crate) fn count(facts: &Facts<'_>, proposals: &[Proposal<'_>]) -> (usize, usize) {
    let entries = facts.state.certificates.values();
    let held = entries.filter(|entry| !entry.bindings.is_empty()).count();
    let leave = |proposal: &&Proposal<'_>| {
        let address = &proposal.place.address;
        facts.options.allows(Guard::MassDestroy, address)
    };
    let removed = proposals.iter().filter(|proposal| proposal.is_removed());
    (removed.filter(|proposal| !leave(proposal)).count(), held)
}

/// Judges all accounts together; in each that takes part nothing new is done.
pub(crate) fn check_fleet(outcomes: &mut [AccountOutcome], options: &Options) {
    let tallies = outcomes.iter().map(|outcome| &outcome.account.tally);
    let Some(found) = of_fleet(tallies, options) else {
        return;
    };
    let takes_part = |outcome: &&mut AccountOutcome| outcome.account.tally.destroyed > 0;
    for outcome in outcomes.iter_mut().filter(takes_part) {
        let diagnostic = found.clone().account(&outcome.account.name);
        outcome.refuse(diagnostic, options);
    }
}

/// What all accounts together do too much of, by what was counted in each.
pub(crate) fn of_fleet<'a>(
    tallies: impl Iterator<Item = &'a Tally>,
    options: &Options,
) -> Option<Diagnostic> {
    let (destroyed, held) = tallies.fold((0, 0), |(destroyed, held), tally| {
        (destroyed + tally.destroyed, held + tally.held)
    });
    let everywhere = Allow::everywhere(Guard::MassDestroy);
    if options.allow.contains(&everywhere) || !is_mass(destroyed, held) {
        return None;
    }
    let diagnostic = diagnostic(destroyed, held, "the planned accounts");
    Some(diagnostic.blocks(Blocks::NewChanges))
}

fn is_mass(destroyed: usize, held: usize) -> bool {
    held >= MANY && destroyed * 100 > held * SHARE
}

fn diagnostic(destroyed: usize, held: usize, of: &str) -> Diagnostic {
    let message = format!(
        "{destroyed} of the {held} certificates of {of} would be removed, more than {SHARE} percent"
    );
    Diagnostic::error(Code::MassDestroy, message).hint(
        "check that all files were given; if it is meant, pass `--allow mass_destroy`, or \
         `--allow mass_destroy:ADDRESS` for each",
    )
}
