//! Random histories of one subject: who holds a token presents it whenever it likes, as often as it
//! likes, in whatever order, while sessions begin and end and settings change.
//!
//! The world around the core is as small as it can be: load, let the core decide, store, answer. What
//! must hold is asserted after every step; the names I1, I2, I4 and I5 are the design's.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use hallpass_core::claims::CustomClaims;
use hallpass_core::issuance::{Issuer, Payload, Payloads};
use hallpass_core::jti::SessionKey;
use hallpass_core::revocation::{self, Reason};
use hallpass_core::rotation::{Policy, RACE_SECONDS, Refusal, Verdict, present};
use hallpass_core::session::{Adopted, Form, Life, Lifetimes, Opening, Session};
use hallpass_core::standing::{Move, Moved, Standing};
use hallpass_core::subject::{Admission, Check, SubjectState, check};
use hallpass_core::validation::Leeway;
use hallpass_core::{Algorithm, Claims, Jti, Kind, Rejection, Rules, Valid};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use crate::oracle::{NOW, Oracle};
use crate::seeded;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    SignIn {
        sliding: bool,
    },
    SignInWithTheOldPassword,
    /// Another issuer's token turns up, which the world keeps among the issued ones.
    Foreign {
        sliding: bool,
        lifetime: u64,
    },
    /// Any token issued so far, to be refreshed.
    Present(Index),
    /// The newest refresh or sliding token, to be refreshed, and at once again.
    PresentNewestTwice,
    /// Any token issued so far, to be checked.
    Check(Index),
    Logout(Index),
    EndAll,
    ChangePassword,
    Stand(Move),
    Rotation(bool),
    Grace(u64),
    Lifetimes(Lifetimes),
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        6 => 0..4u64,
        6 => 4..40u64,
        2 => 40..2000u64,
        1 => 2000..100_000u64,
    ];
    let lifetimes = (1..600u64, 1..50_000u64, prop_oneof![Just(0), 1..20_000u64]).prop_map(
        |(bearer, refresh, session)| Lifetimes {
            bearer,
            refresh,
            session,
        },
    );
    prop_oneof![
        12 => wait.prop_map(Step::Wait),
        3 => any::<bool>().prop_map(|sliding| Step::SignIn { sliding }),
        1 => Just(Step::SignInWithTheOldPassword),
        1 => (any::<bool>(), 1..5000u64)
            .prop_map(|(sliding, lifetime)| Step::Foreign { sliding, lifetime }),
        14 => any::<Index>().prop_map(Step::Present),
        8 => Just(Step::PresentNewestTwice),
        4 => any::<Index>().prop_map(Step::Check),
        1 => any::<Index>().prop_map(Step::Logout),
        1 => Just(Step::EndAll),
        1 => Just(Step::ChangePassword),
        1 => Just(Step::Stand(Move::Deactivate)),
        2 => Just(Step::Stand(Move::Reactivate)),
        2 => any::<bool>().prop_map(Step::Rotation),
        2 => prop_oneof![Just(0), Just(5), Just(30)].prop_map(Step::Grace),
        1 => lifetimes.prop_map(Step::Lifetimes),
    ]
}

/// A token that left the issuer, or came to it from another.
#[derive(Clone, Debug)]
struct Token {
    text: String,
    kind: Kind,
    jti: Jti,
    /// When it stops being good for anything, leeway not counted.
    dead: u64,
    /// When it stops being accepted as a bearer, leeway not counted.
    exp: u64,
    issued: u64,
}

/// What the world answers to a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Pair(Vec<String>),
    Renewed(String),
    Refused,
}

struct World {
    oracle: Oracle,
    rules: Rules,
    policy: Policy,
    now: u64,
    state: SubjectState,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    /// By the presented id: every pair that it was ever exchanged for.
    successors: BTreeMap<Jti, Vec<Vec<String>>>,
    /// How each session that has ended did so.
    ended: BTreeMap<String, Life>,
    /// How many sessions, foreign tokens and random ids there were.
    made: u32,
    /// Which verdicts there were.
    seen: BTreeSet<&'static str>,
}

