//! Times as they are drawn: in lanes that don't overlap, and as a curve of how many there are at once.

use jiff::Timestamp;

use crate::model::Span;

/// The times in as few lanes as need be for none to overlap another in its lane.
pub fn lanes(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut sorted = spans.to_vec();
    sorted.sort();
    let mut lanes: Vec<Vec<Span>> = Vec::new();
    for span in sorted {
        let is_free = |lane: &&mut Vec<Span>| lane.last().is_none_or(|last| last.end <= span.start);
        match lanes.iter_mut().find(is_free) {
            Some(lane) => lane.push(span),
            None => lanes.push(vec![span]),
        }
    }
    lanes
}

/// How many of the times there are at once: from each instant on until the next, and none after the last. The times of one
/// person are to be united before.
pub fn curve(spans: &[Span]) -> Vec<(Timestamp, usize)> {
    let mut changes: Vec<(Timestamp, bool)> =
        spans.iter().flat_map(|span| [(span.start, true), (span.end, false)]).collect();
    // Both are counted for themselves, for at one instant somebody may leave before anybody has joined.
    changes.sort();
    let (mut joined, mut left) = (0_usize, 0_usize);
    let mut steps: Vec<(Timestamp, usize)> = Vec::new();
    for (at, is_join) in changes {
        if is_join {
            joined += 1
        } else {
            left += 1
        }
        let present = joined.saturating_sub(left);
        match steps.last_mut() {
            Some((last, count)) if *last == at => *count = present,
            _ => steps.push((at, present)),
        }
    }
    steps.dedup_by_key(|(_, count)| *count);
    steps
}

/// The most of the times at once in each of `slots` equal parts of `span`.
pub fn curve_slots(spans: &[Span], span: Span, slots: usize) -> Vec<u32> {
    let steps = curve(spans);
    let total = span.end.duration_since(span.start).as_nanos().max(1);
    let count = slots as i128;
    let slot_of = |at: Timestamp| at.duration_since(span.start).as_nanos().clamp(0, total) * count;
    let mut most = vec![0_u32; slots];
    for (place, &(from, present)) in steps.iter().enumerate() {
        let until = steps.get(place + 1).map_or(span.end, |(until, _)| *until);
        let first = slot_of(from) / total;
        // The slot in which it ends, but not one that begins at its very end.
        let beyond = (slot_of(until) + total - 1) / total;
        for slot in first..beyond.max(first) {
            if let Some(most) = usize::try_from(slot).ok().and_then(|slot| most.get_mut(slot)) {
                *most = (*most).max(u32::try_from(present).unwrap_or(u32::MAX));
            }
        }
    }
    most
}
