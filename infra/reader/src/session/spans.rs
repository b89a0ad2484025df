//! Intervals as times: which are usable, their union, and its length.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Interval, Span};

/// The time of an interval, a missing end from the other one and the duration; `None` where it stays unclear: Graph writes a
/// duration of 0 where it does not know one of the ends.
pub fn usable(interval: &Interval) -> Option<Span> {
    let length = interval.seconds.filter(|seconds| *seconds > 0).map(SignedDuration::from_secs);
    match (interval.join, interval.leave) {
        (Some(join), Some(leave)) => Span::new(join, leave),
        (Some(join), None) => Span::new(join, join.checked_add(length?).ok()?),
        (None, Some(leave)) => Span::new(leave.checked_sub(length?).ok()?, leave),
        (None, None) => None,
    }
}

/// The times united: those that overlap or touch are one; in order.
pub fn united(spans: &[Span]) -> Vec<Span> {
    let mut united = spans.to_vec();
    united.sort();
    united.dedup_by(|next, last| {
        let is_one = next.start <= last.end;
        last.end = if is_one { last.end.max(next.end) } else { last.end };
        is_one
    });
    united
}

/// How long the union of times is that come in the order of their starts: what [`united`] and [`length`] say, without a list.
pub(super) fn united_length(spans: impl IntoIterator<Item = Span>) -> SignedDuration {
    let mut until: Option<Timestamp> = None;
    let mut total = SignedDuration::ZERO;
    for span in spans {
        let start = until.map_or(span.start, |until| span.start.max(until));
        if start < span.end {
            total += span.end.duration_since(start);
        }
        until = Some(until.map_or(span.end, |until| until.max(span.end)));
    }
    total
}

/// How long times are together, to the nanosecond; what overlaps counts twice.
pub fn length(spans: &[Span]) -> SignedDuration {
    spans.iter().map(|span| span.end.duration_since(span.start)).sum()
}

/// From the first start to the last end; `None` of nothing.
pub(super) fn hull(spans: impl IntoIterator<Item = Span>) -> Option<Span> {
    spans
        .into_iter()
        .reduce(|one, other| Span { start: one.start.min(other.start), end: one.end.max(other.end) })
}

/// Whether two times have more than an instant in common; one without a length is in another between its ends.
pub(super) fn overlap(one: Span, other: Span) -> bool {
    one.start.max(other.start) < one.end.min(other.end) || {
        let is_within = |instant: Timestamp, span: Span| span.start < instant && instant < span.end;
        (one.start == one.end && is_within(one.start, other))
            || (other.start == other.end && is_within(other.start, one))
    }
}
