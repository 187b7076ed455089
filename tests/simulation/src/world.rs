//! The world: what happens in it, one thing after the other, and what that leads to.
//!
//! Between two steps some of what is under way goes on, chosen by chance: a turn of an object, a
//! write to disk, a write to KV, an alarm. After each of these the oracle looks.

mod requests;
mod under_way;

use std::cell::RefCell;
use std::rc::Rc;

use hallpass_issuer::{Config, SubjectKeeper};
use worker::SqlStorageValue;

use crate::chance::Chance;
use crate::ground::{Mishap, Shared};
use crate::history::{Happens, History, PLACES, SUBJECTS, Step};
use crate::kv::{Kv, Place, Weather};
use crate::object::{Death, OFF_MS, Object, Panicked};
use crate::oracle::{Broken, Oracle};
use crate::release;
use crate::request::{Asked, Request};
use crate::settings::Settings;
use crate::tally::Tally;

/// When a world begins, milliseconds since the epoch.
const BEGINNING: u64 = 1_700_000_000_000;

/// How long after the last failure KV knows what ended, milliseconds: the longest two waits between
/// tries, a late alarm, a write that takes its time.
const SETTLED_MS: u64 = 1_500_000;

/// The same for spent ids.
const SPENT_SETTLED_MS: u64 = 2 * 3_600_000;

/// Somebody who holds tokens: a client, or who has copied them.
struct Holder {
    refresh: usize,
}

/// A request and the holder who sent it, if one did.
type Sent = (Request, Option<usize>);

/// See the module.
pub struct World {
    shared: Rc<Shared>,
    chance: Chance,
    settings: Settings,
    config: Rc<Config>,
    /// How many steps its release has more than this one.
    later: usize,
    /// The latest that was ever here.
    latest: usize,
    kv: Kv,
    weather: Weather,
    objects: Vec<Object>,
    places: Vec<Place>,
    holders: Vec<Holder>,
    requests: RefCell<Vec<Option<Sent>>>,
    oracle: Oracle,
    /// No more mishaps.
    at_peace: bool,
    foreigners: u64,
    /// What was done.
    pub tally: Tally,
    /// Everything is told on the way, for whoever looks for a reason.
    tells: bool,
}

type Outcome = Result<(), Broken>;

impl World {
    /// Runs a history to its end, and until everything is told.
    pub fn run(history: &History) -> (Tally, Outcome) {
        Self::new(history.settings).lived(history)
    }

    /// The same, and tells everything on the way.
    pub fn tell(history: &History) -> (Tally, Outcome) {
        let mut world = Self::new(history.settings);
        world.tells = true;
        world.lived(history)
    }

    fn lived(self, history: &History) -> (Tally, Outcome) {
        let mut world = self;
        let outcome = world.live(&history.steps);
        world.tally.histories = 1;
        world.tally.revocations = world.oracle.revocations;
        world.tally.replays = world.oracle.replays;
        world.tally.reuses = world.oracle.reuses;
        (world.tally, outcome)
    }

    fn new(settings: Settings) -> Self {
        let shared = Rc::new(Shared::default());
        shared.now.set(BEGINNING);
        let mut oracle = Oracle::new(SUBJECTS, settings.blacklist);
        oracle.leeway(settings.leeway);
        Self {
            chance: Chance::of(0),
            settings,
            config: settings.config(),
            later: 0,
            latest: 0,
            kv: Kv::default(),
            weather: Weather::default(),
            objects: (0..SUBJECTS)
                .map(|number| Object::new(number, &shared))
                .collect(),
            places: (0..PLACES).map(|_| Place::default()).collect(),
            holders: Vec::new(),
            requests: RefCell::default(),
            oracle,
            at_peace: false,
            foreigners: 0,
            tally: Tally::default(),
            tells: false,
            shared,
        }
    }

    fn live(&mut self, steps: &[Step]) -> Outcome {
        for step in steps {
            self.chance = Chance::of(step.chance);
            self.tally.steps += 1;
            self.note(|| format!("▸ {:?}", step.happens));
            self.take(&step.happens)?;
            let more = self.chance.pick([0, 1, 2, 4, 8, 16]);
            self.go_on(more)?;
        }
        self.come_to_rest()
    }

