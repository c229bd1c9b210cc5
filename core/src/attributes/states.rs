//! The states of the attributes of one path, and macros.

use super::names::{self, Assignment, AttributeId, FOLLOWED_COUNT, Names, State, Value};
use super::path::{DiffAttribute, EolAttribute, PathAttributes, TextAttribute};
use crate::error::LimitError;
use crate::glob::MatchCounter;

/// What is known about the attributes of one path.
#[derive(Debug)]
pub(super) struct States {
    /// By attribute.
    known: Vec<Option<State>>,
    /// Attributes that are known, to be forgotten for the next path.
    touched: Vec<AttributeId>,
    /// How many of those that are followed for their own sake are known.
    followed: usize,
}

impl States {
    pub(super) fn new(attributes: usize) -> Self {
        States {
            known: vec![None; attributes],
            touched: Vec::new(),
            followed: 0,
        }
    }

    pub(super) fn clear(&mut self) {
        for attribute in self.touched.drain(..) {
            self.known[attribute as usize] = None;
        }
        self.followed = 0;
    }

    /// Whether there is nothing left to learn.
    pub(super) fn all_known(&self) -> bool {
        self.followed == FOLLOWED_COUNT
    }

    /// Applies assignments from the last to the first, and macros where they are set, as `fill_one`
    /// of Git's `attr.c`.
    pub(super) fn apply(
        &mut self,
        assignments: &[Assignment],
        names: &Names,
        counter: &mut MatchCounter,
    ) -> Result<(), LimitError> {
        let mut pending = vec![assignments];
        while let Some(list) = pending.pop() {
            counter.spend(list.len() as u64)?;
            let mut list = list;
            while let Some((&Assignment { attribute, state }, before)) = list.split_last() {
                list = before;
                let known = &mut self.known[attribute as usize];
                if known.is_some() {
                    continue;
                }
                *known = Some(state);
                self.touched.push(attribute);
                self.followed += usize::from((attribute as usize) < FOLLOWED_COUNT);
                let expansion = names.expansion(attribute);
                if state == State::Set && !expansion.is_empty() {
                    // What a macro stands for comes before the rest of the line.
                    pending.push(list);
                    list = expansion;
                }
            }
        }
        Ok(())
    }

    pub(super) fn to_attributes(&self) -> PathAttributes {
        let state = |attribute: AttributeId| self.known[attribute as usize];
        let flag = |attribute| match state(attribute) {
            Some(State::Set) => true,
            Some(State::Value(value)) => value != Value::False,
            _ => false,
        };
        PathAttributes {
            text: match text(state(names::TEXT)) {
                TextAttribute::Unspecified => text(state(names::CRLF)),
                specified => specified,
            },
            diff: match state(names::DIFF) {
                None | Some(State::Unspecified) => DiffAttribute::Unspecified,
                Some(State::Set) => DiffAttribute::Set,
                Some(State::Unset) => DiffAttribute::Unset,
                Some(State::Value(_)) => DiffAttribute::Driver,
            },
            eol: match state(names::EOL) {
                Some(State::Value(Value::Lf)) => Some(EolAttribute::Lf),
                Some(State::Value(Value::Crlf)) => Some(EolAttribute::Crlf),
                _ => None,
            },
            working_tree_encoding: match state(names::WORKING_TREE_ENCODING) {
                Some(State::Value(Value::Encoding(name))) => Some(name),
                _ => None,
            },
            lfs: state(names::FILTER) == Some(State::Value(Value::Lfs)),
            generated: flag(names::GENERATED),
            vendored: flag(names::VENDORED),
            export_ignore: state(names::EXPORT_IGNORE) == Some(State::Set),
        }
    }
}

/// As `git_path_check_crlf` of Git's `convert.c`.
fn text(state: Option<State>) -> TextAttribute {
    match state {
        Some(State::Set | State::Value(Value::Input)) => TextAttribute::Set,
        Some(State::Unset) => TextAttribute::Unset,
        Some(State::Value(Value::Auto)) => TextAttribute::Auto,
        _ => TextAttribute::Unspecified,
    }
}
