//! Statements, rows, and the one way to write.

use std::cell::RefCell;
use std::rc::Rc;

use worker::SqlStorageValue;

use super::schema::Tables;
use crate::fault::Fault;

/// Runs statements.
pub(crate) struct Sql {
    pub(super) tables: Rc<Tables>,
    /// What it writes may still be taken back.
    pub(super) in_transaction: bool,
}

impl Sql {
    /// An object's storage, for reading. Writing goes through [`transaction`].
    pub(crate) fn of(tables: &Rc<Tables>) -> Self {
        Self {
            tables: Rc::clone(tables),
            in_transaction: false,
        }
    }

    /// The rows of one statement, `bindings` in the places of its question marks.
    pub(crate) fn rows(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Vec<Row>, Fault> {
        let rows = self.tables.ground.rows(statement.into(), bindings)?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// One statement for its effect that is put together here.
    pub(super) fn run_text(&self, statement: String) -> Result<(), Fault> {
        let rows = self.tables.ground.rows(statement.into(), Vec::new());
        rows.map(drop)
    }

    /// The first row of one statement.
    pub(crate) fn row(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<Option<Row>, Fault> {
        self.rows(statement, bindings)
            .map(|rows| rows.into_iter().next())
    }

    /// One statement for its effect.
    pub(crate) fn run(
        &self,
        statement: &'static str,
        bindings: Vec<SqlStorageValue>,
    ) -> Result<(), Fault> {
        self.rows(statement, bindings).map(drop)
    }
}

/// Decides and stores as one: either all that `decide` wrote is there afterwards, or nothing.
///
/// That nothing else runs between two statements without an `.await` does not make them one: when
/// the second fails, the first stays. So whatever reads in order to write does both in here.
/// `decide` fails: everything it wrote is rolled back, and its fault is returned.
pub(crate) fn transaction<T: 'static>(
    tables: &Rc<Tables>,
    decide: impl FnOnce(&Sql) -> Result<T, Fault> + 'static,
) -> Result<T, Fault> {
    let decided = Rc::new(RefCell::new(None));
    let slot = Rc::clone(&decided);
    let sql = Sql {
        tables: Rc::clone(tables),
        in_transaction: true,
    };
    tables.ground.transaction(Box::new(move || {
        *slot.borrow_mut() = Some(decide(&sql)?);
        Ok(())
    }))?;
    let decided = decided.borrow_mut().take();
    decided.ok_or_else(|| Fault::new("transaction: not run"))
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
