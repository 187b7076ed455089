//! Who asks what, as the Worker in front of the objects does it.

use std::fmt::Write;

use hallpass_core::Kind;
use serde_json::json;

use super::{Holder, Outcome, World, panicked};
use crate::object::Answer;
use crate::oracle::Broken;
use crate::request::{Asked, Heard, SaidExp, command, heard};
use crate::token::{Token, verify};

/// How long ago another issuer's token was issued, seconds: longer than clocks differ.
const ISSUED_AGO: u64 = 100;

impl World {
    pub(super) fn sign_in(&mut self, subject: usize, sliding: bool, behind: u32) -> Outcome {
        let password = self
            .oracle
            .subjects
            .get(subject)
            .map_or(1, |of| of.password);
        let credential = password.saturating_sub(behind);
        self.send(subject, Asked::Open { credential }, sliding, None)
    }

    /// Somebody has another issuer's refresh token.
    pub(super) fn arrive(&mut self, subject: usize) {
        if let Some(token) = Token::of(&self.foreign(subject)) {
            let refresh = self.oracle.arrived(token, subject);
            self.holders.push(Holder { refresh });
        }
    }

    fn foreign(&mut self, subject: usize) -> String {
        self.foreigners += 1;
        let iat = self.now() / 1000 - ISSUED_AGO;
        let exp = self.now() / 1000 + self.settings.refresh - ISSUED_AGO;
        format!(
            r#"{{"token_type":"refresh","exp":{exp},"iat":{iat},"jti":"django-{}","user_id":"{}"}}"#,
            self.foreigners,
            name(subject),
        )
    }

    pub(super) fn refresh(&mut self, holder: usize) -> Outcome {
        let Some((holder, token)) = self.held(holder) else {
            return Ok(());
        };
        let Some(subject) = self.subject_of(token) else {
            return Ok(());
        };
        if self.is_expired(token) {
            return Ok(());
        }
        self.send(subject, Asked::Present(token), false, Some(holder))
    }

    pub(super) fn steal(&mut self, holder: usize) {
        if let Some((_, refresh)) = self.held(holder) {
            self.tally.thefts += 1;
            self.holders.push(Holder { refresh });
        }
    }

    pub(super) fn log_out(&mut self, holder: usize) -> Outcome {
        let Some((_, token)) = self.held(holder) else {
            return Ok(());
        };
        let Some(subject) = self.subject_of(token) else {
            return Ok(());
        };
        self.ask(subject, Asked::GiveBack(token))
    }

    /// RFC 7009: a token that is exchanged takes its session with it.
    pub(super) fn revoke(&mut self, back: usize) -> Outcome {
        let exchanged = self
            .oracle
            .recent(back)
            .and_then(|token| self.oracle.tokens.get(token));
        let exchanged = exchanged.is_some_and(|known| known.token.is_exchanged());
        self.with_token(
            back,
            if exchanged {
                Asked::GiveBack
            } else {
                Asked::Revoke
            },
        )
    }

    /// Only of an access token a wrong date is said: the ids of others stand in KV for more than one.
    pub(super) fn revoke_id(&mut self, back: usize, exp: SaidExp) -> Outcome {
        let token = self
            .oracle
            .recent(back)
            .and_then(|token| self.oracle.tokens.get(token));
        let exp = if token.is_some_and(|known| known.token.kind == Kind::Access) {
            exp
        } else {
            SaidExp::Right
        };
        self.with_token(back, |token| Asked::RevokeId { token, exp })
    }

    pub(super) fn change_password(&mut self, subject: usize) -> Outcome {
        if let Some(of) = self.oracle.subjects.get_mut(subject) {
            of.password += 1;
        }
        self.announce(subject)
    }

    pub(super) fn announce(&mut self, subject: usize) -> Outcome {
        let version = self
            .oracle
            .subjects
            .get(subject)
            .map_or(1, |of| of.password);
        if version < 2 {
            return Ok(());
        }
        let credential = Some(version);
        self.ask(subject, Asked::EndAll { credential })
    }

    /// Asks the object of a token about it, if whoever stands in front of it takes it for valid.
    pub(super) fn with_token(&mut self, back: usize, asked: impl Fn(usize) -> Asked) -> Outcome {
        let Some(token) = self.oracle.recent(back) else {
            return Ok(());
        };
        let Some(subject) = self.subject_of(token) else {
            return Ok(());
        };
        let asked = asked(token);
        let by_exchange = asked.exchanges();
        let kind = self.oracle.tokens.get(token).map(|known| known.token.kind);
        if by_exchange && kind == Some(Kind::Access) {
            return Ok(());
        }
        if self.is_expired(token) && !matches!(asked, Asked::RevokeId { .. } | Asked::EndOne(_)) {
            return Ok(());
        }
        self.ask(subject, asked)
    }

    pub(super) fn ask(&mut self, subject: usize, asked: Asked) -> Outcome {
        self.send(subject, asked, false, None)
    }

    fn send(
        &mut self,
        subject: usize,
        asked: Asked,
        sliding: bool,
        holder: Option<usize>,
    ) -> Outcome {
        self.tally.requests += 1;
        let command = command(&asked, name(subject), sliding, &self.oracle.tokens);
        let request = self.oracle.send(subject, asked, self.now());
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push(Some((request, holder)));
        self.wake(subject);
        if let Some(object) = self.objects.get_mut(subject) {
            object.ask(number, command).map_err(panicked)?;
        }
        self.after_turn(subject)
    }

