//! A little of the simulation, as a test: it takes seconds also where nothing is optimised.

use simulation::{RetryAfter, deliver_report, deliver_throttled, month, placements};

#[test]
fn one_fault_anywhere_on_a_reports_way_breaks_no_promise() {
    for placed in placements(1) {
        assert_eq!(deliver_report(&placed, false).broken, [""; 0], "{placed:?}");
    }
    for at in deliver_report(&[], false).requests {
        for retry_after in RetryAfter::ALL {
            assert_eq!(deliver_throttled(at, retry_after).broken, [""; 0], "{retry_after:?} at {at}");
        }
    }
}

#[test]
fn two_months_of_a_small_tenant_break_no_promise() {
    // One in which schedules look again, and an audit at the end; and one in which nobody does.
    for (seed, audits) in [(2, 1), (5, 0)] {
        let month = month(seed, 40, false);
        assert_eq!((month.broken.as_slice(), month.audits), ([].as_slice(), audits), "seed {seed}");
        assert!(month.faults > 50 && month.delivered > 20, "seed {seed}");
    }
}
