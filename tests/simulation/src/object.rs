//! An object and its lives: it wakes when it is asked, runs in turns, and may die between any two
//! effects; what comes back is what was on disk.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::future::LocalBoxFuture;
use hallpass_issuer::{Config, Fault, Step, SubjectKeeper};

use crate::chance::Chance;
use crate::disk::Disk;
use crate::ground::{Mishap, Planned, Shared, Simulated};

/// How long after a handler died the runtime has its alarm go off again, milliseconds.
const ALARM_AGAIN_MS: u64 = 2000;

/// An answer, or that something of the object's failed.
pub type Answer = Result<String, Fault>;

/// See the module.
pub struct Object {
    /// Its place in the world.
    number: usize,
    /// What it has stored.
    pub disk: Rc<RefCell<Disk>>,
    shared: Rc<Shared>,
    life: u64,
    alive: Option<Alive>,
    tasks: Vec<Task>,
    tasks_begun: u64,
    /// The handler of its alarm runs.
    pub alarm_runs: bool,
    /// How much too late its next alarm is, milliseconds.
    pub late: u64,
    /// Answers that wait for the disk.
    answers: Vec<(u64, usize, Answer)>,
}

struct Alive {
    keeper: Rc<SubjectKeeper>,
    ground: Rc<Simulated>,
}

enum Done {
    Answered(usize, Answer),
    /// The alarm went off; whether its handler has not failed.
    AlarmHandled(bool),
    WentOn,
}

struct Task {
    number: u64,
    future: LocalBoxFuture<'static, Done>,
}

/// A panic that nobody planned, as it was raised.
pub struct Panicked(pub String);

/// How an object dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The machine dies: what is not on disk is lost.
    PowerLoss,
    /// The program dies: what was written stays.
    ProgramDies,
}

impl Object {
    /// One that was never asked anything.
    #[must_use]
    pub fn new(number: usize, shared: &Rc<Shared>) -> Self {
        Self {
            number,
            disk: Rc::new(RefCell::new(Disk::empty())),
            shared: Rc::clone(shared),
            life: 0,
            alive: None,
            tasks: Vec::new(),
            tasks_begun: 0,
            alarm_runs: false,
            late: 0,
            answers: Vec::new(),
        }
    }

    /// Whether it is in memory.
    #[must_use]
    pub const fn is_awake(&self) -> bool {
        self.alive.is_some()
    }

    /// Which of its lives this is.
    #[must_use]
    pub const fn life(&self) -> u64 {
        self.life
    }

    /// What its machine's clock shows, seconds; that of the true time when it is not awake.
    #[must_use]
    pub fn clock(&self) -> u64 {
        let ahead = self
            .alive
            .as_ref()
            .map_or(0, |alive| alive.ground.ahead.get());
        self.shared.now.get().saturating_add_signed(ahead) / 1000
    }

    /// Wakes it on some machine, if it is not awake.
    pub fn wake(&mut self, config: &Rc<Config>, steps: &'static [Step], chance: &mut Chance) {
        if self.alive.is_some() {
            return;
        }
        self.life += 1;
        let ground = Rc::new(Simulated {
            shared: Rc::clone(&self.shared),
            disk: Rc::clone(&self.disk),
            object: self.number,
            life: self.life,
            config: Rc::clone(config),
            ahead: Cell::new(clock_of_a_machine(chance)),
            random: RefCell::new(Chance::of(chance.next())),
            fuse: Cell::new(None),
        });
        let keeper = SubjectKeeper::of_release(Rc::clone(&ground) as Rc<_>, steps);
        self.alive = Some(Alive { keeper, ground });
    }

    /// Something will go wrong after so many effects, if it is awake.
    pub fn plan(&self, effects: u32, mishap: Mishap) {
        if let Some(alive) = &self.alive {
            alive.ground.fuse.set(Some((effects, mishap)));
        }
    }

    /// Nothing that was planned goes wrong any more.
    pub fn spare(&self) {
        if let Some(alive) = &self.alive {
            alive.ground.fuse.set(None);
        }
    }

    /// Asks it something; it is awake.
    pub fn ask(&mut self, request: usize, command: String) -> Result<(), Panicked> {
        let Some(alive) = &self.alive else {
            return Ok(());
        };
        let keeper = Rc::clone(&alive.keeper);
        self.begin(Box::pin(async move {
            Done::Answered(request, keeper.answer(&command).await)
        }))
    }

