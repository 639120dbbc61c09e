//! The tree, and how large it may be.

/// The largest file that is read, in bytes: room for 10,000 certificates with every key set.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most keys and values that one file has, aliases expanded.
pub(crate) const MAX_NODES: usize = 500_000;
/// The most levels of lists and mappings; the format itself has six.
pub(crate) const MAX_DEPTH: usize = 32;
/// The most `*alias` uses in one file.
pub(crate) const MAX_ALIASES: usize = 1_000;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) mark: Mark,
}

/// What a value is, by the core schema of YAML 1.2.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    /// A plain scalar after substitution: its key decides what it is read as.
    Expanded(String),
    /// Its variable is not set, or something was wrong with it that has been reported.
    Unknown,
    List(Vec<Node>),
    /// In source order, with duplicates.
    Map(Vec<(Node, Node)>),
}

/// Where something stands in its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which of the reader's files: 0 is the spec file, the others are its tables.
    pub(crate) file: u16,
    /// Line, from 1.
    pub(crate) line: u32,
    /// Column in characters, from 1.
    pub(crate) column: u32,
    /// How many characters it has on its first line; 0 for what is not written out.
    pub(crate) length: u32,
    /// Where it starts and ends in the file, in bytes.
    pub(crate) bytes: (u32, u32),
    /// Whether it is written without quotes.
    pub(crate) plain: bool,
    /// Whether a variable gave some of it: its value is then not repeated in messages, for it may
    /// be a secret that was named by mistake.
    pub(crate) variable: bool,
}

impl Kind {
    /// What it is, for people.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a number",
            Self::Float(_) => "a number with a fraction",
            Self::Text(_) | Self::Expanded(_) => "a string",
            Self::Unknown => "a variable",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Mark {
    /// The text that stands there.
    pub(crate) fn slice(self, text: &str) -> &str {
        let (start, end) = self.bytes;
        text.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
impl Node {
    /// The tree without positions: what another engine has to agree with.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null | Kind::Unknown => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => i64::try_from(*value)
                .map(Value::from)
                .or_else(|_| u64::try_from(*value).map(Value::from))
                .unwrap_or_else(|_| Value::String(value.to_string())),
            Kind::Float(value) => Value::from(*value),
            Kind::Text(text) | Kind::Expanded(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let key = match key.to_json() {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    (key, value.to_json())
                });
                Value::Object(entries.collect())
            }
        }
    }
}
