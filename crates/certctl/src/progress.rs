//! Shows a run while it happens: bars on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use certctl_apply::{Event, Sink};
use certctl_model::{Address, CertificateId, Name, Timestamp};
use certctl_plan::{Action, WaitFor, escape};
use certctl_render::wait_for;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::printer::Printer;
use crate::secrets::scrub;

/// Where the events of a run go.
pub(crate) fn sink(printer: Printer) -> Sink {
    if printer.draws() {
        bars()
    } else {
        lines(printer)
    }
}

/// Nobody watches.
pub(crate) fn silent() -> Sink {
    Arc::new(|_| {})
}

fn lines(printer: Printer) -> Sink {
    // Polls repeat; what is waited for is said once.
    let waiting: Mutex<HashMap<Address, WaitFor>> = Mutex::new(HashMap::new());
    Arc::new(move |event| {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::Polling { address, why, .. } = &event {
            if waiting.insert(address.clone(), *why) == Some(*why) {
                return;
            }
        } else if let Event::Done { address, .. } = &event {
            waiting.remove(address);
        }
        if let Some(line) = say(&event) {
            printer.line(&line);
        }
    })
}

fn bars() -> Sink {
    let screen = MultiProgress::new();
    let style = ProgressStyle::with_template("{prefix:>20} {bar:24} {pos}/{len} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let accounts: Mutex<HashMap<Name, ProgressBar>> = Mutex::new(HashMap::new());
    Arc::new(move |event| {
        let mut accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let message = say(&event).unwrap_or_default();
        let message = scrub(&message).into_owned();
        match &event {
            Event::Started { account, steps } => {
                let bar = screen.add(ProgressBar::new(u64::try_from(*steps).unwrap_or_default()));
                bar.set_style(style.clone());
                bar.set_prefix(account.to_string());
                bar.enable_steady_tick(Duration::from_millis(200));
                accounts.insert(account.clone(), bar);
            }
            Event::Finished { account } => {
                if let Some(bar) = accounts.remove(account) {
                    bar.finish_and_clear();
                }
            }
            Event::Doing { address, .. } | Event::Polling { address, .. } => {
                if let Some(bar) = accounts.get(&address.account) {
                    bar.set_message(message);
                }
            }
            // Its bar begins once it has the lock.
            Event::Locked { .. } => drop(screen.println(message)),
            Event::Paused { account, .. } => {
                if let Some(bar) = accounts.get(account) {
                    bar.set_message(message);
                }
            }
            Event::Done { address, .. } | Event::Failed { address, .. } => {
                if let Some(bar) = accounts.get(&address.account) {
                    bar.inc(1);
                    bar.println(message);
                }
            }
        }
    })
}

fn say(event: &Event) -> Option<String> {
    Some(match event {
        Event::Started { .. } | Event::Finished { .. } => return None,
        Event::Doing {
            address,
            action,
            certificate_id,
        } => {
            format!(
                "{address}: {}{} ...",
                doing(*action),
                of(certificate_id.as_ref())
            )
        }
        Event::Done {
            address,
            action,
            certificate_id,
        } => {
            format!(
                "{address}: {}{}",
                done(*action),
                of(certificate_id.as_ref())
            )
        }
        Event::Failed {
            address,
            action,
            error,
        } => {
            format!("{address}: {} failed: {}", action.as_str(), escape(error))
        }
        Event::Paused { account, left } => {
            let seconds = left.as_secs();
            format!("{account}: Cloudflare lets no request pass for {seconds} seconds; waiting")
        }
        Event::Locked { account } => {
            format!("{account}: another run is at work; waiting for its lock")
        }
        Event::Polling {
            address,
            why,
            until,
        } => {
            format!("{address}: waiting for {}{}", wait_for(*why), by(*until))
        }
    })
}

fn of(id: Option<&CertificateId>) -> String {
    id.map(|id| format!(" {id}")).unwrap_or_default()
}

fn by(until: Option<Timestamp>) -> String {
    until
        .map(|until| format!(", until {until}"))
        .unwrap_or_default()
}

fn doing(action: Action) -> &'static str {
    match action {
        Action::Create => "creating",
        Action::Upload => "uploading",
        Action::Activate => "activating",
        Action::SetInUse => "setting in use",
        Action::Deactivate => "deactivating",
        Action::Delete => "deleting",
        Action::Adopt => "adopting",
        Action::Record => "recording",
        Action::Forget => "forgetting",
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Upload => "uploaded",
        Action::Activate => "activated",
        Action::SetInUse => "set in use:",
        Action::Deactivate => "deactivated",
        Action::Delete => "deleted",
        Action::Adopt => "adopted",
        Action::Record => "recorded",
        Action::Forget => "forgot",
    }
}
