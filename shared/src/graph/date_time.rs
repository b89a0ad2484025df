//! Times that Graph writes in two ways.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::model::parse_time;

/// A time as a text, or as a `dateTimeTimeZone` object: for virtual events the types say one, the
/// samples the other. <https://learn.microsoft.com/graph/api/resources/datetimetimezone>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum GraphDateTime {
    /// A text in RFC 3339; without an offset it is UTC.
    Text(String),
    /// A civil time and a time zone's name, Windows's or IANA's.
    Zoned {
        /// The civil time in that zone, such as `2026-03-01T10:00:00`.
        #[serde(rename = "dateTime")]
        date_time: String,
        /// The zone's name, Windows's or IANA's; `None` counts as UTC.
        #[serde(rename = "timeZone")]
        time_zone: Option<String>,
    },
}

/// How far the clock of the zone that is the latest lies behind UTC.
const LATEST_ZONE: SignedDuration = SignedDuration::from_hours(12);

impl GraphDateTime {
    /// The latest moment (UTC) that it may name: [`Self::timestamp`], or, where the zone is not known, that
    /// civil time in the zone where it comes last.
    pub fn latest(&self) -> Option<Timestamp> {
        self.timestamp().or_else(|| match self {
            Self::Text(_) => None,
            Self::Zoned { date_time, .. } => parse_time(date_time)?.checked_add(LATEST_ZONE).ok(),
        })
    }

    /// The moment (UTC); `None` where the zone is another than UTC, because Windows's names give no offset.
    pub fn timestamp(&self) -> Option<Timestamp> {
        match self {
            Self::Text(text) => parse_time(text),
            Self::Zoned { date_time, time_zone } => {
                let utc = time_zone.as_deref().is_none_or(|zone| zone.eq_ignore_ascii_case("utc"));
                if utc { parse_time(date_time) } else { None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_name_the_same_moment() {
        let read = |json: &str| serde_json::from_str::<GraphDateTime>(json).unwrap().timestamp();
        let moment = parse_time("2026-03-01T10:00:00Z");
        assert!(moment.is_some());
        assert_eq!(read(r#""2026-03-01T10:00:00Z""#), moment);
        assert_eq!(read(r#"{"dateTime":"2026-03-01T10:00:00.0000000","timeZone":"UTC"}"#), moment);
        assert_eq!(read(r#"{"dateTime":"2026-03-01T10:00:00","timeZone":"Pacific Standard Time"}"#), None);
        let pacific = GraphDateTime::Zoned {
            date_time: "2026-03-01T10:00:00".to_owned(),
            time_zone: Some("PacificSt".to_owned()),
        };
        assert_eq!(pacific.latest(), parse_time("2026-03-01T22:00:00Z"), "over for sure");
    }
}
