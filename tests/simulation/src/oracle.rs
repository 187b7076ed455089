//! What must hold. The oracle knows what was acknowledged and nothing of how it came about: it reads
//! answers and the blacklist, and says which invariant an answer breaks.
//!
//! *Acknowledged* is what has left an object. An answer that gets lost on its way counts: what it
//! says was on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hallpass_core::{Kind, MAX_LEEWAY};

use crate::kv::{Kv, MINUTE_MS};
use crate::object::OFF_MS;
use crate::request::{Asked, Heard, Request, WhyRefused};
use crate::token::Token;

/// For how long an isolate believes what it has read, besides its location; milliseconds.
const BELIEVED_MS: u64 = 10_000;

/// For how long a spent token is taken for a lost race, seconds.
const RACE: u64 = 10;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its name.
    pub invariant: &'static str,
    /// What was seen.
    pub seen: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.seen)
    }
}

/// What is known of a token.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Known {
    /// The token.
    pub token: Token,
    /// Whose it is.
    pub subject: usize,
    /// Since when it is acknowledged that it, its session or all of its subject's were called back.
    dead_at: Option<u64>,
    /// It was exchanged for another, which is acknowledged.
    spent: bool,
    /// It was presented.
    presented: bool,
    /// Something was asked that may have called it back.
    doubtful: bool,
    /// KV may have been told a wrong date of it.
    misdated: bool,
    /// Since when KV calls it back.
    covered_at: Option<u64>,
}

#[derive(Default)]
struct Session {
    dead_at: Option<u64>,
    /// Something was asked that may have ended it.
    doubtful: bool,
}

/// What is known of a subject.
#[derive(Default)]
pub struct Subject {
    /// Requests under way that end all of its sessions, and how many there were ever.
    enders: (u32, u64),
    /// It may not have tokens, as is acknowledged, and nothing was asked that changes that.
    gone: bool,
    /// The version of its password.
    pub password: u32,
    /// The highest version of which it is acknowledged that no lower one opens a session.
    lowest: u32,
    /// The tokens there were when the password was changed to this version.
    changed: BTreeMap<u32, usize>,
}

/// See the module.
pub struct Oracle {
    /// All tokens.
    pub tokens: Vec<Known>,
    by_payload: BTreeMap<String, usize>,
    sessions: BTreeMap<String, Session>,
    /// All subjects.
    pub subjects: Vec<Subject>,
    /// What each token was exchanged for.
    successors: BTreeMap<String, (String, Option<String>)>,
    /// Tokens that KV has to call back.
    duties: BTreeSet<usize>,
    /// The most leeway there was.
    leeway: u64,
    /// Spent ids are told to KV.
    tells_spent: bool,
    checked: (u64, u64),
    /// Everything acknowledged that called something back.
    pub revocations: u64,
    /// Exchanges answered again with the same bytes.
    pub replays: u64,
    /// Reuses noticed.
    pub reuses: u64,
}

type Outcome = Result<(), Broken>;

const fn broken<T>(invariant: &'static str, seen: String) -> Result<T, Broken> {
    Err(Broken { invariant, seen })
}

impl Oracle {
    /// Before anything has happened.
    #[must_use]
    pub fn new(subjects: usize, tells_spent: bool) -> Self {
        Self {
            tokens: Vec::new(),
            by_payload: BTreeMap::new(),
            sessions: BTreeMap::new(),
            subjects: (0..subjects)
                .map(|_| Subject {
                    password: 1,
                    ..Subject::default()
                })
                .collect(),
            successors: BTreeMap::new(),
            duties: BTreeSet::new(),
            leeway: 0,
            tells_spent,
            checked: (u64::MAX, u64::MAX),
            revocations: 0,
            replays: 0,
            reuses: 0,
        }
    }

    /// Verifiers grant so much from now on.
    pub fn leeway(&mut self, seconds: u64) {
        self.leeway = self.leeway.max(seconds);
    }

    /// A token by how many came after it.
    #[must_use]
    pub fn recent(&self, back: usize) -> Option<usize> {
        let length = self.tokens.len();
        (length > 0).then(|| length - 1 - back % length)
    }

    /// A token that somebody has from elsewhere, and that something may have called back before it was
    /// seen here.
    pub fn arrived(&mut self, token: Token, subject: usize) -> usize {
        let number = self.add(token, subject);
        if let Some(known) = self.tokens.get_mut(number) {
            known.doubtful = true;
        }
        number
    }

    /// What holds when a request is sent.
    #[must_use]
    pub fn send(&mut self, subject: usize, asked: Asked, now: u64) -> Request {
        let of = self.subjects.get(subject);
        let low = matches!(&asked, Asked::Open { credential } if of.is_some_and(|of| *credential < of.lowest));
        let request = Request {
            subject,
            sent_at: now,
            was_dead: asked.token().is_some_and(|token| self.is_dead(token)),
            lived: asked.token().is_some_and(|token| self.lives(token)),
            was_spent: asked
                .token()
                .is_some_and(|token| self.known(token).is_some_and(|known| known.spent)),
            was_low: low,
            was_gone: of.is_some_and(|of| of.gone),
            enders: of.map_or((0, 0), |of| of.enders),
            tokens: self.tokens.len(),
            asked,
        };
        self.doubt(&request);
        request
    }

