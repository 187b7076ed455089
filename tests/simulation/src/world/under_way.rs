//! What is under way, and how it goes on.

use hallpass_issuer::{Entry, Fault};
use worker::SqlStorageValue;

use super::{BEGINNING, Outcome, Sent, World, panicked};
use crate::ground::{Effect, What};
use crate::kv::{Fate, Weather};
use crate::object::Object;
use crate::oracle::Broken;

/// The most that goes on at one time before it is clear that it will never end.
const ENDLESS: u32 = 20_000;

/// Something that can go on now.
#[derive(Clone, Copy)]
enum Next {
    /// What an object has written gets to its disk.
    Flush(usize),
    /// Something an object has begun is over.
    Over(usize),
    /// An alarm goes off.
    Alarm(usize),
}

impl World {
    /// Lets so much of what can go on now do so.
    pub(super) fn go_on(&mut self, most: u32) -> Outcome {
        for _ in 0..most {
            let Some(next) = self.next() else { break };
            self.proceed(next)?;
        }
        Ok(())
    }

    /// Time passes, and whatever falls due meanwhile goes on.
    pub(super) fn wait(&mut self, milliseconds: u64) -> Outcome {
        let until = self.now() + milliseconds;
        let mut done = 0;
        loop {
            while let Some(next) = self.next() {
                self.proceed(next)?;
                done += 1;
                if done > ENDLESS {
                    return self.never_ends();
                }
            }
            match self.next_due().filter(|due| *due <= until) {
                Some(due) => self.shared.now.set(due.max(self.now())),
                None => break,
            }
        }
        self.shared.now.set(until);
        self.oracle.look_at(&self.kv, until)
    }

    fn never_ends(&self) -> Outcome {
        Err(Broken {
            invariant: "I7",
            seen: format!(
                "objects go on and on, {} s after the beginning",
                (self.now() - BEGINNING) / 1000
            ),
        })
    }

    /// Something that can go on now, by chance.
    fn next(&mut self) -> Option<Next> {
        let now = self.now();
        let mut found = None;
        let mut count = 0;
        let chance = &mut self.chance;
        let mut consider = |next| {
            count += 1;
            if chance.below(count) == 0 {
                found = Some(next);
            }
        };
        for (number, object) in self.objects.iter().enumerate() {
            if object.waits_for_disk() {
                consider(Next::Flush(number));
            }
            if object.next_alarm().is_some_and(|at| at <= now) {
                consider(Next::Alarm(number));
            }
        }
        for (number, effect) in self.shared.effects.borrow().iter().enumerate() {
            match effect.due {
                Some(due) if due <= now => consider(Next::Over(number)),
                Some(_) => {}
                None => consider(Next::Flush(effect.object)),
            }
        }
        found
    }

    fn next_due(&self) -> Option<u64> {
        let effects = self.shared.effects.borrow();
        let effects = effects.iter().filter_map(|effect| effect.due).min();
        let alarms = self.objects.iter().filter_map(Object::next_alarm).min();
        effects.into_iter().chain(alarms).min()
    }

    fn proceed(&mut self, next: Next) -> Outcome {
        self.tally.turns += 1;
        match next {
            Next::Flush(subject) => self.flush(subject)?,
            Next::Alarm(subject) => self.alarm(subject)?,
            Next::Over(effect) => self.over(effect)?,
        }
        self.oracle.look_at(&self.kv, self.now())
    }

    /// What it has written is on disk: its answers leave, and what it tells others.
    pub(super) fn flush(&mut self, subject: usize) -> Outcome {
        let Some(object) = self.objects.get_mut(subject) else {
            return Ok(());
        };
        let clock = object.clock();
        let answers = object.flush();
        let life = object.life();
        self.send_what_waited(subject, life);
        for (request, answer) in answers {
            self.hear(request, &answer, clock)?;
        }
        Ok(())
    }

    fn send_what_waited(&mut self, subject: usize, life: u64) {
        let now = self.now();
        let Some(disk) = self.objects.get(subject).map(|object| &object.disk) else {
            return;
        };
        for effect in self.shared.effects.borrow_mut().iter_mut() {
            let waits = effect.due.is_none() && effect.object == subject && effect.life == life;
            if waits && disk.borrow().has(effect.behind) {
                let fate = Fate::of(self.weather, &mut self.chance);
                effect.due = Some(now + fate.after);
            }
        }
    }

