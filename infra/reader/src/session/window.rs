//! The window of a session: what counts of it.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::Window;
use super::grouping::fits;
use super::spans::{hull, length};
use crate::model::{Kind, Report, Span};
use crate::rules::{Rules, WindowBasis, WindowRule};

/// When the session was to take place: a virtual event session's plan; a meeting's where it is this session's, for a
/// recurring meeting's spans the series. `own` are the times of the session, for a report without any.
pub(super) fn plan_of(reports: &[&Report], own: Option<Span>) -> Option<Span> {
    reports.iter().find_map(|report| {
        let plan = report.plan?;
        let overlapped = || report.span.or(own).is_some_and(|span| fits(plan, span));
        (report.series.kind != Kind::Meeting || overlapped()).then_some(plan)
    })
}

/// What counts, by the rules; `None` where there are no times at all.
pub(super) fn window_of(kind: Kind, plan: Option<Span>, own: Option<Span>, rules: &Rules) -> Option<Window> {
    let report = own.map(|span| Window { span, basis: WindowBasis::Report });
    match rules.window {
        WindowRule::Report => report,
        WindowRule::Daily(start, end) => {
            let span = own.and_then(|own| daily(own, start, end, &rules.zone));
            // Times of the day that have nothing of the session are not its plan.
            let span = span.filter(|span| {
                own.and_then(|own| own.intersection(*span)).is_some_and(|common| common.start < common.end)
            });
            span.map(|span| Window { span, basis: WindowBasis::Given }).or(report)
        }
        WindowRule::Plan => {
            let basis = if kind == Kind::Meeting { WindowBasis::Meeting } else { WindowBasis::Session };
            plan.map(|span| Window { span, basis }).or(report)
        }
    }
}

/// The given times of that day which has the most of the session: its first local day, or one beside it where the session
/// is about midnight.
fn daily(own: Span, start: Time, end: Time, zone: &TimeZone) -> Option<Span> {
    let day = own.start.to_zoned(zone.clone()).date();
    let on = |day: jiff::civil::Date| {
        let last = if end <= start { day.tomorrow().ok()? } else { day };
        let instant = |day: jiff::civil::Date, time| {
            day.to_datetime(time).to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
        };
        Span::new(instant(day, start)?, instant(last, end)?)
    };
    let common = |span: &Span| own.intersection(*span).map(|common| length(&[common]));
    let days = [Some(day), day.tomorrow().ok(), day.yesterday().ok()];
    // Of equal ones the first: the day on which it begins.
    days.into_iter().flatten().filter_map(on).reduce(|best, other| {
        if common(&other) > common(&best).max(Some(jiff::SignedDuration::ZERO)) { other } else { best }
    })
}

/// The report's own times, or from the first to the last of the times in it.
pub(super) fn own_times(span: Option<Span>, spans: impl IntoIterator<Item = Span>) -> Option<Span> {
    span.or_else(|| hull(spans))
}
