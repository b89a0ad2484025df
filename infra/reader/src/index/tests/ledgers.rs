//! What ledgers say beside the archive's reports.

use serde_json::{Value, json};

use super::archive::{Archive, TENANT, aiko};
use crate::index::SeriesQuery;
use crate::model::LedgerEntry;
use crate::model::LedgerState::{self, Absent, Archived, Lost, Missing, Unreachable};

const SOURCE: &str = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/m-1";

impl Archive {
    /// A ledger of the time up to a day in October.
    async fn ledger(&self, since: u32, until: u32, is_complete: bool, lines: &[Value]) -> String {
        let key = format!("audits/v1/tenant={TENANT}/date=2026-10-{until:02}/run-{until:02}.jsonl");
        let summary = json!({"summary": {"since": format!("2026-10-{since:02}T00:00:00Z"),
            "until": format!("2026-10-{until:02}T00:00:00Z"), "isComplete": is_complete, "objects": 1}});
        let (first, rest) = lines.split_at(lines.len() / 2);
        let text = |lines: &[Value]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        self.put(&key.replace(".jsonl", ".0001.jsonl"), &text(first), &[]).await;
        self.put(&key, &format!("{}{summary}\n", text(rest)), &[]).await;
        key
    }
}

fn line(state: &str, report: Option<&str>, session: Option<&str>, day: u32) -> Value {
    json!({"state": state, "source": SOURCE, "reportId": report, "sessionId": session,
        "meetingStartDateTime": format!("2026-10-{day:02}T10:00:00Z"), "risks": []})
}

/// What is missing of a source, with a title.
fn missing(source: &str, report: &str, title: Option<&str>) -> Value {
    json!({"state": "missing", "source": source, "reportId": report, "title": title,
        "meetingStartDateTime": "2026-10-03T10:00:00Z"})
}

fn unreachable() -> Value {
    json!({"state": "unreachable", "source": "users/x/calendar", "outcome": "no_mailbox", "remedy": "Look at it."})
}

fn states(archive: &crate::index::Index) -> Vec<(Option<String>, LedgerState)> {
    let entries = archive.gaps(&SeriesQuery::default()).unwrap().known;
    entries.into_iter().map(|entry| (entry.report_id.or(entry.session_id), entry.state)).collect()
}

#[tokio::test]
async fn the_latest_ledger_counts_and_what_is_archived_by_now_is_no_gap() {
    let archive = Archive::new();
    archive.report(1, "r-1", json!([aiko()])).await;
    archive.report(2, "r-2", json!([aiko()])).await;
    let named = |name: &str| Some(name.to_owned());
    let lines = [
        line("archived", Some("r-1"), None, 1),
        line("missing", Some("r-2"), None, 2),
        line("missing", Some("r-3"), None, 3),
        line("pending", None, Some("c-4"), 4),
        line("absent", None, Some("c-2"), 2),
    ];
    archive.ledger(1, 5, false, &lines).await;
    let index = archive.indexed().await;
    assert_eq!(states(&index), [(named("r-3"), Missing), (named("c-4"), LedgerState::Pending)]);
    archive
        .ledger(1, 8, false, &[line("absent", None, Some("c-4"), 4), line("lost", Some("r-3"), None, 3)])
        .await;
    archive.refresh(&index).await;
    assert_eq!(states(&index), [(named("r-3"), Lost), (named("c-4"), Absent)]);
    let completeness = index.completeness().unwrap();
    assert_eq!(completeness.as_of, "2026-10-08T00:00:00Z".parse().ok());
    let days: Vec<_> = completeness.days.iter().map(|day| (day.day.day(), day.counts.clone())).collect();
    assert_eq!(
        days,
        [(1, vec![(Archived, 1)]), (2, vec![(Archived, 1)]), (3, vec![(Lost, 1)]), (4, vec![(Absent, 1)])]
    );
    let day = index.ledger_day(jiff::civil::date(2026, 10, 4)).unwrap();
    assert_eq!((day.len(), day[0].state), (1, Absent));
    archive.report(3, "r-3", json!([aiko()])).await;
    archive.refresh(&index).await;
    assert_eq!(states(&index), [(named("c-4"), Absent)]);
}

#[tokio::test]
async fn what_could_not_be_looked_at_stands_until_a_complete_or_scheduled_ledger_covers_its_time() {
    let archive = Archive::new();
    archive.ledger(2, 5, false, &[unreachable()]).await;
    let index = archive.indexed().await;
    let completeness = index.completeness().unwrap();
    assert_eq!(
        completeness.days.iter().map(|day| (day.day.day(), day.has_unreachable)).collect::<Vec<_>>(),
        [(2, true), (3, true), (4, true)]
    );
    assert_eq!(completeness.unreachable[0].state, Unreachable);
    archive.ledger(3, 9, true, &[]).await;
    let scheduled = archive.ledger(1, 10, false, &[]).await;
    archive.refresh(&index).await;
    assert_eq!(index.completeness().unwrap().unreachable.len(), 1, "one is later, the other not complete");
    let latest = json!({"ledger": scheduled, "began": "2026-10-10T00:00:00Z"});
    archive.put(&format!("audits/v1/tenant={TENANT}/latest/nightly.json"), &latest.to_string(), &[]).await;
    archive.refresh(&index).await;
    assert_eq!(index.completeness().unwrap().unreachable.len(), 0);
}