impl World {
    fn new(leeway: u64) -> Self {
        let leeway = Leeway::new(leeway).unwrap();
        Self {
            oracle: Oracle::of(Algorithm::HS256),
            rules: Rules {
                leeway,
                ..Rules::default()
            },
            policy: Policy {
                rotate: true,
                grace: 0,
                leeway,
                lifetimes: Lifetimes {
                    bearer: 300,
                    refresh: 5000,
                    session: 0,
                },
            },
            now: NOW,
            state: SubjectState::default(),
            sessions: Vec::new(),
            tokens: Vec::new(),
            successors: BTreeMap::new(),
            ended: BTreeMap::new(),
            made: 0,
            seen: BTreeSet::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(seconds) => self.now += seconds,
            Step::SignIn { sliding } => self.sign_in(*sliding, self.state.credential),
            Step::SignInWithTheOldPassword => {
                if let Some(old) = self.state.credential.checked_sub(1) {
                    let before = self.sessions.len();
                    self.sign_in(false, old);
                    assert_eq!(self.sessions.len(), before, "an old password opens nothing");
                }
            }
            Step::Foreign { sliding, lifetime } => self.foreign(*sliding, *lifetime),
            Step::Present(which) => {
                if let Some(token) = self.any_token(*which) {
                    self.refresh(&token);
                }
            }
            Step::PresentNewestTwice => {
                let newest = self.tokens.iter().rev().find(|t| t.kind != Kind::Access);
                if let Some(token) = newest.cloned() {
                    let first = self.refresh(&token);
                    let again = self.refresh(&token);
                    self.two_at_once(&first, &again);
                }
            }
            Step::Check(which) => {
                if let Some(token) = self.any_token(*which) {
                    self.checked(&token);
                }
            }
            Step::Logout(which) => {
                if !self.sessions.is_empty() {
                    let at = which.index(self.sessions.len());
                    let session = self.sessions[at].clone();
                    self.store(session.ended(Reason::Logout, self.now));
                }
            }
            Step::EndAll => self.end_all(None),
            Step::ChangePassword => self.end_all(Some(self.state.credential + 1)),
            Step::Stand(to) => self.stand(*to),
            Step::Rotation(on) => self.policy.rotate = *on,
            Step::Grace(seconds) => self.policy.grace = *seconds,
            Step::Lifetimes(lifetimes) => self.policy.lifetimes = *lifetimes,
        }
        self.what_must_hold();
    }

    fn any_token(&self, which: Index) -> Option<Token> {
        (!self.tokens.is_empty()).then(|| self.tokens[which.index(self.tokens.len())].clone())
    }

    fn fresh(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    fn opening(&mut self, form: Form) -> Opening {
        let n = self.fresh();
        Opening {
            sid: format!("s{n}"),
            key: SessionKey::new(std::array::from_fn(|i| n.to_le_bytes()[i % 4])),
            form,
            key_id: None,
            custom: CustomClaims::default(),
        }
    }

    fn sign_in(&mut self, sliding: bool, credential: u32) {
        match self.state.admit(credential, self.now) {
            Admission::Refuse => return,
            Admission::WaitUntil(then) => {
                assert!(then <= self.now + 1, "nobody waits longer than a second");
                self.now = then;
                assert_eq!(self.state.admit(credential, self.now), Admission::Open);
            }
            Admission::Open => {}
        }
        let form = if sliding { Form::Sliding } else { Form::Pair };
        let opening = self.opening(form);
        let session = Session::opened(opening, &self.policy.lifetimes, self.now);
        let payloads = self.issuer().current(&session);
        self.sessions.push(session);
        for text in self.keep(payloads) {
            self.accepted_now(&text);
        }
    }

    fn foreign(&mut self, sliding: bool, lifetime: u64) {
        let (n, now) = (self.fresh(), self.now);
        let exp = now + lifetime;
        let (kind, refresh_exp) = if sliding {
            ("sliding", format!(",\"refresh_exp\":{}", exp + lifetime))
        } else {
            ("refresh", String::new())
        };
        let payload = format!(
            r#"{{"token_type":"{kind}","exp":{exp},"iat":{now},"jti":"foreign{n}","user_id":"u"{refresh_exp}}}"#
        );
        let text = self.oracle.sign(&payload);
        self.remember(&text);
    }

    fn issuer(&self) -> Issuer<'_> {
        Issuer {
            rules: &self.rules,
            subject: Some("u"),
        }
    }

    /// Signs what was issued and keeps it for later.
    fn keep(&mut self, payloads: Payloads) -> Vec<String> {
        let texts: Vec<_> = [Some(payloads.bearer), payloads.refresh]
            .into_iter()
            .flatten()
            .map(|payload: Payload| self.oracle.sign(payload.as_str()))
            .collect();
        for text in &texts {
            self.remember(text);
        }
        texts
    }

