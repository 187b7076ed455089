//! The endpoints: where they are and what they take.

use hallpass_core::second_factor::Policy;
use serde::{Serialize, Serializer};

use super::answer::Answer;
use crate::config::{Config, Mailing};

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Obtain,
    Otp,
    Refresh,
    Verify,
    Blacklist,
    SlidingObtain,
    SlidingRefresh,
    Registration,
    Info,
    Password,
    PasswordReset,
    PasswordResetConfirm,
    SecondFactor,
    ResetAll,
    Logout,
    Sessions,
    Session,
    Check,
    /// On a laptop: the mail that nobody sends.
    DevelopmentMail,
    /// One that does not speak the framework's dialect.
    Plain(Plain),
}

/// An endpoint of the standards or of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    OauthToken,
    OauthRevoke,
    OauthIntrospect,
    Metadata,
    Jwks,
    Health,
}

impl Endpoint {
    /// The endpoint of a path, with or without its last slash.
    pub(super) fn at(path: &str) -> Option<Self> {
        Some(match path.strip_suffix('/').unwrap_or(path) {
            "/api/token" => Self::Obtain,
            "/api/token/otp" => Self::Otp,
            "/api/token/refresh" => Self::Refresh,
            "/api/token/verify" => Self::Verify,
            "/api/token/blacklist" => Self::Blacklist,
            "/api/token/sliding" => Self::SlidingObtain,
            "/api/token/sliding/refresh" => Self::SlidingRefresh,
            // The second is how one tutorial spells it.
            "/api/v1/users/registration" | "/api/v1/users/registartion" => Self::Registration,
            "/api/v1/users/info" => Self::Info,
            "/api/v1/users/password" => Self::Password,
            "/api/v1/users/password/reset" => Self::PasswordReset,
            "/api/v1/users/password/reset/confirm" => Self::PasswordResetConfirm,
            "/api/v1/users/second-factor" => Self::SecondFactor,
            "/api/v1/users/reset-all-token" => Self::ResetAll,
            "/logout_token" => Self::Logout,
            "/api/sessions" => Self::Sessions,
            "/api/check" => Self::Check,
            "/api/development/mail" => Self::DevelopmentMail,
            "/oauth/token" => Self::Plain(Plain::OauthToken),
            "/oauth/revoke" => Self::Plain(Plain::OauthRevoke),
            "/oauth/introspect" => Self::Plain(Plain::OauthIntrospect),
            "/.well-known/oauth-authorization-server" => Self::Plain(Plain::Metadata),
            "/.well-known/jwks.json" => Self::Plain(Plain::Jwks),
            "/healthz" => Self::Plain(Plain::Health),
            other if session_in(other).is_some() => Self::Session,
            _ => return None,
        })
    }

