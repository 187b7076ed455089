//! The Hallpass Worker: issues tokens, rotates them and calls them back.
//!
//! A request goes from `routes` (HTTP) to `use_cases` (what is asked), which ask `objects` (where
//! it is decided and stored) through `adapters` (what touches the world). What is true about tokens
//! is `hallpass_core`'s business; nothing here decides it again.

mod adapters;
mod boundary;
mod clients;
mod config;
mod fault;
#[cfg(feature = "faults")]
mod faults;
mod ground;
mod log;
mod objects;
mod routes;
mod use_cases;

pub use adapters::blacklist_kv::{Entries, Entry, View};
pub use config::Config;
pub use fault::Fault;
pub use ground::schema::Step;
pub use ground::{Ground, Statement};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Request;
use worker::Env;

pub use objects::account::AccountObject;
pub use objects::directory::{DirectoryObject, Event};
pub use objects::keyring::{KeyringKeeper, KeyringObject};
pub use objects::subject::{SubjectKeeper, SubjectObject};

/// Answers a request: with a response, or with a promise of one.
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env) -> Result<JsValue, JsValue> {
    boundary::at_once_or_later(async {
        #[cfg(feature = "faults")]
        if faults::are_asked(&request) {
            return faults::answer(request.into(), env).await;
        }
        Ok(routes::answer(request, env).await?.into())
    })
}
