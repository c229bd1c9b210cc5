//! Who is next: a queue that no tenant can fill for the others.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Tenants that have nothing here and whose turn is remembered nevertheless.
const REMEMBERED: usize = 4_096;

/// What waits and what runs, by tenant.
///
/// Next is the tenant with the fewest running; among those, the one that was served longest ago;
/// among those, the one that has waited longest. Within a tenant the order is that of arrival.
#[derive(Debug)]
pub(super) struct Queue<I> {
    tenants: HashMap<String, Tenant<I>>,
    waiting: usize,
    running: usize,
    limits: QueueLimits,
    /// Counts arrivals and turns, in one order.
    clock: u64,
}

/// How many may wait and run at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLimits {
    pub(super) running: usize,
    pub(super) waiting: usize,
}

#[derive(Debug)]
struct Tenant<I> {
    waiting: VecDeque<(u64, I)>,
    running: usize,
    /// When it was served last; 0 for never.
    served: u64,
}

impl<I> Default for Tenant<I> {
    fn default() -> Self {
        Tenant {
            waiting: VecDeque::new(),
            running: 0,
            served: 0,
        }
    }
}

impl<I: Copy + Eq + Hash> Queue<I> {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Queue {
            tenants: HashMap::new(),
            waiting: 0,
            running: 0,
            limits,
            clock: 0,
        }
    }

    /// How many run.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether `reserved` more than those that wait would be too many. Those that can begin at once
    /// do not count.
    pub(super) fn is_full(&self, reserved: usize) -> bool {
        let free = self.limits.running.saturating_sub(self.running);
        self.waiting + reserved >= self.limits.waiting.saturating_add(free)
    }

    /// Puts `id` behind all others of its tenant.
    pub(super) fn push(&mut self, tenant: &str, id: I) {
        self.clock += 1;
        let arrival = self.clock;
        self.tenant(tenant).waiting.push_back((arrival, id));
        self.waiting += 1;
    }

    /// Begins the next one, if there is one and it may begin.
    pub(super) fn start_next(&mut self) -> Option<I> {
        if self.running >= self.limits.running {
            return None;
        }
        let turn = |tenant: &Tenant<I>| {
            let (arrival, _) = tenant.waiting.front()?;
            Some((tenant.running, tenant.served, *arrival))
        };
        let (_, tenant) = self
            .tenants
            .values_mut()
            .filter_map(|tenant| Some((turn(tenant)?, tenant)))
            .min_by_key(|(turn, _)| *turn)?;
        let (_, id) = tenant.waiting.pop_front()?;
        self.clock += 1;
        tenant.served = self.clock;
        tenant.running += 1;
        self.waiting -= 1;
        self.running += 1;
        Some(id)
    }

    /// Takes out `id`, if it waits.
    pub(super) fn withdraw(&mut self, tenant: &str, id: I) -> bool {
        let Some(found) = self.tenants.get_mut(tenant) else {
            return false;
        };
        let Some(place) = found.waiting.iter().position(|(_, other)| *other == id) else {
            return false;
        };
        found.waiting.remove(place);
        self.waiting -= 1;
        self.forget_some();
        true
    }

    /// Ends one of those of `tenant` that run.
    pub(super) fn ended(&mut self, tenant: &str) {
        if let Some(tenant) = self.tenants.get_mut(tenant)
            && tenant.running > 0
        {
            tenant.running -= 1;
            self.running -= 1;
        }
        self.forget_some();
    }

    fn tenant(&mut self, name: &str) -> &mut Tenant<I> {
        if !self.tenants.contains_key(name) {
            self.tenants.insert(name.to_owned(), Tenant::default());
        }
        self.tenants
            .get_mut(name)
            .expect("because it was inserted if it was not there")
    }

    /// Forgets the older half of the tenants that have nothing here, once they are many: to have
    /// been served long ago is nearly to have been served never.
    fn forget_some(&mut self) {
        if self.tenants.len() <= 2 * REMEMBERED {
            return;
        }
        let is_idle = |tenant: &Tenant<I>| tenant.running == 0 && tenant.waiting.is_empty();
        let idle = self.tenants.values().filter(|tenant| is_idle(tenant));
        let mut turns: Vec<u64> = idle.map(|tenant| tenant.served).collect();
        if turns.len() <= REMEMBERED {
            return;
        }
        turns.sort_unstable();
        let oldest = turns[turns.len() - REMEMBERED];
        self.tenants
            .retain(|_, tenant| !is_idle(tenant) || tenant.served >= oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(running: usize, waiting: usize) -> Queue<u32> {
        Queue::new(QueueLimits { running, waiting })
    }

    /// Runs one after the other until nothing waits.
    fn drain(queue: &mut Queue<u32>, tenant_of: impl Fn(u32) -> &'static str) -> Vec<u32> {
        let mut order = Vec::new();
        while let Some(id) = queue.start_next() {
            order.push(id);
            queue.ended(tenant_of(id));
        }
        order
    }

    #[test]
    fn one_tenant_is_served_in_the_order_of_arrival() {
        let mut queue = queue(1, 10);
        for id in 0..5 {
            queue.push("a", id);
        }
        assert_eq!(drain(&mut queue, |_| "a"), [0, 1, 2, 3, 4]);
        assert_eq!((queue.waiting(), queue.running()), (0, 0));
    }

    #[test]
    fn a_tenant_with_many_does_not_hold_up_the_others() {
        let mut queue = queue(1, 1000);
        for id in 0..100 {
            queue.push("many", id);
        }
        queue.push("few", 100);
        queue.push("few", 101);
        queue.push("one", 102);
        let name = |id| match id {
            0..100 => "many",
            100 | 101 => "few",
            _ => "one",
        };
        let order = drain(&mut queue, name);
        assert_eq!(order[..6], [0, 100, 102, 1, 101, 2]);
        assert_eq!(order.len(), 103);
    }

    #[test]
    fn who_has_the_fewest_running_is_next() {
        let mut queue = queue(3, 10);
        for id in 0..3 {
            queue.push("a", id);
        }
        assert_eq!(queue.start_next(), Some(0));
        assert_eq!(queue.start_next(), Some(1));
        queue.push("b", 10);
        queue.push("b", 11);
        assert_eq!(queue.start_next(), Some(10));
        assert_eq!(queue.start_next(), None, "three run");
        queue.ended("a");
        // One of each runs, and a was served before b.
        assert_eq!(queue.start_next(), Some(2));
        queue.ended("b");
        assert_eq!(queue.start_next(), Some(11));
    }

    #[test]
    fn a_tenant_that_comes_back_does_not_push_in() {
        let mut queue = queue(1, 10);
        queue.push("a", 0);
        assert_eq!(queue.start_next(), Some(0));
        queue.push("b", 1);
        queue.ended("a");
        assert_eq!(queue.start_next(), Some(1));
        queue.push("b", 2);
        queue.push("a", 3);
        queue.ended("b");
        assert_eq!(queue.start_next(), Some(3), "a was served before b");
    }

    #[test]
    fn limits_count_what_can_begin_at_once() {
        let mut queue = queue(1, 2);
        for id in 0..3 {
            assert!(!queue.is_full(0));
            queue.push("a", id);
        }
        assert!(queue.is_full(0));
        assert_eq!(queue.start_next(), Some(0));
        assert!(queue.is_full(0));
        assert!(queue.withdraw("a", 1));
        assert!(!queue.withdraw("a", 1));
        assert!(!queue.withdraw("a", 0), "it runs");
        assert!(!queue.withdraw("b", 2));
        assert!(!queue.is_full(0));
        assert!(queue.is_full(1));
        queue.ended("a");
        assert_eq!(queue.start_next(), Some(2));
    }

    #[test]
    fn nothing_runs_where_nothing_may() {
        let mut queue = queue(0, 1);
        queue.push("a", 0);
        assert_eq!(queue.start_next(), None);
        assert!(queue.is_full(0));
    }

    #[test]
    fn tenants_do_not_pile_up() {
        let mut queue = queue(1, 1);
        for number in 0..20_000 {
            let tenant = format!("tenant {number}");
            queue.push(&tenant, number);
            assert_eq!(queue.start_next(), Some(number));
            queue.ended(&tenant);
        }
        assert!(queue.tenants.len() <= 2 * REMEMBERED + 1);
        assert!(queue.tenants.contains_key("tenant 19999"));
    }
}
