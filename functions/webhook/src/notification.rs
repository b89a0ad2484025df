//! A change notification, and where it goes.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::json;
use serde_json::value::RawValue;
use shared::jobs::{EncryptedContent, EncryptedNotification, FetchTarget, LifecycleEvent, SubscriptionsJob};
use shared::model::{MAX_ID_BYTES, RegistrationsRef, ResourceKind, VirtualEventKind};

/// One item of what Graph posts. Whatever else it holds is no error, and neither is a member of an odd type or
/// one that is there twice: it counts as absent, or as the last of them, and the item is judged by the others.
/// <https://learn.microsoft.com/graph/api/resources/changenotification>
#[derive(Debug)]
pub(crate) struct ChangeNotification {
    tenant_id: Option<String>,
    pub(crate) client_state: Option<String>,
    subscription_id: Option<String>,
    lifecycle_event: Option<String>,
    resource: Option<String>,
    resource_data: Option<ResourceData>,
    encrypted_content: Option<Box<RawValue>>,
}

/// Where a notification goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Something for `fetch`.
    Fetch(FetchTarget),
    /// Something for `subscriptions`.
    Subscriptions(SubscriptionsJob),
    /// A lifecycle event that asks for nothing, or that we do not know.
    Nothing,
    /// A resource that no route exists for, or an item without what its route needs.
    Unknown,
}

impl Route {
    /// The kind of resource whose subscription Graph notifies of this with; `None` for what any may.
    pub(crate) fn kind(&self) -> Option<ResourceKind> {
        match self {
            Self::Fetch(FetchTarget::CallRecord { .. }) => Some(ResourceKind::CallRecords),
            Self::Fetch(FetchTarget::EncryptedNotification(_)) => Some(ResourceKind::MeetingCalls),
            Self::Fetch(FetchTarget::Registrations(_)) => Some(ResourceKind::Registrations),
            Self::Fetch(_) => Some(ResourceKind::Reports),
            Self::Subscriptions(SubscriptionsJob::EventCreated { .. }) => Some(ResourceKind::VirtualEvents),
            Self::Subscriptions(SubscriptionsJob::Lifecycle { .. }) | Self::Nothing | Self::Unknown => None,
        }
    }
}

#[derive(Debug)]
struct ResourceData {
    odata_id: Option<String>,
    /// The resource's id; some notifications hold its path here.
    id: Option<String>,
}

/// The members of a JSON object, each as it came.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Members<'a> {
    /// `None` for what is no object.
    fn read(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }

    /// A member that is not null.
    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|raw| raw.get() != "null")
    }
}

impl ChangeNotification {
    /// Reads an item; `None` for what is no JSON object.
    pub(crate) fn read(item: &RawValue) -> Option<Self> {
        let members = Members::read(item.get())?;
        let data = members.raw("resourceData").and_then(|data| Members::read(data.get()));
        Some(Self {
            tenant_id: members.text("tenantId"),
            client_state: members.text("clientState"),
            subscription_id: members.text("subscriptionId"),
            lifecycle_event: members.text("lifecycleEvent"),
            resource: members.text("resource"),
            resource_data: data
                .map(|data| ResourceData { odata_id: data.text("@odata.id"), id: data.text("id") }),
            encrypted_content: members.raw("encryptedContent").map(ToOwned::to_owned),
        })
    }

    /// An item as it came, without the `clientState` that proves it genuine: dead letters are read by people.
    pub(crate) fn without_client_state(item: &RawValue) -> String {
        let mut members = Members::read(item.get()).map_or_else(BTreeMap::new, |members| members.0);
        members.remove("clientState");
        serde_json::to_string(&members).unwrap_or_default()
    }

    /// What is kept of an item that is too large for a message: whose it is, and what of.
    pub(crate) fn abridged(&self, size_bytes: usize) -> String {
        let short = |text: &Option<String>| text.clone().filter(|text| text.len() <= MAX_ID_BYTES);
        let (subscription_id, resource) = (short(&self.subscription_id), short(&self.resource));
        json!({"subscriptionId": subscription_id, "resource": resource, "sizeBytes": size_bytes}).to_string()
    }

    /// Whether it is of this tenant. Some samples name no tenant: those count as ours, and their
    /// `clientState` decides.
    pub(crate) fn is_of(&self, tenant_id: &str) -> bool {
        self.tenant_id.as_deref().is_none_or(|tenant| tenant.eq_ignore_ascii_case(tenant_id))
    }

    /// Where it goes. `validation_tokens` are those of the POST that it came in.
    pub(crate) fn route(&self, validation_tokens: &[String]) -> Route {
        if let Some(event) = &self.lifecycle_event {
            return self.lifecycle(event);
        }
        if let Some(content) = &self.encrypted_content {
            return encrypted(content, validation_tokens);
        }
        let data = self.resource_data.as_ref();
        let paths = [
            data.and_then(|data| data.odata_id.as_deref()),
            data.and_then(|data| data.id.as_deref()),
            self.resource.as_deref(),
        ];
        paths.into_iter().flatten().find_map(route_of_path).unwrap_or(Route::Unknown)
    }

