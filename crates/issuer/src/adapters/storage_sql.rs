//! An object's SQLite storage: statements, rows, and the one way to write.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::fault::Fault;

/// Runs statements.
pub(crate) struct Sql(SqlStorage);

impl Sql {
    /// The storage's SQL interface, for reading. Writing goes through [`transaction`].
    pub(crate) fn of(storage: &Storage) -> Self {
        Self(storage.sql())
    }

    /// The rows of one statement, `bindings` in the places of its question marks.
    pub(crate) fn rows(
        &self,
        statement: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Row>, Fault> {
        #[cfg(feature = "faults")]
        crate::faults::before_statement(statement)?;
        let cursor = self.0.exec(statement, bindings)?;
        let rows = cursor
            .raw()
            .map(|row| row.map(Row))
            .collect::<worker::Result<_>>()?;
        #[cfg(feature = "faults")]
        {
            crate::faults::count_rows(cursor.rows_read(), cursor.rows_written());
            crate::faults::after_statement(statement)?;
        }
        Ok(rows)
    }

    /// The first row of one statement.
    pub(crate) fn row(
        &self,
        statement: &str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Option<Row>, Fault> {
        self.rows(statement, bindings)
            .map(|rows| rows.into_iter().next())
    }

    /// One statement for its effect.
    pub(crate) fn run(&self, statement: &str, bindings: Vec<SqlStorageValue>) -> Result<(), Fault> {
        self.rows(statement, bindings).map(drop)
    }
}

/// One row, read by column.
pub(crate) struct Row(Vec<SqlStorageValue>);

impl Row {
    fn value(&self, column: usize) -> Result<&SqlStorageValue, Fault> {
        self.0
            .get(column)
            .ok_or_else(|| Fault::new(format!("a row has no column {column}")))
    }

    fn unexpected(column: usize) -> Fault {
        Fault::new(format!("column {column} holds another type than expected"))
    }

    pub(crate) fn is_null(&self, column: usize) -> Result<bool, Fault> {
        Ok(matches!(self.value(column)?, SqlStorageValue::Null))
    }

    pub(crate) fn integer(&self, column: usize) -> Result<u64, Fault> {
        if let SqlStorageValue::Integer(value) = self.value(column)? {
            return u64::try_from(*value).map_err(|_| Self::unexpected(column));
        }
        Err(Self::unexpected(column))
    }

    pub(crate) fn small(&self, column: usize) -> Result<u32, Fault> {
        u32::try_from(self.integer(column)?).map_err(|_| Self::unexpected(column))
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, Fault> {
        if let SqlStorageValue::String(value) = self.value(column)? {
            return Ok(value.clone());
        }
        Err(Self::unexpected(column))
    }

    pub(crate) fn blob(&self, column: usize) -> Result<Vec<u8>, Fault> {
        if let SqlStorageValue::Blob(value) = self.value(column)? {
            return Ok(value.clone());
        }
        Err(Self::unexpected(column))
    }

    /// A column's value, or `None` where it is NULL.
    pub(crate) fn optional<T>(
        &self,
        column: usize,
        read: impl Fn(&Self, usize) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        if self.is_null(column)? {
            Ok(None)
        } else {
            read(self, column).map(Some)
        }
    }
}

/// A number as SQLite stores it; JavaScript's numbers hold it exactly up to 2^53.
pub(crate) fn integer(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(
        i64::try_from(value)
            .unwrap_or(i64::MAX)
            .min(MAX_SAFE_INTEGER),
    )
}

const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Decides and stores as one: either all that `decide` wrote is there afterwards, or nothing.
///
/// That nothing else runs between two statements without an `.await` does not make them one: when
/// the second fails, the first stays. So whatever reads in order to write does both in here.
/// `decide` fails: everything it wrote is rolled back, and its fault is returned.
pub(crate) fn transaction<T: 'static>(
    storage: &Storage,
    decide: impl FnOnce(&Sql) -> Result<T, Fault> + 'static,
) -> Result<T, Fault> {
    let outcome = Rc::new(RefCell::new(None));
    let (slot, sql) = (Rc::clone(&outcome), Sql::of(storage));
    let mut decide = Some(decide);
    let callback = Closure::<dyn FnMut() -> Result<(), JsValue>>::new(move || {
        let decide = decide
            .take()
            .ok_or_else(|| JsValue::from_str("called twice"))?;
        let decided = decide(&sql);
        // Throwing is what makes the runtime roll back.
        let thrown = decided
            .as_ref()
            .err()
            .map(|fault| JsValue::from_str(&fault.to_string()));
        *slot.borrow_mut() = Some(decided);
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
    let decided = outcome.borrow_mut().take();
    match (committed, decided) {
        (Ok(_), Some(decided)) => decided,
        (Err(_), Some(Err(fault))) => Err(fault),
        (Err(thrown), _) => Err(Fault::new(format!("transaction: {thrown:?}"))),
        (Ok(_), None) => Err(Fault::new("transaction: not run")),
    }
}
