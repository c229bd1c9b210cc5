//! What happens to the imports of an engine.

use std::mem::MaybeUninit;
use std::time::Duration;

use gitlade::{Event, EventKind, ImportId, Received, SubscribeOptions, Subscription};

use crate::boundary::{self, Failure};
use crate::callback;
use crate::control::gitlade_progress;
use crate::engine::gitlade_engine;
use crate::error::gitlade_error;
use crate::give;
use crate::record::{gitlade_import_status, of_status};
use crate::remote::LONGEST;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// Hands out the events of an engine, in their order. It holds a bounded number and never makes an
/// import wait: when it is full, those that tell progress go first. For one thread at a time.
pub struct gitlade_subscription {
    events: Subscription,
    /// The event whose texts the host sees.
    last: Option<Event>,
}

/// Which events a subscription gets. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_subscribe_options {
    /// `sizeof(gitlade_subscribe_options)`.
    pub struct_size: usize,
    /// Only those of this tenant. Default: of all.
    pub tenant: gitlade_str,
    /// Only those of this import. Default: of all.
    pub import_id: u64,
    /// Events that wait to be taken out, at most 65,536. Default: 1,024.
    pub capacity: u32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_subscribe_options {
    const NAME: &'static str = "gitlade_subscribe_options";
}

/// What happened to an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_event_kind {
    /// It was asked for, and waits for its turn.
    Created = 0,
    /// It was asked for again, and waits for its turn.
    Restarted = 1,
    /// A new step began, or a new status.
    Step = 2,
    /// It is further than it was.
    Progress = 3,
    /// It is in the store as a whole.
    Complete = 4,
    /// It failed.
    Failed = 5,
    /// Somebody cancelled it.
    Cancelled = 6,
    /// The engine was shut down before it ended.
    Interrupted = 7,
}

/// One event. The texts live until the next one is taken out, or the subscription is freed.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_event {
    /// `sizeof(gitlade_event)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The import.
    pub import_id: u64,
    /// When it happened; milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// For whom the import is.
    pub tenant: gitlade_str,
    /// Of `FAILED`: the message.
    pub failure: gitlade_str,
    /// Of `FAILED`: what the user can do about it, or NULL.
    pub advice: gitlade_str,
    /// Of `STEP` and `PROGRESS`: objects done in this step.
    pub objects: u64,
    /// Objects of this step, or 0.
    pub objects_total: u64,
    /// Bytes of the objects done in this step.
    pub bytes: u64,
    /// Bytes of this step, or 0.
    pub bytes_total: u64,
    /// Bytes that came over the network.
    pub received_bytes: u64,
    /// Files that were found.
    pub files: u64,
    /// What happened.
    pub kind: gitlade_event_kind,
    /// Where the import stands.
    pub status: gitlade_import_status,
    /// Of `STEP` and `PROGRESS`: a `gitlade_step`.
    pub step: u32,
    /// Of `STEP` and `PROGRESS`: hundredths of the whole import that are done.
    pub percent: u32,
    /// 1, and one more with each restart.
    pub attempt: u32,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_event {
    const NAME: &'static str = "gitlade_event";
}

