//! What a tenant of 200,000 users takes: what was counted for each meeting, times its meetings, under the limits that
//! Microsoft documents.

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
/// As many as Rollcall asks for: three invocations of 25 calls at once, at 200 ms each. Calendars are limited by the mailbox.
const MOST_CALLS_A_SECOND: f64 = 3.0 * 25.0 / 0.2;

/// Gigabytes of a function's memory, as the stack has them.
fn gigabytes(function: &str) -> f64 {
    if function == "backfill" { 0.25 } else { 0.5 }
}

/// Dollars of what was counted, at list prices, without the webhook. The processor's time is not among it.
pub(super) fn dollars(counts: &Counts) -> f64 {
    let of_functions = counts.functions.iter().map(|(function, work)| {
        let (invocations, messages) = (work.invocations as f64, work.messages as f64);
        let seconds = work.seconds + messages * price::AWS_CALL_SECONDS;
        invocations * price::INVOCATION
            + (messages + 2.0 * invocations) * price::QUEUE_CALL
            + seconds * gigabytes(function) * price::GIGABYTE_SECOND
            + (messages * price::MESSAGE_LOG_BYTES + invocations * price::BATCH_LOG_BYTES) * price::LOG_BYTE
    });
    let requests = |kind: &str| counts.s3.get(kind).copied().unwrap_or_default() as f64;
    of_functions.sum::<f64>()
        + (requests("PUT") + requests("LIST")) * price::S3_WRITE
        + (requests("HEAD") + requests("GET")) * price::S3_READ
}

/// The place of the reconcile among the steps.
const RECONCILE: usize = 2;

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
    let reads_reports = step != RECONCILE;
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
        let counted = |step: usize, kinds: &[&str]| {
            let counts = kinds.iter().filter_map(|kind| growth.steps[step].graph.get(kind));
            counts.sum::<usize>() as f64 / growth.meetings as f64
        };
        let (looks, reads) = (["meeting by its address", "meeting", "list of reports"], ["report"]);
        // A meeting that only a calendar names is looked for as a reconcile does it: its call is not kept, too.
        let known = if self.has_calendars { self.listed_days } else { self.days };
        let meetings = known * counted(self.step, &looks) + (self.days - known) * counted(RECONCILE, &looks);
        // A reconcile reads the reports of one day once more: the others were read the nights before.
        let read_days = if self.step == RECONCILE { 1.0 } else { self.days };
        let reports = if self.reads_reports { read_days * counted(self.step, &reads) } else { 0.0 };
        // A list is found to be long by reading some of it.
        let pages_of_a_page = counted(RECONCILE, &["page of call records"]) * CALL_RECORDS_A_PAGE;
        let calendar_pages = (EVENTS_A_DAY * self.days / EVENTS_A_PAGE).ceil() * USERS;
        let dollars = dollars(&growth.steps[self.step]) / growth.meetings as f64;
        Taken {
            meeting_calls: (meetings + reports) * MEETINGS_A_DAY,
            list_pages: self.listed_days * CALL_RECORDS_A_DAY / CALL_RECORDS_A_PAGE * pages_of_a_page,
            calendar_pages: if self.has_calendars { calendar_pages } else { 0.0 },
            dollars: dollars * self.days * MEETINGS_A_DAY,
        }
    }
}

impl Taken {
    fn cells(&self) -> [f64; 4] {
        [self.meeting_calls, self.list_pages, self.calendar_pages, self.dollars]
    }
}

/// A row: the calls, and the hours that they take at each limit.
fn row(name: &str, [calls, lists, calendars, dollars]: [f64; 4]) -> String {
    let hours = |count: f64, a_second: f64| count / a_second / 3_600.0;
    let (slow, fast) = (hours(calls, MEETING_CALLS_A_SECOND), hours(calls, MOST_CALLS_A_SECOND));
    let (of_lists, of_calendars) = (hours(lists, LISTS_A_SECOND), hours(calendars, MOST_CALLS_A_SECOND));
    format!(
        "| {name} | {calls:.0} | {slow:.1} | {fast:.1} | {lists:.0} | {of_lists:.1} | {calendars:.0} | {of_calendars:.1} | {dollars:.2} |\n"
    )
}

/// What the tenant's deployment takes, by the counts of `growth`, in Markdown.
pub fn tenant_table(growth: &Growth) -> String {
    let heads = "calls for meetings and reports | h at 30 a s | h at 375 a s | pages of call records | h at 2 a s | pages of calendars | h at 375 a s | $";
    let (mut text, mut a_day) = (format!("| | {heads} |\n|---|{}\n", "--:|".repeat(8)), [0.0; 4]);
    for occasion in &OCCASIONS {
        let cells = occasion.taken(growth).cells();
        text += &row(occasion.name, cells);
        a_day.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += cell * occasion.a_day);
    }
    text + &row("**a working day: the first four, the second four times**", a_day)
}
