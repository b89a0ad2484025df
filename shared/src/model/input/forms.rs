//! Every form in which people were seen to write a meeting, and what is read from it.

use data_encoding::BASE64;
use proptest::prelude::*;

use super::{access_token, join_web_url, meeting, object_id, setting, user, virtual_event};
use crate::model::join_url::meeting_id_of;
use crate::model::{MeetingName, NamedMeeting};

const TENANT: &str = "5466a424-0000-4000-8000-0000c0205050";
const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const OTHER: &str = "0b0b0b0b-0000-4000-8000-0000c0205050";
const THREAD: &str = "19:meeting_QmFzZTY0@thread.v2";
/// The address as Graph stores it.
const STORED: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_QmFzZTY0%40thread.v2/0?context=%7b%22Tid%22%3a%225466a424-0000-4000-8000-0000c0205050%22%2c%22Oid%22%3a%220a11ce00-0000-4000-8000-0000c0205050%22%7d";

/// The same without any encoding, with its scheme and host left out.
fn plain_path() -> String {
    format!(r#"/l/meetup-join/{THREAD}/0?context={{"Tid":"{TENANT}","Oid":"{ORGANIZER}"}}"#)
}

/// A text percent-encoded as a query's value, in capitals.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn named(typed: &str, organizer: Option<&str>) -> Result<NamedMeeting, &'static str> {
    meeting(typed, TENANT)?.organized_by(organizer)
}

fn assert_is_stored_as(forms: &[String], stored: &str) {
    for typed in forms {
        assert_eq!(join_web_url(typed).as_deref(), Ok(stored), "{typed}");
        let meeting = named(typed, None).unwrap();
        assert_eq!((meeting.organizer_id.as_str(), meeting.meeting.as_str()), (ORGANIZER, stored), "{typed}");
    }
}

#[test]
fn a_join_url_is_read_however_it_was_copied_and_encoded() {
    let forms = [
        STORED.to_owned(),
        format!("  {STORED}\n"),
        format!("<{STORED}>"),
        format!("\"{STORED}\","),
        format!("{STORED}."),
        format!("Join the meeting now<{STORED}>"),
        format!("Join here: {STORED}\r\nMeeting ID: 240 141 283 012"),
        format!("{}\r\n{}", &STORED[..76], &STORED[76..]),
        STORED.replace("%3a", "%3A").replace("%7b", "%7B").replace("%2c", "%2C").replace("%7d", "%7D"),
        STORED.replace("%22", "%2522").replace("%3a", "%253a"),
        STORED.replace(TENANT, &TENANT.to_uppercase()).replace(ORGANIZER, &ORGANIZER.to_uppercase()),
        STORED.replace("https://teams.microsoft.com", "HTTPS://Teams.Microsoft.com"),
        STORED.replace("https://", "http://"),
        STORED.replace("https://", ""),
        encoded(STORED),
        format!("https://teams.microsoft.com{}", plain_path()),
        format!("msteams:{}", plain_path()),
        format!("msteams://teams.microsoft.com{}", plain_path()),
        format!("MSTEAMS:{}", STORED.trim_start_matches("https://teams.microsoft.com")),
    ];
    assert_is_stored_as(&forms, STORED);
}

#[test]
fn a_join_url_is_cut_out_of_launchers_and_redirections() {
    let tail = "&anon=true&deeplinkId=1f2e&launchAgent=join&type=meetup-join";
    let launcher = "https://teams.microsoft.com/dl/launcher/launcher.html?url=";
    let path = STORED.trim_start_matches("https://teams.microsoft.com");
    let proofpoint = STORED.replace('-', "-2D").replace('_', "-5F").replace('%', "-25");
    let proofpoint = proofpoint.replace("://", "-3A__").replace('/', "_");
    let stars = data_encoding::BASE64URL_NOPAD.encode("%".repeat(STORED.matches('%').count()).as_bytes());
    let forms = [
        format!("{STORED}{tail}"),
        format!("{STORED}{}", encoded(tail)),
        format!("https://teams.microsoft.com/_#{}{tail}", plain_path()),
        format!("https://teams.microsoft.com/v2/?meetingjoin=true#{}{tail}", plain_path()),
        format!(
            "{launcher}{}&type=meetup-join&directDl=true",
            encoded(&format!("/_#{}{tail}", plain_path()))
        ),
        format!("{launcher}{}&type=meetup-join", encoded(&format!("/_#{path}&anon=true"))),
        format!(
            "https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C02%7C&sdata=eA%3D&reserved=0",
            encoded(STORED)
        ),
        format!("https://www.google.com/url?q={}&source=gmail&usg=AOv", encoded(STORED)),
        format!("https://urldefense.proofpoint.com/v2/url?u={proofpoint}&d=DwMF&c=eu"),
        format!("https://urldefense.com/v3/__{}__;{stars}!!ABC!x-y$ ", STORED.replace('%', "*")),
    ];
    assert_is_stored_as(&forms, STORED);
}

