//! The mail of an address: sealed, until whoever sends it has it.
//!
//! A mail is committed together with what it follows from, and with an alarm. It is handed over at
//! once after the answer; what does not get through is tried again, later and later, until what it
//! says is not good any more. Its id is the same at every try, so that nobody has to send it twice.
//!
//! How many wait is bounded by how many are written: see [`hallpass_core::mailing`].

use std::rc::Rc;

use super::AccountKeeper;
use super::store::Account;
use crate::adapters::mail::{self, Letter};
use crate::adapters::sealing_aes::{Purpose, Sealer};
use crate::config::Config;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::{Row, Sql, integer, transaction};
use crate::log;
use crate::objects::outbox::{FIRST_RETRY, backoff};

/// How long a try is left alone, in seconds: longer than it takes.
const UNDER_WAY: u64 = 20;

/// What writes a mail in a transaction.
pub(super) struct Desk {
    pub(super) ground: Rc<dyn Ground>,
    pub(super) config: Rc<Config>,
    pub(super) now: u64,
}

impl Desk {
    /// Writes a mail to whom the account is, good until `expires_at`.
    pub(super) fn write(
        &self,
        sql: &Sql,
        account: &Account,
        letter: &Letter,
        expires_at: u64,
    ) -> Result<(), Fault> {
        let mail = mail::written(letter, &account.profile, expires_at)?;
        let id = self.ground.id()?;
        let sealed = sealer(&self.config)?.seal(mail.as_bytes(), &id)?;
        sql.run(
            "INSERT INTO mail (id, sealed, expires_at, attempts, not_before) VALUES (?, ?, ?, 0, 0)",
            vec![id.into(), sealed.into(), integer(expires_at)],
        )
    }
}

/// A mail that is being tried.
struct Tried {
    id: String,
    sealed: Vec<u8>,
    attempts: u32,
}

impl AccountKeeper {
    pub(super) fn desk(&self) -> Result<Desk, Fault> {
        Ok(Desk {
            ground: Rc::clone(&self.ground),
            config: self.ground.config()?,
            now: self.now(),
        })
    }

    /// A mail was written: it is sent after the answer, with the alarm behind it. Called in the turn of
    /// the transaction, so that the alarm is committed with it.
    pub(super) async fn mail_was_written(self: &Rc<Self>) -> Result<(), Fault> {
        self.arm(self.now() + FIRST_RETRY).await?;
        let keeper = Rc::clone(self);
        self.ground.go_on(Box::pin(async move {
            if let Err(fault) = keeper.send_or_retry().await {
                log::error("account", &fault.during("mail").to_string());
            }
        }));
        Ok(())
    }

    async fn send_or_retry(&self) -> Result<(), Fault> {
        let sent = self.send_mail().await;
        if sent.is_err() {
            self.rearm().await?;
        }
        sent
    }

    /// Tries all mail that is due.
    pub(super) async fn send_mail(&self) -> Result<(), Fault> {
        if !Sql::of(&self.tables).has_tables()? {
            return Ok(());
        }
        let config = self.ground.config()?;
        while let Some(tried) = self.next_mail()? {
            let Tried {
                id,
                sealed,
                attempts,
            } = tried;
            let sql = Sql::of(&self.tables);
            let Some(opened) = sealer(&config)?.open(&sealed, &id) else {
                log::error(
                    "mail",
                    "given up: it does not open under the secret of today",
                );
                delete(&sql, &id)?;
                continue;
            };
            let mail = String::from_utf8_lossy(&opened);
            match mail::send(&config.mailing, &id, &mail).await {
                Ok(()) => delete(&sql, &id)?,
                Err(fault) => {
                    let at = self.now() + backoff(&*self.ground, attempts)?;
                    postpone(&sql, &id, at)?;
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    /// The next mail that is due: nobody else tries it for a while. What is not good any more is given up.
    fn next_mail(&self) -> Result<Option<Tried>, Fault> {
        let now = self.now();
        transaction(&self.tables, move |sql| {
            let over = "DELETE FROM mail WHERE expires_at <= ? RETURNING id";
            for _ in sql.rows(over, vec![integer(now)])? {
                log::error("mail", "given up: what it says is not good any more");
            }
            let row = sql.row(
                "UPDATE mail SET attempts = attempts + 1, not_before = ? WHERE id =
                 (SELECT id FROM mail WHERE not_before <= ? ORDER BY not_before LIMIT 1)
                 RETURNING id, sealed, attempts",
                vec![integer(now + UNDER_WAY), integer(now)],
            )?;
            row.map(|row| {
                Ok(Tried {
                    id: row.text(0)?,
                    sealed: row.blob(1)?,
                    attempts: row.small(2)?,
                })
            })
            .transpose()
        })
    }
}

/// When a mail is to be tried next. The tables are there.
pub(super) fn due(sql: &Sql) -> Result<Option<u64>, Fault> {
    let row = sql.row("SELECT min(not_before) FROM mail", vec![])?;
    row.map_or(Ok(None), |row| row.optional(0, Row::integer))
}

fn delete(sql: &Sql, id: &str) -> Result<(), Fault> {
    sql.run("DELETE FROM mail WHERE id = ?", vec![id.into()])
}

fn postpone(sql: &Sql, id: &str, at: u64) -> Result<(), Fault> {
    let statement = "UPDATE mail SET not_before = ? WHERE id = ?";
    sql.run(statement, vec![integer(at), id.into()])
}

fn sealer(config: &Config) -> Result<Sealer, Fault> {
    Sealer::new(config.signing.secret().expose(), Purpose::Mail)
}