    /// Its path, with its last slash where it has one and `<sid>` in the place of a session's id.
    pub(super) const fn pattern(self) -> &'static str {
        match self {
            Self::Obtain => "/api/token/",
            Self::Otp => "/api/token/otp/",
            Self::Refresh => "/api/token/refresh/",
            Self::Verify => "/api/token/verify/",
            Self::Blacklist => "/api/token/blacklist/",
            Self::SlidingObtain => "/api/token/sliding/",
            Self::SlidingRefresh => "/api/token/sliding/refresh/",
            Self::Registration => "/api/v1/users/registration/",
            Self::Info => "/api/v1/users/info/",
            Self::Password => "/api/v1/users/password/",
            Self::PasswordReset => "/api/v1/users/password/reset/",
            Self::PasswordResetConfirm => "/api/v1/users/password/reset/confirm/",
            Self::SecondFactor => "/api/v1/users/second-factor/",
            Self::ResetAll => "/api/v1/users/reset-all-token/",
            Self::Logout => "/logout_token/",
            Self::Sessions => "/api/sessions/",
            Self::Session => "/api/sessions/<sid>/",
            Self::Check => "/api/check/",
            Self::DevelopmentMail => "/api/development/mail/",
            Self::Plain(Plain::OauthToken) => "/oauth/token",
            Self::Plain(Plain::OauthRevoke) => "/oauth/revoke",
            Self::Plain(Plain::OauthIntrospect) => "/oauth/introspect",
            Self::Plain(Plain::Metadata) => "/.well-known/oauth-authorization-server",
            Self::Plain(Plain::Jwks) => "/.well-known/jwks.json",
            Self::Plain(Plain::Health) => "/healthz",
        }
    }

    /// Whether it is there with these settings. Those of the built-in accounts are not without them; nor
    /// those of sliding tokens where refresh tokens are kept in a cookie: a sliding one is refreshed by itself, and
    /// scripts can read it.
    pub(super) fn is_there(self, config: &Config) -> bool {
        match self {
            Self::Obtain | Self::Registration | Self::Password => config.accounts,
            Self::SlidingObtain => config.accounts && !config.refresh_cookie,
            Self::SlidingRefresh => !config.refresh_cookie,
            Self::Otp | Self::SecondFactor => {
                config.accounts && config.second_factor != Policy::Off
            }
            Self::PasswordReset | Self::PasswordResetConfirm => {
                config.accounts && config.reset_url.is_some()
            }
            Self::DevelopmentMail => config.accounts && matches!(config.mailing, Mailing::Shown),
            Self::Refresh
            | Self::Verify
            | Self::Blacklist
            | Self::Info
            | Self::ResetAll
            | Self::Logout
            | Self::Sessions
            | Self::Session
            | Self::Check
            | Self::Plain(_) => true,
        }
    }

    /// Whether everybody's pages may read it, and its answers say so.
    pub(super) const fn is_for_every_origin(self) -> bool {
        matches!(self, Self::Plain(Plain::Metadata | Plain::Jwks))
    }

    /// Who has to be known before it looks at a request of that method.
    pub(super) fn access(self, method: &str) -> Access {
        match self {
            // Whoever opens a session is a client of ours, which the endpoint asks itself.
            Self::Sessions if method == "POST" => Access::Public,
            Self::Info
            | Self::Password
            | Self::SecondFactor
            | Self::ResetAll
            | Self::Sessions
            | Self::Session => Access::Bearer,
            Self::Logout => Access::BearerAlsoEnded,
            // As the tutorials have it: public, but whoever brings a bearer has to bring a good one.
            Self::Registration => Access::BearerIfAny,
            Self::Obtain
            | Self::Refresh
            | Self::Verify
            | Self::Blacklist
            | Self::SlidingObtain
            | Self::SlidingRefresh
            | Self::Check
            | Self::Otp
            | Self::PasswordReset
            | Self::PasswordResetConfirm
            | Self::DevelopmentMail
            | Self::Plain(_) => Access::Public,
        }
    }

    /// The methods it takes, besides `OPTIONS`.
    const fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Info
            | Self::Check
            | Self::DevelopmentMail
            | Self::Plain(Plain::Metadata | Plain::Jwks | Plain::Health) => &["GET", "HEAD"],
            Self::Sessions => &["GET", "HEAD", "POST"],
            Self::Session => &["DELETE"],
            Self::SecondFactor => &["GET", "HEAD", "POST", "DELETE"],
            Self::Obtain
            | Self::Refresh
            | Self::Verify
            | Self::Blacklist
            | Self::SlidingObtain
            | Self::SlidingRefresh
            | Self::Registration
            | Self::Password
            | Self::Otp
            | Self::PasswordReset
            | Self::PasswordResetConfirm
            | Self::ResetAll
            | Self::Logout
            | Self::Plain(Plain::OauthToken | Plain::OauthRevoke | Plain::OauthIntrospect) => {
                &["POST"]
            }
        }
    }

    pub(super) fn takes(self, method: &str) -> bool {
        self.methods().contains(&method)
    }

    /// The `Allow` header.
    pub(super) fn allow(self) -> String {
        let options = (!matches!(self, Self::Plain(_))).then_some("OPTIONS");
        let methods: Vec<_> = self.methods().iter().copied().chain(options).collect();
        methods.join(", ")
    }

    /// The answer to `OPTIONS`, in Django REST framework's form.
    pub(super) fn describe(self, config: &Config) -> Answer {
        let fields = self.fields(config);
        let actions = (!fields.is_empty()).then_some(Post { fields });
        Answer::json(
            200,
            &Options {
                name: format!("{self:?}"),
                description: "",
                renders: ["application/json"],
                parses: [
                    "application/json",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data",
                ],
                actions,
            },
        )
    }

    fn fields(self, config: &Config) -> Vec<Described<'_>> {
        let field = |name, label| Described {
            name,
            label,
            required: true,
            read_only: false,
            kind: "string",
            max: None,
        };
        match self {
            Self::Obtain | Self::SlidingObtain => {
                vec![
                    field(config.username_field.as_str(), "Email"),
                    field("password", "Password"),
                ]
            }
            Self::Refresh => {
                let access = Described {
                    required: false,
                    read_only: true,
                    ..field("access", "Access")
                };
                let refresh = (!config.refresh_cookie).then(|| field("refresh", "Refresh"));
                refresh.into_iter().chain([access]).collect()
            }
            Self::Blacklist if config.refresh_cookie => Vec::new(),
            Self::Blacklist => vec![field("refresh", "Refresh")],
            Self::Verify | Self::SlidingRefresh => vec![field("token", "Token")],
            Self::Registration => vec![
                Described {
                    kind: "email",
                    max: Some(254),
                    ..field(config.username_field.as_str(), "Email")
                },
                Described {
                    max: Some(128),
                    ..field("password", "Password")
                },
                Described {
                    required: false,
                    max: Some(150),
                    ..field("first_name", "First name")
                },
                Described {
                    required: false,
                    max: Some(150),
                    ..field("last_name", "Last name")
                },
            ],
            Self::Otp => vec![field("challenge", "Challenge"), field("code", "Code")],
            Self::PasswordReset => vec![field(config.username_field.as_str(), "Email")],
            Self::PasswordResetConfirm => vec![
                field("token", "Token"),
                Described {
                    max: Some(128),
                    ..field("password", "Password")
                },
            ],
            Self::Info
            | Self::Password
            | Self::SecondFactor
            | Self::ResetAll
            | Self::Logout
            | Self::Sessions
            | Self::Session
            | Self::Check
            | Self::DevelopmentMail
            | Self::Plain(_) => Vec::new(),
        }
    }
}

