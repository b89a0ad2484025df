//! A training of six weeks, with a roster: the webinar whose register the archive of the demo shows.
//!
//! Its sessions were on the last six Wednesdays, 10:00 to 11:00 in Amsterdam, whatever the clocks did in between. Graph
//! has a report of each but one.

mod people;
mod roster;

use anyhow::Context;
use backfill::{State, Unaccounted};
use graph_sim::{EventDetails, GraphSim, SimEvent, SimRegistration, SimReport};
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use shared::model::ReportSource;

use super::invented;
use people::{PEOPLE, Person, SESSIONS};

const WEBINAR: &str = "w-3@contoso";
/// The session of which Graph has no report: the last but one.
const WITHOUT_REPORT: usize = 4;
/// Amsterdam's clocks, as POSIX writes them: the names of zones are in no database of this program.
const AMSTERDAM: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const BEGINS: Time = time(10, 0, 0, 0);
const ENDS: Time = time(11, 0, 0, 0);
/// Graph's report begins so long after the first joined, and ends so long after the last left.
const REPORT_BEGINS_AFTER: SignedDuration = SignedDuration::from_secs(2);
const REPORT_ENDS_AFTER: SignedDuration = SignedDuration::from_secs(10);
const A_WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The last six Wednesdays before `now`, and their times in Amsterdam.
pub(super) struct Training {
    days: [Date; SESSIONS],
    zone: TimeZone,
}

impl Training {
    /// The training whose last session was on the last Wednesday before today.
    pub(super) fn before(now: Timestamp) -> anyhow::Result<Self> {
        let zone = TimeZone::posix(AMSTERDAM)?;
        let last = now.to_zoned(zone.clone()).date().nth_weekday(-1, Weekday::Wednesday)?;
        let mut days = [last; SESSIONS];
        for (day, weeks) in days.iter_mut().rev().zip(0_i64..) {
            *day = last.checked_sub(weeks.weeks())?;
        }
        Ok(Self { days, zone })
    }

    /// The roster of the training, as a CSV file.
    pub(super) fn roster(&self) -> String {
        roster::text(self.days[SESSIONS - 1])
    }

    /// Adds the training to the tenant. Graph notifies of none of it.
    pub(super) fn add_to(&self, sim: &GraphSim) -> anyhow::Result<()> {
        let [organizer, ..] = &PEOPLE;
        sim.set_user_principal_name(&organizer.id(), &organizer.address());
        self.add_event(sim, organizer)?;
        self.add_registrations(sim)?;
        for session in (0..SESSIONS).filter(|session| *session != WITHOUT_REPORT) {
            sim.add_report(self.report(session)?);
        }
        Ok(())
    }

    fn add_event(&self, sim: &GraphSim, organizer: &Person) -> anyhow::Result<()> {
        sim.add_event(SimEvent {
            kind: "webinars",
            id: WEBINAR.to_owned(),
            organizer_id: organizer.id(),
            session_ids: (0..SESSIONS).map(session_id).collect(),
            end: self.at(SESSIONS - 1, ENDS)?,
        });
        let details = EventDetails {
            title: Some(invented::title(WEBINAR)),
            organizer_name: Some(organizer.name.to_owned()),
            start: Some(self.at(0, BEGINS)?),
            ..EventDetails::default()
        };
        sim.describe_event(WEBINAR, details);
        for session in 0..SESSIONS {
            let (id, subject) =
                (session_id(session), format!("Data protection training, session {}", session + 1));
            sim.set_session_subject(WEBINAR, &id, &subject);
            sim.plan_session(WEBINAR, &id, self.at(session, BEGINS)?, self.at(session, ENDS)?);
        }
        Ok(())
    }

