//! Claims: reading them from a payload, and carrying those that are not ours.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::{self, Duplicates, JsonError, Object, Type, Value};
use crate::jti::Jti;
use crate::kind::Kind;
use crate::rejection::{Claim, Rejection};

/// The names of the two claims that settings can rename.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// Setting `USER_ID_CLAIM`.
    pub user_id: String,
    /// Setting `TOKEN_TYPE_CLAIM`.
    pub token_type: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            user_id: "user_id".to_owned(),
            token_type: "token_type".to_owned(),
        }
    }
}

/// Names that a token's claims cannot be given from outside, besides those in [`ClaimNames`]: the
/// registered ones (RFC 7519 section 4.1) and our own.
const REGISTERED: [&str; 9] = [
    "aud",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "refresh_exp",
    "sid",
    "sub",
];

impl ClaimNames {
    fn is_registered(&self, name: &str) -> bool {
        REGISTERED.contains(&name) || name == self.user_id || name == self.token_type
    }

    /// Whether two meanings would fall on one name.
    #[must_use]
    pub fn clash(&self) -> bool {
        let ours = [&self.user_id, &self.token_type];
        // `sub` is allowed for the user id: both hold the same string.
        self.user_id == self.token_type
            || ours
                .iter()
                .any(|name| *name != "sub" && REGISTERED.contains(&name.as_str()))
            || self.token_type == "sub"
            || ours.iter().any(|name| name.is_empty())
    }
}

/// The prefix of a client's own subject, which is no user's id.
pub const CLIENT_PREFIX: &str = "client:";

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nobody's: neither `sub` nor a user id.
    Absent,
    /// This one's.
    Of(String),
    /// An empty user id, which cannot be anybody's.
    Nobody,
    /// A user id of a JSON type that no user id has: a list, an object, a fraction.
    Unreadable,
}

/// The `token_type` claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// There is none.
    Absent,
    /// One of ours.
    Of(Kind),
    /// Something else.
    Other,
}

/// The claims of a payload, each of its right type.
#[derive(Clone, Debug)]
pub struct Claims {
    object: Object,
    names: ClaimNames,
    /// `exp`, seconds.
    pub exp: Option<u64>,
    /// `iat`, seconds.
    pub iat: Option<u64>,
    /// `nbf`, seconds.
    pub nbf: Option<u64>,
    /// `refresh_exp`, seconds.
    pub refresh_exp: Option<u64>,
    /// `jti`.
    pub jti: Option<Jti>,
    /// `sid`.
    pub sid: Option<String>,
    /// `iss`.
    pub iss: Option<String>,
    /// `aud`, of which one string is a list of one.
    pub aud: Vec<String>,
    /// The user id, or else the `sub` of a token of ours.
    pub subject: Subject,
    /// The token's type.
    pub token_type: TokenType,
}

impl Claims {
    /// Reads the claims that mean something to us. One of the wrong JSON type is refused, never
    /// skipped: a check that is skipped for `"exp": "soon"` is no check.
    pub fn read(object: Object, names: &ClaimNames) -> Result<Self, Rejection> {
        let sub = string(&object, "sub", Claim::Subject)?;
        let sid = string(&object, "sid", Claim::SessionId)?;
        let user = subject(object.get(&names.user_id));
        let jti = string(&object, "jti", Claim::JwtId)?.map(Jti::presented);
        let token_type = token_type(object.get(&names.token_type));
        Ok(Self {
            exp: date(&object, "exp", Claim::Expiration)?,
            iat: date(&object, "iat", Claim::IssuedAt)?,
            nbf: date(&object, "nbf", Claim::NotBefore)?,
            refresh_exp: date(&object, "refresh_exp", Claim::RefreshExpiration)?,
            jti,
            iss: string(&object, "iss", Claim::Issuer)?,
            aud: audience(&object)?,
            subject: whose(user, sub, sid.is_some()),
            sid,
            token_type,
            names: names.clone(),
            object,
        })
    }

    /// The payload's text.
    #[must_use]
    pub fn payload(&self) -> &str {
        self.object.as_str()
    }

    /// All claims in their order: name (still escaped, with its quotes) and value.
    pub fn members(&self) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
        self.object.members()
    }

    /// Whether the payload has a user id at all, be it `null`.
    #[must_use]
    pub fn mentions_user(&self) -> bool {
        self.object.get(&self.names.user_id).is_some()
    }

    /// The claims that are not registered, to be carried into the next token.
    #[must_use]
    pub fn custom(&self) -> CustomClaims {
        CustomClaims::unregistered(&self.object, &self.names)
    }
}

/// Claims given at sign-in and carried by every rotation: JSON members that are none of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomClaims {
    /// Members with a comma before each, ready to be appended to others.
    text: String,
}

