//! Events, and those who listen.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::event::Event;
use super::ring::{Missed, Ring};
use crate::store::ImportId;

/// The most events that a subscription holds.
const MAX_CAPACITY: usize = 1 << 16;

/// Which events a subscription gets, and how many wait in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SubscribeOptions {
    /// Events that wait to be taken out, from 1 to 65,536. Default 1,024.
    pub capacity: usize,
    /// Only those of this tenant. Default: of all.
    pub tenant: Option<String>,
    /// Only those of this import. Default: of all.
    pub import: Option<ImportId>,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        SubscribeOptions {
            capacity: 1024,
            tenant: None,
            import: None,
        }
    }
}

impl SubscribeOptions {
    /// Sets [`capacity`](SubscribeOptions#structfield.capacity).
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events;
        self
    }

    /// Sets [`tenant`](SubscribeOptions#structfield.tenant).
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Sets [`import`](SubscribeOptions#structfield.import).
    pub fn import(mut self, import: ImportId) -> Self {
        self.import = Some(import);
        self
    }
}

/// Hands out the events of an engine to one listener, in their order.
///
/// It holds a bounded number of events, and never makes an import wait: when it is full, the oldest
/// event that only tells progress goes, then the oldest that tells a step, and one that tells the
/// end of an import only if all that wait are such. What went is [counted](Subscription::missed).
///
/// As an iterator it blocks until there is an event, and ends with the engine. Dropped, it ends the
/// subscription.
#[derive(Debug)]
pub struct Subscription(Arc<Listener>);

/// What [`Subscription::receive`] found.
#[derive(Clone, Debug)]
pub enum Received {
    /// An event.
    Event(Event),
    /// Nothing happened in that time.
    Nothing,
    /// The engine has ended, and all events were taken out.
    Closed,
}

#[derive(Debug)]
struct Listener {
    tenant: Option<String>,
    import: Option<ImportId>,
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug)]
struct State {
    ring: Ring<Event>,
    is_closed: bool,
}

impl Listener {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wants(&self, event: &Event) -> bool {
        self.import.is_none_or(|import| import == event.import)
            && self.tenant.as_ref().is_none_or(|it| *it == event.tenant)
    }

    fn close(&self) {
        self.lock().is_closed = true;
        self.arrived.notify_all();
    }
}

impl Subscription {
    /// Waits for the next event, and no longer than `timeout`.
    pub fn receive(&self, timeout: Duration) -> Received {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.0.lock();
        loop {
            if let Some(event) = state.ring.pop() {
                return Received::Event(event);
            }
            if state.is_closed {
                return Received::Closed;
            }
            let left = match deadline {
                Some(deadline) => deadline.saturating_duration_since(Instant::now()),
                None => timeout,
            };
            if left.is_zero() {
                return Received::Nothing;
            }
            let waited = self.0.arrived.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many events were dropped until now, because nobody took them out.
    pub fn missed(&self) -> Missed {
        self.0.lock().ring.missed()
    }
}

impl Iterator for &Subscription {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            match self.receive(Duration::from_secs(3600)) {
                Received::Event(event) => return Some(event),
                Received::Closed => return None,
                Received::Nothing => {}
            }
        }
    }
}

impl Iterator for Subscription {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        (&*self).next()
    }
}

/// Spreads events to all who listen.
#[derive(Debug, Default)]
pub(super) struct Bus(Mutex<Listeners>);

#[derive(Debug, Default)]
struct Listeners {
    all: Vec<Weak<Listener>>,
    is_closed: bool,
}

impl Bus {
    pub(super) fn subscribe(&self, options: &SubscribeOptions) -> Subscription {
        let listener = Arc::new(Listener {
            tenant: options.tenant.clone(),
            import: options.import,
            state: Mutex::new(State {
                ring: Ring::new(options.capacity.clamp(1, MAX_CAPACITY)),
                is_closed: false,
            }),
            arrived: Condvar::new(),
        });
        let mut listeners = self.lock();
        listeners.all.retain(|other| other.strong_count() > 0);
        listeners.all.push(Arc::downgrade(&listener));
        if listeners.is_closed {
            listener.close();
        }
        Subscription(listener)
    }

    /// Hands an event to those who want it. Never waits for one of them.
    pub(super) fn publish(&self, event: &Event) {
        let mut has_gone = false;
        let mut listeners = self.lock();
        for listener in &listeners.all {
            let Some(listener) = listener.upgrade() else {
                has_gone = true;
                continue;
            };
            if listener.wants(event) {
                listener
                    .lock()
                    .ring
                    .push(event.kind.weight(), event.clone());
                listener.arrived.notify_one();
            }
        }
        if has_gone {
            listeners.all.retain(|listener| listener.strong_count() > 0);
        }
    }

    /// Says that no more events will come.
    pub(super) fn close(&self) {
        let mut listeners = self.lock();
        listeners.is_closed = true;
        for listener in listeners.all.iter().filter_map(Weak::upgrade) {
            listener.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listeners> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::EventKind;
    use super::*;

    fn event(import: u64, tenant: &str, kind: EventKind) -> Event {
        Event {
            import: ImportId(import),
            tenant: tenant.to_owned(),
            attempt: 1,
            at: 0,
            kind,
        }
    }

    fn imports(mut subscription: &Subscription) -> Vec<u64> {
        std::iter::from_fn(|| subscription.next())
            .map(|event| event.import.0)
            .collect()
    }

    #[test]
    fn each_gets_what_it_wants_and_then_hears_the_end() {
        let bus = Bus::default();
        let all = bus.subscribe(&SubscribeOptions::default());
        let of_tenant = bus.subscribe(&SubscribeOptions::default().tenant("b"));
        let of_import = bus.subscribe(&SubscribeOptions::default().import(ImportId(3)));
        for (import, tenant) in [(1, "a"), (2, "b"), (3, "b")] {
            bus.publish(&event(import, tenant, EventKind::Created));
        }
        bus.close();
        assert_eq!(imports(&all), [1, 2, 3]);
        assert_eq!(imports(&of_tenant), [2, 3]);
        assert_eq!(imports(&of_import), [3]);
        let late = bus.subscribe(&SubscribeOptions::default());
        assert!(matches!(late.receive(Duration::MAX), Received::Closed));
    }

    #[test]
    fn who_waits_is_woken_and_not_for_ever() {
        let bus = Bus::default();
        let subscription = bus.subscribe(&SubscribeOptions::default());
        let nothing = subscription.receive(Duration::from_millis(1));
        assert!(matches!(nothing, Received::Nothing));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| subscription.receive(Duration::MAX));
            bus.publish(&event(1, "", EventKind::Complete));
            let received = waiting.join().expect("it does not panic");
            assert!(matches!(received, Received::Event(_)));
        });
    }

    #[test]
    fn who_has_gone_is_forgotten_and_no_capacity_is_one() {
        let bus = Bus::default();
        let kept = bus.subscribe(&SubscribeOptions::default().capacity(0));
        for _ in 0..100 {
            drop(bus.subscribe(&SubscribeOptions::default()));
        }
        bus.publish(&event(1, "", EventKind::Created));
        assert_eq!(bus.lock().all.len(), 1);
        bus.publish(&event(2, "", EventKind::Complete));
        bus.close();
        assert_eq!(imports(&kept), [2]);
        assert_eq!(kept.missed().steps, 1);
    }
}
