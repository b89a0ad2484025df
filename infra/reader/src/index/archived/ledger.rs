//! A ledger: what it says of each report, session and source, and the time that it covers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::members::{count, object, shown, text_of};
use super::{Target, instant};
use crate::text::Text;

/// The time that a ledger covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) struct Ledger {
    pub(in crate::index) key: String,
    pub(in crate::index) since: i64,
    pub(in crate::index) until: i64,
    pub(in crate::index) is_complete: bool,
    /// How many objects it has before the one with the summary.
    pub(in crate::index) objects: u32,
}

/// A line of a ledger as a row.
pub(in crate::index) struct LedgerLine {
    pub(in crate::index) state: String,
    pub(in crate::index) source: String,
    pub(in crate::index) kind: Option<&'static str>,
    pub(in crate::index) series: Option<String>,
    pub(in crate::index) report_id: Option<String>,
    pub(in crate::index) session_id: Option<String>,
    pub(in crate::index) title: Option<Text>,
    pub(in crate::index) start: Option<i64>,
    pub(in crate::index) outcome: Option<String>,
    pub(in crate::index) remedy: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Members<'a> {
    #[serde(borrow)]
    state: Option<&'a RawValue>,
    report_id: Option<&'a RawValue>,
    session_id: Option<&'a RawValue>,
    source: Option<&'a RawValue>,
    title: Option<&'a RawValue>,
    meeting_start_date_time: Option<&'a RawValue>,
    outcome: Option<&'a RawValue>,
    remedy: Option<&'a RawValue>,
    summary: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Summary<'a> {
    #[serde(borrow)]
    since: Option<&'a RawValue>,
    until: Option<&'a RawValue>,
    is_complete: Option<&'a RawValue>,
    objects: Option<&'a RawValue>,
}

impl Ledger {
    /// The time that the ledger at `key` covers, by its last line; `None` where that is no summary.
    pub(in crate::index) fn read(key: &str, text: &str) -> Option<Self> {
        let last = text.trim_end().lines().last()?;
        let members: Members<'_> = serde_json::from_str(last).ok()?;
        let summary: Summary<'_> = object(Some(members.summary?));
        let time = |member| shown(member).and_then(|text| instant(&text));
        Some(Self {
            key: key.to_owned(),
            since: time(summary.since)?,
            until: time(summary.until)?,
            is_complete: summary.is_complete.is_some_and(|is| is.get() == "true"),
            objects: count(summary.objects).and_then(|count| u32::try_from(count).ok()).unwrap_or(0),
        })
    }
}

impl LedgerLine {
    /// The lines of an object of a ledger. What is no line of a source is left out.
    pub(in crate::index) fn read_all(text: &str) -> Vec<Self> {
        text.lines().filter_map(Self::read).collect()
    }

    fn read(line: &str) -> Option<Self> {
        let members: Members<'_> = serde_json::from_str(line).ok()?;
        let source = shown(members.source)?;
        let target = Target::of_path(&source);
        Some(Self {
            state: shown(members.state)?,
            kind: target.as_ref().map(|target| target.kind),
            series: target.map(|target| target.series()),
            source,
            report_id: shown(members.report_id),
            session_id: shown(members.session_id),
            title: text_of(members.title),
            start: shown(members.meeting_start_date_time).and_then(|text| instant(&text)),
            outcome: shown(members.outcome),
            remedy: shown(members.remedy),
        })
    }
}

/// The key of the ledger that an object of `audits/…/latest/` names.
pub(in crate::index) fn named_ledger(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Latest {
        ledger: String,
    }
    serde_json::from_slice::<Latest>(body).ok().map(|latest| latest.ledger)
}
