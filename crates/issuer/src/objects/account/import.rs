//! Accounts that come from another system, with the ids and passwords they have there.

use hallpass_core::enrolment::{Held, Takeover, take_over};

use super::AccountKeeper;
use super::store::{Account, Accounts};
use super::stub::{Import, Imported};
use crate::adapters::password::StoredPassword;
use crate::fault::Fault;
use crate::ground::sql::transaction;

impl AccountKeeper {
    /// Takes an account over, by [`take_over`].
    pub(super) fn import(&self, import: Import) -> Result<Imported, Fault> {
        let Import {
            sub,
            profile,
            password,
        } = import;
        let password = password.map_or(StoredPassword::None, StoredPassword::Django);
        transaction(&self.tables, move |sql| {
            let accounts = Accounts::of(sql);
            let account = accounts.account()?;
            Ok(match take_over(held(account.as_ref(), &sub, &password)) {
                Takeover::Taken => Imported::Taken,
                Takeover::Keep => Imported::Before,
                Takeover::Replace => {
                    if let Some(account) = account {
                        let (former, version) = (account.password, account.version);
                        accounts.store_otherwise(&former, &password, version)?;
                    }
                    Imported::Updated
                }
                Takeover::Insert => {
                    accounts.insert(&Account {
                        sub,
                        profile,
                        password,
                        version: 1,
                        second_factor: false,
                    })?;
                    Imported::New
                }
            })
        })
    }
}

fn held(account: Option<&Account>, sub: &str, password: &StoredPassword) -> Held {
    match account {
        None => Held::Free,
        Some(account) if account.sub != sub => Held::ByAnother,
        Some(account) if account.password.is_ours() => Held::WithOurs,
        Some(account) if account.password.algorithm() == password.algorithm() => Held::WithTheSame,
        Some(_) => Held::WithFormer,
    }
}
