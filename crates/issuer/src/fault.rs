//! What goes wrong on our side.

use core::fmt;

use wasm_bindgen::JsValue;

/// Something of ours failed: storage, a binding, another object. The caller is not at fault and is
/// told nothing but that; the text is for the log and never holds a token, a password or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// What failed.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// The same fault, and what was being done.
    pub(crate) fn during(self, doing: &str) -> Self {
        Self(format!("{doing}: {}", self.0))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "faults")]
impl From<worker::Error> for Fault {
    fn from(error: worker::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        // Its prose can quote the input, which may be anything; where and what kind is enough.
        Self(format!(
            "JSON {:?} at {}:{}",
            error.classify(),
            error.line(),
            error.column()
        ))
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        js_sys::Error::new(&fault.0).into()
    }
}

#[cfg(feature = "faults")]
impl From<Fault> for worker::Error {
    fn from(fault: Fault) -> Self {
        Self::RustError(fault.0)
    }
}
