//! The reports of one meeting, pulled by a command: `rollcall pull`, and what a person would write.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use graph_sim::SimReport;
use serde_json::Value;
use shared::ports::store::ObjectStore;

use crate::backfills::files_below;
use crate::commands;
use crate::measured::{Median, Results, Sample, Table};
use crate::world::{ORGANIZER, World, program};

/// The reports of a meeting, each with the same number of attendees.
pub(crate) struct Pulled {
    reports: usize,
    attendees: usize,
    targets: &'static [Target],
}

/// As many as Graph lists of a meeting, where waiting counts; and large ones, where computing does.
pub(crate) const PULLED: [Pulled; 2] = [
    Pulled { reports: 50, attendees: 50, targets: &[Target::Folder, Target::Bucket] },
    Pulled { reports: 20, attendees: 1_000, targets: &[Target::Folder] },
];

struct Puller {
    name: &'static str,
    program: PathBuf,
    /// Before the argument that says where to.
    arguments: Vec<String>,
}

/// Where the reports go.
#[derive(Clone, Copy)]
enum Target {
    Folder,
    Bucket,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Folder => "a folder",
            Self::Bucket => "S3",
        }
    }
}

/// Each time into a new place.
pub(crate) async fn pulls(
    world: &World,
    pulled: &Pulled,
    rounds: usize,
    results: &mut Results,
) -> anyhow::Result<()> {
    let Pulled { reports: count, attendees, targets } = pulled;
    world.sim.set_page_size(usize::MAX);
    let reports = world.sessions("pulled", *count, *attendees);
    let pullers = all(world)?;
    for target in *targets {
        let mut samples = vec![Vec::new(); pullers.len()];
        for round in 0..rounds {
            for (puller, samples) in pullers.iter().zip(&mut samples) {
                samples.push(puller.pull(world, *target, round, &reports).await?);
            }
        }
        let medians =
            pullers.iter().zip(&samples).map(|(puller, samples)| (puller.name, Median::of(samples)));
        let place = target.name();
        let title = format!("{count} reports of a meeting pulled into {place} ({attendees} attendees each)");
        results.add(Table::compared(title, &medians.collect::<Vec<_>>()));
    }
    Ok(())
}

fn all(world: &World) -> anyhow::Result<Vec<Puller>> {
    let meeting = &world.meeting.meeting_id;
    let rollcall = ["pull", "--organizer", ORGANIZER, "--meeting", meeting, "--to"].map(str::to_owned);
    let alternative = |name, (program, script): (PathBuf, PathBuf)| {
        let path = format!("users/{ORGANIZER}/onlineMeetings/{meeting}/attendanceReports");
        Puller { name, program, arguments: vec![script.display().to_string(), path] }
    };
    Ok(vec![
        Puller { name: "rollcall pull", program: program("rollcall")?, arguments: rollcall.into() },
        alternative("Python, asyncio and httpx, 8 at a time", world.python_script("pull_httpx.py")),
        alternative("Node, 8 at a time", world.node_script("pull.mjs")?),
    ])
}

/// The names and bytes of all JSON files below a folder.
fn in_folder(folder: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let read = |path: PathBuf| anyhow::Ok((path.display().to_string(), std::fs::read(path)?));
    files_below(folder)?.into_iter().map(read).collect()
}

/// The keys and bytes of the reports in a bucket.
async fn in_bucket(world: &World, bucket: &str) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let store = world.aws.store_in(bucket);
    let mut found = Vec::new();
    for key in store.list("reports/", None).await?.keys {
        let object = store.get(&key).await?.with_context(|| format!("{key} is gone"))?;
        found.push((key, object.body.into()));
    }
    Ok(found)
}

impl Puller {
    async fn pull(
        &self,
        world: &World,
        target: Target,
        round: usize,
        reports: &[SimReport],
    ) -> anyhow::Result<Sample> {
        let name = format!("pulled-{}-{round}", self.name.replace([' ', ','], "-").to_lowercase());
        let folder = Path::new("target/bench").join(&name);
        let to = match target {
            Target::Folder => {
                if folder.exists() {
                    std::fs::remove_dir_all(&folder)?;
                }
                folder.display().to_string()
            }
            Target::Bucket => {
                world.aws.create_bucket(&name).await;
                format!("s3://{name}")
            }
        };
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(to);
        let sample = commands::run(command, world.settings()).await?;
        let pulled = match target {
            Target::Folder => in_folder(&folder)?,
            Target::Bucket => in_bucket(world, &name).await?,
        };
        self.check(reports, &pulled)?;
        Ok(sample)
    }

    /// Checks that each report is there with all its records.
    fn check(&self, reports: &[SimReport], pulled: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
        for report in reports {
            let file = format!("{}.json", report.id);
            let found = pulled.iter().find(|(key, _)| Path::new(key).file_name() == Some(file.as_ref()));
            let (_, body) = found.with_context(|| format!("{} lost {}", self.name, report.id))?;
            let body: Value = serde_json::from_slice(body)?;
            let records = body["attendanceRecords"].as_array().map_or(0, Vec::len);
            ensure!(
                records == report.records.len(),
                "{} wrote {records} records of {}",
                self.name,
                report.id
            );
        }
        Ok(())
    }
}
