//! What an object knows of a token, read at one look: a statement costs more than what it finds.

use hallpass_core::claims::Claims;
use hallpass_core::subject::SubjectState;

use super::decide::sid_of;
use super::message::Profile;
use super::sessions::{Kept, columns, kept};
use super::store::{Store, state};
use crate::fault::Fault;
use crate::ground::sql::Row;

/// What is known of a token.
#[derive(Default)]
pub(super) struct Sight {
    /// What holds for all tokens of its subject.
    pub(super) state: SubjectState,
    /// Its subject's account, unless that was deleted.
    pub(super) profile: Option<Profile>,
    /// The session that it names, or that follows from its id.
    pub(super) kept: Option<Kept>,
    /// It was called back by itself.
    pub(super) by_itself: bool,
}

/// Those of a session come after these.
const BEFORE: usize = 7;

impl Store<'_> {
    /// Looks at everything that has to do with a token.
    pub(super) fn sight(&self, claims: &Claims) -> Result<Sight, Fault> {
        // A subject has one row, or none if its object was only ever asked; the session may be there or not.
        let statement = concat!(
            "SELECT EXISTS (SELECT 1 FROM revoked WHERE jti = ?), standing, cutoff, credential,
             CASE WHEN standing <> 'deleted' THEN email END, first_name, last_name, ",
            columns!(),
            " FROM (SELECT 1) LEFT JOIN subject ON one = 1 LEFT JOIN session ON sid = ?"
        );
        let sid = sid_of(claims);
        let jti = claims.jti.as_ref().map(hallpass_core::Jti::as_str);
        let row = self.row(statement, vec![jti.into(), sid.as_deref().into()])?;
        row.map_or_else(|| Ok(Sight::default()), |row| read(&row))
    }
}

fn read(row: &Row) -> Result<Sight, Fault> {
    let profile = row.optional(4, |row, email| {
        Ok(Profile {
            email: row.text(email)?,
            first_name: row.text(5)?,
            last_name: row.text(6)?,
        })
    })?;
    let is_known = !row.is_null(1)?;
    let has_session = !row.is_null(BEFORE)?;
    Ok(Sight {
        by_itself: row.integer(0)? > 0,
        state: if is_known {
            state(row, 1)?
        } else {
            SubjectState::default()
        },
        profile,
        kept: has_session.then(|| kept(row, BEFORE)).transpose()?,
    })
}
