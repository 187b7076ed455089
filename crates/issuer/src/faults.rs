//! For tests only: storage and KV that fail on demand, a clock the tests own, and counters of the
//! work done. Compiled with the feature `faults`, which nothing that is deployed has.
//!
//! Worker and objects of one script share an isolate under workerd, so what is set here holds for
//! all of them. It is forgotten when workerd ends or the Worker panics.

use std::cell::RefCell;
use std::time::Duration;

use hallpass_core::ring::Ask;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{Env, Method, Request, Response};

use crate::adapters::webhook;
use crate::config::{Config, Mailing};
use crate::fault::Fault;
use crate::objects::keyring::{AskForm, KeyringStub};
use crate::use_cases::World;
use crate::use_cases::roll_keys::roll_keys;

/// What is to go wrong from now on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Plan {
    /// Where the clock stands, milliseconds since the epoch; without it, it runs.
    clock_ms: Option<u64>,
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
    /// After a statement that holds this text was carried out, Rust fails.
    fault_after: Option<String>,
    /// After a statement that holds this text was carried out, Rust panics.
    panic_after: Option<String>,
    /// A write to KV of a key that holds this text fails.
    failing_key: Option<String>,
    /// A write to KV takes so much longer.
    put_delay_ms: u64,
    /// How long the receiver of a webhook may take; without it, as long as ever.
    webhook_within_ms: Option<u32>,
    /// No alarm is set further ahead than this.
    alarms_within_ms: Option<u64>,
    /// No alarm ever goes off, as when the runtime has given it up.
    alarms_get_lost: bool,
}

/// What was done since the last plan.
#[derive(Clone, Default, Serialize)]
struct Counters {
    rows_read: usize,
    rows_written: usize,
    alarms_set: u32,
    /// Alarms that went off.
    alarms: u32,
    /// Those of users' objects among them.
    subject_alarms: u32,
    password_hashes: u32,
    puts: u32,
    reads: u32,
    /// The keys of these reads.
    keys_read: usize,
    /// Requests that objects have answered, alarms not counted.
    object_requests: u32,
    /// The keys of these writes to KV, in their order.
    put_keys: Vec<String>,
    puts_under_way: u32,
    /// How many of them were under way at once, at most.
    most_puts_at_once: u32,
    records: u32,
}

/// Work that is counted.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    AlarmSet,
    Alarm,
    SubjectAlarm,
    PasswordHash,
    ObjectRequest,
}

thread_local! {
    static PLAN: RefCell<Plan> = RefCell::default();
    static COUNTERS: RefCell<Counters> = RefCell::default();
}

/// Whether this is for [`answer`].
pub(crate) fn are_asked(request: &web_sys::Request) -> bool {
    request.url().split('/').nth(3) == Some("__faults")
}

/// `POST /__faults/` takes a plan and sets the counters to 0; any other method only answers the
/// counters. `/__faults/keys/…`: see [`keys`], `/__faults/webhook`: see [`webhook()`].
pub(crate) async fn answer(request: Request, env: Env) -> Result<JsValue, JsValue> {
    let answer = answered(request, env).await.map_err(JsValue::from)?;
    Ok(web_sys::Response::from(answer).into())
}

async fn answered(mut request: Request, env: Env) -> worker::Result<Response> {
    if let Some(what) = request.path().strip_prefix("/__faults/keys/") {
        return keys(what, request, env).await;
    }
    if request.path() == "/__faults/webhook" {
        return webhook(request, env).await;
    }
    let counted = COUNTERS.with_borrow(Clone::clone);
    if request.method() == Method::Post {
        let plan = request.json().await?;
        PLAN.set(plan);
        COUNTERS.with_borrow_mut(|counters| {
            *counters = Counters {
                puts_under_way: counters.puts_under_way,
                ..Counters::default()
            };
        });
    }
    Response::from_json(&counted)
}

/// `POST /__faults/keys/ask` asks the ring what the body says, an [`Ask`], and answers its keys.
/// `POST /__faults/keys/alarm` has the ring's object do what its alarm does, which goes off by the
/// real clock.
async fn keys(what: &str, mut request: Request, env: Env) -> worker::Result<Response> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Asked(#[serde(with = "AskForm")] Ask);
    if what == "alarm" {
        KeyringStub::new(&env).alarm().await?;
        return Response::empty();
    }
    let Asked(ask) = request.json().await?;
    let Ok(config) = Config::of(&env) else {
        return Response::error("the settings are unusable", 503);
    };
    Response::from_json(&roll_keys(&World { env, config }, ask).await?)
}

