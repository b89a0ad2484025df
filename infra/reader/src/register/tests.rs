use super::*;
use crate::model::{Gaps, Interval, Kind, LedgerState, Record, Registration, Report, Role};
use crate::roster::Roster;
use crate::rules::zone;
use crate::samples::{anonymous, at, ledger_entry, meeting, phone, registration, series, user, webinar};

mod autumn;
mod properties;

fn register(reports: impl Into<Vec<Report>>, roster: Option<&str>, rules: &Rules) -> Register {
    with_ledger(reports, Vec::new(), roster, rules)
}

fn with_ledger(
    reports: impl Into<Vec<Report>>,
    ledger: Vec<LedgerEntry>,
    roster: Option<&str>,
    rules: &Rules,
) -> Register {
    let roster = roster.map(|text| Roster::read("autumn.csv", text.as_bytes()).unwrap());
    let gaps = Gaps { known: ledger, unclear: Vec::new() };
    Register::of(reports.into(), &[], gaps, roster.as_ref(), rules, at("2026-12-01 00:00"))
}

/// A lesson of an hour, on a day at 10:00 UTC, with its plan.
fn lesson(day: &str, records: impl Into<Vec<Record>>) -> Report {
    let (start, end) = (format!("{day} 10:00"), format!("{day} 11:00"));
    meeting(&format!("r {day}"), &start, &end).planned(&start, &end).with(records)
}

/// A user who is in a lesson for so many minutes from its start.
fn there(name: &str, day: &str, minutes: u32) -> Record {
    user(name)
        .times(&[(&format!("{day} 10:00"), &format!("{day} {:02}:{:02}", 10 + minutes / 60, minutes % 60))])
}

const DAYS: [&str; 3] = ["2026-10-14", "2026-10-21", "2026-10-28"];

/// A row as it is read: the letter and the minutes of each cell.
fn shown(row: &Row) -> Vec<String> {
    let cell = |cell: &Cell| match cell {
        Cell::Blank => String::new(),
        Cell::Marked(cell) => match cell.seconds {
            Some(seconds) => format!("{} {}", cell.mark.letter(), seconds / 60),
            None => cell.mark.letter().to_owned(),
        },
    };
    row.cells.iter().map(cell).collect()
}

fn name(row: &Row) -> String {
    row.person.as_ref().and_then(Person::shown_name).unwrap_or_default()
}

fn labels(register: &Register) -> Vec<&str> {
    register.columns.iter().map(|column| column.label.as_str()).collect()
}

#[test]
fn in_a_meeting_where_all_are_presenters_everybody_has_a_row() {
    let people =
        || ["Aiko Ferreira", "Kwame Brandsma"].map(|name| there(name, DAYS[0], 60).role(Role::Presenter));
    let organizer = there("Mirella Oduya", DAYS[0], 60).role(Role::Organizer);
    let records: Vec<Record> = people().into_iter().chain([organizer]).collect();
    let of_meeting = register([lesson(DAYS[0], records.clone())], None, &Rules::default());
    assert_eq!(of_meeting.rows.iter().map(name).collect::<Vec<_>>(), ["Aiko Ferreira", "Kwame Brandsma"]);
    assert_eq!(of_meeting.apart.iter().map(name).collect::<Vec<_>>(), ["Mirella Oduya"]);
    let of_webinar =
        register([webinar("r-1", "s-1", "10:00", "11:00").with(records.clone())], None, &Rules::default());
    assert_eq!((of_webinar.rows.len(), of_webinar.apart.len()), (0, 3));
    let roster = Some("email\nmirella.oduya@contoso.com\n");
    let on_roster = register([lesson(DAYS[0], records)], roster, &Rules::default());
    assert_eq!(shown(&on_roster.rows[0]), ["P 60"]);
    assert_eq!((on_roster.apart.len(), on_roster.not_on_roster.len()), (0, 2));
}

#[test]
fn a_session_over_midnight_has_one_column_on_its_first_local_day() {
    let report = || meeting("r-1", "22:30", "2026-10-15 00:40").with([user("A B"), user("C D"), user("E F")]);
    let amsterdam = Rules { zone: zone("Europe/Amsterdam").unwrap(), ..Rules::default() };
    assert_eq!(labels(&register([report()], None, &amsterdam)), ["15 Oct"]);
    assert_eq!(labels(&register([report()], None, &Rules::default())), ["14 Oct"]);
}

