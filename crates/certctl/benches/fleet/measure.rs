//! What one process used, from its start to its end.
//!
//! The system sums up what all ended children of a process used; so this program runs itself, and only the
//! copy runs what is measured. The copy is small, for a child begins with the memory of its parent.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Makes this program measure the command that follows.
pub(crate) const FLAG: &str = "--measure";

/// Time and memory of one process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Seconds from its start to its end.
    pub(crate) wall: f64,
    /// Seconds of processor, its own and the system's for it.
    pub(crate) cpu: f64,
    /// Megabytes of memory, at most at once.
    pub(crate) memory: f64,
}

/// Runs a command, which has to succeed, in a copy of this program.
pub(crate) fn measure(command: &mut Command) -> Used {
    let own = std::env::current_exe().expect("this program has a path");
    let mut copy = Command::new(own);
    copy.arg(FLAG)
        .arg(command.get_program())
        .args(command.get_args());
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    copy.envs(set);
    if let Some(directory) = command.get_current_dir() {
        copy.current_dir(directory);
    }
    let output = copy.output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {said}");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    let [wall, cpu, memory] = *numbers.as_slice() else {
        unreachable!("the copy prints three numbers, not {text:?}");
    };
    Used { wall, cpu, memory }
}

/// The copy: runs the command and prints what it used.
pub(crate) fn child(command: &[String]) {
    let (program, arguments) = command.split_first().expect("a command follows");
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("the command can be run");
    let wall = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts");
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Kilobytes, but bytes on macOS.
    let unit = if cfg!(target_os = "macos") {
        1e-6
    } else {
        1.024e-3
    };
    println!(
        "{wall} {} {}",
        cpu as f64 * 1e-6,
        usage.max_rss() as f64 * unit
    );
    std::process::exit(status.code().unwrap_or(1));
}
