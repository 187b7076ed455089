//! What was mailed to an address and proves, when it comes back, that it reached its reader: the hash
//! of it.

use hallpass_core::mailing::Proof;

use crate::fault::Fault;
use crate::ground::sql::{Row, Sql, integer};

/// What was mailed.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A link that resets the password.
    Link,
    /// A code: there is one at most.
    Code,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Code => "code",
        }
    }
}

/// The table `proof`, which is there.
pub(super) struct Proofs<'a>(pub(super) &'a Sql);

impl Proofs<'_> {
    /// Remembers what is mailed. What is over goes.
    pub(super) fn put(
        &self,
        kind: Kind,
        hash: Vec<u8>,
        proof: &Proof,
        now: u64,
    ) -> Result<(), Fault> {
        let over = "DELETE FROM proof WHERE expires_at <= ?";
        self.0.run(over, vec![integer(now)])?;
        self.0.run(
            "INSERT INTO proof (kind, hash, credential, expires_at) VALUES (?, ?, ?, ?)",
            vec![
                kind.as_str().into(),
                hash.into(),
                integer(proof.credential.into()),
                integer(proof.expires_at),
            ],
        )
    }

    /// What was mailed that has this hash.
    pub(super) fn find(&self, kind: Kind, hash: &[u8]) -> Result<Option<Proof>, Fault> {
        let row = self.0.row(
            "SELECT credential, expires_at FROM proof WHERE kind = ? AND hash = ?",
            vec![kind.as_str().into(), hash.to_vec().into()],
        )?;
        row.as_ref().map(proof).transpose()
    }

    /// The code that was mailed last: its hash, and what is known of it.
    pub(super) fn code(&self) -> Result<Option<(Vec<u8>, Proof)>, Fault> {
        let row = self.0.row(
            "SELECT credential, expires_at, hash FROM proof WHERE kind = ?",
            vec![Kind::Code.as_str().into()],
        )?;
        row.map(|row| Ok((row.blob(2)?, proof(&row)?))).transpose()
    }

    /// It is not good any more.
    pub(super) fn forget_code(&self) -> Result<(), Fault> {
        let statement = "DELETE FROM proof WHERE kind = ?";
        self.0.run(statement, vec![Kind::Code.as_str().into()])
    }

    /// Nothing that was mailed is good any more.
    pub(super) fn forget_all(&self) -> Result<(), Fault> {
        self.0.run("DELETE FROM proof", vec![])
    }
}

fn proof(row: &Row) -> Result<Proof, Fault> {
    Ok(Proof {
        credential: row.small(0)?,
        expires_at: row.integer(1)?,
    })
}
