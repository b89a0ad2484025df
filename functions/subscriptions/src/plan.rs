//! What must be done so that the existing subscriptions are the desired ones. Pure.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use shared::graph::{Encryption, GraphError, Subscription};
use shared::model::{WatchedResource, resource_key};

/// How often `subscriptions` runs on its schedule.
pub(crate) const PERIOD: SignedDuration = SignedDuration::from_mins(30);
/// A PATCH also reauthorizes, and Graph wants ten minutes between the two.
const BETWEEN_RENEWALS: SignedDuration = SignedDuration::from_mins(10);

/// How long a `clientState` is genuine.
pub(crate) const STATE_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So long before its `clientState` ends a subscription is made anew: a renewal cannot change it.
const STATE_RENEWED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The desired state: what to subscribe to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DesiredState {
    /// The resources, each once.
    pub(crate) resources: Vec<WatchedResource>,
    /// Why the resources may not be all: what could not be listed may be desired, too. `None` if all were
    /// listed.
    pub(crate) overlooked: Option<GraphError>,
    /// What notifications of meetings are encrypted with from now on; `None` without a certificate.
    pub(crate) encryption: Option<Encryption>,
    /// Where Graph posts to, with the id of the current key and the end of the `clientState`.
    pub(crate) notification_url: String,
    /// Where Graph posts what it says about a subscription itself.
    pub(crate) lifecycle_url: String,
    /// The notification URL without its query: what lies below it is ours.
    pub(crate) base_url: String,
    /// The query of the notification URL up to the end of the `clientState`. No other deployment has the key whose
    /// id it holds: a subscription with it is ours, whatever its address.
    pub(crate) key_query: String,
    /// When the `clientState` of a new subscription ends (UTC).
    pub(crate) state_end: Timestamp,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// No subscription exists: create one.
    Create(WatchedResource),
    /// It lives on until this time, and its notifications are encrypted with the current certificate.
    Renew {
        /// The subscription's id.
        id: String,
        resource: WatchedResource,
        until: Timestamp,
    },
    /// It is of another key, or of an address that was ours, its `clientState` ends soon, or it has expired: delete
    /// it and create another. Graph allows one for each resource and application.
    Recreate {
        /// The subscription's id.
        id: String,
        resource: WatchedResource,
    },
    /// It is ours, and no longer desired, or a duplicate.
    Delete {
        /// The subscription's id.
        id: String,
    },
}

/// The subscriptions that exist, by their resources: there may be thousands.
pub(crate) struct Existing<'a>(HashMap<String, Vec<&'a Subscription>>);

impl<'a> Existing<'a> {
    pub(crate) fn new(subscriptions: &'a [Subscription]) -> Self {
        let mut by_resource: HashMap<_, Vec<_>> = HashMap::new();
        for subscription in subscriptions {
            by_resource.entry(resource_key(&subscription.resource)).or_default().push(subscription);
        }
        Self(by_resource)
    }

    /// Those to this resource, in their order.
    pub(crate) fn to(&self, resource: &WatchedResource) -> &[&'a Subscription] {
        self.0.get(&resource_key(&resource.path())).map_or(&[], Vec::as_slice)
    }
}

/// Plans the actions. `reauthorize` are the ids of the subscriptions that Graph wants reauthorized.
pub(crate) fn plan(
    desired: &DesiredState,
    existing: &[Subscription],
    reauthorize: &[String],
    now: Timestamp,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let by_resource = Existing::new(existing);
    for resource in &desired.resources {
        let mut ours = by_resource.to(resource).to_vec();
        ours.retain(|existing| is_ours(desired, existing));
        ours.sort_by_key(|existing| (is_current(desired, existing, now), existing.expires_at()));
        let Some(best) = ours.pop() else {
            // One that another deployment lives on is in the way, and stays.
            if !is_taken(desired, &by_resource, resource, now) {
                actions.push(Action::Create(resource.clone()));
            }
            continue;
        };
        actions.extend(ours.into_iter().map(|duplicate| Action::Delete { id: duplicate.id.clone() }));
        actions.extend(plan_renewal(desired, resource, best, reauthorize.contains(&best.id), now));
    }
    if desired.overlooked.is_none() {
        let keys: HashSet<String> =
            desired.resources.iter().map(|resource| resource_key(&resource.path())).collect();
        let undesired = |existing: &&Subscription| !keys.contains(&resource_key(&existing.resource));
        let ours = existing.iter().filter(undesired).filter(|existing| is_ours(desired, existing));
        actions.extend(ours.map(|existing| Action::Delete { id: existing.id.clone() }));
    }
    actions
}

