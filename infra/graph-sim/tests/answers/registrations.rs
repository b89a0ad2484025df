//! Registrations: lists, single ones, notifications, and the records of those who came.

use graph_sim::{Manner, RegistrationMatch, SimRegistration, record_of_registration, registration};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use super::{REGISTRATIONS, TOWNHALL, Tenant, entries};

#[tokio::test(start_paused = true)]
async fn registrations_are_listed_in_pages_and_read_by_their_ids() {
    let tenant = Tenant::new();
    let path = format!("/v1.0/{REGISTRATIONS}");
    assert_eq!(tenant.text(&path).await, r#"{"value":[]}"#);
    for number in 0..5 {
        tenant.sim.add_registration("w-1@contoso", registration(number, tenant.clock.now()));
    }
    let second = registration(1, tenant.clock.now());
    tenant.sim.add_registration("w-1@contoso", second.clone().canceled(tenant.clock.now()));
    tenant.sim.set_page_size(2);

    let (mut listed, mut next) = (Vec::new(), Some(path.clone()));
    while let Some(page) = next.take() {
        let page = tenant.json(&page).await;
        listed.extend(entries(&page).iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    let ids: Vec<String> = (0..5).map(|number| registration(number, tenant.clock.now()).id).collect();
    assert_eq!(listed, ids, "the one that was canceled stands where it stood");

    let alone = format!("{path}/{}", second.id);
    assert_eq!(Some(tenant.text(&alone).await), tenant.sim.registration_json("w-1@contoso", &second.id));
    let read = tenant.json(&alone).await;
    assert_eq!([&read["status"], &read["email"]], ["canceled", "Person.1@contoso.com"]);
    assert_eq!(read["cancelationDateTime"], "2026-03-02T10:30:00", "without a zone");
    assert_eq!(tenant.get(&format!("{path}/other")).await.0, 404);
    assert_eq!(tenant.get(&path.replace("w-1", "w-2")).await.0, 404);

    let raw = r#"{"id":"odd","email":{"a":1}}"#;
    let odd = SimRegistration { id: "odd".to_owned(), raw: Some(raw.to_owned()), ..second };
    tenant.sim.add_registration("w-1@contoso", odd);
    assert_eq!(tenant.text(&format!("{path}/odd")).await, raw);
}

#[tokio::test(start_paused = true)]
async fn where_registrations_are_not_listed_each_is_still_read_by_its_id() {
    let tenant = Tenant::new();
    let registration = registration(1, tenant.clock.now());
    tenant.sim.add_registration("w-1@contoso", registration.clone());
    tenant.sim.behave(&[Manner::RegistrationsAreNotListed]);
    let (status, refusal) = tenant.get(&format!("/v1.0/{REGISTRATIONS}")).await;
    assert_eq!(status, 403);
    assert_eq!(serde_json::from_str::<Value>(&refusal).unwrap()["error"]["code"], "Forbidden");
    tenant.text(&format!("/v1.0/{REGISTRATIONS}/{}", registration.id)).await;
}

#[tokio::test(start_paused = true)]
async fn town_halls_have_registrations_in_beta_only() {
    let tenant = Tenant::new();
    let registration = registration(1, tenant.clock.now());
    tenant.sim.add_registration("h-1@contoso", registration.clone());
    let list = format!("{TOWNHALL}/registrations");
    for path in [list.clone(), format!("{list}/{}", registration.id)] {
        let (status, refusal) = tenant.get(&path).await;
        assert_eq!(status, 400);
        assert!(refusal.contains("Resource not found for the segment 'registrations'."), "{refusal}");
        tenant.text(&path.replace("v1.0", "beta")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn those_are_told_of_a_registration_whose_subscription_is_to_such_a_change() {
    let tenant = Tenant::new();
    let told = async |change| {
        let kind = VirtualEventKind::Webinar;
        tenant.sim.notify_registration(kind, "w-1@contoso", "r-1", change).await.unwrap().len()
    };
    assert_eq!(told("created").await, 0, "nobody has subscribed");
    assert_eq!(tenant.subscribe("created").await, 201);
    assert_eq!((told("created").await, told("updated").await), (1, 0));
    tenant.sim.forget_subscriptions();
    assert_eq!(tenant.subscribe("created,updated").await, 201);
    assert_eq!((told("created").await, told("updated").await), (1, 1));

    let posted = tenant.endpoint.0.lock().unwrap().last().unwrap()["value"][0].clone();
    let path = format!("{REGISTRATIONS}/r-1");
    assert_eq!([&posted["changeType"], &posted["resource"]], ["updated", REGISTRATIONS]);
    let of =
        json!({"@odata.id": path, "@odata.type": "#microsoft.graph.virtualEventRegistration", "id": path});
    assert_eq!(posted["resourceData"], of);
}

#[test]
fn the_record_of_a_registration_leads_to_it_in_one_way_and_in_no_other() {
    let (start, end) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
    for number in 0..8 {
        let registration = registration(number, start);
        let external = registration.external.as_ref().unwrap();
        for matching in RegistrationMatch::ALL {
            let record: Value =
                serde_json::from_str(&record_of_registration(&registration, matching, start, end)).unwrap();
            let address = record["emailAddress"].as_str().unwrap_or_default();
            let ways = [
                record["registrationId"] == registration.id,
                record["externalRegistrationInformation"]["registrationId"] == external.1,
                address.eq_ignore_ascii_case(registration.email.as_deref().unwrap()),
            ];
            let expected = [RegistrationMatch::Id, RegistrationMatch::ExternalId, RegistrationMatch::Address];
            assert_eq!(ways, expected.map(|way| way == matching), "{matching:?}: {record}");
        }
    }
}
