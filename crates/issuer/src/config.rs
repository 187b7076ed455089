//! The settings, read once and refused as a whole.

mod allowed_origins;
mod reading;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod verifying_keys;
mod webhook;

use std::cell::OnceCell;
use std::rc::Rc;

use hallpass_core::attempts::Limits;
use hallpass_core::second_factor::Policy;
use hallpass_core::session::{Form, Lifetimes};
use hallpass_core::{Kind, Rules, VerifyingKey};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::Env;

pub(crate) use self::allowed_origins::AllowedOrigins;
pub(crate) use self::secret::{Secret, Signing};
use self::settings::Settings;
pub(crate) use self::webhook::{Mailing, Webhook};
use crate::clients::Clients;
use crate::log::Outcome;

/// The KV namespace of what was called back.
pub(crate) const BLACKLIST: &str = "BLACKLIST";
/// The objects that keep a subject's sessions.
pub(crate) const SUBJECTS: &str = "SUBJECTS";
/// The objects that keep an e-mail's password.
pub(crate) const ACCOUNTS_BY_EMAIL: &str = "ACCOUNTS_BY_EMAIL";
/// The object that keeps the signing keys.
pub(crate) const KEYRING: &str = "KEYRING";

/// The object that keeps what administrators look at.
pub(crate) const DIRECTORY: &str = "DIRECTORY";

/// The rate limit before the accounts, an optional binding.
pub(crate) const LOGIN_BRAKE: &str = "LOGIN_BRAKE";

const BINDINGS: [&str; 5] = [BLACKLIST, SUBJECTS, ACCOUNTS_BY_EMAIL, KEYRING, DIRECTORY];

/// The settings. Durations are in seconds.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by its users"
)]
pub struct Config {
    /// `ENVIRONMENT` is `development`: nobody but whoever develops is here.
    pub(crate) development: bool,
    pub(crate) signing: Signing,
    /// `KEY_ROTATION_DAYS`, in seconds.
    pub(crate) key_rotation: u64,
    /// Further keys whose tokens are taken; they neither sign nor are published.
    pub(crate) verifying_keys: Vec<VerifyingKey>,
    /// `ISSUER`, `AUDIENCE`, `LEEWAY` and the claims' names.
    pub(crate) rules: Rules,
    access_token_lifetime: u64,
    refresh_token_lifetime: u64,
    sliding_token_lifetime: u64,
    sliding_token_refresh_lifetime: u64,
    session_lifetime: u64,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) blacklist_after_rotation: bool,
    pub(crate) refresh_grace_seconds: u64,
    pub(crate) adopt_foreign_tokens: bool,
    /// The schemes of the `Authorization` header; the first stands in `WWW-Authenticate`.
    pub(crate) auth_header_types: Vec<String>,
    /// The kinds of token taken as a bearer, in the order in which they are tried.
    pub(crate) auth_token_classes: Vec<Kind>,
    /// The origins whose pages may read what we answer, besides our own.
    pub(crate) allowed_origins: AllowedOrigins,
    pub(crate) clients: Clients,
    /// What an administrator presents; `None`: there is no admin API.
    pub(crate) admin_key: Option<Secret>,
    pub(crate) username_field: String,
    /// `typ` in the header of access tokens.
    pub(crate) access_token_typ: String,
    pub(crate) accounts: bool,
    /// Whether browsers keep the refresh token in a cookie.
    pub(crate) refresh_cookie: bool,
    /// How often a password may be guessed; `None`: as often as anybody likes.
    pub(crate) login_limits: Option<Limits>,
    /// Who sends our mail.
    pub(crate) mailing: Mailing,
    /// Of whom a mailed code is asked at sign-in.
    pub(crate) second_factor: Policy,
    /// The page of a front end where a password is reset; `None`: none can be.
    pub(crate) reset_url: Option<String>,
    /// Who is told of urgent events; `None`: nobody.
    pub(crate) events_webhook: Option<Webhook>,
    /// Requests that end at least so are logged.
    pub(crate) log_requests: Outcome,
}

impl Config {
    /// The settings of this Worker: read at the first request, the same for all that follow.
    ///
    /// With a bad or missing one there are none, and the log names them all.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, Unusable> {
        thread_local! {
            static CONFIG: OnceCell<Result<Rc<Config>, Unusable>> = const { OnceCell::new() };
        }
        CONFIG.with(|config| {
            let read = || {
                let settings = Settings {
                    text: |name: &str| text(env, name),
                    wrong: Vec::new(),
                };
                settings
                    .read(&missing_bindings(env))
                    .inspect_err(Unusable::log)
                    .map(Rc::new)
            };
            config.get_or_init(read).clone()
        })
    }

    /// The settings of these texts.
    pub fn of_settings(text: impl Fn(&str) -> Option<String>) -> Result<Self, Unusable> {
        let wrong = Vec::new();
        Settings { text, wrong }.read(&[])
    }

    /// The lifetimes of what a session of this form is issued.
    pub(crate) const fn lifetimes(&self, form: Form) -> Lifetimes {
        let (bearer, refresh) = match form {
            Form::Pair => (self.access_token_lifetime, self.refresh_token_lifetime),
            Form::Sliding => (
                self.sliding_token_lifetime,
                self.sliding_token_refresh_lifetime,
            ),
        };
        Lifetimes {
            bearer,
            refresh,
            session: self.session_lifetime,
        }
    }

    /// The longest any token can live from now on.
    pub(crate) fn longest_lifetime(&self) -> u64 {
        let pair = self.access_token_lifetime.max(self.refresh_token_lifetime);
        pair.max(self.sliding_token_lifetime)
            .max(self.sliding_token_refresh_lifetime)
    }
}

/// The names of the settings and bindings that cannot be worked with, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(Vec<String>);

impl Unusable {
    fn log(&self) {
        for wrong in &self.0 {
            crate::log::error("setting", wrong);
        }
    }
}

fn text(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    // `--var` gives text; wrangler.toml may also hold numbers, booleans and, for CLIENTS, a list of
    // tables: what is not text already is read as the JSON that it would be.
    let other = || js_sys::JSON::stringify(&value).ok()?.as_string();
    value
        .as_string()
        .or_else(other)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn missing_bindings(env: &Env) -> Vec<String> {
    let absent = |name: &&str| {
        Reflect::get(env, &JsValue::from_str(name)).is_ok_and(|value| value.is_undefined())
    };
    BINDINGS
        .into_iter()
        .filter(absent)
        .map(|name| format!("{name}: binding missing in wrangler.toml"))
        .collect()
}
