//! The JSON Schema of the format, for editors and other tools.

use serde_json::{Value as Json, json};

use crate::format::{
    AccountMapping, CertificateMapping, CustomMapping, DefaultsMapping, Document, EvidenceMapping,
    LifecycleMapping, PolicyMapping, PrivateKeyMapping, RotationMapping, StateMapping,
    TableMapping, TemplateMapping, TokenMapping, WaveMapping, WindowMapping,
};
use crate::key::Mapping;

/// The JSON Schema (draft 2020-12) of a spec file, made from the table that files are checked with.
///
/// It is kept in `examples/spec.schema.json`. What it cannot say, such as that names are unique,
/// `certctl validate` does.
#[must_use]
pub fn json_schema() -> Json {
    let mut schema = Document::schema();
    let variable = json!({
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}",
        "description": "A value from the environment: ${NAME}.",
    });
    let definitions = json!({
        AccountMapping::NAME: AccountMapping::schema(),
        CertificateMapping::NAME: CertificateMapping::schema(),
        CustomMapping::NAME: CustomMapping::schema(),
        PrivateKeyMapping::NAME: PrivateKeyMapping::schema(),
        TemplateMapping::NAME: TemplateMapping::schema(),
        TableMapping::NAME: TableMapping::schema(),
        StateMapping::NAME: StateMapping::schema(),
        TokenMapping::NAME: TokenMapping::schema(),
        PolicyMapping::NAME: PolicyMapping::schema(),
        DefaultsMapping::NAME: DefaultsMapping::schema(),
        RotationMapping::NAME: RotationMapping::schema(),
        EvidenceMapping::NAME: EvidenceMapping::schema(),
        WaveMapping::NAME: WaveMapping::schema(),
        WindowMapping::NAME: WindowMapping::schema(),
        LifecycleMapping::NAME: LifecycleMapping::schema(),
        "variable": variable,
    });
    if let Json::Object(schema) = &mut schema {
        schema.insert(
            "$schema".to_owned(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        // Where editors find it, once it is in the public catalogue of schemas.
        let address = "https://www.schemastore.org/certctl.json";
        schema.insert("$id".to_owned(), address.into());
        schema.insert("title".to_owned(), "certctl spec".into());
        schema.insert("$defs".to_owned(), definitions);
    }
    schema
}
