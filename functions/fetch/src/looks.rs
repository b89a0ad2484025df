//! When a short report is looked at again: one with fewer records than participants. Pure.
//!
//! Each look is a message of its own in the queue of `fetch`, sent at the look before and hidden until its time.
//! The longest pause, four days, is shorter than the queue's retention of seven; at its time it is sent anew.

use jiff::{SignedDuration, Timestamp};

/// The looks at a short report, counted from the session's end. After the last it stays short.
const LOOKS: [SignedDuration; 6] = [
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(3 * 24),
    SignedDuration::from_hours(7 * 24),
];

/// When a report whose session ended at `end` is looked at next; `None` where no look is left.
pub(crate) fn next_look(end: Timestamp, now: Timestamp) -> Option<Timestamp> {
    LOOKS.into_iter().filter_map(|look| end.checked_add(look).ok()).find(|look| *look > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looks_grow_apart_and_end_after_seven_days() {
        let end: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let mut at = end;
        let mut looks = Vec::new();
        while let Some(look) = next_look(end, at) {
            looks.push(look.duration_since(end).as_hours());
            at = look;
        }
        assert_eq!(looks, [0, 1, 6, 24, 72, 168]);
        assert_eq!(next_look(end, end + SignedDuration::from_mins(59)), Some(end + LOOKS[1]));
    }
}
