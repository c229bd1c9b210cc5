//! A buffer that never grows and never blocks: what matters least makes room.

use std::collections::VecDeque;

/// How much it matters that an event arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// The next one says more.
    Progress,
    /// What was passed on the way.
    Step,
    /// What nothing comes after.
    End,
}

/// Events that were dropped since a subscription began, because its buffer was full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Missed {
    /// Events that only told progress.
    pub progress: u64,
    /// Events that told a new step, or the beginning of an import.
    pub steps: u64,
    /// Events that told the end of an import.
    pub ends: u64,
}

/// Takes in any number of items and keeps as many as there is room for.
///
/// Where there is none, the oldest of those that matter least goes, and a new one that matters less
/// than all that are here does not come in. So an [`End`](Weight::End) goes only if nothing but ends
/// is here. What stays keeps its order.
#[derive(Debug)]
pub(super) struct Ring<T> {
    capacity: usize,
    /// The items of each weight, each with its place in the order of arrival.
    items: [VecDeque<(u64, T)>; 3],
    arrivals: u64,
    missed: Missed,
}

impl<T> Ring<T> {
    /// `capacity` is at least 1.
    pub(super) fn new(capacity: usize) -> Self {
        Ring {
            capacity,
            items: [VecDeque::new(), VecDeque::new(), VecDeque::new()],
            arrivals: 0,
            missed: Missed::default(),
        }
    }

    pub(super) fn push(&mut self, weight: Weight, item: T) {
        let held: usize = self.items.iter().map(VecDeque::len).sum();
        if held >= self.capacity {
            let least = self.items.iter().position(|items| !items.is_empty());
            let least = least.unwrap_or(0).min(weight as usize);
            let counter = match least {
                0 => &mut self.missed.progress,
                1 => &mut self.missed.steps,
                _ => &mut self.missed.ends,
            };
            *counter += 1;
            if self.items[least].pop_front().is_none() {
                return;
            }
        }
        self.arrivals += 1;
        self.items[weight as usize].push_back((self.arrivals, item));
    }

    /// Takes out the one that came first.
    pub(super) fn pop(&mut self) -> Option<T> {
        let first = self
            .items
            .iter_mut()
            .filter(|items| !items.is_empty())
            .min_by_key(|items| items.front().map(|(arrival, _)| *arrival))?;
        first.pop_front().map(|(_, item)| item)
    }

    pub(super) fn missed(&self) -> Missed {
        self.missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Weight::{End, Progress, Step};

    fn all(ring: &mut Ring<u32>) -> Vec<u32> {
        std::iter::from_fn(|| ring.pop()).collect()
    }

    fn filled(capacity: usize, items: &[Weight]) -> Ring<u32> {
        let mut ring = Ring::new(capacity);
        for (number, weight) in (0..).zip(items) {
            ring.push(*weight, number);
        }
        ring
    }

    #[test]
    fn what_fits_comes_out_in_order() {
        let mut ring = filled(4, &[End, Progress, Step, End]);
        assert_eq!(all(&mut ring), [0, 1, 2, 3]);
        assert_eq!(ring.missed(), Missed::default());
        assert_eq!(ring.pop(), None);
    }

    #[test]
    fn old_progress_makes_room_first_then_steps() {
        let mut ring = filled(3, &[Step, Progress, Progress, Progress, End, Step]);
        assert_eq!(all(&mut ring), [0, 4, 5]);
        assert_eq!(ring.missed().progress, 3);
        let mut ring = filled(2, &[Step, Step, End]);
        assert_eq!(all(&mut ring), [1, 2]);
        assert_eq!(ring.missed().steps, 1);
    }

    #[test]
    fn what_matters_less_does_not_push_out_what_matters_more() {
        let mut ring = filled(2, &[End, End, Progress, Step]);
        assert_eq!(all(&mut ring), [0, 1]);
        let missed = ring.missed();
        assert_eq!((missed.progress, missed.steps, missed.ends), (1, 1, 0));
        let mut ring = filled(2, &[Step, Step, Progress]);
        assert_eq!(all(&mut ring), [0, 1]);
    }

    #[test]
    fn ends_make_room_for_ends_alone() {
        let mut ring = filled(2, &[End, End, End, End, End]);
        assert_eq!(all(&mut ring), [3, 4]);
        assert_eq!(ring.missed().ends, 3);
    }

    #[test]
    fn nobody_who_reads_leads_to_no_more_than_the_capacity() {
        let mut ring = Ring::new(100);
        for number in 0..100_000 {
            let weight = [Progress, Progress, Step, Progress, End][number % 5];
            ring.push(weight, number);
        }
        let left: Vec<usize> = std::iter::from_fn(|| ring.pop()).collect();
        assert_eq!(left.len(), 100);
        assert!(left.iter().all(|number| number % 5 == 4));
        assert!(left.is_sorted());
        assert_eq!(left.last(), Some(&99_999));
        let missed = ring.missed();
        assert_eq!(missed.progress + missed.steps + missed.ends, 99_900);
    }
}
