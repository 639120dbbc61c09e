//! Colour, and the only place that knows it. It repeats what symbols and words say already, so that
//! nothing is lost without it.

use anstyle::{AnsiColor, Style as Ansi};

use certctl_plan::{BlastRadius, ChangeKind};

/// How to write for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colour may be used.
    pub color: bool,
    /// How many columns a line has, where that is known.
    pub width: Option<usize>,
}

/// Paints text, or leaves it as it is.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    color: bool,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy)]
pub enum Tone {
    /// Something comes.
    Adds,
    /// Something goes.
    Removes,
    /// Something becomes different, or waits.
    Changes,
    /// The heading of a block.
    Strong,
    /// What stays as it is.
    Quiet,
}

impl Paint {
    /// With or without colour.
    #[must_use]
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    /// The text, in its tone.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }
}

impl Tone {
    fn style(self) -> Ansi {
        match self {
            Self::Adds => AnsiColor::Green.on_default(),
            Self::Removes => AnsiColor::Red.on_default(),
            Self::Changes => AnsiColor::Yellow.on_default(),
            Self::Strong => Ansi::new().bold(),
            Self::Quiet => Ansi::new().dimmed(),
        }
    }

    /// The tone of a kind of change.
    pub(crate) fn of_kind(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Create | ChangeKind::Adopt => Self::Adds,
            ChangeKind::Replace | ChangeKind::Renew | ChangeKind::Update | ChangeKind::Move => {
                Self::Changes
            }
            ChangeKind::Delete | ChangeKind::Forget => Self::Removes,
            ChangeKind::NoOp => Self::Quiet,
        }
    }

    /// The tone of a blast radius.
    pub(crate) fn of_radius(radius: BlastRadius) -> Self {
        match radius {
            BlastRadius::Nobody => Self::Quiet,
            BlastRadius::UnsyncedDevices => Self::Changes,
            BlastRadius::Everybody => Self::Removes,
        }
    }
}