/// What must be done with an existing subscription that is desired; `None` where nothing must.
fn plan_renewal(
    desired: &DesiredState,
    resource: &WatchedResource,
    existing: &Subscription,
    reauthorize: bool,
    now: Timestamp,
) -> Option<Action> {
    let (id, resource) = (existing.id.clone(), resource.clone());
    let left = existing.expires_at().map_or(SignedDuration::ZERO, |end| end.duration_since(now));
    let life = resource.longest_life();
    let soon = reauthorize || has_older_certificate(desired, &resource, existing);
    if !is_current(desired, existing, now) || left <= SignedDuration::ZERO {
        Some(Action::Recreate { id, resource })
    } else if left <= life / 3 || (soon && left < life - BETWEEN_RENEWALS) {
        Some(Action::Renew { id, resource, until: now + life })
    } else {
        None
    }
}

/// How many of the desired resources only another deployment with the same application is subscribed to.
pub(crate) fn foreign(desired: &DesiredState, existing: &[Subscription], now: Timestamp) -> usize {
    let by_resource = Existing::new(existing);
    let is_foreign = |resource: &&WatchedResource| {
        is_taken(desired, &by_resource, resource, now)
            && !by_resource.to(resource).iter().any(|existing| is_ours(desired, existing))
    };
    desired.resources.iter().filter(is_foreign).count()
}

/// Whether a subscription that is not ours, and has not expired, is to this resource.
fn is_taken(
    desired: &DesiredState,
    existing: &Existing<'_>,
    resource: &WatchedResource,
    now: Timestamp,
) -> bool {
    let is_live = |existing: &Subscription| existing.expires_at().is_some_and(|end| end > now);
    existing.to(resource).iter().any(|existing| !is_ours(desired, existing) && is_live(existing))
}

/// Whether Graph posts to the current notification URL, with the id of the current key, and with a `clientState`
/// that does not end soon.
fn is_current(desired: &DesiredState, existing: &Subscription, now: Timestamp) -> bool {
    let url = existing.notification_url.as_deref().unwrap_or_default();
    let query = url.strip_prefix(&desired.base_url).and_then(|query| query.strip_prefix(&desired.key_query));
    let end = query.and_then(|end| end.parse::<i64>().ok());
    end.is_some_and(|end| end - now.as_second() > STATE_RENEWED.as_secs())
}

/// Whether its notifications are encrypted with another certificate than the current one.
fn has_older_certificate(
    desired: &DesiredState,
    resource: &WatchedResource,
    existing: &Subscription,
) -> bool {
    let current = desired.encryption.as_ref().map(Encryption::id);
    resource.is_encrypted() && existing.encryption_certificate_id.as_deref() != current
}

