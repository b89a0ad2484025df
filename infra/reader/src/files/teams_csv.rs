//! The file that Teams itself gives for a meeting, in its en-US form: UTF-16, tabs, three numbered sections.
//!
//! Teams writes local times without a zone, and so does this: the zone stands in the file's name.

use jiff::tz::TimeZone;

use crate::files::error::FileError;
use crate::files::{guard, table};
use crate::model::{IdentityKind, Record, Registration, Report};
use crate::session::Session;
use crate::times;

const PARTICIPANTS: [&str; 7] =
    ["Name", "First Join", "Last Leave", "In-Meeting Duration", "Email", "Participant ID (UPN)", "Role"];

const ENGAGEMENT: [&str; 8] = [
    "Engagement: Reaction-Applause",
    "Engagement: Reaction-Laugh",
    "Engagement: Reaction-Like",
    "Engagement: Reaction-Love",
    "Engagement: Reaction-Surprised",
    "Engagement: Camera On",
    "Engagement: Raise Hands",
    "Engagement: Unmute",
];

const ACTIVITIES: [&str; 6] = ["Name", "Join Time", "Leave Time", "Duration", "Email", "Role"];

/// How Teams' CSV is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct TeamsOptions {
    /// Whether the second section has the eight columns of engagement, which Graph does not give: empty.
    pub engagement_columns: bool,
    /// Whether there is the summary alone, with nobody's times or names.
    pub is_aggregate: bool,
    /// Whether text stays as it is, even where a spreadsheet could take it for a formula.
    pub is_raw: bool,
}

/// A session as Teams' own download has it, with a line a record and a line an interval of these reports.
///
/// Durations are Graph's totals; what is not known is empty.
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn teams_csv(
    session: &Session,
    reports: &[Report],
    zone: &TimeZone,
    options: TeamsOptions,
) -> Result<Vec<u8>, FileError> {
    let reports = table::parts(session, reports);
    let fields = Fields { zone, options };
    let mut text = fields.section("1. Summary", &fields.summary(session, &reports))?;
    if !options.is_aggregate {
        text += "\r\n";
        text += &fields.section("2. Participants", &fields.participants(&reports))?;
        text += "\r\n";
        text += &fields.section("3. In-Meeting Activities", &fields.activities(&reports))?;
    }
    Ok(utf16(&text))
}

/// Who registered, in a file of its own, written like [`teams_csv`].
///
/// # Errors
/// [`FileError::Csv`], which writing to memory does not meet.
pub fn registrants(
    registrations: &[Registration],
    zone: &TimeZone,
    options: TeamsOptions,
) -> Result<Vec<u8>, FileError> {
    let fields = Fields { zone, options };
    let heading = ["Name", "Registration Email", "Registration Time", "Registration Status"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for one in registrations {
        rows.push(vec![
            fields.text(one.name.as_ref().map(|name| name.shown())),
            fields.text(one.address.as_ref().map(|address| address.shown())),
            fields.time(one.registered_at),
            fields.text(one.status.as_deref().map(capitalised).as_deref()),
        ]);
    }
    Ok(utf16(&tab_separated(&rows)?))
}

/// `registered` as `Registered`.
fn capitalised(status: &str) -> String {
    let mut letters = status.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// How fields are written: times in a zone, texts by the options.
struct Fields<'a> {
    zone: &'a TimeZone,
    options: TeamsOptions,
}

impl Fields<'_> {
    fn section(&self, name: &str, rows: &[Vec<String>]) -> Result<String, FileError> {
        Ok(format!("{name}\r\n{}", tab_separated(rows)?))
    }

    fn summary(&self, session: &Session, reports: &[&Report]) -> Vec<Vec<String>> {
        let span = session.span;
        let totals: Vec<i64> =
            reports.iter().flat_map(|report| &report.records).filter_map(|one| one.graph_seconds).collect();
        let count = i64::try_from(totals.len()).unwrap_or(i64::MAX);
        let mean = totals.iter().copied().fold(0, i64::saturating_add).checked_div(count);
        let rows = [
            ("Meeting title", self.text(session.title.as_ref().map(|title| title.shown()))),
            ("Attended participants", attended(session).to_string()),
            ("Start time", self.time(span.map(|span| span.start))),
            ("End time", self.time(span.map(|span| span.end))),
            ("Meeting duration", span.map(|span| times::teams_length(span.seconds())).unwrap_or_default()),
            ("Average attendance time", mean.map(times::teams_length).unwrap_or_default()),
        ];
        rows.map(|(name, value)| vec![name.to_owned(), value]).to_vec()
    }

    fn participants(&self, reports: &[&Report]) -> Vec<Vec<String>> {
        let engagement = if self.options.engagement_columns { &ENGAGEMENT[..] } else { &[] };
        let heading = PARTICIPANTS.iter().chain(engagement).map(|name| (*name).to_owned()).collect();
        let records = reports.iter().flat_map(|report| &report.records);
        let row = |record| {
            let mut row = self.participant(record);
            row.resize(PARTICIPANTS.len() + engagement.len(), String::new());
            row
        };
        std::iter::once(heading).chain(records.map(row)).collect()
    }

    fn participant(&self, record: &Record) -> Vec<String> {
        let (first_join, last_leave) = table::first_and_last(record);
        let address = self.text(record.address.as_ref().map(|address| address.shown()));
        // Graph gives no user principal name: a user's address is the nearest to it, others have none.
        let principal = if record.identity == IdentityKind::User { address.clone() } else { String::new() };
        vec![
            self.text(record.name.as_ref().map(|name| name.shown())),
            self.time(first_join),
            self.time(last_leave),
            record.graph_seconds.map(times::teams_length).unwrap_or_default(),
            address,
            principal,
            format!("{:?}", record.role),
        ]
    }

    fn activities(&self, reports: &[&Report]) -> Vec<Vec<String>> {
        let mut rows = vec![ACTIVITIES.map(str::to_owned).to_vec()];
        for record in reports.iter().flat_map(|report| &report.records) {
            for interval in record.intervals.iter().flatten() {
                let (join, leave) = times::ends(interval);
                let between = join.zip(leave).map(|(join, leave)| leave.duration_since(join));
                let seconds = interval.seconds.or(between.map(|length| length.as_secs()));
                rows.push(vec![
                    self.text(record.name.as_ref().map(|name| name.shown())),
                    self.time(join),
                    self.time(leave),
                    seconds.map(times::teams_length).unwrap_or_default(),
                    self.text(record.address.as_ref().map(|address| address.shown())),
                    format!("{:?}", record.role),
                ]);
            }
        }
        rows
    }

    fn text(&self, text: Option<&str>) -> String {
        guard::field(text.unwrap_or_default(), self.options.is_raw)
    }

    fn time(&self, at: Option<jiff::Timestamp>) -> String {
        at.map(|at| times::teams(at, self.zone)).unwrap_or_default()
    }
}

