//! A mapping, held against the keys that it may have.

use std::collections::HashMap;

use certctl_model::{Code, Diagnostic};

use crate::complaint::{Complaint, brief};
use crate::key::{Described, Key, Mapping};
use crate::reader::Reader;
use crate::suggest;
use crate::value::Value;
use crate::yaml::{Kind, Mark, Node};

/// Who says what a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The mapping itself.
    Own,
    /// The account's template.
    Template,
    /// `defaults`.
    Defaults,
}

/// What a key has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<T> {
    /// It is not there.
    Absent,
    /// It is `null`: nothing is inherited either.
    Null,
    /// Nobody knows: its variable is not set, or it is wrong and that was reported.
    Lost,
    /// It has this value.
    Is {
        /// The value.
        value: T,
        /// Where it stands.
        mark: Mark,
        /// Who says it.
        origin: Origin,
    },
}

impl<'f> Field<Vec<Fields<'f>>> {
    /// Reads each mapping of a list; `read` also gets whether it is the last. What is wrong with one was
    /// reported, and nothing is known of the list then.
    pub(crate) fn each<T>(
        self,
        mut read: impl FnMut(&Fields<'f>, bool) -> Option<T>,
    ) -> Field<Vec<T>> {
        let (items, mark, origin) = match self.given() {
            Ok(given) => given,
            Err(none) => return none,
        };
        let last = items.len().saturating_sub(1);
        let all = items.iter().enumerate();
        // All of them, so that everything that is wrong is said at once.
        let all: Vec<Option<T>> = all.map(|(n, one)| read(one, n == last)).collect();
        match all.into_iter().collect() {
            Some(value) => Field::Is {
                value,
                mark,
                origin,
            },
            None => Field::Lost,
        }
    }
}

impl<T> Field<T> {
    /// The value, where it stands and who says it; without one, what a field read from it has.
    pub(crate) fn given<U>(self) -> Result<(T, Mark, Origin), Field<U>> {
        match self {
            Self::Is {
                value,
                mark,
                origin,
            } => Ok((value, mark, origin)),
            Self::Absent => Err(Field::Absent),
            Self::Null => Err(Field::Null),
            Self::Lost => Err(Field::Lost),
        }
    }

    /// The value, if there is one.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Is { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where the value stands.
    pub(crate) fn mark(&self) -> Option<Mark> {
        match self {
            Self::Is { mark, .. } => Some(*mark),
            _ => None,
        }
    }

    /// Where the value stands, and who says it.
    pub(crate) fn said(&self) -> Option<(Mark, Origin)> {
        match self {
            Self::Is { mark, origin, .. } => Some((*mark, *origin)),
            _ => None,
        }
    }

    /// Where the value stands, if it was not inherited.
    pub(crate) fn own_mark(&self) -> Option<Mark> {
        match self {
            Self::Is {
                mark,
                origin: Origin::Own,
                ..
            } => Some(*mark),
            _ => None,
        }
    }

    /// What holds when `below` is inherited from there.
    pub(crate) fn over(self, below: &Self, from: Origin) -> Self
    where
        T: Clone,
    {
        match (self, below) {
            (
                Self::Absent,
                Self::Is {
                    value,
                    mark,
                    origin,
                },
            ) => Self::Is {
                value: value.clone(),
                mark: *mark,
                // What the layer below inherited itself comes from where it had it.
                origin: if *origin == Origin::Own {
                    from
                } else {
                    *origin
                },
            },
            (Self::Absent, below) => below.clone(),
            (own, _) => own,
        }
    }