/// Whether it was made for this deployment, by its address or its key; others may use the same application.
fn is_ours(desired: &DesiredState, existing: &Subscription) -> bool {
    let url = existing.notification_url.as_deref().unwrap_or_default();
    url.contains(&desired.key_query)
        || url
            .strip_prefix(&desired.base_url)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// The time in which a resource that has no subscription now may have had none.
pub(crate) fn unsubscribed_window(resource: &WatchedResource, now: Timestamp) -> (Timestamp, Timestamp) {
    (now - resource.longest_life() - PERIOD, now)
}

#[cfg(test)]
mod tests {
    use shared::model::{Outcome, VirtualEventKind};
    use shared::ports::secrets::PemBundle;

    use super::*;

    const URL: &str = "https://x.example/notifications?key=new&until=1774951200";

    fn now() -> Timestamp {
        "2026-03-01T10:00:00Z".parse().unwrap()
    }

    fn report() -> WatchedResource {
        WatchedResource::Reports { kind: VirtualEventKind::Webinar, event_id: "w@t".into() }
    }

    fn desired(resources: &[WatchedResource]) -> DesiredState {
        DesiredState {
            resources: resources.to_vec(),
            overlooked: None,
            encryption: Some(Encryption::with(&certificate())),
            notification_url: URL.into(),
            lifecycle_url: "https://x.example/lifecycle?key=new&until=1774951200".into(),
            base_url: "https://x.example/notifications".into(),
            key_query: "?key=new&until=".into(),
            state_end: now() + STATE_LIFE,
        }
    }

    /// A subscription with so many minutes left.
    fn existing(id: &str, resource: &str, url: &str, minutes: i64) -> Subscription {
        Subscription {
            id: id.into(),
            resource: resource.into(),
            notification_url: Some(url.into()),
            expiration_date_time: Some((now() + SignedDuration::from_mins(minutes)).to_string()),
            encryption_certificate_id: None,
        }
    }

    fn certificate() -> PemBundle {
        PemBundle { certificate: vec![1, 2, 3], key: None }
    }

    #[test]
    fn one_with_an_older_certificate_is_renewed_but_not_twice_within_ten_minutes() {
        let (organizer_id, join_web_url) = ("o".into(), "https://teams.microsoft.com/l/x".into());
        let resource = WatchedResource::MeetingCalls { organizer_id, join_web_url };
        let planned = |certificate_id: Option<&str>, minutes| {
            let existing = Subscription {
                encryption_certificate_id: certificate_id.map(str::to_owned),
                ..existing("s-1", &resource.path(), URL, minutes)
            };
            plan(&desired(std::slice::from_ref(&resource)), &[existing], &[], now())
        };
        let until = now() + SignedDuration::from_mins(4_210);
        let renewed = Action::Renew { id: "s-1".into(), resource: resource.clone(), until };
        let current = certificate().thumbprint();
        assert_eq!(planned(Some(&current), 4_000), []);
        let renewed = [renewed];
        assert_eq!(planned(Some("another"), 4_000), renewed);
        assert_eq!(planned(None, 4_000), renewed);
        assert_eq!(planned(Some("another"), 4_200), []);
    }

    fn calls(url: &str, minutes: i64) -> Subscription {
        existing("s-1", "communications/callRecords", url, minutes)
    }

    fn renewed() -> Action {
        let until = now() + SignedDuration::from_mins(4_210);
        Action::Renew { id: "s-1".into(), resource: WatchedResource::CallRecords, until }
    }

    fn recreated() -> Action {
        Action::Recreate { id: "s-1".into(), resource: WatchedResource::CallRecords }
    }

    #[test]
    fn each_case_has_its_action() {
        let old_key = "https://x.example/notifications?key=old&until=1774951200";
        let moved = "https://y.example/notifications?key=new&until=1774951200";
        let foreign = "https://y.example/notifications?key=other&until=1774951200";
        // Seven days after the time of the test, and a second more.
        let ends_soon = "https://x.example/notifications?key=new&until=1772964000";
        let ends_later = "https://x.example/notifications?key=new&until=1772964001";
        let without_end = "https://x.example/notifications?key=new";
        let no_expiry = Subscription { expiration_date_time: None, ..calls(URL, 0) };
        for (case, existing, expected) in [
            ("nothing", vec![], vec![Action::Create(WatchedResource::CallRecords)]),
            ("fresh", vec![calls(URL, 4_000)], vec![]),
            ("more than a third left", vec![calls(URL, 1_404)], vec![]),
            ("a third left", vec![calls(URL, 1_403)], vec![renewed()]),
            ("expired", vec![calls(URL, 0)], vec![recreated()]),
            ("without an end", vec![no_expiry], vec![recreated()]),
            ("an address that was ours", vec![calls(moved, 4_000)], vec![recreated()]),
            ("an older key", vec![calls(old_key, 4_000)], vec![recreated()]),
            ("a state that ends soon", vec![calls(ends_soon, 4_000)], vec![recreated()]),
            ("a state that ends later", vec![calls(ends_later, 4_000)], vec![]),
            ("a state without an end", vec![calls(without_end, 4_000)], vec![recreated()]),
            ("another deployment's", vec![calls(foreign, 4_000)], vec![]),
            (
                "another deployment's, expired",
                vec![calls(foreign, 0)],
                vec![Action::Create(WatchedResource::CallRecords)],
            ),
            ("written otherwise", vec![existing("s-1", "/Communications/CallRecords/", URL, 4_000)], vec![]),
        ] {
            assert_eq!(
                plan(&desired(&[WatchedResource::CallRecords]), &existing, &[], now()),
                expected,
                "{case}"
            );
        }
    }

    #[test]
    fn of_two_the_current_and_longer_living_stays() {
        let duplicates = [
            existing("s-2", "communications/callRecords", "https://x.example/notifications?key=old", 4_100),
            existing("s-3", "communications/callRecords", URL, 3_000),
            existing("s-1", "communications/callRecords", URL, 4_000),
            existing("s-4", "communications/callRecords", "https://y.example/z", 4_200),
        ];
        let actions = plan(&desired(&[WatchedResource::CallRecords]), &duplicates, &[], now());
        let delete = |id: &str| Action::Delete { id: id.into() };
        assert_eq!(actions, [delete("s-2"), delete("s-3")]);
    }

    #[test]
    fn what_nobody_wants_is_deleted_if_it_is_ours_and_nothing_was_overlooked() {
        let existing = [
            existing("s-1", &report().path(), URL, 1_000),
            existing("s-2", "users/u/messages", "https://y.example/z", 1_000),
            existing("s-3", "users/u/messages", "https://x.example/notificationsX", 1_000),
        ];
        assert_eq!(plan(&desired(&[]), &existing, &[], now()), [Action::Delete { id: "s-1".into() }]);
        let overlooked = Some(GraphError::new(Outcome::Throttled));
        let incomplete = DesiredState { overlooked, ..desired(&[]) };
        assert_eq!(plan(&incomplete, &existing, &[], now()), []);
    }

    #[test]
    fn what_only_another_deployment_is_subscribed_to_is_counted() {
        let theirs = "https://y.example/notifications?key=other&until=1774951200";
        let desired = desired(&[WatchedResource::CallRecords, WatchedResource::VirtualEvents]);
        let counted = |existing: &[Subscription]| foreign(&desired, existing, now());
        assert_eq!(counted(&[]), 0);
        assert_eq!(counted(&[calls(theirs, 4_000)]), 1);
        assert_eq!(counted(&[calls(theirs, 0)]), 0, "it has expired");
        assert_eq!(counted(&[calls(theirs, 4_000), calls(URL, 4_000)]), 0, "there is one of ours");
    }

    #[test]
    fn a_reauthorization_is_a_renewal_but_not_twice_within_ten_minutes() {
        let reauthorize = ["s-1".to_owned()];
        let planned = |minutes| {
            plan(&desired(&[WatchedResource::CallRecords]), &[calls(URL, minutes)], &reauthorize, now())
        };
        assert_eq!(planned(4_000), [renewed()]);
        assert_eq!(planned(4_199), [renewed()]);
        assert_eq!(planned(4_200), []);
        assert_eq!(planned(4_210), []);
    }

    #[test]
    fn an_unsubscribed_window_reaches_back_over_the_longest_life_and_one_period() {
        let (since, until) = unsubscribed_window(&report(), now());
        assert_eq!((until, until.duration_since(since)), (now(), SignedDuration::from_mins(1_420 + 30)));
    }
}
