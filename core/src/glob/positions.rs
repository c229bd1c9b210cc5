//! Sets of positions in a pattern, with memory that is used again.

/// Memory that runs use one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) now: Positions,
    pub(super) next: Positions,
}

/// The positions in the list of tokens that were reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    pub(super) list: Vec<u16>,
    /// Whether a position is in the list, by position.
    present: Vec<bool>,
}

impl Positions {
    /// Empties the list and makes room for as many positions as `tokens` have.
    pub(super) fn reset(&mut self, tokens: usize) {
        self.clear();
        if self.present.len() <= tokens {
            self.present.resize(tokens + 1, false);
        }
    }

    /// Empties the list.
    pub(super) fn clear(&mut self) {
        for position in self.list.drain(..) {
            self.present[usize::from(position)] = false;
        }
    }

    /// Adds `position`, unless it is in the list.
    pub(super) fn push(&mut self, position: u16) {
        let present = &mut self.present[usize::from(position)];
        if !*present {
            *present = true;
            self.list.push(position);
        }
    }
}
