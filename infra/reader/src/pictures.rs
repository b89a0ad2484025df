//! Pictures of a session and of an archive, as SVG and as a calendar of weeks.
//!
//! Each picture is first laid out as plain numbers and words, and then written by a template, which escapes what Graph sent.
//! A picture in a page takes its colours from the page's style sheet; one that stands alone carries the same rules.

mod axis;
mod bars;
pub mod calendar;
mod curve;
mod legend;
mod rows;
mod sparkline;
mod svg;
mod text;
mod timeline;

#[cfg(test)]
mod tests;

pub use rows::{MarkWords, minutes};
pub use sparkline::sparkline;
pub use timeline::{Absentee, ROWS, Timeline};

/// The colours and fonts of the pictures, for light and dark: a part of the pages' style sheet, too.
pub const STYLE: &str = include_str!("../templates/picture.css");

/// A length in the picture, written with at most one decimal.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Px(pub(crate) f64);

impl std::fmt::Display for Px {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", (self.0 * 10.0).round() / 10.0)
    }
}
