//! The only place that prints. Data goes to stdout, everything else to stderr.
//!
//! *Guarantees*: nothing is printed with a secret in it; text for people that came from outside can
//! neither steer the terminal nor begin a line of its own, by which it could forge a command to the CI
//! system that reads the log; data that could not be written is an error of the whole command. A
//! closed pipe is the reader's good right, and no error.

use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use certctl_model::Diagnostic;
use certctl_plan::escape;
use certctl_spec::Sources;

use crate::cli::ColorChoice;
use crate::exit::Exit;
use crate::secrets::scrub;

/// Why data could not be written to stdout; the first reason.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

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
            ColorChoice::Auto if anstyle_query::no_color() => false,
            ColorChoice::Auto if anstyle_query::clicolor_force() => true,
            ColorChoice::Auto => {
                let wanted = anstyle_query::clicolor().unwrap_or(true);
                terminal && wanted && anstyle_query::term_supports_color()
            }
        }
    }

    /// Whether a person sits at the other end of stderr.
    pub(crate) fn is_interactive(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether progress can be drawn on stderr.
    pub(crate) fn draws(self) -> bool {
        io::stderr().is_terminal() && anstyle_query::term_supports_ansi_color()
    }

    /// Writes data.
    pub(crate) fn data(self, text: &str) {
        let written = write_to(&mut io::stdout().lock(), text);
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let _ = UNWRITTEN.set(error.to_string());
        }
    }

    /// Whether all data was written so far.
    ///
    /// # Errors
    /// When some was not, with the operating system's reason.
    pub(crate) fn written(self) -> Result<(), Problem> {
        match UNWRITTEN.get() {
            None => Ok(()),
            Some(reason) => Err(Problem::new(format!("cannot write to stdout: {reason}"))
                .hint("what is there is not whole: do not use it")),
        }
    }

    /// The exit code of a command, once it has printed everything.
    pub(crate) fn conclude(self, exit: Exit) -> Exit {
        match self.written() {
            Ok(()) => exit,
            Err(problem) => {
                self.error(&problem);
                Exit::Error
            }
        }
    }

    /// Writes a line for people.
    pub(crate) fn line(self, text: &str) {
        self.text(&escape(text));
    }

    /// Writes lines for people, of which the caller has seen to it that every line is certctl's own.
    pub(crate) fn text(self, text: &str) {
        say(&format!("{text}\n"));
    }

    /// Writes without a line end and flushes: a question.
    pub(crate) fn ask(self, text: &str) {
        say(text);
    }

    /// Writes diagnostics, with their source lines where there are any.
    pub(crate) fn diagnostics(self, diagnostics: &[Diagnostic], sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        let color = self.colors(io::stderr().is_terminal());
        let text = certctl_spec::render(diagnostics, sources, color);
        say(&format!("{}\n", text.trim_end()));
    }

    /// Writes an error that stands alone: what happened, what caused it, and what to do.
    pub(crate) fn error(self, problem: &Problem) {
        let mut text = format!("error: {}\n", escape(&problem.what));
        for cause in &problem.causes {
            text.push_str(&format!("caused by: {}\n", escape(cause)));
        }
        if let Some(hint) = &problem.hint {
            text.push_str(&format!("\nhint: {}\n", escape(hint)));
        }
        say(&text);
    }

    /// A usage error, `--help` or `--version`, as clap words it. Usage errors exit with 1.
    pub(crate) fn usage(self, error: &clap::Error) -> Exit {
        let styled = error.render();
        let text = |terminal| match self.colors(terminal) {
            true => styled.ansi().to_string(),
            false => styled.to_string(),
        };
        if error.use_stderr() {
            say(&text(io::stderr().is_terminal()));
            return Exit::Error;
        }
        self.data(&text(io::stdout().is_terminal()));
        self.conclude(Exit::Done)
    }
}

/// Says that certctl failed by a defect of its own.
pub(crate) fn panicked(panic: &PanicHookInfo<'_>) {
    say(&format!(
        "error: certctl has a defect: {}\n\nhint: nothing is lost, the next run goes on where this one \
         stopped; report this with what you did\n",
        escape(&panic.to_string())
    ));
}

/// Writes one event of the log.
pub(crate) fn log(event: &str) {
    say(&format!("{}\n", escape(event.trim_end_matches('\n'))));
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

    /// What happened, without its causes and its hint.
    pub(crate) fn what(&self) -> String {
        self.what.clone()
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

/// Writes for people. Where nobody reads any more, or the disk is full, there is nowhere left to say so.
fn say(text: &str) {
    let _ = write_to(&mut io::stderr().lock(), text);
}

fn write_to(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(scrub(text).as_bytes())?;
    out.flush()
}
