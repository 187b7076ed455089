//! How often something was tried at an address, or mailed to it: the table `tries`.

use hallpass_core::attempts::{Caller, MOST_CALLERS, MOST_KNOWN, Tries};

use crate::fault::Fault;
use crate::ground::sql::{Row, Sql, integer};

/// What is counted under a name of its own, beside the callers who are counted each by theirs. The
/// names begin with an asterisk, as no caller's does.
#[derive(Clone, Copy)]
pub(super) enum Count {
    /// Wrong passwords of all callers together that are not known.
    Strangers,
    /// Wrong passwords of whoever holds a token.
    Bearers,
    /// Links that were mailed.
    Links,
    /// Codes that were mailed.
    Codes,
    /// Codes that were wrong.
    WrongCodes,
}

impl Count {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Strangers => "*",
            Self::Bearers => "*bearers",
            Self::Links => "*links",
            Self::Codes => "*codes",
            Self::WrongCodes => "*wrong codes",
        }
    }
}

/// The table.
pub(super) struct Tally<'a>(pub(super) &'a Sql);

/// Deletes, of the callers that are known until such a second, all but so many: those that are over first.
macro_rules! give_way {
    ($until:literal) => {
        concat!(
            "DELETE FROM tries WHERE who IN (SELECT who FROM tries WHERE known_until ",
            $until,
            " ? AND substr(who, 1, 1) <> '*' ORDER BY over_at DESC LIMIT -1 OFFSET ?)"
        )
    };
}

impl Tally<'_> {
    /// What is counted of a caller. Without a table it is nothing.
    pub(super) fn caller(&self, who: &str) -> Result<Caller, Fault> {
        if !self.0.has_tables()? {
            return Ok(Caller::default());
        }
        let statement = "SELECT forgotten_at, not_before, known_until FROM tries WHERE who = ?";
        let Some(row) = self.0.row(statement, vec![who.into()])? else {
            return Ok(Caller::default());
        };
        Ok(Caller {
            tries: Tries {
                forgotten_at: row.integer(0)?,
                not_before: row.integer(1)?,
            },
            known_until: row.integer(2)?,
        })
    }

    pub(super) fn count(&self, what: Count) -> Result<Tries, Fault> {
        Ok(self.caller(what.name())?.tries)
    }

    /// The table is there.
    pub(super) fn write(&self, who: &str, caller: &Caller) -> Result<(), Fault> {
        self.0.run(
            "INSERT OR REPLACE INTO tries (who, forgotten_at, not_before, known_until, over_at)
             VALUES (?, ?, ?, ?, ?)",
            vec![
                who.into(),
                integer(caller.tries.forgotten_at),
                integer(caller.tries.not_before),
                integer(caller.known_until),
                integer(caller.over_at()),
            ],
        )
    }

    pub(super) fn set_count(&self, what: Count, tries: Tries) -> Result<(), Fault> {
        let known_until = 0;
        self.write(what.name(), &Caller { tries, known_until })
    }

    pub(super) fn forget_count(&self, what: Count) -> Result<(), Fault> {
        let statement = "DELETE FROM tries WHERE who = ?";
        self.0.run(statement, vec![what.name().into()])
    }

    /// Where there are too many callers, those give way that are over first: see [`MOST_CALLERS`],
    /// [`MOST_KNOWN`].
    pub(super) fn make_room(&self, now: u64) -> Result<(), Fault> {
        for (give_way, most) in [
            (give_way!("<="), MOST_CALLERS),
            (give_way!(">"), MOST_KNOWN),
        ] {
            self.0
                .run(give_way, vec![integer(now), integer(most.into())])?;
        }
        Ok(())
    }

    /// When a row is to be deleted. The table is there.
    pub(super) fn sweep_due(&self) -> Result<Option<u64>, Fault> {
        let row = self.0.row("SELECT min(over_at) FROM tries", vec![])?;
        row.map_or(Ok(None), |row| row.optional(0, Row::integer))
    }

    /// What does not matter any more goes.
    pub(super) fn sweep(&self, now: u64) -> Result<(), Fault> {
        let statement = "DELETE FROM tries WHERE over_at <= ?";
        self.0.run(statement, vec![integer(now)])
    }

    /// Nothing is counted any more; who is known stays so.
    pub(super) fn unlock(&self) -> Result<(), Fault> {
        self.0
            .run("DELETE FROM tries WHERE known_until = 0", vec![])?;
        let forget = "UPDATE tries SET forgotten_at = 0, not_before = 0, over_at = known_until";
        self.0.run(forget, vec![])
    }

    /// Nothing is counted any more, and nobody is known.
    pub(super) fn forget_all(&self) -> Result<(), Fault> {
        self.0.run("DELETE FROM tries", vec![])
    }
}