    /// An answer has left its object.
    pub(super) fn hear(&mut self, number: usize, answer: &Answer, clock: u64) -> Outcome {
        let Some((request, holder)) = self
            .requests
            .borrow_mut()
            .get_mut(number)
            .and_then(Option::take)
        else {
            return Ok(());
        };
        self.tally.answers += 1;
        self.note(|| format!("{:?}, at {clock} by its clock: {answer:?}", request.asked));
        let heard = match answer {
            _ if request.asked == Asked::Junk => Heard::Nothing,
            Ok(text) => heard(&request.asked, text).ok_or_else(|| Broken {
                invariant: "I7",
                seen: format!("{:?} is answered with {text}", request.asked),
            })?,
            Err(_) => Heard::Nothing,
        };
        let issued = self
            .oracle
            .hear(&request, &heard, clock, self.settings.grace, self.now())?;
        self.oracle.over(&request);
        // Now and then an answer does not reach whoever asked.
        let lost = self.chance.percent(10) && !self.at_peace;
        let refresh = issued.iter().copied().find(|token| {
            let known = self.oracle.tokens.get(*token);
            known.is_some_and(|known| known.token.is_exchanged())
        });
        match (
            refresh,
            holder.and_then(|holder| self.holders.get_mut(holder)),
        ) {
            (Some(refresh), Some(holder)) if !lost => holder.refresh = refresh,
            (Some(refresh), None) if !lost => self.holders.push(Holder { refresh }),
            _ => {}
        }
        Ok(())
    }

    /// A place verifies a bearer token by what it sees of the blacklist.
    pub(super) fn guard(&mut self, back: usize, place: usize) -> Outcome {
        let now = self.now();
        let Some(number) = self.oracle.recent(back) else {
            return Ok(());
        };
        let Some(token) = self.oracle.tokens.get(number).map(|known| &known.token) else {
            return Ok(());
        };
        let Some(place) = self.places.get_mut(place) else {
            return Ok(());
        };
        if !token.is_bearer() {
            return Ok(());
        }
        self.tally.guarded += 1;
        if verify(&token.signed, self.settings.leeway, place.clock(now) / 1000).is_err() {
            return Ok(());
        }
        let entries = place.look_up(&self.kv, &token.keys, now);
        if token.is_hit(entries.iter().map(Option::as_deref)) {
            self.oracle.kept_out(number)
        } else {
            self.oracle.let_in(number, now)
        }
    }

    /// I6: a token that was changed in any bit is refused, whatever its dates say.
    pub(super) fn forge(&mut self, back: usize) -> Outcome {
        let Some(number) = self.oracle.recent(back) else {
            return Ok(());
        };
        let Some(token) = self.oracle.tokens.get(number).map(|known| &known.token) else {
            return Ok(());
        };
        let mut bytes = token.signed.clone().into_bytes();
        let at = self.chance.index(bytes.len());
        let bit = 1 << self.chance.below(7);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= bit;
        }
        self.tally.forged += 1;
        let Ok(forged) = String::from_utf8(bytes) else {
            return Ok(());
        };
        if verify(&forged, 0, token.iat).is_ok() {
            let seen = format!("{forged} is taken for {}", token.signed);
            return Err(Broken {
                invariant: "I6",
                seen,
            });
        }
        Ok(())
    }

    /// I7: what is no command and no token is refused.
    pub(super) fn junk(&mut self, subject: usize) -> Outcome {
        let request = self.oracle.send(subject, Asked::Junk, self.now());
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push(Some((request, None)));
        // Of nobody's session: what is mangled may still be understood.
        let payload = self.foreign(subject);
        let present = json!({ "payload": payload, "key_id": null });
        let mut text = json!({ "Change": { "Present": present } }).to_string();
        for _ in 0..=self.chance.below(3) {
            let at = self.chance.index(text.len() + 1);
            let at = (0..=at)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            match self.chance.below(3) {
                0 => text.truncate(at),
                1 => text.insert(at, self.chance.pick(['"', '\\', '{', '0', '\u{0}', 'é'])),
                _ => {
                    let _ = write!(text, "{}", self.chance.next());
                }
            }
        }
        let _ = verify(&text, 0, self.now() / 1000);
        self.wake(subject);
        if let Some(object) = self.objects.get_mut(subject) {
            object.ask(number, text).map_err(panicked)?;
        }
        self.after_turn(subject)
    }

    fn held(&self, holder: usize) -> Option<(usize, usize)> {
        let length = self.holders.len();
        if length == 0 {
            return None;
        }
        let holder = length - 1 - holder % length;
        self.holders.get(holder).map(|held| (holder, held.refresh))
    }

    fn subject_of(&self, token: usize) -> Option<usize> {
        self.oracle.tokens.get(token).map(|known| known.subject)
    }

    /// Whether the Worker in front of the objects refuses it already.
    fn is_expired(&self, token: usize) -> bool {
        let Some(known) = self.oracle.tokens.get(token) else {
            return true;
        };
        let here = self
            .places
            .first()
            .map_or(self.now(), |place| place.clock(self.now()));
        verify(&known.token.signed, self.settings.leeway, here / 1000).is_err()
    }
}

fn name(subject: usize) -> &'static str {
    if subject == 0 { "ann" } else { "bob" }
}
