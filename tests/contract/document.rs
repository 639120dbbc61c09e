//! A description of the API: which schema a request or a response of an operation must fit.

use std::path::Path;

use serde_json::{Value, json};

pub(crate) struct Document {
    pub(crate) name: &'static str,
    value: Value,
}

impl Document {
    /// The project's own description, and the official one if it is there.
    pub(crate) fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let own = std::fs::read_to_string(root.join("tests/contract/gateway.json")).unwrap();
        let mut all = vec![Self::new("gateway.json", &own)];
        match std::fs::read_to_string(root.join("../shared/openapi-gateway-certificates.json")) {
            Ok(official) => all.push(Self::new("the official document", &official)),
            Err(_) => println!("skipped, because the official OpenAPI document is not at hand"),
        }
        all
    }

    fn new(name: &'static str, text: &str) -> Self {
        let mut value: Value = serde_json::from_str(text).unwrap();
        nullable(&mut value);
        Self { name, value }
    }

    /// What stands in the way of this response; nothing, if it fits.
    pub(crate) fn response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: &Value,
    ) -> Vec<String> {
        let operation = &self.value["paths"][path][method];
        let response = &operation["responses"][status.to_string()];
        if response.is_null() {
            return vec![format!("{method} {path} does not answer with {status}")];
        }
        self.faults(&response["content"]["application/json"]["schema"], body)
    }

    /// What stands in the way of this request body.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let operation = &self.value["paths"][path][method];
        if operation.is_null() {
            return vec![format!("{method} {path} does not exist")];
        }
        self.faults(
            &operation["requestBody"]["content"]["application/json"]["schema"],
            body,
        )
    }

    fn faults(&self, schema: &Value, body: &Value) -> Vec<String> {
        if schema.is_null() {
            return Vec::new();
        }
        let whole = json!({ "allOf": [schema], "components": self.value["components"] });
        let validator = jsonschema::validator_for(&whole).unwrap();
        validator
            .iter_errors(body)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect()
    }
}

/// OpenAPI 3.0 says `nullable`, JSON Schema says so in the type.
fn nullable(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("nullable") == Some(&Value::Bool(true))
                && let Some(Value::String(kind)) = map.get("type").cloned()
            {
                map.insert("type".to_owned(), json!([kind, "null"]));
            }
            map.values_mut().for_each(nullable);
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}