    fn remember(&mut self, text: &str) {
        let authentic = self.oracle.authentic(text).unwrap();
        let claims = authentic.claims();
        let hallpass_core::claims::TokenType::Of(kind) = claims.token_type else {
            panic!("{text}")
        };
        let exp = claims.exp.unwrap();
        self.tokens.push(Token {
            text: text.to_owned(),
            kind,
            jti: claims.jti.clone().unwrap(),
            dead: exp.max(claims.refresh_exp.unwrap_or(0)),
            exp,
            issued: self.now,
        });
    }

    fn valid(&self, token: &Token) -> Result<Valid, Rejection> {
        self.oracle
            .authentic(&token.text)?
            .validate(&self.rules, self.now)
    }

    fn session_of(&self, claims: &Claims) -> Option<Session> {
        let named = |session: &&Session| match (&claims.sid, &session.adopted) {
            (Some(sid), _) => session.sid == *sid,
            (None, adopted) => adopted.is_some() && *adopted == claims.jti,
        };
        self.sessions.iter().find(named).cloned()
    }

    fn store(&mut self, next: Session) {
        if next.life != Life::Live {
            self.ended.entry(next.sid.clone()).or_insert(next.life);
        }
        let place = self.sessions.iter_mut().find(|s| s.sid == next.sid);
        *place.unwrap() = next;
    }

    fn end_all(&mut self, credential: Option<u32>) {
        self.state = self.state.ended_all(credential, self.now);
        for session in self.sessions.clone() {
            self.store(session.ended(Reason::EndAll, self.now));
        }
    }

    fn stand(&mut self, to: Move) {
        let Moved::To { state, ending } = self.state.moved(to, self.now) else {
            return;
        };
        assert_ne!(self.state.standing, Standing::Deleted, "deleted is final");
        assert!(state.cutoff >= self.state.cutoff);
        self.state = state;
        if let Some(reason) = ending {
            for session in self.sessions.clone() {
                self.store(session.ended(reason, self.now));
            }
        }
    }

    /// The endpoint: verify, load, decide, store, answer.
    fn refresh(&mut self, token: &Token) -> Answer {
        let Ok(valid) = self.valid(token) else {
            return Answer::Refused;
        };
        if valid.require(&[Kind::Refresh, Kind::Sliding]).is_err() {
            return Answer::Refused;
        }
        let claims = valid.claims();
        if token.kind == Kind::Sliding
            && valid
                .require_refreshable(self.policy.leeway, self.now)
                .is_err()
        {
            return Answer::Refused;
        }
        if revocation::is_cut_off(self.state.cutoff, claims.iat) {
            let session = self.session_of(claims);
            assert!(session.is_none_or(|session| session.life != Life::Live));
            return Answer::Refused;
        }
        let session = self.session_of(claims);
        if self.state.absence(session.as_ref()).is_some() {
            assert!(session.is_none_or(|session| session.life != Life::Live));
            return Answer::Refused;
        }
        let session = match session {
            Some(session) => session,
            None => self.adopt(claims),
        };
        self.presented(&session, token)
    }

    fn adopt(&mut self, claims: &Claims) -> Session {
        assert_eq!(claims.sid, None, "a session of ours is never forgotten");
        let form = match claims.refresh_exp {
            Some(_) => Form::Sliding,
            None => Form::Pair,
        };
        let exp = claims.exp.unwrap();
        let token = Adopted {
            jti: claims.jti.clone().unwrap(),
            iat: claims.iat.unwrap_or(0),
            exp,
            refresh_exp: claims.refresh_exp.unwrap_or(exp),
        };
        let opening = self.opening(form);
        let session = Session::adopted(opening, token, self.now);
        self.sessions.push(session.clone());
        session
    }