/// Why custom claims are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadClaims {
    /// Not a JSON object, or one with a member twice.
    Json(JsonError),
    /// A name that the issuer writes itself.
    Registered(String),
    /// Longer than [`CustomClaims::MAX_BYTES`].
    TooLong,
}

impl core::fmt::Display for BadClaims {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Json(_) => f.write_str("Not a JSON object without duplicate members."),
            Self::Registered(name) => write!(f, "The claim '{name}' is written by the issuer."),
            Self::TooLong => f.write_str("Longer than is carried."),
        }
    }
}

impl core::error::Error for BadClaims {}

impl CustomClaims {
    /// The longest custom claims, in bytes: half of the longest bearer token, which base64 makes a
    /// third longer and the registered claims fill up.
    pub const MAX_BYTES: usize = 4 * 1024;

    /// Reads the text of a JSON object.
    pub fn parse(text: &str, names: &ClaimNames) -> Result<Self, BadClaims> {
        if text.len() > Self::MAX_BYTES {
            return Err(BadClaims::TooLong);
        }
        let object = Object::parse(text.to_owned(), Duplicates::Refuse).map_err(BadClaims::Json)?;
        let registered = object
            .members()
            .filter_map(|(name, _)| name.string())
            .find(|name| names.is_registered(name));
        match registered {
            Some(name) => Err(BadClaims::Registered(name.into_owned())),
            None => Ok(Self::unregistered(&object, names)),
        }
    }

    /// The same claims and a `scope` (RFC 8693 section 4.2), unless it is empty.
    pub fn with_scope(self, scope: &str) -> Result<Self, BadClaims> {
        if scope.is_empty() {
            return Ok(self);
        }
        let object = format!("{{{}}}", self.text.strip_prefix(',').unwrap_or_default());
        let object = Object::parse(object, Duplicates::Refuse).map_err(BadClaims::Json)?;
        if object.get("scope").is_some() {
            return Err(BadClaims::Json(JsonError::DuplicateMember));
        }
        let text = format!("{},\"scope\":{}", self.text, json::quoted(scope));
        if text.len() > Self::MAX_BYTES {
            return Err(BadClaims::TooLong);
        }
        Ok(Self { text })
    }

    /// What [`CustomClaims::as_stored`] gave.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self { text }
    }

    /// The claims as the store keeps them.
    #[must_use]
    pub fn as_stored(&self) -> &str {
        &self.text
    }

    /// Those that have not become names of ours since sign-in: who changes `USER_ID_CLAIM` to a name
    /// that sessions carry already would otherwise sign tokens with two such members.
    pub(crate) fn besides(&self, names: &ClaimNames) -> Cow<'_, Self> {
        let members = format!("{{{}}}", self.text.get(1..).unwrap_or_default());
        let Ok(object) = Object::parse(members, Duplicates::LastWins) else {
            return Cow::Borrowed(self);
        };
        let renamed = object
            .members()
            .filter_map(|(name, _)| name.string())
            .any(|name| *name == *names.user_id || *name == *names.token_type);
        if renamed {
            Cow::Owned(Self::unregistered(&object, names))
        } else {
            Cow::Borrowed(self)
        }
    }

    fn unregistered(object: &Object, names: &ClaimNames) -> Self {
        let mut text = String::new();
        for (name, value) in object.members() {
            // A `nbf` that has come is carried on, as Simple JWT does; the others are written anew.
            let carried = |name: Cow<'_, str>| name == "nbf" || !names.is_registered(&name);
            if name.string().is_some_and(carried) {
                text.extend([",", name.text(), ":", value.text()]);
            }
        }
        Self { text }
    }
}

/// The last second that is a date: 9999-12-31T23:59:59Z.
pub const LAST_DATE: u64 = 253_402_300_799;

fn date(object: &Object, name: &str, claim: Claim) -> Result<Option<u64>, Rejection> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    numeric_date(value)
        .map(Some)
        .ok_or(Rejection::WrongForm(claim))
}

/// A `NumericDate` (RFC 7519 section 2): a fraction of a second is cut off. An exponent is refused,
/// as is what lies past the year 9999; a date before 1970 is as long gone as 1970.
#[must_use]
pub fn numeric_date(value: Value<'_>) -> Option<u64> {
    if !matches!(value.kind(), Type::Integer | Type::Float) {
        return None;
    }
    let past = value.text().strip_prefix('-');
    let mut bytes = past.unwrap_or(value.text()).bytes();
    let mut seconds = 0;
    for byte in bytes.by_ref().take_while(|byte| *byte != b'.') {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        // However many digits there are, it is too late already.
        seconds = (seconds * 10 + u64::from(digit)).min(LAST_DATE + 1);
    }
    if past.is_some() {
        seconds = 0;
    }
    let is_number = bytes.all(|byte| byte.is_ascii_digit());
    (is_number && seconds <= LAST_DATE).then_some(seconds)
}

