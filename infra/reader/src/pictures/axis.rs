//! The axis of time: from an instant to its place in the picture.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::model::Span;
use crate::pictures::Px;
use crate::times;

/// Where the plot begins and ends in the picture.
pub(crate) const LEFT: f64 = 232.0;
pub(crate) const RIGHT: f64 = 856.0;

/// Minutes between two ticks; the first that makes at most [`MOST_TICKS`] is taken.
const STEPS: [i64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 240];
const MOST_TICKS: i64 = 10;
const FIVE_MINUTES: i64 = 300;

/// The axis of time of a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    span: Span,
}

/// A tick of the axis.
#[derive(Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) x: Px,
    pub(crate) label: String,
}

impl Axis {
    /// The axis that shows these times, outward to five minutes; `None` where there are none.
    pub(crate) fn of(spans: impl IntoIterator<Item = Span>) -> Option<Self> {
        let both =
            spans.into_iter().reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })?;
        let start = both.start.as_second().div_euclid(FIVE_MINUTES) * FIVE_MINUTES;
        let end = -(-both.end.as_second()).div_euclid(FIVE_MINUTES) * FIVE_MINUTES;
        let end = end.max(start + FIVE_MINUTES);
        Some(Self {
            span: Span::new(Timestamp::from_second(start).ok()?, Timestamp::from_second(end).ok()?)?,
        })
    }

    /// The time that is shown.
    pub(crate) fn span(self) -> Span {
        self.span
    }

    /// The place of an instant, which may lie outside of the plot.
    pub(crate) fn x(self, at: Timestamp) -> f64 {
        let whole = self.span.end.duration_since(self.span.start).as_secs_f64();
        LEFT + (RIGHT - LEFT) * at.duration_since(self.span.start).as_secs_f64() / whole
    }

    /// The ticks, at whole steps of the local time at the axis' start. After a change of clocks they go on by instants,
    /// and each label carries its offset.
    pub(crate) fn ticks(self, zone: &TimeZone) -> Vec<Tick> {
        let seconds = self.span.seconds();
        let step = self.step();
        let offset = |at: Timestamp| i64::from(zone.to_offset(at).seconds());
        let changes = offset(self.span.start) != offset(self.span.end);
        let local = self.span.start.as_second() + offset(self.span.start);
        let first = (-local).rem_euclid(step);
        (first..=seconds)
            .step_by(usize::try_from(step).unwrap_or(usize::MAX))
            .filter_map(|after| self.span.start.checked_add(after.seconds()).ok())
            .map(|at| Tick { x: Px(self.x(at)), label: times::tick(at, zone, changes) })
            .collect()
    }

    /// The seconds between two ticks. A time too long for any step gets one of whole days.
    fn step(self) -> i64 {
        let seconds = self.span.seconds();
        let fits = |step: &i64| seconds / step < MOST_TICKS;
        let day = 86_400;
        STEPS
            .iter()
            .map(|minutes| minutes * 60)
            .find(fits)
            .unwrap_or(day * (1 + seconds / (day * MOST_TICKS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(start: &str, end: &str) -> Axis {
        Axis::of(Span::new(start.parse().unwrap(), end.parse().unwrap())).unwrap()
    }

    #[test]
    fn times_go_outward_to_five_minutes() {
        let axis = axis("2026-10-14T07:56:02Z", "2026-10-14T09:04:10Z");
        assert_eq!(axis.span().start, "2026-10-14T07:55:00Z".parse().unwrap());
        assert_eq!(axis.span().end, "2026-10-14T09:05:00Z".parse().unwrap());
        assert_eq!((axis.x(axis.span().start), axis.x(axis.span().end)), (LEFT, RIGHT));
    }

    #[test]
    fn the_first_step_with_at_most_ten_ticks_is_taken() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let labels = |axis: Axis| axis.ticks(&zone).into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        let hour = labels(axis("2026-10-14T07:56:02Z", "2026-10-14T09:04:10Z"));
        assert_eq!(hour, ["10:00", "10:10", "10:20", "10:30", "10:40", "10:50", "11:00"]);
        let nothing = labels(axis("2026-10-14T08:00:00Z", "2026-10-14T08:00:00Z"));
        assert_eq!(nothing, ["10:00", "10:01", "10:02", "10:03", "10:04", "10:05"]);
        assert!(labels(axis("2026-10-14T08:00:00Z", "2026-12-14T08:00:00Z")).len() <= 10);
    }

    #[test]
    fn where_clocks_change_each_label_carries_the_offset() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let ticks = axis("2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z").ticks(&zone);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels[..4], ["02:30 +2", "02:40 +2", "02:50 +2", "02:00 +1"]);
    }
}
