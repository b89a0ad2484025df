//! What holds of any times.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// Times of up to two hours within four, to the millisecond, some of them of several people.
fn records() -> impl Strategy<Value = Vec<Record>> {
    let interval = (0_i64..7_200_000, 0_i64..7_200_000).prop_map(|(start, length)| {
        let at = |millis| at("09:00") + SignedDuration::from_millis(millis);
        Interval { join: Some(at(start)), leave: Some(at(start + length)), seconds: Some(length / 1_000) }
    });
    let record = (0_usize..4, prop::collection::vec(interval, 0..5)).prop_map(|(who, intervals)| {
        let who = user(["Aiko Ferreira", "Kwame Brandsma", "Linh Castellano", "Renske Oyelaran"][who]);
        let sum = intervals.iter().filter_map(|interval| interval.seconds).sum();
        Record { intervals: Some(intervals), graph_seconds: Some(sum), ..who }
    });
    prop::collection::vec(record, 0..8)
}

/// The instants of a time, cut to whole seconds nowhere.
fn millis(span: Span) -> (i64, i64) {
    let of = |at: Timestamp| at.as_millisecond();
    (of(span.start), of(span.end))
}

proptest! {
    #[test]
    fn the_union_never_exceeds_the_window_nor_the_sum(records in records()) {
        let session = hour(records);
        for attendee in session.attendees {
            let seconds = attendee.seconds.unwrap_or_default();
            let sum = length(&attendee.spans);
            prop_assert!((0..=3_600).contains(&seconds));
            prop_assert!(SignedDuration::from_secs(seconds) <= sum || attendee.basis != SecondsBasis::Times);
            prop_assert!(length(&united(&attendee.spans)) <= sum);
        }
    }

    #[test]
    fn the_union_is_every_millisecond_once(records in records()) {
        for attendee in hour(records).attendees {
            let mut by_hand: Vec<(i64, i64)> = attendee.spans.iter().copied().map(millis).collect();
            by_hand.sort_unstable();
            let (mut total, mut until) = (0, i64::MIN);
            for (start, end) in by_hand {
                total += (end - start.max(until)).max(0);
                until = until.max(end);
            }
            prop_assert_eq!(length(&united(&attendee.spans)), SignedDuration::from_millis(total));
        }
    }

    #[test]
    fn the_order_of_records_changes_nothing(records in records(), seed in any::<u64>()) {
        let one = hour(records.clone());
        let mut turned = records;
        turned.reverse();
        if !turned.is_empty() {
            let by = usize::try_from(seed % turned.len() as u64).unwrap();
            turned.rotate_left(by);
        }
        prop_assert_eq!(one, hour(turned));
    }

    #[test]
    fn lanes_hold_every_time_and_overlap_nowhere(records in records()) {
        for attendee in hour(records).attendees {
            let lanes = lanes(&attendee.spans);
            let most = curve(&attendee.spans).iter().map(|(_, count)| *count).max().unwrap_or_default();
            prop_assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), attendee.spans.len());
            prop_assert!(lanes.iter().all(|lane| lane.windows(2).all(|two| two[0].end <= two[1].start)));
            prop_assert!(lanes.len() <= most.max(1));
        }
    }
}
