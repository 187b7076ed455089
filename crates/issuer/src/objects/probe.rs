//! Whether an object's storage takes and gives: asked by an administrator, see `use_cases::probe`.

use std::rc::Rc;

use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::schema::Tables;
use crate::ground::sql::{Sql, integer, transaction};

/// The name of the objects of a kind that are there for nothing else. No subject's and no account's
/// object has a name without a colon.
pub(crate) const NAME: &str = "probe";

/// Writes a row, reads it and leaves nothing, in one transaction; the answer leaves when that is on
/// disk. Fails as well where the object's tables are a later program's.
pub(super) fn probe(ground: &dyn Ground, tables: &Rc<Tables>) -> Result<(), Fault> {
    Sql::of(tables).has_tables()?;
    let written = ground.milliseconds();
    transaction(tables, move |sql| {
        sql.run("CREATE TABLE IF NOT EXISTS probe (at INTEGER)", vec![])?;
        sql.run("INSERT INTO probe VALUES (?)", vec![integer(written)])?;
        let read = sql.row("SELECT at FROM probe", vec![])?;
        let read = read.map(|row| row.integer(0)).transpose()?;
        sql.run("DROP TABLE probe", vec![])?;
        if read == Some(written) {
            Ok(())
        } else {
            Err(Fault::new("what was written is not what is read"))
        }
    })
}
