//! What a large tenant takes: the counts of each meeting, times the meetings.

use super::{Counts, Growth};

/// Dollars of what was counted, at list prices.
pub(super) fn dollars(_counts: &Counts) -> f64 {
    0.0
}

/// What a tenant takes.
pub fn tenant_table(_growth: &Growth) -> String {
    String::new()
}
