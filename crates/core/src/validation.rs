//! Whether claims hold: dates, issuer, audience, and what a use needs.

use crate::MAX_LEEWAY;
use crate::claims::{ClaimNames, Claims, Subject, TokenType};
use crate::kind::Kind;
use crate::rejection::{Claim, Rejection};
use crate::token::Valid;
use alloc::string::String;

/// How far ahead an `iat` may be, in seconds: clocks differ.
pub const CLOCK_SKEW: u64 = 60;

/// What a verifier asks of every token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Setting `ISSUER`: once set, `iss` has to be this.
    pub issuer: Option<String>,
    /// Setting `AUDIENCE`: once set, `aud` has to hold this.
    pub audience: Option<String>,
    /// How long past its `exp` a token is still taken.
    pub leeway: Leeway,
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

/// The claims' rules, in the order in which a token that breaks several is refused:
///
/// 1. the clock runs at all;
/// 2. `iat` is at most [`CLOCK_SKEW`] (or the leeway, if more) ahead, `nbf` at most the leeway;
/// 3. `exp` has not passed: `exp == now` is expired (RFC 7519 section 4.1.4);
/// 4. `iss` and `aud` are ours, once set.
///
/// A missing `exp` is no business of this function: [`Valid::require`] refuses it, after the
/// blacklist has been asked, since that is the order clients of Simple JWT know.
pub(crate) fn check(claims: &Claims, rules: &Rules, now: u64) -> Result<(), Rejection> {
    let leeway = rules.leeway.seconds();
    if now == 0 {
        return Err(Rejection::ClockUnset);
    }
    if claims
        .iat
        .is_some_and(|iat| iat > now.saturating_add(leeway.max(CLOCK_SKEW)))
    {
        return Err(Rejection::IssuedInFuture);
    }
    if claims
        .nbf
        .is_some_and(|nbf| nbf > now.saturating_add(leeway))
    {
        return Err(Rejection::NotYetValid);
    }
    if claims
        .exp
        .is_some_and(|exp| has_passed(exp, rules.leeway, now))
    {
        return Err(Rejection::Expired);
    }
    if rules.issuer.is_some() && claims.iss != rules.issuer {
        return Err(Rejection::WrongIssuer);
    }
    if rules
        .audience
        .as_ref()
        .is_some_and(|audience| !claims.aud.contains(audience))
    {
        return Err(Rejection::WrongAudience);
    }
    Ok(())
}

/// Whether a date lies in the past, `leeway` granted.
#[must_use]
pub fn has_passed(date: u64, leeway: Leeway, now: u64) -> bool {
    now >= date.saturating_add(leeway.seconds())
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

    /// Whether the token is fit for a use that takes these kinds: `exp`, `jti`, the type, and a
    /// subject that can be somebody's.
    pub fn require(&self, kinds: &[Kind]) -> Result<Kind, Rejection> {
        self.require_dates_and_id()?;
        let kind = match self.claims().token_type {
            TokenType::Absent => return Err(Rejection::Missing(Claim::TokenType)),
            TokenType::Of(kind) if kinds.contains(&kind) => kind,
            TokenType::Of(_) | TokenType::Other => return Err(Rejection::WrongKind),
        };
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
            issuer: Some("https://a".into()),
            audience: Some("api".into()),
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