fn string(object: &Object, name: &str, claim: Claim) -> Result<Option<String>, Rejection> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    value
        .string()
        .map(|text| Some(text.into_owned()))
        .ok_or(Rejection::WrongForm(claim))
}

/// `aud`: a string or an array of strings (RFC 7519 section 4.1.3).
fn audience(object: &Object) -> Result<Vec<String>, Rejection> {
    let Some(value) = object.get("aud") else {
        return Ok(Vec::new());
    };
    if let Some(one) = value.string() {
        return Ok(vec![one.into_owned()]);
    }
    json::strings(value).ok_or(Rejection::WrongForm(Claim::Audience))
}

/// Of a token without `sid`, which another issuer made, only the user id is believed: what that
/// issuer puts into `sub` may be anything, and whoever picks their own user id there must not pick a
/// client of ours.
fn whose(user: Subject, sub: Option<String>, is_ours: bool) -> Subject {
    match (user, sub) {
        (Subject::Absent, Some(sub)) if is_ours && !sub.is_empty() => Subject::Of(sub),
        (Subject::Of(user), _) if !is_ours && user.starts_with(CLIENT_PREFIX) => Subject::Nobody,
        (user, _) => user,
    }
}

/// A user id is a string or, from older issuers, a number.
fn subject(user_id: Option<Value<'_>>) -> Subject {
    let Some(value) = user_id else {
        return Subject::Absent;
    };
    match (value.kind(), value.string()) {
        (Type::Null, _) => Subject::Absent,
        (Type::Integer, _) => Subject::Of(value.text().to_owned()),
        (Type::String, Some(text)) if !text.is_empty() => Subject::Of(text.into_owned()),
        (Type::String, _) => Subject::Nobody,
        _ => Subject::Unreadable,
    }
}

