//! Whether claims hold: dates, issuer, audience, and what a use needs.

use crate::MAX_LEEWAY;
use crate::claims::{ClaimNames, Claims, Subject, TokenType};
use crate::kind::Kind;
use crate::rejection::{Claim, Rejection};
use crate::token::Valid;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// How far ahead an `iat` may be, in seconds: clocks differ.
pub const CLOCK_SKEW: u64 = 60;

/// What a verifier asks of every token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Setting `ISSUER`: if there are any, `iss` has to be one of them; the first is written.
    pub issuers: Vec<String>,
    /// Setting `AUDIENCE`: if there are any, `aud` has to hold one of them; the first is written.
    pub audiences: Vec<String>,
    /// How long past its `exp` a token is still taken.
    pub leeway: Leeway,
    /// How long after its `iat` a token is taken at most, in seconds, whatever its `exp`.
    pub max_age: Option<u64>,
    /// The names of the claims that settings can rename.
    pub names: ClaimNames,
}

/// Seconds between 0 and [`MAX_LEEWAY`], for which everything that is called back stays so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leeway(u64);

impl Leeway {
    /// `None` over [`MAX_LEEWAY`].
    #[must_use]
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds <= MAX_LEEWAY).then_some(Self(seconds))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

/// The claims' rules, of which the first that is broken is told.
pub(crate) fn check(claims: &Claims, rules: &Rules, now: u64) -> Result<(), Rejection> {
    failures(claims, rules, now)
        .first()
        .copied()
        .map_or(Ok(()), Err)
}

/// Every rule that is broken, in this order:
///
/// 1. the clock runs at all (otherwise this is the only one);
/// 2. `iat` is at most [`CLOCK_SKEW`] (or the leeway, if more) ahead, `nbf` at most the leeway;
/// 3. `exp` has not passed: `exp == now` is expired (RFC 7519 section 4.1.4);
/// 4. `iat` is at most the greatest age ago, once there is one, the leeway granted;
/// 5. `iss` and `aud` are ours, once set.
///
/// A missing `exp` is no business of this function: [`Valid::require`] refuses it, after the
/// blacklist has been asked, since that is the order clients of Simple JWT know.
#[must_use]
pub fn failures(claims: &Claims, rules: &Rules, now: u64) -> Vec<Rejection> {
    let leeway = rules.leeway.seconds();
    let ahead = |date: Option<u64>, by: u64| date.is_some_and(|date| date > now.saturating_add(by));
    let passed = |date: u64| has_passed(date, rules.leeway, now);
    let mut broken = Vec::new();
    if now == 0 {
        broken.push(Rejection::ClockUnset);
        return broken;
    }
    if ahead(claims.iat, leeway.max(CLOCK_SKEW)) {
        broken.push(Rejection::IssuedInFuture);
    }
    if ahead(claims.nbf, leeway) {
        broken.push(Rejection::NotYetValid);
    }
    if claims.exp.is_some_and(passed) {
        broken.push(Rejection::Expired);
    }
    if let Some(age) = rules.max_age {
        broken.extend(too_old(claims.iat, age, rules.leeway, now));
    }
    if !is_one_of(claims.iss.as_slice(), &rules.issuers) {
        broken.push(Rejection::WrongIssuer);
    }
    if !is_one_of(&claims.aud, &rules.audiences) {
        broken.push(Rejection::WrongAudience);
    }
    broken
}

fn too_old(iat: Option<u64>, age: u64, leeway: Leeway, now: u64) -> Option<Rejection> {
    match iat {
        None => Some(Rejection::Missing(Claim::IssuedAt)),
        Some(iat) if now.saturating_sub(iat) > age.saturating_add(leeway.seconds()) => {
            Some(Rejection::TooOld)
        }
        Some(_) => None,
    }
}

/// Whether one of those said is one of those wanted, of which none means that it does not matter.
fn is_one_of(said: &[String], wanted: &[String]) -> bool {
    wanted.is_empty() || said.iter().any(|said| wanted.contains(said))
}

