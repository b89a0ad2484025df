//! Five large reports in one batch fit into 70 % of the memory of `fetch` and of `archive`, as the largest report does:
//! in pages, on one page each, and where one page alone takes an eighth of it.

use graph_sim::SimReport;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::ports::clock::{Clock, SystemClock};
use tools::aws::Aws;
use tools::emulators::{self, Latencies};
use tools::memory_limit::MemoryLimit;
use tools::programs::skipped;

use super::compiled_webhook::CompiledWebhook;
use super::largest::{Limited, part, report_of, source};
use super::{SECRETS, build, serve_graph};

const MIB: usize = 1 << 20;

/// Five reports of so many bytes, of which each id has this name.
fn five(name: &str, attendees: usize, bytes: usize) -> Vec<SimReport> {
    let now = SystemClock.now();
    (0..5).map(|number| report_of(&format!("{name}-{number}"), attendees, bytes, now)).collect()
}

impl Limited {
    /// Has Graph's reports fetched in one batch and archived in another.
    async fn fetch_and_archive(&self, reports: &[SimReport], case: &str) {
        for report in reports {
            let target = FetchTarget::Report(source().report(&report.id));
            let job = FetchJob::new(target, Cause::Pull, SystemClock.now());
            self.aws.send("fetch", &job.to_message()).await;
        }
        self.invoke("fetch", "Fetch", &format!("five {case}")).await;
        self.invoke("archive", "ArchiveFunction", &format!("five {case}")).await;
        for report in reports {
            self.assert_current(report).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_large_reports_of_one_batch_fit_into_the_memory_of_fetch_and_of_archive() {
    if MemoryLimit::new(1 << 30).is_none() {
        return skipped("large batches under a limit: this machine lets nobody make a control group");
    }
    let config = emulators::aws_sim(Latencies::default()).await;
    let aws = Aws::prepare(config, "batches", &SECRETS).await;
    let (sim, graph_url) = serve_graph(CompiledWebhook::default().into()).await;
    let limited = Limited { aws, binaries: build(), graph_url };
    limited.know_the_event().await;

    let (pages, one_page) = (five("pages", 5_000, 12 * MIB), five("one-page", 5_000, 12 * MIB));
    let largest_pages = five("largest-page", 25_000, 60 * MIB);
    let poorer = pages.iter().map(|report| part(report, report.records.len() - 1)).collect::<Vec<_>>();
    for (reports, page_size, case) in [
        (&poorer, 500, "of 12 MiB in ten pages"),
        (&pages, 500, "of 12 MiB in ten pages, richer than those before"),
        (&one_page, 5_000, "of 12 MiB on one page"),
        (&largest_pages, 25_000, "of 60 MiB on one page"),
    ] {
        sim.set_page_size(page_size);
        reports.iter().for_each(|report| sim.add_report(report.clone()));
        limited.fetch_and_archive(reports, case).await;
    }
}
