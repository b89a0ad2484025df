//! The register of the picture: six Wednesdays at 10:00 in Amsterdam, over a change of the clocks; the fifth is missing.

use super::*;

const WEDNESDAYS: [&str; 6] =
    ["2026-09-30", "2026-10-07", "2026-10-14", "2026-10-21", "2026-10-28", "2026-11-04"];

/// From when to when each was there in each of the sessions that are kept, in minutes from 10:00.
type Stay = Option<(u32, u32)>;
const PEOPLE: [(&str, [Stay; 5]); 8] = [
    ("Svetlana Achterberg", [Some((0, 60)), Some((2, 60)), Some((14, 60)), Some((0, 60)), Some((3, 60))]),
    ("Kwame Brandsma", [Some((0, 60)), Some((0, 60)), Some((4, 60)), Some((1, 60)), Some((0, 60))]),
    ("Linh Castellano", [Some((1, 60)), Some((0, 47)), Some((0, 60)), Some((0, 60)), Some((0, 60))]),
    ("Aiko Ferreira", [Some((0, 60)), Some((0, 60)), Some((0, 60)), Some((0, 60)), Some((0, 60))]),
    ("Daan Mulgrew", [Some((0, 31)), None, None, Some((8, 60)), None]),
    ("Yusuf Ornberg", [Some((15, 60)), Some((5, 60)), Some((0, 47)), Some((2, 60)), Some((0, 60))]),
    ("Renske Oyelaran", [Some((0, 60)), Some((12, 60)), Some((0, 32)), Some((0, 28)), Some((6, 60))]),
    ("Petra Vossberg", [Some((0, 60)), Some((0, 60)), None, Some((0, 3)), Some((0, 46))]),
];

/// A lesson at 10:00 in Amsterdam, whichever the offset is that day.
fn lesson(kept: usize, day: &str) -> Report {
    let amsterdam = zone("Europe/Amsterdam").unwrap();
    let day: Date = day.parse().unwrap();
    let instant = |minute: u32| {
        let minute = i8::try_from(minute).unwrap();
        let time = jiff::civil::time(10 + minute / 60, minute % 60, 0, 0);
        day.to_datetime(time).to_zoned(amsterdam.clone()).unwrap().timestamp().to_string()
    };
    let record = |(name, stays): &(&str, [Stay; 5])| {
        let (from, to) = stays[kept]?;
        Some(user(name).times(&[(&instant(from), &instant(to))]))
    };
    let records: Vec<Record> = PEOPLE.iter().filter_map(record).collect();
    let (start, end) = (instant(0), instant(60));
    meeting(&format!("r {day}"), &start, &end).planned(&start, &end).with(records)
}

#[test]
fn the_register_of_the_picture() {
    let kept = [0, 1, 2, 3, 5].map(|place| WEDNESDAYS[place]);
    let reports: Vec<Report> = kept.iter().enumerate().map(|(place, day)| lesson(place, day)).collect();
    let gap = vec![ledger_entry(LedgerState::Missing, Some("r-5"), "2026-10-28 09:00")];
    let roster: String = PEOPLE
        .iter()
        .map(|(name, _)| {
            let excused = if *name == "Daan Mulgrew" { "2026-11-04" } else { "" };
            format!("{}@contoso.com,{excused}\n", name.to_lowercase().replace(' ', "."))
        })
        .collect();
    let roster = format!("email,excused\n{roster}");
    let rules = Rules { zone: zone("Europe/Amsterdam").unwrap(), ..Rules::default() };
    let made = with_ledger(reports, gap, Some(&roster), &rules);
    assert_eq!(made.window_length(), Some(jiff::SignedDuration::from_mins(60)));
    assert_eq!(labels(&made), ["30 Sep", "7 Oct", "14 Oct", "21 Oct", "28 Oct", "4 Nov"]);
    let starts: Vec<String> = made
        .columns
        .iter()
        .map(|column| column.start.unwrap().to_zoned(rules.zone.clone()).strftime("%H:%M%:z").to_string())
        .collect();
    assert_eq!(starts[3..], ["10:00+02:00", "10:00+01:00", "10:00+01:00"]);
    let row = |row: &Row| {
        let (totals, share) = (row.totals, row.totals.share_percent().unwrap());
        let sums = format!("{}/{} {} {share}%", totals.present, totals.known, totals.seconds / 60);
        format!("{} | {sums}", shown(row).join(" "))
    };
    assert_eq!(
        made.rows.iter().map(row).collect::<Vec<_>>(),
        [
            "P 60 P 58 L 46 P 60 ? P 57 | 5/5 281 93%",
            "P 60 P 60 P 56 P 59 ? P 60 | 5/5 295 98%",
            "P 59 D 47 P 60 P 60 ? P 60 | 5/5 286 95%",
            "P 60 P 60 P 60 P 60 ? P 60 | 5/5 300 100%",
            "H 31 A 0 A 0 P 52 ? E | 1/4 83 34%",
            "L 45 P 55 D 47 P 58 ? P 60 | 5/5 265 88%",
            "P 60 L 48 H 32 H 28 ? P 54 | 3/5 222 74%",
            "P 60 P 60 A 0 A 3 ? D 46 | 3/5 169 56%",
        ]
    );
    let present: Vec<_> = made.columns.iter().map(|column| column.present).collect();
    assert_eq!(present, [Some((7, 8)), Some((7, 8)), Some((5, 8)), Some((6, 8)), None, Some((7, 7))]);
}
