//! Reports from Graph into the bucket: the first from a cold start, and many warm.

use crate::archivers::{Archiver, all};
use crate::measured::{Median, Results, Sample, Table, mebibytes};
use crate::world::World;

/// The records on a page, where reports have several pages.
const PAGE_SIZE: usize = 200;
/// Lambda's memory, in gigabytes, and what a second of a gigabyte costs: dollars, us-east-1, arm64, October 2026.
const GIGABYTES: f64 = 0.25;
const GIGABYTE_SECOND: f64 = 0.000_013_333_4;

pub(crate) async fn first(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    world.sim.set_page_size(usize::MAX);
    let archivers = all(world)?;
    let mut samples = vec![Vec::new(); archivers.len()];
    for round in 0..rounds {
        let report = world.sessions(&format!("first-{round}"), 1, 50);
        for (archiver, samples) in archivers.iter().zip(&mut samples) {
            let wall = archiver.archive(world, &report).await?;
            samples.push(Sample { wall, usage: archiver.usage().await });
            archiver.kill().await;
        }
    }
    let title = "First report archived (50 attendees), from a cold start";
    results.add(Table::compared(title.to_owned(), &medians(&archivers, &samples)));
    Ok(())
}

/// A number of reports, each with the same number of attendees.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) reports: usize,
    pub(crate) attendees: usize,
    pub(crate) is_paged: bool,
}

const WORKS: [Work; 5] = [
    Work { reports: 200, attendees: 50, is_paged: false },
    Work { reports: 20, attendees: 1_000, is_paged: false },
    Work { reports: 1, attendees: 20_000, is_paged: false },
    Work { reports: 20, attendees: 1_000, is_paged: true },
    Work { reports: 1, attendees: 20_000, is_paged: true },
];

pub(crate) async fn many(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    let mut costs = Vec::new();
    for work in WORKS {
        let medians = archived(world, rounds, work, results).await?;
        costs.extend(medians.into_iter().map(|(name, median)| work.cost(name, median)));
    }
    let columns = vec!["", "reports", "CPU an attendee, µs", "Lambda's time for a million reports, $"];
    results.add(Table { title: "What it costs".to_owned(), columns, rows: costs });
    Ok(())
}

impl Work {
    fn name(self) -> String {
        let pages = if self.is_paged { "in pages of 200" } else { "on one page" };
        format!("{} × {} attendees, {pages}", self.reports, self.attendees)
    }

    fn cost(self, name: &str, median: Median) -> Vec<String> {
        let microseconds = median.cpu_ms * 1e3 / (self.reports * self.attendees) as f64;
        let seconds = median.wall_ms / 1e3 / self.reports as f64;
        let dollars = 1e6 * seconds * GIGABYTES * GIGABYTE_SECOND;
        vec![name.to_owned(), self.name(), format!("{microseconds:.1}"), format!("{dollars:.2}")]
    }
}

/// Measures warm functions: each archives a report before.
pub(crate) async fn archived(
    world: &World,
    rounds: usize,
    work: Work,
    results: &mut Results,
) -> anyhow::Result<Vec<(&'static str, Median)>> {
    world.sim.set_page_size(if work.is_paged { PAGE_SIZE } else { usize::MAX });
    let takes_part = |archiver: &Archiver| archiver.archives_many && (archiver.reads_pages || !work.is_paged);
    let archivers: Vec<Archiver> = all(world)?.into_iter().filter(takes_part).collect();
    let mut samples = vec![Vec::new(); archivers.len()];
    let mut report_bytes = 0;
    for round in 0..rounds {
        let name = format!("{}-{}-{}-{round}", work.reports, work.attendees, work.is_paged);
        let warm_up = world.sessions(&format!("warm-{name}"), 1, 3);
        let reports = world.sessions(&name, work.reports, work.attendees);
        report_bytes = reports[0].whole().len() as u64;
        for (archiver, samples) in archivers.iter().zip(&mut samples) {
            archiver.archive(world, &warm_up).await?;
            let before = archiver.usage().await;
            let wall = archiver.archive(world, &reports).await?;
            let mut usage = archiver.usage().await;
            usage.cpu -= before.cpu;
            samples.push(Sample { wall, usage });
            archiver.kill().await;
        }
    }
    let medians = medians(&archivers, &samples);
    let title = format!("{} ({:.2} MiB each), warm", work.name(), mebibytes(report_bytes));
    results.add(Table::compared(title, &medians));
    Ok(medians)
}

fn medians(archivers: &[Archiver], samples: &[Vec<Sample>]) -> Vec<(&'static str, Median)> {
    archivers.iter().zip(samples).map(|(archiver, samples)| (archiver.name, Median::of(samples))).collect()
}
