//! What an object stands on in the simulated world.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::panic_any;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use hallpass_issuer::{Config, Entry, Event, Fault, Ground, Statement};
use worker::SqlStorageValue;

use crate::chance::Chance;
use crate::disk::{Disk, Rows};

/// What an object has begun and others carry on.
pub struct Effect {
    /// Whose it is: the object and which of its lives.
    pub object: usize,
    /// See above.
    pub life: u64,
    /// The task that waits for it.
    pub task: u64,
    /// The writes that have to be on disk before anybody hears of it.
    pub behind: u64,
    /// What it is.
    pub what: What,
    /// When it is over; `None`: it waits for the disk.
    pub due: Option<u64>,
    /// Where its outcome goes.
    pub outcome: Outcome,
}

/// What is begun.
pub enum What {
    /// Only time passes, so many milliseconds.
    Pass(u64),
    /// A write to KV.
    Put(Entry),
    /// Events for the directory.
    Record,
    /// An account is to be forgotten.
    Forget,
}

/// Filled when it is over.
pub type Outcome = Rc<RefCell<Option<Result<(), Fault>>>>;

/// What all objects of a world share.
#[derive(Default)]
pub struct Shared {
    /// True time, milliseconds.
    pub now: Cell<u64>,
    /// The task that runs.
    pub task: Cell<u64>,
    /// What is under way.
    pub effects: RefCell<Vec<Effect>>,
    /// What is to go on beside the task that runs.
    pub spawned: RefCell<Vec<LocalBoxFuture<'static, ()>>>,
}

/// Something goes wrong inside an object after so many effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// The program dies, what was written stays.
    Panic,
    /// The storage fails once.
    Fault,
}

/// The panic of a [`Mishap::Panic`].
pub struct Planned;

/// The ground of one life of an object.
pub struct Simulated {
    pub(crate) shared: Rc<Shared>,
    pub(crate) disk: Rc<RefCell<Disk>>,
    pub(crate) object: usize,
    pub(crate) life: u64,
    pub(crate) config: Rc<Config>,
    /// How far the machine's clock is ahead, milliseconds.
    pub(crate) ahead: Cell<i64>,
    pub(crate) random: RefCell<Chance>,
    /// What goes wrong after so many effects.
    pub(crate) fuse: Cell<Option<(u32, Mishap)>>,
}

impl Simulated {
    /// Another effect: what was planned may go wrong now.
    fn burn(&self) -> Result<(), Fault> {
        match self.fuse.get() {
            None => Ok(()),
            Some((0, mishap)) => {
                self.fuse.set(None);
                match mishap {
                    Mishap::Panic => panic_any(Planned),
                    Mishap::Fault => Err(Fault::new("as planned")),
                }
            }
            Some((effects, mishap)) => {
                self.fuse.set(Some((effects - 1, mishap)));
                Ok(())
            }
        }
    }

    async fn begin(&self, what: What) -> Result<(), Fault> {
        let outcome = Outcome::default();
        let due = match &what {
            What::Pass(time) => Some(self.shared.now.get() + time),
            What::Put(_) | What::Record | What::Forget => None,
        };
        self.shared.effects.borrow_mut().push(Effect {
            object: self.object,
            life: self.life,
            task: self.shared.task.get(),
            behind: self.disk.borrow().written(),
            what,
            due,
            outcome: Rc::clone(&outcome),
        });
        let outcome = move || outcome.borrow_mut().take();
        poll_fn(move |_| outcome().map_or(Poll::Pending, Poll::Ready)).await
    }
}

/// Ends what was marked, however it comes to its end.
struct Steps<'a> {
    disk: &'a RefCell<Disk>,
    keep: bool,
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        let _ = self.disk.borrow_mut().end(self.keep);
    }
}

impl Ground for Simulated {
    fn config(&self) -> Result<Rc<Config>, Fault> {
        Ok(Rc::clone(&self.config))
    }

    fn milliseconds(&self) -> u64 {
        self.shared
            .now
            .get()
            .saturating_add_signed(self.ahead.get())
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        let mut random = self.random.borrow_mut();
        for eight in bytes.chunks_mut(8) {
            let number = random.next().to_le_bytes();
            for (to, from) in eight.iter_mut().zip(number) {
                *to = from;
            }
        }
        Ok(())
    }

    fn rows(&self, statement: Statement, bindings: Vec<SqlStorageValue>) -> Result<Rows, Fault> {
        self.burn()?;
        self.disk.borrow_mut().rows(&statement, bindings)
    }

    fn transaction(&self, steps: Box<dyn FnOnce() -> Result<(), Fault>>) -> Result<(), Fault> {
        self.burn()?;
        self.disk.borrow_mut().mark()?;
        let mut marked = Steps {
            disk: &self.disk,
            keep: false,
        };
        let done = steps();
        marked.keep = done.is_ok();
        done
    }

    fn alarm(&self) -> LocalBoxFuture<'_, Result<Option<u64>, Fault>> {
        Box::pin(async {
            self.burn()?;
            let at = self.disk.borrow().alarm;
            self.begin(What::Pass(0)).await?;
            Ok(at)
        })
    }

    fn set_alarm(&self, wait: Duration) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            self.burn()?;
            let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            // Whoever keeps alarms has a clock of its own.
            let at = self.shared.now.get().saturating_add(wait);
            self.disk.borrow_mut().set_alarm(at);
            self.begin(What::Pass(0)).await
        })
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Box::pin(async move {
            let _ = self.begin(What::Pass(time)).await;
        })
    }

    fn go_on(&self, work: LocalBoxFuture<'static, ()>) {
        self.shared.spawned.borrow_mut().push(work);
    }

    fn put(&self, entry: Entry) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            self.burn()?;
            self.begin(What::Put(entry)).await
        })
    }

    fn record(&self, _: Vec<Event>) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            self.burn()?;
            self.begin(What::Record).await
        })
    }

    fn forget(&self, _: String, _: String) -> LocalBoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move {
            self.burn()?;
            self.begin(What::Forget).await
        })
    }
}
