//! Whether a request may use the refresh cookie.
//!
//! A browser sends a cookie along by itself, whoever's page has it ask. `SameSite` keeps it from pages of other
//! sites; but a neighbour on the same site is not kept out by that, and a page that signs its visitor in as
//! somebody else needs no cookie at all. So whoever wants to be handed one, to use it or to end it says so in a
//! header that no form can send and no page of another origin without leave, and what the browser says of where
//! the request comes from has to fit.

use crate::config::AllowedOrigins;

/// What a request says of where it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked<'a> {
    /// `Hallpass-Cookie`, which a page adds by itself.
    pub(super) header: Option<&'a str>,
    /// `Origin`, which every browser adds to a POST.
    pub(super) origin: Option<&'a str>,
    /// `Sec-Fetch-Site`, which browsers since 2023 add to what goes by https or to this machine.
    pub(super) fetch_site: Option<&'a str>,
}

/// Whether it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    May,
    /// It does not say that it is meant.
    HeaderMissing,
    /// It comes from elsewhere, or from nobody knows where.
    OriginRefused,
}

/// First match:
///
/// | `Hallpass-Cookie` | `Origin` | `Sec-Fetch-Site` | |
/// |---|---|---|---|
/// | absent, or not `1` | any | any | **`HeaderMissing`** |
/// | `1` | our own, or exactly one of `ALLOWED_ORIGINS` | absent, `same-origin` or `same-site` | **`May`** |
/// | `1` | absent | absent | **`May`**: no browser, and nobody's cookie but one that was put in by hand |
/// | `1` | absent | `same-origin` | **`May`**: the browser vouches for it |
/// | `1` | any other, `null` too | any | **`OriginRefused`** |
/// | `1` | any | `cross-site`, `none`, anything else | **`OriginRefused`**, be the origin listed or not: `SameSite` would keep the cookie away |
pub(super) fn decide(asked: Asked<'_>, own: &str, allowed: &AllowedOrigins) -> Verdict {
    if asked.header != Some("1") {
        return Verdict::HeaderMissing;
    }
    let is_ours = |origin: &str| origin == own || allowed.contains(origin);
    match (asked.origin, asked.fetch_site) {
        (Some(origin), None | Some("same-origin" | "same-site")) if is_ours(origin) => Verdict::May,
        (None, None | Some("same-origin")) => Verdict::May,
        (Some(_) | None, Some(_) | None) => Verdict::OriginRefused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://id.example.com";
    const APP: &str = "https://app.example.com";

    fn decided(header: Option<&str>, origin: Option<&str>, fetch_site: Option<&str>) -> Verdict {
        let asked = Asked {
            header,
            origin,
            fetch_site,
        };
        let allowed = AllowedOrigins::parse(vec![APP.to_owned()]).unwrap();
        decide(asked, OWN, &allowed)
    }

    const ORIGINS: [Option<&str>; 9] = [
        None,
        Some(OWN),
        Some(APP),
        Some(""),
        Some("null"),
        Some("https://evil.test"),
        Some("https://www.app.example.com"),
        Some("http://id.example.com"),
        Some("https://id.example.com.evil.test"),
    ];
    const SITES: [Option<&str>; 8] = [
        None,
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
        Some("none"),
        Some(""),
        Some("SAME-ORIGIN"),
        Some("same-origin, cross-site"),
    ];

    #[test]
    fn without_the_header_nothing_else_is_looked_at() {
        for header in [
            None,
            Some(""),
            Some("0"),
            Some("true"),
            Some("1, 1"),
            Some(" 1"),
        ] {
            for origin in ORIGINS {
                for site in SITES {
                    assert_eq!(
                        decided(header, origin, site),
                        Verdict::HeaderMissing,
                        "{header:?} {origin:?} {site:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn with_it_both_have_to_fit_and_only_these_do() {
        let may = [
            (Some(OWN), None),
            (Some(OWN), Some("same-origin")),
            (Some(OWN), Some("same-site")),
            (Some(APP), None),
            (Some(APP), Some("same-origin")),
            (Some(APP), Some("same-site")),
            (None, None),
            (None, Some("same-origin")),
        ];
        for origin in ORIGINS {
            for site in SITES {
                let expected = if may.contains(&(origin, site)) {
                    Verdict::May
                } else {
                    Verdict::OriginRefused
                };
                assert_eq!(
                    decided(Some("1"), origin, site),
                    expected,
                    "{origin:?} {site:?}"
                );
            }
        }
    }
}
