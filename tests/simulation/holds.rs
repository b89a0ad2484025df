//! A small part of the simulation, as a test: it takes seconds also in an unoptimised build.

use simulation::{RetryAfter, deliver_report, deliver_throttled, month, placements};

#[test]
fn one_fault_at_any_effect_of_a_delivery_violates_no_invariant() {
    for placed in placements(1) {
        assert_eq!(deliver_report(&placed, false).violations, [""; 0], "{placed:?}");
    }
    for at in deliver_report(&[], false).requests {
        for retry_after in RetryAfter::ALL {
            assert_eq!(deliver_throttled(at, retry_after).violations, [""; 0], "{retry_after:?} at {at}");
        }
    }
}

#[test]
fn two_months_of_a_small_tenant_violate_no_invariant() {
    // One with scheduled backfills and an audit at the end, and one with notifications alone.
    for (seed, audits) in [(2, 1), (5, 0)] {
        let month = month(seed, 40, false);
        assert_eq!((month.violations.as_slice(), month.audits), ([].as_slice(), audits), "seed {seed}");
        assert!(month.faults > 50 && month.acknowledged > 20, "seed {seed}");
    }
}
