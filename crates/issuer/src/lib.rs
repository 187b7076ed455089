//! The Hallpass Worker: issues tokens, rotates them and calls them back.
//!
//! A request goes from `routes` (HTTP) to `use_cases` (what is asked), which ask `objects` (where
//! it is decided and stored) through `adapters` (what touches the world). What is true about tokens
//! is `hallpass_core`'s business; nothing here decides it again.

mod adapters;
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
pub use ground::Ground;
pub use ground::schema::Step;
use worker::{Context, Env, Request, Response, Result, event};

pub use objects::account::AccountObject;
pub use objects::directory::{DirectoryObject, Event};
pub use objects::keyring::{KeyringKeeper, KeyringObject};
pub use objects::subject::{SubjectKeeper, SubjectObject};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    #[cfg(feature = "faults")]
    if request.path().starts_with("/__faults/") {
        return faults::answer(request, env).await;
    }
    routes::answer(request, env).await
}