fn token_type(value: Option<Value<'_>>) -> TokenType {
    let Some(value) = value else {
        return TokenType::Absent;
    };
    let name: Option<Cow<'_, str>> = value.string();
    name.and_then(|name| Kind::named(&name))
        .map_or(TokenType::Other, TokenType::Of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> Result<Claims, Rejection> {
        let object = Object::parse(payload.to_owned(), Duplicates::Refuse).unwrap();
        Claims::read(object, &ClaimNames::default())
    }

    #[test]
    fn dates_are_whole_seconds_within_bounds() {
        let cases = [
            ("1700000000", Some(1_700_000_000)),
            ("1700000000.9", Some(1_700_000_000)),
            ("0", Some(0)),
            ("-5", Some(0)),
            ("-5.5", Some(0)),
            ("253402300799", Some(LAST_DATE)),
            ("253402300800", None),
            ("1e9", None),
            ("1.7e9", None),
            ("99999999999999999999999", None),
            ("\"1700000000\"", None),
            ("null", None),
            ("true", None),
            ("[1]", None),
        ];
        for (text, expected) in cases {
            for name in ["exp", "iat", "nbf", "refresh_exp"] {
                let claims = read(&format!("{{\"{name}\":{text}}}"));
                let date = claims.map(|c| {
                    [c.exp, c.iat, c.nbf, c.refresh_exp]
                        .into_iter()
                        .flatten()
                        .next()
                });
                match expected {
                    Some(seconds) => assert_eq!(date, Ok(Some(seconds)), "{name} {text}"),
                    None => assert!(
                        matches!(date, Err(Rejection::WrongForm(_))),
                        "{name} {text}"
                    ),
                }
            }
        }
    }

    #[test]
    fn a_claim_of_the_wrong_type_is_refused_never_skipped() {
        let wrong = [
            (r#"{"jti":null}"#, Claim::JwtId),
            (r#"{"jti":7}"#, Claim::JwtId),
            (r#"{"sid":{}}"#, Claim::SessionId),
            (r#"{"sub":1}"#, Claim::Subject),
            (r#"{"sub":null}"#, Claim::Subject),
            (r#"{"sub":"\ud800"}"#, Claim::Subject),
            (r#"{"iss":["a"]}"#, Claim::Issuer),
            (r#"{"aud":1}"#, Claim::Audience),
            (r#"{"aud":["a",1]}"#, Claim::Audience),
            (r#"{"aud":null}"#, Claim::Audience),
        ];
        for (payload, claim) in wrong {
            assert_eq!(
                read(payload).unwrap_err(),
                Rejection::WrongForm(claim),
                "{payload}"
            );
        }
    }

    #[test]
    fn the_subject_is_the_user_id_or_else_sub() {
        let cases = [
            ("{}", Subject::Absent),
            (r#"{"user_id":null}"#, Subject::Absent),
            (r#"{"user_id":7}"#, Subject::Of("7".into())),
            (r#"{"user_id":"7"}"#, Subject::Of("7".into())),
            (r#"{"sub":"s","sid":"i"}"#, Subject::Of("s".into())),
            (r#"{"sub":"","sid":"i"}"#, Subject::Absent),
            (r#"{"sub":"s","user_id":"u"}"#, Subject::Of("u".into())),
            (r#"{"user_id":""}"#, Subject::Nobody),
            (r#"{"user_id":"","sub":"s"}"#, Subject::Nobody),
            (r#"{"user_id":[1]}"#, Subject::Unreadable),
            (r#"{"user_id":1.5}"#, Subject::Unreadable),
            (r#"{"user_id":true}"#, Subject::Unreadable),
        ];
        for (payload, subject) in cases {
            assert_eq!(read(payload).unwrap().subject, subject, "{payload}");
        }
    }

    #[test]
    fn of_another_issuers_token_only_the_user_id_is_believed() {
        let cases = [
            (r#"{"sub":"s"}"#, Subject::Absent),
            (r#"{"sub":"client:x"}"#, Subject::Absent),
            (r#"{"sub":"s","user_id":"u"}"#, Subject::Of("u".into())),
        ];
        for (payload, subject) in cases {
            assert_eq!(read(payload).unwrap().subject, subject, "{payload}");
        }
    }

    #[test]
    fn another_issuers_user_cannot_pass_for_a_client_of_ours() {
        let foreign = read(r#"{"user_id":"client:x"}"#).unwrap();
        assert_eq!(foreign.subject, Subject::Nobody);
        let ours = read(r#"{"sub":"client:x","sid":"i"}"#).unwrap();
        assert_eq!(ours.subject, Subject::Of("client:x".into()));
    }

    #[test]
    fn a_token_type_is_compared_exactly() {
        let cases = [
            ("{}", TokenType::Absent),
            (r#"{"token_type":"refresh"}"#, TokenType::Of(Kind::Refresh)),
            (r#"{"token_type":"Refresh"}"#, TokenType::Other),
            (r#"{"token_type":null}"#, TokenType::Other),
            (r#"{"token_type":1}"#, TokenType::Other),
        ];
        for (payload, token_type) in cases {
            assert_eq!(read(payload).unwrap().token_type, token_type, "{payload}");
        }
    }

    #[test]
    fn custom_claims_are_carried_as_they_are_spelled() {
        let claims = read(
            r#"{"exp":1,"role":"admin","n":1.50,"user_id":"u","x\u0020":[{"a":null}],"nbf":3}"#,
        );
        let custom = claims.unwrap().custom();
        assert_eq!(
            custom.as_stored(),
            r#","role":"admin","n":1.50,"x\u0020":[{"a":null}],"nbf":3"#
        );
    }

    #[test]
    fn registered_names_cannot_be_given_as_custom_claims_however_they_are_spelled() {
        let names = ClaimNames {
            user_id: "uid".into(),
            token_type: "kind".into(),
        };
        for name in REGISTERED.into_iter().chain(["uid", "kind", r"\u0065xp"]) {
            let parsed = CustomClaims::parse(&format!("{{\"{name}\":1}}"), &names);
            assert!(matches!(parsed, Err(BadClaims::Registered(_))), "{name}");
        }
        assert!(CustomClaims::parse(r#"{"user_id":1,"role":"x"}"#, &names).is_ok());
    }

    #[test]
    fn a_scope_joins_the_claims_once() {
        let names = ClaimNames::default();
        let claims = CustomClaims::parse(r#"{"role":"a"}"#, &names).unwrap();
        let scoped = claims.clone().with_scope("read \"all\"").unwrap();
        assert_eq!(scoped.as_stored(), r#","role":"a","scope":"read \"all\"""#);
        assert_eq!(claims.clone().with_scope("").unwrap(), claims);
        assert!(scoped.with_scope("write").is_err());
        let alone = CustomClaims::default().with_scope("read").unwrap();
        assert_eq!(alone.as_stored(), r#","scope":"read""#);
    }

    #[test]
    fn a_scope_counts_among_what_is_carried() {
        let largest = CustomClaims::MAX_BYTES - r#","scope":"""#.len();
        let scoped = |chars: usize| CustomClaims::default().with_scope(&"s".repeat(chars));
        assert!(scoped(largest).is_ok());
        assert_eq!(scoped(largest + 1), Err(BadClaims::TooLong));
    }

    #[test]
    fn claim_names_that_fall_together_are_noticed() {
        let names = |user_id: &str, token_type: &str| ClaimNames {
            user_id: user_id.into(),
            token_type: token_type.into(),
        };
        assert!(!ClaimNames::default().clash());
        assert!(!names("sub", "token_type").clash());
        for clashing in [
            names("a", "a"),
            names("exp", "t"),
            names("u", "sub"),
            names("", "t"),
        ] {
            assert!(clashing.clash(), "{clashing:?}");
        }
    }
}
