//! The schemas, unpacked.

use std::path::Path;

use serde_json::Value;

/// A file of `tests/schemas`, without its `.zst`.
pub fn text(name: &str) -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let packed = std::fs::read(dir.join(format!("{name}.zst"))).unwrap();
    String::from_utf8(zstd::decode_all(&*packed).unwrap()).unwrap()
}

/// A schema, ready to be held against documents.
pub fn validator(schema: &Value) -> jsonschema::Validator {
    jsonschema::validator_for(schema).unwrap_or_else(|error| panic!("{error}"))
}

/// Holds a document against a schema; says where it does not fit.
#[track_caller]
pub fn fits(validator: &jsonschema::Validator, document: &Value, what: &str) {
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .take(5)
        .map(|error| format!("{}: {error:.300}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
}
