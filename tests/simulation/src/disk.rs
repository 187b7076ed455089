//! An object's storage: a real `SQLite`, and an alarm that is committed with it.
//!
//! What is written is on disk when it is flushed; a machine that dies before takes back all that was
//! not. What an object says to others waits until the writes before it are on disk.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use worker::SqlStorageValue;

use hallpass_issuer::Fault;

/// Rows as an object reads them.
pub type Rows = Vec<Vec<SqlStorageValue>>;

/// See the module.
pub struct Disk {
    connection: Connection,
    /// When the alarm goes off, milliseconds.
    pub alarm: Option<u64>,
    /// The same, on disk.
    durable_alarm: Option<u64>,
    /// How many writes there were.
    written: u64,
    /// How many of them are on disk.
    flushed: u64,
    /// It has begun a transaction that the next flush commits.
    begun: bool,
}

impl Disk {
    /// An empty one.
    ///
    /// # Panics
    ///
    /// There is no memory left.
    #[must_use]
    pub fn empty() -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        connection.set_prepared_statement_cache_capacity(128);
        Self {
            connection,
            alarm: None,
            durable_alarm: None,
            written: 0,
            flushed: 0,
            begun: false,
        }
    }

    /// The rows of one statement.
    pub fn rows(&mut self, statement: &str, bindings: Vec<SqlStorageValue>) -> Result<Rows, Fault> {
        self.run(statement, bindings)
            .map_err(|error| Fault::new(error.to_string()))
    }

    fn run(&mut self, statement: &str, bindings: Vec<SqlStorageValue>) -> rusqlite::Result<Rows> {
        let writes = !self.connection.prepare_cached(statement)?.readonly();
        if writes {
            self.begin()?;
            self.written += 1;
        }
        let mut prepared = self.connection.prepare_cached(statement)?;
        let columns = prepared.column_count();
        let mut found = prepared.query(params_from_iter(bindings.into_iter().map(Binding)))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let read = |column| row.get_ref(column).map(read);
            rows.push((0..columns).map(read).collect::<rusqlite::Result<_>>()?);
        }
        Ok(rows)
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.begun {
            self.connection.prepare_cached("BEGIN")?.execute([])?;
            self.begun = true;
        }
        Ok(())
    }

    /// From here on, until [`Disk::end`], all is one.
    pub fn mark(&mut self) -> Result<(), Fault> {
        self.begin()
            .and_then(|()| self.simply("SAVEPOINT steps"))
            .map_err(|error| Fault::new(error.to_string()))
    }

    /// Keeps what was written since [`Disk::mark`], or takes it back.
    pub fn end(&mut self, keep: bool) -> Result<(), Fault> {
        let back = if keep {
            Ok(())
        } else {
            self.simply("ROLLBACK TO steps")
        };
        back.and_then(|()| self.simply("RELEASE steps"))
            .map_err(|error| Fault::new(error.to_string()))
    }

    fn simply(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(statement)?
            .execute([])
            .map(drop)
    }

    /// Sets the alarm, with what was written before it.
    pub const fn set_alarm(&mut self, at: u64) {
        self.alarm = Some(at);
        self.written += 1;
    }

    /// The writes so far, to be waited for.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// Whether these writes are on disk.
    #[must_use]
    pub const fn has(&self, written: u64) -> bool {
        written <= self.flushed
    }

    /// Whether everything is on disk.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.flushed == self.written
    }

    /// When the alarm on disk goes off: no other does.
    #[must_use]
    pub const fn due_alarm(&self) -> Option<u64> {
        self.durable_alarm
    }

    /// The alarm goes off. It is not set any more.
    pub const fn alarm_goes_off(&mut self) {
        self.alarm = None;
        self.durable_alarm = None;
    }

    /// Everything that was written is on disk.
    ///
    /// # Panics
    ///
    /// `SQLite` cannot commit what it has taken.
    pub fn flush(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.simply("COMMIT").expect("what was taken commits");
        }
        self.durable_alarm = self.alarm;
        self.flushed = self.written;
    }

    /// The machine dies: what was not flushed is gone.
    ///
    /// # Panics
    ///
    /// `SQLite` cannot take back what it has taken.
    pub fn lose(&mut self) {
        if std::mem::take(&mut self.begun) {
            self.simply("ROLLBACK")
                .expect("what was taken is taken back");
        }
        self.alarm = self.durable_alarm;
        self.written = self.flushed;
    }
}

struct Binding(SqlStorageValue);

impl ToSql for Binding {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match &self.0 {
            SqlStorageValue::Null => ToSqlOutput::Owned(Value::Null),
            SqlStorageValue::Boolean(value) => ToSqlOutput::Owned(Value::Integer((*value).into())),
            SqlStorageValue::Integer(value) => ToSqlOutput::Owned(Value::Integer(*value)),
            SqlStorageValue::Float(value) => ToSqlOutput::Owned(Value::Real(*value)),
            SqlStorageValue::String(value) => {
                ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes()))
            }
            SqlStorageValue::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

fn read(value: ValueRef<'_>) -> SqlStorageValue {
    match value {
        ValueRef::Null => SqlStorageValue::Null,
        ValueRef::Integer(value) => SqlStorageValue::Integer(value),
        ValueRef::Real(value) => SqlStorageValue::Float(value),
        ValueRef::Text(text) => SqlStorageValue::String(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(blob) => SqlStorageValue::Blob(blob.to_vec()),
    }
}
