//! Two fields of a certificate that exclude each other, and where each of them was said.

use certctl_model::{Code, Diagnostic};

use crate::draft::CertificateDraft;
use crate::fields::{Field, Origin};
use crate::reader::Reader;
use crate::yaml::Mark;

/// Where a value comes from, if the certificate itself does not say it.
pub(crate) fn origin<T>(field: &Field<T>) -> &'static str {
    match field {
        Field::Is { origin, .. } => match origin {
            Origin::Own => "",
            Origin::Template => " (from the template)",
            Origin::Defaults => " (from `defaults`)",
        },
        _ => " (the default)",
    }
}

/// Two fields that exclude each other.
pub(crate) struct Contradiction {
    pub(crate) code: Code,
    pub(crate) message: String,
}

/// One of them: where it stands, and what to say there.
#[derive(Clone, Copy)]
pub(crate) struct Side {
    mark: Option<Mark>,
    own: bool,
    what: &'static str,
}

impl Side {
    pub(crate) fn of<T>(field: &Field<T>, what: &'static str) -> Self {
        Self {
            mark: field.mark(),
            own: field.own_mark().is_some(),
            what,
        }
    }
}

impl Contradiction {
    /// Reports it at the first side that the certificate itself says, or at its name if it
    /// inherits both; the other side is shown beside it.
    pub(crate) fn report(
        self,
        hint: &str,
        sides: [Side; 2],
        draft: &CertificateDraft,
        reader: &mut Reader<'_>,
    ) {
        let own = sides
            .iter()
            .find(|side| side.own)
            .and_then(|side| side.mark);
        let at = own.unwrap_or(draft.mark);
        let mut diagnostic = Diagnostic::error(self.code, self.message)
            .hint(hint)
            .at(Some(reader.place(at)));
        let other = sides
            .iter()
            .find_map(|side| Some((side.mark.filter(|m| *m != at)?, side.what)));
        if let Some((mark, what)) = other {
            diagnostic = diagnostic.related(reader.place(mark), what);
        }
        reader.report(diagnostic);
    }
}
