//! Meetings with oddities, each under a title that says which.

use serde_json::{Value, json};
use shared::model::ReportSource;

use super::people::{anonymous, guid, interval, mirella, nobody, on, one_of_many, telephone, user};
use super::{HALF, ORGANIZER, OddArchive, Report, TENANT, meeting};

pub(super) async fn write(archive: &OddArchive) {
    empty_reports(archive).await;
    names_that_hurt(archive).await;
    titles_that_hurt(archive).await;
    people_that_are_alike(archive).await;
    all_present(archive).await;
    channels(archive).await;
    changed_later(archive).await;
    many_sessions(archive).await;
}

const MORNING: (&str, &str) = ("2026-10-01T08:00:00Z", "2026-10-01T09:00:00Z");
const DAY: &str = "2026-10-01";

async fn empty_reports(archive: &OddArchive) {
    let one = meeting("m-empty");
    archive.meeting(&one, json!("Empty report"), None).await;
    archive.report(Report::new(&one, "r-empty", MORNING, vec![])).await;
    let one = meeting("m-counted");
    archive.meeting(&one, json!("Counted, not named"), None).await;
    archive.report(Report::new(&one, "r-counted", MORNING, vec![]).counting(Some(5))).await;
    let one = meeting("m-zero");
    archive.meeting(&one, json!("Zero length"), None).await;
    let (start, _) = MORNING;
    let record = user(0x21, "Joost Quist", "joost.quist@contoso.com").attended(DAY, &[("08:00", "08:00")]);
    archive.report(Report::new(&one, "r-zero", (start, start), vec![record])).await;
    let one = meeting("m-endless");
    archive.meeting(&one, json!("Only an end"), None).await;
    let record = user(0x21, "Joost Quist", "joost.quist@contoso.com").attended(DAY, &[("08:30", "09:00")]);
    let report = Report::new(&one, "r-endless", MORNING, vec![record]);
    archive.report(Report { start: None, ..report }).await;
}

async fn names_that_hurt(archive: &OddArchive) {
    let one = meeting("m-names");
    archive.meeting(&one, json!("Names that hurt"), None).await;
    let emoji = format!("Half {HALF}emoji");
    let long = "Wolfeschlegel".repeat(30);
    let names = [
        (0x31, "<img src=x onerror=\"document.title='owned'\">", "img@contoso.com"),
        (0x32, "\"><script>document.title='owned'</script>", "script@contoso.com"),
        (0x33, "נועה אבן-דוד", "noa@contoso.com"),
        (0x34, "\u{202e}Reversed \u{2067}Mark", "reversed@contoso.com"),
        (0x35, "=HYPERLINK(\"https://fabrikam.example\",\"click\")", "formula@contoso.com"),
        (0x36, emoji.as_str(), "half@contoso.com"),
        (0x37, "Nul\u{0}and\ttab\nline", "nul@contoso.com"),
        (0x38, "", "empty@contoso.com"),
        (0x39, long.as_str(), "long@contoso.com"),
        (0x3a, "مريم الحداد", "maryam@contoso.com"),
        (0x3b, "&lt;b&gt; &amp; {{ name }} ${name} %00", "entities@contoso.com"),
    ];
    let attended = [("08:00", "09:00")];
    let mut records: Vec<Value> =
        names.map(|(id, name, address)| user(id, name, address).attended(DAY, &attended)).into();
    records.push(nobody("record-nobody").attended(DAY, &attended));
    records.push(telephone("record-phone", "+31205550123").attended(DAY, &attended));
    records.push(anonymous("record-anonymous", "Visitor").attended(DAY, &attended));
    let guest = user(0x3c, "Petra Fabrikam (Guest)", "petra_fabrikam.com#EXT#@contoso.onmicrosoft.com");
    records.push(guest.of_tenant(json!(guid(0xfab))).attended(DAY, &attended));
    let acs = user(0x3d, "Calling app", "").of_tenant(Value::Null);
    let mut acs = acs.attended(DAY, &attended);
    acs["identity"]["id"] = json!("8:acs:0000_1111");
    records.push(acs);
    archive.report(Report::new(&one, "r-names", MORNING, records)).await;
}

async fn titles_that_hurt(archive: &OddArchive) {
    let titles = [
        json!("</title><script>document.title='owned'</script>"),
        json!("\u{202e}Title turned round\u{2066}"),
        json!("=1+1"),
        json!(format!("Title with half {HALF}")),
        json!("A very long title ".repeat(20)),
        json!("Tab\tand\nline"),
        json!(null),
        json!("   "),
        json!("../../etc/passwd?x=1&y=2#z"),
    ];
    for (number, title) in (1..).zip(titles) {
        let one = meeting(&format!("MSo{number}+/title=="));
        archive.meeting(&one, title, None).await;
        let record = user(0x41, "Tomasz Śliwa", "tomasz.sliwa@contoso.com")
            .attended("2026-09-30", &[("08:00", "08:30")]);
        let times = ("2026-09-30T08:00:00Z", "2026-09-30T08:30:00Z");
        archive.report(Report::new(&one, &format!("r/title+{number}="), times, vec![record])).await;
    }
}

