//! The setting `ALLOWED_ORIGINS`: whose pages may read what we answer.

use core::net::Ipv4Addr;
use core::num::NonZeroU16;

/// Origins, each spelled as browsers send it in `Origin` (RFC 6454 section 6.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedOrigins(Vec<String>);

impl AllowedOrigins {
    /// Reads the items of the setting; when one is no origin, which: the first is 1.
    pub(crate) fn parse(items: Vec<String>) -> Result<Self, usize> {
        match items.iter().position(|item| !is_origin(item)) {
            Some(at) => Err(at + 1),
            None => Ok(Self(items)),
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this very text is among them.
    pub(crate) fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == origin)
    }
}

/// Whether a browser would spell a secure origin so. Any other spelling would never be met.
pub(super) fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = host_and_port(authority);
    let default_port = match scheme {
        "https" => 443,
        "http" if is_loopback(host) => 80,
        _ => return false,
    };
    is_host(host) && port.is_none_or(|port| is_port(port, default_port))
}

/// The colons of an address in brackets are none of a port's.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let after_brackets = authority.find(']').unwrap_or_default();
    match authority
        .get(after_brackets..)
        .and_then(|rest| rest.find(':'))
    {
        Some(colon) => {
            let (host, port) = authority.split_at(after_brackets + colon);
            (host, port.get(1..))
        }
        None => (authority, None),
    }
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// A name in lower case, international ones in ASCII, or an IPv4 address. Of IPv6 addresses only
/// that of this machine: the others have several spellings, and pages on them no use.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        !label.is_empty() && label.bytes().all(letter)
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    is_loopback(host) || host.split('.').all(is_label)
}

/// A browser leaves the scheme's own port out.
fn is_port(text: &str, default: u16) -> bool {
    text.parse::<NonZeroU16>()
        .is_ok_and(|port| port.get() != default && port.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(items: &[&str]) -> Result<AllowedOrigins, usize> {
        AllowedOrigins::parse(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for origin in [
            "https://example.com",
            "https://app.example.com",
            "https://app.example.com:8443",
            "https://xn--bcher-kva.example",
            "https://my_app.example.com",
            "https://intranet",
            "https://192.168.0.1",
            "https://localhost",
            "https://[::1]:8443",
            "http://localhost",
            "http://localhost:5173",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            assert!(parse(&[origin]).unwrap().contains(origin), "{origin}");
        }
    }

    #[test]
    fn whatever_a_browser_never_sends_or_is_not_secure_is_none() {
        for text in [
            "",
            "*",
            "null",
            "https://",
            "https://*",
            "https://*.example.com",
            "app.example.com",
            "//app.example.com",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?",
            "https://app.example.com#",
            "https://user@app.example.com",
            "https://user:pass@app.example.com",
            "https://App.example.com",
            "HTTPS://app.example.com",
            " https://app.example.com",
            "https://app.example.com ",
            "https://app. example.com",
            "https://app.example.com\n",
            "https://app.example.com,https://b.example.com",
            "https://app.example.com.",
            "https://.example.com",
            "https://app..example.com",
            "https://bücher.example",
            "https://app%2eexample.com",
            "https://app.example.com\\",
            "https://app.example.com:",
            "https://app.example.com:443",
            "https://app.example.com:0",
            "https://app.example.com:08443",
            "https://app.example.com:+8443",
            "https://app.example.com:65536",
            "https://app.example.com:8443:1",
            "https://app.example.com:port",
            "https://1.2.3",
            "https://127.1",
            "https://010.0.0.1",
            "https://2130706433",
            "https://1.2.3.4.5",
            "https://example.0x7f",
            "https://[::1",
            "https://[::1]x",
            "https://::1",
            "https://[0:0:0:0:0:0:0:1]",
            "https://[2001:db8::1]",
            "http://app.example.com",
            "http://localhost:80",
            "http://localhost.",
            "http://localhost.example.com",
            "http://app.localhost",
            "http://127.0.0.2",
            "http://127.0.0.1.example.com",
            "http://192.168.0.1",
            "http://user@localhost",
            "ws://localhost",
            "file://",
            "file:///",
            "capacitor://localhost",
            "data:text/html,x",
            "blob:https://app.example.com",
        ] {
            assert_eq!(parse(&[text]).err(), Some(1), "{text:?}");
        }
    }

    #[test]
    fn the_first_that_is_none_is_told_by_its_place() {
        let (good, bad) = ("https://a.example", "https://b.example/");
        assert_eq!(parse(&[good, good, bad, bad]).err(), Some(3));
        assert!(parse(&[]).unwrap().is_empty());
    }

    #[test]
    fn an_origin_is_one_of_them_or_it_is_not() {
        let origins = parse(&["https://app.example.com", "http://localhost:5173"]).unwrap();
        assert!(!origins.is_empty());
        assert!(origins.contains("http://localhost:5173"));
        for other in [
            "",
            "null",
            "https://app.example.com.evil.test",
            "https://app.example.com:8443",
            "https://app.example.com/",
            "http://app.example.com",
            "HTTPS://APP.EXAMPLE.COM",
            "https://app.example.co",
            "app.example.com",
            "http://localhost:51730",
            "http://localhost",
            "https://app.example.com, http://localhost:5173",
        ] {
            assert!(!origins.contains(other), "{other}");
        }
    }
}
