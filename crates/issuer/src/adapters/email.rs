//! E-mail addresses: which are taken for one, and which are the same.

use js_sys::JsString;

/// The longest address that is stored, in characters.
pub(crate) const MAX_CHARS: usize = 254;

/// What two spellings of one address have in common: NFC, lower case. Accounts are found by it.
pub(crate) fn key(address: &str) -> String {
    // The runtime's normalization tables cost nothing; a crate's would be most of this Worker.
    let composed: String = JsString::from(address).normalize("NFC").into();
    let lower = composed.to_lowercase();
    JsString::from(lower.as_str()).normalize("NFC").into()
}

/// The address as it is shown: its domain in lower case, the rest as it was typed.
pub(crate) fn shown(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
        None => address.to_owned(),
    }
}

/// Whether a text has the form of an address, by the rules of Django's validator: a dot-atom or a
/// quoted string (RFC 5322 section 3.2.3), then a host name with a dot, an address literal or
/// `localhost`.
pub(crate) fn is_valid(address: &str) -> bool {
    address.chars().count() <= 320
        && address
            .rsplit_once('@')
            .is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| {
        let atext = |c: char| c.is_ascii_alphanumeric() || "-!#$%&'*+/=?^_`{}|~".contains(c);
        !atom.is_empty() && atom.chars().all(atext)
    };
    local.split('.').all(is_atom) || is_quoted(local)
}

fn is_quoted(local: &str) -> bool {
    let Some(inner) = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return false;
    };
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let fits = match c {
            '\\' => matches!(
                chars.next(),
                Some('\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}')
            ),
            '"' => false,
            c => {
                matches!(c, '\u{1}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '!'..='\u{7f}')
            }
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_domain(domain: &str) -> bool {
    if domain.eq_ignore_ascii_case("localhost") {
        return true;
    }
    if let Some(literal) = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let literal = literal.strip_prefix("IPv6:").unwrap_or(literal);
        return literal.parse::<std::net::IpAddr>().is_ok();
    }
    let mut labels = domain.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let mut others = labels.peekable();
    others.peek().is_some() && is_top(top) && others.all(is_label)
}

/// The last label: letters only, or the ASCII form of other letters.
fn is_top(label: &str) -> bool {
    let encoded = label
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
    let no_digits = !label.bytes().any(|byte| byte.is_ascii_digit());
    label.chars().count() >= 2 && is_label(label) && (encoded || no_digits)
}

/// A label of a host name. Letters of other scripts stand for their ASCII form (RFC 5891).
fn is_label(label: &str) -> bool {
    let fits =
        |c: char| c == '-' || c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric());
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_django_takes_them() {
        let good = [
            "a@b.de",
            "email@here.com",
            "weirder-email@here.and.there.com",
            "a.b+c@x-y.example",
            "example@valid-----hyphens.com",
            "email@[127.0.0.1]",
            "email@[2001:dB8::1]",
            "email@[IPv6:::1]",
            "a@localhost",
            "\"quoted\"@x.org",
            "test@example.com",
            "o'neil@example.org",
            "user@bücher.example",
        ];
        for address in good {
            assert!(is_valid(address), "{address}");
        }
        let bad = [
            "",
            "abc",
            "abc@",
            "@x.de",
            "abc@bar",
            "a @x.cz",
            "a..b@x.de",
            ".a@x.de",
            "a.@x.de",
            "a@.de",
            "a@x..de",
            "a@-x.de",
            "a@x-.de",
            "a@x.d",
            "a@x.de ",
            "a\n@x.de",
            "a@x.de\n",
            "a@x.123",
            "a@127.0.0.1",
            "a@[127.0.0.256]",
            "a@[::ffff::127]",
            "a@b@",
            "<a@x.de>",
            "\"\"\"@x.de",
            "a@x_y.de",
            "é@x.de",
        ];
        for address in bad {
            assert!(!is_valid(address), "{address}");
        }
    }

    #[test]
    fn the_shown_address_has_its_domain_in_lower_case() {
        assert_eq!(shown("Ann.Lee@EXAMPLE.Com"), "Ann.Lee@example.com");
    }
}
