//! What may be seen in KV, in the tables and at the places that verify.

use hallpass_core::MAX_LEEWAY;

use super::{Oracle, Outcome, broken};
use crate::kv::{Kv, MINUTE_MS};
use crate::object::OFF_MS;

/// For how long an isolate believes what it has read, besides its location; milliseconds.
const BELIEVED_MS: u64 = 10_000;

impl Oracle {
    /// A place has let the bearer of a token in.
    pub fn let_in(&self, token: usize, now: u64) -> Outcome {
        let Some(known) = self.known(token) else {
            return Ok(());
        };
        let jti = &known.token.jti;
        let last = known.token.exp + self.leeway + 1 + OFF_MS / 1000;
        if now / 1000 > last {
            return broken("I4", format!("{jti} was accepted after it had expired"));
        }
        let late = known
            .covered_at
            .is_some_and(|at| now > at + MINUTE_MS + BELIEVED_MS + OFF_MS);
        if late {
            return broken("I3", format!("{jti} was accepted long after KV knew"));
        }
        Ok(())
    }

    /// A place has kept the bearer of a token out, as called back.
    pub fn kept_out(&self, token: usize) -> Outcome {
        if self.lives(token) {
            let jti = self.known(token).map(|known| &known.token.jti);
            return broken(
                "L",
                format!("{jti:?} is refused though nothing called it back"),
            );
        }
        Ok(())
    }

    /// I3: what KV once calls back stays called back until no verifier could accept it.
    pub fn look_at(&mut self, kv: &Kv, now: u64) -> Outcome {
        if self.checked == (kv.version, now / 1000) {
            return Ok(());
        }
        self.checked = (kv.version, now / 1000);
        let mut over = Vec::new();
        for number in &self.duties {
            let Some(known) = self.tokens.get_mut(*number) else {
                continue;
            };
            if now / 1000 >= known.token.exp + MAX_LEEWAY {
                over.push(*number);
                continue;
            }
            let entries = known.token.keys.iter().map(|key| kv.read(key, now));
            let stands = entries.clone().flatten().next().is_some();
            match (known.token.is_hit(entries), known.covered_at) {
                (true, None) => known.covered_at = Some(now),
                // A write from before has arrived only now, or what was there had a wrong date. At the
                // end it must have been made good.
                (false, Some(_)) if stands || known.misdated => known.covered_at = None,
                (false, Some(at)) => {
                    let left = known.token.exp + MAX_LEEWAY - now / 1000;
                    return broken(
                        "I3",
                        format!(
                            "{:?} {} was called back in KV for {} s, and is no more, {left} s too early",
                            known.token.kind,
                            known.token.jti,
                            (now - at) / 1000
                        ),
                    );
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        for number in over {
            self.duties.remove(&number);
        }
        Ok(())
    }

    /// I3: everything is called back in KV by now; spent ids only when they are asked for.
    pub fn all_is_told(&self, and_spent: bool, now: u64) -> Outcome {
        for number in &self.duties {
            let Some(known) = self.known(*number) else {
                continue;
            };
            let session = self.sessions.get(&known.token.sid);
            let excused = !known.token.is_bearer()
                && (!and_spent
                    || session
                        .is_some_and(|session| session.doubtful || session.dead_at.is_some()));
            let could_be_accepted = now / 1000 < known.token.exp + MAX_LEEWAY;
            if known.covered_at.is_none() && could_be_accepted && !excused {
                return broken(
                    "I3",
                    format!(
                        "KV never heard that {:?} {} was called back",
                        known.token.kind, known.token.jti
                    ),
                );
            }
        }
        Ok(())
    }

    /// I2: none of these sessions, which live, was ended.
    pub fn live(&self, sids: impl IntoIterator<Item = String>) -> Outcome {
        for sid in sids {
            if self
                .sessions
                .get(&sid)
                .is_some_and(|session| session.dead_at.is_some())
            {
                return broken("I2", format!("the session {sid} lives again"));
            }
        }
        Ok(())
    }
}
