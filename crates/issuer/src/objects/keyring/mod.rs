//! The object that makes and keeps the signing keys. There is one.
//!
//! It makes the ring itself, inside a transaction, the first time it is asked: whoever looks for a
//! key elsewhere first and makes one when it sees none makes a second one sooner or later.
//!
//! **When the ring turns** is [`ring::turn`]'s to decide. It is asked at every request for the ring
//! and by an alarm, which is set in the same turn of the event loop as a change is committed; but
//! nobody waits for either: the second from which the next key signs is in every copy of the ring.
//!
//! **What has happened to a key** is told to the directory, from the same transaction.
//!
//! **Private keys** rest sealed, and leave it sealed: they are opened where they sign. What is
//! private of a leaked key is deleted with the declaration, and so is what is declared lost. That is
//! taken for true only where the secret does not open it: else it would be lost by the asking.

mod events;
mod message;
mod store;
mod stub;

#[cfg(feature = "faults")]
pub(crate) use message::AskForm;
pub(crate) use message::{Declined, SealedKey, ring_of};
pub(crate) use stub::KeyringStub;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hallpass_core::ring::{self, Ask, Change, Policy, Ring};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;
use zeroize::Zeroizing;

use self::message::{Answer, Command};
use self::store::{NewKey, Store};
use super::alarm::Alarm;
use super::events::Events;
use super::outbox::{FIRST_RETRY, LONGEST_RETRY, Outbox, Telling};
use super::{call, probe};
use crate::adapters::ground_worker::OnWorker;
use crate::adapters::sealing_aes::{Purpose, Sealer};
use crate::adapters::signing_jsonwebtoken::{SigningKey, ed25519_public};
use crate::config::Signing;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::schema::Tables;
use crate::ground::sql::{Sql, transaction};
use crate::log;

/// See the module.
#[wasm_bindgen]
pub struct KeyringObject(Rc<KeyringKeeper>);

/// What the object of the keys does, wherever it stands.
pub struct KeyringKeeper {
    ground: Rc<dyn Ground>,
    tables: Rc<Tables>,
    alarm: Alarm,
    telling: Telling,
    /// The directory is being told.
    delivering: Cell<bool>,
}

#[wasm_bindgen]
impl KeyringObject {
    /// As the runtime makes it.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        Self(KeyringKeeper::on(OnWorker::ground(state, env)))
    }

    /// Carries out a command.
    pub fn ask(&self, command: String) -> Result<JsValue, JsValue> {
        let keeper = Rc::clone(&self.0);
        call::serve(async move { keeper.answer(&command).await })
    }

    /// The alarm has gone off.
    pub fn alarm(&self) -> Result<JsValue, JsValue> {
        let keeper = Rc::clone(&self.0);
        call::went_off(async move { keeper.went_off().await })
    }
}

/// What asking the ring left behind.
struct Turned {
    answer: Answer,
    /// When there is something to do next.
    next: u64,
    /// The blacklist lacks something.
    outbox: bool,
    /// The directory lacks something.
    events: bool,
}

impl KeyringKeeper {
    /// An object that has just woken.
    #[must_use]
    pub fn on(ground: Rc<dyn Ground>) -> Rc<Self> {
        Rc::new(Self {
            tables: Tables::on(&ground, store::STEPS),
            ground,
            alarm: Alarm::default(),
            telling: Telling::default(),
            delivering: Cell::new(false),
        })
    }

    /// Carries out a command, as it is sent.
    pub async fn answer(self: &Rc<Self>, command: &str) -> Result<String, Fault> {
        match serde_json::from_str(command)? {
            Command::Ask {
                ask,
                longest_lifetime,
            } => {
                let turned = self.ask(ask, longest_lifetime).await?;
                let no_ring = || Fault::new("a ring was asked for where a shared secret signs");
                let turned = turned.ok_or_else(no_ring)?;
                if turned.outbox || turned.events {
                    let keeper = Rc::clone(self);
                    let flush = async move { keeper.flush().await };
                    self.ground.go_on(Box::pin(flush));
                }
                call::answer(&turned.answer)
            }
            Command::Probe => call::answer(&probe::probe(&*self.ground, &self.tables)?),
            #[cfg(feature = "faults")]
            Command::Alarm => {
                self.went_off().await?;
                call::answer(&())
            }
        }
    }

    /// Asks the ring, which is made when there is none. `None`: a shared secret signs here.
    async fn ask(&self, ask: Ask, longest_lifetime: u64) -> Result<Option<Turned>, Fault> {
        self.alarm.recall(&*self.ground).await?;
        let config = self.ground.config()?;
        let Signing::Ring(secret) = &config.signing else {
            return Ok(None);
        };
        let sealer = Sealer::new(secret.expose(), Purpose::Keyring)?;
        let policy = Policy {
            period: config.key_rotation,
            longest_lifetime: longest_lifetime.max(config.longest_lifetime()),
        };
        let now = self.ground.seconds();
        Sql::of(&self.tables).has_tables()?;
        let ground = Rc::clone(&self.ground);
        let turned = transaction(&self.tables, move |sql| {
            turn(&Store::create(sql)?, &*ground, &sealer, &ask, &policy, now)
        })?;
        // Nothing may be awaited between the transaction and the alarm: one turn, one commit.
        self.alarm.set(&*self.ground, turned.next).await?;
        Ok(Some(turned))
    }

