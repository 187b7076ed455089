//! The ring, for whoever looks after it: its keys, and how to have them roll.

use hallpass_core::ring::{Ask, Key, Ring, State};
use serde::Serialize;

use super::World;
use crate::config::Signing;
use crate::fault::Fault;
use crate::objects::keyring::Declined;

/// What came of asking the ring.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rolled {
    /// Its keys as they are now.
    Keys(Vec<Listed>),
    /// A key is said to have leaked that it does not know.
    NoSuchKey,
    /// The keys are said to be lost, and `KEYRING_SECRET` opens them.
    NothingLost,
    /// A shared secret signs here.
    NoRing,
}

/// A key of the ring. Dates are in seconds.
#[derive(Serialize)]
pub(crate) struct Listed {
    kid: String,
    state: &'static str,
    published_at: u64,
    /// From when on it signs, signed or would have signed.
    signs_from: u64,
    /// From when on nobody could accept a token of it; `None` while it signs or will.
    over_at: Option<u64>,
}

/// Asks the ring and lists its keys: [`Ask::Look`] only lists, [`Ask::Roll`] has the next key sign as
/// soon as it may, [`Ask::Leaked`] declares a key dead, here at once: other isolates hear of it when
/// their copy of the ring is a minute old, other Workers by `kid:` in the blacklist. [`Ask::Lost`]
/// goes on with fresh keys where `KEYRING_SECRET` does not open those there are.
pub(crate) async fn roll_keys(world: &World, ask: Ask) -> Result<Rolled, Fault> {
    if matches!(world.config.signing, Signing::Shared(..)) {
        return Ok(Rolled::NoRing);
    }
    Ok(match world.ask_ring(ask).await? {
        Ok(keys) => keys
            .ring()
            .map_or(Rolled::NoRing, |ring| Rolled::Keys(list(ring))),
        Err(Declined::NoSuchKey) => Rolled::NoSuchKey,
        Err(Declined::NothingLost) => Rolled::NothingLost,
    })
}

fn list(ring: &Ring) -> Vec<Listed> {
    let listed = |key: Key| Listed {
        over_at: key.over_at(),
        state: match key.state {
            State::Next { .. } => "next",
            State::Signing { .. } => "signing",
            State::Retiring { .. } => "retiring",
            State::Dead { .. } => "dead",
        },
        kid: key.kid,
        published_at: key.published_at,
        signs_from: key.signs_from,
    };
    ring.keys().into_iter().map(listed).collect()
}
