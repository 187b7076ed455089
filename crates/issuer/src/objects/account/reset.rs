//! Resetting a forgotten password by a mailed link: see [`hallpass_core::password_reset`].

use std::rc::Rc;
use std::time::Duration;

use hallpass_core::mailing;
use hallpass_core::password_reset::{self, Verdict};

use super::AccountKeeper;
use super::mail::Desk;
use super::proofs::{Kind, Proofs};
use super::store::Accounts;
use super::stub::Reset;
use super::tries::{Count, Tally};
use crate::adapters::mail::Letter;
use crate::adapters::password_argon2::PasswordHash;
use crate::adapters::slip::{self, Slip};
use crate::fault::Fault;
use crate::ground::sql::{Sql, transaction};
use crate::log;

/// So long after the answer the work begins, for whoever asks shall not learn from the time it takes
/// whether there is any.
const AFTER_THE_ANSWER: Duration = Duration::from_millis(20);

impl AccountKeeper {
    /// Has a link mailed, if there is an account and it had not too many; all of it after the answer.
    pub(super) fn ask_for_reset(self: &Rc<Self>) {
        let keeper = Rc::clone(self);
        self.ground.go_on(Box::pin(async move {
            keeper.ground.sleep(AFTER_THE_ANSWER).await;
            if let Err(fault) = keeper.mail_link().await {
                log::error("account", &fault.during("reset").to_string());
            }
        }));
    }

    async fn mail_link(self: &Rc<Self>) -> Result<(), Fault> {
        let desk = self.desk()?;
        if transaction(&self.tables, move |sql| write_link(&desk, sql))? {
            self.mail_was_written().await?;
        }
        Ok(())
    }

    /// Sets another password, for whoever presents a token that was mailed, and ends all sessions.
    pub(super) async fn reset(
        self: &Rc<Self>,
        hash: Vec<u8>,
        password: String,
    ) -> Result<Reset, Fault> {
        let now = self.now();
        let reset = transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            let Some(account) = accounts.account()? else {
                return Ok(Reset::Refused);
            };
            let proofs = Proofs(sql);
            let link = proofs.find(Kind::Link, &hash)?;
            match password_reset::present(link.as_ref(), account.version, now) {
                Verdict::Refuse => Ok(Reset::Refused),
                Verdict::Set => {
                    let hash = PasswordHash::of(&password)?;
                    accounts.replace_password(&hash, account.version + 1)?;
                    proofs.forget_all()?;
                    // Whoever guessed at codes had the password that is no more, and not the mail.
                    Tally(sql).forget_count(Count::WrongCodes)?;
                    Ok(Reset::Done)
                }
            }
        })?;
        match reset {
            Reset::Refused => {}
            Reset::Done => self.announce_change().await?,
        }
        Ok(reset)
    }
}

/// Whether there is a mail to be sent.
fn write_link(desk: &Desk, sql: &Sql) -> Result<bool, Fault> {
    let (Some(account), Some(page)) = (Accounts::of(sql).account()?, &desk.config.reset_url) else {
        return Ok(false);
    };
    let (proofs, tally) = (Proofs(sql), Tally(sql));
    let mailed = tally.count(Count::Links)?;
    if mailed.wait(desk.now).is_some() {
        return Ok(false);
    }
    let link = password_reset::link(account.version, desk.now);
    let slip = Slip {
        address: account.profile.email.clone(),
        credential: account.version,
        opens: None,
        expires_at: link.expires_at,
    };
    let token = slip.sealed(&desk.config)?;
    proofs.put(Kind::Link, slip::hash(&token), &link, desk.now)?;
    tally.set_count(Count::Links, mailing::mailed(&mailed, desk.now))?;
    let letter = Letter::PasswordReset {
        link: format!("{page}#token={token}"),
    };
    desk.write(sql, &account, &letter, link.expires_at)?;
    Ok(true)
}
