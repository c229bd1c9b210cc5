//! Tests of the manifest as a whole.

mod against_git;
mod altered;
mod generated;
mod limits;
mod lookups;
pub(super) mod sample;
mod text_form;
mod wrong;
