//! The settings, read once and refused as a whole.

mod allowed_origins;
mod verifying_keys;

use core::fmt;
use core::ops::RangeInclusive;
use std::cell::OnceCell;
use std::rc::Rc;

use hallpass_core::claims::ClaimNames;
use hallpass_core::key::MIN_SECRET_BYTES;
use hallpass_core::session::{Form, Lifetimes};
use hallpass_core::validation::Leeway;
use hallpass_core::{Algorithm, Kind, MAX_LEEWAY, Rules, VerifyingKey};
use js_sys::Reflect;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wasm_bindgen::JsValue;
use worker::Env;
use zeroize::Zeroizing;

pub(crate) use self::allowed_origins::AllowedOrigins;
use crate::clients::Clients;

/// The KV namespace of what was called back.
pub(crate) const BLACKLIST: &str = "BLACKLIST";
/// The objects that keep a subject's sessions.
pub(crate) const SUBJECTS: &str = "SUBJECTS";
/// The objects that keep an e-mail's password.
pub(crate) const ACCOUNTS_BY_EMAIL: &str = "ACCOUNTS_BY_EMAIL";
/// The object that keeps the signing keys.
pub(crate) const KEYRING: &str = "KEYRING";

/// The object that keeps what administrators look at.
pub(crate) const DIRECTORY: &str = "DIRECTORY";

const BINDINGS: [&str; 5] = [BLACKLIST, SUBJECTS, ACCOUNTS_BY_EMAIL, KEYRING, DIRECTORY];

/// The longest a lifetime can be set to, in seconds: ten years.
const LONGEST: u64 = 10 * 365 * 86_400;

/// The shortest admin key, in characters.
const MIN_ADMIN_KEY_CHARS: usize = 32;

/// A secret that neither prints nor logs.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether this is the presented secret. How long it takes tells neither where they differ nor
    /// how long the secret is.
    pub(crate) fn is(&self, presented: &str) -> bool {
        let digest = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
        digest(self.expose())
            .ct_eq(&digest(presented.as_bytes()))
            .into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What signs.
#[derive(Clone, Debug)]
pub(crate) enum Signing {
    /// `SIGNING_KEY` with one of the HMAC algorithms.
    Shared(Algorithm, Secret),
    /// The ring's Ed25519 keys, sealed under this.
    Ring(Secret),
}

impl Signing {
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Shared(algorithm, _) => *algorithm,
            Self::Ring(_) => Algorithm::EdDSA,
        }
    }
}

/// The settings. Durations are in seconds.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by its users"
)]
pub struct Config {
    pub(crate) signing: Signing,
    /// `KEY_ROTATION_DAYS`, in seconds.
    pub(crate) key_rotation: u64,
    /// Further keys whose tokens are taken; they neither sign nor are published.
    pub(crate) verifying_keys: Vec<VerifyingKey>,
    /// `ISSUER`, `AUDIENCE`, `LEEWAY` and the claims' names.
    pub(crate) rules: Rules,
    access_token_lifetime: u64,
    refresh_token_lifetime: u64,
    sliding_token_lifetime: u64,
    sliding_token_refresh_lifetime: u64,
    session_lifetime: u64,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) blacklist_after_rotation: bool,
    pub(crate) refresh_grace_seconds: u64,
    pub(crate) adopt_foreign_tokens: bool,
    /// The schemes of the `Authorization` header; the first stands in `WWW-Authenticate`.
    pub(crate) auth_header_types: Vec<String>,
    /// The kinds of token taken as a bearer, in the order in which they are tried.
    pub(crate) auth_token_classes: Vec<Kind>,
    /// The origins whose pages may read what we answer, besides our own.
    pub(crate) allowed_origins: AllowedOrigins,
    pub(crate) clients: Clients,
    /// What an administrator presents; `None`: there is no admin API.
    pub(crate) admin_key: Option<Secret>,
    pub(crate) username_field: String,
    /// `typ` in the header of access tokens.
    pub(crate) access_token_typ: String,
    pub(crate) accounts: bool,
}

impl Config {
    /// The settings of this Worker: read at the first request, the same for all that follow.
    ///
    /// With a bad or missing one there are none, and the log names them all.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, Unusable> {
        thread_local! {
            static CONFIG: OnceCell<Result<Rc<Config>, Unusable>> = const { OnceCell::new() };
        }
        CONFIG.with(|config| {
            let read = || {
                let settings = Settings {
                    text: |name: &str| text(env, name),
                    wrong: Vec::new(),
                };
                settings
                    .read(&missing_bindings(env))
                    .inspect_err(Unusable::log)
                    .map(Rc::new)
            };
            config.get_or_init(read).clone()
        })
    }

    /// The settings of these texts.
    pub fn of_settings(text: impl Fn(&str) -> Option<String>) -> Result<Self, Unusable> {
        let wrong = Vec::new();
        Settings { text, wrong }.read(&[])
    }

    /// The lifetimes of what a session of this form is issued.
    pub(crate) const fn lifetimes(&self, form: Form) -> Lifetimes {
        let (bearer, refresh) = match form {
            Form::Pair => (self.access_token_lifetime, self.refresh_token_lifetime),
            Form::Sliding => (
                self.sliding_token_lifetime,
                self.sliding_token_refresh_lifetime,
            ),
        };
        Lifetimes {
            bearer,
            refresh,
            session: self.session_lifetime,
        }
    }

    /// The longest any token can live from now on.
    pub(crate) fn longest_lifetime(&self) -> u64 {
        let pair = self.access_token_lifetime.max(self.refresh_token_lifetime);
        pair.max(self.sliding_token_lifetime)
            .max(self.sliding_token_refresh_lifetime)
    }
}

