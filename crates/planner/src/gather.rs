//! Gathers the facts: the only place that changes what is remembered.
//!
//! In this order: names that moved, what was seen, what a person marked as compromised, the open
//! create; then for each address what it takes over, what its spec says of removal, whether its
//! successor has taken over, and what a person commands; last, what is younger than the state. Every fact is noted, for the first step of
//! the address to carry; what follows from the facts is decided later, see [`crate::decide`].

mod adopted;
mod allowed;
mod bound;
mod commanded;
mod custom;
mod fitting;
mod moved;
mod promoted;
mod seen;
mod settled;
mod suspected;

use std::collections::BTreeMap;

use certctl_model::{Name, Observed, Timestamp};
use certctl_plan::{AccountInput, Options};

pub(crate) use suspected::{remember, suspects_of};

use crate::attributes;
use crate::facts::Facts;
use crate::noted::Noted;

/// The facts of an account, and of each of its addresses.
pub(crate) fn gather<'a>(
    input: &AccountInput<'a>,
    observed: &'a Observed,
    options: &'a Options,
    now: Timestamp,
) -> (Facts<'a>, BTreeMap<Name, Noted>) {
    let mut facts = Facts::new(input, observed, options, now);
    let mut addresses = moved::align(&mut facts);
    seen::note_all(&mut facts, &mut addresses);
    commanded::note_compromised(&mut facts, &mut addresses);
    allowed::note_disputes(&mut facts, &mut addresses);
    allowed::note_switches(&mut facts, &mut addresses);
    facts.open = settled::settle(&mut facts, &mut addresses);
    for name in order(&facts, &addresses) {
        if let Some(noted) = addresses.get_mut(&name) {
            note_address(&mut facts, noted);
        }
    }
    suspected::note_all(&mut facts, &mut addresses);
    settled::report_late(&mut facts);
    (facts, addresses)
}

/// The address that is declared in use first, for what Gateway uses is its first claim; then by name.
fn order(facts: &Facts<'_>, addresses: &BTreeMap<Name, Noted>) -> Vec<Name> {
    let first = facts.declared_in_use().map(|certificate| &certificate.name);
    let mut names: Vec<Name> = addresses.keys().cloned().collect();
    names.sort_by_key(|name| (Some(name) != first, name.clone()));
    names
}

fn note_address(facts: &mut Facts<'_>, noted: &mut Noted) {
    noted.before = attributes::before(facts, &noted.name);
    let open = facts.open.as_ref();
    if open.is_some_and(|open| open.certificate == noted.name) {
        return;
    }
    let Some(declared) = facts.account.certificate(&noted.name) else {
        return;
    };
    if adopted::takes(facts, noted, declared) {
        promoted::note(facts, noted, declared);
        commanded::note_commands(facts, noted, declared);
    }
}
