//! Credentials of imports that may be started again, which the registry does not keep.

use std::collections::{HashMap, VecDeque};

use crate::import::Options;
use crate::remote::{Credentials, SharedProvider};
use crate::store::ImportId;

/// Imports whose credentials are remembered.
const MOST: usize = 1_000;

/// Remembers, in memory alone, what the imports that ended last were let in with. What is forgotten
/// is wiped.
#[derive(Debug, Default)]
pub(super) struct Held {
    of: HashMap<ImportId, Keys>,
    /// From the oldest on; some may be forgotten already.
    order: VecDeque<ImportId>,
}

/// What of [`Options::remote`] is an import's own, and not the engine's.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    credentials: Option<Credentials>,
    provider: Option<SharedProvider>,
}

impl Keys {
    /// Those of an import's own options; `credentials` go before.
    pub(super) fn new(credentials: Option<Credentials>, options: &Options) -> Self {
        Keys {
            credentials: credentials.or_else(|| options.remote.credentials.clone()),
            provider: options.remote.provider.clone(),
        }
    }

    /// Those that are here, and of `others` what is not.
    pub(super) fn or(self, others: Keys) -> Self {
        Keys {
            credentials: self.credentials.or(others.credentials),
            provider: self.provider.or(others.provider),
        }
    }

    /// Puts them into the options of an import.
    pub(super) fn apply(self, options: &mut Options) {
        options.remote.credentials = self.credentials;
        if self.provider.is_some() {
            options.remote.provider = self.provider;
        }
    }
}

impl Held {
    pub(super) fn insert(&mut self, id: ImportId, keys: Keys) {
        if keys.credentials.is_none() && keys.provider.is_none() {
            self.remove(id);
            return;
        }
        if self.of.insert(id, keys).is_some() {
            self.order.retain(|other| *other != id);
        }
        self.order.push_back(id);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.of.remove(&oldest);
        }
    }

    pub(super) fn get(&self, id: ImportId) -> Keys {
        self.of.get(&id).cloned().unwrap_or_default()
    }

    pub(super) fn remove(&mut self, id: ImportId) {
        if self.of.remove(&id).is_some() {
            self.order.retain(|other| *other != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::new(Some(Credentials::token(secret)), &Options::default())
    }

    fn is_there(held: &Held, id: u64) -> bool {
        held.get(ImportId(id)).credentials.is_some()
    }

    #[test]
    fn the_last_thousand_are_remembered() {
        let mut held = Held::default();
        for id in 1..=1_500 {
            held.insert(ImportId(id), keys("a"));
        }
        // Once more, so it is young again.
        held.insert(ImportId(501), keys("b"));
        held.insert(ImportId(1_501), keys("a"));
        assert!(is_there(&held, 501) && is_there(&held, 1_501));
        assert!(!is_there(&held, 500) && !is_there(&held, 502));
        assert_eq!((held.of.len(), held.order.len()), (1_000, 1_000));
        held.remove(ImportId(501));
        held.insert(ImportId(600), Keys::default());
        assert!(!is_there(&held, 501) && !is_there(&held, 600));
        assert_eq!((held.of.len(), held.order.len()), (998, 998));
    }

    #[test]
    fn nothing_is_shown() {
        let mut held = Held::default();
        held.insert(ImportId(1), keys("c4nary"));
        assert!(!format!("{held:?}").contains("c4nary"));
    }
}