/// The names of the settings and bindings that cannot be worked with, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(Vec<String>);

impl Unusable {
    fn log(&self) {
        for wrong in &self.0 {
            crate::log::error("setting", wrong);
        }
    }
}

fn text(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &JsValue::from_str(name)).ok()?;
    // `--var` gives text; wrangler.toml may also hold numbers, booleans and, for CLIENTS, a list of
    // tables: what is not text already is read as the JSON that it would be.
    let other = || js_sys::JSON::stringify(&value).ok()?.as_string();
    value
        .as_string()
        .or_else(other)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn missing_bindings(env: &Env) -> Vec<String> {
    let absent = |name: &&str| {
        Reflect::get(env, &JsValue::from_str(name)).is_ok_and(|value| value.is_undefined())
    };
    BINDINGS
        .into_iter()
        .filter(absent)
        .map(|name| format!("{name}: binding missing in wrangler.toml"))
        .collect()
}

/// Reads settings one by one and takes note of every one that is wrong.
struct Settings<F> {
    text: F,
    wrong: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    fn read(mut self, missing: &[String]) -> Result<Config, Unusable> {
        self.wrong.extend_from_slice(missing);
        let development =
            self.word("ENVIRONMENT", "production", &["production", "development"]) == "development";
        let signing = self.signing(development);
        let rules = self.rules();
        let config = Config {
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
            signing: signing.unwrap_or(Signing::Ring(Secret(Zeroizing::default()))),
        };
        if self.wrong.is_empty() {
            Ok(config)
        } else {
            Err(Unusable(self.wrong))
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.text)(name)
    }

