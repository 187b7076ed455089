//! The settings a world may have.

use std::rc::Rc;

use hallpass_issuer::Config;

use crate::chance::Chance;

/// The secret that signs.
pub const SECRET: &str = "a secret of the simulated world, of more than 32 bytes";

/// What differs between worlds; lifetimes, grace and leeway also in one world's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// `ACCESS_TOKEN_LIFETIME` and `SLIDING_TOKEN_LIFETIME`.
    pub bearer: u64,
    /// `REFRESH_TOKEN_LIFETIME` and `SLIDING_TOKEN_REFRESH_LIFETIME`.
    pub refresh: u64,
    /// `REFRESH_GRACE_SECONDS`.
    pub grace: u64,
    /// `LEEWAY`.
    pub leeway: u64,
    /// `ROTATE_REFRESH_TOKENS`.
    pub rotate: bool,
    /// `BLACKLIST_AFTER_ROTATION`.
    pub blacklist: bool,
}

impl Settings {
    /// Some settings.
    pub fn some(chance: &mut Chance) -> Self {
        Self {
            rotate: chance.percent(85),
            blacklist: chance.percent(85),
            ..Self::default()
        }
        .others(chance)
    }

    /// The same for the rest of a world: other lifetimes, grace and leeway.
    #[must_use]
    pub fn others(self, chance: &mut Chance) -> Self {
        Self {
            bearer: chance.pick([60, 300, 3600, 7200]),
            refresh: chance.pick([7200, 86_400, 10 * 86_400]),
            grace: chance.pick([0, 0, 5, 30]),
            leeway: chance.pick([0, 0, 30, 290]),
            ..self
        }
    }

    /// As the issuer reads them.
    ///
    /// # Panics
    ///
    /// They are refused.
    #[must_use]
    pub fn config(&self) -> Rc<Config> {
        let text = |name: &str| {
            Some(match name {
                "ALGORITHM" => "HS256".to_owned(),
                "SIGNING_KEY" => SECRET.to_owned(),
                "ADOPT_FOREIGN_TOKENS" => "true".to_owned(),
                "ACCESS_TOKEN_LIFETIME" | "SLIDING_TOKEN_LIFETIME" => self.bearer.to_string(),
                "REFRESH_TOKEN_LIFETIME" | "SLIDING_TOKEN_REFRESH_LIFETIME" => {
                    self.refresh.to_string()
                }
                "REFRESH_GRACE_SECONDS" => self.grace.to_string(),
                "LEEWAY" => self.leeway.to_string(),
                "ROTATE_REFRESH_TOKENS" => self.rotate.to_string(),
                "BLACKLIST_AFTER_ROTATION" => self.blacklist.to_string(),
                _ => return None,
            })
        };
        Rc::new(Config::of_settings(text).expect("the settings of a world are usable"))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bearer: 300,
            refresh: 86_400,
            grace: 0,
            leeway: 0,
            rotate: true,
            blacklist: true,
        }
    }
}
