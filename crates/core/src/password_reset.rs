//! A forgotten password is replaced by whoever reads the mail of its address.
//!
//! A link is mailed that holds a random token. It is good once, for half an hour, and for the password
//! that it was asked for: when that has been changed, by this way or another, the link is worth nothing.
//! Who asks hears the same whether anybody has the address or not, and gets no session: all of them end,
//! and whoever has set the password signs in with it, second factor and all.
//!
//! Several links may be out at a time, so that a stranger who asks for one more does not make that
//! worthless which the owner is about to open.

use crate::mailing::Proof;

/// How long a link is good, in seconds.
pub const GOOD_SECONDS: u64 = 1800;

/// What is stored of a link that is mailed now, for the password of this version.
#[must_use]
pub const fn link(credential: u32, now: u64) -> Proof {
    Proof {
        credential,
        expires_at: now.saturating_add(GOOD_SECONDS),
    }
}

/// What to do for whoever presents a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Set the new password, under the next version, and forget every link.
    Set,
    /// It is not good, or not any more.
    Refuse,
}

/// Decides on a token, by the link that has its hash and the password's version today:
///
/// | link | its time | the password | verdict |
/// |---|---|---|---|
/// | none: never mailed, or used | – | – | **Refuse** |
/// | there is one | over | – | **Refuse** |
/// | there is one | good | was changed since | **Refuse** |
/// | there is one | good | is the one it was asked for | **Set** |
#[must_use]
pub const fn present(link: Option<&Proof>, credential: u32, now: u64) -> Verdict {
    match link {
        Some(link) if link.is_good(credential, now) => Verdict::Set,
        Some(_) | None => Verdict::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn every_row_of_the_table() {
        use Verdict::{Refuse, Set};
        let mailed = link(3, NOW);
        let rows = [
            (None, 3, NOW, Refuse),
            (Some(&mailed), 3, NOW + GOOD_SECONDS, Refuse),
            (Some(&mailed), 4, NOW, Refuse),
            (Some(&mailed), 2, NOW, Refuse),
            (Some(&mailed), 3, NOW, Set),
            (Some(&mailed), 3, NOW + GOOD_SECONDS - 1, Set),
        ];
        for (link, credential, now, verdict) in rows {
            let row = format!("{link:?}, {credential}, {now}");
            assert_eq!(present(link, credential, now), verdict, "{row}");
        }
    }
}