/// Two people of one name, two ids with one address, and anonymous people who are called the same.
async fn people_that_are_alike(archive: &OddArchive) {
    let one = meeting("m-alike");
    archive.meeting(&one, json!("Two of one name"), None).await;
    let records = vec![
        user(0x51, "Jan Peeters", "jan.peeters@contoso.com").attended(DAY, &[("08:00", "08:50")]),
        user(0x52, "Jan Peeters", "jan.peeters2@contoso.com").attended(DAY, &[("08:00", "08:12")]),
        user(0x53, "Rana Eze", "rana.eze@contoso.com").attended(DAY, &[("08:00", "08:20")]),
        user(0x54, "Rana Eze", "Rana.Eze@contoso.com").attended(DAY, &[("08:30", "09:00")]),
    ];
    archive.report(Report::new(&one, "r-alike", MORNING, records)).await;
    let hour = meeting("m-open-hour");
    archive.meeting(&hour, json!("Open hour"), None).await;
    for (day, minutes) in [("2026-10-05", "08:45"), ("2026-10-12", "08:20")] {
        let records = vec![
            mirella().record("Organizer", on(day, &[("08:00", "09:00")])),
            anonymous(&format!("noor-{day}"), "Noor").attended(day, &[("08:00", minutes)]),
        ];
        let times = (format!("{day}T08:00:00Z"), format!("{day}T09:00:00Z"));
        archive.report(Report::new(&hour, &format!("r-hour-{day}"), (&times.0, &times.1), records)).await;
    }
}

async fn all_present(archive: &OddArchive) {
    let one = meeting("m-presenters");
    archive.meeting(&one, json!("Everybody presents"), None).await;
    let whole = [("08:00", "09:00")];
    let present = |number| one_of_many(number).record("Presenter", on(DAY, &whole));
    let mut records: Vec<Value> = (1..=6).map(present).collect();
    records.push(mirella().record("Organizer", on(DAY, &whole)));
    archive.report(Report::new(&one, "r-presenters", MORNING, records)).await;
    let one = meeting("m-named");
    archive.meeting(&one, json!("Only who attended"), None).await;
    let named = |number| one_of_many(number).record_with("Attendee", json!([]), json!(0));
    let mut records: Vec<Value> = (11..=14).map(named).collect();
    records[1]["totalAttendanceInSeconds"] = Value::Null;
    archive.report(Report::new(&one, "r-named", MORNING, records)).await;
}

/// The list of a channel mixes the reports of all its meetings.
async fn channels(archive: &OddArchive) {
    let channel = |meeting_id: &str| ReportSource::ChannelMeeting {
        organizer_id: guid(ORGANIZER),
        meeting_id: meeting_id.to_owned(),
    };
    // 1*{organizer}*0**19:team@thread.tacv2, in base64, once with the id of a message behind.
    let root = channel("MSphMTFjZSowKioxOTp0ZWFtQHRocmVhZC50YWN2Mg==");
    let description = json!({
        "id": root.own_id(), "subject": "None",
        "startDateTime": "0001-01-01T00:00:00Z", "endDateTime": "0001-01-01T00:00:00Z",
    });
    archive.event(&shared::model::EventRef::Source(root.clone()), description).await;
    let member = one_of_many(21);
    for (number, day) in [(1, "2026-10-06"), (2, "2026-10-13")] {
        let times = (format!("{day}T13:00:00Z"), format!("{day}T13:45:00Z"));
        let record = member.attended(day, &[("13:00", "13:40")]);
        archive
            .report(Report::new(&root, &format!("r-channel-{number}"), (&times.0, &times.1), vec![record]))
            .await;
    }
}

/// A report that Graph answered three times, each time with more.
async fn changed_later(archive: &OddArchive) {
    let one = meeting("m-revised");
    archive.meeting(&one, json!("Revised twice"), Some(MORNING)).await;
    let report = |people: u32| {
        let records =
            (31..31 + people).map(|number| one_of_many(number).attended(DAY, &[("08:00", "08:55")]));
        Report::new(&one, "r-revised", MORNING, records.collect()).counting(Some(3))
    };
    archive.revision(report(1)).await;
    archive.revision(report(2)).await;
    archive.report(report(3)).await;
}

/// A series of sixty sessions: more than a page of a register has columns.
async fn many_sessions(archive: &OddArchive) {
    let one = meeting("m-daily");
    archive
        .meeting(&one, json!("Daily stand-up"), Some(("2026-07-01T07:00:00Z", "2026-09-30T07:15:00Z")))
        .await;
    for number in 0..60 {
        let day = format!("2026-{:02}-{:02}", 7 + number / 20, 1 + number % 20);
        let records = (41..=44).map(|person| one_of_many(person).attended(&day, &[("07:00", "07:14")]));
        let times = (format!("{day}T07:00:00Z"), format!("{day}T07:15:00Z"));
        let report = Report::new(&one, &format!("r-daily-{day}"), (&times.0, &times.1), records.collect());
        archive.report(report).await;
    }
    // A record whose tenant Graph does not name is of the archive's.
    let one = meeting("m-tenant");
    archive.meeting(&one, json!("Tenant not named"), None).await;
    let records = vec![
        one_of_many(41).of_tenant(Value::Null).record("Attendee", vec![interval(MORNING.0, MORNING.1)]),
        one_of_many(42)
            .of_tenant(json!(TENANT.to_uppercase()))
            .without_address()
            .attended(DAY, &[("08:00", "09:00")]),
    ];
    archive.report(Report::new(&one, "r-tenant", MORNING, records)).await;
}
