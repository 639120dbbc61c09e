//! `token`, read: which of its sources gives the token.

use crate::fields::{Field, Fields};
use crate::format;
use crate::key::Key;
use crate::reader::Reader;
use crate::token::{SecretSource, Token};
use crate::value::token::{FilePath, VariableName, Words};

/// Reads it. Lost: something in it is unknown or wrong.
pub(super) fn read(said: Field<Fields<'_>>, reader: &mut Reader<'_>) -> Field<Token> {
    match said {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Lost => Field::Lost,
        Field::Is {
            value,
            mark,
            origin,
        } => source(&value, KEYS, reader).map_or(Field::Lost, |source| Field::Is {
            value: Token {
                source,
                place: reader.place(mark),
            },
            mark,
            origin,
        }),
    }
}

/// The three keys by which a secret is given: a variable, a file, a command.
pub(super) type SourceKeys = (
    &'static Key<VariableName>,
    &'static Key<FilePath>,
    &'static Key<Words>,
);

const KEYS: SourceKeys = (
    &format::TOKEN_ENV,
    &format::TOKEN_FILE,
    &format::TOKEN_COMMAND,
);

/// Which of its sources gives a secret.
pub(super) fn source(
    fields: &Fields<'_>,
    (env, file, command): SourceKeys,
    reader: &mut Reader<'_>,
) -> Option<SecretSource> {
    let env = fields.get(env, reader).known()?;
    let file = fields.get(file, reader).known()?;
    let command = fields.get(command, reader).known()?;
    // None of them, or several: that was reported when the keys were read.
    match (env, file, command) {
        (Some(name), None, None) => Some(SecretSource::Env(name)),
        (None, Some(path), None) => Some(SecretSource::File(path)),
        (None, None, Some(words)) => Some(SecretSource::Command(words)),
        _ => None,
    }
}
