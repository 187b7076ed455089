//! Cloudflare's rate limit before the accounts: the optional binding `LOGIN_BRAKE`.
//!
//! It counts in each of Cloudflare's locations by itself and forgets soon, so it decides nothing that has to
//! be exact: it keeps a flood from the objects, which count.

use worker::Env;

use crate::boundary;
use crate::config::LOGIN_BRAKE;
use crate::log;

/// Whether it takes one more of this key. Without the binding it takes everything; so it does when it
/// fails, for what has to hold is counted elsewhere.
pub(crate) async fn takes(env: &Env, key: &str) -> bool {
    match boundary::settled(boundary::takes(env, LOGIN_BRAKE, key)).await {
        Ok(taken) => taken.as_bool().unwrap_or(true),
        Err(fault) => {
            log::error("brake", &fault.to_string());
            true
        }
    }
}
