//! Titles: as they were given, wherever they are asked for.

use std::collections::BTreeSet;

use graph_sim::{Manner, TITLES_THAT_HURT, registration};
use serde_json::Value;
use shared::model::VirtualEventKind;
use shared::ports::clock::Clock;

use super::{BY_ADDRESS, MEETING, REGISTRATIONS, TOWNHALL, Tenant, WEBINAR};

#[test]
fn the_titles_that_hurt_are_what_they_are_said_to_be() {
    assert_eq!(TITLES_THAT_HURT.iter().collect::<BTreeSet<_>>().len(), TITLES_THAT_HURT.len());
    let lengths: BTreeSet<usize> = TITLES_THAT_HURT.iter().map(|title| title.chars().count()).collect();
    assert_eq!((lengths.first(), lengths.last()), (Some(&0), Some(&255)));
    for part in ["\"", "\\", "\n", "\t", "\u{202e}", "\u{0}", "<script>", "🎉"] {
        assert!(TITLES_THAT_HURT.iter().any(|title| title.contains(part)), "{part:?}");
    }
    assert!(TITLES_THAT_HURT.iter().any(|title| !title.is_empty() && title.trim().is_empty()));
    assert!(TITLES_THAT_HURT.iter().any(|title| serde_json::from_str::<Value>(title).is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_title_is_read_as_it_was_given_wherever_it_is_asked_for_and_its_bytes_are_known_to_the_test() {
    let tenant = Tenant::new();
    let sim = &tenant.sim;
    for title in TITLES_THAT_HURT {
        sim.set_subject("m-1", title);
        sim.set_event_title("w-1@contoso", title);
        sim.set_event_title("h-1@contoso", title);
        sim.set_session_subject("w-1@contoso", "s-1", title);

        let meeting = sim.meeting_json("m-1").unwrap();
        assert_eq!(tenant.text(MEETING).await, meeting);
        assert_eq!(tenant.text(BY_ADDRESS).await, format!("{{\"value\":[{meeting}]}}"));
        assert_eq!(tenant.json(MEETING).await["subject"], title);

        for (kind, path, id) in [
            (VirtualEventKind::Webinar, WEBINAR, "w-1@contoso"),
            (VirtualEventKind::Townhall, TOWNHALL, "h-1@contoso"),
        ] {
            assert_eq!(tenant.text(path).await, sim.event_json(kind, id).unwrap());
            let read = tenant.json(path).await;
            assert_eq!(read.get("value").unwrap_or(&read)["displayName"], title);
            let (list, _) = path.rsplit_once('/').unwrap();
            assert_eq!(tenant.json(list).await["value"][0]["displayName"], title);
        }
        let session = tenant.text(&format!("{WEBINAR}/sessions/s-1")).await;
        assert_eq!(Some(session), sim.session_json(VirtualEventKind::Webinar, "w-1@contoso", "s-1"));
        assert_eq!(tenant.json(&format!("{WEBINAR}/sessions/s-1")).await["value"]["subject"], title);
        assert_eq!(tenant.json(&format!("{WEBINAR}/sessions")).await["value"][0]["subject"], title);
    }
    for control in TITLES_THAT_HURT.iter().filter(|title| title.contains('\0')) {
        sim.set_subject("m-1", control);
        assert!(sim.meeting_json("m-1").unwrap().contains(r"\u0000"));
    }
}

#[tokio::test(start_paused = true)]
async fn half_an_emoji_ends_each_title_where_members_are_odd() {
    let tenant = Tenant::new();
    tenant.sim.set_subject("m-1", "Launch");
    tenant.sim.add_registration("w-1@contoso", registration(1, tenant.clock.now()));
    tenant.sim.behave(&[Manner::OddMembers]);
    let registration = format!("/v1.0/{REGISTRATIONS}/{:08x}-0000-4000-8000-0000e0205050", 1);
    for path in [MEETING, WEBINAR, TOWNHALL, &format!("{WEBINAR}/sessions/s-1"), &registration] {
        let text = tenant.text(path).await;
        assert!(text.contains(r#"\ud83d""#), "{path}: {text}");
        assert!(serde_json::from_str::<Value>(&text).is_err(), "no text in Rust holds it");
    }
    assert!(tenant.text(MEETING).await.contains(r#""subject":"Launch\ud83d""#));
    assert_eq!(tenant.text(MEETING).await, tenant.sim.meeting_json("m-1").unwrap());
}
