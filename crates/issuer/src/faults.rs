//! For tests only: storage and KV that fail on demand, a clock the tests own, and counters of the
//! work done. Compiled with the feature `faults`, which nothing that is deployed has.
//!
//! Worker and objects of one script share an isolate under workerd, so what is set here holds for
//! all of them.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// What is to go wrong from now on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Plan {
    /// Added to the clock, milliseconds.
    clock_offset_ms: i64,
    /// So many writes to KV fail, then they go through again.
    failing_puts: u32,
    /// Reads from KV fail.
    failing_reads: bool,
    /// So many deliveries to the directory fail, then they go through again.
    failing_records: u32,
    /// A statement that holds this text fails.
    failing_statement: Option<String>,
}

/// What was done since the last plan.
#[derive(Clone, Copy, Default, Serialize)]
struct Counters {
    rows_read: usize,
    rows_written: usize,
    alarms_set: u32,
    password_hashes: u32,
    puts: u32,
    reads: u32,
    records: u32,
}

/// Work that is counted.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    AlarmSet,
    PasswordHash,
}

thread_local! {
    static PLAN: RefCell<Plan> = RefCell::default();
    static COUNTERS: RefCell<Counters> = RefCell::default();
}

/// `POST /__faults/` takes a plan and sets the counters to 0; any other method only answers the
/// counters.
pub(crate) async fn answer(mut request: worker::Request) -> worker::Result<worker::Response> {
    let counted = COUNTERS.with_borrow(|counters| *counters);
    if request.method() == worker::Method::Post {
        let plan = request.json().await?;
        PLAN.set(plan);
        COUNTERS.take();
    }
    worker::Response::from_json(&counted)
}

pub(crate) fn clock_offset_ms() -> i64 {
    PLAN.with_borrow(|plan| plan.clock_offset_ms)
}

pub(crate) fn count(work: Work) {
    COUNTERS.with_borrow_mut(|counters| match work {
        Work::AlarmSet => counters.alarms_set += 1,
        Work::PasswordHash => counters.password_hashes += 1,
    });
}

pub(crate) fn count_rows(read: usize, written: usize) {
    COUNTERS.with_borrow_mut(|counters| {
        counters.rows_read += read;
        counters.rows_written += written;
    });
}

pub(crate) fn before_statement(statement: &str) -> Result<(), Fault> {
    let fails = PLAN.with_borrow(|plan| {
        plan.failing_statement
            .as_deref()
            .is_some_and(|text| statement.contains(text))
    });
    if fails {
        Err(Fault::new("a statement fails, as planned"))
    } else {
        Ok(())
    }
}

pub(crate) fn before_read() -> Result<(), Fault> {
    COUNTERS.with_borrow_mut(|counters| counters.reads += 1);
    if PLAN.with_borrow(|plan| plan.failing_reads) {
        return Err(Fault::new("KV GET failed, as planned"));
    }
    Ok(())
}

pub(crate) fn before_put() -> Result<(), Fault> {
    COUNTERS.with_borrow_mut(|counters| counters.puts += 1);
    PLAN.with_borrow_mut(|plan| {
        if plan.failing_puts == 0 {
            return Ok(());
        }
        plan.failing_puts -= 1;
        Err(Fault::new(
            "KV PUT failed: 429 Too Many Requests, as planned",
        ))
    })
}

pub(crate) fn before_record() -> Result<(), Fault> {
    COUNTERS.with_borrow_mut(|counters| counters.records += 1);
    PLAN.with_borrow_mut(|plan| {
        if plan.failing_records == 0 {
            return Ok(());
        }
        plan.failing_records -= 1;
        Err(Fault::new("the directory is down, as planned"))
    })
}
