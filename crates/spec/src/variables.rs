//! `${NAME}` in values, from the environment.
//!
//! *Purpose*: replace it in scalar values, never in keys, before anything is read. A plain scalar
//! is typed afterwards, by what its key wants; a quoted one stays a string. `$${` is a literal `${`.
//! *Invariants*: a variable is one piece of text: it never brings in YAML, a line or `null`. What
//! is replaced is bounded ([`MAX_EXPANDED`]), for a variable may be long and named often. No message
//! repeats what a variable gave unless it has the right form: a secret may be named by mistake.
//! *Non-goals*: defaults, operators, nesting.

use std::collections::HashMap;

use certctl_model::{Code, Diagnostic};

use crate::complaint::brief;
use crate::options::{Mode, ParseOptions};
use crate::reader::Reader;
use crate::secret;
use crate::yaml::{Kind, Mark, Node};

/// The most text that variables may give to one file, in bytes.
const MAX_EXPANDED: usize = 1024 * 1024;
/// The most things that are said about one text.
const MAX_FAULTS: usize = 10;

/// Replaces the variables of one file.
pub(crate) struct Variables<'a> {
    options: &'a ParseOptions<'a>,
    known: HashMap<String, Option<String>>,
    /// How many bytes they may still give; `None`: they gave too many, which has been reported.
    left: Option<usize>,
    /// The key whose value is read now, if it reaches messages whole, as the state's location does: no
    /// variable is named there that may hold a secret.
    shown: Option<&'static str>,
}

/// Where a variable stands, and so whether it has to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Outside of the accounts, or in an account that is selected.
    Needed,
    /// In an account that is not selected.
    Unselected,
}

/// What can be wrong with one `${`.
#[derive(PartialEq, Eq)]
enum Fault {
    Malformed,
    Unset(String),
    Unfit(String),
    Secret(String),
    TooMuch,
}

impl<'a> Variables<'a> {
    pub(crate) fn new(options: &'a ParseOptions<'a>) -> Self {
        Self {
            options,
            known: HashMap::new(),
            left: Some(MAX_EXPANDED),
            shown: None,
        }
    }

    /// Replaces the variables below the root of a file.
    pub(crate) fn expand(&mut self, root: &mut Node, reader: &mut Reader<'_>) {
        let Kind::Map(entries) = &mut root.kind else {
            return;
        };
        for (key, value) in entries {
            match (&key.kind, &mut value.kind) {
                (Kind::Text(key), Kind::List(accounts)) if key == "accounts" => {
                    for account in accounts {
                        self.account(account, reader);
                    }
                }
                (Kind::Text(key), _) if key == "state" => {
                    self.shown = Some("state");
                    self.node(value, Scope::Needed, reader);
                    self.shown = None;
                }
                _ => self.entry(key, value, Scope::Needed, reader),
            }
        }
    }

    fn account(&mut self, account: &mut Node, reader: &mut Reader<'_>) {
        let Kind::Map(entries) = &mut account.kind else {
            return self.node(account, Scope::Needed, reader);
        };
        // The name and the labels first: they say whether the account is selected. Without them nobody
        // can tell. What is suspended needs nothing.
        let mut scope = Scope::Needed;
        for (_, value) in entries.iter_mut().filter(|(key, _)| says_which(key)) {
            self.node(value, Scope::Needed, reader);
        }
        if is_suspended(entries) || !self.is_selected(entries) {
            scope = Scope::Unselected;
        }
        for (key, value) in entries.iter_mut().filter(|(key, _)| !says_which(key)) {
            self.entry(key, value, scope, reader);
        }
    }

    /// Whether the account with these entries is selected, or nobody can tell.
    fn is_selected(&self, entries: &[(Node, Node)]) -> bool {
        let Some(Ok(name)) = text_at(entries, "name").map(str::parse) else {
            return true;
        };
        let labels = entries.iter().find(|(key, _)| is_key(key, "labels"));
        let labels = match labels.map(|(_, value)| &value.kind) {
            Some(Kind::Map(labels)) => labels.as_slice(),
            _ => &[],
        };
        let text = |node: &Node| match &node.kind {
            Kind::Text(text) | Kind::Expanded(text) => Some(text.clone()),
            _ => None,
        };
        let labels = labels
            .iter()
            .filter_map(|(key, value)| Some((text(key)?, text(value)?)));
        self.options.selects(&name, &labels.collect())
    }

    /// A value of a mapping, under its key.
    fn entry(&mut self, key: &Node, value: &mut Node, scope: Scope, reader: &mut Reader<'_>) {
        let outside = self.shown;
        if is_key(key, "token") {
            self.shown = Some("token");
        }
        self.node(value, scope, reader);
        self.shown = outside;
    }

    fn node(&mut self, node: &mut Node, scope: Scope, reader: &mut Reader<'_>) {
        match &mut node.kind {
            Kind::List(items) => items
                .iter_mut()
                .for_each(|item| self.node(item, scope, reader)),
            Kind::Map(entries) => {
                entries
                    .iter_mut()
                    .for_each(|(key, value)| self.entry(key, value, scope, reader));
            }
            Kind::Text(text) if text.contains("${") && self.left.is_none() => {
                node.kind = Kind::Unknown;
            }
            Kind::Text(text) if text.contains("${") => {
                let plain = node.mark.plain;
                node.kind = match self.text(text) {
                    Ok((text, replaced)) => {
                        node.mark.variable = replaced;
                        if replaced && plain {
                            Kind::Expanded(text)
                        } else {
                            Kind::Text(text)
                        }
                    }
                    Err(faults) => {
                        for fault in faults {
                            self.report(&fault, node.mark, scope, reader);
                        }
                        Kind::Unknown
                    }
                };
            }
            _ => {}
        }
    }

