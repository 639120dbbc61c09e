//! The work on one account, under its lock: what was read, what is remembered, what was tried.

use std::time::Duration;

use certctl_cloudflare::{Client, Upload};
use certctl_model::{AccountState, Address, Code, Diagnostic, Mutation, Observed};
use certctl_plan::{AccountOutcome, Change, Options, Step};
use certctl_spec::Account;
use tokio::time::Instant;

use crate::approval::named;
use crate::event::{Event, Sink};
use crate::fault::read_failed;
use crate::fleet::Fleet;
use crate::journal::Journal;
use crate::observe::{add_configuration, observe};
use crate::patience::{Impatience, Patience};
use crate::survey::Survey;
use crate::tried::Tried;

/// What was read longer ago than this is read again before a request rests on it.
const FRESH: Duration = Duration::from_secs(10);

/// What changes while an account is worked on, and what it is worked on with.
pub(crate) struct Work<'a> {
    pub(crate) fleet: &'a Fleet<'a>,
    pub(crate) account: &'a Account,
    pub(crate) sink: &'a Sink,
    pub(crate) patience: Patience,
    pub(crate) journal: Journal<'a>,
    pub(crate) observed: Observed,
    /// Leave to send one request that rests on what was observed.
    pub(crate) leave: Option<Leave>,
    pub(crate) options: Options,
    /// What the plan of all accounts refused this one.
    pub(crate) refused: Option<Diagnostic>,
    pub(crate) tried: Tried,
    /// What was sent and has no certain outcome yet.
    pub(crate) awaited: Vec<Awaited>,
    /// Until when a create of this run may still show its effect: no other one is sent before.
    pub(crate) create_may_show: Option<Instant>,
    /// The CA whose upload is due, and for which address.
    pub(crate) upload: Option<(Address, Upload)>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether the last request may be repeated only after a pause.
    pub(crate) hesitate: bool,
}

/// Leave to send: the rate budget has counted the request, so that nothing stands between what was
/// read and what rests on it.
pub(crate) struct Leave {
    pub(crate) client: Client,
    /// When the account was read, after the budget gave leave.
    pub(crate) read_at: Instant,
}

/// A request whose effect is looked for.
pub(crate) struct Awaited {
    pub(crate) address: Address,
    pub(crate) step: Step,
    pub(crate) mutation: Mutation,
}

/// Why the work stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing is due, and nothing is worth waiting for.
    Settled,
    /// The wait for Cloudflare ended first.
    TimedOut,
    /// Somebody asked to stop.
    Stopped,
    /// The state could not be written, or the account not be read: what is left is for the next run.
    BrokenOff,
}

/// What ends the work on an account in the middle of it.
pub(crate) enum Halt {
    /// Nobody waits any longer.
    Impatient(Impatience),
    /// The state could not be written, or the account not be read.
    Fault(Box<Diagnostic>),
}

impl From<Diagnostic> for Halt {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Fault(Box::new(diagnostic))
    }
}

impl From<Impatience> for Halt {
    fn from(impatience: Impatience) -> Self {
        Self::Impatient(impatience)
    }
}

impl From<Impatience> for End {
    fn from(impatience: Impatience) -> Self {
        match impatience {
            Impatience::TimedOut => Self::TimedOut,
            Impatience::Stopped => Self::Stopped,
        }
    }
}

impl Leave {
    /// Whether a request may rest on what was read.
    pub(crate) fn is_fresh(&self) -> bool {
        self.client.is_admitted() && self.read_at.elapsed() <= FRESH
    }
}

/// Reads an account once the rate budget gives leave to, with the configuration where it matters.
/// The leave includes one request that rests on what was read.
pub(crate) async fn read(
    fleet: &Fleet<'_>,
    account: &Account,
    state: Option<&AccountState>,
    configuration: bool,
) -> Result<(Observed, Leave), Diagnostic> {
    // The list may omit whatever is bound, and each that it omits is asked for. What is not used of
    // the leave goes back.
    let bound = state.into_iter().flat_map(AccountState::bindings).count();
    let requests = 2 + bound + usize::from(configuration);
    let requests = u32::try_from(requests).unwrap_or(u32::MAX).min(100);
    let admitted = fleet.client.admitted(&account.account_id, requests).await;
    let client = admitted.map_err(|error| read_failed(&error))?;
    let mut observed = observe(&client, &account.account_id, state, &fleet.clock).await?;
    observed.evidence = fleet.devices.known(&account.account_id).map(Box::new);
    let read_at = Instant::now();
    if configuration {
        add_configuration(&client, &mut observed).await?;
    }
    Ok((observed, Leave { client, read_at }))
}

