//! Asking the directory's object.

use serde::de::DeserializeOwned;
use worker::Env;

use super::message::{Command, Day, Event, EventPage, EventQuery, UserPage, UserQuery};
use crate::config::DIRECTORY;
use crate::fault::Fault;
use crate::objects::call;

/// The one object there is.
pub(crate) struct DirectoryStub<'a>(&'a Env);

impl<'a> DirectoryStub<'a> {
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self(env)
    }

    /// Tells it what has happened; what it knows already counts once.
    pub(crate) async fn record(&self, events: Vec<Event>) -> Result<(), Fault> {
        self.ask(Command::Record(events)).await
    }

    pub(crate) async fn users(&self, query: UserQuery) -> Result<UserPage, Fault> {
        self.ask(Command::Users(query)).await
    }

    pub(crate) async fn events(&self, query: EventQuery) -> Result<EventPage, Fault> {
        self.ask(Command::Events(query)).await
    }

    pub(crate) async fn days(&self, days: u64) -> Result<Vec<Day>, Fault> {
        self.ask(Command::Days(days)).await
    }

    pub(crate) async fn probe(&self) -> Result<(), Fault> {
        self.ask(Command::Probe).await
    }

    async fn ask<A: DeserializeOwned>(&self, command: Command) -> Result<A, Fault> {
        call::ask(self.0, DIRECTORY, "directory", &command).await
    }
}