/// Graph's count where there is one report and it has one; of several, how many people they name.
fn attended(session: &Session) -> i64 {
    let named = i64::try_from(session.attendees.len()).unwrap_or(i64::MAX);
    match session.parts.as_slice() {
        [part] => part.participants.unwrap_or(named),
        _ => named,
    }
}

fn tab_separated(rows: &[Vec<String>]) -> Result<String, FileError> {
    let mut writer = ::csv::WriterBuilder::new()
        .delimiter(b'\t')
        .terminator(::csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| FileError::Csv(error.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// UTF-16, little endian, with the byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::samples;
    use crate::text::Text;

    fn read(bytes: &[u8]) -> String {
        assert_eq!(bytes[..2], [0xFF, 0xFE]);
        let units: Vec<u16> =
            bytes[2..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).unwrap()
    }

    fn written(options: TeamsOptions) -> String {
        let (session, reports) = samples::session();
        read(&teams_csv(&session, &reports, &samples::rules().zone, options).unwrap())
    }

    #[test]
    fn a_session_is_written_as_teams_does() {
        insta::assert_snapshot!(written(TeamsOptions::default()).replace('\t', "⇥").replace("\r\n", "\n"));
    }

    #[test]
    fn every_line_ends_with_cr_and_lf() {
        let text = written(TeamsOptions::default());
        assert!(text.ends_with("\r\n"));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }

    #[test]
    fn engagement_makes_exactly_fifteen_columns() {
        let text = written(TeamsOptions { engagement_columns: true, ..TeamsOptions::default() });
        let second = text.split("2. Participants\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
        let widths: Vec<usize> = second.split("\r\n").map(|line| line.split('\t').count()).collect();
        assert_eq!(widths, vec![15; widths.len()]);
    }

    #[test]
    fn the_aggregate_has_nobody_in_it() {
        let text = written(TeamsOptions { is_aggregate: true, ..TeamsOptions::default() });
        assert!(text.contains("Average attendance time\t") && !text.contains("2. Participants"));
        assert!(!text.contains("Aiko"));
    }

    #[test]
    fn a_formula_is_text_and_a_tab_is_quoted() {
        let (session, mut reports) = samples::session();
        reports[0].records[0].name = Some(Text::from("=HYPERLINK(\"x\")"));
        reports[0].records[1].name = Some(Text::from("a\tb"));
        let zone = samples::rules().zone;
        let text = read(&teams_csv(&session, &reports, &zone, TeamsOptions::default()).unwrap());
        assert!(text.contains("\r\n\"'=HYPERLINK(\"\"x\"\")\"\t"), "{text}");
        assert!(text.contains("\r\n\"a\tb\"\t"));
        let raw = TeamsOptions { is_raw: true, ..TeamsOptions::default() };
        assert!(read(&teams_csv(&session, &reports, &zone, raw).unwrap()).contains("\"=HYPERLINK"));
    }

    #[test]
    fn half_an_emoji_is_a_replacement() {
        let (session, mut reports) = samples::session();
        reports[0].records[0].name = Text::of_json(r#""Noor \ud83d""#);
        let text = read(&teams_csv(&session, &reports, &TimeZone::UTC, TeamsOptions::default()).unwrap());
        assert!(text.contains("Noor \u{fffd}\t"));
    }

    #[test]
    fn registrants_have_a_file_of_their_own() {
        let registration = samples::registration("Aiko Ferreira", "aiko.ferreira@contoso.com");
        let bytes = registrants(&[registration], &samples::rules().zone, TeamsOptions::default()).unwrap();
        insta::assert_snapshot!(read(&bytes).replace('\t', "⇥").replace("\r\n", "\n"), @r"
        Name⇥Registration Email⇥Registration Time⇥Registration Status
        Aiko Ferreira⇥aiko.ferreira@contoso.com⇥10/1/26, 12:00:00 PM⇥Registered
        ");
    }
}
