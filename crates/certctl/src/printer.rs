//! The only place that prints. Data goes to stdout, everything else to stderr; a closed pipe is the
//! reader's good right, not an error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use certctl_model::Diagnostic;
use certctl_spec::Sources;

use crate::cli::ColorChoice;

/// Where a person reads, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    choice: ColorChoice,
}

impl Printer {
    pub(crate) fn new(choice: ColorChoice) -> Self {
        Self { choice }
    }

    /// Whether stdout may be coloured.
    pub(crate) fn colors_data(self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    /// How many columns stdout has, where it is a terminal.
    pub(crate) fn width(self) -> Option<usize> {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0))
    }

    fn colors(self, terminal: bool) -> bool {
        match self.choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            }
        }
    }

    /// Whether a person sits at the other end of stderr.
    pub(crate) fn is_interactive(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether progress can be drawn on stderr.
    pub(crate) fn draws(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Writes data.
    pub(crate) fn data(self, text: &str) {
        write_to(&mut io::stdout().lock(), text);
    }

    /// Writes a line for people.
    pub(crate) fn line(self, text: &str) {
        write_to(&mut io::stderr().lock(), &format!("{text}\n"));
    }

    /// Writes without a line end and flushes: a question.
    pub(crate) fn ask(self, text: &str) {
        write_to(&mut io::stderr().lock(), text);
    }

    /// Writes diagnostics, with their source lines where there are any.
    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic], sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        let color = self.colors(io::stderr().is_terminal());
        let text = certctl_spec::render(diagnostics, sources, color);
        write_to(&mut io::stderr().lock(), &format!("{}\n", text.trim_end()));
    }

    /// Writes an error that stands alone: what happened, what caused it, and what to do.
    pub(crate) fn error(self, problem: &Problem) {
        let mut text = format!("error: {}\n", problem.what);
        for cause in &problem.causes {
            text.push_str(&format!("caused by: {cause}\n"));
        }
        if let Some(hint) = &problem.hint {
            text.push_str(&format!("\nhint: {hint}\n"));
        }
        write_to(&mut io::stderr().lock(), &text);
    }
}

/// An error that ends a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    what: String,
    causes: Vec<String>,
    hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// An error and everything that it says caused it.
    pub(crate) fn from_error(error: &dyn std::error::Error) -> Self {
        let mut problem = Self::new(error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            problem.causes.push(cause.to_string());
            source = cause.source();
        }
        problem
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub(crate) fn maybe_hint(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }
}

/// A usage error, `--help` or `--version`, as clap words it. Usage errors exit with 1.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.print().is_err() || error.use_stderr() {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

fn write_to(out: &mut dyn Write, text: &str) {
    // Nobody reads any more, or the disk is full: there is nowhere left to say so.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
