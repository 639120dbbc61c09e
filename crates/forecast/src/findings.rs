//! What will go wrong, when, and which field to change.

use certctl_model::{
    Address, Blocks, CertificateId, Code, Diagnostic, Period, RemoteCertificate, Role, Timestamp,
};
use certctl_plan::{AccountOutcome, Change, ChangeKind, WaitFor};
use certctl_spec::{Certificate, SwitchMode};

use crate::finding::Finding;
use crate::simulated::SimulatedAccount;

/// How many certificates can be available at once.
const AVAILABLE: usize = 10;

impl SimulatedAccount<'_> {
    /// What can be said before anything happens.
    pub(crate) fn judge_what_is_declared(&mut self) {
        let declared = self.declared_active();
        if declared <= AVAILABLE {
            return;
        }
        let message = format!(
            "{declared} certificates are declared active, and {AVAILABLE} of an account can be available at once"
        );
        let diagnostic = Diagnostic::error(Code::AvailableCap, message)
            .hint(free_a_slot())
            .at(Some(self.account.place.clone()))
            .account(&self.account.name);
        self.findings.add(self.now, diagnostic);
    }

    fn declared_active(&self) -> usize {
        let certificates = self.account.certificates.iter();
        certificates
            .filter(|declared| declared.activate != Some(false))
            .count()
    }

    /// A certificate expires: is it one that matters?
    pub(crate) fn judge_expiry(&mut self, id: &CertificateId, at: Timestamp) {
        let in_use = self.world.in_use().is_some_and(|used| used.id == *id);
        let address = self.holder(id);
        let Some(address) = address else {
            if in_use {
                let message = format!("{id} expires while Gateway uses it, and nothing claims it");
                let diagnostic = Diagnostic::error(Code::InUseExpires, message)
                    .hint("declare a certificate `in_use: true`, with `rotation.renew_before`")
                    .account(&self.account.name);
                self.findings.add(at, diagnostic);
            }
            return;
        };
        let state = self.state.as_ref();
        let role = state
            .and_then(|state| state.binding(id))
            .map(|(_, b)| b.role);
        let declared = self.account.certificate(&address.certificate).cloned();
        let (code, message) = match (in_use, role, &declared) {
            (true, _, _) => (
                Code::InUseExpires,
                "it expires while Gateway uses it, and nothing has taken over",
            ),
            (false, Some(Role::Current), Some(_)) => (
                Code::ExpiresUnrenewed,
                "it expires, and nothing has renewed it",
            ),
            // What was replaced, or is no longer declared, may expire.
            _ => return,
        };
        let place = declared.as_ref().map(|declared| declared.place.clone());
        let diagnostic = Diagnostic::error(code, message)
            .hint(self.what_would_help(&address, declared.as_ref()))
            .at(place)
            .address(&address);
        self.findings.add(at, diagnostic);
    }

    /// The field that keeps a certificate from being renewed in time.
    fn what_would_help(&self, address: &Address, declared: Option<&Certificate>) -> String {
        let outcome = self.last.as_ref();
        let mut diagnostics = outcome.iter().flat_map(|outcome| &outcome.diagnostics);
        if let Some(error) = diagnostics.find(|d| d.blocking() == Blocks::Account) {
            return format!("an error blocks the account: {}", error.message);
        }
        let Some(declared) = declared else {
            return "declare another certificate of the account `in_use: true`".to_owned();
        };
        if declared.custom.is_some() {
            return "have its owner make a successor in time; docs/custom.md shows how it is rotated"
                .to_owned();
        }
        let rotation = &declared.rotation;
        // Either of the two, its renewal and its switch, may just have missed a run.
        let every = self.findings.every;
        let needed = sum(rotation.trust_period, sum(every, every));
        let Some(renew_before) = rotation.renew_before else {
            return format!("declare `rotation.renew_before`, longer than {needed}");
        };
        let waits = outcome
            .iter()
            .flat_map(|outcome| &outcome.changes)
            .filter(|change| change.address == *address)
            .flat_map(|change| change.steps.iter().filter_map(|step| step.waits_for));
        let waits: Vec<WaitFor> = waits.collect();
        if waits.contains(&WaitFor::AvailableCap) {
            return free_a_slot();
        }
        if waits.contains(&WaitFor::CreationQuota) {
            return stagger();
        }
        if waits.contains(&WaitFor::PolicyLimit) {
            return "raise the limit of `policy` that holds it".to_owned();
        }
        if waits.contains(&WaitFor::Paused) && declared.rotation.switch == SwitchMode::Hold {
            return format!(
                "pass `--resume {address}` in time, or declare `rotation.switch: auto`"
            );
        }
        if !rotation.windows.is_empty() {
            return "let a run begin within a window of `rotation.windows`, or raise `rotation.renew_before`".to_owned();
        }
        format!(
            "`rotation.renew_before` is {renew_before}, and `trust_period` is {} with a run every {every}: \
             raise `rotation.renew_before` above {needed}",
            rotation.trust_period
        )
    }

    /// Gateway is about to switch: do devices trust the certificate by now? Where Gateway used
    /// nothing before, nobody loses anything.
    pub(crate) fn judge_switch(&mut self, address: &Address, id: &CertificateId, now: Timestamp) {
        let declared = self.account.certificate(&address.certificate);
        let (Some(declared), Some(used), Some(since)) =
            (declared, self.world.in_use(), self.world.since(id))
        else {
            return;
        };
        let rotation = &declared.rotation;
        let trusted = rotation.trust_period.after(since);
        let root = |remote: &RemoteCertificate| remote.facts().and_then(|facts| facts.root);
        let known = self.world.certificate(id).and_then(root);
        if trusted <= now || (known.is_some() && known == root(used)) {
            return;
        }
        let every = self.findings.every;
        let needed = sum(rotation.trust_period, sum(every, every));
        let message = if used.is_expired(now) {
            format!(
                "Gateway switches to it at once, for what was in use has expired; its trust period lasts until {trusted}"
            )
        } else {
            format!("Gateway switches to it before its trust period is over, at {trusted}")
        };
        let hint = format!(
            "raise `rotation.renew_before` above {needed}, so that devices trust it before the old one expires"
        );
        let diagnostic = Diagnostic::error(Code::SwitchTooEarly, message)
            .hint(hint)
            .at(Some(declared.place.clone()))
            .address(address);
        self.findings.add(now, diagnostic);
    }

    /// A run has ended: what does it leave waiting that should not?
    pub(crate) fn judge_what_waits(&mut self, outcome: &AccountOutcome) {
        self.findings.errors(&outcome.diagnostics, self.now);
        let mut queue: Vec<(&Change, Option<Timestamp>)> = Vec::new();
        let crowded = self.declared_active() > AVAILABLE;
        for change in &outcome.changes {
            for step in &change.steps {
                match step.waits_for {
                    Some(WaitFor::CreationQuota) => queue.push((change, step.not_before)),
                    Some(WaitFor::AvailableCap) if !crowded => {
                        let action = step.action().as_str();
                        let message = format!(
                            "{action} waits: {AVAILABLE} certificates of the account are available"
                        );
                        let declared = self.account.certificate(&change.address.certificate);
                        let diagnostic = Diagnostic::error(Code::AvailableCap, message)
                            .hint(free_a_slot())
                            .at(declared.map(|declared| declared.place.clone()))
                            .address(&change.address);
                        self.findings.add(self.now, diagnostic);
                    }
                    _ => {}
                }
            }
        }
        self.judge_queue(&queue);
    }

    /// Creations that wait for their quota: said once, when the queue forms.
    fn judge_queue(&mut self, queue: &[(&Change, Option<Timestamp>)]) {
        let formed = !queue.is_empty() && !self.findings.queueing;
        self.findings.queueing = !queue.is_empty();
        if !formed {
            return;
        }
        let last = queue.iter().filter_map(|(_, until)| *until).max();
        let until = last.map_or_else(String::new, |last| format!(", until {last}"));
        let names: Vec<String> = queue
            .iter()
            .map(|(change, _)| change.address.to_string())
            .collect();
        let wait = if names.len() == 1 {
            "creation waits"
        } else {
            "creations wait"
        };
        let message = format!(
            "{} {wait} for the limit of three in 24 hours{until}: {}",
            names.len(),
            names.join(", ")
        );
        let new = queue
            .iter()
            .all(|(change, _)| change.kind == ChangeKind::Create);
        let hint = if new {
            "add at most three to `certificates` a day; those that wait are created by later runs"
                .to_owned()
        } else {
            stagger()
        };
        let diagnostic = Diagnostic::warning(Code::CreationQuota, message)
            .hint(hint)
            .at(Some(self.account.place.clone()))
            .account(&self.account.name);
        // Each queue is another one.
        self.findings.found.push(Finding {
            at: self.now,
            diagnostic,
        });
    }
}

fn free_a_slot() -> String {
    "declare `activate: false` for some, or fewer certificates: a rotation needs a free slot beside \
     at most nine"
        .to_owned()
}

fn stagger() -> String {
    "give them different `rotation.renew_before`, days apart, so that at most three are created in \
     24 hours"
        .to_owned()
}

fn sum(a: Period, b: Period) -> Period {
    let (a, b) = (a.as_seconds(), b.as_seconds());
    let seconds = u32::try_from(a.saturating_add(b)).unwrap_or(u32::MAX);
    Period::seconds(seconds)
}
