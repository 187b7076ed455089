//! `/admin/api/events/` and `/admin/api/stats/`: what has happened, and how often.

use hallpass_core::event::EventKind;
use serde::{Serialize, Serializer};

use crate::adapters::clock;
use crate::fault::Fault;
use crate::objects::directory::{Day, DirectoryStub, EventQuery};
use crate::routes::answer::Answer;
use crate::routes::fields;
use crate::routes::incoming::Incoming;
use crate::use_cases::World;

/// How many days the counts go back when nobody asks for more or fewer.
const DAYS: u64 = 30;

/// The most days that are answered at once.
const MOST_DAYS: u64 = 400;

/// A day, in seconds.
const DAY: u64 = 86_400;

/// `GET events/?kind=&sub=&cursor=`:
///
/// 1. there is no such kind → 400;
/// 2. otherwise 200 with a page of events, the newest first.
pub(super) async fn recent(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    let given = |name| incoming.query(name).filter(|text| !text.is_empty());
    let kind = given("kind");
    let exists = |name: &String| EventKind::ALL.iter().any(|kind| kind.as_str() == name);
    if kind.as_ref().is_some_and(|kind| !exists(kind)) {
        return Ok(fields::error("kind", "There is no such kind of event.")); // 1
    }
    let query = EventQuery {
        kind,
        sub: given("sub"),
        before: given("cursor"),
    };
    let page = DirectoryStub::new(&world.env).events(query).await?;
    Ok(Answer::json(200, &page)) // 2
}

/// `GET stats/?days=30`:
///
/// 1. `days` is no number from 1 to 400 → 400;
/// 2. otherwise 200 with the counts of so many days up to today (UTC), the oldest first.
pub(super) async fn stats(world: &World, incoming: &Incoming) -> Result<Answer, Fault> {
    #[derive(Serialize)]
    struct Stats {
        days: Vec<Counts>,
    }
    let days = incoming.query("days").map_or(Ok(DAYS), |text| text.parse());
    let Some(days) = days.ok().filter(|days| (1..=MOST_DAYS).contains(days)) else {
        let message = format!("A number from 1 to {MOST_DAYS} is needed.");
        return Ok(fields::error("days", &message)); // 1
    };
    let today = clock::seconds() / DAY;
    let told = DirectoryStub::new(&world.env).days(days).await?;
    let first = today + 1 - days;
    let mut days: Vec<_> = (first..=today).map(|day| Counts::of(day * DAY)).collect();
    for day in told {
        let place = (day.began_at / DAY).checked_sub(first);
        let place = place.and_then(|place| usize::try_from(place).ok());
        if let Some(counts) = place.and_then(|place| days.get_mut(place)) {
            counts.add(&day);
        }
    }
    Ok(Answer::json(200, &Stats { days })) // 2
}

/// The counts of a day.
#[derive(Serialize)]
struct Counts {
    /// When it began, seconds.
    day: u64,
    logins: u64,
    reuses: u64,
    revocations: u64,
    /// Each kind by itself; a reuse as `reuse:race`.
    #[serde(serialize_with = "as_map")]
    kinds: Vec<(String, u64)>,
}

fn as_map<S: Serializer>(pairs: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, count)| (name, count)))
}

impl Counts {
    const fn of(day: u64) -> Self {
        Self {
            day,
            logins: 0,
            reuses: 0,
            revocations: 0,
            kinds: Vec::new(),
        }
    }

    fn add(&mut self, day: &Day) {
        let kind = EventKind::named(&day.kind, &day.reuse);
        if kind == Some(EventKind::Login) {
            self.logins += day.count;
        }
        if matches!(kind, Some(EventKind::Reuse(_))) {
            self.reuses += day.count;
        }
        if kind.is_some_and(EventKind::calls_back) {
            self.revocations += day.count;
        }
        let name = if day.reuse.is_empty() {
            day.kind.clone()
        } else {
            format!("{}:{}", day.kind, day.reuse)
        };
        self.kinds.push((name, day.count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theft_is_a_reuse_and_a_revocation_and_a_lost_race_only_a_reuse() {
        let mut counts = Counts::of(0);
        let rows = [
            ("login", "", 5),
            ("logout", "", 2),
            ("reuse", "race", 7),
            ("reuse", "stale", 1),
            ("reactivated", "", 1),
        ];
        for (kind, reuse, count) in rows {
            counts.add(&Day {
                began_at: 0,
                kind: kind.into(),
                reuse: reuse.into(),
                count,
            });
        }
        assert_eq!(
            (counts.logins, counts.reuses, counts.revocations),
            (5, 8, 3)
        );
        assert!(counts.kinds.contains(&("reuse:race".to_owned(), 7)));
    }
}
