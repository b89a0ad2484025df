//! Who has registered for a webinar or town hall, as an artifact: `registrations/`, and a line for each registration in
//! `lines/registrations/`. The later of two answers is the current one.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::archive::layout::ArtifactPlace;
use shared::jobs::ArchiveJob;
use shared::model::{EventDescription, RegistrationsRef, unwrapped};
use shared::ports::store::ObjectBody;

use super::lines::lines_of;
use super::{Artifact, Body, Contents};
use crate::ArchiveError;

impl Artifact for RegistrationsRef {
    fn read(&self, job: &ArchiveJob, body: Body<'_>) -> Result<Contents, ArchiveError> {
        let is_none = |_| ArchiveError::Mismatch("it is no registration, and no list of them");
        let each = each(self, body.text).map_err(is_none)?;
        if each.len() != job.records {
            return Err(ArchiveError::Mismatch("it has another number of registrations"));
        }
        if self.registration_id.as_ref().is_some_and(|id| !is_of(body.text, id)) {
            return Err(ArchiveError::Mismatch("it has another id"));
        }
        let properties = vec![
            ("event-id", Some(self.event_id.clone())),
            ("registration-id", self.registration_id.clone()),
            ("registrations", Some(job.records.to_string())),
        ];
        let place = ArtifactPlace::of_registrations(&job.tenant_id, self);
        Ok(Contents { place, properties, lines: lines(self, body, &each).map_err(is_none)? })
    }

    fn richness(&self, text: &str) -> Vec<i128> {
        vec![each(self, text).is_ok().into()]
    }

    fn lines(&self, _: &ArchiveJob, body: Body<'_>) -> serde_json::Result<ObjectBody> {
        lines(self, body, &each(self, body.text)?)
    }
}

/// A line for `each` of the registrations that stand in `text`.
fn lines(of: &RegistrationsRef, body: Body<'_>, each: &[&RawValue]) -> serde_json::Result<ObjectBody> {
    let is_listed = of.registration_id.is_none();
    let head = Head { kind: of.kind.name(), event_id: &of.event_id, is_listed };
    Ok(lines_of(&serde_json::to_string(&head)?, "registration", body.bytes, each))
}

/// Each registration in an answer, as it stands there.
fn each<'a>(of: &RegistrationsRef, text: &'a str) -> serde_json::Result<Vec<&'a RawValue>> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        value: Vec<&'a RawValue>,
    }
    match of.registration_id {
        Some(_) => Ok(vec![serde_json::from_str(unwrapped(text))?]),
        None => Ok(serde_json::from_str::<List<'_>>(text)?.value),
    }
}

fn is_of(text: &str, id: &str) -> bool {
    EventDescription::read(text).is_ok_and(|registration| registration.id.eq_ignore_ascii_case(id))
}

/// What each line begins with: for what somebody registered, and how that is known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    kind: &'static str,
    event_id: &'a str,
    is_listed: bool,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::model::{ArtifactRef, VirtualEventKind};

    use super::*;
    use crate::artifact::test_job;

    fn registrations(id: Option<&str>) -> RegistrationsRef {
        let (kind, registration_id) = (VirtualEventKind::Webinar, id.map(str::to_owned));
        RegistrationsRef { kind, event_id: "w@t".into(), registration_id }
    }

    #[test]
    fn each_registration_has_a_line() {
        let lines = [
            (registrations(Some("g")), r#"{"id":"g","email":"ilse@contoso.com"}"#),
            (registrations(None), "{\"value\":[{\"id\":\"g\"},\n {\"id\":\"h\", \"n\":2.0}]}"),
            (registrations(None), r#"{"value":[]}"#),
        ];
        let lines = lines.map(|(of, body)| {
            let job = test_job(ArtifactRef::Registrations(of.clone()), body);
            let body = Bytes::copy_from_slice(body.as_bytes());
            let lines = of.lines(&job, Body::of(&body).unwrap()).unwrap();
            String::from_utf8(lines.into_bytes().into()).unwrap()
        });
        insta::assert_snapshot!(lines.concat());
    }

    #[test]
    fn an_answer_of_somebody_else_is_refused() {
        let is_taken = |of: &RegistrationsRef, records: usize, body: &str| {
            let job = test_job(ArtifactRef::Registrations(of.clone()), body);
            let body = Bytes::copy_from_slice(body.as_bytes());
            of.read(&ArchiveJob { records, ..job }, Body::of(&body).unwrap()).is_ok()
        };
        let (one, list) = (registrations(Some("g")), registrations(None));
        assert!(is_taken(&one, 1, r#"{"id":"G"}"#) && is_taken(&list, 1, r#"{"value":[{}]}"#));
        assert!(is_taken(&list, 0, r#"{"value":[]}"#), "nobody has registered");
        assert!(!is_taken(&one, 1, r#"{"id":"h"}"#) && !is_taken(&one, 1, "[]"));
        assert!(!is_taken(&list, 2, r#"{"value":[{}]}"#) && !is_taken(&list, 1, r#"{"value":{}}"#));
    }
}