/// Whether a date lies in the past, `leeway` granted.
#[must_use]
pub fn has_passed(date: u64, leeway: Leeway, now: u64) -> bool {
    now >= date.saturating_add(leeway.seconds())
}

/// Which kinds of token a use takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// Any, and whatever else its type may be called.
    Any,
    /// These, and tokens that say nothing of their type: other issuers' are like that.
    OrUnsaid(Vec<Kind>),
    /// These.
    Said(Vec<Kind>),
}

impl Default for Kinds {
    /// No refresh token passes for an access token.
    fn default() -> Self {
        Self::OrUnsaid(vec![Kind::Access])
    }
}

impl Kinds {
    /// Why a token of this type is not taken.
    #[must_use]
    pub fn refusal(&self, token_type: TokenType) -> Option<Rejection> {
        match (self, token_type) {
            (Self::OrUnsaid(_), TokenType::Absent) => None,
            _ => self.refusal_if_unsaid(token_type),
        }
    }

    /// The same where a token has to say what it is, unless any is taken.
    #[must_use]
    pub fn refusal_if_unsaid(&self, token_type: TokenType) -> Option<Rejection> {
        match self {
            Self::Any => None,
            Self::OrUnsaid(kinds) | Self::Said(kinds) => of_kinds(token_type, kinds).err(),
        }
    }
}

fn of_kinds(token_type: TokenType, kinds: &[Kind]) -> Result<Kind, Rejection> {
    match token_type {
        TokenType::Absent => Err(Rejection::Missing(Claim::TokenType)),
        TokenType::Of(kind) if kinds.contains(&kind) => Ok(kind),
        TokenType::Of(_) | TokenType::Other => Err(Rejection::WrongKind),
    }
}

impl Valid {
    /// Whether the token can be told from others and ends some day: `exp` and `jti`, and no user id
    /// that cannot be read. Enough to say that it is genuine, not to use it.
    pub fn require_identity(&self) -> Result<(), Rejection> {
        self.require_dates_and_id()?;
        match self.claims().subject {
            Subject::Unreadable => Err(Rejection::WrongForm(Claim::Subject)),
            Subject::Absent | Subject::Of(_) | Subject::Nobody => Ok(()),
        }
    }

    fn require_dates_and_id(&self) -> Result<(), Rejection> {
        let claims = self.claims();
        if claims.exp.is_none() {
            return Err(Rejection::Missing(Claim::Expiration));
        }
        if claims.jti.is_none() {
            return Err(Rejection::Missing(Claim::JwtId));
        }
        Ok(())
    }

    /// Whether the token is of a kind that is taken, or fits without saying of which it is.
    pub fn require_kind(&self, kinds: &Kinds) -> Result<(), Rejection> {
        kinds.refusal(self.claims().token_type).map_or(Ok(()), Err)
    }

    /// Whether the token is fit for a use that takes these kinds: `exp`, `jti`, the type, and a
    /// subject that can be somebody's.
    pub fn require(&self, kinds: &[Kind]) -> Result<Kind, Rejection> {
        self.require_dates_and_id()?;
        let kind = of_kinds(self.claims().token_type, kinds)?;
        match self.claims().subject {
            Subject::Nobody | Subject::Unreadable => Err(Rejection::NoSuchSubject),
            Subject::Absent | Subject::Of(_) => Ok(kind),
        }
    }

    /// Whether a sliding token can still be refreshed: its `refresh_exp` has not passed.
    pub fn require_refreshable(&self, leeway: Leeway, now: u64) -> Result<u64, Rejection> {
        let claim = Claim::RefreshExpiration;
        let refresh_exp = self.claims().refresh_exp.ok_or(Rejection::Missing(claim))?;
        if has_passed(refresh_exp, leeway, now) {
            return Err(Rejection::RefreshExpired);
        }
        Ok(refresh_exp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Duplicates, Object};
    use alloc::borrow::ToOwned;

    const NOW: u64 = 1_700_000_000;

    fn checked(payload: &str, rules: &Rules, now: u64) -> Result<(), Rejection> {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse).unwrap();
        check(&Claims::read(object, &rules.names).unwrap(), rules, now)
    }

