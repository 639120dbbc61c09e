//! Logs: to stderr, quiet unless asked. No span or event holds a header, and what a library logs is
//! cleaned like everything else that is printed.

use std::io;

use tracing_subscriber::filter::LevelFilter;

use crate::cli::{LogFormat, LogLevel};
use crate::printer;

/// Starts logging for the whole process.
pub(crate) fn start(level: LogLevel, format: LogFormat) {
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_writer(|| Events);
    let started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    // Only a second start can fail, and then the first one logs.
    let _ = started;
}

/// Takes each event whole: the formatter writes it at once.
struct Events;

impl io::Write for Events {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        printer::log(&String::from_utf8_lossy(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
