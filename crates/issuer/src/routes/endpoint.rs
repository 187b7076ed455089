//! The endpoints: where they are and what they take.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use crate::config::Config;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Obtain,
    Refresh,
    Verify,
    Blacklist,
    SlidingObtain,
    SlidingRefresh,
    Registration,
    Info,
    Password,
    ResetAll,
    Logout,
    Jwks,
    Health,
}

impl Endpoint {
    /// The endpoint of a path, with or without its last slash.
    pub(super) fn at(path: &str) -> Option<Self> {
        Some(match path.strip_suffix('/').unwrap_or(path) {
            "/api/token" => Self::Obtain,
            "/api/token/refresh" => Self::Refresh,
            "/api/token/verify" => Self::Verify,
            "/api/token/blacklist" => Self::Blacklist,
            "/api/token/sliding" => Self::SlidingObtain,
            "/api/token/sliding/refresh" => Self::SlidingRefresh,
            // The second is how one tutorial spells it.
            "/api/v1/users/registration" | "/api/v1/users/registartion" => Self::Registration,
            "/api/v1/users/info" => Self::Info,
            "/api/v1/users/password" => Self::Password,
            "/api/v1/users/reset-all-token" => Self::ResetAll,
            "/logout_token" => Self::Logout,
            "/.well-known/jwks.json" => Self::Jwks,
            "/healthz" => Self::Health,
            _ => return None,
        })
    }

    /// Whether it is about the built-in accounts: without them it is not there.
    pub(super) const fn needs_accounts(self) -> bool {
        match self {
            Self::Obtain | Self::SlidingObtain | Self::Registration | Self::Password => true,
            Self::Refresh
            | Self::Verify
            | Self::Blacklist
            | Self::SlidingRefresh
            | Self::Info
            | Self::ResetAll
            | Self::Logout
            | Self::Jwks
            | Self::Health => false,
        }
    }

    /// Who has to be known before it looks at a request.
    pub(super) const fn access(self) -> Access {
        match self {
            Self::Info | Self::Password | Self::ResetAll => Access::Bearer,
            Self::Logout => Access::BearerAlsoEnded,
            // As the tutorials have it: public, but whoever brings a bearer has to bring a good one.
            Self::Registration => Access::BearerIfAny,
            Self::Obtain
            | Self::Refresh
            | Self::Verify
            | Self::Blacklist
            | Self::SlidingObtain
            | Self::SlidingRefresh
            | Self::Jwks
            | Self::Health => Access::Public,
        }
    }

    /// Whether it speaks Django REST framework's dialect.
    pub(super) const fn is_of_the_framework(self) -> bool {
        !matches!(self, Self::Jwks | Self::Health)
    }

    const fn reads(self) -> bool {
        matches!(self, Self::Info | Self::Jwks | Self::Health)
    }

    pub(super) fn takes(self, method: &str) -> bool {
        if self.reads() {
            matches!(method, "GET" | "HEAD")
        } else {
            method == "POST"
        }
    }

    /// The `Allow` header.
    pub(super) const fn allow(self) -> &'static str {
        if self.reads() {
            "GET, HEAD, OPTIONS"
        } else {
            "POST, OPTIONS"
        }
    }

    /// The answer to `OPTIONS`, in Django REST framework's form.
    pub(super) fn describe(self, config: &Config) -> Answer {
        let fields = self.fields(config);
        let actions = (!fields.is_empty()).then(|| {
            let described = fields
                .iter()
                .map(|field| (field.name.to_owned(), field.describe()));
            json!({ "POST": Value::Object(described.collect::<Map<_, _>>()) })
        });
        let mut description = json!({
            "name": format!("{self:?}"),
            "description": "",
            "renders": ["application/json"],
            "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
        });
        if let (Some(actions), Some(object)) = (actions, description.as_object_mut()) {
            object.insert("actions".to_owned(), actions);
        }
        Answer::json(200, &description)
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
            Self::Refresh => vec![
                field("refresh", "Refresh"),
                Described {
                    required: false,
                    read_only: true,
                    ..field("access", "Access")
                },
            ],
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
            Self::Info
            | Self::Password
            | Self::ResetAll
            | Self::Logout
            | Self::Jwks
            | Self::Health => Vec::new(),
        }
    }
}

/// A field in the answer to `OPTIONS`.
struct Described<'a> {
    name: &'a str,
    label: &'static str,
    required: bool,
    read_only: bool,
    kind: &'static str,
    max: Option<u32>,
}

impl Described<'_> {
    fn describe(&self) -> Value {
        let mut described = json!({
            "type": self.kind, "required": self.required, "read_only": self.read_only, "label": self.label,
        });
        if let (Some(max), Some(object)) = (self.max, described.as_object_mut()) {
            object.insert("max_length".to_owned(), max.into());
        }
        described
    }
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
