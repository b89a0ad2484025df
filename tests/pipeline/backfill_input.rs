//! A request is understood however people wrote its users and meetings, or refused before anything is done.

use backfill::BackfillError;
use data_encoding::BASE64;
use graph_sim::{Fault, Meeting, TENANT_ID};
use serde_json::{Value, json};
use shared::ports::clock::Clock;

use crate::backfill_tenant::{OTHER, in_calendar, ledger, session};
use crate::world::{ORGANIZER, World};

const UPN: &str = "Megan.Bowen@contoso.com";
const THREAD: &str = "19:meeting_QmFzZTY0@thread.v2";

/// A tenant in which a user, whose user principal name is [`UPN`], organized a meeting of this address. Answers
/// the meeting, the one report of which is not archived yet.
fn organized(world: &World, join_web_url: &str) -> Meeting {
    let meeting = Meeting {
        organizer_id: ORGANIZER.to_owned(),
        meeting_id: BASE64.encode(format!("1*{ORGANIZER}*0**{THREAD}").as_bytes()),
        join_web_url: join_web_url.to_owned(),
    };
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.set_user_principal_name(ORGANIZER, UPN);
    world.sim.add_report(world.report(meeting.source(), "r-1", 3));
    world.sim.add_meeting(meeting.clone());
    meeting
}

/// The long address, as Graph stores it.
fn long_address() -> String {
    format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_QmFzZTY0%40thread.v2/0?context=%7b%22Tid%22%3a%22{TENANT_ID}%22%2c%22Oid%22%3a%22{ORGANIZER}%22%7d"
    )
}

/// Everything that the request names was seen: the one report, which a dry run does not fetch.
async fn assert_finds_the_report(world: &World, request: &Value) {
    let mut request = request.clone();
    request["dryRun"] = json!(true);
    let (lines, summary) = ledger(world, request.clone()).await;
    assert!(summary.is_seen() && lines.len() == 1, "{request}: {lines:?}");
    assert_eq!(lines[0].report_id.as_deref(), Some("r-1"), "{request}");
}

#[tokio::test(start_paused = true)]
async fn a_meeting_is_found_by_each_form_of_its_address_and_of_its_ids() {
    let world = World::new();
    let meeting = organized(&world, &long_address());
    let plain = shared::model::normalize_join_url(&meeting.join_web_url);
    let encoded = shared::model::encode_segment(&meeting.join_web_url);
    let path = plain.trim_start_matches("https://teams.microsoft.com");
    for typed in [
        meeting.join_web_url.clone(),
        format!(" <{}>\n", meeting.join_web_url),
        plain.clone(),
        meeting.join_web_url.replace(TENANT_ID, &TENANT_ID.to_uppercase()).replace("%3a", "%3A"),
        format!("{}&anon=true&deeplinkId=1f2e", meeting.join_web_url),
        format!("msteams:{path}"),
        format!(
            "https://teams.microsoft.com/dl/launcher/launcher.html?url={}&type=meetup-join",
            shared::model::encode_segment(&format!("/_#{path}&anon=true"))
        ),
        format!("https://eur01.safelinks.protection.outlook.com/?url={encoded}&data=05"),
        meeting.meeting_id.clone(),
        format!("'{}'", meeting.meeting_id),
    ] {
        assert_finds_the_report(&world, &json!({"meetings": [typed]})).await;
    }
    let with_organizer = json!({"meetings": [{"organizer": UPN, "meeting": THREAD}]});
    assert_finds_the_report(&world, &with_organizer).await;
}