/// The session in a path `/api/sessions/<sid>`.
pub(super) fn session_in(path: &str) -> Option<&str> {
    let sid = path
        .strip_suffix('/')
        .unwrap_or(path)
        .strip_prefix("/api/sessions/")?;
    (!sid.is_empty() && sid.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(sid)
}

/// The answer to `OPTIONS`.
#[derive(Serialize)]
struct Options<'a> {
    name: String,
    description: &'static str,
    renders: [&'static str; 1],
    parses: [&'static str; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<Post<'a>>,
}

#[derive(Serialize)]
struct Post<'a> {
    #[serde(rename = "POST", serialize_with = "by_name")]
    fields: Vec<Described<'a>>,
}

fn by_name<S: Serializer>(fields: &[Described<'_>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|field| (field.name, field)))
}

/// A field in it.
#[derive(Serialize)]
struct Described<'a> {
    #[serde(skip)]
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    required: bool,
    read_only: bool,
    label: &'static str,
    #[serde(rename = "max_length", skip_serializing_if = "Option::is_none")]
    max: Option<u32>,
}

/// Who has to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Nobody; the `Authorization` header is not looked at.
    Public,
    /// Nobody, but a bearer that is there has to be good.
    BearerIfAny,
    /// The bearer.
    Bearer,
    /// The bearer, whose session may have ended: all it can do here is end more.
    BearerAlsoEnded,
}
