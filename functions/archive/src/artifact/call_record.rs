//! The record of a call that was a meeting, as an artifact: `sessions/`. Graph forgets it after 30 days, and
//! may send another version of it until then.

use shared::archive::layout::ArtifactPlace;
use shared::graph::CallRecord;
use shared::jobs::ArchiveJob;
use shared::model::{CallRecordRef, parse_time};
use shared::ports::store::ObjectBody;

use super::{Artifact, Body, Contents};
use crate::ArchiveError;

impl Artifact for CallRecordRef {
    fn read(&self, job: &ArchiveJob, Body { text, .. }: Body<'_>) -> Result<Contents, ArchiveError> {
        let call: CallRecord =
            serde_json::from_str(text).map_err(|_| ArchiveError::Mismatch("it is not a call record"))?;
        if !call.id.eq_ignore_ascii_case(&self.id) {
            return Err(ArchiveError::Mismatch("it has another id"));
        }
        let is_time = |text: &String| parse_time(text).is_some();
        let start = call.start_date_time.filter(is_time);
        let end = call.end_date_time.filter(is_time);
        let begin = start.as_deref().or(end.as_deref()).and_then(parse_time);
        let begin = begin.ok_or(ArchiveError::Mismatch("it has no date"))?;
        let properties = vec![
            ("call-record-id", Some(self.id.clone())),
            ("outcome", job.resolution.as_ref().map(|resolution| resolution.outcome.clone())),
            ("start", start),
            ("end", end),
            ("version", call.version.map(|version| version.to_string())),
        ];
        let place = ArtifactPlace::of_call_record(&job.tenant_id, &self.id, begin);
        Ok(Contents { place, properties, lines: ObjectBody::default() })
    }

    /// The greater version, then what was modified later.
    fn richness(&self, text: &str) -> Vec<i128> {
        let Ok(call) = serde_json::from_str::<CallRecord>(text) else { return Vec::new() };
        let modified = call.last_modified_date_time.as_deref().and_then(parse_time);
        let unknown = i128::MIN;
        vec![
            call.version.map_or(unknown, i128::from),
            modified.map_or(unknown, |modified| modified.as_nanosecond()),
        ]
    }

    fn lines(&self, _: &ArchiveJob, _: Body<'_>) -> serde_json::Result<ObjectBody> {
        Ok(ObjectBody::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_version_is_the_richer_then_what_was_modified_later() {
        let poorest_first = [
            "no JSON",
            r#"{"id":"c"}"#,
            r#"{"id":"c","version":1,"lastModifiedDateTime":"2026-03-02T10:00:00Z"}"#,
            r#"{"id":"c","version":2,"lastModifiedDateTime":"2026-03-01T10:00:00Z"}"#,
            r#"{"id":"c","version":2,"lastModifiedDateTime":"2026-03-01T10:00:00.5Z"}"#,
        ];
        let call = CallRecordRef { id: "c".into() };
        let richness = poorest_first.map(|text| call.richness(text));
        assert!(richness.is_sorted_by(|poorer, richer| poorer < richer));
    }
}
