//! Keeping a store whole: checking it, repairing it, collecting garbage, counting.

mod check;
mod contents;
mod gc;
mod leftovers;
mod places;
mod refetch;
mod repair;
mod report;
mod rows;
mod stats;

pub use gc::{GcOptions, GcReport};
pub use repair::{FailedFetch, Loss, RepairOptions, RepairReport};
pub use report::{CheckOptions, CheckReport, Leftovers, Problem, ProblemKind, StoredPlace};
pub use stats::{StoreStats, TenantStats};