    fn alarm(&mut self, subject: usize) -> Outcome {
        self.tally.alarms += 1;
        self.note(|| format!("the alarm of {subject}"));
        self.wake(subject);
        let late = if self.chance.percent(90) || self.at_peace {
            self.chance.below(500)
        } else {
            self.chance.below(100_000)
        };
        if let Some(object) = self.objects.get_mut(subject) {
            object.late = late;
            object.alarm_goes_off().map_err(panicked)?;
        }
        self.after_turn(subject)
    }

    fn over(&mut self, number: usize) -> Outcome {
        let effect = self.shared.effects.borrow_mut().swap_remove(number);
        let outcome = match &effect.what {
            What::Pass(_) => Some(Ok(())),
            What::Put(entry) => self.put(entry),
            What::Record | What::Forget => Some(self.told()),
        };
        let Some(outcome) = outcome else {
            return Ok(());
        };
        effect.outcome.replace(Some(outcome));
        let Some(object) = self.objects.get_mut(effect.object) else {
            return Ok(());
        };
        if object.life() == effect.life && object.is_awake() {
            object.run(effect.task).map_err(panicked)?;
            self.after_turn(effect.object)?;
        }
        Ok(())
    }

    /// A write to KV has taken its time. `None`: nobody hears how it went.
    fn put(&mut self, entry: &Entry) -> Option<Result<(), Fault>> {
        let failed = || Err(Fault::new("KV PUT failed: 429 Too Many Requests"));
        let fate = Fate::of(self.weather, &mut self.chance);
        self.tally.puts += 1;
        let stored = fate.arrives && self.kv.arrive(entry, self.now());
        self.note(|| format!("KV: {} {:?}, stored: {stored}", entry.key, entry.value()));
        let fails = fate.fails || !stored;
        self.tally.failed_puts += u64::from(fails || !fate.is_heard);
        fate.is_heard.then(|| if fails { failed() } else { Ok(()) })
    }

    /// The directory or an account's object was told something.
    fn told(&mut self) -> Result<(), Fault> {
        let failed = || Err(Fault::new("no answer"));
        let down =
            !self.at_peace && matches!(self.weather, Weather::Down) && self.chance.percent(50);
        if down { failed() } else { Ok(()) }
    }

    /// A turn has ended: more often than not the disk is as fast as that.
    pub(super) fn after_turn(&mut self, subject: usize) -> Outcome {
        if let Some(object) = self.objects.get(subject) {
            if object.is_awake() {
                self.look_for_the_dead(subject)?;
            } else {
                self.tally.deaths += 1;
                self.bury(subject);
            }
        }
        if self.chance.percent(60) {
            self.flush(subject)?;
        }
        Ok(())
    }

    /// I2: no session lives that was ended.
    fn look_for_the_dead(&self, subject: usize) -> Outcome {
        let Some(object) = self.objects.get(subject) else {
            return Ok(());
        };
        let statement = "SELECT sid FROM session WHERE ended_at IS NULL";
        let Ok(rows) = object.disk.borrow_mut().rows(statement, Vec::new()) else {
            return Ok(());
        };
        let sid = |row: Vec<SqlStorageValue>| match row.into_iter().next() {
            Some(SqlStorageValue::String(sid)) => Some(sid),
            _ => None,
        };
        self.oracle.live(rows.into_iter().filter_map(sid))
    }

    /// Of an object that has died: what it had not said yet is never said, and nobody hears how its
    /// requests went.
    pub(super) fn bury(&mut self, subject: usize) {
        let unsaid = |effect: &Effect| effect.object == subject && effect.due.is_none();
        self.shared
            .effects
            .borrow_mut()
            .retain(|effect| !unsaid(effect));
        let lost = |slot: &mut Option<Sent>| {
            let of = slot
                .as_ref()
                .is_some_and(|(request, _)| request.subject == subject);
            if of { slot.take() } else { None }
        };
        let lost: Vec<_> = self
            .requests
            .borrow_mut()
            .iter_mut()
            .filter_map(lost)
            .collect();
        for (request, _) in lost {
            self.oracle.over(&request);
        }
    }
}