    fn with_leeway(seconds: u64) -> Rules {
        Rules {
            leeway: Leeway::new(seconds).unwrap(),
            ..Rules::default()
        }
    }

    #[test]
    fn exp_equal_to_now_is_expired() {
        let payload = |exp: u64| format!("{{\"exp\":{exp}}}");
        let none = with_leeway(0);
        assert_eq!(checked(&payload(NOW + 1), &none, NOW), Ok(()));
        assert_eq!(checked(&payload(NOW), &none, NOW), Err(Rejection::Expired));
        let some = with_leeway(10);
        assert_eq!(checked(&payload(NOW - 9), &some, NOW), Ok(()));
        assert_eq!(
            checked(&payload(NOW - 10), &some, NOW),
            Err(Rejection::Expired)
        );
    }

    #[test]
    fn iat_may_be_as_far_ahead_as_clocks_differ() {
        let payload = |iat: u64| format!("{{\"iat\":{iat}}}");
        assert_eq!(checked(&payload(NOW + 60), &with_leeway(0), NOW), Ok(()));
        assert_eq!(
            checked(&payload(NOW + 61), &with_leeway(0), NOW),
            Err(Rejection::IssuedInFuture)
        );
        assert_eq!(checked(&payload(NOW + 300), &with_leeway(300), NOW), Ok(()));
    }

    #[test]
    fn nbf_has_to_have_come() {
        let payload = |nbf: u64| format!("{{\"nbf\":{nbf}}}");
        assert_eq!(checked(&payload(NOW), &with_leeway(0), NOW), Ok(()));
        assert_eq!(
            checked(&payload(NOW + 1), &with_leeway(0), NOW),
            Err(Rejection::NotYetValid)
        );
        assert_eq!(checked(&payload(NOW + 1), &with_leeway(1), NOW), Ok(()));
    }

    #[test]
    fn a_clock_that_was_never_set_refuses_everything_by_its_own_name() {
        assert_eq!(
            checked("{\"exp\":5}", &with_leeway(0), 0),
            Err(Rejection::ClockUnset)
        );
    }

