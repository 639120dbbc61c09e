//! What is wrong, where, and what to do about it.

use serde::{Deserialize, Serialize};

use crate::{Address, Candidate, Code, Name, SharedText};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Blocks: the whole run when it is about the spec, one account otherwise.
    Error,
    /// Worth reading; blocks nothing.
    Warning,
}

/// What an error stops (law 11): a mistake stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocks {
    /// Everything in its account.
    Account,
    /// Everything at its address.
    Address,
    /// Of its account, what is new with this plan: what the calendar asks for, and what was accepted
    /// before, goes on.
    NewChanges,
    /// Nothing: it is only said.
    Nothing,
}

/// A place in a spec file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, as it was named on the command line.
    pub file: SharedText,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// How many characters the marked text has, at least 1.
    #[serde(default, skip)]
    pub length: u32,
}

/// An error or a warning, with a place (file, line and column, or an address) and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Which kind, stable and listed in `docs/codes.md`.
    pub code: Code,
    /// The account that it is about.
    pub account: Option<Name>,
    /// The address that it is about.
    pub address: Option<Address>,
    /// Where in the spec, if it can be shown there.
    pub place: Option<Place>,
    /// A second place that belongs to it, such as the first of two declarations, and what it is.
    pub related: Option<(Place, String)>,
    /// What happened: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do, where there is something to do.
    pub hint: Option<String>,
    /// What it stops, where that was said; see [`Diagnostic::blocking`].
    pub blocks: Option<Blocks>,
    /// The certificates between which a person has to choose, the likeliest first.
    pub candidates: Vec<Candidate>,
}

impl Diagnostic {
    /// An error.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            account: None,
            address: None,
            place: None,
            related: None,
            message: message.into(),
            hint: None,
            blocks: None,
            candidates: Vec::new(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// The same, with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The same, with certificates to choose from.
    #[must_use]
    pub fn candidates(self, candidates: Vec<Candidate>) -> Self {
        Self { candidates, ..self }
    }

    /// The same, at this place.
    #[must_use]
    pub fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// The same, with a second place and what it is.
    #[must_use]
    pub fn related(self, place: Place, what: impl Into<String>) -> Self {
        Self {
            related: Some((place, what.into())),
            ..self
        }
    }

    /// The same, about this account.
    #[must_use]
    pub fn account(self, account: &Name) -> Self {
        Self {
            account: Some(account.clone()),
            ..self
        }
    }

    /// The same, about this address and its account.
    #[must_use]
    pub fn address(self, address: &Address) -> Self {
        Self {
            account: Some(address.account.clone()),
            address: Some(address.clone()),
            ..self
        }
    }

    /// The same, stopping this much, if it is an error.
    #[must_use]
    pub fn blocks(self, blocks: Blocks) -> Self {
        Self {
            blocks: Some(blocks),
            ..self
        }
    }

    /// The same, stopping nothing.
    #[must_use]
    pub fn blocks_nothing(self) -> Self {
        self.blocks(Blocks::Nothing)
    }

    /// The same, with what it stops written out.
    #[must_use]
    pub fn explicit(self) -> Self {
        let blocks = self.blocking();
        self.blocks(blocks)
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What it stops: a warning nothing; an error what it says, else the address that it is about,
    /// else its account.
    #[must_use]
    pub fn blocking(&self) -> Blocks {
        match (self.severity, self.blocks, &self.address) {
            (Severity::Warning, ..) => Blocks::Nothing,
            (Severity::Error, Some(blocks), _) => blocks,
            (Severity::Error, None, Some(_)) => Blocks::Address,
            (Severity::Error, None, None) => Blocks::Account,
        }
    }

    /// Whether it stops anything.
    #[must_use]
    pub fn is_blocking(&self) -> bool {
        self.blocking() != Blocks::Nothing
    }
}

/// The flat form of `format_version` 1.0.
#[derive(Serialize, Deserialize)]
struct Wire {
    severity: Severity,
    code: Code,
    account: Option<Name>,
    address: Option<Address>,
    file: Option<SharedText>,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
    hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<Blocks>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Candidate>,
}

impl Serialize for Diagnostic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place.as_ref();
        Wire {
            severity: self.severity,
            code: self.code,
            account: self.account.clone(),
            address: self.address.clone(),
            file: place.map(|p| p.file.clone()),
            line: place.map(|p| p.line),
            column: place.map(|p| p.column),
            message: self.message.clone(),
            hint: self.hint.clone(),
            blocks: self.blocks,
            candidates: self.candidates.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Diagnostic {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let place = match (wire.file, wire.line, wire.column) {
            (Some(file), Some(line), Some(column)) => Some(Place {
                file,
                line,
                column,
                length: 1,
            }),
            _ => None,
        };
        Ok(Self {
            severity: wire.severity,
            code: wire.code,
            account: wire.account,
            address: wire.address,
            place,
            related: None,
            message: wire.message,
            hint: wire.hint,
            blocks: wire.blocks,
            candidates: wire.candidates,
        })
    }
}
