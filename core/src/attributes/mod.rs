//! `.gitattributes`, with Git's precedence and macros.
//!
//! Only the files of the imported tree count: no configuration of the host, no `info/attributes`
//! and no work tree. The rules are those of Git's `attr.c` and of
//! [gitattributes](https://git-scm.com/docs/gitattributes). Macros are defined by the top-level file
//! only; a line of 2,048 bytes or more, a line with an invalid attribute name and a line with a
//! negative pattern are ignored.

mod line;
mod names;
mod path;
mod stack;
mod states;
#[cfg(test)]
mod tests;

#[cfg(feature = "internals")]
pub(crate) use path::EolAttribute;
pub(crate) use path::{DiffAttribute, PathAttributes, TextAttribute};
pub(crate) use stack::AttributeStack;
