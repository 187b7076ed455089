//! Where messages of ours go: an address, and the secret that signs them; and where our mail does.

use super::Secret;
use super::allowed_origins::is_origin;

/// Somebody who is told something by a signed POST, see `adapters::webhook`.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    /// The address. It may hold a key in its path, so it is not printed.
    pub(crate) url: Secret,
    /// `WEBHOOK_SECRET`.
    pub(crate) secret: Secret,
}

/// Where our mail goes.
#[derive(Clone, Debug)]
pub(crate) enum Mailing {
    /// To whoever sends it.
    Webhook(Webhook),
    /// On a laptop: into the log, and to whoever asks for it there.
    Shown,
    /// Nobody sends any.
    Nowhere,
}

/// Whether messages may go there: over https, or to this very machine. A host is spelled as browsers
/// spell it, which leaves no room for a user's name and password before it.
pub(super) fn is_address(text: &str) -> bool {
    let host_from = text.find("://").map_or(0, |colon| colon + 3);
    let ends = |rest: &str| rest.find(['/', '?']).map(|at| host_from + at);
    let host_ends = text.get(host_from..).and_then(ends).unwrap_or(text.len());
    let (origin, path) = text.split_at(host_ends);
    is_origin(origin)
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_over_https_or_stay_on_this_machine() {
        for address in [
            "https://mail.example.com",
            "https://mail.example.com/hooks/hallpass?key=a%20b",
            "https://mail.example.com?key=1",
            "https://mail.example.com:8443/",
            "http://localhost:9000/mail",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000/",
        ] {
            assert!(is_address(address), "{address}");
        }
        for not in [
            "",
            "mail.example.com",
            "/hooks",
            "http://mail.example.com/",
            "http://localhost.example.com/",
            "http://localhost@mail.example.com/",
            "https://user:password@mail.example.com/",
            "https://mail.example.com/#part",
            "https://mail.example.com/a b",
            "https://mail.example.com\\@evil.example/",
            "https:///hooks",
            "ftp://mail.example.com/",
            "javascript:alert(1)",
        ] {
            assert!(!is_address(not), "{not}");
        }
    }
}
