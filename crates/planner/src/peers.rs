//! All accounts, as each sees the others: in which wave it is, and whom it waits for.

use std::cmp::Reverse;

use certctl_model::{Motive, Timestamp, Wave};
use certctl_plan::{AccountWave, WaveGate};

use crate::waves::Peer;

/// All accounts, those first whose waves are asked for.
#[derive(Debug)]
pub struct Peers<'a> {
    peers: Vec<Peer<'a>>,
    now: Timestamp,
    /// What was found already. It is the same for all accounts of a wave, and a fleet has thousands.
    found: Vec<Found<'a>>,
}

/// Whom the accounts of a wave wait for that are to be switched for one reason.
#[derive(Debug)]
struct Found<'a> {
    waves: &'a [Wave],
    own: usize,
    motive: Motive,
    gate: Option<WaveGate>,
}

impl<'a> Peers<'a> {
    /// These accounts, at this moment.
    #[must_use]
    pub fn new(peers: Vec<Peer<'a>>, now: Timestamp) -> Self {
        Self {
            peers,
            now,
            found: Vec::new(),
        }
    }

    /// In which wave the `n`th account is, counted from 0, and whom it waits for; none without waves.
    pub fn wave(&mut self, n: usize) -> Option<AccountWave> {
        let peer = self.peers.get(n)?;
        let (waves, motive) = (peer.waves, peer.standing.to_come());
        if waves.is_empty() {
            return None;
        }
        let own = Wave::of(waves, peer.labels);
        Some(AccountWave {
            number: own.saturating_add(1),
            of: waves.len(),
            waits_for: motive.and_then(|motive| self.gate(waves, own, motive)),
        })
    }

    fn gate(&mut self, waves: &'a [Wave], own: usize, motive: Motive) -> Option<WaveGate> {
        let asked = (own, motive, waves);
        let same = |found: &&Found<'_>| (found.own, found.motive, found.waves) == asked;
        if let Some(found) = self.found.iter().find(same) {
            return found.gate.clone();
        }
        let gate = self.longest(waves, own, motive);
        self.found.push(Found {
            waves,
            own,
            motive,
            gate: gate.clone(),
        });
        gate
    }

    /// Who of the earlier waves keeps it longest, in the earliest wave.
    fn longest(&self, waves: &[Wave], own: usize, motive: Motive) -> Option<WaveGate> {
        let keepers = self.peers.iter().filter_map(|peer| {
            let wave = Wave::of(waves, peer.labels);
            let bake = waves.get(wave).filter(|_| wave < own)?.bake?;
            let (because, since, until) = peer.standing.keeps(motive, bake, self.now)?;
            let order = (until.is_some(), Reverse(until), wave, because, peer.name);
            Some((order, since))
        });
        let ((_, Reverse(until), wave, because, account), since) =
            keepers.min_by_key(|(order, _)| *order)?;
        Some(WaveGate {
            wave: wave.saturating_add(1),
            account: account.clone(),
            because,
            since,
            until,
        })
    }
}
