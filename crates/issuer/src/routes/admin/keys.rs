//! The ring of signing keys.

use hallpass_core::ring::Ask;

use crate::fault::Fault;
use crate::routes::answer::Answer;
use crate::routes::body::Body;
use crate::routes::fields::{self, Fields, Rule};
use crate::routes::incoming::Incoming;
use crate::use_cases::World;
use crate::use_cases::roll_keys::{Rolled, roll_keys};

/// What stands in the place of a key's id for the key that signs now.
const CURRENT: &str = "current";

/// What `KEYRING_SECRET` may be said to be.
const LOST: &str = "lost";

/// `GET keys/`: 200 with the keys, their states and dates; 409 where a shared secret signs.
pub(super) async fn list(world: &World) -> Result<Answer, Fault> {
    answered(world, Ask::Look).await
}

/// `POST keys/roll/` with `{"leaked"?}` or `{"secret"?}`:
///
/// 1. a body that cannot be read, fields that are no text, both, `secret` that is not `lost` → 400, 413,
///    415;
/// 2. a shared secret signs → 409;
/// 3. without either: the next key signs as soon as it may → 200 with the keys;
/// 4. `leaked` is `current` or the `kid` of a key: it is dead from now on, and another signs → 200
///    with the keys;
/// 5. `leaked` is no key's → 400;
/// 6. `secret` is `lost`, and `KEYRING_SECRET` opens the keys → 409;
/// 7. it does not: fresh ones sign, sealed under this one, and tokens of the former stay good → 200 with
///    the keys.
pub(super) async fn roll(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let body = match Body::of(incoming).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer), // 1
    };
    let mut fields = Fields::of(&body);
    let leaked = fields.text("leaked", Rule::OPTIONAL);
    let secret = fields.text("secret", Rule::OPTIONAL);
    if let Err(answer) = fields.finish() {
        return Ok(answer); // 1
    }
    let ask = match (leaked.as_str(), secret.as_str()) {
        ("", "") => Ask::Roll,
        ("", LOST) => Ask::Lost,
        (CURRENT, "") => Ask::Leaked(None),
        (kid, "") => Ask::Leaked(Some(kid.to_owned())),
        _ => return Ok(fields::error("secret", "It can be lost, without leaked.")), // 1
    };
    answered(world, ask).await // 2 to 7
}

async fn answered(world: &World, ask: Ask) -> Result<Answer, Fault> {
    Ok(match roll_keys(world, ask).await? {
        Rolled::Keys(keys) => Answer::secret(200, &keys),
        Rolled::NoSuchKey => fields::error("leaked", "No key of the ring has this kid."),
        Rolled::NothingLost => {
            Answer::detail(409, "KEYRING_SECRET opens the keys: nothing is lost.")
        }
        Rolled::NoRing => Answer::detail(409, "A shared secret signs here; there is no ring."),
    })
}
