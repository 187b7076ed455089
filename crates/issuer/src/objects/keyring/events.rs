//! What the [directory is told](crate::objects::events) of the ring.

use hallpass_core::event::EventKind;
use hallpass_core::ring::{Change, Turn};

use super::KeyringKeeper;
use crate::fault::Fault;
use crate::ground::Ground;
use crate::ground::sql::Sql;
use crate::objects::directory::Event;
use crate::objects::events::{self, Events};

/// Remembers for the directory what a turn has brought.
pub(super) fn note(
    events: &Events<'_>,
    ground: &dyn Ground,
    turned: &Turn,
    now: u64,
) -> Result<(), Fault> {
    let id = |_: &Change| events::new_id(ground, now);
    let ids: Result<Vec<_>, Fault> = turned.changes.iter().map(id).collect();
    // What happened in one moment has ids in its order, too.
    let mut ids = ids?;
    ids.sort_unstable();
    for (nth, (change, id)) in turned.changes.iter().zip(ids).enumerate() {
        let (kind, key) = match change {
            Change::Signs(key) => (EventKind::KeySigns, key),
            Change::SignsEarlier(key) => (EventKind::KeySignsEarlier, key),
            Change::Died { kid: key, .. } => (EventKind::KeyLeaked, key),
            Change::Left(key) => (EventKind::KeyLeft, key),
        };
        let event = Event {
            id,
            kind: kind.as_str().to_owned(),
            at: now,
            sub: None,
            sid: None,
            client: None,
            // Nobody but administrators asks a ring for anything.
            by_admin: nth >= turned.by_time && kind != EventKind::KeyLeft,
            reuse: None,
            kid: Some(key.clone()),
            profile: None,
        };
        events.put(kind.weight(), &event)?;
    }
    Ok(())
}

impl KeyringKeeper {
    /// Tells the directory everything that waits; where it does not listen, the alarm tries again.
    pub(super) async fn deliver_events(&self) -> Result<(), Fault> {
        let sql = Sql::of(&self.tables);
        if !sql.has_tables()? {
            return Ok(());
        }
        let events = Events(&sql);
        let delivered = events.deliver_all(&*self.ground).await;
        if delivered.is_err()
            && let Some(at) = events.retry_at(&*self.ground, self.ground.seconds())?
        {
            self.alarm.set(&*self.ground, at).await?;
        }
        delivered
    }
}