#[test]
fn another_zone_moves_labels_and_no_minutes() {
    let reports = || DAYS.map(|day| lesson(day, [there("Aiko Ferreira", day, 50)]));
    let utc = register(reports(), None, &Rules::default());
    let kiritimati = Rules { zone: zone("Pacific/Kiritimati").unwrap(), ..Rules::default() };
    let elsewhere = register(reports(), None, &kiritimati);
    assert_eq!(labels(&utc), ["14 Oct", "21 Oct", "28 Oct"]);
    assert_eq!(labels(&elsewhere), ["15 Oct", "22 Oct", "29 Oct"]);
    assert_eq!(shown(&utc.rows[0]), shown(&elsewhere.rows[0]));
    assert_eq!(utc.rows[0].totals, elsewhere.rows[0].totals);
}

#[test]
fn seven_minutes_apart_is_one_column_and_a_stray_has_none() {
    let reports = || {
        [
            meeting("r-1", "10:00", "10:20").with([user("Aiko Ferreira").times(&[("10:00", "10:20")])]),
            meeting("r-2", "10:27", "11:00").with([user("Aiko Ferreira").times(&[("10:27", "11:00")])]),
            meeting("r-3", "13:00", "14:00").with([user("Aiko Ferreira").times(&[("13:00", "14:00")])]),
            meeting("r-4", "16:40", "16:42").with([user("Aiko Ferreira").times(&[("16:40", "16:42")])]),
        ]
    };
    let made = register(reports(), None, &Rules::default());
    assert_eq!(labels(&made), ["14 Oct a", "14 Oct b"]);
    assert_eq!(shown(&made.rows[0]), ["P 53", "P 60"]);
    let ColumnOf::Session(first) = &made.columns[0].of else { panic!("not kept") };
    assert_eq!((first.parts.len(), made.strays.len()), (2, 1));
    let kept = register(reports(), None, &Rules { keeps_strays: true, ..Rules::default() });
    assert_eq!((labels(&kept).len(), kept.strays.len()), (3, 0));
}

#[test]
fn what_is_not_kept_is_in_no_sum() {
    let ledger = || {
        vec![
            ledger_entry(LedgerState::Missing, Some("r lost"), "2026-11-04 10:00"),
            ledger_entry(LedgerState::Archived, Some("r-9"), "2026-11-11 10:00"),
            ledger_entry(LedgerState::Missing, Some("r 2026-10-14"), "2026-10-14 10:00"),
            ledger_entry(LedgerState::Pending, None, "2026-10-21 09:58"),
            LedgerEntry { start: None, ..ledger_entry(LedgerState::Unreachable, None, "10:00") },
        ]
    };
    let reports = DAYS.map(|day| lesson(day, [there("Aiko Ferreira", day, 60)]));
    let made = with_ledger(reports, ledger(), None, &Rules::default());
    assert_eq!(labels(&made), ["14 Oct", "21 Oct", "28 Oct", "4 Nov"]);
    assert_eq!(shown(&made.rows[0]), ["P 60", "P 60", "P 60", "?"]);
    assert_eq!((made.rows[0].totals.present, made.rows[0].totals.known), (3, 3));
    assert_eq!((made.columns[2].present, made.columns[3].present), (Some((1, 1)), None));
    let ColumnOf::NotKept(entry) = &made.columns[3].of else { panic!("kept") };
    assert_eq!(entry.remedy.as_deref(), Some("rollcall backfill"));
    let alone = with_ledger([], ledger(), Some("name\nAiko\n"), &Rules::default());
    assert_eq!(shown(&alone.rows[0]), ["?", "?", "?"]);
}

#[test]
fn excused_and_not_yet_enrolled_are_in_no_sum() {
    let reports =
        DAYS.map(|day| lesson(day, [there("Aiko Ferreira", day, 60), there("Kwame Brandsma", day, 60)]));
    let roster = "email,from,to,excused\naiko.ferreira@contoso.com,2026-10-21,,2026-10-28\n\
                  kwame.brandsma@contoso.com,,2026-10-21,\ndaan@contoso.com,,,2026-10-14\n";
    let made = register(reports, Some(roster), &Rules::default());
    let rows: Vec<_> = made.rows.iter().map(shown).collect();
    assert_eq!(rows, [["", "P 60", "E"], ["P 60", "P 60", ""], ["E", "A 0", "A 0"]]);
    let known: Vec<_> = made.rows.iter().map(|row| (row.totals.present, row.totals.known)).collect();
    assert_eq!(known, [(1, 1), (2, 2), (0, 2)]);
    let columns: Vec<_> = made.columns.iter().map(|column| column.present).collect();
    assert_eq!(columns, [Some((1, 1)), Some((2, 3)), Some((0, 1))]);
}

