//! Ctrl-C and SIGTERM: the first lets the request in flight finish, the second ends at once. Both are
//! safe: what is not in the state yet is looked for by the next run (law 6).

use tokio::sync::watch;

use crate::printer::{Printer, Problem};

/// What a shell makes of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Listens for signals in the background; the receiver says when to stop.
pub(crate) fn listen(printer: Printer) -> Result<watch::Receiver<bool>, Problem> {
    let (stop, stopped) = watch::channel(false);
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        printer.line("Stopping after the request in flight; once more stops at once.");
        stop.send_replace(true);
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(stopped)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Result<Self, Problem> {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| signal(kind).map_err(|error| Problem::from_error(&error));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Result<Self, Problem> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a console there is nobody who could send one.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
