//! The C ABI of gitlade.
//!
//! Its documentation is the header `include/gitlade.h`, which cbindgen makes from these files: what is
//! written at an exported item is written for a reader of C. The contract that all of them keep
//! stands at the header's beginning, which is `header.txt` here. The crate translates and does not
//! decide: what an import does is in the crate `gitlade`.

#![allow(
    unsafe_code,
    reason = "pointers of C come in and go out here, and nowhere else"
)]
#![allow(
    non_camel_case_types,
    reason = "types have the names that the header gives them"
)]
#![allow(
    clippy::not_unsafe_ptr_arg_deref,
    reason = "C has no unsafe functions; what a pointer must be is the header's contract"
)]

// How every exported function takes, gives and fails.
mod boundary;
mod callback;
mod error;
mod give;
mod status;
mod structs;
mod text;

// In the order of the data: where it comes from, how it is imported, what comes out.
mod source;

mod credentials;
mod limits;
mod policy;
mod remote;

mod options;

mod detect;

mod control;
mod hooks;
mod sink;
mod watch;

mod import;
mod task;

mod facts;

mod entry;
mod iter;
mod manifest;
mod summary;

mod buffer;
mod content;
mod ndjson;
mod stream;

mod arrow;

mod refs;

mod blobs;

mod record;
mod store;

mod check;
mod gc;
mod repair;
mod stats;

mod engine;
mod events;

mod version;

// What C sees.
#[cfg(feature = "fault-injection")]
pub use boundary::injected::*;
pub use {
    arrow::*, blobs::*, buffer::*, check::*, content::*, control::*, credentials::*, detect::*,
    engine::*, entry::*, error::*, events::*, facts::*, gc::*, hooks::*, import::*, iter::*,
    limits::*, manifest::*, ndjson::*, options::*, policy::*, record::*, refs::*, remote::*,
    repair::*, sink::*, source::*, stats::*, status::*, store::*, stream::*, summary::*, task::*,
    text::*, version::*,
};
