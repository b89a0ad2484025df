//! A change notification, and what it names.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use shared::jobs::FetchTarget;
use shared::report_ref::ReportSource;

/// One item of what Graph posts. Whatever else it holds is no error.
/// <https://learn.microsoft.com/graph/api/resources/changenotification>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeNotification {
    tenant_id: Option<String>,
    pub(crate) client_state: Option<String>,
    resource: Option<String>,
    resource_data: Option<ResourceData>,
}

#[derive(Debug, Deserialize)]
struct ResourceData {
    #[serde(rename = "@odata.id")]
    odata_id: Option<String>,
    /// The resource's id; some notifications hold its path here.
    id: Option<String>,
}

impl ChangeNotification {
    /// Whether it is of this tenant. Some samples name no tenant: those count as ours, and their
    /// `clientState` decides.
    pub(crate) fn is_of(&self, tenant_id: &str) -> bool {
        self.tenant_id.as_deref().is_none_or(|tenant| tenant.eq_ignore_ascii_case(tenant_id))
    }

    /// What it names; `None` if that is nothing we know.
    pub(crate) fn target(&self) -> Option<FetchTarget> {
        let data = self.resource_data.as_ref();
        let paths = [
            data.and_then(|data| data.odata_id.as_deref()),
            data.and_then(|data| data.id.as_deref()),
            self.resource.as_deref(),
        ];
        paths.into_iter().flatten().find_map(target)
    }
}

/// What a resource's path names.
fn target(path: &str) -> Option<FetchTarget> {
    let segments = segments(path)?;
    let mut words: Vec<&str> = segments.iter().map(String::as_str).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["communications", "callrecords", _] => {
            Some(FetchTarget::CallRecord { id: words.remove(2).to_owned() })
        }
        ["solutions", "virtualevents", kind, _, "sessions", _, "attendancereports", _] => {
            let (event_id, session_id) = (words[3].to_owned(), words[5].to_owned());
            let source = match *kind {
                "webinars" => ReportSource::Webinar { webinar_id: event_id, session_id },
                "townhalls" => ReportSource::Townhall { townhall_id: event_id, session_id },
                _ => return None,
            };
            Some(FetchTarget::Report(source.report(words[7])))
        }
        _ => None,
    }
}

/// The segments of a path, decoded: `/a/b/`, `a/b` and `a('b')` are the same.
fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let key = part.strip_suffix("')").and_then(|part| part.split_once("('"));
        let (name, key) = key.map_or((part, None), |(name, key)| (name, Some(key)));
        for text in [Some(name), key].into_iter().flatten() {
            segments.push(percent_decode_str(text).decode_utf8().ok()?.into_owned());
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(notification: &str) -> Option<FetchTarget> {
        serde_json::from_str::<ChangeNotification>(notification).unwrap().target()
    }

    fn webinar_report() -> Option<FetchTarget> {
        let webinar = ReportSource::Webinar { webinar_id: "w-1@t-1".into(), session_id: "s-1".into() };
        Some(FetchTarget::Report(webinar.report("r-1")))
    }

    #[test]
    fn a_webinar_notification_names_its_report() {
        let posted = include_str!("../fixtures/webinar_report_created.json");
        assert_eq!(named(posted), webinar_report());
    }

    #[test]
    fn a_town_hall_notification_names_its_report() {
        let posted = include_str!("../fixtures/townhall_report_created.json");
        let townhall = ReportSource::Townhall { townhall_id: "h-1@t-1".into(), session_id: "s-1".into() };
        assert_eq!(named(posted), Some(FetchTarget::Report(townhall.report("r-1"))));
    }

    #[test]
    fn a_call_record_notification_names_its_call() {
        let posted = include_str!("../fixtures/call_record_created.json");
        assert_eq!(named(posted), Some(FetchTarget::CallRecord { id: "c-1".into() }));
    }

    #[test]
    fn paths_are_read_in_every_form_that_graph_writes() {
        let named = |path: &str| named(&format!(r#"{{"resourceData":{{"@odata.id":"{path}"}}}}"#));
        for path in [
            "solutions/virtualEvents/webinars/w-1@t-1/sessions/s-1/attendanceReports/r-1",
            "/solutions/virtualevents/Webinars/w-1@t-1/sessions/s-1/attendancereports/r-1/",
            "solutions/virtualEvents/webinars('w-1@t-1')/sessions('s-1')/attendanceReports('r-1')",
            "solutions/virtualEvents/webinars/w-1%40t-1/sessions/s-1/attendanceReports/r-1",
        ] {
            assert_eq!(named(path), webinar_report(), "{path}");
        }
    }

    #[test]
    fn what_we_do_not_know_names_nothing() {
        for unknown in [
            r#"{}"#,
            r#"{"resource":"users/u/messages/m","changeType":"unheard of"}"#,
            r#"{"resource":"solutions/virtualEvents/webinars/w/getAttendanceReports","resourceData":{"id":"r"}}"#,
            r#"{"resource":"solutions/virtualEvents/conventions/w/sessions/s/attendanceReports/r"}"#,
            r#"{"resource":"communications/callRecords/%ff"}"#,
            r#"{"resourceData":{"@odata.id":null}}"#,
        ] {
            assert_eq!(named(unknown), None, "{unknown}");
        }
    }
}
