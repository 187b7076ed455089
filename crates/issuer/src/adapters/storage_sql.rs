//! An object's SQLite storage.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, Storage};

use super::storage_json;
use crate::boundary;
use crate::fault::Fault;

/// How many statements are kept: more than there are.
const KEPT: usize = 256;

thread_local! {
    /// Statements as JavaScript has them: their texts do not cross every time.
    static STATEMENTS: RefCell<HashMap<String, JsString>> = RefCell::default();
}

/// The rows of one statement, `bindings` in the places of its question marks.
pub(super) fn rows(
    sql: &SqlStorage,
    statement: &str,
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

fn kept(statement: &str) -> JsString {
    STATEMENTS.with_borrow_mut(|statements| {
        if let Some(kept) = statements.get(statement) {
            return kept.clone();
        }
        if statements.len() >= KEPT {
            statements.clear();
        }
        let text = JsString::from(statement);
        statements.insert(statement.to_owned(), text.clone());
        text
    })
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