    /// Its alarm goes off; it is awake.
    pub fn alarm_goes_off(&mut self) -> Result<(), Panicked> {
        let Some(alive) = &self.alive else {
            return Ok(());
        };
        self.disk.borrow_mut().alarm_goes_off();
        self.alarm_runs = true;
        let keeper = Rc::clone(&alive.keeper);
        self.begin(Box::pin(async move {
            let handled = keeper.went_off().await;
            Done::AlarmHandled(handled.is_ok())
        }))
    }

    fn begin(&mut self, future: LocalBoxFuture<'static, Done>) -> Result<(), Panicked> {
        self.tasks_begun += 1;
        let number = self.tasks_begun;
        self.tasks.push(Task { number, future });
        self.run(number)
    }

    /// Lets a task run until it waits: a turn. What it has others go on with begins in the same.
    pub fn run(&mut self, number: u64) -> Result<(), Panicked> {
        let Some(at) = self.tasks.iter().position(|task| task.number == number) else {
            return Ok(());
        };
        self.shared.task.set(number);
        let Some(task) = self.tasks.get_mut(at) else {
            return Ok(());
        };
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)));
        match polled {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(done)) => {
                drop(self.tasks.swap_remove(at));
                self.finish(done);
            }
            Err(panic) => return self.die_of(&*panic),
        }
        for future in self.shared.spawned.take() {
            self.begin(Box::pin(async move {
                future.await;
                Done::WentOn
            }))?;
        }
        Ok(())
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Answered(request, answer) => {
                let behind = self.disk.borrow().written();
                self.answers.push((behind, request, answer));
            }
            Done::AlarmHandled(true) => self.alarm_runs = false,
            Done::AlarmHandled(false) => self.alarm_again(),
            Done::WentOn => {}
        }
    }

    fn die_of(&mut self, panic: &(dyn Any + Send)) -> Result<(), Panicked> {
        if panic.is::<Planned>() {
            self.die(Death::ProgramDies);
            return Ok(());
        }
        let text = panic.downcast_ref::<String>().cloned();
        let literal = panic.downcast_ref::<&str>().copied();
        Err(Panicked(
            text.or(literal.map(Into::into)).unwrap_or_default(),
        ))
    }

    /// What is in its memory is gone.
    pub fn die(&mut self, death: Death) {
        self.alive = None;
        self.tasks.clear();
        self.answers.clear();
        self.shared.spawned.take();
        match death {
            Death::PowerLoss => self.disk.borrow_mut().lose(),
            Death::ProgramDies => self.disk.borrow_mut().flush(),
        }
        self.alarm_again();
    }

    /// An alarm whose handler has not come to its end goes off again.
    fn alarm_again(&mut self) {
        let mut disk = self.disk.borrow_mut();
        let again = self.shared.now.get() + ALARM_AGAIN_MS;
        if std::mem::take(&mut self.alarm_runs) && disk.due_alarm().is_none_or(|at| at > again) {
            disk.set_alarm(again);
            disk.flush();
        }
    }

    /// What it has written is on disk; the answers that waited for that leave.
    pub fn flush(&mut self) -> Vec<(usize, Answer)> {
        self.disk.borrow_mut().flush();
        let left = std::mem::take(&mut self.answers);
        left.into_iter()
            .map(|(_, request, answer)| (request, answer))
            .collect()
    }

    /// Whether something of it waits for the disk.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        !self.answers.is_empty() || !self.disk.borrow().is_clean()
    }

    /// When its alarm goes off, if nothing keeps it from doing so; milliseconds.
    #[must_use]
    pub fn next_alarm(&self) -> Option<u64> {
        let disk = self.disk.borrow();
        let at = disk
            .due_alarm()
            .filter(|_| !self.alarm_runs && disk.is_clean());
        at.map(|at| at.saturating_add(self.late))
    }

    /// Whether nothing runs.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// How far the clock of some machine is ahead, milliseconds: most are right, none is off by more
/// than [`OFF_MS`].
fn clock_of_a_machine(chance: &mut Chance) -> i64 {
    if chance.percent(40) {
        return 0;
    }
    let off = chance.below(2 * OFF_MS + 1);
    i64::try_from(off).unwrap_or(0) - i64::try_from(OFF_MS).unwrap_or(0)
}

/// The most by which a clock is off, milliseconds.
pub const OFF_MS: u64 = 5000;
