//! The parameters of a page's address, which holds the whole state: filter, sort, page, zone and rules.

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use crate::model::{Kind, SeriesId};
use crate::pages::failure::Failure;
use crate::rules::{self, RuleError, Rules, Threshold, WindowRule};

/// How many rows a table has.
pub(super) const ROWS: usize = 200;
/// The longest text of a parameter, and the longest key of an object.
const LONGEST: usize = 1_024;
/// The parameters that every link keeps: how times are shown, and what counts.
const KEPT: [&str; 9] = ["zone", "present", "absent", "late", "left", "window", "join", "strays", "names"];

/// The parameters of every page; empty where one is not given, as a form sends it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Params {
    pub(super) search: String,
    pub(super) kind: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) sort: String,
    pub(super) order: String,
    pub(super) page: String,
    pub(super) columns: String,
    pub(super) key: String,
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) day: String,
    pub(super) show: String,
    pub(super) format: String,
    pub(super) zone: String,
    pub(super) present: String,
    pub(super) absent: String,
    pub(super) late: String,
    pub(super) left: String,
    pub(super) window: String,
    pub(super) join: String,
    pub(super) strays: String,
    pub(super) names: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let odd = "The address has a part that this page does not know, or one twice.";
        let Query(params) = Query::<Self>::try_from_uri(&parts.uri).map_err(|_| Failure::odd(odd))?;
        match params.pairs().iter().all(|(_, value)| value.len() <= LONGEST) {
            true => Ok(params),
            false => Err(Failure::odd("A part of the address is too long.")),
        }
    }
}

impl Params {
    /// The parameters that are given, in order of their names.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Vec::new() };
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        given.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address of a page with these parameters, some of them changed; an empty one is left out.
    pub(super) fn href(&self, path: &str, changes: &[(&str, &str)]) -> String {
        address(path, self.pairs(), changes)
    }

    /// The address of another page: it keeps the zone and the rules only.
    pub(super) fn to(&self, path: &str, changes: &[(&str, &str)]) -> String {
        address(path, self.kept(), changes)
    }

    /// The zone and the rules, as far as they are given.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        self.pairs().into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())).collect()
    }

    /// The address of the register of a series.
    pub(super) fn series_href(&self, series: &SeriesId) -> String {
        let channel = series.channel_title.as_deref().unwrap_or_default();
        self.to("/register", &[("kind", series.kind.name()), ("id", &series.id), ("channel", channel)])
    }

    /// Which page of a table, from 0.
    pub(super) fn page(&self) -> Result<usize, Failure> {
        place(&self.page)
    }

    /// Which page of a register's sessions, from 0.
    pub(super) fn columns(&self) -> Result<usize, Failure> {
        place(&self.columns)
    }

    /// Whether the order is turned round.
    pub(super) fn is_reversed(&self) -> bool {
        self.order == "reversed"
    }

    /// The kind; `None`: any.
    pub(super) fn kind(&self) -> Result<Option<Kind>, Failure> {
        let odd = || Failure::odd("The kind is meeting, webinar or townhall.");
        given(&self.kind).map(|kind| Kind::of_name(kind).ok_or_else(odd)).transpose()
    }

    /// The series of a register.
    pub(super) fn series(&self) -> Result<SeriesId, Failure> {
        let odd = || Failure::odd("The address of a register has a kind and an id.");
        let kind = self.kind()?.ok_or_else(odd)?;
        let id = given(&self.id).ok_or_else(odd)?.to_owned();
        Ok(SeriesId { kind, id, channel_title: given(&self.channel).map(str::to_owned) })
    }

    /// The text that is looked for; `None`: any.
    pub(super) fn search(&self) -> Option<String> {
        given(&self.search).map(str::to_owned)
    }

    /// From when, in the zone.
    pub(super) fn since(&self, zone: &TimeZone) -> Result<Option<Timestamp>, Failure> {
        date(&self.from)?.map(|day| midnight(day, zone)).transpose()
    }

    /// Until when, in the zone: the day itself is in it.
    pub(super) fn until(&self, zone: &TimeZone) -> Result<Option<Timestamp>, Failure> {
        let day = date(&self.to)?.map(|day| day.tomorrow().map_err(|_| odd_day())).transpose()?;
        day.map(|day| midnight(day, zone)).transpose()
    }

    /// The rules: those of the pages, as far as the address has no others.
    pub(super) fn rules(&self, defaults: &Rules) -> Result<Rules, Failure> {
        let mut rules = defaults.clone();
        let threshold = |text: &str, default: Threshold| match given(text) {
            Some(text) => text.parse().map_err(odd_rule),
            None => Ok(default),
        };
        rules.present_after = threshold(&self.present, rules.present_after)?;
        rules.absent_below = threshold(&self.absent, rules.absent_below)?;
        rules.late_after = threshold(&self.late, rules.late_after)?;
        rules.left_before = threshold(&self.left, rules.left_before)?;
        rules.window = match given(&self.window) {
            None => rules.window,
            Some("plan") => WindowRule::Plan,
            Some("report") => WindowRule::Report,
            Some(times) => rules::planned(times).map_err(odd_rule)?,
        };
        if let Some(length) = given(&self.join) {
            rules.join_within = rules::length(length).map_err(odd_rule)?;
        }
        if let Some(zone) = given(&self.zone) {
            rules.zone = rules::zone(zone).map_err(odd_rule)?;
        }
        rules.keeps_strays |= flag(&self.strays)?;
        rules.match_names |= flag(&self.names)?;
        rules.check().map_err(odd_rule)?;
        Ok(rules)
    }
}

