//! An object's SQLite storage.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, Storage};

use super::storage_json;
use crate::boundary;
use crate::fault::Fault;
use crate::ground::Statement;

thread_local! {
    /// The program's statements as JavaScript has them, by where they stand: their texts do not cross every time.
    static STATEMENTS: RefCell<HashMap<(usize, usize), JsString>> = RefCell::default();
}

/// The rows of one statement, `bindings` in the places of its question marks.
pub(super) fn rows(
    sql: &SqlStorage,
    statement: &Statement,
    bindings: Vec<SqlStorageValue>,
) -> Result<Vec<Vec<SqlStorageValue>>, Fault> {
    #[cfg(feature = "faults")]
    crate::faults::before_statement(statement)?;
    let bindings = storage_json::of_bindings(bindings)?;
    let rows =
        boundary::rows(sql.as_ref(), &kept(statement), &bindings).map_err(boundary::thrown)?;
    #[cfg(feature = "faults")]
    let rows = {
        let rows = crate::faults::count_rows(&rows)?.to_owned();
        crate::faults::after_statement(statement)?;
        rows
    };
    storage_json::rows(&rows)
}

fn kept(statement: &Statement) -> JsString {
    match statement {
        Cow::Owned(text) => JsString::from(text.as_str()),
        Cow::Borrowed(text) => STATEMENTS.with_borrow_mut(|statements| {
            let place = (text.as_ptr().addr(), text.len());
            let kept = statements.entry(place);
            kept.or_insert_with(|| JsString::from(*text)).clone()
        }),
    }
}

/// Runs `steps` in a transaction of the runtime, which rolls back when they fail.
pub(super) fn transaction(
    storage: &Storage,
    steps: Box<dyn FnOnce() -> Result<(), Fault>>,
) -> Result<(), Fault> {
    let mut outcome = None;
    let mut steps = Some(steps);
    let committed = boundary::transaction(storage.as_raw().unchecked_ref(), &mut || {
        let steps = steps
            .take()
            .ok_or_else(|| JsValue::from_str("called twice"))?;
        let done = steps();
        // Throwing is what makes the runtime roll back.
        let thrown = done
            .as_ref()
            .err()
            .map(|fault| JsValue::from_str(&fault.to_string()));
        outcome = Some(done);
        thrown.map_or(Ok(()), Err)
    });
    match (committed, outcome) {
        (Ok(()), Some(done)) => done,
        (Err(_), Some(Err(fault))) => Err(fault),
        (Err(thrown), _) => Err(boundary::thrown(thrown).during("transaction")),
        (Ok(()), None) => Err(Fault::new("transaction: not run")),
    }
}