    /// The value or nothing; `None` if nobody knows.
    pub(crate) fn known(self) -> Option<Option<T>> {
        match self {
            Self::Is { value, .. } => Some(Some(value)),
            Self::Absent | Self::Null => Some(None),
            Self::Lost => None,
        }
    }
}

/// A mapping whose keys are known to its shape.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'n> {
    /// Where it stands.
    pub(crate) mark: Mark,
    found: Vec<(&'static str, &'n Node, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// Sorts the entries; reports duplicate, unknown and missing keys.
    pub(crate) fn read<S: Mapping>(
        entries: &'n [(Node, Node)],
        mark: Mark,
        reader: &mut Reader<'_>,
    ) -> Self {
        let mut fields = Self {
            mark,
            found: Vec::new(),
        };
        let mut seen: HashMap<&str, Mark> = HashMap::new();
        let mut meant = Vec::new();
        for (key, value) in entries {
            let Kind::Text(name) = &key.kind else {
                let found = key.kind.what();
                let complaint = Complaint::new(
                    Code::UnknownKey,
                    format!("a key must be a name, found {found}"),
                );
                reader.complain(complaint, key.mark);
                continue;
            };
            if let Some(first) = seen.get(name.as_str()) {
                let first = reader.place(*first);
                let message = format!("duplicate key `{}`", brief(name));
                reader.report(
                    Diagnostic::error(Code::DuplicateKey, message)
                        .at(Some(reader.place(key.mark)))
                        .related(first, "first given here")
                        .hint("keep one of the two"),
                );
                continue;
            }
            seen.insert(name, key.mark);
            match S::keys().find(|known| known.name() == name) {
                Some(known) => fields.found.push((known.name(), key, value)),
                None => meant.extend(unknown::<S>(name, key.mark, reader)),
            }
        }
        for known in S::keys() {
            if known.required()
                && !seen.contains_key(known.name())
                && !meant.contains(&known.name())
            {
                let (article, name) = (S::ARTICLE, S::NAME);
                let message = format!("{article} {name} needs the key `{}`", known.name());
                let complaint = Complaint::new(Code::MissingKey, message);
                reader.complain(complaint.hint(known.hint().map(str::to_owned)), mark);
            }
        }
        let given = |key: &&str| seen.contains_key(*key) || meant.contains(key);
        if let Some(usual) = S::ONE_OF.first()
            && !S::ONE_OF.iter().any(given)
        {
            let others = S::ONE_OF.iter().skip(1).map(|key| format!(", or `{key}`"));
            let others: String = others.collect();
            let message = format!("{} {} needs the key `{usual}`{others}", S::ARTICLE, S::NAME);
            let complaint = Complaint::new(Code::MissingKey, message);
            reader.complain(complaint.hint(Some(S::ONE_OF_HINT.to_owned())), mark);
        }
        if S::EXCLUSIVE {
            fields.only_one::<S>(reader);
        }
        fields
    }

    /// Reports each key but the first, of those of which there can be one.
    fn only_one<S: Mapping>(&self, reader: &mut Reader<'_>) {
        let mut given = self
            .found
            .iter()
            .filter(|(name, ..)| S::ONE_OF.contains(name));
        let Some((first, first_key, _)) = given.next() else {
            return;
        };
        for (name, key, _) in given {
            let (article, what) = (S::ARTICLE, S::NAME);
            let message = format!("{article} {what} has both `{first}` and `{name}`");
            reader.report(
                Diagnostic::error(Code::InvalidValue, message)
                    .at(Some(reader.place(key.mark)))
                    .related(reader.place(first_key.mark), "the first")
                    .hint("keep one of the two"),
            );
        }
    }

    /// What a key has. Reports what is wrong with its value.
    pub(crate) fn get<T: Value>(&self, key: &Key<T>, reader: &mut Reader<'_>) -> Field<T::Out<'n>> {
        let name = key.name();
        let Some((_, key_node, node)) = self.found.iter().find(|(found, ..)| *found == name) else {
            return Field::Absent;
        };
        // What is not written out is shown at its key.
        let mark = if node.mark.length == 0 {
            key_node.mark
        } else {
            node.mark
        };
        match node.kind {
            Kind::Unknown => return Field::Lost,
            Kind::Null if key.nullable() => return Field::Null,
            Kind::Null => {
                let complaint = Complaint::new(
                    Code::WrongType,
                    format!("`{name}` needs a value, found nothing"),
                );
                let hint = key.hint().unwrap_or("give it one, or remove the key");
                reader.complain(complaint.hint(Some(hint.to_owned())), mark);
                return Field::Lost;
            }
            _ => {}
        }
        match T::read(node, name, reader) {
            Ok(value) => Field::Is {
                value,
                mark,
                origin: Origin::Own,
            },
            Err(complaint) => {
                reader.complain(complaint, mark);
                Field::Lost
            }
        }
    }
}

/// Reports an unknown key; returns the key that was probably meant.
fn unknown<S: Mapping>(name: &str, mark: Mark, reader: &mut Reader<'_>) -> Option<&'static str> {
    let (article, shape) = (S::ARTICLE, S::NAME);
    let message = format!("unknown key `{}` in {article} {shape}", brief(name));
    let near = suggest::nearest(name, S::keys().map(Described::name));
    let hint = if name == "<<" {
        "merge keys are not read; put what is shared under `defaults`".to_owned()
    } else if let Some(place) = reader.home(name) {
        format!("`{name}` belongs in {place}")
    } else if let Some(near) = near {
        format!("did you mean `{near}`?")
    } else {
        format!("the keys here are {}", S::listed())
    };
    reader.complain(
        Complaint::new(Code::UnknownKey, message).hint(Some(hint)),
        mark,
    );
    near
}
