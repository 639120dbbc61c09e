//! What a value can be: how it is read, and what the JSON Schema says of it.

pub(crate) mod kinds;
pub(crate) mod labels;
pub(crate) mod limits;
pub(crate) mod token;
pub(crate) mod words;

use serde_json::Value as Json;

use crate::complaint::Complaint;
use crate::reader::Reader;
use crate::yaml::Node;

/// A type of value: how it is read and what the JSON Schema says of it.
pub(crate) trait Value {
    /// What is read from a node.
    type Out<'n>;
    /// The schema, without its description.
    fn schema() -> Json;
    /// Reads it. The node is neither null nor unknown. Problems of what it holds go to the reader;
    /// its own is returned.
    fn read<'n>(
        node: &'n Node,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<Self::Out<'n>, Complaint>;
}
