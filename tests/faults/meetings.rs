//! Two things at once that each scenario has borne one by one: clocks, late reads and slow deployments
//! with each other, and with a pause, a hand, or a write without effect. There are far too many of them
//! for a run of the tests; which ones it takes depends on the scenario's size alone.

use crate::fault::{Fault, Trouble};
use crate::surroundings::Surroundings;
use crate::sweep::{Case, Size, is_near_a_write};

/// How many of each kind each scenario is played with.
const SAMPLE: usize = 45;
/// Each so many-th is taken, around and around: a prime, so that all sorts are met.
const STRIDE: usize = 7_919;

/// Some of the cases of a scenario of this size.
pub(crate) fn of(size: &Size) -> Vec<Case> {
    let strokes = strokes(size);
    let mut cases = some(&surrounded(&strokes));
    cases.extend(some(&struck_twice(&strokes)));
    cases
}

fn some(all: &[Case]) -> Vec<Case> {
    let taken = (0..SAMPLE.min(all.len())).map(|n| n * STRIDE % all.len());
    taken.map(|n| all[n].clone()).collect()
}

/// Each of the surroundings with each other one, and with whatever strikes.
fn surrounded(strokes: &[Trouble]) -> Vec<Case> {
    let around = Surroundings::ALL;
    let all = around.iter().enumerate().flat_map(|(n, one)| {
        let others = around.iter().skip(n + 1);
        let others = others.filter(|other| !one.is_alike(**other));
        let others = others.map(|other| Case {
            around: vec![*one, *other],
            troubles: Vec::new(),
        });
        let struck = strokes.iter().map(|stroke| Case {
            around: vec![*one],
            troubles: vec![*stroke],
        });
        others.chain(struck)
    });
    all.collect()
}

fn struck_twice(strokes: &[Trouble]) -> Vec<Case> {
    let all = strokes.iter().flat_map(|one| {
        let meets = |later: &&Trouble| place(**later) > place(*one) && !are_alike(**later, *one);
        let later = strokes.iter().filter(meets);
        later.map(|later| Case::of(&[*one, *later]))
    });
    all.collect()
}

/// What strikes a request where it matters.
fn strokes(size: &Size) -> Vec<Trouble> {
    let requests = size.requests.iter().enumerate();
    let near = requests.filter(|(n, _)| is_near_a_write(size, *n));
    let struck = near.flat_map(|(n, reads)| {
        let meets = |fault: &Fault| {
            let pauses = matches!(fault, Fault::Pause(_) | Fault::Hand(_));
            pauses || *fault == Fault::NoEffect && !reads
        };
        let faults = Fault::ALL.into_iter().filter(meets);
        faults
            .map(move |fault| Trouble::Request(n, fault))
            .collect::<Vec<_>>()
    });
    struck.collect()
}

/// Which request it strikes.
fn place(trouble: Trouble) -> usize {
    match trouble {
        Trouble::Request(n, _) | Trouble::Write(n, _) => n,
    }
}

/// Whether both are of one kind: two hands undo each other's work.
fn are_alike(one: Trouble, other: Trouble) -> bool {
    match (one, other) {
        (Trouble::Request(_, one), Trouble::Request(_, other)) => {
            std::mem::discriminant(&one) == std::mem::discriminant(&other)
        }
        _ => true,
    }
}
