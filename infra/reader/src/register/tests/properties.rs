//! What holds of any register.

use proptest::prelude::*;

use super::*;
use crate::rules::Level;

const NAMES: [&str; 4] = ["Aiko Ferreira", "Kwame Brandsma", "Linh Castellano", "Renske Oyelaran"];

/// Some lessons of three days, each with some people, some of them without an id, some anonymous.
fn reports() -> impl Strategy<Value = Vec<Report>> {
    let one = (0..NAMES.len(), 0_u32..90, 0_u32..4);
    let of_day = |day: &'static str| {
        prop::collection::vec(one.clone(), 0..6).prop_map(move |people| {
            let record = |(place, (who, minutes, kind)): (usize, (usize, u32, u32))| match kind {
                0 => there(NAMES[who], day, minutes).without_id(),
                1 => Record { address: None, ..there(NAMES[who], day, minutes).without_id() },
                2 => Record {
                    id: Some(format!("{place}")),
                    intervals: None,
                    ..there(NAMES[who], day, minutes)
                },
                _ => there(NAMES[who], day, minutes),
            };
            let records: Vec<Record> = people.into_iter().enumerate().map(record).collect();
            lesson(day, records)
        })
    };
    (of_day(DAYS[0]), of_day(DAYS[1]), of_day(DAYS[2])).prop_map(|(a, b, c)| vec![a, b, c])
}

fn gap() -> Vec<LedgerEntry> {
    vec![ledger_entry(LedgerState::Absent, None, "2026-11-04 10:00")]
}

const ROSTER: &str = "email,excused,to\naiko.ferreira@contoso.com,2026-10-21,\n\
                      kwame.brandsma@contoso.com,,2026-10-21\nnobody@contoso.com,,\n";

/// Everything that is shown, but for the ids of records that have none.
fn told(register: &Register) -> String {
    let rows = |rows: &[Row]| -> Vec<String> {
        rows.iter()
            .map(|row| format!("{} {:?} {:?} {:?}", name(row), row.matched, shown(row), row.totals))
            .collect()
    };
    let columns: Vec<_> =
        register.columns.iter().map(|column| (&column.label, column.present, column.unidentified)).collect();
    let mut rest = rows(&register.not_on_roster);
    rest.sort();
    let mut all = rows(&register.rows);
    all.sort();
    format!("{columns:?} {all:?} {rest:?} {} {}", register.doubles.len(), register.strays.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn totals_are_the_sums_of_cells(reports in reports(), has_roster in any::<bool>()) {
        let made = with_ledger(reports, gap(), has_roster.then_some(ROSTER), &Rules::default());
        for row in made.rows.iter().chain(&made.not_on_roster) {
            let marked = row.cells.iter().filter_map(|cell| match cell {
                Cell::Marked(cell) => Some(*cell),
                Cell::Blank => None,
            });
            let known: Vec<MarkedCell> = marked.filter(|cell| cell.mark.is_known()).collect();
            let seconds: i64 = known.iter().filter_map(|cell| cell.seconds).sum();
            prop_assert_eq!(row.cells.len(), made.columns.len());
            prop_assert_eq!(row.totals.known, known.len());
            prop_assert_eq!(row.totals.seconds, seconds);
            prop_assert!(row.totals.present <= row.totals.known);
            prop_assert!(row.totals.seconds <= row.totals.possible_seconds);
        }
        for (place, column) in made.columns.iter().enumerate() {
            let present = made.rows.iter().filter(|row| {
                matches!(row.cells[place], Cell::Marked(cell) if cell.mark.level == Level::Present)
            });
            prop_assert_eq!(column.present.map_or(0, |(present, _)| present), present.count());
        }
    }

    #[test]
    fn the_order_of_reports_and_records_changes_nothing(reports in reports(), has_roster in any::<bool>()) {
        let roster = has_roster.then_some(ROSTER);
        let mut turned: Vec<Report> = reports.iter().rev().cloned().collect();
        for report in &mut turned {
            report.records.reverse();
        }
        let one = with_ledger(reports, gap(), roster, &Rules::default());
        prop_assert_eq!(told(&one), told(&with_ledger(turned, gap(), roster, &Rules::default())));
    }
}