fn describe(event: &Event) -> gitlade_event {
    use gitlade_event_kind as Kind;
    use gitlade_import_status as Stands;
    let (kind, status) = match &event.kind {
        EventKind::Created => (Kind::Created, Stands::Queued),
        EventKind::Restarted => (Kind::Restarted, Stands::Queued),
        EventKind::Step(progress) => (Kind::Step, of_status(progress.status)),
        EventKind::Progress(progress) => (Kind::Progress, of_status(progress.status)),
        EventKind::Complete => (Kind::Complete, Stands::Complete),
        EventKind::Failed(_) => (Kind::Failed, Stands::Failed),
        EventKind::Cancelled => (Kind::Cancelled, Stands::Cancelled),
        // The engine's enum may grow; what is not known here ends nothing well.
        _ => (Kind::Interrupted, Stands::Interrupted),
    };
    let progress = match &event.kind {
        EventKind::Step(progress) | EventKind::Progress(progress) => Some(progress),
        _ => None,
    };
    let failure = match &event.kind {
        EventKind::Failed(failure) => Some(failure),
        _ => None,
    };
    let counts = progress.map(|progress| gitlade_progress::of(&progress.snapshot));
    let count = |of: fn(&gitlade_progress) -> u64| counts.as_ref().map_or(0, of);
    gitlade_event {
        struct_size: size_of::<gitlade_event>(),
        import_id: event.import.0,
        at_ms: event.at,
        tenant: gitlade_str::of(event.tenant.as_bytes()),
        failure: gitlade_str::of_option(failure.map(|failure| &failure.message)),
        advice: gitlade_str::of_option(failure.and_then(|failure| failure.advice.as_ref())),
        objects: count(|counts| counts.objects),
        objects_total: count(|counts| counts.objects_total),
        bytes: count(|counts| counts.bytes),
        bytes_total: count(|counts| counts.bytes_total),
        received_bytes: count(|counts| counts.received_bytes),
        files: count(|counts| counts.files),
        kind,
        status,
        step: counts.map_or(0, |counts| counts.step),
        percent: progress.map_or(0, |progress| progress.percent.into()),
        attempt: event.attempt,
    }
}

/// Listens to what happens to the imports of an engine from now on. The subscription may live longer
/// than the engine.
///
/// `options` may be NULL, which is the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_engine_subscribe(
    engine: Option<&gitlade_engine>,
    options: *const gitlade_subscribe_options,
    out: Option<&mut MaybeUninit<*mut gitlade_subscription>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let engine = give::required("engine", engine)?;
        let out = give::place("out", out)?;
        let mut wanted = SubscribeOptions::default();
        if let Some(given) = structs::read(options)? {
            wanted.tenant = given.tenant.text("tenant")?.map(str::to_owned);
            wanted.import = (given.import_id != 0).then_some(ImportId(given.import_id));
            if given.capacity != 0 {
                wanted.capacity = given.capacity as usize;
            }
        }
        out.give(gitlade_subscription {
            events: engine.0.subscribe(&wanted),
            last: None,
        });
        Ok(())
    })
}

/// Waits for the next event: `GITLADE_STATUS_PENDING` if none came within `timeout_ms` milliseconds,
/// `GITLADE_STATUS_END` when the engine has ended and all events were taken out.
///
/// A callback must not wait: `GITLADE_STATUS_BUSY`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_subscription_next(
    subscription: Option<&mut gitlade_subscription>,
    timeout_ms: u64,
    out: *mut gitlade_event,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let subscription = give::required_mut("subscription", subscription)?;
        let out = structs::place("out", out)?;
        if timeout_ms > 0 {
            callback::may_wait()?;
        }
        let timeout = Duration::from_millis(timeout_ms).min(LONGEST);
        match subscription.events.receive(timeout) {
            Received::Event(event) => {
                out.write(&describe(subscription.last.insert(event)));
                Ok(())
            }
            Received::Closed => Err(Failure::End),
            _ => Err(Failure::Pending),
        }
    })
}

/// How many events were dropped because nobody took them out: those that told progress, and others.
///
/// `progress` and `others` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_subscription_missed(
    subscription: Option<&gitlade_subscription>,
    progress: Option<&mut MaybeUninit<u64>>,
    others: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let missed = give::required("subscription", subscription)?
            .events
            .missed();
        if let Some(place) = progress {
            place.write(missed.progress);
        }
        if let Some(place) = others {
            place.write(missed.steps + missed.ends);
        }
        Ok(())
    })
}

/// Ends a subscription.
///
/// `subscription` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_subscription_free(subscription: *mut gitlade_subscription) {
    boundary::value((), || give::free(subscription));
}
