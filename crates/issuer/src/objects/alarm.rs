//! An object's alarm: there is one, and setting it is paid for as a row written.

use std::cell::Cell;
use std::time::Duration;

use crate::fault::Fault;
use crate::ground::Ground;

/// An alarm that should have gone off so many seconds ago was given up by the runtime.
const GIVEN_UP: u64 = 120;

/// What the object remembers of its alarm while it is awake.
#[derive(Default)]
pub(super) struct Alarm {
    /// It has looked since it woke.
    known: Cell<bool>,
    /// When it goes off, seconds; `None`: it is not set.
    at: Cell<Option<u64>>,
}

impl Alarm {
    /// Looks once after the object woke whether the alarm is set.
    pub(super) async fn recall(&self, ground: &dyn Ground) -> Result<(), Fault> {
        if self.known.get() {
            return Ok(());
        }
        let at = ground.alarm().await?;
        if !self.known.replace(true) {
            self.at.set(at.map(|at| at / 1000));
        }
        Ok(())
    }

    /// It has gone off, so it is not set any more.
    pub(super) fn went_off(&self) {
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::Alarm);
        self.at.set(None);
    }

    /// When it goes off, if it is set. One that is long overdue will not.
    pub(super) fn standing(&self, ground: &dyn Ground) -> Option<u64> {
        let given_up = ground.seconds().saturating_sub(GIVEN_UP);
        self.at.get().filter(|at| *at > given_up)
    }

    /// Sets it, if it is not set as early. Its first poll is the call, so without an `.await` before
    /// it the alarm is committed with what was just written.
    pub(super) async fn set(&self, ground: &dyn Ground, at: u64) -> Result<(), Fault> {
        if self.standing(ground).is_some_and(|earlier| earlier <= at) {
            return Ok(());
        }
        self.at.set(Some(at));
        #[cfg(feature = "faults")]
        crate::faults::count(crate::faults::Work::AlarmSet);
        let wait = at
            .saturating_mul(1000)
            .saturating_sub(ground.milliseconds());
        let set = ground.set_alarm(Duration::from_millis(wait)).await;
        // What was not set must not keep a later one from being set.
        set.inspect_err(|_| self.at.set(None))
    }
}
