//! What the vectors hold: tokens, and sets of keys.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// Every token of the vectors.
pub(crate) fn tokens() -> Vec<Vec<u8>> {
    texts(|vector| vector["token"].as_str().map(str::to_owned))
}

/// Every set of keys of the vectors.
pub(crate) fn key_sets() -> Vec<Vec<u8>> {
    texts(|vector| vector["keys"].get("jwks").map(Value::to_string))
}

/// Of every vector that has one.
fn texts(of: impl Fn(&Value) -> Option<String>) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let mut texts = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|name| name == "json"))
    {
        let vectors: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        texts.extend(
            vectors
                .as_array()
                .unwrap()
                .iter()
                .filter_map(&of)
                .map(String::into_bytes),
        );
    }
    assert!(texts.len() > 300, "only {} are found", texts.len());
    texts
}
