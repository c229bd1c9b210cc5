//! The attributes that are followed, and their values, as small numbers.

use std::collections::HashMap;

use super::line::{self, Line};
use super::path::EncodingName;

/// Number of an attribute: one of the constants below, or a macro.
pub(super) type AttributeId = u32;

pub(super) const TEXT: AttributeId = 0;
pub(super) const CRLF: AttributeId = 1;
pub(super) const DIFF: AttributeId = 2;
pub(super) const EOL: AttributeId = 3;
pub(super) const WORKING_TREE_ENCODING: AttributeId = 4;
pub(super) const FILTER: AttributeId = 5;
pub(super) const GENERATED: AttributeId = 6;
pub(super) const VENDORED: AttributeId = 7;
pub(super) const EXPORT_IGNORE: AttributeId = 8;

/// Names of the constants above, in their order.
const FOLLOWED: [&[u8]; 9] = [
    b"text",
    b"crlf",
    b"diff",
    b"eol",
    b"working-tree-encoding",
    b"filter",
    b"linguist-generated",
    b"linguist-vendored",
    b"export-ignore",
];

/// How many attributes are followed for their own sake.
pub(super) const FOLLOWED_COUNT: usize = FOLLOWED.len();

/// Longest `working-tree-encoding` that is remembered; no known encoding has a longer name.
const MAX_ENCODING_NAME: usize = 64;

/// How many different `working-tree-encoding`s are remembered; further ones count as unspecified.
const MAX_ENCODING_NAMES: usize = 4_096;

/// What a line does to an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// `attr`
    Set,
    /// `-attr`
    Unset,
    /// `!attr`
    Unspecified,
    /// `attr=value`
    Value(Value),
}

/// A value, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Auto,
    Input,
    Lf,
    Crlf,
    Lfs,
    False,
    Encoding(EncodingName),
    Other,
}

/// One attribute of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) attribute: AttributeId,
    pub(super) state: State,
}

/// Which attributes there are: the followed ones and the macros of the top-level file.
#[derive(Debug)]
pub(super) struct Names {
    ids: HashMap<Box<[u8]>, AttributeId>,
    /// What a macro stands for, by attribute; empty for those that are none.
    macros: Vec<Box<[Assignment]>>,
    encodings: Vec<Box<[u8]>>,
    encoding_names: HashMap<Box<[u8]>, EncodingName>,
}

impl Names {
    /// Takes the macros out of the lines of the top-level file.
    ///
    /// Git's built-in macro `binary` is there unless the file defines it anew. Where a macro is
    /// defined twice, the last definition holds for all lines.
    pub(super) fn new(top_level: &[u8]) -> Self {
        let mut names = Names {
            ids: HashMap::new(),
            macros: Vec::new(),
            encodings: Vec::new(),
            encoding_names: HashMap::new(),
        };
        for name in FOLLOWED {
            names.add(name);
        }
        let binary = names.add(b"binary");
        for line in line::lines(top_level) {
            if let Line::Macro { name, .. } = line {
                names.add(name);
            }
        }
        names.macros[binary as usize] = names.assignments(b"-diff -merge -text");
        for line in line::lines(top_level) {
            if let Line::Macro { name, assignments } = line {
                let id = names.add(name);
                names.macros[id as usize] = names.assignments(assignments);
            }
        }
        names
    }

    /// How many attributes have numbers.
    pub(super) fn count(&self) -> usize {
        self.macros.len()
    }

    /// What setting `attribute` means beyond itself.
    pub(super) fn expansion(&self, attribute: AttributeId) -> &[Assignment] {
        &self.macros[attribute as usize]
    }

    /// The bytes of a `working-tree-encoding`.
    pub(super) fn encoding(&self, name: EncodingName) -> &[u8] {
        &self.encodings[usize::from(name.0)]
    }

    /// Reads assignments and keeps those of attributes that have a number.
    pub(super) fn assignments(&mut self, text: &[u8]) -> Box<[Assignment]> {
        let mut kept = Vec::new();
        for assignment in line::assignments(text) {
            let Some(&attribute) = self.ids.get(assignment.name) else {
                continue;
            };
            let state = match assignment.state {
                line::State::Set => State::Set,
                line::State::Unset => State::Unset,
                line::State::Unspecified => State::Unspecified,
                line::State::Value(value) => State::Value(self.value(attribute, value)),
            };
            kept.push(Assignment { attribute, state });
        }
        kept.into()
    }

    fn value(&mut self, attribute: AttributeId, value: &[u8]) -> Value {
        if attribute == WORKING_TREE_ENCODING {
            return self
                .encoding_name(value)
                .map_or(Value::Other, Value::Encoding);
        }
        match value {
            b"auto" => Value::Auto,
            b"input" => Value::Input,
            b"lf" => Value::Lf,
            b"crlf" => Value::Crlf,
            b"lfs" => Value::Lfs,
            b"false" => Value::False,
            _ => Value::Other,
        }
    }

    fn encoding_name(&mut self, value: &[u8]) -> Option<EncodingName> {
        if let Some(&name) = self.encoding_names.get(value) {
            return Some(name);
        }
        let fits = !value.is_empty() && value.len() <= MAX_ENCODING_NAME;
        if !fits || self.encodings.len() == MAX_ENCODING_NAMES {
            return None;
        }
        let name = EncodingName(self.encodings.len() as u16);
        self.encodings.push(value.into());
        self.encoding_names.insert(value.into(), name);
        Some(name)
    }

    fn add(&mut self, name: &[u8]) -> AttributeId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.macros.len() as AttributeId;
        self.ids.insert(name.into(), id);
        self.macros.push(Box::default());
        id
    }
}
