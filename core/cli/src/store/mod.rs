//! Commands about a store: importing into it, and looking at what is in it.

mod args;
mod browse;
mod follow;
mod json;
mod keep;
mod keep_args;
mod manage;
mod open;
mod run;
mod say;

pub(crate) use args::{CancelArgs, ListArgs, LogArgs, RestartArgs, RmArgs, ShowArgs, StatusArgs};
pub(crate) use browse::{cat, show};
pub(crate) use keep::{check, gc, repair, stats};
pub(crate) use keep_args::{CheckArgs, GcArgs, RepairArgs, StatsArgs};
pub(crate) use manage::{cancel, list, log, remove, status};
pub(crate) use run::{import, restart};
