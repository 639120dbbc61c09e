//! Times that lie in the future: a wrong clock noted them, and nobody waits for years because of it.

use jiff::Timestamp;

use crate::{AccountState, Binding, Intent, Moment, TOLERATED_SKEW};

impl AccountState {
    /// Whether a time in it lies further in the future than clocks may be apart; `at` is now as
    /// periods count, `seen` is now by every clock at hand.
    #[must_use]
    pub fn is_ahead(&self, at: Timestamp, seen: &Moment) -> bool {
        let ahead = |time: Timestamp| time > TOLERATED_SKEW.after(at);
        let of_binding = |binding: &Binding| {
            let times = [
                Some(binding.bound_at),
                binding.available_since,
                binding.in_use_until,
                binding.retiring_since,
                binding.pending_since,
            ];
            times.into_iter().flatten().any(ahead)
                || binding.sent().is_some_and(|sent| sent.is_ahead_of(seen))
        };
        let of_intent = |intent: &Intent| ahead(intent.at) || intent.sent().is_ahead_of(seen);
        self.bindings().any(|(_, binding)| of_binding(binding))
            || self.intents.iter().chain(&self.abandoned).any(of_intent)
            || self.creations.iter().any(|creation| ahead(creation.at))
            || self.in_use.as_ref().is_some_and(|record| ahead(record.at))
            || self
                .accepted
                .as_ref()
                .is_some_and(|accepted| ahead(accepted.at))
    }

    /// Every such time becomes now.
    pub(crate) fn count_as_now(&mut self, at: Timestamp, seen: &Moment) {
        let cap = |time: &mut Timestamp| {
            if *time > TOLERATED_SKEW.after(at) {
                *time = at;
            }
        };
        for entry in self.certificates.values_mut() {
            for binding in &mut entry.bindings {
                cap_binding(binding, &cap, seen);
            }
        }
        for intent in self.intents.iter_mut().chain(&mut self.abandoned) {
            cap_intent(intent, &cap, seen);
        }
        self.creations
            .iter_mut()
            .for_each(|creation| cap(&mut creation.at));
        self.in_use
            .iter_mut()
            .for_each(|record| cap(&mut record.at));
        self.accepted
            .iter_mut()
            .for_each(|accepted| cap(&mut accepted.at));
    }
}

fn cap_binding(binding: &mut Binding, cap: &impl Fn(&mut Timestamp), seen: &Moment) {
    if let Some(sent) = binding.sent() {
        let sent = sent.not_after(seen);
        binding.sent_at = Some(sent.machine);
        binding.sent_on = sent.on;
        binding.sent_date = sent.api;
    }
    cap(&mut binding.bound_at);
    for time in [
        &mut binding.available_since,
        &mut binding.in_use_until,
        &mut binding.retiring_since,
        &mut binding.pending_since,
    ] {
        time.iter_mut().for_each(cap);
    }
}

fn cap_intent(intent: &mut Intent, cap: &impl Fn(&mut Timestamp), seen: &Moment) {
    let sent = intent.sent().not_after(seen);
    intent.sent_at = sent.machine;
    intent.sent_on = sent.on;
    intent.sent_date = sent.api;
    cap(&mut intent.at);
}