    /// The text with its variables replaced, and whether there were any. What is wrong twice in
    /// one text is said once.
    fn text(&mut self, text: &str) -> Result<(String, bool), Vec<Fault>> {
        let (mut out, mut faults) = (String::with_capacity(text.len()), Vec::new());
        let (mut rest, mut replaced) = (text, false);
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            let inside = from.get(2..).unwrap_or_default();
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = inside;
                continue;
            }
            out.push_str(before);
            let name = split_name(inside);
            let fault = match name {
                Some((name, after)) => {
                    rest = after;
                    replaced = true;
                    self.append(name, &mut out).err()
                }
                None => {
                    rest = inside;
                    Some(Fault::Malformed)
                }
            };
            if let Some(fault) = fault.filter(|fault| !faults.contains(fault)) {
                faults.push(fault);
            }
            if self.left.is_none() || faults.len() >= MAX_FAULTS {
                return Err(faults);
            }
        }
        out.push_str(rest);
        if faults.is_empty() {
            Ok((out, replaced))
        } else {
            Err(faults)
        }
    }

    fn append(&mut self, name: &str, out: &mut String) -> Result<(), Fault> {
        if secret::is_credential(name) || (self.shown.is_some() && secret::may_be_secret(name)) {
            return Err(Fault::Secret(name.to_owned()));
        }
        if !self.known.contains_key(name) {
            self.known.insert(name.to_owned(), (self.options.env)(name));
        }
        let Some(value) = self.known.get(name).and_then(Option::as_deref) else {
            return Err(Fault::Unset(name.to_owned()));
        };
        let Some(left) = self.left.and_then(|left| left.checked_sub(value.len())) else {
            self.left = None;
            return Err(Fault::TooMuch);
        };
        self.left = Some(left);
        if value.chars().any(char::is_control) {
            return Err(Fault::Unfit(name.to_owned()));
        }
        out.push_str(value);
        Ok(())
    }

    fn report(&self, fault: &Fault, mark: Mark, scope: Scope, reader: &mut Reader<'_>) {
        let error = |code, message: String, hint: &str| {
            Some(Diagnostic::error(code, message).hint(hint.to_owned()))
        };
        let diagnostic = match fault {
            Fault::Malformed => error(
                Code::InvalidValue,
                "malformed `${`".to_owned(),
                "write `${NAME}`, with letters, digits and `_`; or `$${` for a literal `${`",
            ),
            Fault::Unfit(name) => error(
                Code::InvalidValue,
                format!(
                    "the variable `{}` has a line break or a control character",
                    brief(name)
                ),
                "a variable gives one line of plain text",
            ),
            Fault::Secret(name) if secret::is_credential(name) => error(
                Code::InvalidValue,
                format!(
                    "the variable `{}` is a credential and does not belong in a spec",
                    brief(name)
                ),
                "certctl reads it from the environment by itself: remove it here",
            ),
            Fault::Secret(name) => error(
                Code::InvalidValue,
                format!(
                    "the variable `{}` is named like a secret, and `{}` is shown in messages",
                    brief(name),
                    self.shown.unwrap_or_default()
                ),
                if self.shown == Some("token") {
                    "a variable that holds the token is named without `$`: `env: NAME`"
                } else {
                    "name the place with a variable that holds no secret"
                },
            ),
            Fault::TooMuch => error(
                Code::YamlLimits,
                format!("the variables of this file give more than {MAX_EXPANDED} bytes"),
                "name shorter variables, or fewer",
            ),
            Fault::Unset(name) => {
                let message = format!("the variable `{}` is not set", brief(name));
                match (self.options.mode, scope) {
                    (Mode::Validate, _) => Some(
                        Diagnostic::warning(Code::UnsetVariable, message)
                            .hint("set it before planning; what depends on it was not checked"),
                    ),
                    (Mode::Use, Scope::Needed) => error(
                        Code::UnsetVariable,
                        message,
                        "set it in the environment, or write `$${` for a literal `${`",
                    ),
                    (Mode::Use, Scope::Unselected) => None,
                }
            }
        };
        if let Some(diagnostic) = diagnostic {
            let place = reader.place(mark);
            reader.report(diagnostic.at(Some(place)));
        }
    }
}

fn is_key(key: &Node, name: &str) -> bool {
    matches!(&key.kind, Kind::Text(key) if key == name)
}

/// Whether a key says which account it is.
fn says_which(key: &Node) -> bool {
    is_key(key, "name") || is_key(key, "labels")
}

/// The text under a key.
fn text_at<'n>(entries: &'n [(Node, Node)], name: &str) -> Option<&'n str> {
    let (_, value) = entries.iter().find(|(key, _)| is_key(key, name))?;
    match &value.kind {
        Kind::Text(text) | Kind::Expanded(text) => Some(text),
        _ => None,
    }
}

/// Whether an account says, without a variable, that it is suspended.
fn is_suspended(entries: &[(Node, Node)]) -> bool {
    let suspended = |value: &Node| matches!(value.kind, Kind::Bool(true));
    entries
        .iter()
        .any(|(key, value)| is_key(key, "suspended") && suspended(value))
}

/// The name of a variable, as shells know them, and what follows its closing brace.
fn split_name(inside: &str) -> Option<(&str, &str)> {
    let letters = inside
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count();
    let (name, after) = inside.split_at_checked(letters)?;
    let starts_well = name.starts_with(|c: char| !c.is_ascii_digit());
    after
        .strip_prefix('}')
        .filter(|_| starts_well)
        .map(|after| (name, after))
}
