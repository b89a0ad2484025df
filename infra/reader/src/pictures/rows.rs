//! The rows of a session's picture: who, the bars, the minutes and the mark.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Kind, Role};
use crate::pictures::Px;
use crate::pictures::axis::{Axis, LEFT, RIGHT};
use crate::pictures::bars::{self, Bars};
use crate::pictures::text::{fitting, isolated};
use crate::pictures::timeline::{Absentee, Timeline};
use crate::rules::Mark;
use crate::session::{Attendee, SecondsBasis};
use crate::times;
use crate::words::{self, one_line};

/// Where the first row begins, and how high each is.
pub(crate) const TOP: f64 = 176.0;
pub(crate) const ROW: f64 = 32.0;
/// How many letters of a name and of what stands below it fit beside the plot.
const NAME_LETTERS: f64 = 23.0;
const ABOUT_LETTERS: f64 = 31.0;
/// The room that `late 14` takes.
const FLAG: f64 = 52.0;

/// One row, with places in the picture.
pub(crate) struct PictureRow {
    /// The row in words.
    pub(crate) title: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) role: &'static str,
    pub(crate) top: Px,
    pub(crate) bars: Bars,
    pub(crate) late: Option<Flag>,
    pub(crate) early: Option<Flag>,
    /// Told in the plot where there are no bars.
    pub(crate) note: Option<&'static str>,
    pub(crate) minutes: String,
    /// What Graph counts, where it differs, and where that ends.
    pub(crate) graph: Option<(i64, Px)>,
    pub(crate) mark: MarkWords,
    /// Whether the person did not come: a dashed frame.
    pub(crate) is_missing: bool,
}

/// A mark as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct MarkWords {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// The glyph that tells it without colours.
    pub glyph: &'static str,
    /// Its name in a word or two: `present`, `late`.
    pub words: &'static str,
}

impl MarkWords {
    /// The words of a mark.
    pub fn of(mark: Mark) -> Self {
        Self { class: mark.class(), glyph: mark.glyph(), words: mark.words() }
    }
}

/// How late, or how early, and where that is written.
pub(crate) struct Flag {
    pub(crate) words: String,
    pub(crate) x: Px,
    /// From the limit to the first join; where there is one.
    pub(crate) line: Option<(Px, Px)>,
}

impl PictureRow {
    /// The distance from the top of the picture of something in the row.
    pub(crate) fn y(&self, below: i32) -> Px {
        Px(self.top.0 + f64::from(below))
    }

    /// The row of somebody who is in a record.
    pub(crate) fn of(timeline: &Timeline<'_>, attendee: &Attendee, axis: Axis, index: usize) -> Self {
        let kind = timeline.session.series.kind;
        let top = TOP + ROW * index as f64;
        let bars = Bars::of(&attendee.spans, &attendee.unclear, axis, top + 16.0);
        let minutes = minutes(attendee.seconds);
        let graph = attendee.graph_seconds.filter(|_| attendee.differs).map(|seconds| {
            let wider = 8.0 * (minutes.chars().count().max(2) - 2) as f64;
            (seconds.div_euclid(60), Px(892.0 - wider))
        });
        let mark = attendee.mark;
        let first = late_and_early(timeline, attendee, axis, &bars);
        Self {
            title: title(timeline, attendee),
            name: fitting(&one_line(&words::name(&attendee.person)), NAME_LETTERS),
            about: fitting(&about(timeline, attendee, kind), ABOUT_LETTERS),
            role: role_class(attendee.role, kind),
            top: Px(top),
            note: note(attendee),
            bars,
            late: first.0,
            early: first.1,
            minutes,
            graph,
            mark: MarkWords::of(mark),
            is_missing: false,
        }
    }

    /// The row of somebody who did not come.
    pub(crate) fn of_absentee(absentee: &Absentee, index: usize) -> Self {
        let name = one_line(&absentee.name);
        let mark = absentee.mark;
        let minutes = if mark.is_known() { "0" } else { "–" };
        Self {
            title: format!("{}: {}; {}", isolated(&name), absentee.why, mark.words()),
            name: fitting(&name, NAME_LETTERS),
            about: fitting(&absentee.why, ABOUT_LETTERS),
            role: "attendee",
            top: Px(TOP + ROW * index as f64),
            bars: Bars::default(),
            late: None,
            early: None,
            note: None,
            minutes: minutes.to_owned(),
            graph: None,
            mark: MarkWords::of(mark),
            is_missing: true,
        }
    }
}