    /// The alarm: turns the ring, tells the blacklist what is due, and sets the next alarm. It
    /// catches every fault, for a handler that fails is tried a few times and then never again; but
    /// one that could not even set the next alarm has to fail.
    pub async fn went_off(&self) -> Result<(), Fault> {
        self.alarm.went_off();
        let looked = self.ask(Ask::Look, 0).await;
        self.flush().await;
        let next = match looked {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => self.next_due(),
            Err(fault) => Err(fault),
        };
        let soon = self.ground.seconds() + LONGEST_RETRY;
        let next = next.unwrap_or_else(|fault| {
            log::error("keyring", &fault.to_string());
            Some(soon)
        });
        match next {
            Some(at) => self.alarm.set(&*self.ground, at).await,
            None => Ok(()),
        }
    }

    /// Where no ring turns any more, the blacklist and the directory are all there is to do.
    fn next_due(&self) -> Result<Option<u64>, Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(None);
        }
        let now = self.ground.seconds();
        let due = Outbox(&sql).next_due()?;
        let due = due.map(|at| at.max(now + FIRST_RETRY));
        let undelivered = Events(&sql).retry_at(&*self.ground, now)?;
        Ok(due.into_iter().chain(undelivered).min())
    }

    /// Tells the blacklist what it lacks, then the directory; what does not get through waits for the
    /// alarm.
    async fn flush(&self) {
        if let Some(turn) = self.telling.begin(self.ground.seconds()) {
            if let Err(fault) = self.flush_due().await {
                log::error("outbox", &fault.to_string());
            }
            self.telling.end(&turn);
        }
        // By itself, so that no leaked key waits for a directory that does not answer.
        if !self.delivering.replace(true) {
            if let Err(fault) = self.deliver_events().await {
                log::error("events", &fault.to_string());
            }
            self.delivering.set(false);
        }
    }

    async fn flush_due(&self) -> Result<(), Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(());
        }
        let outbox = Outbox(&sql);
        let now = || self.ground.seconds();
        let next = || self.telling.tell_next(&*self.ground, &outbox, now);
        while next().await? {}
        Ok(())
    }
}

/// Load, let the core decide, store.
fn turn(
    store: &Store<'_>,
    ground: &dyn Ground,
    sealer: &Sealer,
    ask: &Ask,
    policy: &Policy,
    now: u64,
) -> Result<Turned, Fault> {
    let before = store.ring()?;
    // Objects move between machines whose clocks differ.
    let now = now.max(before.as_ref().map_or(0, Ring::last_seen));
    let nothing_lost = *ask == Ask::Lost && store.opens(sealer)?;
    let ask = if nothing_lost { &Ask::Look } else { ask };
    let lost = *ask == Ask::Lost;
    let made = RefCell::new(Vec::new());
    let fresh = || {
        if !lost {
            store.opens_with(sealer)?;
        }
        let key = make(ground, sealer)?;
        let kid = key.kid.clone();
        made.borrow_mut().push(key);
        Ok::<_, Fault>(kid)
    };
    let ring = match before.clone() {
        Some(ring) => ring,
        None => Ring::new(fresh()?, fresh()?, policy, now),
    };
    let known = match ask {
        Ask::Leaked(Some(kid)) => ring.knows(kid),
        Ask::Leaked(None) | Ask::Look | Ask::Roll | Ask::Lost => true,
    };
    let turned = ring::turn(ring, ask, policy, now, fresh)?;
    if lost {
        store.forget_sealed()?;
    }
    store.put_ring(before.as_ref(), &turned.ring, &made.take())?;
    for change in &turned.changes {
        if let Change::Died { kid, last_exp } = change {
            store.enqueue_leaked(kid, now, *last_exp)?;
        }
    }
    events::note(&store.events(), ground, &turned, now)?;
    let ring = turned.ring;
    let due = store.next_due()?;
    let retry = due.map(|at| at.max(now + FIRST_RETRY));
    let redelivery = store.events().retry_at(ground, now)?;
    Ok(Turned {
        answer: if nothing_lost {
            Answer::Declined(Declined::NothingLost)
        } else if known {
            Answer::Ring(store.sealed_keys()?)
        } else {
            Answer::Declined(Declined::NoSuchKey)
        },
        next: retry
            .into_iter()
            .chain(redelivery)
            .fold(ring.next_change(), u64::min),
        outbox: due.is_some_and(|at| at <= now),
        events: redelivery.is_some(),
    })
}

fn make(ground: &dyn Ground, sealer: &Sealer) -> Result<NewKey, Fault> {
    let seed = Zeroizing::new(ground.bytes::<32>()?);
    let key = SigningKey::ed25519(&seed);
    let kid = key
        .key_id()
        .ok_or_else(|| Fault::new("a key of the ring has no name"))?;
    Ok(NewKey {
        kid: kid.to_owned(),
        public: ed25519_public(&seed),
        sealed: sealer.seal(seed.as_slice(), kid)?,
    })
}