    fn refuse(&mut self, name: &str, why: impl fmt::Display) {
        self.wrong.push(format!("{name}: {why}"));
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

    fn list(&mut self, name: &str, default: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if text.is_empty() {
            return Vec::new();
        }
        let items: Vec<_> = text.split(',').map(|item| item.trim().to_owned()).collect();
        if items.iter().any(String::is_empty) {
            self.refuse(name, "is a list with commas between, none empty");
        }
        items
    }

    /// The name of a claim or a field.
    fn name(&mut self, name: &str, default: &str) -> String {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if text.len() > 64 || text.chars().any(char::is_control) {
            self.refuse(name, "is a name of at most 64 characters");
        }
        text
    }

    fn word(&mut self, name: &str, default: &str, words: &[&str]) -> String {
        let text = self.get(name).unwrap_or_else(|| default.to_owned());
        if !words.contains(&text.as_str()) {
            self.refuse(name, format_args!("is one of {}", words.join(", ")));
        }
        text
    }

    fn boolean(&mut self, name: &str, default: bool) -> bool {
        match self
            .get(name)
            .map(|text| text.to_ascii_lowercase())
            .as_deref()
        {
            None => default,
            Some("true" | "1" | "yes" | "on") => true,
            Some("false" | "0" | "no" | "off") => false,
            Some(_) => {
                self.refuse(name, "is true or false");
                default
            }
        }
    }

    fn seconds(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.number(name, "seconds", default, range)
    }

    fn days(&mut self, name: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.number(name, "days", default, range)
    }

    fn number(&mut self, name: &str, unit: &str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(text) = self.get(name) else {
            return default;
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.refuse(
                    name,
                    format_args!(
                        "is a number of {unit} from {} to {}",
                        range.start(),
                        range.end()
                    ),
                );
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, Unusable> {
        let text = |name: &str| {
            let found = settings.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings {
            text,
            wrong: Vec::new(),
        }
        .read(&[])
    }

    fn wrong(settings: &[(&str, &str)]) -> Vec<String> {
        read(settings).unwrap_err().0
    }

    const KEY: (&str, &str) = ("SIGNING_KEY", "0123456789abcdef0123456789abcdef");
    const DEVELOPMENT: (&str, &str) = ("ENVIRONMENT", "development");

    #[test]
    fn production_without_a_keyring_secret_is_refused_by_name() {
        assert!(wrong(&[])[0].starts_with("KEYRING_SECRET: missing"));
        assert!(read(&[DEVELOPMENT]).is_ok());
    }

    #[test]
    fn every_bad_setting_is_reported_at_once_by_its_name() {
        let settings = [
            DEVELOPMENT,
            ("ALGORITHM", "RS256"),
            ("LEEWAY", "301"),
            ("ACCESS_TOKEN_LIFETIME", "5m"),
            ("ROTATE_REFRESH_TOKENS", "maybe"),
            ("AUTH_TOKEN_CLASSES", "access,refresh"),
            ("USER_ID_CLAIM", "exp"),
            ("AUTH_HEADER_TYPES", "Bearer,,JWT"),
            ("KEY_ROTATION_DAYS", "0"),
            ("VERIFYING_KEYS", "[{}]"),
            ("ALLOWED_ORIGINS", "https://app.example.com/"),
        ];
        let wrong = wrong(&settings);
        for (name, _) in &settings[1..] {
            assert!(
                wrong.iter().any(|line| line.starts_with(name)),
                "{name}: {wrong:?}"
            );
        }
        assert_eq!(wrong.len(), settings.len() - 1, "{wrong:?}");
    }

    #[test]
    fn a_signing_key_under_32_bytes_is_refused_by_name_and_not_printed() {
        let wrong = wrong(&[("ALGORITHM", "HS256"), ("SIGNING_KEY", "short-secret")]);
        assert_eq!(wrong, ["SIGNING_KEY: needs at least 32 bytes"]);
    }

    #[test]
    fn a_signing_key_and_the_algorithm_have_to_fit() {
        assert!(wrong(&[("ALGORITHM", "HS512")])[0].starts_with("SIGNING_KEY: missing"));
        assert!(wrong(&[KEY])[0].starts_with("SIGNING_KEY: is set"));
        assert!(read(&[KEY, ("ALGORITHM", "HS384")]).is_ok());
    }

    #[test]
    fn adoption_needs_the_other_issuers_key() {
        let adopt = ("ADOPT_FOREIGN_TOKENS", "true");
        assert!(wrong(&[DEVELOPMENT, adopt])[0].starts_with("ADOPT_FOREIGN_TOKENS"));
        assert!(
            read(&[KEY, ("ALGORITHM", "HS256"), adopt])
                .unwrap()
                .adopt_foreign_tokens
        );
    }

    #[test]
    fn allowed_origins_are_a_list_and_none_without_it() {
        let allowed = |text| {
            let config = read(&[DEVELOPMENT, ("ALLOWED_ORIGINS", text)]);
            config.map(|config| config.allowed_origins)
        };
        assert!(read(&[DEVELOPMENT]).unwrap().allowed_origins.is_empty());
        let origins = allowed("https://a.example , http://localhost:5173").unwrap();
        assert!(origins.contains("https://a.example"));
        assert!(origins.contains("http://localhost:5173"));
        let wrong = allowed("https://a.example,*").unwrap_err().0;
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with("ALLOWED_ORIGINS: number 2 is no origin"));
        for empty in [
            ",",
            "https://a.example,",
            "https://a.example,,https://b.example",
        ] {
            let wrong = allowed(empty).unwrap_err().0;
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(
                wrong[0].starts_with("ALLOWED_ORIGINS: is a list"),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn clients_that_cannot_be_meant_are_refused_by_name_and_not_printed() {
        let hash = "c2VjcmV0LWhhc2gtdGhhdC1pcy1ub3QtMzItYnl0ZXM";
        let clients = format!(r#"[{{"id":"web","secret_sha256":"{hash}!"}}]"#);
        for text in [
            clients.as_str(),
            "{}",
            "[1]",
            "not JSON",
            "[{\"id\":\"a\"}]",
        ] {
            let wrong = wrong(&[DEVELOPMENT, ("CLIENTS", text)]);
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with("CLIENTS: "), "{wrong:?}");
            assert!(!wrong[0].contains(hash), "{wrong:?}");
        }
    }

    #[test]
    fn access_tokens_have_one_of_two_types() {
        let typ = |typ| read(&[DEVELOPMENT, ("ACCESS_TOKEN_TYP", typ)]);
        assert_eq!(read(&[DEVELOPMENT]).unwrap().access_token_typ, "JWT");
        assert_eq!(typ("at+jwt").unwrap().access_token_typ, "at+jwt");
        for bad in ["jwt", "AT+JWT", "application/at+jwt", "JWT,at+jwt"] {
            assert!(typ(bad).unwrap_err().0[0].starts_with("ACCESS_TOKEN_TYP: "));
        }
    }

    #[test]
    fn an_admin_key_is_long_and_fits_a_header() {
        let key = "k".repeat(32);
        let config = read(&[DEVELOPMENT, ("ADMIN_KEY", &key)]).unwrap();
        let admin_key = config.admin_key.unwrap();
        assert!(admin_key.is(&key));
        assert!(!admin_key.is(&key[1..]) && !admin_key.is("") && !admin_key.is(&"k".repeat(33)));
        for bad in ["k".repeat(31), format!("{key} k"), format!("{key}ü")] {
            let wrong = wrong(&[DEVELOPMENT, ("ADMIN_KEY", &bad)]);
            assert!(wrong[0].starts_with("ADMIN_KEY: needs"), "{wrong:?}");
            assert!(!wrong[0].contains(&bad));
        }
        assert!(read(&[DEVELOPMENT]).unwrap().admin_key.is_none());
    }

    #[test]
    fn a_secret_does_not_print() {
        let config = read(&[KEY, ("ALGORITHM", "HS256")]).unwrap();
        assert!(!format!("{config:?}").contains(KEY.1));
    }
}
