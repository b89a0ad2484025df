//! Meetings that try the rules: windows, unions, unclear times, several reports, midnight, the change of clocks.

use serde_json::{Value, json};

use super::people::{Who, interval, mirella, on, one_of_many, user};
use super::{OddArchive, Report, meeting};

pub(super) async fn write(archive: &OddArchive) {
    two_devices_and_rejoins(archive).await;
    unclear_times(archive).await;
    limits(archive).await;
    nights(archive).await;
    workshop(archive).await;
}

const DAY: &str = "2026-10-08";
const HOUR: (&str, &str) = ("2026-10-08T08:00:00Z", "2026-10-08T09:00:00Z");

async fn two_devices_and_rejoins(archive: &OddArchive) {
    let one = meeting("m-devices");
    archive.meeting(&one, json!("Two devices"), Some(HOUR)).await;
    let records = vec![
        mirella().record("Organizer", on(DAY, &[("08:00", "09:00")])),
        user(0x61, "Hanne Dhillon", "hanne.dhillon@contoso.com")
            .attended(DAY, &[("08:00", "08:41"), ("08:22", "09:00")]),
        user(0x62, "Emeka Tran", "emeka.tran@contoso.com").attended(DAY, &[("07:56", "09:04")]),
        user(0x63, "Lena Kovač", "lena.kovac@contoso.com")
            .attended(DAY, &[("08:01", "08:28"), ("08:31", "09:01")]),
    ];
    let times = ("2026-10-08T07:56:00Z", "2026-10-08T09:04:00Z");
    archive.report(Report::new(&one, "r-devices", times, records)).await;
    let one = meeting("m-rejoins");
    archive.meeting(&one, json!("Forty rejoins"), Some(HOUR)).await;
    // Each cut to the second, as Graph does: 40 times 60.9 seconds and 29.1 without.
    let rejoin = |number: i64| {
        let at = |tenths: i64| {
            format!("2026-10-08T08:{:02}:{:02}.{}Z", tenths / 600, tenths / 10 % 60, tenths % 10)
        };
        interval(&at(number * 900), &at(number * 900 + 609))
    };
    let records = vec![
        user(0x64, "Goran Petrov", "goran.petrov@contoso.com")
            .record("Attendee", (0..40).map(rejoin).collect()),
    ];
    archive.report(Report::new(&one, "r-rejoins", HOUR, records)).await;
}

async fn unclear_times(archive: &OddArchive) {
    let one = meeting("m-unclear");
    archive.meeting(&one, json!("Left at no time"), Some(HOUR)).await;
    let open = |join: Value, leave: Value, seconds: Value| json!([{"joinDateTime": join, "leaveDateTime": leave, "durationInSeconds": seconds}]);
    let (start, end) = HOUR;
    let whole = user(0x70, "Priya Rossi", "priya.rossi@contoso.com").attended(DAY, &[("08:00", "09:00")]);
    let records = vec![
        whole,
        user(0x71, "Sven Iversen", "sven.iversen@contoso.com").record_with(
            "Attendee",
            open(json!(start), Value::Null, json!(1_800)),
            json!(1_800),
        ),
        user(0x72, "Farah Mbeki", "farah.mbeki@contoso.com").record_with(
            "Attendee",
            open(json!("2026-10-08T08:20:00Z"), Value::Null, json!(0)),
            json!(0),
        ),
        user(0x73, "Kofi Jansen", "kofi.jansen@contoso.com").record_with(
            "Attendee",
            open(Value::Null, json!(end), json!(2_400)),
            json!(2_400),
        ),
    ];
    archive.report(Report::new(&one, "r-unclear", HOUR, records)).await;
    let one = meeting("m-as-graph");
    archive.meeting(&one, json!("No times at all"), Some(HOUR)).await;
    let records = vec![
        user(0x74, "Dagmar Quist", "dagmar.quist@contoso.com").record_with(
            "Attendee",
            Value::Null,
            json!(3_000),
        ),
        user(0x75, "Chidi Grünwald", "chidi.grunwald@contoso.com").record_with(
            "Attendee",
            json!([]),
            json!(9_000),
        ),
        user(0x76, "Oskar Tran", "oskar.tran@contoso.com").record_with("Attendee", Value::Null, Value::Null),
        user(0x77, "Ilse Rossi", "ilse.rossi@contoso.com").attended(DAY, &[("08:00", "09:00")]),
    ];
    archive.report(Report::new(&one, "r-as-graph", HOUR, records)).await;
}