#[test]
fn addresses_of_other_clouds_of_channels_and_without_a_context_stay_what_they_are() {
    let channel = STORED.replace("meeting_QmFzZTY0%40thread.v2/0", "QmFz-ZTY0%40thread.tacv2/1772447400123");
    let without_context = STORED.split('?').next().unwrap();
    let odd_context =
        "https://teams.microsoft.com/l/meetup-join/19%3am%40thread.v2/0?context=%7b%22Tid%22%7d";
    let of_2019 = STORED.replace("%40thread.v2", "%40thread.skype");
    for stored in [channel.as_str(), without_context, odd_context, &of_2019] {
        assert_eq!(join_web_url(stored).as_deref(), Ok(stored));
    }
    for host in
        ["gov.teams.microsoft.us", "dod.teams.microsoft.us", "teams.cloud.microsoft", "teams.live.com"]
    {
        let stored = STORED.replace("teams.microsoft.com", host);
        assert_eq!(join_web_url(&format!("<{stored}&anon=true>")).as_ref(), Ok(&stored));
    }
}

#[test]
fn a_join_number_is_read_from_what_people_type_and_from_short_addresses() {
    for typed in [
        "24014128301281",
        "240 141 283 012 81",
        " 240\u{a0}141\u{a0}283\u{a0}012\u{202f}81 ",
        "240-141-283-012-81",
        "240\u{2013}141 283 012 81",
        "https://teams.microsoft.com/meet/24014128301281?p=aB3xYz",
        "<https://teams.microsoft.com/meet/24014128301281>",
        "teams.microsoft.com/meet/24014128301281?p=aB3xYz&anon=true",
        "https://teams.microsoft.com/v2/?meetingjoin=true#/meet/24014128301281?p=aB3xYz&anon=true",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fteams.microsoft.com%2Fmeet%2F24014128301281%3Fp%3DaB3xYz&data=05",
        "msteams:/meet/24014128301281?p=aB3xYz",
        "https://gov.teams.microsoft.us/meet/24014128301281?p=aB3xYz",
    ] {
        let meeting = named(typed, Some(ORGANIZER)).unwrap();
        assert_eq!(
            MeetingName::of_text(&meeting.meeting),
            MeetingName::JoinMeetingId("24014128301281".into()),
            "{typed}"
        );
        assert_eq!(named(typed, None).unwrap_err(), super::meeting::NO_ORGANIZER, "{typed}");
    }
    let short = "https://teams.microsoft.com/meet/24014128301281?p=aB3xYz";
    assert_eq!(join_web_url(&format!("{short}&anon=true")).as_deref(), Ok(short), "for WATCH");
    let free = "https://teams.live.com/meet/9312345678901?p=aB3xYz";
    assert_eq!(named(free, Some(ORGANIZER)).unwrap().meeting, free, "the number of another service");
}