    fn take(&mut self, happens: &Happens) -> Outcome {
        match *happens {
            Happens::SignIn { subject, sliding } => self.sign_in(subject, sliding, 0)?,
            Happens::SignInLate { subject } => self.sign_in(subject, false, 1)?,
            Happens::Arrive { subject } => self.arrive(subject),
            Happens::Refresh { holder } => self.refresh(holder)?,
            Happens::Steal { holder } => self.steal(holder),
            Happens::RefreshAny { token } => self.with_token(token, Asked::Present)?,
            Happens::Check { token } => self.with_token(token, Asked::Check)?,
            Happens::Guard { token, place } => self.guard(token, place)?,
            Happens::Logout { holder } => self.log_out(holder)?,
            Happens::EndOne { token } => self.with_token(token, Asked::EndOne)?,
            Happens::Revoke { token } => self.revoke(token)?,
            Happens::RevokeId { token, exp } => self.revoke_id(token, exp)?,
            Happens::EndAll { subject } => self.ask(subject, Asked::EndAll { credential: None })?,
            Happens::ChangePassword { subject } => self.change_password(subject)?,
            Happens::Announce { subject } => self.announce(subject)?,
            Happens::Deactivate { subject } => self.ask(subject, Asked::Deactivate)?,
            Happens::Reactivate { subject } => self.ask(subject, Asked::Reactivate)?,
            Happens::Delete { subject } => self.ask(subject, Asked::Delete)?,
            Happens::Junk { subject } => self.junk(subject)?,
            Happens::Forge { token } => self.forge(token)?,
            Happens::Wait(milliseconds) => self.wait(milliseconds)?,
            Happens::PowerLoss { subject } => self.die(subject, Death::PowerLoss),
            Happens::Evict { subject } => self.evict(subject)?,
            Happens::Panic { subject, effects } => self.plan(subject, effects, Mishap::Panic),
            Happens::Fault { subject, effects } => self.plan(subject, effects, Mishap::Fault),
            Happens::Weather(weather) => self.weather = weather,
            Happens::Clock { place } => self.set_clock(place),
            Happens::Deploy(settings) => self.deploy(settings)?,
            Happens::Release { later } => self.release(later)?,
        }
        Ok(())
    }

    fn set_clock(&mut self, place: usize) {
        let off = i64::try_from(self.chance.below(2 * OFF_MS)).unwrap_or(0);
        if let Some(place) = self.places.get_mut(place) {
            place.ahead = off - i64::try_from(OFF_MS).unwrap_or(0);
        }
    }

    /// The end: nothing fails any more and nobody asks anything. What was acknowledged has to reach
    /// everybody by itself.
    fn come_to_rest(&mut self) -> Outcome {
        self.at_peace = true;
        self.weather = Weather::Fair;
        // An older release leaves alone what a later one has stored. Otherwise nobody begins anew: what
        // hangs has to come loose by itself.
        if self.later < self.latest {
            self.release(self.latest)?;
        }
        for object in &self.objects {
            object.spare();
        }
        self.wait(SETTLED_MS)?;
        self.oracle.all_is_told(false, self.now())?;
        self.wait(SPENT_SETTLED_MS)?;
        self.oracle.all_is_told(true, self.now())?;
        self.objects.iter().try_for_each(tables_are_whole)
    }

    fn deploy(&mut self, settings: Settings) -> Outcome {
        for subject in 0..self.objects.len() {
            self.evict(subject)?;
        }
        // What the world began with stays: which spent ids are told is asked of it at its end.
        self.settings = Settings {
            rotate: self.settings.rotate,
            blacklist: self.settings.blacklist,
            ..settings
        };
        self.oracle.leeway(settings.leeway);
        self.config = self.settings.config();
        Ok(())
    }

    /// An older release does nothing with what a later one has stored, and the later one goes on with
    /// it when it is back.
    fn release(&mut self, later: usize) -> Outcome {
        for subject in 0..self.objects.len() {
            self.evict(subject)?;
        }
        self.later = later;
        self.latest = self.latest.max(later);
        Ok(())
    }

    fn plan(&mut self, subject: usize, effects: u32, mishap: Mishap) {
        self.wake(subject);
        if let Some(object) = self.objects.get(subject) {
            object.plan(effects, mishap);
        }
    }

    fn wake(&mut self, subject: usize) {
        if let Some(object) = self.objects.get_mut(subject) {
            object.wake(&self.config, release::steps(self.later), &mut self.chance);
        }
    }

    /// It leaves memory when all it has written is on disk.
    fn evict(&mut self, subject: usize) -> Outcome {
        self.flush(subject)?;
        self.die(subject, Death::ProgramDies);
        Ok(())
    }

    fn die(&mut self, subject: usize, death: Death) {
        let Some(object) = self.objects.get_mut(subject) else {
            return;
        };
        if object.is_awake() {
            self.tally.deaths += 1;
            object.die(death);
        }
        self.bury(subject);
    }

    fn now(&self) -> u64 {
        self.shared.now.get()
    }

    fn note(&self, what: impl FnOnce() -> String) {
        if self.tells {
            let since = self.now() - BEGINNING;
            println!("{:7}.{:03} {}", since / 1000, since % 1000, what());
        }
    }
}

/// A storage has each step behind it that its version says, once.
fn tables_are_whole(object: &Object) -> Outcome {
    let mut disk = object.disk.borrow_mut();
    let mut number = |statement| match disk.rows(statement, Vec::new()).ok()?.pop()?.pop()? {
        SqlStorageValue::Integer(number) => usize::try_from(number).ok(),
        _ => None,
    };
    let version = number("SELECT version FROM schema").unwrap_or(SubjectKeeper::STEPS.len());
    let taken = number("SELECT step FROM later").unwrap_or(0);
    if taken + SubjectKeeper::STEPS.len() == version {
        return Ok(());
    }
    Err(Broken {
        invariant: "T",
        seen: format!("tables of version {version} have {taken} later steps behind them"),
    })
}

fn panicked(Panicked(text): Panicked) -> Broken {
    Broken {
        invariant: "I7",
        seen: format!("an object panicked: {text}"),
    }
}
