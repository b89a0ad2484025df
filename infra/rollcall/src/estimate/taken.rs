//! What was counted for a meeting, times a tenant's meetings, under the limits that Microsoft documents: docs/PERFORMANCE.md,
//! "Growth" and "A tenant of 200,000 users". `just growth` counts it anew; a test holds both to the same numbers.

/// Calls for a meeting that call records name: three searches by its address, and two lists of its reports.
const LOOKS_OF_A_CALL: f64 = 5.0;
/// Calls for one that calendars alone name: a search, and a list.
const LOOKS_OF_AN_ENTRY: f64 = 2.0;
/// Reports of a meeting: one in ten has none.
const REPORTS_OF_A_MEETING: f64 = 0.9;
/// A list of call records is found to be long by reading some of it.
const PAGES_OF_A_PAGE: f64 = 1.122;
const CALL_RECORDS_A_PAGE: f64 = 60.0;
/// Events in a calendar on a working day, be they the user's own or not.
const EVENTS_A_DAY: f64 = 4.0;
const EVENTS_A_PAGE: f64 = 25.0;
/// AWS's list prices of October 2026, of what a first backfill was counted to take.
const DOLLARS_A_MEETING: f64 = 63.682e-6;

/// Lists of call records: 40 in 20 s. <https://learn.microsoft.com/graph/throttling-limits>
pub(super) const LISTS_A_SECOND: f64 = 2.0;
/// Requests to Teams that the same page does not list, for each application and tenant.
pub(super) const SLOWEST_A_SECOND: f64 = 30.0;
/// As many as Rollcall asks for: three invocations of 25 calls at once, at 200 ms each.
pub(super) const FASTEST_A_SECOND: f64 = 375.0;

/// What a backfill looks through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tenant {
    /// How many users' calendars are read.
    pub(super) users: f64,
    /// How many meetings they organize on a working day.
    pub(super) meetings_a_day: f64,
    /// How many call records there are on a working day.
    pub(super) call_records_a_day: f64,
    /// How many working days are looked through.
    pub(super) days: f64,
    /// Of how many working days call records are listed: Graph forgets them after 30 days.
    pub(super) listed_days: f64,
}

/// What a backfill takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Taken {
    /// Meetings that are looked for.
    pub(super) meetings: f64,
    /// Calls for meetings and reports.
    pub(super) meeting_calls: f64,
    /// Pages of lists of call records.
    pub(super) list_pages: f64,
    /// Pages of calendars.
    pub(super) calendar_pages: f64,
    /// Dollars at AWS's list prices, without the processor's time and storage.
    pub(super) dollars: f64,
}

impl Tenant {
    /// Each user organizes a meeting every second working day.
    pub(super) const MEETINGS_OF_A_USER: f64 = 0.5;
    /// A tenant of 35,000 users counted 97,000 to 155,000 call records a day.
    pub(super) const CALL_RECORDS_OF_A_USER: f64 = 3.6;

    /// What a backfill of these days takes.
    pub(super) fn taken(&self) -> Taken {
        let known = self.listed_days.min(self.days);
        let reads = self.days * REPORTS_OF_A_MEETING;
        let calls = known * LOOKS_OF_A_CALL + (self.days - known) * LOOKS_OF_AN_ENTRY + reads;
        let pages = self.listed_days * self.call_records_a_day / CALL_RECORDS_A_PAGE;
        let meetings = self.days * self.meetings_a_day;
        Taken {
            meetings,
            meeting_calls: calls * self.meetings_a_day,
            list_pages: pages * PAGES_OF_A_PAGE,
            calendar_pages: (EVENTS_A_DAY * self.days / EVENTS_A_PAGE).ceil() * self.users,
            dollars: meetings * DOLLARS_A_MEETING,
        }
    }
}

impl Taken {
    /// The hours of each kind of calls where Graph stands `a_second` of those for meetings: these, lists, calendars.
    pub(super) fn hours(&self, a_second: f64) -> [f64; 3] {
        let hours = |calls: f64, a_second: f64| calls / a_second / 3_600.0;
        [
            hours(self.meeting_calls, a_second),
            hours(self.list_pages, LISTS_A_SECOND),
            hours(self.calendar_pages, FASTEST_A_SECOND),
        ]
    }

    /// The hours of all of it: the kinds go at the same time, so the longest tells.
    pub(super) fn hours_together(&self, a_second: f64) -> f64 {
        self.hours(a_second).into_iter().fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::grouped;
    use super::*;

    #[test]
    fn the_tenant_of_200_000_users_takes_what_the_documentation_says() {
        let (days, listed_days) = (260.0, 22.0);
        let tenant = Tenant {
            users: 200_000.0,
            meetings_a_day: 100_000.0,
            call_records_a_day: 720_000.0,
            days,
            listed_days,
        };
        let taken = tenant.taken();
        let [slow, lists, calendars] = taken.hours(SLOWEST_A_SECOND);
        let [fast, ..] = taken.hours(FASTEST_A_SECOND);
        let (calls, pages) = (grouped(taken.meeting_calls), grouped(taken.list_pages));
        let row = format!(
            "| the first backfill, of a year | {calls} | {slow:.1} | {fast:.1} | {pages} | {lists:.1} | {} | {calendars:.1} | {:.2} |",
            grouped(taken.calendar_pages),
            taken.dollars
        );
        let documentation = include_str!("../../../../docs/PERFORMANCE.md");
        assert!(documentation.contains(&row), "docs/PERFORMANCE.md has no such row:\n{row}");
    }
}
