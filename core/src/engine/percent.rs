//! One number for how far a whole import is.

use crate::progress::{Snapshot, Step};

/// Hundredths of a whole import that are done. Never goes back, and is 100 for what is complete
/// alone.
///
/// The share of each step is that of a large repository over a fast line; what is known within a
/// step moves the number inside of its share. While the import is stored, entries do that, and 99
/// stands until the disk has them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Percent(u8);

impl Percent {
    /// Takes a look at the counters of an import, and says how far it is.
    pub(super) fn look(&mut self, snapshot: &Snapshot, is_remote: bool) -> u8 {
        let (from, to) = share(snapshot.step, is_remote);
        let within = u16::from(snapshot.percent().unwrap_or(0).min(100));
        let width = u16::from(to - from);
        let now = u16::from(from) + width * within / 100;
        self.0 = self.0.max(now.min(99) as u8);
        self.0
    }
}

/// Where a step begins and ends.
fn share(step: Step, is_remote: bool) -> (u8, u8) {
    match (step, is_remote) {
        (Step::Waiting | Step::Detecting | Step::Opening, _) => (0, 0),
        (Step::ResolvingHost, _) => (1, 1),
        (Step::Connecting, _) => (2, 2),
        (Step::Negotiating, _) => (3, 5),
        (Step::Receiving, _) => (5, 65),
        (Step::ResolvingDeltas, _) => (65, 75),
        (Step::Walking, true) => (75, 75),
        (Step::Reading, true) => (75, 80),
        (Step::Walking, false) => (2, 2),
        (Step::Reading, false) => (5, 80),
        (Step::Ordering, _) => (80, 80),
        (Step::Complete, _) => (85, 99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(step: Step, objects: u64, total: u64) -> Snapshot {
        Snapshot {
            step,
            objects,
            objects_total: total,
            ..Snapshot::default()
        }
    }

    #[test]
    fn the_number_grows_with_the_steps_and_within_them() {
        let mut percent = Percent::default();
        let looks = [
            (Step::Opening, 0, 0),
            (Step::ResolvingHost, 0, 0),
            (Step::Connecting, 0, 0),
            (Step::Negotiating, 0, 0),
            (Step::Receiving, 0, 0),
            (Step::Receiving, 50, 100),
            (Step::Receiving, 100, 100),
            (Step::ResolvingDeltas, 0, 10),
            (Step::Walking, 0, 0),
            (Step::Ordering, 0, 0),
            (Step::Complete, 0, 0),
        ];
        let seen: Vec<u8> = looks
            .iter()
            .map(|&(step, objects, total)| percent.look(&snapshot(step, objects, total), true))
            .collect();
        assert!(seen.is_sorted(), "{seen:?}");
        assert_eq!((seen[0], seen[5], seen[10]), (0, 35, 85));
        let storing =
            [0, 50, 100].map(|entries| percent.look(&snapshot(Step::Complete, entries, 100), true));
        assert_eq!(storing, [85, 92, 99]);
    }

    #[test]
    fn the_number_never_goes_back_and_is_never_100() {
        let mut percent = Percent::default();
        let receiving = percent.look(&snapshot(Step::Receiving, 9, 10), true);
        assert_eq!(
            percent.look(&snapshot(Step::Connecting, 0, 0), true),
            receiving
        );
        let storing = snapshot(Step::Complete, 10, 10);
        assert_eq!(percent.look(&storing, true), 99);
        let nonsense = snapshot(Step::Reading, u64::MAX, 1);
        assert_eq!(percent.look(&nonsense, false), 99);
    }
}
