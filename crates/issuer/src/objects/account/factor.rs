//! The second factor: mailing a code, taking it, and who has chosen to be asked for one. See
//! [`hallpass_core::second_factor`].

use std::rc::Rc;

use hallpass_core::mailing;
use hallpass_core::second_factor::{self, Ask, Verdict};
use subtle::ConstantTimeEq;

use super::AccountKeeper;
use super::attempts::Tried;
use super::mail::Desk;
use super::proofs::{Kind, Proofs};
use super::store::{Account, Accounts};
use super::stub::{Chosen, Coded, Door, Dropped};
use super::tries::{Count, Tally};
use crate::adapters::code;
use crate::adapters::mail::Letter;
use crate::fault::Fault;
use crate::ground::sql::{Sql, transaction};

/// What is asked of whoever has shown the right password.
pub(super) enum Asked {
    /// The code that is in a mail now, which is to be sent.
    New,
    /// The code that was mailed a moment ago.
    Mailed,
    /// Nothing, for so many seconds.
    Wait(u64),
}

/// Asks the account's owner for a code. In a transaction; the tables are there.
pub(super) fn ask(desk: &Desk, sql: &Sql, account: &Account) -> Result<Asked, Fault> {
    let Desk {
        now, ref config, ..
    } = *desk;
    let (proofs, tally) = (Proofs(sql), Tally(sql));
    let (wrong, mails) = (tally.count(Count::WrongCodes)?, tally.count(Count::Codes)?);
    let mailed = proofs.code()?;
    let is_good = mailed.is_some_and(|(_, proof)| proof.is_good(account.version, now));
    match second_factor::ask(&wrong, &mails, is_good, now) {
        Ask::Wait(seconds) => Ok(Asked::Wait(seconds)),
        Ask::ForMailed => Ok(Asked::Mailed),
        Ask::ForNew => {
            let code = second_factor::code(desk.ground.bytes()?);
            let proof = second_factor::mailed(account.version, now);
            proofs.forget_code()?;
            let hash = code::hash(config, &account.sub, &code)?;
            proofs.put(Kind::Code, hash, &proof, now)?;
            tally.set_count(Count::Codes, mailing::mailed(&mails, now))?;
            desk.write(sql, account, &Letter::Otp { code }, proof.expires_at)?;
            Ok(Asked::New)
        }
    }
}

/// Takes a code. In a transaction; the tables are there.
fn present(desk: &Desk, sql: &Sql, account: &Account, code: &str) -> Result<Verdict, Fault> {
    let (proofs, tally) = (Proofs(sql), Tally(sql));
    let wrong = tally.count(Count::WrongCodes)?;
    let hash = code::hash(&desk.config, &account.sub, code)?;
    let (is_good, is_it) = proofs.code()?.map_or((false, false), |(mailed, proof)| {
        let is_good = proof.is_good(account.version, desk.now);
        (is_good, mailed.ct_eq(&hash).into())
    });
    let verdict = second_factor::present(&wrong, is_good, is_it, desk.now);
    match &verdict {
        Verdict::Right => {
            proofs.forget_code()?;
            tally.forget_count(Count::WrongCodes)?;
        }
        Verdict::Wrong(counted) => tally.set_count(Count::WrongCodes, *counted)?,
        Verdict::Over | Verdict::Wait(_) => {}
    }
    Ok(verdict)
}

impl AccountKeeper {
    /// Takes the code of whoever has shown the password of this version.
    pub(super) fn take_code(&self, credential: u32, code: String) -> Result<Coded, Fault> {
        let desk = self.desk()?;
        transaction(&self.tables, move |sql| {
            let account = Accounts::of(sql).account()?;
            let Some(account) = account.filter(|account| account.version == credential) else {
                return Ok(Coded::Over);
            };
            Ok(match present(&desk, sql, &account, &code)? {
                Verdict::Wait(seconds) => Coded::Wait(seconds),
                Verdict::Over => Coded::Over,
                Verdict::Wrong(_) => Coded::Wrong,
                Verdict::Right => Coded::As(account.into()),
            })
        })
    }

    /// Whether the owner has chosen to be asked.
    pub(super) fn has_chosen(&self) -> Result<bool, Fault> {
        let account = Accounts::of(&Sql::of(&self.tables)).account()?;
        Ok(account.is_some_and(|account| account.second_factor))
    }

    /// The owner wants to be asked, which begins when a code has been mailed and come back: nobody is
    /// locked out by an address that gets no mail.
    pub(super) async fn choose(
        self: &Rc<Self>,
        password: String,
        code: Option<String>,
    ) -> Result<Chosen, Fault> {
        let (attempts, desk) = (self.attempts(Door::Bearer)?, self.desk()?);
        let (chosen, is_written) = transaction(&self.tables, move |sql| {
            let account = match attempts.at(sql, &password)? {
                Tried::Wait(seconds) => return Ok((Chosen::Wait(seconds), false)),
                Tried::Wrong => return Ok((Chosen::WrongPassword, false)),
                Tried::Right(account) => account,
            };
            let Some(code) = code else {
                return Ok(match ask(&desk, sql, &account)? {
                    Asked::Wait(seconds) => (Chosen::Wait(seconds), false),
                    Asked::Mailed => (Chosen::CodeMailed, false),
                    Asked::New => (Chosen::CodeMailed, true),
                });
            };
            let chosen = match present(&desk, sql, &account, &code)? {
                Verdict::Wait(seconds) => Chosen::Wait(seconds),
                Verdict::Over | Verdict::Wrong(_) => Chosen::WrongCode,
                Verdict::Right => {
                    Accounts::of(sql).set_second_factor(true)?;
                    Chosen::On
                }
            };
            Ok((chosen, false))
        })?;
        if is_written {
            self.mail_was_written().await?;
        }
        self.look_after_attempts().await?;
        Ok(chosen)
    }

    /// The owner does not want to be asked any more.
    pub(super) async fn drop_choice(self: &Rc<Self>, password: String) -> Result<Dropped, Fault> {
        let attempts = self.attempts(Door::Bearer)?;
        let dropped = transaction(&self.tables, move |sql| {
            Ok(match attempts.at(sql, &password)? {
                Tried::Wait(seconds) => Dropped::Wait(seconds),
                Tried::Wrong => Dropped::WrongPassword,
                Tried::Right(_) => {
                    Accounts::of(sql).set_second_factor(false)?;
                    Dropped::Done
                }
            })
        })?;
        self.look_after_attempts().await?;
        Ok(dropped)
    }
}
