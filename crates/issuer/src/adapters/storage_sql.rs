//! An object's SQLite storage.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::fault::Fault;

/// The rows of one statement, `bindings` in the places of its question marks.
pub(super) fn rows(
    sql: &SqlStorage,
    statement: &str,
    bindings: Vec<SqlStorageValue>,
) -> Result<Vec<Vec<SqlStorageValue>>, Fault> {
    #[cfg(feature = "faults")]
    crate::faults::before_statement(statement)?;
    let cursor = sql.exec(statement, bindings)?;
    let rows = cursor.raw().collect::<worker::Result<_>>()?;
    #[cfg(feature = "faults")]
    {
        crate::faults::count_rows(cursor.rows_read(), cursor.rows_written());
        crate::faults::after_statement(statement)?;
    }
    Ok(rows)
}

/// Runs `steps` in a transaction of the runtime, which rolls back when they fail.
pub(super) fn transaction(
    storage: &Storage,
    steps: Box<dyn FnOnce() -> Result<(), Fault>>,
) -> Result<(), Fault> {
    let outcome = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&outcome);
    let mut steps = Some(steps);
    let callback = Closure::<dyn FnMut() -> Result<(), JsValue>>::new(move || {
        let steps = steps
            .take()
            .ok_or_else(|| JsValue::from_str("called twice"))?;
        let done = steps();
        // Throwing is what makes the runtime roll back.
        let thrown = done
            .as_ref()
            .err()
            .map(|fault| JsValue::from_str(&fault.to_string()));
        *slot.borrow_mut() = Some(done);
        thrown.map_or(Ok(()), Err)
    });
    let run = || -> Result<JsValue, JsValue> {
        let raw: &JsValue = storage.as_raw();
        let function = Reflect::get(raw, &JsValue::from_str("transactionSync"))?;
        function
            .dyn_into::<Function>()?
            .call1(raw, callback.as_ref())
    };
    let committed = run();
    let done = outcome.borrow_mut().take();
    match (committed, done) {
        (Ok(_), Some(done)) => done,
        (Err(_), Some(Err(fault))) => Err(fault),
        (Err(thrown), _) => Err(Fault::new(format!("transaction: {thrown:?}"))),
        (Ok(_), None) => Err(Fault::new("transaction: not run")),
    }
}
