//! The tables of an object's storage, and how those of an older release become today's.
//!
//! A kind of object lists [steps](Step): the first makes its tables, each later one is what a release
//! added. A storage's version says how many of them it has behind it.
//!
//! * Without tables (0), nothing is stored until something has to be; then all steps are taken.
//! * With older tables, the missing steps are taken when the object first looks at its storage after it
//!   woke, in one transaction: all of them and the version, or none.
//! * With newer tables, a later program was here, and what it stored may mean what this one does not
//!   know. Nothing is read or written, every command fails and says so, and an alarm comes again.
//!
//! **A step that was released is never edited**: a storage that has it behind it would not hear of it.
//! `tests/migrations` has storages of old releases.
//!
//! **The version is a view**, for a Durable Object may not set `PRAGMA user_version`. A view stands in
//! `sqlite_master` as the tables do, so one look finds both; a table would take a second look, and a
//! page of 4 KB in every object. Tables without the view are of version 1, whose storages had none.

use std::cell::Cell;
use std::cmp::Ordering;
use std::rc::Rc;

use super::Ground;
use super::sql::{Row, Sql, transaction};
use crate::fault::Fault;

/// What makes a version out of the one before: statements, in this order. The first of the first step
/// is a `CREATE TABLE`.
pub struct Step(pub &'static [&'static str]);

/// Looks for the view and for the first table; the runtime has tables of its own in there.
const LOOK: &str = "SELECT count(*), max(CASE name WHEN 'schema' THEN sql END) FROM sqlite_master
     WHERE name IN ('schema', ?)";

/// The view as SQLite keeps its text, before and after the version.
const VIEW: [&str; 2] = ["CREATE VIEW schema AS SELECT ", " AS version"];

/// The tables of one object, and what it remembers of them while it is awake.
pub(crate) struct Tables {
    pub(super) ground: Rc<dyn Ground>,
    steps: &'static [Step],
    /// They were found to be today's, by a look at what is committed. Such tables stay.
    settled: Cell<bool>,
}

impl Tables {
    /// The tables of the object that stands on this, with the steps of its kind.
    pub(crate) fn on(ground: &Rc<dyn Ground>, steps: &'static [Step]) -> Rc<Self> {
        Rc::new(Self {
            ground: Rc::clone(ground),
            steps,
            settled: Cell::new(false),
        })
    }
}

impl Sql {
    /// Whether there are tables. They are today's from then on: older ones are brought up to date.
    ///
    /// One look at the storage, until one outside a transaction has found today's tables. Fails where
    /// the tables are a later program's.
    pub(crate) fn has_tables(&self) -> Result<bool, Fault> {
        let Tables { steps, settled, .. } = &*self.tables;
        if settled.get() {
            return Ok(true);
        }
        let (version, today) = (version(self, steps)?, steps.len());
        match version.cmp(&today) {
            Ordering::Less if version == 0 => Ok(false),
            Ordering::Less => {
                let steps = *steps;
                transaction(&self.tables, move |sql| take(steps, version, sql))?;
                Ok(true)
            }
            Ordering::Equal => {
                // What a transaction sees it may have written itself, and take back.
                settled.set(!self.in_transaction);
                Ok(true)
            }
            Ordering::Greater => Err(Fault::new(format!(
                "the tables are of version {version}, and this release knows them up to {today}: \
                 deploy the release that was here before, or a later one"
            ))),
        }
    }

    /// Makes the tables, where there are none. In a transaction, with what is written to them.
    pub(crate) fn create_tables(&self) -> Result<(), Fault> {
        if self.has_tables()? {
            return Ok(());
        }
        take(self.tables.steps, 0, self)
    }
}

/// How many steps a storage has behind it.
fn version(sql: &Sql, steps: &'static [Step]) -> Result<usize, Fault> {
    let unreadable = || Fault::new("the version of the tables cannot be read");
    let table = first_table(steps).ok_or_else(unreadable)?;
    let found = sql.row(LOOK, vec![table.into()])?;
    let found = found.ok_or_else(unreadable)?;
    let [before, after] = VIEW;
    match found.optional(1, Row::text)? {
        Some(view) => view
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .and_then(|version| version.parse().ok())
            .ok_or_else(unreadable),
        None => Ok(usize::from(found.integer(0)? > 0)),
    }
}

/// The name in the first statement, `CREATE TABLE <name> (`.
fn first_table(steps: &'static [Step]) -> Option<&'static str> {
    let Step(statements) = steps.first()?;
    statements.first()?.split_whitespace().nth(2)
}

/// Takes the steps after the first so many, and writes down how many are behind the storage now.
fn take(steps: &[Step], behind: usize, sql: &Sql) -> Result<(), Fault> {
    for Step(statements) in steps.iter().skip(behind) {
        for statement in *statements {
            sql.run(statement, vec![])?;
        }
    }
    if steps.len() == 1 {
        return Ok(());
    }
    let [before, after] = VIEW;
    sql.run("DROP VIEW IF EXISTS schema", vec![])?;
    sql.run_text(format!("{before}{}{after}", steps.len()))
}
