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

/// What is forgotten. A host's provider may go with it, whose end is the host's code: no lock may be
/// held then.
pub(super) type Forgotten = Vec<Keys>;

impl Held {
    #[must_use]
    pub(super) fn insert(&mut self, id: ImportId, keys: Keys) -> Forgotten {
        let mut forgotten = self.remove(id);
        if keys.credentials.is_none() && keys.provider.is_none() {
            forgotten.push(keys);
            return forgotten;
        }
        self.of.insert(id, keys);
        self.order.push_back(id);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            forgotten.extend(self.of.remove(&oldest));
        }
        forgotten
    }

    pub(super) fn get(&self, id: ImportId) -> Keys {
        self.of.get(&id).cloned().unwrap_or_default()
    }

    #[must_use]
    pub(super) fn remove(&mut self, id: ImportId) -> Forgotten {
        let removed = self.of.remove(&id);
        if removed.is_some() {
            self.order.retain(|other| *other != id);
        }
        removed.into_iter().collect()
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
            let forgotten = held.insert(ImportId(id), keys("a"));
            assert_eq!(forgotten.len(), usize::from(id > 1_000));
        }
        // Once more, so it is young again.
        assert_eq!(held.insert(ImportId(501), keys("b")).len(), 1);
        assert_eq!(held.insert(ImportId(1_501), keys("a")).len(), 1);
        assert!(is_there(&held, 501) && is_there(&held, 1_501));
        assert!(!is_there(&held, 500) && !is_there(&held, 502));
        assert_eq!((held.of.len(), held.order.len()), (1_000, 1_000));
        assert_eq!(held.remove(ImportId(501)).len(), 1);
        assert_eq!(held.insert(ImportId(600), Keys::default()).len(), 2);
        assert!(!is_there(&held, 501) && !is_there(&held, 600));
        assert_eq!((held.of.len(), held.order.len()), (998, 998));
    }

    #[test]
    fn nothing_is_shown() {
        let mut held = Held::default();
        let _ = held.insert(ImportId(1), keys("c4nary"));
        assert!(!format!("{held:?}").contains("c4nary"));
    }
}