#[tokio::test]
async fn a_day_is_not_in_doubt_for_a_source_that_was_not_asked_for_it() {
    let archive = Archive::new();
    let unseen = |source: &str| json!({"state": "unreachable", "source": source, "outcome": "denied"});
    let summary = json!({"summary": {"since": "2026-01-01T00:00:00Z", "until": "2026-10-05T00:00:00Z", "isComplete": false, "objects": 0}});
    let mut doubtful = unseen("solutions/virtualEvents/townhalls");
    doubtful["state"] = "doubtful".into();
    let lines = [unseen("communications/callRecords"), unseen("sessions.2026-08-14-p7"), doubtful, summary];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    archive.put(&format!("audits/v1/tenant={TENANT}/date=2026-10-05/run-year.jsonl"), &text, &[]).await;
    let index = archive.indexed().await;
    let completeness = index.completeness().unwrap();
    let days: Vec<_> = completeness.days.iter().map(|day| day.day.to_string()).collect();
    assert_eq!((days[0].as_str(), days[1].as_str(), days.len()), ("2026-08-14", "2026-09-03", 1 + 32));
    let sources = |month, day| index.ledger_day(jiff::civil::date(2026, month, day)).unwrap().len();
    assert_eq!([sources(8, 14), sources(8, 15), sources(9, 2), sources(10, 4)], [1, 0, 0, 1]);
    assert_eq!(completeness.unreachable.len(), 3, "the list that is doubtful is told, and is of no day");
}

#[tokio::test]
async fn a_ledger_that_is_written_again_keeps_all_its_lines_and_has_no_other_read_for_ever() {
    let archive = Archive::new();
    let lines = |state: &str| [1, 2, 3, 4].map(|day| line(state, Some(&format!("r-{day}")), None, day));
    archive.ledger(1, 5, false, &lines("missing")).await;
    archive.ledger(1, 6, false, &[unreachable()]).await;
    let index = archive.indexed().await;
    assert_eq!(states(&index).len(), 5);
    archive.ledger(1, 5, false, &lines("lost")).await;
    for _ in 0..3 {
        archive.refresh(&index).await;
        assert_eq!(states(&index).iter().filter(|(_, state)| *state == Lost).count(), 4);
    }
    let stale = index.read(|connection| {
        connection
            .query_row("SELECT count(*) FROM objects WHERE version = ''", [], |row| row.get::<_, i64>(0))
    });
    assert_eq!(stale.unwrap(), 0);
}

const ORGANIZER: &str = "0a1b2c3d-0009-4000-8000-000000000009";
const CHANNEL: &str = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/o_19:abc@thread.tacv2";

/// The ids of the reports that are known, and perhaps, to be missing of what is asked for.
fn gaps(index: &crate::index::Index, query: &SeriesQuery) -> (Vec<String>, Vec<String>) {
    let gaps = index.gaps(query).unwrap();
    let ids = |entries: Vec<LedgerEntry>| entries.into_iter().filter_map(|entry| entry.report_id).collect();
    (ids(gaps.known), ids(gaps.unclear))
}

#[tokio::test]
async fn a_series_of_which_nothing_is_kept_is_found_by_its_id_title_and_organizer() {
    let archive = Archive::new();
    archive.report(1, "r-1", json!([aiko()])).await;
    let webinar = "solutions/virtualEvents/webinars/w-1@t-1/sessions/s-1";
    let lines = [
        missing(&SOURCE.replace("m-1", "m-2"), "r-2", Some("Quarterly review")),
        missing(webinar, "r-3", Some("Safety briefing")),
        unreachable(),
    ];
    archive.ledger(1, 5, false, &lines).await;
    let index = archive.indexed().await;
    let known = |query| gaps(&index, &query);
    let only = |id: &str| (vec![id.to_owned()], Vec::new());
    let series = index.meetings_named("m-2").unwrap();
    assert_eq!(series.len(), 1, "the ledger knows it");
    assert_eq!(known(SeriesQuery { series, ..SeriesQuery::default() }), only("r-2"));
    let title = |title: &str| SeriesQuery { title: Some(title.to_owned()), ..SeriesQuery::default() };
    assert_eq!(known(title("REVIEW quarterly")), only("r-2"));
    assert_eq!(known(title("briefing")), only("r-3"));
    assert_eq!(known(title("yoga")), (Vec::new(), Vec::new()));
    let organizer = Some(ORGANIZER.to_uppercase());
    assert_eq!(known(SeriesQuery { organizer, ..SeriesQuery::default() }), only("r-2"));
    let all = index.gaps(&SeriesQuery::default()).unwrap().known;
    assert_eq!(all.iter().filter(|entry| entry.series.is_none()).count(), 1, "the source");
}

#[tokio::test]
async fn a_channels_gap_is_of_the_series_with_its_title_alone() {
    let archive = Archive::new();
    let lines = [
        missing(CHANNEL, "r-standup", Some("Standup")),
        missing(CHANNEL, "r-review", Some("Review")),
        missing(CHANNEL, "r-untitled", None),
    ];
    archive.ledger(1, 5, false, &lines).await;
    let index = archive.indexed().await;
    let all = index.meetings_named("o_19:abc@thread.tacv2").unwrap();
    assert_eq!(all.len(), 3);
    let standup = all.iter().find(|series| series.channel_title.as_deref() == Some("Standup")).unwrap();
    let one = SeriesQuery { series: vec![standup.clone()], ..SeriesQuery::default() };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(gaps(&index, &one), (ids(&["r-standup"]), ids(&["r-untitled"])));
    let every = SeriesQuery { series: all, ..SeriesQuery::default() };
    assert_eq!(gaps(&index, &every).0.len(), 3);
}
