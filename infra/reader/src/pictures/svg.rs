//! The picture of a session as SVG: in a page, beside one, or as a file of its own.

use askama::Template;

use crate::pictures::axis::{Axis, Tick};
use crate::pictures::curve::{BASE, Curve, HEIGHT, Level};
use crate::pictures::legend::{self, Entry};
use crate::pictures::rows::{PictureRow, ROW, TOP};
use crate::pictures::timeline::{ROWS, Timeline};
use crate::pictures::{Px, STYLE};

#[derive(Template)]
#[template(path = "timeline.svg", escape = "html")]
struct Picture {
    /// The style of a picture that stands alone; `None` in a page, which has it already.
    style: Option<&'static str>,
    heading: [String; 3],
    description: String,
    view_top: Px,
    view_height: Px,
    bottom: Px,
    planned: Option<(Px, Px)>,
    late_limit: Option<Px>,
    early_limit: Option<Px>,
    ticks: Vec<Tick>,
    levels: Vec<Level>,
    curve: String,
    most: usize,
    rows: Vec<PictureRow>,
    legend: Vec<Entry>,
    note: String,
}

impl Timeline<'_> {
    /// The picture for a page, which has a heading of its own; `None` where no time at all is known.
    pub fn figure(&self) -> Option<String> {
        self.render(None, false)
    }

    /// The picture as an image for a page: with its style, and without a heading; `None` where no time at all is known.
    pub fn inside(&self) -> Option<String> {
        self.render(Some(STYLE), false)
    }

    /// The picture as a file, with its heading and its style; `None` where no time at all is known.
    pub fn file(&self) -> Option<String> {
        self.render(Some(STYLE), true)
    }

    fn render(&self, style: Option<&'static str>, has_heading: bool) -> Option<String> {
        let axis = Axis::of(self.spans())?;
        let curve = Curve::of(self.session.attendees.iter().map(|attendee| attendee.spans.as_slice()));
        let rows = self.rows(axis);
        let bottom = TOP + ROW * rows.len() as f64;
        let view_top = if has_heading { 0.0 } else { 84.0 };
        let limits = self.limits();
        let picture = Picture {
            style,
            heading: self.heading(),
            description: self.description(rows.len()),
            view_top: Px(view_top),
            view_height: Px(bottom + 92.0 - view_top),
            bottom: Px(bottom),
            planned: self.planned().and_then(|plan| plan.intersection(axis.span())).map(|plan| {
                let from = axis.x(plan.start);
                (Px(from), Px(axis.x(plan.end) - from))
            }),
            late_limit: limits.late.map(|at| Px(axis.x(at))),
            early_limit: limits.early.map(|at| Px(axis.x(at))),
            ticks: axis.ticks(&self.rules.zone),
            levels: curve.levels(),
            curve: curve.path(axis),
            most: curve.most(),
            rows,
            legend: legend::entries(self),
            note: self.note(),
        };
        picture.render().ok()
    }

    fn rows(&self, axis: Axis) -> Vec<PictureRow> {
        let there = self.attendees.iter().take(ROWS).enumerate();
        let mut rows: Vec<PictureRow> =
            there.map(|(index, attendee)| PictureRow::of(self, attendee, axis, index)).collect();
        let count = rows.len();
        let missing = self.absentees.iter().take(ROWS - count).enumerate();
        rows.extend(missing.map(|(index, absentee)| PictureRow::of_absentee(absentee, count + index)));
        rows
    }
}

impl Picture {
    fn title(&self) -> &str {
        &self.heading[0]
    }

    fn curve_top(&self) -> Px {
        Px(BASE - HEIGHT - 8.0)
    }

    fn planned_height(&self) -> Px {
        Px(self.bottom.0 - self.curve_top().0)
    }

    fn below(&self, distance: i32) -> Px {
        Px(self.bottom.0 + f64::from(distance))
    }
}