    fn presented(&mut self, session: &Session, token: &Token) -> Answer {
        let verdict = present(session, &token.jti, None, &self.policy, self.now);
        self.seen.insert(name(&verdict));
        self.a_reuse_after_the_race_ends_the_session(session, token, &verdict);
        if let Some(reason) = session.end_reason() {
            assert!(
                matches!(verdict, Verdict::Refuse(Refusal::Ended(told)) if told == reason),
                "I2: {verdict:?}"
            );
        }
        match verdict {
            Verdict::Rotate(next) => {
                let payloads = self.issuer().current(&next);
                self.store(*next);
                let pair = self.keep(payloads);
                let successors = self.successors.entry(token.jti.clone()).or_default();
                successors.push(pair.clone());
                Answer::Pair(pair)
            }
            Verdict::Replay => {
                let payloads = self.issuer().current(session);
                let texts = [Some(payloads.bearer), payloads.refresh];
                let pair: Vec<_> = texts
                    .into_iter()
                    .flatten()
                    .map(|payload| self.oracle.sign(payload.as_str()))
                    .collect();
                let before = self.successors.get(&token.jti);
                assert_eq!(before, Some(&vec![pair.clone()]), "I5: byte for byte");
                Answer::Pair(pair)
            }
            Verdict::Renew { next, exp } => {
                let n = self.fresh().to_le_bytes();
                let random = std::array::from_fn(|i| n[i % 4]);
                let payloads = self.issuer().renewed(&next, random, exp, self.now);
                assert_eq!(next.counter, session.counter);
                self.store(*next);
                let renewed = self.keep(payloads);
                Answer::Renewed(renewed.concat())
            }
            Verdict::EndSession(next, _) => {
                assert_ne!(next.life, Life::Live);
                self.store(*next);
                Answer::Refused
            }
            Verdict::Refuse(_) => Answer::Refused,
        }
    }

    fn a_reuse_after_the_race_ends_the_session(
        &self,
        session: &Session,
        token: &Token,
        verdict: &Verdict,
    ) {
        let spent = session.counter_of(&token.jti).unwrap() < session.counter;
        let elapsed = self.now - session.rotated_at;
        if spent && session.life == Life::Live && elapsed >= RACE_SECONDS.max(self.policy.grace) {
            assert!(
                matches!(
                    verdict,
                    Verdict::EndSession(..) | Verdict::Refuse(Refusal::Expired)
                ),
                "{verdict:?}"
            );
        }
    }

    /// Of two at once: what the first one spent, the second does not exchange for anything else.
    fn two_at_once(&self, first: &Answer, again: &Answer) {
        match (first, again) {
            (Answer::Pair(_), Answer::Pair(_)) => {
                assert!(self.policy.grace > 0, "a replay without a grace");
                assert_eq!(first, again);
            }
            (Answer::Pair(_) | Answer::Refused, Answer::Refused)
            | (Answer::Renewed(_), Answer::Renewed(_)) => {}
            (Answer::Pair(_) | Answer::Refused, Answer::Renewed(_))
            | (Answer::Refused, Answer::Pair(_))
            | (Answer::Renewed(_), Answer::Pair(_) | Answer::Refused) => {
                panic!("{first:?} then {again:?}")
            }
        }
    }

    /// A token that was just issued is good, if it was issued for any time at all.
    fn accepted_now(&self, text: &str) {
        let token = self.tokens.iter().find(|token| token.text == text).unwrap();
        if token.exp > self.now {
            assert!(self.checked(token), "{token:?}");
        }
    }

    /// Whether a strict verifier takes the token now, and whether that may be.
    fn checked(&self, token: &Token) -> bool {
        let leeway = self.policy.leeway.seconds();
        let Ok(valid) = self.valid(token) else {
            return false;
        };
        valid.require(&Kind::ALL).unwrap();
        assert!(
            self.now < token.exp + leeway,
            "I4: {token:?} at {}",
            self.now
        );
        let claims = valid.claims();
        let session = self.session_of(claims);
        let good = check(&self.state, session.as_ref(), false, claims) == Check::Good;
        let active = self.state.standing == Standing::Active;
        assert!(active || !good, "of a subject that is gone: {token:?}");
        if let Some(session) = session {
            if self.ended.contains_key(&session.sid) {
                assert!(!good, "I2: {token:?} of an ended session");
            }
            let spent = token.kind != Kind::Access
                && session
                    .counter_of(&token.jti)
                    .is_some_and(|counter| counter < session.counter);
            assert!(!(good && spent), "a spent token is good: {token:?}");
            assert!(token.dead <= session.latest_exp(), "{token:?}: {session:?}");
        }
        good
    }

