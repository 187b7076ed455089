//! The Durable Objects: one for each thing that requests could conflict over, so that they come one
//! after the other there.

pub(crate) mod account;
mod alarm;
mod call;
pub(crate) mod directory;
mod events;
pub(crate) mod keyring;
mod outbox;
mod probe;
pub(crate) mod subject;
