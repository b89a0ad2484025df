//! Each outage that can be named rings an alarm, and in time: at most 15 minutes for what is on the way of a report, and
//! seven hours for schedules and reconciles. The table in `docs/RELIABILITY.md` is this one.
//!
//! Where our functions see the outage it is planted into them, and the alarms get what they count. What AWS counts of a
//! function that does not run is written here, with the page that says so.

mod cloudwatch;
mod planted;
mod recording;
mod report_outages;
mod schedule_outages;
mod table;

use std::collections::BTreeSet;

use crate::stack_template::Template;
use cloudwatch::{Alarm, Minute};
use planted::healthy;
use table::{Outage, all};

/// When an outage begins: for days nothing was wrong.
const START: Minute = 2 * 24 * 60;
/// And for so long it lasts.
const END: Minute = START + 2 * 24 * 60;
/// The most minutes until an alarm rings: on the way of a report, and elsewhere.
const ON_THE_WAY: Minute = 15;
const ELSEWHERE: Minute = 7 * 60;

#[tokio::test(start_paused = true)]
async fn each_outage_rings_an_alarm_in_time_and_each_alarm_is_for_one() {
    let template = Template::read();
    let outages = all().await;
    let mut rows = String::from("| outage | alarm | minutes |\n|---|---|--:|\n");
    let mut wrong = Vec::new();
    for Outage { what, alarm: name, at_most, begins, series } in &outages.table {
        let alarm = Alarm::read(&template, name);
        if alarm.rings_within(series, begins - 12 * 60, *begins) {
            wrong.push(format!("{name} rings before: {what}"));
        }
        let rings = alarm.rings_after(series, *begins, END);
        if rings.is_none_or(|minutes| minutes > *at_most) {
            wrong.push(format!("{name} rings after {rings:?} minutes: {what}"));
        }
        rows.push_str(&format!("| {what} | `{name}` | {} |\n", rings.unwrap_or_default()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(outages.table.len() >= 30, "{}", outages.table.len());
    let rung: BTreeSet<&str> = outages.table.iter().map(|outage| outage.alarm).collect();
    assert_eq!(
        rung,
        template.of_type("AWS::CloudWatch::Alarm").into_iter().collect(),
        "alarms that nothing rings"
    );
    assert!(include_str!("../../docs/RELIABILITY.md").contains(&rows), "{rows}");
}

#[tokio::test(start_paused = true)]
async fn while_nothing_is_wrong_nothing_rings_on_workdays_and_on_holidays() {
    let template = Template::read();
    let healthy = healthy(4).await;
    for name in template.of_type("AWS::CloudWatch::Alarm") {
        let alarm = Alarm::read(&template, name);
        assert!(!alarm.rings_within(&healthy, 60, 4 * 24 * 60), "{name}");
    }
}