#[test]
fn an_id_is_graphs_or_one_that_clients_show() {
    let id = BASE64.encode(format!("1*{ORGANIZER}*0**{THREAD}").as_bytes());
    assert_eq!(meeting_id_of(ORGANIZER, "0", THREAD), id);
    for (typed, organizer) in [
        (id.clone(), None),
        (format!(" '{id}' "), None),
        (format!("{}\n{}", &id[..40], &id[40..]), None),
        (encoded(&id), None),
        (format!("1*{ORGANIZER}*0**{THREAD}"), None),
        (THREAD.to_owned(), Some(ORGANIZER)),
        (format!("<{THREAD}>"), Some(ORGANIZER)),
        (encoded(THREAD), Some(ORGANIZER)),
    ] {
        let expected = NamedMeeting { organizer_id: ORGANIZER.into(), meeting: id.clone() };
        assert_eq!(named(&typed, organizer), Ok(expected), "{typed}");
        assert!(matches!(MeetingName::of_text(&id), MeetingName::Id(_)));
    }
    for opaque in ["MSpk/+=", "m-1", "MSo_x-y"] {
        assert_eq!(named(opaque, Some(ORGANIZER)).unwrap().meeting, opaque);
    }
    assert_eq!(named("MSpk", Some("me")).unwrap().organizer_id, "me");
}

#[test]
fn what_is_no_meeting_is_refused_with_a_sentence_that_says_what_to_write() {
    let foreign = STORED.replace(TENANT, OTHER);
    let id = meeting_id_of(ORGANIZER, "0", THREAD);
    let event = format!("{ORGANIZER}@{TENANT}");
    let refused = [
        ("", None),
        ("the meeting of Monday", Some(ORGANIZER)),
        ("megan@contoso.com", Some(ORGANIZER)),
        ("12345", Some(ORGANIZER)),
        (event.as_str(), Some(ORGANIZER)),
        ("AAMkAGI2THVSAAA=", Some(ORGANIZER)),
        ("19:QmFzZTY0@thread.tacv2", Some(ORGANIZER)),
        (THREAD, Some("me")),
        (THREAD, None),
        ("MSpk", None),
        (foreign.as_str(), None),
        (STORED, Some(OTHER)),
        (&id, Some(OTHER)),
        (&STORED[..STORED.len() - 20], None),
        ("https://teams.microsoft.com/l/channel/19%3ax%40thread.tacv2/General", None),
        ("https://teams.microsoft.com/l/meetup-join/…", None),
        ("https://teams.microsoft.com.contoso.com/l/meetup-join/19%3am%40thread.v2/0", None),
        ("https://meet.contoso.com/l/meetup-join/19%3am%40thread.v2/0", None),
        ("https://aka.ms/x", None),
    ];
    let sentence = |(typed, organizer): (&str, Option<&str>)| named(typed, organizer).unwrap_err();
    insta::assert_snapshot!(refused.map(sentence).join("\n"));
    assert!(named(&format!("{STORED} {STORED}"), None).is_err());
    assert!(named(&"1".repeat(5_000), None).is_err() && join_web_url(&"%25".repeat(50_000)).is_err());
    assert_eq!(named(STORED, Some(&ORGANIZER.to_uppercase())).unwrap().meeting, STORED);
}

/// Texts with a part of every form in them.
fn typed() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "\\PC{0,12}",
        "[<>{}\"' %\\-0-9a-fA-F@:/.*?&=#\u{a0}\u{feff}]{0,20}",
        Just(STORED.to_owned()),
        Just("https://teams.microsoft.com/meet/".to_owned()),
        Just("/l/meetup-join/19:".to_owned()),
        Just("@thread.v2".to_owned()),
        Just("context={".to_owned()),
        Just("https://urldefense.com/v3/__".to_owned()),
        Just("https://urldefense.proofpoint.com/v2/url?u=".to_owned()),
        Just(ORGANIZER.to_owned()),
    ];
    proptest::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused_and_what_was_read_is_read_again(text in typed()) {
        let (_, _, _) = (user(&text), object_id(&text), virtual_event(&text, TENANT));
        let (_, _) = (setting("X", &text), access_token("X", &text));
        if let Ok(url) = join_web_url(&text) {
            prop_assert_eq!(join_web_url(&url), Ok(url));
        }
        if let Ok(meeting) = named(&text, Some(ORGANIZER)) {
            prop_assert_eq!(named(&meeting.meeting, Some(ORGANIZER)), Ok(meeting));
        }
    }
}