    /// Those on the roster have registered a week before the first session.
    fn add_registrations(&self, sim: &GraphSim) -> anyhow::Result<()> {
        let registered_at = self.at(0, BEGINS)? - A_WEEK;
        for person in PEOPLE.iter().filter(|person| person.on_roster.is_some()) {
            let (first_name, last_name) = person.names();
            let registration = SimRegistration {
                id: person.registration_id(),
                user_id: (!person.is_guest()).then(|| person.id()),
                first_name: first_name.to_owned(),
                last_name: last_name.to_owned(),
                email: Some(person.address()),
                status: "registered",
                registered_at,
                canceled_at: None,
                external: None,
                raw: None,
            };
            sim.add_registration(WEBINAR, registration);
        }
        Ok(())
    }

    fn report(&self, session: usize) -> anyhow::Result<SimReport> {
        let mut records = Vec::new();
        let mut attended = Vec::new();
        for person in &PEOPLE {
            let intervals = self.intervals(session, person.attended[session])?;
            if !intervals.is_empty() {
                records.push(person.record(&intervals));
                attended.extend(intervals);
            }
        }
        let joined = attended.iter().map(|(join, _)| *join).min().context("nobody joined")?;
        let left = attended.iter().map(|(_, leave)| *leave).max().context("nobody left")?;
        let (start, end) = (joined + REPORT_BEGINS_AFTER, left + REPORT_ENDS_AFTER);
        let id = format!("report-{}", session_id(session));
        Ok(SimReport { records, ..SimReport::ended(source(session), &id, 0, start, end) })
    }

    /// The instants of times such as `10:01-10:28 10:31-11:01` on the day of a session; none of an empty text.
    fn intervals(&self, session: usize, attended: &str) -> anyhow::Result<Vec<(Timestamp, Timestamp)>> {
        let interval = |times: &str| {
            let (join, leave) = times.split_once('-').context("an interval has no end")?;
            Ok((self.at(session, join.parse()?)?, self.at(session, leave.parse()?)?))
        };
        attended.split_whitespace().map(interval).collect()
    }

    fn at(&self, session: usize, time: Time) -> anyhow::Result<Timestamp> {
        Ok(self.days[session].to_datetime(time).to_zoned(self.zone.clone())?.timestamp())
    }
}

/// What the ledger must tell of the session without a report.
pub(super) fn without_report() -> Unaccounted {
    Unaccounted {
        state: State::Absent,
        source: source(WITHOUT_REPORT).path().to_lowercase(),
        report_id: None,
        session_id: Some(session_id(WITHOUT_REPORT)),
        outcome: None,
    }
}

/// The sentence about it, for whoever reads the demo's output.
pub(super) fn about_session_without_report() -> String {
    let (number, title) = (WITHOUT_REPORT + 1, invented::title(WEBINAR));
    format!(
        "Absent as it must be: session {number} of “{title}”. Graph has no report of it, as where the organizer switched reports off; the ledger says so."
    )
}

fn source(session: usize) -> ReportSource {
    ReportSource::Webinar { webinar_id: WEBINAR.into(), session_id: session_id(session) }
}

