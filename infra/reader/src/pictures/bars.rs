//! The bars of a row: when somebody was there, in one lane, or in two where devices overlap.

use crate::model::{Interval, Span};
use crate::pictures::Px;
use crate::pictures::axis::{Axis, LEFT, RIGHT};
use crate::session::{lanes, united};
use crate::times;

/// The most bars that are drawn apart; of more, one band is drawn with the number.
const MOST_BARS: usize = 12;
/// The narrowest bar, and the widest gap that is closed.
const LEAST: f64 = 2.0;
/// How far a time of which one end is not known is drawn.
const OPEN: f64 = 24.0;

/// The bars of a row, with places in the picture.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Bars {
    pub(crate) bars: Vec<Bar>,
    /// The dotted lines over the gaps.
    pub(crate) gaps: Vec<(Px, Px)>,
    /// The frames of times of which one end is not known, as SVG paths.
    pub(crate) open: Vec<String>,
    /// One band in the place of too many bars: from, width, and how many.
    pub(crate) band: Option<(Px, Px, usize)>,
}

/// One bar.
#[derive(Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) width: Px,
    pub(crate) height: Px,
}

impl Bars {
    /// The bars of these times in the row whose middle is at `middle`.
    pub(crate) fn of(spans: &[Span], unclear: &[Interval], axis: Axis, middle: f64) -> Self {
        let open = unclear.iter().filter_map(|interval| open_frame(interval, axis, middle)).collect();
        let joined = closed(united(spans).iter().filter_map(|span| place(*span, axis)));
        if joined.len() > MOST_BARS {
            let (from, to) = (joined[0].0, joined[joined.len() - 1].1);
            return Self { band: Some((Px(from), Px(to - from), spans.len())), open, ..Self::default() };
        }
        let gaps = joined.windows(2).map(|pair| (Px(pair[0].1), Px(pair[1].0))).collect();
        let bars = match overlap(spans) {
            None => joined.iter().map(|place| bar(*place, middle - 7.0, 14.0)).collect(),
            Some(_) => in_two_lanes(spans, axis, middle),
        };
        Self { bars, gaps, open, band: None }
    }

    /// Whether anything is drawn between two places.
    pub(crate) fn touches(&self, from: f64, to: f64) -> bool {
        let hits = |x: Px, width: Px| x.0 < to && x.0 + width.0 > from;
        self.bars.iter().any(|bar| hits(bar.x, bar.width))
            || self.band.is_some_and(|(x, width, _)| hits(x, width))
            || !self.open.is_empty()
    }
}

/// The first time in which two devices of one person overlap.
pub(crate) fn overlap(spans: &[Span]) -> Option<Span> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let mut before: Option<Span> = None;
    for span in sorted {
        if let Some(both) =
            before.and_then(|before| before.intersection(span)).filter(|both| both.seconds() > 1)
        {
            return Some(both);
        }
        before = before.filter(|before| before.end > span.end).or(Some(span));
    }
    None
}

/// The first lane above, and all others below: more than two would not fit.
fn in_two_lanes(spans: &[Span], axis: Axis, middle: f64) -> Vec<Bar> {
    let mut lanes = lanes(spans).into_iter();
    let upper = lanes.next().unwrap_or_default();
    let lower: Vec<Span> = lanes.flatten().collect();
    let lane = |spans: &[Span], y: f64| {
        let places: Vec<_> = united(spans).into_iter().filter_map(|span| place(span, axis)).collect();
        closed(places.into_iter()).into_iter().map(move |place| bar(place, y, 8.0))
    };
    lane(&upper, middle - 9.0).chain(lane(&lower, middle + 1.0)).collect()
}

fn bar((from, to): (f64, f64), y: f64, height: f64) -> Bar {
    Bar { x: Px(from), y: Px(y), width: Px(to - from), height: Px(height) }
}

