//! The budgets of a program's runs.

use crate::run::Budget;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// The share of the machine's memory that a run may take unless it is told otherwise.
const SHARE: f64 = 0.75;
/// Operations of a run of about a year on ten processors.
const OPERATIONS: f64 = 1e18;

/// The budgets that are given. Without one of memory, three quarters of the memory of the machine, or of the container that
/// the program runs in; without one of operations, 10¹⁸.
#[must_use]
pub fn budgets(given: &[Budget]) -> Vec<Budget> {
    let mut all = given.to_vec();
    if !given.iter().any(|budget| matches!(budget, Budget::Memory(_))) {
        let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(memory);
        let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
        let whole = system.total_memory().min(limit);
        // A machine that does not tell sets no limit.
        if whole > 0 {
            all.push(Budget::Memory((SHARE * whole as f64) as u64));
        }
    }
    if !given.iter().any(|budget| matches!(budget, Budget::Operations(_))) {
        all.push(Budget::Operations(OPERATIONS));
    }
    all
}
