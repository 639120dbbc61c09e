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

/// How many accounts have a bar: with more, no terminal shows them.
const MOST_BARS: usize = 16;

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
    let screen = Mutex::new(Screen::default());
    Arc::new(move |event| {
        let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
        let message = say(&event).unwrap_or_default();
        screen.show(&event, scrub(&message).into_owned());
    })
}

/// The bars of the accounts that have begun, and below them how many have no bar.
#[derive(Default)]
struct Screen {
    lines: MultiProgress,
    bars: HashMap<Name, ProgressBar>,
    others: u64,
    below: Option<ProgressBar>,
}

impl Screen {
    fn show(&mut self, event: &Event, message: String) {
        match event {
            Event::Started { account, steps } => self.begin(account, *steps),
            Event::Finished { account } => self.end(account),
            Event::Doing { address, .. } | Event::Polling { address, .. } => {
                self.say(&address.account, message);
            }
            Event::Paused { account, .. } => self.say(account, message),
            // Its bar begins once it has the lock.
            Event::Locked { .. } => drop(self.lines.println(message)),
            Event::Done { address, .. } | Event::Failed { address, .. } => {
                if let Some(bar) = self.bars.get(&address.account) {
                    bar.inc(1);
                }
                let _ = self.lines.println(message);
            }
        }
    }

    fn begin(&mut self, account: &Name, steps: usize) {
        if self.bars.len() == MOST_BARS {
            self.others += 1;
            return self.count();
        }
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or_default());
        let bar = self.lines.insert(0, bar);
        bar.set_style(style("{prefix:>20} {bar:24} {pos}/{len} {wide_msg}"));
        bar.set_prefix(account.to_string());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.bars.insert(account.clone(), bar);
    }

    fn end(&mut self, account: &Name) {
        if let Some(bar) = self.bars.remove(account) {
            bar.finish_and_clear();
        } else {
            self.others = self.others.saturating_sub(1);
            self.count();
        }
    }

    fn say(&self, account: &Name, message: String) {
        if let Some(bar) = self.bars.get(account) {
            bar.set_message(message);
        }
    }

    fn count(&mut self) {
        let lines = &self.lines;
        let below = self.below.get_or_insert_with(|| {
            let bar = lines.add(ProgressBar::new(0));
            bar.set_style(style("{prefix:>20} {wide_msg}"));
            bar
        });
        below.set_message(match self.others {
            0 => String::new(),
            others => format!("and {others} more accounts at work"),
        });
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
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