    #[test]
    fn issuer_and_audience_are_asked_for_once_set() {
        let rules = Rules {
            issuers: vec!["https://a".into()],
            audiences: vec!["api".into()],
            ..Rules::default()
        };
        let cases = [
            (r#"{"iss":"https://a","aud":"api"}"#, Ok(())),
            (r#"{"iss":"https://a","aud":["web","api"]}"#, Ok(())),
            (
                r#"{"iss":"https://a/","aud":"api"}"#,
                Err(Rejection::WrongIssuer),
            ),
            (r#"{"aud":"api"}"#, Err(Rejection::WrongIssuer)),
            (r#"{"iss":"https://a"}"#, Err(Rejection::WrongAudience)),
            (
                r#"{"iss":"https://a","aud":[]}"#,
                Err(Rejection::WrongAudience),
            ),
            (
                r#"{"iss":"https://a","aud":"API"}"#,
                Err(Rejection::WrongAudience),
            ),
        ];
        for (payload, expected) in cases {
            assert_eq!(checked(payload, &rules, NOW), expected, "{payload}");
        }
        assert_eq!(
            checked(r#"{"iss":"x","aud":"y"}"#, &Rules::default(), NOW),
            Ok(())
        );
    }

    #[test]
    fn a_greatest_age_is_counted_from_iat_which_then_has_to_be_there() {
        let rules = |seconds| Rules {
            max_age: Some(60),
            ..with_leeway(seconds)
        };
        let issued = |ago: u64| format!("{{\"iat\":{},\"exp\":{}}}", NOW - ago, NOW + 600);
        assert_eq!(checked(&issued(60), &rules(0), NOW), Ok(()));
        assert_eq!(checked(&issued(61), &rules(0), NOW), Err(Rejection::TooOld));
        assert_eq!(checked(&issued(70), &rules(10), NOW), Ok(()));
        assert_eq!(
            checked(&issued(71), &rules(10), NOW),
            Err(Rejection::TooOld)
        );
        let missing = Rejection::Missing(Claim::IssuedAt);
        assert_eq!(checked("{}", &rules(0), NOW), Err(missing));
    }

    #[test]
    fn every_rule_that_is_broken_is_told_in_its_order() {
        let rules = Rules {
            issuers: vec!["a".into()],
            audiences: vec!["b".into()],
            max_age: Some(60),
            ..Rules::default()
        };
        let read = |payload: &str| {
            let object = Object::parse(payload.to_owned(), Duplicates::Refuse).unwrap();
            Claims::read(object, &rules.names).unwrap()
        };
        let all = |payload: &str, now| failures(&read(payload), &rules, now);
        let late = format!("{{\"nbf\":{},\"exp\":5,\"iat\":1}}", NOW + 1);
        assert_eq!(
            all(&late, NOW),
            [
                Rejection::NotYetValid,
                Rejection::Expired,
                Rejection::TooOld,
                Rejection::WrongIssuer,
                Rejection::WrongAudience,
            ]
        );
        assert_eq!(all(&late, 0), [Rejection::ClockUnset]);
        let early = format!("{{\"iat\":{},\"iss\":\"a\",\"aud\":\"b\"}}", NOW + 61);
        assert_eq!(all(&early, NOW), [Rejection::IssuedInFuture]);
    }

    #[test]
    fn every_row_of_which_kinds_are_taken() {
        use TokenType::{Absent, Of, Other};
        let access = || vec![Kind::Access];
        let (wrong, missing) = (
            Some(Rejection::WrongKind),
            Some(Rejection::Missing(Claim::TokenType)),
        );
        let rows = [
            (Kinds::Any, [None, None, None, None]),
            (Kinds::OrUnsaid(access()), [None, None, wrong, wrong]),
            (Kinds::Said(access()), [missing, None, wrong, wrong]),
            (Kinds::Said(vec![]), [missing, wrong, wrong, wrong]),
        ];
        for (kinds, expected) in rows {
            let types = [Absent, Of(Kind::Access), Of(Kind::Refresh), Other];
            assert_eq!(types.map(|said| kinds.refusal(said)), expected, "{kinds:?}");
            let unsaid = if kinds == Kinds::Any { None } else { missing };
            assert_eq!(kinds.refusal_if_unsaid(Absent), unsaid, "{kinds:?}");
        }
        assert_eq!(Kinds::default(), Kinds::OrUnsaid(access()));
    }

    #[test]
    fn a_leeway_over_300_seconds_does_not_exist() {
        assert!(Leeway::new(MAX_LEEWAY).is_some());
        assert!(Leeway::new(MAX_LEEWAY + 1).is_none());
    }

    #[test]
    fn a_clock_at_the_end_of_time_does_not_overflow() {
        // What JavaScript's `Infinity` becomes on its way here.
        for now in [u64::MAX, u64::MAX - 1] {
            let payload = r#"{"iat":1700000000,"nbf":1700000000}"#;
            assert_eq!(checked(payload, &with_leeway(300), now), Ok(()));
            let expired = checked(r#"{"iat":5,"exp":10}"#, &with_leeway(300), now);
            assert_eq!(expired, Err(Rejection::Expired));
        }
    }

    #[test]
    fn dates_at_the_end_of_time_do_not_overflow() {
        let payload = r#"{"exp":253402300799,"nbf":253402300799}"#;
        assert_eq!(
            checked(payload, &with_leeway(300), NOW),
            Err(Rejection::NotYetValid)
        );
        assert!(!has_passed(u64::MAX, Leeway::default(), NOW));
    }
}
