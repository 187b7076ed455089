//! What is read, and what is refused.

use super::settings::Settings;
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
fn refresh_tokens_are_in_a_cookie_only_where_that_is_said() {
    let config = |text| read(&[DEVELOPMENT, ("REFRESH_COOKIE", text)]);
    assert!(!read(&[DEVELOPMENT]).unwrap().refresh_cookie);
    assert!(config("true").unwrap().refresh_cookie);
    assert!(!config("false").unwrap().refresh_cookie);
    let wrong = config("strict").unwrap_err().0;
    assert_eq!(wrong, ["REFRESH_COOKIE: is true or false"]);
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
fn login_attempts_are_five_and_may_be_none() {
    let limits =
        |text| read(&[DEVELOPMENT, ("LOGIN_ATTEMPTS", text)]).map(|read| read.login_limits);
    let five = read(&[DEVELOPMENT]).unwrap().login_limits;
    assert_eq!(five, Limits::of_attempts(5));
    assert_eq!(limits("1000").unwrap(), Limits::of_attempts(1000));
    assert_eq!(limits("0").unwrap(), None);
    for bad in ["-1", "1001", "five", "4294967297"] {
        let wrong = limits(bad).unwrap_err().0;
        assert!(wrong[0].starts_with("LOGIN_ATTEMPTS: "), "{wrong:?}");
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
fn a_webhook_needs_an_address_and_a_secret() {
    let secret = "s".repeat(32);
    let url = ("MAIL_WEBHOOK_URL", "https://mail.example.com/hook?key=k");
    let config = read(&[DEVELOPMENT, url, ("WEBHOOK_SECRET", &secret)]).unwrap();
    let Mailing::Webhook(webhook) = &config.mailing else {
        panic!("{:?}", config.mailing);
    };
    assert_eq!(
        (webhook.url.text(), webhook.secret.text()),
        (url.1, &*secret)
    );
    assert!(
        !format!("{config:?}").contains("key=k"),
        "an address prints"
    );

    assert!(wrong(&[DEVELOPMENT, url])[0].starts_with("MAIL_WEBHOOK_URL: needs a WEBHOOK_SECRET"));
    let short = wrong(&[DEVELOPMENT, url, ("WEBHOOK_SECRET", &secret[1..])]);
    assert_eq!(short, ["WEBHOOK_SECRET: needs at least 32 bytes"]);
    let events = ("EVENTS_WEBHOOK_URL", "https://events.example.com/");
    let config = read(&[DEVELOPMENT, events, ("WEBHOOK_SECRET", &secret)]).unwrap();
    assert!(config.events_webhook.is_some() && matches!(config.mailing, Mailing::Shown));
    assert!(
        wrong(&[DEVELOPMENT, events])[0].starts_with("EVENTS_WEBHOOK_URL: needs a WEBHOOK_SECRET")
    );
    let plain = ("MAIL_WEBHOOK_URL", "http://mail.example.com/hook?key=k");
    let wrong = wrong(&[DEVELOPMENT, plain, ("WEBHOOK_SECRET", &secret)]);
    assert!(
        wrong[0].starts_with("MAIL_WEBHOOK_URL: is no address"),
        "{wrong:?}"
    );
    assert!(!wrong[0].contains("key=k"), "{wrong:?}");
}

#[test]
fn mail_is_shown_on_a_laptop_and_goes_nowhere_in_production() {
    let sealed = ("KEYRING_SECRET", KEY.1);
    let secret = ("WEBHOOK_SECRET", KEY.1);
    assert!(matches!(
        read(&[DEVELOPMENT, secret]).unwrap().mailing,
        Mailing::Shown
    ));
    assert!(matches!(
        read(&[sealed, secret]).unwrap().mailing,
        Mailing::Nowhere
    ));
}

#[test]
fn a_second_factor_is_asked_of_nobody_unless_there_is_mail() {
    let policy = |settings: &[_]| read(settings).map(|config| config.second_factor);
    let set = |to| ("SECOND_FACTOR", to);
    assert_eq!(policy(&[DEVELOPMENT]), Ok(Policy::Off));
    for (word, expected) in [
        ("off", Policy::Off),
        ("optional", Policy::Optional),
        ("required", Policy::Required),
    ] {
        assert_eq!(policy(&[DEVELOPMENT, set(word)]), Ok(expected));
    }
    let sealed = ("KEYRING_SECRET", KEY.1);
    assert_eq!(policy(&[sealed, set("off")]), Ok(Policy::Off));
    let wrong = wrong(&[sealed, set("required")]);
    assert!(wrong[0].starts_with("SECOND_FACTOR: needs a MAIL_WEBHOOK_URL"));
}

#[test]
fn a_password_is_reset_on_a_page_and_by_a_mail() {
    let page = ("RESET_URL", "https://app.example.com/reset?lang=en");
    let reset_url = |settings: &[_]| read(settings).unwrap().reset_url;
    assert_eq!(reset_url(&[DEVELOPMENT]), None);
    assert_eq!(reset_url(&[DEVELOPMENT, page]).as_deref(), Some(page.1));
    let sealed = ("KEYRING_SECRET", KEY.1);
    assert!(wrong(&[sealed, page])[0].starts_with("RESET_URL: needs a MAIL_WEBHOOK_URL"));
    for bad in [
        "http://app.example.com/",
        "https://app.example.com/#reset",
        "/reset",
    ] {
        let wrong = wrong(&[DEVELOPMENT, ("RESET_URL", bad)]);
        assert!(
            wrong[0].starts_with("RESET_URL: is no address"),
            "{bad}: {wrong:?}"
        );
    }
}

#[test]
fn a_secret_does_not_print() {
    let config = read(&[KEY, ("ALGORITHM", "HS256")]).unwrap();
    assert!(!format!("{config:?}").contains(KEY.1));
}