#[test]
fn two_people_of_one_name_are_two_rows() {
    let other = there("Noor Haddad", DAYS[0], 30).without_id().address("noor@fabrikam.example");
    let made =
        register([lesson(DAYS[0], [there("Noor Haddad", DAYS[0], 60), other])], None, &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P 60"], ["H 30"]]);
}

#[test]
fn two_anonymous_noors_in_two_sessions_stay_two() {
    let noor = |day| there("Noor", day, 60).without_id();
    let noor = |day| Record { id: Some("same id".into()), ..Record { address: None, ..noor(day) } };
    let reports = [lesson(DAYS[0], [noor(DAYS[0])]), lesson(DAYS[1], [noor(DAYS[1])])];
    let made = register(reports, None, &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P 60", ""], ["", "P 60"]]);
    assert_eq!(made.columns.iter().map(|column| column.unidentified).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn who_is_not_identified_is_counted_beside_who_is_absent() {
    let records = [
        there("Aiko Ferreira", DAYS[0], 60),
        phone("+31201232714").times(&[("10:00", "11:00")]),
        anonymous("a-1", "Noor").times(&[("10:00", "11:00")]),
    ];
    let roster = "email\naiko.ferreira@contoso.com\ndaan@contoso.com\n";
    let made = register([lesson(DAYS[0], records)], Some(roster), &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P 60"], ["A 0"]]);
    assert_eq!((made.columns[0].unidentified, made.not_on_roster.len()), (2, 2));
    assert_eq!(made.columns[0].present, Some((1, 2)));
}

#[test]
fn an_ambiguous_line_is_not_known_and_never_absent() {
    let roster = "name,excused\nNoor Haddad,\n\"Haddad, Noor\",2026-10-21\n";
    let rules = Rules { match_names: true, ..Rules::default() };
    let reports = [lesson(DAYS[0], [there("Noor Haddad", DAYS[0], 60)]), lesson(DAYS[1], [])];
    let made = register(reports, Some(roster), &rules);
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["?", "?"], ["?", "E"]]);
    assert!(made.rows.iter().all(|row| matches!(row.matched, RosterMatch::Ambiguous { .. })));
    assert_eq!((made.rows[0].totals, made.columns[0].present), (Totals::default(), None));
    assert_eq!(made.not_on_roster.len(), 1);
}

#[test]
fn in_a_report_with_short_counts_nobody_is_absent() {
    let short = Report { participants: Some(5), ..lesson(DAYS[0], [there("Aiko Ferreira", DAYS[0], 60)]) };
    let empty = Report { participants: None, ..lesson(DAYS[1], []) };
    let roster = "email\naiko.ferreira@contoso.com\ndaan@contoso.com\n";
    let made = register([short, empty], Some(roster), &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P 60", "?"], ["?", "?"]]);
}

#[test]
fn of_a_session_that_lacks_a_part_nobody_is_absent() {
    let day = DAYS[0];
    let first = meeting("a", &format!("{day} 10:00"), &format!("{day} 10:30"))
        .planned(&format!("{day} 10:00"), &format!("{day} 11:00"))
        .with([there("Aiko Ferreira", day, 30), there("Noor Haddad", day, 3)]);
    let roster = "email\naiko.ferreira@contoso.com\nnoor.haddad@contoso.com\ndaan@contoso.com\n";
    let missing = vec![ledger_entry(LedgerState::Missing, Some("b"), &format!("{day} 10:31"))];
    let made = with_ledger([first.clone()], missing, Some(roster), &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["H 30", "?"], ["? 3", "?"], ["?", "?"]]);
    let next_day = vec![ledger_entry(LedgerState::Missing, Some("b"), &format!("{} 10:31", DAYS[1]))];
    let made = with_ledger([first], next_day, Some(roster), &Rules::default());
    assert_eq!(shown(&made.rows[2]), ["A 0", "?"]);
}

#[test]
fn an_address_that_two_have_is_neithers_absence() {
    let shared = |name: &str, day| there(name, day, 60).address("room@contoso.com");
    let both = lesson(DAYS[0], [shared("One", DAYS[0]), shared("Two", DAYS[0])]);
    let one_of_them = lesson(DAYS[1], [shared("Room", DAYS[1]).without_id()]);
    let roster = "id\nid-one\nid-two\nid-daan\n";
    let made = register([both, one_of_them], Some(roster), &Rules::default());
    assert_eq!(
        made.rows.iter().map(shown).collect::<Vec<_>>(),
        [["P 60", "?"], ["P 60", "?"], ["A 0", "A 0"]]
    );
}

#[test]
fn who_stands_in_two_lines_is_told_once_and_nobody_apart() {
    let roster = "name,mail\nAiko,aiko.ferreira@contoso.com\nKwame,kwame.brandsma@contoso.com\nA.,aiko.ferreira@contoso.com\n";
    let records = ["Aiko Ferreira", "Kwame Brandsma"].map(|name| there(name, DAYS[0], 60));
    let made = register([lesson(DAYS[0], records)], Some(roster), &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["?"], ["P 60"], ["?"]]);
    assert!(made.not_on_roster.is_empty(), "{:?}", made.not_on_roster);
    assert_eq!(made.rows[2].matched, RosterMatch::Doubled { lines: vec![2, 4] });
}

#[test]
fn a_series_of_which_nothing_is_kept_is_not_known_throughout() {
    let missing = DAYS.map(|day| ledger_entry(LedgerState::Missing, Some(day), &format!("{day} 10:00")));
    let roster = "mail,from\naiko.ferreira@contoso.com,\nnoor@contoso.com,2026-10-21\n";
    let made = with_ledger([], missing.to_vec(), Some(roster), &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["?", "?", "?"], ["", "?", "?"]]);
    assert_eq!(
        (labels(&made), &made.series[..]),
        (vec!["14 Oct", "21 Oct", "28 Oct"], &[series(Kind::Meeting)][..])
    );
    let without = with_ledger([], missing.to_vec(), None, &Rules::default());
    assert_eq!((without.columns.len(), without.rows.len()), (3, 0));
}

#[test]
fn what_may_be_of_another_meeting_of_the_channel_is_told_and_leaves_nobody_absent() {
    let roster = Roster::read("autumn.csv", b"mail\naiko.ferreira@contoso.com\nnoor@contoso.com\n").unwrap();
    let report = Report { plan: None, ..lesson(DAYS[0], [there("Aiko Ferreira", DAYS[0], 60)]) };
    let unclear = vec![ledger_entry(LedgerState::Missing, Some("b"), &format!("{} 11:05", DAYS[0]))];
    let gaps = Gaps { known: Vec::new(), unclear };
    let rules = Rules::default();
    let made = Register::of(vec![report], &[], gaps, Some(&roster), &rules, at("2026-12-01 00:00"));
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P 60"], ["?"]]);
    assert_eq!((made.columns.len(), made.unclear.len()), (1, 1));
}

#[test]
fn names_alone_are_present_without_minutes() {
    let named = lesson(DAYS[0], [user("Aiko Ferreira"), user("Kwame Brandsma")]);
    let timed = lesson(DAYS[1], [there("Aiko Ferreira", DAYS[1], 30)]);
    let made = register([named, timed], None, &Rules::default());
    assert_eq!(made.rows.iter().map(shown).collect::<Vec<_>>(), [["P", "H 30"], ["P", "A 0"]]);
    let totals = made.rows[0].totals;
    assert_eq!((totals.present, totals.known, totals.seconds, totals.possible_seconds), (1, 2, 1_800, 3_600));
    assert_eq!(totals.share_percent(), Some(50));
    assert_eq!(Totals::default().share_percent(), None);
}

#[test]
fn sums_add_seconds_and_round_once() {
    let half =
        |day: &str| user("Aiko Ferreira").times(&[(&format!("{day} 10:00"), &format!("{day} 10:59:30"))]);
    let made = register([DAYS[0], DAYS[1]].map(|day| lesson(day, [half(day)])), None, &Rules::default());
    assert_eq!(shown(&made.rows[0]), ["P 59", "P 59"]);
    assert_eq!(made.rows[0].totals.seconds / 60, 119);
}

#[test]
fn an_id_found_by_address_also_finds_records_without_one() {
    let without_id = there("Aiko Ferreira", DAYS[1], 50).without_id();
    let by_id = Record { address: None, ..there("Aiko Ferreira", DAYS[2], 40) };
    let reports = [
        lesson(DAYS[0], [there("Aiko Ferreira", DAYS[0], 60)]),
        lesson(DAYS[1], [without_id]),
        lesson(DAYS[2], [by_id]),
    ];
    let made = register(reports, Some("email\naiko.ferreira@contoso.com\n"), &Rules::default());
    assert_eq!(shown(&made.rows[0]), ["P 60", "P 50", "H 40"]);
    assert_eq!(made.rows[0].matched, RosterMatch::Address);
}

#[test]
fn doubles_are_two_rows_and_a_note_that_same_joins() {
    let second = there("Aiko Private", DAYS[0], 20).address("aiko.ferreira@contoso.com");
    let records = [there("Aiko Ferreira", DAYS[0], 60), second];
    let made = register([lesson(DAYS[0], records.clone())], None, &Rules::default());
    assert_eq!((made.rows.len(), made.doubles.len(), made.doubles[0].persons.len()), (2, 1, 2));
    let same = vec![("id-aiko.ferreira".to_owned(), "id-aiko.private".to_owned())];
    let joined = register([lesson(DAYS[0], records)], None, &Rules { same, ..Rules::default() });
    assert_eq!((joined.rows.len(), joined.doubles.len()), (1, 0));
}

#[test]
fn several_addresses_of_a_line_are_one_persons() {
    let home = there("Aiko Home", DAYS[1], 50).address("aiko@home.example");
    let reports = [lesson(DAYS[0], [there("Aiko Ferreira", DAYS[0], 60)]), lesson(DAYS[1], [home])];
    let made =
        register(reports, Some("mail\naiko.ferreira@contoso.com;aiko@home.example\n"), &Rules::default());
    assert_eq!(shown(&made.rows[0]), ["P 60", "P 50"]);
    assert!(made.not_on_roster.is_empty());
}

#[test]
fn a_registration_of_the_series_leads_to_the_persons_address() {
    let record = Record { registration_id: Some("g-1".into()), ..Record::default() };
    let report = webinar("r-1", "s-1", "10:00", "11:00").with([record.times(&[("10:00", "11:00")])]);
    let registrations: [(SeriesId, Registration); 1] =
        [(series(Kind::Webinar), registration("g-1", "registered", "aiko@contoso.com"))];
    let roster = Roster::read("autumn.csv", b"mail\naiko@contoso.com\n").unwrap();
    let made = Register::of(
        vec![report],
        &registrations,
        Gaps::default(),
        Some(&roster),
        &Rules::default(),
        at("2026-12-01 00:00"),
    );
    assert_eq!(
        (shown(&made.rows[0]), &made.rows[0].matched),
        (vec!["P 60".to_owned()], &RosterMatch::Address)
    );
}

#[test]
fn several_years_have_the_year_in_their_labels() {
    let reports = ["2026-12-30", "2027-01-06"].map(|day| lesson(day, [there("Aiko Ferreira", day, 60)]));
    let bare = Report { span: None, plan: None, ..meeting("r-3", "10:00", "11:00") };
    let made = register([reports.to_vec(), vec![bare]].concat(), None, &Rules::default());
    assert_eq!(labels(&made), ["30 Dec 2026", "6 Jan 2027", "no time"]);
}

#[test]
fn the_aggregate_has_sums_and_nobody() {
    let records = [
        there("Aiko Ferreira", DAYS[0], 60),
        there("Kwame Brandsma", DAYS[0], 47),
        there("Linh Castellano", DAYS[0], 30),
        there("Mirella Oduya", DAYS[0], 60).role(Role::Organizer),
    ];
    let reports = [lesson(DAYS[0], records), lesson(DAYS[1], [there("Aiko Ferreira", DAYS[1], 60)])];
    let gap = vec![ledger_entry(LedgerState::Lost, Some("r-9"), "2026-10-28 10:00")];
    let made = with_ledger(reports, gap, None, &Rules::default()).aggregate();
    let first = &made.columns[0];
    assert_eq!((first.people, first.present, first.left_early, first.partial), (Some(4), 2, 1, 1));
    assert_eq!((first.median_seconds, first.mean_seconds), (Some(47 * 60), Some(2_740)));
    assert_eq!((made.columns[1].absent, made.people), (2, 3));
    let lost = &made.columns[2];
    assert_eq!((lost.is_kept, lost.unknown, lost.people, lost.mean_seconds), (false, 3, None, None));
    let json = serde_json::to_string(&made).unwrap();
    assert!(!["Aiko", "contoso", "id-"].iter().any(|word| json.contains(word)));
}

#[test]
fn times_and_sums_beyond_reason_break_nothing() {
    let record = |name: &str| Record { graph_seconds: Some(i64::MAX), ..user(name) };
    let endless =
        Interval { join: Some(Timestamp::MIN), leave: Some(Timestamp::MAX), seconds: Some(i64::MAX) };
    let longest = Record { intervals: Some(vec![endless, endless]), ..record("Linh Castellano") };
    let bare = Report { span: None, ..meeting("r-1", "10:00", "11:00") };
    let reports = [
        bare.with([record("Aiko Ferreira"), record("Kwame Brandsma")]),
        Report { span: None, ..meeting("r-2", "10:00", "11:00") }.with([longest]),
        Report { participants: Some(-1), ..lesson(DAYS[0], [record("Aiko Ferreira")]) },
    ];
    let made = register(reports, None, &Rules::default());
    assert_eq!((made.columns.len(), made.rows.len()), (3, 3));
    assert_eq!(made.aggregate().columns.len(), 3);
}