    fn lifecycle(&self, event: &str) -> Route {
        let event = match event {
            "reauthorizationRequired" => LifecycleEvent::ReauthorizationRequired,
            "subscriptionRemoved" => LifecycleEvent::SubscriptionRemoved,
            "missed" => LifecycleEvent::Missed,
            _ => return Route::Nothing,
        };
        let subscription_id = self.subscription_id.clone().filter(|id| id.len() <= MAX_ID_BYTES);
        let Some(subscription_id) = subscription_id else { return Route::Unknown };
        Route::Subscriptions(SubscriptionsJob::Lifecycle { subscription_id, event })
    }
}

/// `fetch` decrypts it: the webhook endpoint is public, so it holds no key.
fn encrypted(content: &RawValue, validation_tokens: &[String]) -> Route {
    match serde_json::from_str::<EncryptedContent>(content.get()) {
        Ok(content) => {
            let validation_tokens = validation_tokens.to_vec();
            let notification = EncryptedNotification { content, validation_tokens };
            Route::Fetch(FetchTarget::EncryptedNotification(notification))
        }
        Err(_) => Route::Unknown,
    }
}

/// Where a resource's path leads; `None` for one that we do not know.
fn route_of_path(path: &str) -> Option<Route> {
    let segments = segments(path)?;
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let segment = |index: usize| segments[index].clone();
    match lower.as_slice() {
        ["communications", "callrecords", _] => {
            Some(Route::Fetch(FetchTarget::CallRecord { id: segment(2) }))
        }
        ["solutions", "virtualevents", kind, _] => {
            let kind = VirtualEventKind::of_segment(kind)?;
            Some(Route::Subscriptions(SubscriptionsJob::EventCreated { kind, event_id: segment(3) }))
        }
        ["solutions", "virtualevents", kind, _, "registrations", _] => {
            let (kind, registration_id) = (VirtualEventKind::of_segment(kind)?, Some(segment(5)));
            let registrations = RegistrationsRef { kind, event_id: segment(3), registration_id };
            Some(Route::Fetch(FetchTarget::Registrations(registrations)))
        }
        ["solutions", "virtualevents", kind, _, "sessions", _, "attendancereports", _] => {
            let source = VirtualEventKind::of_segment(kind)?.source(&segments[3], &segments[5]);
            Some(Route::Fetch(FetchTarget::Report(source.report(segment(7)))))
        }
        _ => None,
    }
}