/// Whole minutes, rounded down; a dash where they are not known.
pub fn minutes(seconds: Option<i64>) -> String {
    seconds.map_or("–".to_owned(), |seconds| seconds.div_euclid(60).to_string())
}

fn role_class(role: Role, kind: Kind) -> &'static str {
    match words::role(role, kind) {
        "Organizer" => "organizer",
        "Presenter" => "presenter",
        _ => "attendee",
    }
}

/// What stands below the name: a role, that there were two devices, the address.
fn about(timeline: &Timeline<'_>, attendee: &Attendee, kind: Kind) -> String {
    if let Some(both) = bars::overlap(&attendee.spans) {
        let time = |at| times::time(at, &timeline.rules.zone);
        return format!("two devices at {} to {}", time(both.start), time(both.end));
    }
    let about = words::about(&attendee.person);
    match words::role(attendee.role, kind) {
        "Attendee" => about,
        role => format!("{role} · {about}"),
    }
}

fn note(attendee: &Attendee) -> Option<&'static str> {
    match attendee.basis {
        SecondsBasis::Times => None,
        SecondsBasis::AsGraph => Some("as Graph counts: no times were sent"),
        SecondsBasis::NamedOnly => Some("named, without times"),
        SecondsBasis::Nothing if attendee.unclear.is_empty() => Some("nothing is known but the name"),
        SecondsBasis::Nothing => None,
    }
}

fn title(timeline: &Timeline<'_>, attendee: &Attendee) -> String {
    let name = isolated(&one_line(&words::name(&attendee.person)));
    let role = words::role(attendee.role, timeline.session.series.kind).to_lowercase();
    let times = match bars::in_words(&attendee.spans, &attendee.unclear, &timeline.rules.zone) {
        times if times.is_empty() => note(attendee).unwrap_or_default().to_owned(),
        times => times,
    };
    let graph = match attendee.graph_seconds {
        Some(seconds) if attendee.differs => format!(" (Graph counts {})", seconds.div_euclid(60)),
        _ => String::new(),
    };
    let minutes = minutes(attendee.seconds);
    format!("{name}, {role}: {times}; {minutes} minutes{graph}; {}", attendee.mark.details())
}

/// The flags of who was late or left early, where nothing is drawn in their place.
fn late_and_early(
    timeline: &Timeline<'_>,
    attendee: &Attendee,
    axis: Axis,
    bars: &Bars,
) -> (Option<Flag>, Option<Flag>) {
    let limits = timeline.limits();
    let late = attendee.late_by.filter(|_| attendee.mark.is_late).zip(limits.late).and_then(|(by, limit)| {
        let limit = axis.x(limit);
        let from = limit - FLAG - 8.0;
        let is_free = from >= LEFT && !bars.touches(from, limit);
        let line = first_join_after(timeline, attendee).map(|join| (Px(limit), Px(axis.x(join) - 2.0)));
        is_free.then(|| Flag { words: format!("late {}", whole_minutes(by)), x: Px(limit - 22.0), line })
    });
    let early =
        attendee.early_by.filter(|_| attendee.mark.left_early).zip(limits.early).and_then(|(by, limit)| {
            let limit = axis.x(limit);
            let is_free = limit + FLAG + 8.0 <= RIGHT && !bars.touches(limit, limit + FLAG + 8.0);
            is_free.then(|| Flag {
                words: format!("{} early", whole_minutes(by)),
                x: Px(limit + 6.0),
                line: None,
            })
        });
    (late, early)
}

fn first_join_after(timeline: &Timeline<'_>, attendee: &Attendee) -> Option<Timestamp> {
    let window = timeline.session.window?.span;
    attendee
        .spans
        .iter()
        .filter(|span| span.end > window.start)
        .map(|span| span.start.max(window.start))
        .min()
}

fn whole_minutes(length: SignedDuration) -> i64 {
    length.as_secs().div_euclid(60)
}
