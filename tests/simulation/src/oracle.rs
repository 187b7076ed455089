//! What must hold. The oracle knows what was acknowledged and nothing of how it came about: it reads
//! answers and the blacklist, and says which invariant an answer breaks.
//!
//! *Acknowledged* is what has left an object. An answer that gets lost on its way counts: what it
//! says was on disk.

mod answers;
mod sights;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use hallpass_core::Kind;

use crate::request::{Asked, Heard, Request};
use crate::token::Token;

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