/// Who is on a threshold, and who is a second beside it, of an hour from 8:00 UTC. The webinar has the same.
pub(super) fn on_the_limits(day: &str, who: impl Fn(u32, &str) -> Who) -> Vec<Value> {
    let attended: [(&str, &[(&str, &str)]); 10] = [
        ("Whole Hour", &[("07:56", "09:04")]),
        ("Late Fourteen", &[("08:14", "09:00")]),
        ("Early Fortyseven", &[("08:00", "08:47")]),
        ("Partial Thirtysix", &[("08:12", "08:48")]),
        ("Absent Five", &[("08:00", "08:05")]),
        ("Absent Six", &[("08:00", "08:06")]),
        ("Exactly Enough", &[("08:05", "08:50")]),
        ("Second Less", &[("08:05", "08:49:59")]),
        ("Exactly Late", &[("08:10", "09:00")]),
        ("Second Late", &[("08:10:01", "09:00")]),
    ];
    (0x80..).zip(attended).map(|(id, (name, times))| who(id, name).attended(day, times)).collect()
}

async fn limits(archive: &OddArchive) {
    let one = meeting("m-limits");
    archive.meeting(&one, json!("Exactly at the limits"), Some(HOUR)).await;
    let who =
        |id, name: &str| user(id, name, &format!("{}@contoso.com", name.to_lowercase().replace(' ', ".")));
    let mut records = on_the_limits(DAY, who);
    records.push(mirella().record("Organizer", on(DAY, &[("07:55", "09:05")])));
    let times = ("2026-10-08T07:55:00Z", "2026-10-08T09:05:00Z");
    archive.report(Report::new(&one, "r-limits", times, records)).await;
}

async fn nights(archive: &OddArchive) {
    let night = meeting("m-night");
    archive.meeting(&night, json!("Night shift"), None).await;
    let nights = [
        ("r-night-1", "2026-10-12T21:30:00Z", "2026-10-12T22:30:00Z"),
        ("r-night-2", "2026-10-14T22:30:00Z", "2026-10-15T00:40:00Z"),
    ];
    for (id, start, end) in nights {
        let records = vec![one_of_many(51).record("Attendee", vec![interval(start, end)])];
        archive.report(Report::new(&night, id, (start, end), records)).await;
    }
    let clocks = meeting("m-clocks");
    let (start, end) = ("2026-10-25T00:30:00Z", "2026-10-25T01:45:00Z");
    archive.meeting(&clocks, json!("Clocks go back"), Some((start, end))).await;
    let records = vec![one_of_many(52).record("Attendee", vec![interval(start, end)])];
    archive.report(Report::new(&clocks, "r-clocks", (start, end), records)).await;
}

/// The days of the workshop at 10:00 in Amsterdam, with that hour in UTC. That of 28 October is in the ledger only.
const WORKSHOPS: [(&str, &str, &str); 5] = [
    ("2026-10-07", "08", "09"),
    ("2026-10-14", "08", "09"),
    ("2026-10-21", "08", "09"),
    ("2026-11-04", "09", "10"),
    ("2026-11-11", "09", "10"),
];

