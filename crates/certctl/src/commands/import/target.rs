//! The file that is written or extended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certctl_import::{Extension, Found, Refusal, Surroundings};
use certctl_model::{AccountId, AccountState, Timestamp};
use certctl_spec::{Mode, ParseOptions, Sources};

use crate::commands::validate::count;
use crate::kept;
use crate::printer::{Printer, Problem};
use crate::secrets;
use crate::workspace::Workspace;

/// The most that a spec has, in bytes.
const MOST_SPEC: u64 = 4 * 1024 * 1024;

/// What is known besides what was found.
pub(super) struct Around {
    pub(super) states: BTreeMap<AccountId, AccountState>,
    pub(super) now: Timestamp,
}

/// The file that is written or extended.
pub(super) struct Target {
    /// `None`: standard output.
    pub(super) path: Option<PathBuf>,
    /// What stands in it; `None` where it does not exist.
    text: Option<String>,
    /// The same, with the tables that it names.
    sources: Option<Sources>,
}

impl Target {
    pub(super) fn open(path: &Path) -> Result<Self, Problem> {
        if path == Path::new("-") {
            return Ok(Self {
                path: None,
                text: None,
                sources: None,
            });
        }
        if path.is_dir() {
            return Err(Problem::new(format!("{} is a directory", path.display()))
                .hint("name the file to write or to extend: `-o FILE`"));
        }
        let text = match path.try_exists() {
            Ok(false) => None,
            _ => Some(kept::read_text(path, MOST_SPEC)?),
        };
        let exists = text.is_some();
        Ok(Self {
            path: Some(path.to_owned()),
            text,
            sources: exists.then(|| secrets::read_sources(&[path.to_owned()]).0),
        })
    }

    fn name(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None => "standard output".to_owned(),
        }
    }

    /// What the file declares today: its accounts, and where its state is. A spec that cannot be read
    /// is refused later, with all that is wrong with it.
    pub(super) fn workspace(&self) -> Workspace {
        let env = |name: &str| std::env::var(name).ok();
        let options = ParseOptions {
            env: &env,
            mode: Mode::Use,
            accounts: &[],
        };
        let sources = self.sources.clone();
        let spec = sources
            .as_ref()
            .and_then(|sources| certctl_spec::parse(sources, &options).spec);
        let parent = self.path.as_deref().and_then(Path::parent);
        let home = parent.filter(|parent| *parent != Path::new(""));
        Workspace::of(
            spec.unwrap_or_default(),
            sources.unwrap_or_else(|| std::iter::empty().collect()),
            home.unwrap_or(Path::new(".")).to_path_buf(),
        )
    }

    /// The file with what was missing in it. Where that cannot be, it is said, and nothing returned.
    pub(super) fn extended(
        &self,
        found: &[Found],
        around: &Around,
        printer: Printer,
    ) -> Result<Option<Extension>, Problem> {
        let env = |name: &str| std::env::var(name).ok();
        let around = Surroundings {
            sources: self.sources.as_ref(),
            env: &env,
            states: &around.states,
            now: around.now,
        };
        let result = match &self.text {
            Some(text) => certctl_import::extend(&self.name(), text, found, &around),
            None => certctl_import::write(found, &around),
        };
        match result {
            Ok(extension) => Ok(Some(extension)),
            Err(Refusal::Invalid {
                diagnostics,
                sources,
            }) => {
                printer.diagnostics(&diagnostics, &sources);
                printer.text("");
                printer.line(&format!(
                    "Nothing was written: {} has to be right before it can be extended.",
                    self.name()
                ));
                Ok(None)
            }
            Err(Refusal::NoPlace { why, lines }) => {
                printer.error(
                    &Problem::new(format!("{} cannot be extended: {why}", self.name()))
                        .hint("nothing was written; add these lines by hand"),
                );
                printer.text(&format!("\n{lines}"));
                Ok(None)
            }
        }
    }

    /// Writes it, and tells what is new in it.
    pub(super) fn write(&self, extension: &Extension, printer: Printer) -> Result<(), Problem> {
        match &self.path {
            None => printer.data(&extension.text),
            Some(path) => {
                kept::write(path, extension.text.as_bytes())?;
            }
        }
        for line in self.told(extension) {
            printer.line(&line);
        }
        Ok(())
    }

    fn told(&self, extension: &Extension) -> Vec<String> {
        let name = self.name();
        let mut lines = Vec::new();
        let nothing = extension.declared.is_empty()
            && extension.remarked.is_empty()
            && extension.accounts.is_empty();
        let warnings = || {
            extension
                .warnings
                .iter()
                .map(|said| format!("warning: {said}"))
        };
        if nothing {
            lines.push(format!("{name}: nothing is missing; it was left as it is."));
            lines.extend(warnings());
            return lines;
        }
        lines.push(format!(
            "{name}: {} declared, {} named in comments only, {}.",
            count(extension.declared.len(), "certificate"),
            extension.remarked.len(),
            count(extension.accounts.len(), "new account"),
        ));
        for added in &extension.declared {
            let in_use = if added.in_use { ", in use" } else { "" };
            lines.push(format!("  {} is {}{in_use}", added.address, added.id));
        }
        lines.extend(warnings());
        if let Some(path) = &self.path {
            lines.push(format!(
                "Next: `certctl plan -f {}` shows what it takes over; it has to show nothing else.",
                path.display()
            ));
        }
        lines
    }
}