/// The segments of a path, decoded: `/a/b/`, `a/b` and `a('b')` are the same. `None` where one is longer than an id.
fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let key = part.strip_suffix("')").and_then(|part| part.split_once("('"));
        let (name, key) = key.map_or((part, None), |(name, key)| (name, Some(key)));
        for text in [Some(name), key].into_iter().flatten() {
            let segment = percent_decode_str(text).decode_utf8().ok()?;
            segments.push(Some(segment.into_owned()).filter(|segment| segment.len() <= MAX_ID_BYTES)?);
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn route(notification: &str) -> Route {
        let item: &RawValue = serde_json::from_str(notification).unwrap();
        ChangeNotification::read(item).unwrap().route(&["t".to_owned()])
    }

    fn webinar_report() -> Route {
        Route::Fetch(FetchTarget::Report(VirtualEventKind::Webinar.source("w-1@t-1", "s-1").report("r-1")))
    }

    fn webinar_created() -> Route {
        let (kind, event_id) = (VirtualEventKind::Webinar, "w-1@t-1".into());
        Route::Subscriptions(SubscriptionsJob::EventCreated { kind, event_id })
    }

    #[test]
    fn a_webinar_notification_names_its_report() {
        assert_eq!(route(include_str!("../fixtures/webinar_report_created.json")), webinar_report());
    }

    #[test]
    fn a_town_hall_notification_names_its_report() {
        let townhall = VirtualEventKind::Townhall.source("h-1@t-1", "s-1").report("r-1");
        let posted = include_str!("../fixtures/townhall_report_created.json");
        assert_eq!(route(posted), Route::Fetch(FetchTarget::Report(townhall)));
    }

    #[test]
    fn odd_members_and_members_that_are_there_twice_do_not_hide_the_others() {
        let call = Route::Fetch(FetchTarget::CallRecord { id: "c-1".into() });
        for item in [
            r#"{"resource":"communications/callRecords/c-1","resourceData":{"id":7},"subscriptionId":[]}"#,
            r#"{"resource":"x","resource":"communications/callRecords/c-1"}"#,
            r#"{"resource":"communications/callRecords/c-1","resourceData":"odd","encryptedContent":null}"#,
        ] {
            assert_eq!(route(item), call, "{item}");
        }
        assert_eq!(route(r#"{"resource":7,"resourceData":{"id":8}}"#), Route::Unknown);
    }

    #[test]
    fn a_call_record_notification_names_its_call() {
        let posted = include_str!("../fixtures/call_record_created.json");
        assert_eq!(route(posted), Route::Fetch(FetchTarget::CallRecord { id: "c-1".into() }));
    }

    #[test]
    fn an_encrypted_notification_is_sent_on_as_it_is() {
        let posted = include_str!("../fixtures/meeting_call_encrypted.json");
        let content = EncryptedContent {
            data: "ZGF0YQ==".into(),
            data_key: "a2V5".into(),
            data_signature: "c2lnbmF0dXJl".into(),
            encryption_certificate_id: "certificate-1".into(),
        };
        let notification = EncryptedNotification { content, validation_tokens: vec!["t".into()] };
        assert_eq!(route(posted), Route::Fetch(FetchTarget::EncryptedNotification(notification)));
        assert_eq!(route(&posted.replace("dataKey", "key")), Route::Unknown);
    }

    #[test]
    fn a_new_event_is_for_subscriptions() {
        let posted = r#"{"resource":"solutions/virtualEvents/events","changeType":"created","resourceData":{"@odata.id":"solutions/virtualEvents/webinars/w-1@t-1/"}}"#;
        assert_eq!(route(posted), webinar_created());
    }

    #[test]
    fn what_graph_says_about_a_subscription_is_for_subscriptions() {
        let lifecycle =
            |event: &str| route(&format!(r#"{{"subscriptionId":"s","lifecycleEvent":"{event}"}}"#));
        for (said, event) in [
            ("reauthorizationRequired", LifecycleEvent::ReauthorizationRequired),
            ("subscriptionRemoved", LifecycleEvent::SubscriptionRemoved),
            ("missed", LifecycleEvent::Missed),
        ] {
            let job = SubscriptionsJob::Lifecycle { subscription_id: "s".into(), event };
            assert_eq!(lifecycle(said), Route::Subscriptions(job));
        }
        assert_eq!(lifecycle("somethingNew"), Route::Nothing);
        assert_eq!(route(r#"{"lifecycleEvent":"missed"}"#), Route::Unknown);
    }

    #[test]
    fn an_id_has_a_length() {
        let (longest, longer) = ("x".repeat(MAX_ID_BYTES), "x".repeat(MAX_ID_BYTES + 1));
        let call = |id: &str| route(&format!(r#"{{"resource":"communications/callRecords/{id}"}}"#));
        assert_eq!(call(&longest), Route::Fetch(FetchTarget::CallRecord { id: longest.clone() }));
        assert_eq!(call(&longer), Route::Unknown);
        let missed = |id: &str| route(&format!(r#"{{"subscriptionId":"{id}","lifecycleEvent":"missed"}}"#));
        assert_ne!(missed(&longest), Route::Unknown);
        assert_eq!(missed(&longer), Route::Unknown);
    }

    #[test]
    fn paths_are_read_in_every_form_that_graph_writes() {
        let routed = |path: &str| route(&format!(r#"{{"resourceData":{{"@odata.id":"{path}"}}}}"#));
        for path in [
            "solutions/virtualEvents/webinars/w-1@t-1/sessions/s-1/attendanceReports/r-1",
            "/solutions/virtualevents/Webinars/w-1@t-1/sessions/s-1/attendancereports/r-1/",
            "solutions/virtualEvents/webinars('w-1@t-1')/sessions('s-1')/attendanceReports('r-1')",
            "solutions/virtualEvents/webinars/w-1%40t-1/sessions/s-1/attendanceReports/r-1",
        ] {
            assert_eq!(routed(path), webinar_report(), "{path}");
        }
        for path in
            ["solutions/virtualEvents/webinars/w-1@t-1", "/Solutions/virtualEvents/Webinars('w-1@t-1')/"]
        {
            assert_eq!(routed(path), webinar_created(), "{path}");
        }
    }

    /// Where each payload that Microsoft documents goes; its ids are placeholders. Skipped where the
    /// official payloads are not beside the repository.
    #[test]
    fn every_documented_payload_names_what_it_says() {
        let official = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/graph/notifications");
        let Ok(files) = std::fs::read_dir(official) else {
            let is_ci = std::env::var_os("CI").is_some();
            assert!(!is_ci, "the official payloads (shared/graph) are not beside the repository");
            writeln!(
                std::io::stderr(),
                "skipped: the official payloads (shared/graph) are not beside the repository"
            )
            .ok();
            return;
        };
        let mut routes: Vec<String> = files.filter_map(|file| documented(&file.unwrap().path())).collect();
        routes.sort();
        insta::assert_snapshot!(routes.join("\n"));
    }

    /// What the items of a documented payload name. Some are printed without their collection.
    fn documented(path: &std::path::Path) -> Option<String> {
        let file = path.file_name()?.to_string_lossy().into_owned();
        let is_payload = ["notif-", "lifecycle-"].iter().any(|kind| file.starts_with(kind));
        if !is_payload || file.ends_with("request.json") {
            return None;
        }
        let payload: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let items = payload["value"].as_array().cloned().unwrap_or_else(|| vec![payload.clone()]);
        let routes = items.into_iter().map(|item| route(&item.to_string()));
        Some(format!("{file}: {:?}", routes.collect::<Vec<_>>()))
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
            assert_eq!(route(unknown), Route::Unknown, "{unknown}");
        }
    }
}