/// Where a time lies in the plot, at least two wide; `None` where it lies outside.
fn place(span: Span, axis: Axis) -> Option<(f64, f64)> {
    let both = span.intersection(axis.span())?;
    let from = axis.x(both.start).min(RIGHT - LEAST);
    Some((from, axis.x(both.end).max(from + LEAST)))
}

/// The places in order, with narrow gaps closed.
fn closed(places: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (from, to) in places {
        match joined.last_mut() {
            Some(last) if from - last.1 < LEAST => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// A frame that is open at the end that is not known.
fn open_frame(interval: &Interval, axis: Axis, middle: f64) -> Option<String> {
    let (top, bottom) = (Px(middle - 6.0), Px(middle + 6.0));
    let (from, to) = match (interval.join, interval.leave) {
        (Some(join), _) => (axis.x(join), axis.x(join) + OPEN),
        (None, Some(leave)) => (axis.x(leave), axis.x(leave) - OPEN),
        (None, None) => return None,
    };
    let [from, to] = [from, to].map(|x| Px(x.clamp(LEFT, RIGHT)));
    Some(format!("M{to} {top}H{from}V{bottom}H{to}"))
}

/// The times in words: `09:59–11:02, 11:05–`; of more than twelve, how many more there are.
pub(crate) fn in_words(spans: &[Span], unclear: &[Interval], zone: &jiff::tz::TimeZone) -> String {
    let known = spans.iter().map(|span| times::hours(*span, zone));
    let end = |at: Option<jiff::Timestamp>| at.map_or("?".to_owned(), |at| times::time(at, zone));
    let open = unclear.iter().map(|interval| format!("{}–{}", end(interval.join), end(interval.leave)));
    let mut words: Vec<String> = known.chain(open).collect();
    let more = words.len().saturating_sub(MOST_BARS);
    words.truncate(MOST_BARS);
    match more {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        let at = |time: &str| format!("2026-10-14T{time}Z").parse().unwrap();
        Span::new(at(start), at(end)).unwrap()
    }

    fn bars(spans: &[Span]) -> Bars {
        let axis = Axis::of([span("10:00:00", "11:00:00")]).unwrap();
        Bars::of(spans, &[], axis, 192.0)
    }

    #[test]
    fn overlapping_devices_have_two_lanes_of_eight() {
        let drawn = bars(&[span("10:00:00", "10:41:00"), span("10:22:00", "11:00:00")]);
        let lanes: Vec<_> = drawn.bars.iter().map(|bar| (bar.y, bar.height)).collect();
        assert_eq!(lanes, [(Px(183.0), Px(8.0)), (Px(193.0), Px(8.0))]);
        assert_eq!(drawn.gaps, []);
    }

    #[test]
    fn a_gap_has_a_dotted_line_and_a_narrow_one_is_closed() {
        let drawn =
            bars(&[span("10:00:00", "10:30:00"), span("10:30:10", "10:40:00"), span("10:50:00", "11:00:00")]);
        assert_eq!(drawn.bars.len(), 2);
        assert_eq!(drawn.gaps, [(Px(648.0), Px(752.0))]);
    }

    #[test]
    fn a_bar_of_no_length_is_two_wide_and_forty_are_one_band() {
        assert_eq!(bars(&[span("11:00:00", "11:00:00")]).bars[0].width, Px(2.0));
        let rejoins: Vec<Span> =
            (0..40).map(|n| span(&format!("10:{n:02}:00"), &format!("10:{n:02}:30"))).collect();
        let drawn = bars(&rejoins);
        assert_eq!(drawn.band.map(|(_, _, joins)| joins), Some(40));
        assert!(drawn.bars.is_empty());
    }

    #[test]
    fn a_time_without_an_end_is_drawn_open() {
        let axis = Axis::of([span("10:00:00", "11:00:00")]).unwrap();
        let join = Some(span("10:30:00", "10:30:00").start);
        let drawn = Bars::of(&[], &[Interval { join, leave: None, seconds: None }], axis, 192.0);
        assert_eq!(drawn.open, ["M568 186H544V198H568"]);
    }
}