    fn what_must_hold(&self) {
        for (spent, pairs) in &self.successors {
            assert!(
                pairs.len() <= 1,
                "I1: {spent} has {} successors",
                pairs.len()
            );
        }
        let active = self.state.standing == Standing::Active;
        for session in &self.sessions {
            assert!(active || session.life != Life::Live, "who is gone has none");
            let ended = self.ended.get(&session.sid);
            assert_eq!(ended.copied().unwrap_or(Life::Live), session.life, "I2");
        }
        let lifetime =
            |token: &Token| token.exp >= token.issued || self.policy.leeway.seconds() > 0;
        assert!(self.tokens.iter().all(lifetime), "issued dead");
    }

    /// In the end every token ever issued is tried once more, and then everything is ended.
    fn close(mut self) -> BTreeSet<&'static str> {
        for token in self.tokens.clone() {
            self.checked(&token);
            self.refresh(&token);
            self.what_must_hold();
        }
        self.end_all(None);
        self.now += 1;
        for token in self.tokens.clone() {
            assert!(!self.checked(&token), "I2: {token:?}");
            assert_eq!(self.refresh(&token), Answer::Refused, "I2: {token:?}");
        }
        self.nobody_comes_back_from_being_deleted();
        let leeway = self.policy.leeway.seconds();
        let latest = self.sessions.iter().map(Session::latest_exp).max();
        self.now = self.now.max(latest.unwrap_or(0) + leeway);
        let ours = |token: &&Token| !token.jti.as_str().starts_with("foreign");
        for token in self.tokens.iter().filter(ours) {
            assert!(self.valid(token).is_err(), "I4: {token:?}");
        }
        self.seen
    }
}

impl World {
    fn nobody_comes_back_from_being_deleted(&mut self) {
        self.stand(Move::Delete);
        for to in [Move::Reactivate, Move::Deactivate, Move::Delete] {
            self.stand(to);
            assert_eq!(self.state.standing, Standing::Deleted);
            let sessions = self.sessions.len();
            self.sign_in(false, u32::MAX);
            assert_eq!(self.sessions.len(), sessions);
        }
        for token in self.tokens.clone() {
            assert!(!self.checked(&token), "{token:?}");
            assert_eq!(self.refresh(&token), Answer::Refused, "{token:?}");
        }
    }
}

fn name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Rotate(_) => "rotate",
        Verdict::Renew { .. } => "renew",
        Verdict::Replay => "replay",
        Verdict::EndSession(..) => "end",
        Verdict::Refuse(Refusal::LostRace) => "lost race",
        Verdict::Refuse(Refusal::Ended(_)) => "ended",
        Verdict::Refuse(Refusal::Expired) => "expired",
        Verdict::Refuse(Refusal::NotIssuedHere) => "not issued here",
    }
}

#[test]
fn one_successor_no_way_back_nothing_after_exp_and_replays_byte_for_byte() {
    let leeway = prop_oneof![Just(0u64), Just(30), Just(300)];
    let steps = proptest::collection::vec(step(), 1..70);
    let seen = RefCell::new(BTreeMap::<_, u32>::new());
    let mut runner = TestRunner::new(seeded(400));
    let histories = runner.run(&(leeway, steps), |(leeway, steps)| {
        let mut world = World::new(leeway);
        world.take(&Step::SignIn { sliding: false });
        for step in &steps {
            world.take(step);
        }
        for verdict in world.close() {
            *seen.borrow_mut().entry(verdict).or_default() += 1;
        }
        Ok(())
    });
    histories.unwrap();
    println!("histories with: {:?}", seen.borrow());
    let seen = seen.into_inner();
    assert!(
        !seen.contains_key("not issued here"),
        "every token in this world was issued in it"
    );
    assert_eq!(seen.len(), 7, "there are verdicts that no history had");
}

#[test]
fn a_thief_who_refreshes_first_is_thrown_out_by_the_owner_who_comes_later() {
    let mut world = World::new(0);
    world.take(&Step::SignIn { sliding: false });
    let stolen = world.tokens.last().unwrap().clone();
    let Answer::Pair(thiefs) = world.refresh(&stolen) else {
        panic!("the thief was first")
    };
    world.now += 9;
    assert_eq!(world.refresh(&stolen), Answer::Refused, "a race, perhaps");
    assert!(
        world
            .tokens
            .iter()
            .any(|t| thiefs.contains(&t.text) && world.checked(t))
    );
    world.now += 1;
    assert_eq!(world.refresh(&stolen), Answer::Refused, "no race");
    for token in world.tokens.clone() {
        assert!(!world.checked(&token), "{token:?}");
        assert_eq!(world.refresh(&token), Answer::Refused, "{token:?}");
    }
}