/// `POST /__faults/webhook` posts the body to `MAIL_WEBHOOK_URL`, under the id in its query.
async fn webhook(mut request: Request, env: Env) -> worker::Result<Response> {
    let config = Config::of(&env).ok();
    let Some(Mailing::Webhook(webhook)) = config.as_ref().map(|config| &config.mailing) else {
        return Response::error("there is no webhook", 503);
    };
    let (url, body) = (request.inner().url(), request.text().await?);
    let id = url.split_once('?').map_or("", |(_, id)| id);
    match webhook::post(webhook, id, &body).await {
        Ok(()) => Response::ok("done"),
        Err(fault) => Response::error(fault.to_string(), 502),
    }
}

/// How long the receiver of a webhook may take, that has so many milliseconds otherwise.
pub(crate) fn webhook_within(time: u32) -> u32 {
    PLAN.with_borrow(|plan| plan.webhook_within_ms.unwrap_or(time))
}

/// What a clock shows that should show `now`, both in milliseconds.
pub(crate) fn clock(now: u64) -> u64 {
    PLAN.with_borrow(|plan| {
        let now = plan.clock_ms.unwrap_or(now);
        now.saturating_add_signed(plan.clock_offset_ms)
    })
}

pub(crate) fn count(work: Work) {
    COUNTERS.with_borrow_mut(|counters| match work {
        Work::AlarmSet => counters.alarms_set += 1,
        Work::Alarm => counters.alarms += 1,
        Work::SubjectAlarm => counters.subject_alarms += 1,
        Work::PasswordHash => counters.password_hashes += 1,
        Work::ObjectRequest => counters.object_requests += 1,
    });
}

/// Takes the numbers of rows read and written from the rows.
pub(crate) fn count_rows(rows: &str) -> Result<&str, Fault> {
    let mut lines = rows.splitn(3, '\n');
    let mut number = || lines.next()?.parse::<usize>().ok();
    let (read, written) = (number(), number());
    let (Some(read), Some(written), Some(rows)) = (read, written, lines.next()) else {
        return Err(Fault::new("rows without their numbers"));
    };
    COUNTERS.with_borrow_mut(|counters| {
        counters.rows_read += read;
        counters.rows_written += written;
    });
    Ok(rows)
}

pub(crate) fn before_statement(statement: &str) -> Result<(), Fault> {
    if PLAN.with_borrow(|plan| holds(statement, plan.failing_statement.as_deref())) {
        return Err(Fault::new("a statement fails, as planned"));
    }
    Ok(())
}

pub(crate) fn after_statement(statement: &str) -> Result<(), Fault> {
    let panics = PLAN.with_borrow(|plan| holds(statement, plan.panic_after.as_deref()));
    assert!(!panics, "a panic, as planned");
    if PLAN.with_borrow(|plan| holds(statement, plan.fault_after.as_deref())) {
        return Err(Fault::new("a fault after a statement, as planned"));
    }
    Ok(())
}

fn holds(statement: &str, text: Option<&str>) -> bool {
    text.is_some_and(|text| statement.contains(text))
}

/// How long an alarm is set ahead that should go off after `wait`; `None`: it gets lost.
pub(crate) fn alarm_after(wait: Duration) -> Option<Duration> {
    PLAN.with_borrow(|plan| {
        let within = plan.alarms_within_ms.map(Duration::from_millis);
        (!plan.alarms_get_lost).then(|| within.map_or(wait, |within| wait.min(within)))
    })
}

/// A write to KV under way.
pub(crate) struct Put;

impl Drop for Put {
    fn drop(&mut self) {
        COUNTERS.with_borrow_mut(|counters| counters.puts_under_way -= 1);
    }
}

pub(crate) fn before_read(keys: usize) -> Result<(), Fault> {
    COUNTERS.with_borrow_mut(|counters| {
        counters.reads += 1;
        counters.keys_read += keys;
    });
    if PLAN.with_borrow(|plan| plan.failing_reads) {
        return Err(Fault::new("KV GET failed, as planned"));
    }
    Ok(())
}

pub(crate) async fn before_put(key: &str) -> Result<Put, Fault> {
    COUNTERS.with_borrow_mut(|counters| {
        counters.puts += 1;
        counters.put_keys.push(key.to_owned());
        counters.puts_under_way += 1;
        counters.most_puts_at_once = counters.most_puts_at_once.max(counters.puts_under_way);
    });
    let put = Put;
    let delay = PLAN.with_borrow(|plan| plan.put_delay_ms);
    if delay > 0 {
        worker::Delay::from(Duration::from_millis(delay)).await;
    }
    PLAN.with_borrow_mut(|plan| {
        if plan.failing_puts == 0 && !holds(key, plan.failing_key.as_deref()) {
            return Ok(put);
        }
        plan.failing_puts = plan.failing_puts.saturating_sub(1);
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
