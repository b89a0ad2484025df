//! What a tenant of 200,000 users takes: what was counted for each meeting, times its meetings, under the limits that
//! Microsoft documents.

use std::fmt::Write;

use super::{Counts, Growth};

#[expect(dead_code, reason = "API Gateway, alarms, metrics and secrets do not grow with a run")]
#[path = "../../../pipeline/stack_cost/price.rs"]
mod price;

/// Each user organizes a meeting every second working day.
const MEETINGS_A_DAY: f64 = 100_000.0;
/// Calls between two people among them: a tenant of 35,000 users counted 97,000 to 155,000 call records a day.
const CALL_RECORDS_A_DAY: f64 = 720_000.0;
const CALL_RECORDS_A_PAGE: f64 = 60.0;
const USERS: f64 = 200_000.0;
/// Events in a calendar on a working day, be they the user's own or not.
const EVENTS_A_DAY: f64 = 4.0;
const EVENTS_A_PAGE: f64 = 25.0;

/// Lists of call records: 40 in 20 s. <https://learn.microsoft.com/graph/throttling-limits>
const LISTS_A_SECOND: f64 = 2.0;
/// Online meetings and attendance reports have no limit of their own; that of unlisted requests to Teams, for each
/// application and tenant, is taken for theirs. <https://learn.microsoft.com/graph/throttling-limits>
const MEETING_CALLS_A_SECOND: f64 = 30.0;
/// Calendars are limited by the mailbox: so many pages three invocations of 25 calls at once read, at 200 ms each.
const CALENDAR_PAGES_A_SECOND: f64 = 3.0 * 25.0 / 0.2;

/// What a message and a batch log, and how long a call of SQS takes: as `stack_cost.rs` has them.
const LOG_BYTES: f64 = 740.0;
const BATCH_LOG_BYTES: f64 = 240.0;
const QUEUE_CALL_SECONDS: f64 = 0.02;

/// Gigabytes of a function's memory, as the stack has them.
fn gigabytes(function: &str) -> f64 {
    if function == "backfill" { 0.25 } else { 0.5 }
}

/// Dollars of what was counted, at list prices, without the webhook. The processor's time is not among it.
pub(super) fn dollars(counts: &Counts) -> f64 {
    let of_functions = counts.functions.iter().map(|(function, work)| {
        let (invocations, messages) = (work.invocations as f64, work.messages as f64);
        let seconds = work.seconds + messages * QUEUE_CALL_SECONDS;
        invocations * price::INVOCATION
            + (messages + 2.0 * invocations) * price::QUEUE_CALL
            + seconds * gigabytes(function) * price::GIGABYTE_SECOND
            + (messages * LOG_BYTES + invocations * BATCH_LOG_BYTES) * price::LOG_BYTE
    });
    let requests = |kind: &str| counts.s3.get(kind).copied().unwrap_or_default() as f64;
    of_functions.sum::<f64>()
        + (requests("PUT") + requests("LIST")) * price::S3_WRITE
        + (requests("HEAD") + requests("GET")) * price::S3_READ
}

/// Something that the tenant's deployment does.
struct Occasion {
    name: &'static str,
    /// Which of the steps it is like.
    step: usize,
    /// How many working days of meetings it looks at.
    days: f64,
    /// How many working days of call records it lists: a day more than its own, and none that Graph has forgotten.
    listed_days: f64,
    /// Whether it reads calendars.
    has_calendars: bool,
    /// Whether it reads reports, too: once each.
    reads_reports: bool,
    /// How often it happens on a working day in the middle of the week; 0 for what happens once.
    a_day: f64,
}