fn address(path: &str, mut pairs: Vec<(String, String)>, changes: &[(&str, &str)]) -> String {
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    // What is longer no page takes: somebody with an address of a megabyte has no page.
    query.extend_pairs(changes.iter().filter(|(_, value)| (1..=LONGEST).contains(&value.len())));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn flag(text: &str) -> Result<bool, Failure> {
    match text {
        "" | "no" => Ok(false),
        "yes" => Ok(true),
        _ => Err(Failure::odd("`strays` and `names` are yes or no.")),
    }
}

fn place(text: &str) -> Result<usize, Failure> {
    let Some(text) = given(text) else { return Ok(0) };
    match text.parse::<u32>() {
        Ok(number @ 1..=1_000_000) => Ok(number as usize - 1),
        _ => Err(Failure::odd("A page is a number from 1.")),
    }
}

/// A day of the address; `None` where none is given.
pub(super) fn date(text: &str) -> Result<Option<Date>, Failure> {
    given(text).map(|day| day.parse().map_err(|_| odd_day())).transpose()
}

fn odd_day() -> Failure {
    Failure::odd("A day is written as 2026-10-14.")
}

fn midnight(day: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    day.to_zoned(zone.clone()).map(|start| start.timestamp()).map_err(|_| odd_day())
}

/// The rules' own sentence says what to write.
fn odd_rule(error: RuleError) -> Failure {
    Failure::odd(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn params(uri: &str) -> Result<Params, Failure> {
        let (mut parts, ()) = http::Request::get(uri).body(()).unwrap().into_parts();
        Params::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn a_link_keeps_the_state_and_encodes_it() {
        let params = params("/?search=a%26b&page=3&zone=Europe%2FAmsterdam&late=5m&kind=").await.unwrap();
        assert_eq!(
            params.href("/", &[("page", "4")]),
            "/?late=5m&search=a%26b&zone=Europe%2FAmsterdam&page=4"
        );
        assert_eq!(params.to("/people", &[]), "/people?late=5m&zone=Europe%2FAmsterdam");
        assert_eq!((params.page().unwrap(), params.kind().unwrap()), (2, None));
        let rules = params.rules(&Rules::default()).unwrap();
        assert_eq!(rules.zone.iana_name(), Some("Europe/Amsterdam"));
    }

    #[tokio::test]
    async fn an_odd_parameter_is_a_bad_request() {
        for uri in ["/?colour=red", "/?page=1&page=2", &format!("/?search={}", "x".repeat(2_000))] {
            assert!(params(uri).await.is_err(), "{uri}");
        }
        for uri in ["/?page=0", "/?page=-1", "/?page=99999999", "/?page=x"] {
            assert!(params(uri).await.unwrap().page().is_err(), "{uri}");
        }
        for uri in [
            "/?zone=Mars",
            "/?present=-3",
            "/?present=9%25",
            "/?absent=76%25",
            "/?window=10:00",
            "/?strays=1",
            "/?join=1y",
        ] {
            assert!(params(uri).await.unwrap().rules(&Rules::default()).is_err(), "{uri}");
        }
        assert!(params("/?from=14.10.2026").await.unwrap().since(&TimeZone::UTC).is_err());
        assert!(params("/?kind=party").await.unwrap().kind().is_err());
    }

    #[tokio::test]
    async fn a_day_begins_and_ends_in_the_zone() {
        let params = params("/?from=2026-10-25&to=2026-10-25").await.unwrap();
        let zone = rules::zone("Europe/Amsterdam").unwrap();
        let hours =
            params.until(&zone).unwrap().unwrap().duration_since(params.since(&zone).unwrap().unwrap());
        assert_eq!(hours.as_hours(), 25);
    }
}
