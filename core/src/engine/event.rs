//! What an engine tells of its imports while it happens.

use serde::Serialize;

use crate::progress::Snapshot;
use crate::store::{Failure, ImportId, RecordedProgress, Status};

use super::ring::Weight;

/// Something happened to an import of this engine.
///
/// Of one import come [`Created`](EventKind::Created) or [`Restarted`](EventKind::Restarted), then
/// [`Step`](EventKind::Step) and [`Progress`](EventKind::Progress), and one end. A step that is over
/// sooner than the engine looks is not told; the first is, unless the import ends before it begins.
///
/// As JSON, `kind` is the member `event` with the members of what it holds beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// The import.
    pub import: ImportId,
    /// For whom it is.
    pub tenant: String,
    /// 1, and one more with each restart.
    pub attempt: u32,
    /// When it happened: milliseconds since 1970 (UTC), as in the registry.
    pub at: i64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened to an import.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// It was asked for, and waits for its turn.
    Created,
    /// It was asked for again, and waits for its turn.
    Restarted,
    /// A new step began, or a new status, such as storing.
    Step(ImportProgress),
    /// It is further than it was. At most every 100 ms for one import.
    Progress(ImportProgress),
    /// It is in the store as a whole.
    Complete,
    /// It failed.
    Failed(Failure),
    /// Somebody cancelled it.
    Cancelled,
    /// The engine was shut down before it ended.
    Interrupted,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImportProgress {
    /// Detecting, importing or storing.
    pub status: Status,
    /// Hundredths of the whole import that are done; never goes back within an attempt. From 85 on
    /// it is being stored; 99 is the most that is told before it is [`Complete`](EventKind::Complete).
    pub percent: u8,
    /// The step, and what is counted in it.
    pub snapshot: Snapshot,
}

impl ImportProgress {
    /// As it stands in the registry.
    pub(super) fn recorded(&self) -> RecordedProgress {
        let mut recorded = RecordedProgress::from(&self.snapshot);
        recorded.percent = Some(self.percent);
        recorded
    }
}

impl EventKind {
    /// Whether nothing comes after it, unless the import is started again.
    pub fn is_end(&self) -> bool {
        self.weight() == Weight::End
    }

    pub(super) fn weight(&self) -> Weight {
        match self {
            EventKind::Created | EventKind::Restarted | EventKind::Step(_) => Weight::Step,
            EventKind::Progress(_) => Weight::Progress,
            EventKind::Complete
            | EventKind::Failed(_)
            | EventKind::Cancelled
            | EventKind::Interrupted => Weight::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_flat_as_json() {
        let mut event = Event {
            import: ImportId(7),
            tenant: "acme".to_owned(),
            attempt: 2,
            at: 1_700_000_000_000,
            kind: EventKind::Progress(ImportProgress {
                status: Status::Importing,
                percent: 35,
                snapshot: Snapshot::default(),
            }),
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["import"], 7);
        assert_eq!(json["event"], "progress");
        assert_eq!(json["status"], "importing");
        assert_eq!(json["snapshot"]["step"], "waiting");
        event.kind = EventKind::Failed(Failure {
            step: Some("opening".to_owned()),
            kind: "io".to_owned(),
            message: "no".to_owned(),
            advice: None,
        });
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            (&json["event"], &json["kind"]),
            (&"failed".into(), &"io".into())
        );
        event.kind = EventKind::Cancelled;
        let json = serde_json::to_string(&event).unwrap();
        let expected =
            r#"{"import":7,"tenant":"acme","attempt":2,"at":1700000000000,"event":"cancelled"}"#;
        assert_eq!(json, expected);
    }
}
