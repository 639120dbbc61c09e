//! A YAML text as a tree of what stands where, in bytes.
//!
//! *Purpose*: where text can be inserted so that everything else keeps its bytes, and whether a text
//! with an insertion still says what it said. *Non-goals*: meaning; the spec's own parser has judged
//! the text before, and its limits hold here too.

use granit_parser::{Event, Parser, Span, StructureStyle};

/// The most levels that are followed; the spec's own parser allows 32.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) place: Extent,
}

/// What a value is. Two kinds are equal when they say the same, wherever they stand.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Its text without quotes.
    Scalar(String),
    /// `*name`: what it stands for cannot be extended here.
    Alias,
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Where the last character ends that belongs to it, in bytes; of `[…]` and `{…}` the bracket.
    pub(crate) end: usize,
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 0; of a list in block style that of its dashes.
    pub(crate) column: usize,
    /// Whether it is written as `[…]` or `{…}`.
    pub(crate) flow: bool,
}

impl Node {
    /// The first document of a text; `None` where it is empty or cannot be read.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut events = Vec::new();
        for next in Parser::new_from_str(text) {
            let (event, span) = next.ok()?;
            match event {
                Event::Scalar(..)
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..)
                | Event::MappingEnd => events.push((event, span)),
                _ => {}
            }
        }
        let mut events = events.into_iter();
        let first = events.next()?;
        let mut root = build(first, &mut events, 0)?;
        root.find_dashes(text);
        Some(root)
    }

    /// A list in block style whose dashes stand below its key starts, for the parser, behind the first
    /// of them.
    fn find_dashes(&mut self, text: &str) {
        let start = self.place.start;
        match &mut self.kind {
            Kind::List(items) => {
                let before = text.get(..start).unwrap_or_default();
                let first = items.first().map(|item| item.place.start);
                let behind = before.trim_end_matches(' ');
                if !self.place.flow && first == Some(start) && behind.ends_with('-') {
                    let spaces = before.len() - behind.len();
                    self.place.start = behind.len() - 1;
                    self.place.column = self.place.column.saturating_sub(spaces + 1);
                }
                items.iter_mut().for_each(|item| item.find_dashes(text));
            }
            Kind::Map(entries) => {
                for (key, value) in entries {
                    key.find_dashes(text);
                    value.find_dashes(text);
                }
            }
            Kind::Scalar(_) | Kind::Alias => {}
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        entries.iter().find_map(|(name, value)| match &name.kind {
            Kind::Scalar(name) if name == key => Some(value),
            _ => None,
        })
    }

    /// The items, if this is a list.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether both say the same, wherever it stands and however it is written.
    pub(crate) fn says(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Scalar(a), Kind::Scalar(b)) => a == b,
            (Kind::Alias, Kind::Alias) => true,
            (Kind::List(a), Kind::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says(b))
            }
            (Kind::Map(a), Kind::Map(b)) => {
                let pairs = a.iter().zip(b);
                a.len() == b.len()
                    && pairs
                        .into_iter()
                        .all(|((k, v), (l, w))| k.says(l) && v.says(w))
            }
            _ => false,
        }
    }
}

type Spanned<'t> = (Event<'t>, Span);

fn build<'t>(
    (event, span): Spanned<'t>,
    events: &mut dyn Iterator<Item = Spanned<'t>>,
    depth: usize,
) -> Option<Node> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut place = extent(span)?;
    let kind = match event {
        Event::Scalar(text, ..) => Kind::Scalar(text.into_owned()),
        Event::Alias(_) => Kind::Alias,
        Event::SequenceStart(style, ..) => {
            place.flow = style == StructureStyle::Flow;
            let mut items = Vec::new();
            loop {
                let next = events.next()?;
                if next.0 == Event::SequenceEnd {
                    place.close(next.1, items.iter());
                    break;
                }
                items.push(build(next, events, depth + 1)?);
            }
            Kind::List(items)
        }
        Event::MappingStart(style, ..) => {
            place.flow = style == StructureStyle::Flow;
            let mut entries = Vec::new();
            loop {
                let next = events.next()?;
                if next.0 == Event::MappingEnd {
                    place.close(next.1, entries.iter().flat_map(|(key, value)| [key, value]));
                    break;
                }
                let key = build(next, events, depth + 1)?;
                let value = build(events.next()?, events, depth + 1)?;
                entries.push((key, value));
            }
            Kind::Map(entries)
        }
        _ => return None,
    };
    Some(Node { kind, place })
}

fn extent(span: Span) -> Option<Extent> {
    let range = span.byte_range()?;
    Some(Extent {
        start: range.start,
        end: range.end,
        line: span.start.line(),
        column: span.start.col(),
        flow: false,
    })
}

impl Extent {
    /// The end of a collection: that of its bracket, or that of the last thing in it. What is not
    /// written out, such as a null, has no length and may seem to stand on a later line.
    fn close<'n>(&mut self, span: Span, children: impl Iterator<Item = &'n Node>) {
        let ends = children.filter(|child| child.place.end > child.place.start);
        let last = ends.map(|child| child.place.end).max();
        self.end = match (self.flow, span.byte_range()) {
            (true, Some(range)) => range.end,
            _ => last.unwrap_or(self.end).max(self.start),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
version: 1
accounts:
- name: ä # x
  certificates:
    # hello
    - name: b
      import:   # foo
    # tail
  account_id: 12
- {name: b, certificates: [ {name: c} ]}
";

    #[test]
    fn everything_stands_where_it_is_written() {
        let root = Node::parse(TEXT).unwrap();
        let accounts = root.get("accounts").unwrap();
        assert_eq!(
            (accounts.place.column, accounts.place.flow),
            (0, false),
            "{accounts:?}"
        );
        let [first, second] = accounts.items().unwrap() else {
            panic!("{accounts:?}")
        };
        let name = first.get("name").unwrap().place;
        assert_eq!((name.line, name.column), (3, 8));
        let block = first.get("certificates").unwrap().place;
        assert_eq!((block.column, block.flow), (4, false));
        assert!(
            TEXT[..block.end].ends_with("import"),
            "{}",
            &TEXT[..block.end]
        );
        let flow = second.get("certificates").unwrap().place;
        assert!(flow.flow);
        assert_eq!(&TEXT[flow.start..flow.end], "[ {name: c} ]");
        assert!(TEXT[..accounts.place.end].ends_with("]}"));
    }

    #[test]
    fn what_is_said_does_not_depend_on_how() {
        let parse = |text| Node::parse(text).unwrap();
        assert!(parse("a: [1, 'x']").says(&parse("a:\n  - 1   # one\n  - x\n")));
        assert!(!parse("a: [1]").says(&parse("a: [1, 2]")));
        assert!(!parse("a: {b: c}").says(&parse("a: {b: d}")));
        assert!(Node::parse("").is_none());
        assert!(Node::parse("a: [").is_none());
    }
}
