//! The curve of people present: how many at once, in steps.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::model::Span;
use crate::pictures::Px;
use crate::pictures::axis::{Axis, LEFT, RIGHT};
use crate::session::{curve, united};

/// Where the curve's axis lies, and how high it goes.
pub(crate) const BASE: f64 = 156.0;
pub(crate) const HEIGHT: f64 = 56.0;

/// How many people are present, from each instant on until the next; a person with two devices counts once.
pub(crate) struct Curve {
    steps: Vec<(Timestamp, usize)>,
}

/// A line across the curve, with its number.
#[derive(Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) y: Px,
    pub(crate) people: usize,
}

impl Curve {
    /// The curve of people, each with the times of attendance.
    pub(crate) fn of<'a>(people: impl IntoIterator<Item = &'a [Span]>) -> Self {
        let united: Vec<Span> = people.into_iter().flat_map(united).collect();
        Self { steps: curve(&united) }
    }

    /// The most people at once.
    pub(crate) fn most(&self) -> usize {
        self.steps.iter().map(|(_, people)| *people).max().unwrap_or(0)
    }

    /// The lines across: 0, and up to three more at round numbers, the last of which is the axis' maximum.
    pub(crate) fn levels(&self) -> Vec<Level> {
        let step = round_step(self.most());
        let count = self.most().div_ceil(step).max(1);
        let y = |index: usize| BASE - HEIGHT * index as f64 / count as f64;
        (0..=count).map(|index| Level { y: Px(y(index)), people: index * step }).collect()
    }

    /// The curve's line as an SVG path, from the plot's left to its right, with at most one step a pixel: the highest.
    pub(crate) fn path(&self, axis: Axis) -> String {
        let maximum = round_step(self.most()) * self.most().div_ceil(round_step(self.most())).max(1);
        let mut path = format!("M{} {}", Px(LEFT), Px(BASE));
        let mut columns: Vec<(f64, usize)> = Vec::new();
        for (at, people) in &self.steps {
            let x = axis.x(*at).clamp(LEFT, RIGHT);
            match columns.last_mut() {
                Some(last) if self.steps.len() > 600 && x - last.0 < 1.0 => last.1 = last.1.max(*people),
                _ => columns.push((x, *people)),
            }
        }
        // Where steps are taken together, the last one of all must not stay above who is left at the end.
        if let (Some(last), Some((_, people))) = (columns.last_mut(), self.steps.last()) {
            last.1 = *people;
        }
        for (x, people) in columns {
            let y = BASE - HEIGHT * people as f64 / maximum as f64;
            // Writing to a `String` cannot fail.
            let _ = write!(path, "H{}V{}", Px(x), Px(y));
        }
        path + &format!("H{}", Px(RIGHT))
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50 and so on of which three make at least `most`.
fn round_step(most: usize) -> usize {
    let mut decade = 1;
    loop {
        for factor in [1, 2, 5] {
            if factor * decade * 3 >= most {
                return factor * decade;
            }
        }
        decade *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        let at = |time: &str| format!("2026-10-14T{time}:00Z").parse().unwrap();
        Span::new(at(start), at(end)).unwrap()
    }

    #[test]
    fn two_devices_of_one_person_count_once() {
        let devices = [span("10:00", "10:41"), span("10:22", "11:00")];
        let other = [span("10:30", "10:50")];
        let curve = Curve::of([&devices[..], &other[..]]);
        let people: Vec<usize> = curve.steps.iter().map(|(_, people)| *people).collect();
        assert_eq!(people, [1, 2, 1, 0]);
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        let top = |most: usize| {
            let spans = vec![vec![span("10:00", "11:00")]; most];
            let levels = Curve::of(spans.iter().map(Vec::as_slice)).levels();
            (levels.len(), levels.last().unwrap().people, levels.last().unwrap().y)
        };
        assert_eq!(top(0), (2, 1, Px(100.0)));
        assert_eq!(top(9), (3, 10, Px(100.0)));
        assert_eq!(top(16), (3, 20, Px(100.0)));
        assert_eq!(top(300), (4, 300, Px(100.0)));
    }

    #[test]
    fn many_people_make_a_path_of_a_step_a_pixel() {
        let start: Timestamp = "2026-10-14T10:00:00Z".parse().unwrap();
        let at = |second: i64| Timestamp::from_second(start.as_second() + second).unwrap();
        let people: Vec<[Span; 1]> =
            (0..20_000).map(|n| [Span::new(at(n % 1800), at(1800 + n % 1700)).unwrap()]).collect();
        let curve = Curve::of(people.iter().map(<[Span; 1]>::as_slice));
        let path = curve.path(Axis::of(Span::new(at(0), at(3600))).unwrap());
        assert!(path.len() < 12_000, "{}", path.len());
        assert!(path.ends_with("V156H856"), "{path}");
    }
}
