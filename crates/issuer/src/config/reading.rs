//! Every setting there is: its name, its default, what is allowed.

use hallpass_core::attempts::Limits;
use hallpass_core::claims::ClaimNames;
use hallpass_core::key::MIN_SECRET_BYTES;
use hallpass_core::second_factor::Policy;
use hallpass_core::validation::Leeway;
use hallpass_core::{Algorithm, Kind, MAX_LEEWAY, Rules, VerifyingKey};
use zeroize::Zeroizing;

use super::secret::{Secret, Signing};
use super::settings::Settings;
use super::{AllowedOrigins, Config, Mailing, Unusable, Webhook, verifying_keys, webhook};
use crate::clients::Clients;
use crate::log::Outcome;

/// The longest a lifetime can be set to, in seconds: ten years.
const LONGEST: u64 = 10 * 365 * 86_400;

/// The most failures that can be free.
const MOST_ATTEMPTS: u64 = 1000;

/// The shortest admin key, in characters.
const MIN_ADMIN_KEY_CHARS: usize = 32;

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    pub(super) fn read(mut self, missing: &[String]) -> Result<Config, Unusable> {
        self.wrong.extend_from_slice(missing);
        let development =
            self.word("ENVIRONMENT", "production", &["production", "development"]) == "development";
        let signing = self.signing(development);
        if self
            .get("WEBHOOK_SECRET")
            .is_some_and(|secret| secret.len() < MIN_SECRET_BYTES)
        {
            self.refuse("WEBHOOK_SECRET", "needs at least 32 bytes");
        }
        let rules = self.rules();
        let mailing = self.mailing(development);
        let config = Config {
            development,
            key_rotation: 86_400 * self.days("KEY_ROTATION_DAYS", 30, 1..=3650),
            verifying_keys: self.verifying_keys(),
            rules,
            access_token_lifetime: self.seconds("ACCESS_TOKEN_LIFETIME", 300, 1..=LONGEST),
            refresh_token_lifetime: self.seconds("REFRESH_TOKEN_LIFETIME", 86_400, 1..=LONGEST),
            sliding_token_lifetime: self.seconds("SLIDING_TOKEN_LIFETIME", 300, 1..=LONGEST),
            sliding_token_refresh_lifetime: self.seconds(
                "SLIDING_TOKEN_REFRESH_LIFETIME",
                86_400,
                1..=LONGEST,
            ),
            session_lifetime: self.seconds("SESSION_LIFETIME", 0, 0..=LONGEST),
            rotate_refresh_tokens: self.boolean("ROTATE_REFRESH_TOKENS", true),
            blacklist_after_rotation: self.boolean("BLACKLIST_AFTER_ROTATION", true),
            refresh_grace_seconds: self.seconds("REFRESH_GRACE_SECONDS", 0, 0..=300),
            adopt_foreign_tokens: self.adoption(signing.as_ref()),
            auth_header_types: self.header_types(),
            auth_token_classes: self.token_classes(),
            allowed_origins: self.allowed_origins(),
            clients: self.clients(),
            admin_key: self.admin_key(),
            username_field: self.name("USERNAME_FIELD", "email"),
            access_token_typ: self.word("ACCESS_TOKEN_TYP", "JWT", &["JWT", "at+jwt"]),
            accounts: self.boolean("ACCOUNTS", true),
            refresh_cookie: self.boolean("REFRESH_COOKIE", false),
            login_limits: self.login_limits(),
            second_factor: self.second_factor(&mailing),
            reset_url: self.reset_url(&mailing),
            mailing,
            events_webhook: self.events_webhook(),
            log_requests: self.log_requests(),
            signing: signing.unwrap_or(Signing::Ring(Secret(Zeroizing::default()))),
        };
        if self.wrong.is_empty() {
            Ok(config)
        } else {
            Err(Unusable(self.wrong))
        }
    }

    fn signing(&mut self, development: bool) -> Option<Signing> {
        let names = Algorithm::CHECKED_HERE.map(Algorithm::as_str);
        let algorithm = Algorithm::named(&self.word("ALGORITHM", "EdDSA", &names))?;
        let secret = |text| Secret(Zeroizing::new(text));
        match (algorithm.is_shared_secret(), self.get("SIGNING_KEY")) {
            (true, Some(key)) if key.len() >= MIN_SECRET_BYTES => {
                return Some(Signing::Shared(algorithm, secret(key)));
            }
            (true, Some(_)) => self.refuse("SIGNING_KEY", "needs at least 32 bytes"),
            (true, None) => self.refuse("SIGNING_KEY", "missing, and ALGORITHM is one of the HS family"),
            (false, Some(_)) => self.refuse(
                "SIGNING_KEY",
                "is set, but ALGORITHM is EdDSA, which makes its own keys; set ALGORITHM to HS256, HS384 or HS512",
            ),
            (false, None) => match self.get("KEYRING_SECRET") {
                Some(key) if key.len() >= MIN_SECRET_BYTES => return Some(Signing::Ring(secret(key))),
                Some(_) => self.refuse("KEYRING_SECRET", "needs at least 32 bytes"),
                None if development => {
                    return Some(Signing::Ring(secret("for development only, on a laptop".into())));
                }
                None => self.refuse(
                    "KEYRING_SECRET",
                    "missing: the secret under which signing keys are sealed (only ENVIRONMENT=development goes without)",
                ),
            },
        }
        None
    }

    fn verifying_keys(&mut self) -> Vec<VerifyingKey> {
        let text = self.get("VERIFYING_KEYS").map(Zeroizing::new);
        let keys = text.map(|text| verifying_keys::parse(&text)).transpose();
        keys.unwrap_or_else(|wrong| {
            self.refuse("VERIFYING_KEYS", wrong);
            None
        })
        .unwrap_or_default()
    }

    fn rules(&mut self) -> Rules {
        let seconds = self.seconds("LEEWAY", 0, 0..=MAX_LEEWAY);
        let names = ClaimNames {
            user_id: self.name("USER_ID_CLAIM", "user_id"),
            token_type: self.name("TOKEN_TYPE_CLAIM", "token_type"),
        };
        if names.clash() {
            self.refuse(
                "USER_ID_CLAIM",
                "and TOKEN_TYPE_CLAIM: must differ from each other and from the registered claims",
            );
        }
        Rules {
            issuers: self.get("ISSUER").into_iter().collect(),
            audiences: self.get("AUDIENCE").into_iter().collect(),
            leeway: Leeway::new(seconds).unwrap_or_default(),
            max_age: None,
            names,
        }
    }

    fn adoption(&mut self, signing: Option<&Signing>) -> bool {
        let adopt = self.boolean("ADOPT_FOREIGN_TOKENS", false);
        if adopt && matches!(signing, Some(Signing::Ring(_))) {
            self.refuse(
                "ADOPT_FOREIGN_TOKENS",
                "needs the SIGNING_KEY that the other issuer signs with",
            );
        }
        adopt
    }

    fn admin_key(&mut self) -> Option<Secret> {
        let key = self.get("ADMIN_KEY")?;
        if key.chars().count() < MIN_ADMIN_KEY_CHARS || !key.bytes().all(|b| b.is_ascii_graphic()) {
            self.refuse(
                "ADMIN_KEY",
                format_args!("needs at least {MIN_ADMIN_KEY_CHARS} characters, all visible ASCII"),
            );
        }
        Some(Secret(Zeroizing::new(key)))
    }

    fn login_limits(&mut self) -> Option<Limits> {
        let attempts = self.attempts("LOGIN_ATTEMPTS", 5, 0..=MOST_ATTEMPTS);
        Limits::of_attempts(u32::try_from(attempts).unwrap_or_default())
    }

    fn mailing(&mut self, development: bool) -> Mailing {
        let Some(url) = self.get("MAIL_WEBHOOK_URL") else {
            return if development {
                Mailing::Shown
            } else {
                Mailing::Nowhere
            };
        };
        let webhook = self.webhook("MAIL_WEBHOOK_URL", url);
        webhook.map_or(Mailing::Nowhere, Mailing::Webhook)
    }

    fn reset_url(&mut self, mailing: &Mailing) -> Option<String> {
        let url = self.get("RESET_URL")?;
        if !webhook::is_address(&url) {
            self.refuse(
                "RESET_URL",
                "is no address of a page: https://app.example.com/reset, http only on localhost, \
                 127.0.0.1 and [::1], without a #",
            );
        }
        self.needs_mail("RESET_URL", mailing);
        Some(url)
    }

    fn second_factor(&mut self, mailing: &Mailing) -> Policy {
        let words = ["off", "optional", "required"];
        let policy = match self.word("SECOND_FACTOR", "off", &words).as_str() {
            "optional" => Policy::Optional,
            "required" => Policy::Required,
            _ => return Policy::Off,
        };
        self.needs_mail("SECOND_FACTOR", mailing);
        policy
    }

    /// What sends mail says who does.
    fn needs_mail(&mut self, name: &str, mailing: &Mailing) {
        if matches!(mailing, Mailing::Nowhere) {
            self.refuse(
                name,
                "needs a MAIL_WEBHOOK_URL that sends the mail (only ENVIRONMENT=development goes without)",
            );
        }
    }

    fn events_webhook(&mut self) -> Option<Webhook> {
        let url = self.get("EVENTS_WEBHOOK_URL")?;
        self.webhook("EVENTS_WEBHOOK_URL", url)
    }

    /// Whoever is told something at this address. All share one secret.
    fn webhook(&mut self, name: &str, url: String) -> Option<Webhook> {
        if !webhook::is_address(&url) {
            self.refuse(
                name,
                "is no address to post to: https://hooks.example.com/path, http only on localhost, \
                 127.0.0.1 and [::1], without user and password",
            );
        }
        let secret = self.get("WEBHOOK_SECRET");
        if secret.is_none() {
            self.refuse(name, "needs a WEBHOOK_SECRET to sign what is posted there");
        }
        Some(Webhook {
            url: Secret(Zeroizing::new(url)),
            secret: Secret(Zeroizing::new(secret?)),
        })
    }

    fn log_requests(&mut self) -> Outcome {
        let words = ["all", "refused", "failed"];
        match self.word("LOG_REQUESTS", "refused", &words).as_str() {
            "all" => Outcome::Ok,
            "failed" => Outcome::Failed,
            _ => Outcome::Refused,
        }
    }

    fn clients(&mut self) -> Clients {
        let read = self.get("CLIENTS").map(|text| Clients::parse(&text));
        read.unwrap_or_else(|| Ok(Clients::default()))
            .unwrap_or_else(|why| {
                self.refuse("CLIENTS", why);
                Clients::default()
            })
    }

    fn allowed_origins(&mut self) -> AllowedOrigins {
        let mut items = self.list("ALLOWED_ORIGINS", "");
        // Empty ones have been refused.
        items.retain(|item| !item.is_empty());
        AllowedOrigins::parse(items).unwrap_or_else(|place| {
            self.refuse(
                "ALLOWED_ORIGINS",
                format_args!(
                    "number {place} is no origin as browsers send it: https://app.example.com, with a port \
                     unless it is 443, and nothing after that; http only on localhost, 127.0.0.1 and [::1]"
                ),
            );
            AllowedOrigins::default()
        })
    }

    fn header_types(&mut self) -> Vec<String> {
        let types = self.list("AUTH_HEADER_TYPES", "Bearer");
        let is_token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
        if types.iter().any(|scheme| !scheme.bytes().all(is_token)) {
            self.refuse(
                "AUTH_HEADER_TYPES",
                "holds what is no authentication scheme",
            );
        }
        types
    }

    fn token_classes(&mut self) -> Vec<Kind> {
        let names = self.list("AUTH_TOKEN_CLASSES", "access");
        let kinds: Vec<_> = names.iter().filter_map(|name| Kind::named(name)).collect();
        if kinds.len() != names.len() || kinds.contains(&Kind::Refresh) {
            self.refuse("AUTH_TOKEN_CLASSES", "is a list of access and sliding");
        }
        kinds
    }
}
