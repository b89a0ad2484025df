//! A report through `fetch` and `archive`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use graph_sim::{GraphSim, SimReport, TENANT_ID};
use jiff::{SignedDuration, Timestamp};
use local::{MemoryQueue, MemorySecrets, MemoryStore};
use shared::archive::erasure::TombstoneReader;
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache};
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::watch_filter::WatchFilter;
use shared::memory::MemoryBudget;
use shared::model::{ReportRef, ReportSource, Watch};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use shared::ports::queue::{OutgoingMessage, Queue};
use shared::ports::store::ObjectStore;

/// A simulated Graph that computes the response to each request once.
struct CachingGraph {
    sim: GraphSim,
    responses: Mutex<HashMap<String, Response>>,
}

#[async_trait]
impl Http for CachingGraph {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = request.uri().to_string();
        let known = self.responses.lock().unwrap_or_else(PoisonError::into_inner).get(&url).cloned();
        if let Some(answer) = known {
            return Ok(answer);
        }
        let answer = self.sim.answer(request).await;
        self.responses.lock().unwrap_or_else(PoisonError::into_inner).insert(url, answer.clone());
        Ok(answer)
    }
}

/// The outbound port of a Graph that posts no notifications.
struct NoOutbound;

#[async_trait]
impl Http for NoOutbound {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::Connect(ConnectFailure::Refused))
    }
}

pub(crate) async fn archive(attendees: usize, page_size: usize, times: usize) -> anyhow::Result<()> {
    let sim = GraphSim::new(Arc::new(SystemClock), Arc::new(NoOutbound));
    sim.set_page_size(page_size);
    let source = ReportSource::Meeting { organizer_id: "o".to_owned(), meeting_id: "m".to_owned() };
    let end = SystemClock.now();
    let report = SimReport::ended(source.clone(), "r", attendees, end - SignedDuration::from_mins(30), end);
    sim.add_report(report.clone());
    let token = sim.new_token();
    let graph = Arc::new(CachingGraph { sim, responses: Mutex::default() });
    for _ in 0..times {
        let store = Arc::new(MemoryStore::default());
        through_the_pipeline(graph.clone(), &token, store.clone(), source.report("r")).await?;
        let key =
            store.keys().into_iter().find(|key| key.starts_with("reports/")).context("the report is lost")?;
        let stored = store.get(&key).await?.context("the report is lost")?;
        ensure!(stored.body == report.whole().as_bytes(), "the report was changed");
    }
    Ok(())
}

/// From the message for `fetch` to the objects in the archive.
async fn through_the_pipeline(
    graph: Arc<CachingGraph>,
    token: &str,
    store: Arc<MemoryStore>,
    report: ReportRef,
) -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let queue = || Arc::new(MemoryQueue::dead_letters(clock.clone()));
    let (fetch_queue, archive_queue) = (queue(), queue());
    let tokens = TokenCache::new(Box::new(StaticToken(token.to_owned().into())), clock.clone());
    let fetch = fetch::Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        graph: GraphClient::new(graph, clock.clone(), tokens, &Endpoints::from_env(&[])?),
        watch_filter: WatchFilter::new(&Watch::default(), clock.clone()),
        encrypted: None,
        store: store.clone(),
        fetch_queue: fetch_queue.clone(),
        archive_queue: archive_queue.clone(),
        dead_letters: queue(),
        memory: MemoryBudget::default(),
        clock: clock.clone(),
    };
    let secrets = Arc::new(MemorySecrets::default());
    let archive = archive::Dependencies {
        tombstones: TombstoneReader::new(store.clone(), secrets, None, clock.clone()),
        store,
        fetch_queue: fetch_queue.clone(),
        archive_queue: archive_queue.clone(),
        dead_letters: queue(),
        memory: MemoryBudget::default(),
        clock: clock.clone(),
    };
    let job = FetchJob::new(FetchTarget::Report(report), Cause::Notification, clock.now());
    fetch_queue.send(vec![OutgoingMessage::new(job.to_message())]).await?;
    let event = fetch_queue.receive(1).context("no message for fetch")?;
    let fetched = fetch::handle(&fetch, event, Timestamp::MAX).await?;
    ensure!(fetched.batch_item_failures.is_empty(), "fetch failed");
    let event = archive_queue.receive(1).context("no message for archive")?;
    let archived = archive::handle(&archive, event, Timestamp::MAX).await?;
    ensure!(archived.batch_item_failures.is_empty(), "archive failed");
    Ok(())
}