const OCCASIONS: [Occasion; 7] = [
    occasion("a day's meetings, notified of", 1, 1.0, 0.0, 1.0),
    occasion("a reconcile of one day", 2, 1.0, 2.0, 4.0),
    Occasion { reads_reports: true, ..occasion("the night's reconcile of three days", 2, 3.0, 4.0, 1.0) },
    occasion("the night's ledger of eight days", 3, 6.0, 7.0, 1.0),
    Occasion { has_calendars: true, ..occasion("the week's reconcile of thirty days", 2, 22.0, 22.0, 0.0) },
    Occasion {
        has_calendars: true,
        ..occasion("a month's reconcile, or ledger, of a year", 2, 260.0, 22.0, 0.0)
    },
    Occasion { has_calendars: true, ..occasion("the first backfill, of a year", 0, 260.0, 22.0, 0.0) },
];

const fn occasion(name: &'static str, step: usize, days: f64, listed_days: f64, a_day: f64) -> Occasion {
    let reads_reports = step != 2;
    Occasion { name, step, days, listed_days, has_calendars: false, reads_reports, a_day }
}

/// What an occasion takes.
struct Taken {
    meeting_calls: f64,
    list_pages: f64,
    calendar_pages: f64,
    dollars: f64,
}

impl Occasion {
    fn taken(&self, growth: &Growth) -> Taken {
        let (counts, meetings) = (&growth.steps[self.step], growth.meetings as f64);
        let calls = |kinds: &[&str]| {
            let counted = kinds.iter().filter_map(|kind| counts.graph.get(kind)).sum::<usize>();
            counted as f64 / meetings * self.days * MEETINGS_A_DAY
        };
        let looks = calls(&["meeting by its address", "meeting", "list of reports"]);
        // A reconcile of three days reads the reports of one day: the others were read the nights before.
        let share = if self.step == 2 { 1.0 / self.days } else { 1.0 };
        let reads = if self.reads_reports { calls(&["report"]) * share } else { 0.0 };
        let pages = (EVENTS_A_DAY * self.days / EVENTS_A_PAGE).ceil() * USERS;
        Taken {
            meeting_calls: looks + reads,
            list_pages: self.listed_days * CALL_RECORDS_A_DAY / CALL_RECORDS_A_PAGE,
            calendar_pages: if self.has_calendars { pages } else { 0.0 },
            dollars: dollars(counts) / meetings * self.days * MEETINGS_A_DAY,
        }
    }
}

impl Taken {
    /// Hours at the limits of meetings and reports, of lists of call records, and of calendars.
    fn hours(&self) -> [f64; 3] {
        [
            self.meeting_calls / MEETING_CALLS_A_SECOND / 3_600.0,
            self.list_pages / LISTS_A_SECOND / 3_600.0,
            self.calendar_pages / CALENDAR_PAGES_A_SECOND / 3_600.0,
        ]
    }
}

/// What the tenant's deployment takes, by the counts of `growth`, in Markdown.
pub fn tenant_table(growth: &Growth) -> String {
    let mut text = String::from(
        "| | calls for meetings and reports | pages of call records | pages of calendars | hours at each limit | dollars |\n|---|--:|--:|--:|--:|--:|\n",
    );
    let mut a_day = [0.0; 6];
    for occasion in &OCCASIONS {
        let taken = occasion.taken(growth);
        let [meetings, lists, calendars] = taken.hours();
        let values = [taken.meeting_calls, taken.list_pages, meetings, lists, calendars, taken.dollars];
        let sum = a_day.iter_mut().zip(values);
        sum.for_each(|(sum, value)| *sum += value * occasion.a_day);
        let Taken { meeting_calls, list_pages, calendar_pages, dollars } = taken;
        let name = occasion.name;
        writeln!(text, "| {name} | {meeting_calls:.0} | {list_pages:.0} | {calendar_pages:.0} | {meetings:.1}, {lists:.1}, {calendars:.1} | {dollars:.2} |").ok();
    }
    let [calls, pages, meetings, lists, calendars, dollars] = a_day;
    writeln!(text, "| **a working day together** | {calls:.0} | {pages:.0} | 0 | {meetings:.1}, {lists:.1}, {calendars:.1} | {dollars:.2} |").ok();
    text
}
