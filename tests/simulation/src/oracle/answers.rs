//! What an answer may say.

use hallpass_core::Kind;

use super::{Broken, Oracle, Outcome, broken};
use crate::object::OFF_MS;
use crate::request::{Asked, Request, WhyRefused};
use crate::token::Token;

/// For how long a spent token is taken for a lost race, seconds.
const RACE: u64 = 10;

impl Oracle {
    pub(super) fn issued(
        &mut self,
        request: &Request,
        bearer: &str,
        refresh: Option<&str>,
        clock: u64,
        grace: u64,
    ) -> Result<Vec<usize>, Broken> {
        if request.was_dead || request.was_gone || request.was_low {
            return broken(
                "I2",
                format!(
                    "{:?} is answered with tokens though it had ended",
                    request.asked
                ),
            );
        }
        if let Asked::Present(token) = request.asked {
            self.exchanged(request, token, bearer, refresh, clock, grace)?;
        }
        let mut issued = Vec::new();
        for payload in [Some(bearer), refresh].into_iter().flatten() {
            let Some(token) = Token::of(payload) else {
                return broken("I7", format!("no token was issued: {payload}"));
            };
            let unsettled = self
                .subjects
                .get(request.subject)
                .is_some_and(|of| request.enders.0 > 0 || of.enders != request.enders);
            let number = self.add(token, request.subject);
            if unsettled && let Some(known) = self.tokens.get_mut(number) {
                known.doubtful = true;
                let sid = known.token.sid.clone();
                self.sessions.entry(sid).or_default().doubtful = true;
            }
            issued.push(number);
        }
        Ok(issued)
    }

    fn exchanged(
        &mut self,
        request: &Request,
        token: usize,
        bearer: &str,
        refresh: Option<&str>,
        clock: u64,
        grace: u64,
    ) -> Outcome {
        let Some(known) = self.tokens.get_mut(token) else {
            return Ok(());
        };
        let last = known.token.exp + self.leeway + 1 + OFF_MS / 1000;
        if known.token.kind == Kind::Refresh && request.sent_at / 1000 > last {
            return broken(
                "I4",
                format!("{} was exchanged after it had expired", known.token.jti),
            );
        }
        let Some(next) = refresh else { return Ok(()) };
        known.spent = true;
        let jti = known.token.jti.clone();
        let session = self.sessions.entry(known.token.sid.clone()).or_default();
        if self.tells_spent && !session.doubtful && session.dead_at.is_none() {
            self.duties.insert(token);
        }
        let pair = (bearer.to_owned(), Some(next.to_owned()));
        let Some(before) = self.successors.get(&jti) else {
            self.successors.insert(jti, pair);
            return Ok(());
        };
        if *before != pair {
            let ids = |text: &str| Token::of(text).map(|token| token.jti);
            let same = before.1.as_deref().and_then(ids) == ids(next);
            let invariant = if same { "I5" } else { "I1" };
            return broken(
                invariant,
                format!("{jti} was exchanged for {before:?} and for {pair:?}"),
            );
        }
        self.replays += 1;
        match Token::of(next) {
            Some(next) if clock >= next.iat + grace => broken(
                "I1",
                format!(
                    "{jti} was exchanged again {} s later, in a grace of {grace} s",
                    clock - next.iat
                ),
            ),
            _ => Ok(()),
        }
    }

    pub(super) fn acknowledged(&mut self, request: &Request, now: u64) {
        self.revocations += 1;
        match &request.asked {
            Asked::GiveBack(token) | Asked::EndOne(token) => {
                if let Some(sid) = self.known(*token).map(|known| known.token.sid.clone()) {
                    self.end(&sid, now);
                }
            }
            Asked::Revoke(token) => self.call_back(*token, now),
            Asked::EndAll { credential } => {
                let mut before = request.tokens;
                if let (Some(version), Some(subject)) =
                    (credential, self.subjects.get_mut(request.subject))
                {
                    before = subject.changed.get(version).copied().unwrap_or(before);
                    subject.lowest = subject.lowest.max(*version);
                }
                self.end_all(request.subject, before, now);
            }
            Asked::Deactivate | Asked::Delete => {
                self.end_all(request.subject, request.tokens, now);
                if let Some(subject) = self.subjects.get_mut(request.subject) {
                    // A reactivation that was under way before may have come after it; a deletion is for ever.
                    let came_last = request.enders.0 == 0 || matches!(request.asked, Asked::Delete);
                    subject.gone = came_last && subject.enders == (1, request.enders.1 + 1);
                }
            }
            Asked::Open { .. }
            | Asked::Present(_)
            | Asked::Check(_)
            | Asked::RevokeId { .. }
            | Asked::Reactivate
            | Asked::Junk => {}
        }
    }

    pub(super) fn refused(
        &mut self,
        request: &Request,
        why: WhyRefused,
        clock: u64,
        now: u64,
    ) -> Outcome {
        let Some(token) = request.asked.token() else {
            return Ok(());
        };
        let Some(known) = self.known(token) else {
            return Ok(());
        };
        let jti = known.token.jti.clone();
        if why == WhyRefused::Ended {
            let sid = known.token.sid.clone();
            self.reuses += u64::from(known.spent);
            self.end(&sid, now);
            return Ok(());
        }
        if why == WhyRefused::LostRace {
            let next = self
                .successors
                .get(&jti)
                .and_then(|(_, next)| Token::of(next.as_deref()?));
            return match next {
                Some(next) if clock >= next.iat + RACE => broken(
                    "I1",
                    format!(
                        "{jti} was presented again {} s later, and nobody minds",
                        clock - next.iat
                    ),
                ),
                _ => Ok(()),
            };
        }
        let asks = matches!(request.asked, Asked::Present(_) | Asked::Check(_));
        let lives = match request.asked {
            Asked::Check(token) => self.lives(token),
            _ => self.is_certain(known),
        };
        let lives = request.lived && lives && now / 1000 < known.token.exp;
        if asks && why != WhyRefused::Expired && lives {
            return broken(
                "L",
                format!("{jti} is refused ({why:?}) though nothing called it back"),
            );
        }
        Ok(())
    }
}