impl Work<'_> {
    /// What the planner wants now.
    pub(crate) fn plan(&self) -> AccountOutcome {
        let survey = Survey {
            observed: Ok(self.observed.clone()),
            state: Some(self.journal.state().clone()),
            version: self.journal.version(),
        };
        let refused = self.refused.as_ref();
        self.fleet
            .plan_one(&survey, self.account, &self.options, refused)
    }

    /// Observes the account again, with the second witness of what is in use where it is wanted or a
    /// switch is awaited; and sees which effects show.
    pub(crate) async fn look(&mut self, configuration: bool) -> Result<(), Halt> {
        let switch = |awaited: &Awaited| matches!(awaited.mutation, Mutation::SetInUse { .. });
        let configuration = configuration || self.awaited.iter().any(switch);
        let (fleet, account, sink) = (self.fleet, self.account, self.sink);
        let state = self.journal.state();
        let say = |left| tell_pause(sink, account, left);
        let reading = read(fleet, account, Some(state), configuration);
        let read = self
            .patience
            .hear(fleet.client, &account.account_id, say, reading)
            .await?;
        let (observed, leave) = read?;
        self.journal.saw(&observed);
        self.observed = observed;
        self.leave = Some(leave);
        self.see_effects();
        Ok(())
    }

    /// Whether a request may rest on what was read.
    pub(crate) fn has_leave(&self) -> bool {
        self.leave.as_ref().is_some_and(Leave::is_fresh)
    }

    /// Leave to send, if what was read is fresh enough to rest on.
    pub(crate) fn take_leave(&mut self) -> Option<Leave> {
        self.leave.take().filter(Leave::is_fresh)
    }

    /// Whether a create of this run may still show its effect.
    pub(crate) fn a_create_may_show(&self) -> bool {
        self.create_may_show
            .is_some_and(|until| Instant::now() < until)
    }

    fn see_effects(&mut self) {
        let shown = |awaited: &mut Awaited| self.observed.shows(&awaited.mutation);
        let seen: Vec<Awaited> = self.awaited.extract_if(.., shown).collect();
        for Awaited {
            address,
            step,
            mutation,
        } in seen
        {
            self.journal.strike(&address, named(&step));
            self.tried.seen(&address.certificate);
            if matches!(mutation, Mutation::SetInUse { .. }) {
                self.diagnostics.extend(self.inspects_nothing(&address));
            }
            self.tell(Event::Done {
                address,
                action: step.action(),
                certificate_id: step.certificate_id().cloned(),
            });
        }
    }

    fn inspects_nothing(&self, address: &Address) -> Option<Diagnostic> {
        let off = self.observed.configuration.as_ref()?.tls_decrypt == Some(false);
        off.then(|| {
            let message =
                "TLS decryption is switched off in this account: in use does not mean inspecting";
            Diagnostic::warning(Code::TlsDecryptOff, message)
                .hint("switch it on in Zero Trust settings when devices trust the certificate")
                .address(address)
        })
    }

    /// Tells whoever watches.
    pub(crate) fn tell(&self, event: Event) {
        (self.sink)(event);
    }

    /// A step failed for good: nothing more is sent for its address.
    pub(crate) fn fail(
        &mut self,
        change: &Change,
        step: &Step,
        error: String,
        hint: Option<String>,
    ) {
        let message = format!("{}: {error}", step.action().as_str());
        let mut diagnostic = Diagnostic::error(Code::RequestFailed, message);
        diagnostic.hint = hint;
        self.diagnostics.push(diagnostic.address(&change.address));
        self.tried.fail(&change.address.certificate, error.clone());
        self.tell(Event::Failed {
            address: change.address.clone(),
            action: step.action(),
            error,
        });
    }
}

/// Says that the API makes everything wait for so much longer.
pub(crate) fn tell_pause(sink: &Sink, account: &Account, left: Duration) {
    sink(Event::Paused {
        account: account.name.clone(),
        left,
    });
}
