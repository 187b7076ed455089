//! The kinds of token.

use core::fmt;

/// What a token is for, written into its `token_type` claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Short-lived, sent as `Authorization: Bearer`.
    Access,
    /// Longer-lived, exchanged for a new pair, spent exactly once.
    Refresh,
    /// Both in one: a bearer that can be extended until its `refresh_exp`.
    Sliding,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Access, Self::Refresh, Self::Sliding];

    /// The claim's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Sliding => "sliding",
        }
    }

    /// The kind of this name, which is compared exactly: `Refresh` is not `refresh`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
