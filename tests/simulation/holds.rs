//! A small part of the simulation, as a test: it takes seconds also in an unoptimised build.

use simulation::{RetryAfter, STEPS, deliver_report, deliver_throttled, growth, month, placements};

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
fn months_of_a_small_tenant_violate_no_invariant() {
    // Some with scheduled backfills and an audit at the end, and one with notifications alone.
    let mut audits = 0;
    for seed in [2, 5, 6, 10] {
        let month = month(seed, 40, false);
        assert_eq!(month.violations, [""; 0], "seed {seed}");
        assert!(month.faults > 50 && month.acknowledged > 20, "seed {seed}");
        audits += month.audits;
    }
    assert!(audits > 0, "no audit has seen everything");
}

#[test]
fn ten_times_the_meetings_take_ten_times_the_calls() {
    let [small, large] = [50, 500].map(|meetings| growth(meetings).unwrap());
    for ((step, small), large) in STEPS.iter().zip(&small.steps).zip(&large.steps) {
        // What a run takes however small it is, the small tenant pays, too: a line rises by less than ten times.
        for (what, (small, large)) in
            ["calls", "requests", "messages"].iter().zip(small.totals().iter().zip(large.totals()))
        {
            assert!(large <= 11 * small, "{step}: {small} {what} of 50 meetings, {large} of 500");
        }
    }
}
