//! A command that prints a secret: a token, or a private key.
//!
//! *Guarantees*: no shell reads it; it inherits no terminal and no input; it ends, with everything that it
//! started, when its time is over; nothing that it prints is shown.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use certctl_model::{AccountId, Name, Period};

use crate::printer::Problem;

/// How long a command may take where nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The variable that says otherwise.
const TIMEOUT_VARIABLE: &str = "CERTCTL_TOKEN_TIMEOUT";
/// No token, and no private key, comes near this.
const MAX_BYTES: u64 = 64 * 1024;
/// Between two looks at whether a command that closed its output has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A command that is to be run for an account.
pub(crate) struct Asked {
    /// The program and its arguments.
    pub(crate) words: Vec<String>,
    /// Where it runs, and beside what a relative program is.
    pub(crate) folder: PathBuf,
    pub(crate) account: Name,
    pub(crate) account_id: AccountId,
    pub(crate) timeout: Duration,
}

/// How long a command may take.
pub(crate) fn timeout(env: &dyn Fn(&str) -> Option<String>) -> Result<Duration, Problem> {
    let Some(text) = env(TIMEOUT_VARIABLE) else {
        return Ok(TIMEOUT);
    };
    let period: Option<Period> = text.parse().ok();
    let period = period.filter(|period| (1..=3_600).contains(&period.as_seconds()));
    let seconds = period.map(|period| period.as_seconds().unsigned_abs());
    seconds.map(Duration::from_secs).ok_or_else(|| {
        Problem::new(format!(
            "{TIMEOUT_VARIABLE} is {text:?}, which is no time from 1s to 1h"
        ))
        .hint("write it like 30s or 2m, or unset it for 30s")
    })
}

/// Runs it and gives what it printed, or what happened instead.
pub(crate) async fn run(asked: Asked) -> Result<String, String> {
    let program = asked.words.first().cloned().unwrap_or_default();
    let told = |what: String| format!("the command {program} {what}");
    match tokio::task::spawn_blocking(move || printed(&asked)).await {
        Ok(Ok(bytes)) => String::from_utf8(bytes)
            .map_err(|_| told("prints something that is not text".to_owned())),
        Ok(Err(what)) => Err(told(what)),
        Err(error) => Err(told(format!("could not be waited for: {error}"))),
    }
}

fn printed(asked: &Asked) -> Result<Vec<u8>, String> {
    let until = Instant::now() + asked.timeout;
    let mut child = start(asked).map_err(|error| match error.kind() {
        ErrorKind::NotFound => "is not there, or its folder is not".to_owned(),
        _ => format!("cannot be started: {error}"),
    })?;
    let outcome = follow(&mut child, until);
    if outcome.is_err() {
        end(&mut child);
    }
    let (bytes, status) = outcome.map_err(|fault| match fault {
        Fault::Late => format!(
            "took longer than {} s and was ended ({TIMEOUT_VARIABLE} says how long it may take)",
            asked.timeout.as_secs()
        ),
        Fault::Unread(error) => format!("cannot be read: {error}"),
    })?;
    if status.success() {
        return Ok(bytes);
    }
    Err(match status.code() {
        Some(code) => format!("failed with exit code {code}"),
        None => format!("failed: {status}"),
    })
}

/// Why a command has to be ended.
enum Fault {
    Late,
    Unread(std::io::Error),
}

/// Reads all that it prints, until it has ended.
fn follow(child: &mut Child, until: Instant) -> Result<(Vec<u8>, ExitStatus), Fault> {
    let (send, receive) = mpsc::channel();
    let stdout = child.stdout.take();
    // Whoever still holds the other end, when the time is over, ends with the command.
    thread::spawn(move || {
        let read = stdout.map_or_else(
            || Ok(Vec::new()),
            |out| certctl_files::bounded(out, MAX_BYTES),
        );
        // Nobody may be listening any more.
        let _ = send.send(read);
    });
    let left = until.saturating_duration_since(Instant::now());
    let bytes = receive.recv_timeout(left).map_err(|_| Fault::Late)?;
    let bytes = bytes.map_err(Fault::Unread)?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((bytes, status)),
            Ok(None) if Instant::now() < until => thread::sleep(LOOK),
            Ok(None) => return Err(Fault::Late),
            Err(error) => return Err(Fault::Unread(error)),
        }
    }
}

fn start(asked: &Asked) -> std::io::Result<Child> {
    let (program, arguments) = asked.words.split_first().ok_or(ErrorKind::InvalidInput)?;
    // A path is beside the spec; a name alone is looked for in PATH.
    let program = if Path::new(program).components().count() > 1 {
        asked.folder.join(program)
    } else {
        PathBuf::from(program)
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&asked.folder)
        .env("CERTCTL_ACCOUNT", asked.account.as_str())
        .env("CERTCTL_ACCOUNT_ID", asked.account_id.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    alone(&mut command);
    command.spawn()
}

/// In a group of its own, so that it can be ended with all that it started.
#[cfg(unix)]
fn alone(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn alone(_: &mut Command) {}

/// Ends it. What cannot be ended has ended.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}