/// Who comes to the workshop: an id, a name, and the minute of joining and leaving each time, `None` for who stays away.
type Minutes = Option<(u32, u32)>;
const MEMBERS: [(u32, &str, &str, [Minutes; 5]); 6] = [
    (
        0x91,
        "Sanne Achterberg",
        "sanne.achterberg@contoso.com",
        [Some((0, 60)), Some((1, 59)), Some((14, 60)), Some((0, 60)), Some((2, 59))],
    ),
    (
        0x92,
        "Aiko Ferreira",
        "aiko.ferreira@contoso.com",
        [Some((0, 60)), None, Some((0, 60)), Some((0, 47)), Some((0, 60))],
    ),
    (
        0x93,
        "Noor Haddad",
        "noor.haddad@contoso.com",
        [Some((0, 60)), Some((0, 60)), None, Some((12, 48)), Some((0, 60))],
    ),
    (0x94, "Mads Lindqvist", "mads.lindqvist@contoso.com", [None, None, None, Some((0, 60)), Some((0, 60))]),
    (
        0x95,
        "Petra Fabrikam",
        "petra_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        [Some((0, 60)), Some((0, 60)), Some((0, 60)), Some((0, 60)), None],
    ),
    (
        0x96,
        "Quirijn Nakamura",
        "quirijn.nakamura@contoso.com",
        [Some((0, 5)), None, None, None, Some((0, 60))],
    ),
];

async fn workshop(archive: &OddArchive) {
    let series = meeting("m-workshop");
    // The plan of a recurring meeting spans all its sessions, which is no plan of one.
    archive
        .meeting(&series, json!("Weekly workshop"), Some(("2026-10-07T08:00:00Z", "2026-12-16T10:00:00Z")))
        .await;
    for (number, (day, from, to)) in (0..).zip(WORKSHOPS) {
        let [start, end] = [from, to].map(|hour| format!("{day}T{hour}:00:00Z"));
        let whole = interval(&start, &end);
        if day == "2026-10-21" {
            parts(archive).await;
            continue;
        }
        let mut records = vec![mirella().record("Organizer", vec![whole])];
        records.extend(MEMBERS.iter().filter_map(|(id, name, address, times)| {
            let (join, leave) = times[number]?;
            let at =
                |minute: u32| if minute == 60 { format!("{to}:00") } else { format!("{from}:{minute:02}") };
            Some(user(*id, name, address).attended(day, &[(&at(join), &at(leave))]))
        }));
        archive.report(Report::new(&series, &format!("r-workshop-{day}"), (&start, &end), records)).await;
    }
    // Somebody looked in once more, on a day of its own.
    let stray = vec![mirella().record("Organizer", on("2026-11-05", &[("15:40", "15:42")]))];
    let times = ("2026-11-05T15:40:00Z", "2026-11-05T15:42:00Z");
    archive.report(Report::new(&series, "r-workshop-stray", times, stray)).await;
}

/// The workshop of 21 October, in which all were thrown out once: two reports, seven minutes apart.
async fn parts(archive: &OddArchive) {
    let (series, day) = (meeting("m-workshop"), "2026-10-21");
    let people =
        MEMBERS.iter().filter_map(|(id, name, address, times)| Some((user(*id, name, address), times[2]?)));
    let mut first = vec![mirella().record("Organizer", on(day, &[("08:00", "08:20")]))];
    let mut second = vec![mirella().record("Organizer", on(day, &[("08:27", "09:00")]))];
    for (who, (join, _)) in people {
        let join = format!("08:{join:02}");
        first.push(who.attended(day, &[(&join, "08:20")]));
        second.push(who.attended(day, &[("08:27", "09:00")]));
    }
    let times = ("2026-10-21T08:00:00Z", "2026-10-21T08:20:00Z");
    archive.report(Report::new(&series, "r-workshop-a", times, first)).await;
    let times = ("2026-10-21T08:27:00Z", "2026-10-21T09:00:00Z");
    archive.report(Report::new(&series, "r-workshop-b", times, second)).await;
}