#[tokio::test(start_paused = true)]
async fn a_meeting_is_found_by_the_number_that_people_type_and_by_its_short_address() {
    let world = World::new();
    organized(&world, "https://teams.microsoft.com/meet/24014128301281?p=aB3xYz");
    for typed in [
        "24014128301281",
        "240 141 283 012 81",
        "240\u{a0}141\u{a0}283\u{a0}012\u{a0}81",
        "240-141-283-012-81",
        "https://teams.microsoft.com/meet/24014128301281?p=aB3xYz",
        "<https://teams.microsoft.com/meet/24014128301281?p=aB3xYz&anon=true>",
    ] {
        assert_finds_the_report(&world, &json!({"organizers": [UPN], "meetings": [typed]})).await;
        let of = json!({"meetings": [{"organizer": ORGANIZER.to_uppercase(), "meeting": typed}]});
        assert_finds_the_report(&world, &of).await;
    }
    let (lines, summary) =
        ledger(&world, json!({"organizers": [ORGANIZER], "meetings": ["999 999 999"]})).await;
    assert_eq!(
        (lines.len(), summary.is_seen(), summary.is_complete),
        (1, false, false),
        "nobody has this number"
    );
}

#[tokio::test(start_paused = true)]
async fn an_organizer_is_found_by_the_object_id_in_any_case_or_by_the_user_principal_name() {
    let world = World::new();
    world.sim.add_user(ORGANIZER, &[]);
    for name in [UPN, "megan_fabrikam.com#EXT#@contoso.com", "$megan@contoso.com", "o'neill@contoso.com"] {
        world.sim.set_user_principal_name(ORGANIZER, name);
    }
    let report = session(&world, ORGANIZER, "m-1", "r-1", world.clock.now());
    in_calendar(&world, ORGANIZER, &report);
    for typed in [
        ORGANIZER.to_uppercase(),
        format!("{{{ORGANIZER}}}"),
        UPN.to_lowercase(),
        format!("Megan Bowen <{UPN}>"),
        "megan_fabrikam.com#ext#@contoso.com".to_owned(),
        "$megan@contoso.com".to_owned(),
        "o'neill@contoso.com".to_owned(),
    ] {
        let request = json!({"organizers": [typed], "from": ["calendars"]});
        assert_finds_the_report(&world, &request).await;
    }
    let twice = json!({"organizers": [UPN, ORGANIZER], "from": ["calendars"]});
    assert_finds_the_report(&world, &twice).await;
}

#[tokio::test(start_paused = true)]
async fn a_user_principal_name_that_nobody_has_is_refused_and_the_others_are_looked_for() {
    let world = World::new();
    organized(&world, &long_address());
    let unknown = "ilse@contoso.com";
    let request = json!({
        "audit": true,
        "meetings": [long_address(), {"organizer": unknown, "meeting": "MSpk"}, {"organizer": OTHER, "meeting": long_address()}],
    });
    let (lines, summary) = ledger(&world, request).await;
    assert_eq!((summary.totals.missing, summary.totals.unreachable, summary.is_complete), (1, 2, false));
    let why = |item: &str| lines.iter().find(|line| line.source == item).unwrap().remedy.clone().unwrap();
    assert!(why("meetings[1]").contains("no user of the tenant has this user principal name"));
    assert!(why("meetings[2]").contains("names another organizer"));
    assert!(lines.iter().all(|line| !format!("{line:?}").contains(unknown)), "{lines:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_users_cannot_be_looked_up_begins_nothing() {
    for (fault, said) in [
        (Fault::Status(503), "does not answer"),
        (Fault::NoConnection, "does not answer"),
        (Fault::Body("<html>".into()), "not what Graph documents"),
        (Fault::NoConsent, "User.ReadBasic.All"),
    ] {
        let world = World::new();
        world.sim.fail("/users/", fault, 99);
        let request = json!({"organizers": [ORGANIZER, UPN], "audit": true});
        let error = world.pipeline.backfill(request).await.unwrap_err();
        let sentence = error.to_string();
        assert!(matches!(error, BackfillError::UserLookup(_)), "{sentence}");
        assert!(sentence.contains(said) && sentence.ends_with("Or write object ids"), "{sentence}");
        assert!(!sentence.to_lowercase().contains("megan"), "{sentence}");
        assert!(world.objects.keys().is_empty());
        assert!(world.pipeline.queues.backfill.messages().is_empty());
    }
}
