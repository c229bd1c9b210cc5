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

/// Checks some of the rows of a store: what they refer to, trees, or imports and their manifests.
#[cfg(feature = "internals")]
pub(super) fn check_rows(store: &super::Store, part: u8) -> Result<(), crate::Error> {
    let cancel = &crate::Cancel::new();
    let findings = &mut check::Findings::new(&CheckOptions::default());
    let connections = &store.0.connections;
    match part {
        5 => connections.read(|connection| rows::references(connection, cancel, findings)),
        6 => rows::trees(store, cancel, findings),
        _ => {
            rows::snapshots(store, cancel, findings)?;
            rows::imports(store, cancel, findings)
        }
    }
}