fn session_id(session: usize) -> String {
    format!("training-{}", session + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;

    /// What `series-register` shows of each session that has a report, and of the two who run the training.
    const MINUTES: [(&str, [i64; 5]); 12] = [
        ("+15555552714", [0, 0, 53, 0, 0]),
        ("Aiko Ferreira", [60, 60, 60, 60, 60]),
        ("Daan Mulgrew", [31, 0, 0, 52, 0]),
        ("Kwame Brandsma", [60, 60, 56, 59, 60]),
        ("Linh Castellano", [59, 47, 60, 60, 60]),
        ("Mirella Oduya", [60, 60, 60, 60, 60]),
        ("Noor", [0, 0, 5, 0, 0]),
        ("Petra Vossberg", [60, 60, 0, 3, 46]),
        ("Renske Oyelaran", [60, 48, 32, 28, 54]),
        ("Svetlana Achterberg", [60, 58, 46, 60, 57]),
        ("Tomasz Lindqvist", [60, 60, 60, 60, 60]),
        ("Yusuf Örnberg", [45, 55, 47, 58, 60]),
    ];

    fn training() -> Training {
        Training::before("2026-11-05T12:00:00Z".parse().unwrap()).unwrap()
    }

    fn records(training: &Training, session: usize) -> Vec<Value> {
        let report = training.report(session).unwrap();
        report.records.iter().map(|record| serde_json::from_str(record).unwrap()).collect()
    }

    /// The minutes between 10:00 and 11:00 in which somebody was there, by any device.
    fn minutes(training: &Training, session: usize, record: &Value) -> i64 {
        let (begins, ends) = (training.at(session, BEGINS).unwrap(), training.at(session, ENDS).unwrap());
        let time =
            |interval: &Value, name: &str| interval[name].as_str().unwrap().parse::<Timestamp>().unwrap();
        let intervals: Vec<_> = record["attendanceIntervals"].as_array().unwrap().iter().collect();
        let is_there = |second: &Timestamp| {
            intervals.iter().any(|interval| {
                time(interval, "joinDateTime") <= *second && *second < time(interval, "leaveDateTime")
            })
        };
        let seconds = (0..ends.duration_since(begins).as_secs())
            .map(|second| begins + SignedDuration::from_secs(second));
        i64::try_from(seconds.filter(is_there).count()).unwrap() / 60
    }

    #[test]
    fn the_sessions_are_at_ten_in_amsterdam_before_and_after_the_clocks_change() {
        let training = training();
        let begins: Vec<String> =
            (0..SESSIONS).map(|session| training.at(session, BEGINS).unwrap().to_string()).collect();
        let days = [
            "2026-09-30T08",
            "2026-10-07T08",
            "2026-10-14T08",
            "2026-10-21T08",
            "2026-10-28T09",
            "2026-11-04T09",
        ];
        assert_eq!(begins, days.map(|day| format!("{day}:00:00Z")));
        let last = |now: &str| Training::before(now.parse().unwrap()).unwrap().days[SESSIONS - 1].to_string();
        assert_eq!(last("2026-11-04T22:59:59Z"), "2026-10-28", "today's may not be over");
        assert_eq!(last("2026-11-04T23:00:00Z"), "2026-11-04", "the day after has begun in Amsterdam");
    }

    #[test]
    fn everybody_has_the_minutes_of_the_register() {
        let training = training();
        let mut found: BTreeMap<String, [i64; 5]> = BTreeMap::new();
        for (column, session) in [0, 1, 2, 3, 5].into_iter().enumerate() {
            for record in records(&training, session) {
                let name = record["identity"]["displayName"].as_str().unwrap().to_owned();
                found.entry(name).or_default()[column] = minutes(&training, session, &record);
            }
        }
        assert_eq!(found, MINUTES.map(|(name, minutes)| (name.to_owned(), minutes)).into());
    }

    #[test]
    fn graph_counts_two_devices_twice() {
        let records = records(&training(), 2);
        let seconds = |name: &str| {
            let record = records.iter().find(|record| record["identity"]["displayName"] == name).unwrap();
            record["totalAttendanceInSeconds"].as_i64().unwrap()
        };
        assert_eq!(seconds("Linh Castellano"), 79 * 60);
        assert_eq!(seconds("Kwame Brandsma"), 57 * 60);
        assert_eq!(records.len(), 10);
    }

    #[test]
    fn the_roster_names_seven_by_their_ids_and_the_guest_by_an_address() {
        let roster = training().roster();
        let lines: Vec<&str> = roster.lines().collect();
        assert_eq!(lines[0], "id,email,name,number,group,excused");
        assert_eq!(lines.len(), 1 + 8);
        assert_eq!(
            lines[5],
            "da7a0011-0000-4000-8000-0000c0205050,,\"Mulgrew, Daan\",S-1045,Finance,2026-11-04"
        );
        assert_eq!(lines[6], ",yusuf.ornberg@fabrikam.example,\"Örnberg, Yusuf\",guest,Service desk,");
        assert!(lines[1..].iter().filter(|line| line.starts_with("da7a")).count() == 7);
    }
}
