//! A session as a row.

use hallpass_core::claims::CustomClaims;
use hallpass_core::revocation::Reason;
use hallpass_core::session::{Form, Life, OwnLifetimes, Session};
use hallpass_core::{Jti, SessionKey};
use worker::SqlStorageValue;

use super::message::Listed;
use super::spent::Lacking;
use super::store::{Store, unpublished};
use crate::fault::Fault;
use crate::ground::sql::{Row, integer};

/// The columns of a session that [`kept`] reads.
macro_rules! columns {
    () => {
        "sid, form, adopted, key, counter, rotated_at, key_id, access_expires_at, expires_at, started_at, \
         latest_bearer_exp, latest_spent_exp, custom, ended_at, end_reason, published, own_bearer, own_refresh"
    };
}
pub(super) use columns;

/// A session and how many of its spent ids the blacklist has.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) session: Session,
    /// Spent counters below this are in the blacklist, or need not be.
    pub(super) published: u32,
}

impl Store<'_> {
    pub(super) fn session(&self, sid: &str) -> Result<Option<Kept>, Fault> {
        let statement = concat!("SELECT ", columns!(), " FROM session WHERE sid = ?");
        self.row(statement, vec![sid.into()])?
            .as_ref()
            .map(|row| kept(row, 0))
            .transpose()
    }

    pub(super) fn sessions(&self) -> Result<Vec<Kept>, Fault> {
        let statement = concat!("SELECT ", columns!(), " FROM session");
        let rows = self.rows(statement, vec![])?;
        rows.iter().map(|row| kept(row, 0)).collect()
    }

    pub(super) fn live_sessions(&self) -> Result<Vec<Kept>, Fault> {
        let statement = concat!(
            "SELECT ",
            columns!(),
            " FROM session WHERE ended_at IS NULL"
        );
        let rows = self.rows(statement, vec![])?;
        rows.iter().map(|row| kept(row, 0)).collect()
    }

    /// The live sessions, for their owner's eyes: the last refreshed first.
    pub(super) fn listed(&self, now: u64) -> Result<Vec<Listed>, Fault> {
        let statement = "SELECT sid, started_at, rotated_at, expires_at, client FROM session
             WHERE ended_at IS NULL AND expires_at > ? ORDER BY rotated_at DESC, sid";
        let rows = self.rows(statement, vec![integer(now)])?;
        let read = |row: &Row| {
            Ok(Listed {
                sid: row.text(0)?,
                started_at: row.integer(1)?,
                last_refreshed_at: row.integer(2)?,
                expires_at: row.integer(3)?,
                client: row.text(4)?,
            })
        };
        rows.iter().map(read).collect()
    }

    pub(super) fn insert(&self, kept: &Kept, client: &str) -> Result<(), Fault> {
        let session = &kept.session;
        let form = match session.form {
            Form::Pair => "pair",
            Form::Sliding => "sliding",
        };
        let mut values: Vec<SqlStorageValue> = vec![
            form.into(),
            session.adopted.as_ref().map(Jti::as_str).into(),
            session.key.expose().to_vec().into(),
            integer(session.started_at),
            session.custom.as_stored().into(),
            client.into(),
            session.own.bearer.map(integer).into(),
            session.own.refresh.map(integer).into(),
        ];
        values.extend(moving(kept));
        self.sql.run(
            "INSERT INTO session (form, adopted, key, started_at, custom, client, own_bearer, own_refresh, counter, rotated_at,
             key_id, access_expires_at, expires_at, latest_bearer_exp, latest_spent_exp, ended_at,
             end_reason, published, sid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    }

    pub(super) fn update(&self, kept: &Kept, now: u64) -> Result<(), Fault> {
        let mut values = vec![integer(now)];
        values.extend(moving(kept));
        self.sql.run(
            "UPDATE session SET written_at = ?, counter = ?, rotated_at = ?, key_id = ?, access_expires_at = ?,
             expires_at = ?, latest_bearer_exp = ?, latest_spent_exp = ?, ended_at = ?,
             end_reason = ?, published = ? WHERE sid = ?",
            values,
        )
    }

    /// The live sessions with spent ids that the blacklist lacks.
    pub(super) fn lacking(&self) -> Result<Vec<Lacking>, Fault> {
        let statement = concat!(
            "SELECT (SELECT sub FROM subject), ",
            columns!(),
            " FROM session WHERE ",
            unpublished!()
        );
        let rows = self.rows(statement, vec![])?;
        let read = |row: &Row| {
            Ok(Lacking {
                kept: kept(row, 1)?,
                sub: row.optional(0, Row::text)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The blacklist has the session's spent ids below this counter.
    pub(super) fn published(&self, sid: &str, below: u32) -> Result<(), Fault> {
        let statement = "UPDATE session SET published = ? WHERE sid = ? AND published < ?";
        let below = || integer(below.into());
        self.rows(statement, vec![below(), sid.into(), below()])
            .map(drop)
    }
}

/// The values of the columns that move, then the session's id.
fn moving(kept: &Kept) -> Vec<SqlStorageValue> {
    let session = &kept.session;
    let (ended_at, end_reason) = match session.life {
        Life::Live => (SqlStorageValue::Null, SqlStorageValue::Null),
        Life::Ended { at, reason } => (integer(at), reason.as_str().into()),
    };
    vec![
        integer(session.counter.into()),
        integer(session.rotated_at),
        session.key_id.as_deref().into(),
        integer(session.access_expires_at),
        integer(session.expires_at),
        integer(session.latest_bearer_exp),
        integer(session.latest_spent_exp),
        ended_at,
        end_reason,
        integer(kept.published.into()),
        session.sid.as_str().into(),
    ]
}

/// Reads a session; its columns begin at column `at`.
pub(super) fn kept(row: &Row, at: usize) -> Result<Kept, Fault> {
    let key = <[u8; 32]>::try_from(row.blob(at + 3)?)
        .map_err(|_| Fault::new("a session's key is cut"))?;
    let life = match (
        row.optional(at + 13, Row::integer)?,
        row.optional(at + 14, Row::text)?,
    ) {
        (Some(at), Some(reason)) => Life::Ended {
            at,
            reason: Reason::named(&reason)
                .ok_or_else(|| Fault::new("an unknown reason is stored"))?,
        },
        _ => Life::Live,
    };
    let session = Session {
        sid: row.text(at)?,
        form: if row.text(at + 1)? == "sliding" {
            Form::Sliding
        } else {
            Form::Pair
        },
        adopted: row.optional(at + 2, Row::text)?.map(Jti::presented),
        key: SessionKey::new(key),
        counter: row.small(at + 4)?,
        rotated_at: row.integer(at + 5)?,
        key_id: row.optional(at + 6, Row::text)?,
        access_expires_at: row.integer(at + 7)?,
        expires_at: row.integer(at + 8)?,
        started_at: row.integer(at + 9)?,
        latest_bearer_exp: row.integer(at + 10)?,
        latest_spent_exp: row.integer(at + 11)?,
        custom: CustomClaims::stored(row.text(at + 12)?),
        own: OwnLifetimes {
            bearer: row.optional(at + 16, Row::integer)?,
            refresh: row.optional(at + 17, Row::integer)?,
        },
        life,
    };
    Ok(Kept {
        session,
        published: row.small(at + 15)?,
    })
}
