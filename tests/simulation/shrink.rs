//! Makes a history that breaks a law shorter, as long as it breaks the same one.

use crate::history::{Event, History, Run};
use crate::oracle::Broken;

/// How many shorter histories are tried.
const TRIES: usize = 150;

/// The shortest history found, and how it breaks the law.
pub(crate) fn shrink(history: History, broken: Broken) -> (History, Broken) {
    let mut best = (history, broken);
    let mut tries = 0;
    let mut attempt = |best: &mut (History, Broken), shorter: History| {
        tries += 1;
        let broke = (tries <= TRIES)
            .then(|| crate::holds(&shorter).err())
            .flatten();
        match broke.filter(|broken| broken.law == best.1.law) {
            Some(broken) => {
                *best = (shorter, broken);
                true
            }
            None => false,
        }
    };
    let mut size = best.0.events.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < best.0.events.len() {
            let mut shorter = best.0.clone();
            let end = (at + size).min(shorter.events.len());
            shorter.events.drain(at..end);
            if !attempt(&mut best, shorter) {
                at += size;
            }
        }
        size /= 2;
    }
    for at in 0..best.0.events.len() {
        for simpler in simpler(&best.0.events[at]) {
            let mut shorter = best.0.clone();
            shorter.events[at] = simpler;
            attempt(&mut best, shorter);
        }
    }
    // An account less is a world less.
    while best.0.tiers.len() > 1 {
        let mut shorter = best.0.clone();
        shorter.tiers.pop();
        if !attempt(&mut best, shorter) {
            break;
        }
    }
    for straight in [[0, 0], [best.0.ahead[0], 0], [0, best.0.ahead[1]]] {
        let mut shorter = best.0.clone();
        shorter.ahead = straight;
        attempt(&mut best, shorter);
    }
    best
}

/// The same event with less in it.
fn simpler(event: &Event) -> Vec<Event> {
    match event {
        Event::Run(run) => calmer(run).into_iter().map(Event::Run).collect(),
        Event::Two(first, later, second) => {
            let mut events = vec![Event::Run(first.clone()), Event::Run(second.clone())];
            events.extend(
                calmer(first)
                    .into_iter()
                    .map(|first| Event::Two(first, *later, second.clone())),
            );
            events.extend(
                calmer(second)
                    .into_iter()
                    .map(|second| Event::Two(first.clone(), *later, second)),
            );
            events
        }
        Event::Days(days, how) => vec![Event::Days(1, *how), Event::Days(days / 2, *how)],
        _ => Vec::new(),
    }
}

/// The same run with less going wrong.
fn calmer(run: &Run) -> Vec<Run> {
    let mut calmer = vec![
        Run {
            faults: Vec::new(),
            ..run.clone()
        },
        Run {
            losses: Vec::new(),
            ..run.clone()
        },
        Run {
            hands: Vec::new(),
            ..run.clone()
        },
        Run {
            dies: None,
            ..run.clone()
        },
    ];
    calmer.extend((0..run.faults.len()).map(|at| {
        let mut run = run.clone();
        run.faults.remove(at);
        run
    }));
    calmer
}
