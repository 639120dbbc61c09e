//! `token`, read: which of its sources gives the token.

use crate::fields::{Field, Fields};
use crate::format;
use crate::reader::Reader;
use crate::token::{Token, TokenSource};

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
        } => source(&value, reader).map_or(Field::Lost, |source| Field::Is {
            value: Token {
                source,
                place: reader.place(mark),
            },
            mark,
            origin,
        }),
    }
}

fn source(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<TokenSource> {
    let env = fields.get(&format::TOKEN_ENV, reader).known()?;
    let file = fields.get(&format::TOKEN_FILE, reader).known()?;
    let command = fields.get(&format::TOKEN_COMMAND, reader).known()?;
    // None of them, or several: that was reported when the keys were read.
    match (env, file, command) {
        (Some(name), None, None) => Some(TokenSource::Env(name)),
        (None, Some(path), None) => Some(TokenSource::File(path)),
        (None, None, Some(words)) => Some(TokenSource::Command(words)),
        _ => None,
    }
}