    /// What a request may call back is certain no more.
    fn doubt(&mut self, request: &Request) {
        if let Some(token) = request.asked.token() {
            let Some(known) = self.tokens.get_mut(token) else {
                return;
            };
            let again = known.presented;
            known.presented |= request.asked.exchanges();
            known.misdated |= request.asked.errs();
            if request.asked.may_end()
                || (request.asked.exchanges()
                    && (again || known.spent)
                    && known.token.kind == Kind::Refresh)
            {
                known.doubtful = true;
                let sid = known.token.sid.clone();
                self.sessions.entry(sid).or_default().doubtful = true;
            } else if request.asked.may_revoke() {
                known.doubtful = true;
                if known.token.is_exchanged() {
                    let sid = known.token.sid.clone();
                    self.sessions.entry(sid).or_default().doubtful = true;
                }
            }
        }
        if !request.asked.ends_all() {
            return;
        }
        let tokens = self
            .tokens
            .iter_mut()
            .filter(|known| known.subject == request.subject);
        for known in tokens {
            known.doubtful = true;
            self.sessions
                .entry(known.token.sid.clone())
                .or_default()
                .doubtful = true;
        }
        if let Some(subject) = self.subjects.get_mut(request.subject) {
            subject.enders.0 += 1;
            subject.enders.1 += 1;
            match &request.asked {
                Asked::Reactivate => subject.gone = false,
                Asked::EndAll {
                    credential: Some(version),
                } => {
                    subject.changed.entry(*version).or_insert(request.tokens);
                }
                _ => {}
            }
        }
    }

    /// Nothing more will be heard of a request.
    pub fn over(&mut self, request: &Request) {
        if request.asked.ends_all()
            && let Some(subject) = self.subjects.get_mut(request.subject)
        {
            subject.enders.0 = subject.enders.0.saturating_sub(1);
        }
    }

    /// An answer leaves its object, whose machine's clock showed `clock` seconds when it was made.
    pub fn hear(
        &mut self,
        request: &Request,
        heard: &Heard,
        clock: u64,
        grace: u64,
        now: u64,
    ) -> Result<Vec<usize>, Broken> {
        let issued = match heard {
            Heard::Issued { bearer, refresh } => {
                self.issued(request, bearer, refresh.as_deref(), clock, grace)?
            }
            Heard::Good if request.was_dead || request.was_spent => {
                return broken(
                    "I2",
                    format!("{:?} is good though it was called back", request.asked),
                );
            }
            Heard::Good | Heard::Nothing => Vec::new(),
            Heard::Done => {
                self.acknowledged(request, now);
                Vec::new()
            }
            Heard::Revoked(key) => {
                match (key.strip_prefix("sid:"), request.asked.token()) {
                    (Some(sid), _) => self.end(sid, now),
                    (None, Some(token)) if !request.asked.errs() => self.call_back(token, now),
                    (None, _) => {}
                }
                Vec::new()
            }
            Heard::Refused(why) => {
                self.refused(request, *why, clock, now)?;
                Vec::new()
            }
        };
        Ok(issued)
    }

    fn issued(
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

    fn acknowledged(&mut self, request: &Request, now: u64) {
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
                    subject.gone = subject.enders == (1, request.enders.1 + 1);
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

    fn refused(&mut self, request: &Request, why: WhyRefused, clock: u64, now: u64) -> Outcome {
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

    /// Whether it is certain that nothing has called a token back or spent it.
    fn lives(&self, token: usize) -> bool {
        self.known(token).is_some_and(|known| {
            let used = known.token.kind == Kind::Refresh && known.presented;
            self.is_certain(known) && !used && !known.spent
        })
    }

    /// Whether nothing was asked that may have called it back.
    fn is_certain(&self, known: &Known) -> bool {
        let session = self.sessions.get(&known.token.sid);
        let certain = session.is_none_or(|session| !session.doubtful && session.dead_at.is_none());
        certain && !known.doubtful && known.dead_at.is_none()
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

    fn known(&self, token: usize) -> Option<&Known> {
        self.tokens.get(token)
    }

    fn is_dead(&self, token: usize) -> bool {
        self.known(token).is_some_and(|known| {
            let session = self.sessions.get(&known.token.sid);
            known.dead_at.is_some() || session.is_some_and(|session| session.dead_at.is_some())
        })
    }

    fn add(&mut self, token: Token, subject: usize) -> usize {
        if let Some(number) = self.by_payload.get(&token.payload) {
            return *number;
        }
        let number = self.tokens.len();
        self.by_payload.insert(token.payload.clone(), number);
        let session = self.sessions.entry(token.sid.clone()).or_default();
        let dead_at = session.dead_at;
        if dead_at.is_some() && token.is_bearer() {
            self.duties.insert(number);
        }
        self.tokens.push(Known {
            token,
            subject,
            dead_at,
            spent: false,
            presented: false,
            doubtful: false,
            misdated: false,
            covered_at: None,
        });
        number
    }

    fn end(&mut self, sid: &str, now: u64) {
        self.sessions
            .entry(sid.to_owned())
            .or_default()
            .dead_at
            .get_or_insert(now);
        for number in 0..self.tokens.len() {
            if self
                .known(number)
                .is_some_and(|known| known.token.sid == sid)
            {
                self.call_back(number, now);
            }
        }
    }

    fn end_all(&mut self, subject: usize, before: usize, now: u64) {
        let of = self
            .tokens
            .iter()
            .take(before)
            .filter(|known| known.subject == subject);
        let sids: BTreeSet<_> = of.map(|known| known.token.sid.clone()).collect();
        for sid in sids {
            self.end(&sid, now);
        }
    }

    fn call_back(&mut self, token: usize, now: u64) {
        if let Some(known) = self.tokens.get_mut(token) {
            known.dead_at.get_or_insert(now);
            if known.token.is_bearer() {
                self.duties.insert(token);
            }
        }
    }
}
