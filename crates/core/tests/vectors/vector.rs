//! Reads the vectors' files. What their members mean stands in `tests/vectors/README.md`.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A token, what it is verified with, and what is to come of it.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) rfc: String,
    pub(crate) token: String,
    pub(crate) keys: Value,
    pub(crate) options: Value,
    pub(crate) now: u64,
    pub(crate) expect: Value,
}

/// Those of all files.
pub(crate) fn all() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Vector> {
    let text = fs::read_to_string(file).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    vectors.iter().map(Vector::read).collect()
}

impl Vector {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        Self {
            name: text("name"),
            rfc: text("rfc"),
            token: text("token"),
            keys: value["keys"].clone(),
            options: value["options"].clone(),
            now: value["now"].as_u64().unwrap(),
            expect: value["expect"].clone(),
        }
    }

    /// An option that is one text or several.
    pub(crate) fn texts(&self, option: &str) -> Vec<String> {
        let Some(option) = self.options.get(option) else {
            return Vec::new();
        };
        match option.as_array() {
            Some(texts) => texts.iter().map(text).collect(),
            None => vec![text(option)],
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
