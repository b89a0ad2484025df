//! What counts where calls take their time: how long a command takes, how many calls a backfill makes in a second,
//! and how long Lambda bills for a report.

use crate::archives::{Work, archived};
use crate::backfills::{add_meetings, run_backfill};
use crate::measured::{Median, Results, Table};
use crate::pulls::{PULLED, pulls};
use crate::world::{AWS_TAKES, GRAPH_TAKES, World};

const ARCHIVED: Work = Work { reports: 50, attendees: 50, is_paged: false };
/// Of one session each.
const MEETINGS: usize = 1_000;

/// Each comparison in a new world that waits.
pub(crate) async fn waiting(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    for pulled in &PULLED {
        pulls(&world.that_waits().await?, pulled, rounds, results).await?;
    }
    billed(&world.that_waits().await?, rounds, results).await?;
    backfill(&world.that_waits().await?, results).await
}

/// What Lambda bills for a report in batches of five, as the stack has them: the time of all invocations.
async fn billed(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    let medians = archived(world, rounds, ARCHIVED, results).await?;
    let rollcall = medians[0].1.wall_ms;
    let row = |(name, median): &(&'static str, Median)| {
        let milliseconds = median.wall_ms / ARCHIVED.reports as f64;
        vec![(*name).to_owned(), format!("{milliseconds:.1} ({:.2} ×)", median.wall_ms / rollcall)]
    };
    let title = format!(
        "Lambda's time for a report in batches of five (Graph {} ms, S3 {} ms, SQS {} ms)",
        GRAPH_TAKES.as_millis(),
        AWS_TAKES.s3.as_millis(),
        AWS_TAKES.sqs.as_millis()
    );
    let rows = medians.iter().map(row).collect();
    results.add(Table { title, columns: vec!["", "billed, ms a report"], rows });
    Ok(())
}

/// How many of Graph's calls a backfill makes in a second: the limit is Graph's, if it makes enough at a time.
/// Once: it takes minutes.
async fn backfill(world: &World, results: &mut Results) -> anyhow::Result<()> {
    add_meetings(&world.sim, MEETINGS, 1);
    let sample = run_backfill(world, &world.binary("backfill")?, MEETINGS).await?;
    let (calls, seconds) = (world.sim.requests().len(), sample.wall.as_secs_f64());
    let row = vec![
        "backfill (function)".to_owned(),
        MEETINGS.to_string(),
        calls.to_string(),
        format!("{seconds:.1}"),
        format!("{:.1}", calls as f64 / seconds),
        format!("{:.1}", sample.usage.cpu.as_secs_f64()),
    ];
    let columns = vec!["", "meetings", "calls of Graph", "wall, s", "calls a second", "CPU, s"];
    results.add(Table { title: "A backfill that waits".to_owned(), columns, rows: vec![row] });
    Ok(())
}
