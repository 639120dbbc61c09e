//! The resources of a Terraform state, whichever of its two forms it has.

use certctl_model::{Name, Timestamp};
use serde_json::Value;

use crate::names::slug;

/// The deepest nesting of modules that is followed.
const MAX_DEPTH: usize = 32;

/// Why a file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerraformError {
    /// Not JSON.
    #[error("it is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A state of another format.
    #[error("it is a Terraform state of format {0}, and certctl reads format 4")]
    Version(String),
    /// A state that was encrypted.
    #[error("the state is encrypted")]
    Encrypted,
    /// JSON, and neither a state nor a state that was shown.
    #[error("it is neither a Terraform state nor the output of `terraform show -json`")]
    NotAState,
}

impl TerraformError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Version(_) => {
                "let today's Terraform write it anew: `terraform apply -refresh-only`"
            }
            _ => "write it with `terraform show -json > state.json`",
        }
    }
}

/// One instance of one managed resource.
#[derive(Debug, Clone)]
pub(crate) struct Resource<'a> {
    /// `module.a.module.b`, as it is written in the state; empty for the root module.
    pub(crate) module: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    /// A number or a text, for `count` and `for_each`.
    index: Option<&'a Value>,
    /// An object that Terraform replaced and has not deleted yet.
    pub(crate) deposed: bool,
    attributes: &'a Value,
}

/// All instances of managed resources, in the order of the state.
///
/// # Errors
/// When the document is no state.
pub(crate) fn all(document: &Value) -> Result<Vec<Resource<'_>>, TerraformError> {
    if document.get("encrypted_data").is_some() {
        return Err(TerraformError::Encrypted);
    }
    if let Some(version) = document.get("format_version") {
        if !version.is_string() {
            return Err(TerraformError::NotAState);
        }
        let prior = document.get("prior_state").unwrap_or(document);
        let mut found = Vec::new();
        if let Some(root) = prior.get("values").and_then(|v| v.get("root_module")) {
            shown(root, 0, &mut found);
        }
        return Ok(found);
    }
    let Some(version) = document.get("version").and_then(Value::as_u64) else {
        return Err(TerraformError::NotAState);
    };
    // The first three formats have `modules`.
    match (version, document.get("resources"), document.get("modules")) {
        (4, Some(Value::Array(resources)), _) => Ok(stored(resources)),
        (1..=3, _, Some(_)) | (5.., Some(_), _) => {
            Err(TerraformError::Version(version.to_string()))
        }
        _ => Err(TerraformError::NotAState),
    }
}

fn stored(resources: &[Value]) -> Vec<Resource<'_>> {
    let mut found = Vec::new();
    for resource in resources {
        if !is_managed(resource) {
            continue;
        }
        let instances = resource.get("instances").and_then(Value::as_array);
        for instance in instances.into_iter().flatten() {
            found.extend(read(resource, text(resource, "module"), instance));
        }
    }
    found
}

fn read<'a>(
    resource: &'a Value,
    module: Option<&'a str>,
    instance: &'a Value,
) -> Option<Resource<'a>> {
    let attributes = instance
        .get("attributes")
        .or_else(|| instance.get("values"))?;
    let index = instance.get("index_key").or_else(|| instance.get("index"));
    Some(Resource {
        module: module.unwrap_or_default(),
        kind: text(resource, "type")?,
        name: text(resource, "name")?,
        index: index.filter(|index| !index.is_null()),
        deposed: text(instance, "deposed")
            .or_else(|| text(instance, "deposed_key"))
            .is_some(),
        attributes,
    })
}

fn shown<'a>(module: &'a Value, depth: usize, found: &mut Vec<Resource<'a>>) {
    if depth > MAX_DEPTH {
        return;
    }
    let list = |key| {
        module
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for resource in list("resources").filter(|resource| is_managed(resource)) {
        found.extend(read(resource, text(module, "address"), resource));
    }
    for child in list("child_modules") {
        shown(child, depth + 1, found);
    }
}

fn is_managed(resource: &Value) -> bool {
    text(resource, "mode").is_none_or(|mode| mode == "managed")
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

impl<'a> Resource<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.attributes.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// A time; none for the zero time and for what is no time.
    pub(crate) fn time(&self, key: &str) -> Option<Timestamp> {
        let time: Timestamp = self.text(key)?.trim().parse().ok()?;
        (time > Timestamp::UNIX_EPOCH).then_some(time)
    }

    /// The address as people know it, as far as it can be shown.
    pub(crate) fn address(&self) -> String {
        let dot = if self.module.is_empty() { "" } else { "." };
        let index = match self.index {
            Some(index) => format!("[{index}]"),
            None => String::new(),
        };
        let address = format!("{}{dot}{}.{}{index}", self.module, self.kind, self.name);
        crate::verdict::printable(&address)
    }

    /// The address of the whole resource, without the keys of instances; none where it could not
    /// stand in HCL.
    pub(crate) fn whole(&self) -> Option<String> {
        let mut parts = modules(self.module)?;
        parts.extend([self.kind.to_owned(), self.name.to_owned()]);
        let all = parts.iter().all(|part| is_identifier(part));
        all.then(|| parts.join("."))
    }

    /// A name made of the resource's, with its innermost module and its key.
    pub(crate) fn suggested_name(&self) -> Option<Name> {
        let module = modules(self.module).unwrap_or_default().pop();
        let index = self.index.map(|index| match index {
            Value::String(key) => key.clone(),
            other => other.to_string(),
        });
        let parts: Vec<String> = [module, Some(self.name.to_owned()), index]
            .into_iter()
            .flatten()
            .collect();
        slug(&parts.join("-"))?.parse().ok()
    }
}

/// `module.a["x"].module.b[0]` as `module`, `a`, `module`, `b`.
fn modules(path: &str) -> Option<Vec<String>> {
    let mut plain = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in path.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.checked_sub(1)?,
            c if depth == 0 && !quoted => plain.push(c),
            _ => {}
        }
    }
    if plain.is_empty() {
        return Some(Vec::new());
    }
    Some(plain.split('.').map(str::to_owned).collect())
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
