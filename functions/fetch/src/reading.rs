//! A report is read page by page, and where that takes long its pages are kept in `staging/`, as Graph sent them:
//! the next try of the message goes on with the next page.
//!
//! ```text
//! page 1 ─▶ page 2 ─▶ … ─▶ page n ─▶ joined, as if all had come at once
//!    └─────────┴── staging/pages/{report}/{message}/{reading}/{page}
//! ```
//!
//! A page is written once and under its number, after those before it, so what is there is always the beginning of
//! one answer of Graph's, wherever a try was cut and however many workers have the message. Where the next page cannot
//! be read, or Graph no longer knows it, or the report has changed since its first page came, or that was more than an
//! hour ago, another reading begins.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use shared::archive::layout::{staged_page, staged_pages};
use shared::digest::sha256_hex;
use shared::graph::{FetchedArtifact, GraphError, JoinedPages, ReportPage, ReportReading};
use shared::memory;
use shared::model::{Outcome, ReportRef};
use shared::ports::store::{Checksum, Condition, Metadata, NewObject, Object, PutResult, StoreError};
use tracing::{info, warn};

use crate::{Dependencies, FetchError};

/// With so many bytes the pages that came are kept in `staging/`, and no longer in memory.
const BYTES_IN_MEMORY: usize = 4 << 20;
/// So long after the last page was kept, those that came since are kept, too: more than that no try loses.
const TIME_IN_MEMORY: SignedDuration = SignedDuration::from_secs(15);
/// How long one of the first readings may last, its tries and the waits between them together.
const LONGEST_READING: SignedDuration = SignedDuration::from_hours(1);
/// How many readings may last no longer than that.
const SHORT_READINGS: usize = 3;
/// How often a step reads a report anew, because Graph no longer knows one of its pages or it has changed.
const RESTARTS: usize = 2;

/// One try of a message.
pub struct Attempt {
    message_id: String,
    is_repeated: bool,
    has_kept_pages: AtomicBool,
}

impl Attempt {
    /// A try of the message with this id, which was received so often, this time included.
    pub fn new(message_id: &str, receive_count: u32) -> Self {
        let is_repeated = receive_count > 1;
        Self { message_id: message_id.to_owned(), is_repeated, has_kept_pages: AtomicBool::new(false) }
    }

    /// Whether the message was received before: an earlier try may have done a part of its work.
    pub(crate) fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// Whether this try has kept pages of a report, so that the next one has less to do.
    pub(crate) fn has_kept_pages(&self) -> bool {
        self.has_kept_pages.load(Ordering::Relaxed)
    }
}

/// Reads a report with all its records.
///
/// # Errors
/// It is not read to its end. The pages that came are kept, or come again.
pub(crate) async fn read_report(
    dependencies: &Dependencies,
    report: &ReportRef,
    attempt: &Attempt,
) -> Result<FetchedArtifact, FetchError> {
    let mut pages = PagedReport::find(dependencies, report, attempt).await?;
    let mut restarts = 0;
    loop {
        let error = match pages.read().await {
            Ok(Some(report)) => return Ok(report),
            Ok(None) => {
                GraphError::new(Outcome::Malformed).because("the report has changed while it was read")
            }
            Err(FetchError::Graph(error)) if error.outcome == Outcome::PageExpired => error,
            Err(error) => return Err(error),
        };
        if restarts == RESTARTS {
            return Err(error.into());
        }
        restarts += 1;
        info!("{error}; the report is read anew");
        pages.next_reading();
    }
}

/// The pages of one reading: first those in `staging/`, then those in memory.
struct PagedReport<'a> {
    dependencies: &'a Dependencies,
    report: &'a ReportRef,
    attempt: &'a Attempt,
    reading_number: usize,
    staged: usize,
    in_memory: Vec<ReportPage>,
    kept_at: Timestamp,
}

impl<'a> PagedReport<'a> {
    /// The pages that earlier tries of the message have kept, of the last reading.
    async fn find(
        dependencies: &'a Dependencies,
        report: &'a ReportRef,
        attempt: &'a Attempt,
    ) -> Result<Self, StoreError> {
        let kept_at = dependencies.clock.now();
        let (reading_number, staged, in_memory) = (1, 0, Vec::new());
        let mut pages = Self { dependencies, report, attempt, reading_number, staged, in_memory, kept_at };
        if !attempt.is_repeated {
            return Ok(pages);
        }
        let mut first_of_last = None;
        while let Some(first) = dependencies.store.head(&pages.key(1)).await? {
            first_of_last = Some(first);
            pages.reading_number += 1;
        }
        if let Some(first) = first_of_last {
            pages.reading_number -= 1;
            let keys = dependencies.store.list(&pages.prefix(), None).await?.keys;
            pages.staged = keys.len();
            let is_over = keys.last() == Some(&pages.end_key());
            if is_over || pages.is_too_old(&first.metadata) {
                pages.next_reading();
            }
        }
        Ok(pages)
    }

    /// Whether the reading began so long ago that its pages and those to come may be of two states of the report, which
    /// need not show in its counts and times. After some such readings one may last as long as it takes: it must end.
    fn is_too_old(&self, first: &Metadata) -> bool {
        let began: Option<Timestamp> = first.get(BEGAN).and_then(|began| began.parse().ok());
        let is_old = began.is_none_or(|began| self.kept_at.duration_since(began) > LONGEST_READING);
        is_old && self.reading_number <= SHORT_READINGS
    }

    fn prefix(&self) -> String {
        staged_pages(&self.report.path(), &self.attempt.message_id, self.reading_number)
    }

    /// The key of the object that says that a reading is over. It comes after those of the pages.
    fn end_key(&self) -> String {
        format!("{}over", self.prefix())
    }

    /// Sees to it that the next try does not go on with this reading.
    async fn end(&self) -> Result<(), StoreError> {
        if self.staged == 0 {
            return Ok(());
        }
        let object = NewObject::new("", "text/plain", Metadata::default());
        match self.dependencies.store.put(&self.end_key(), object, Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }

    fn key(&self, number: usize) -> String {
        staged_page(&self.report.path(), &self.attempt.message_id, self.reading_number, number)
    }

    /// From now on there is another reading, without pages.
    fn next_reading(&mut self) {
        memory::give_turn_back();
        self.reading_number += 1;
        self.staged = 0;
        self.in_memory.clear();
    }

    /// Reads the report, from its first page or from where earlier tries ended. `None`: the pages are of two states
    /// of it.
    async fn read(&mut self) -> Result<Option<FetchedArtifact>, FetchError> {
        let mut reading = if self.staged > 0 {
            self.resume().await?
        } else {
            let (reading, first) = self.dependencies.graph.read_report(self.report).await?;
            if reading.is_done() {
                return Ok(Some(whole(first)));
            }
            self.add(first, &reading).await?;
            reading
        };
        loop {
            match reading.next_page().await {
                Ok(Some(page)) => self.add(page, &reading).await?,
                Ok(None) => return self.join().await,
                Err(error) => {
                    self.keep_or_end(&error, reading.bytes()).await?;
                    return Err(error.into());
                }
            }
        }
    }

    /// What becomes of the pages so far, which have so many `bytes`, when the next one does not come.
    async fn keep_or_end(&mut self, error: &GraphError, bytes: usize) -> Result<(), StoreError> {
        let has_new_pages = self.attempt.has_kept_pages() || !self.in_memory.is_empty();
        let may_come = match error.outcome {
            Outcome::Throttled | Outcome::Unavailable => true,
            // It may have been cut. Where the same page is odd again, those before it lead nowhere.
            Outcome::Malformed => self.staged > 0 && has_new_pages,
            _ => false,
        };
        if !may_come {
            return self.end().await;
        }
        if let Err(failed) = self.keep(bytes).await {
            warn!("the pages that came could not be kept: {failed}");
        }
        Ok(())
    }

    async fn resume(&self) -> Result<ReportReading<'a>, FetchError> {
        // How large a page is nobody knows before.
        memory::take_turn().await;
        let reading = self.go_on().await;
        memory::give_turn_back();
        reading
    }

    async fn go_on(&self) -> Result<ReportReading<'a>, FetchError> {
        let (last, metadata) = self.staged_page(self.staged).await?;
        let bytes = metadata.get(BYTES).and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
        info!(pages = self.staged, "the report is read on from where the try before ended");
        match self.dependencies.graph.go_on_with_report(self.report, &last, self.staged, bytes) {
            Ok(reading) => Ok(reading),
            Err(error) => {
                self.end().await?;
                Err(error.into())
            }
        }
    }

    /// Adds a page, and keeps those in memory where they are large or came long ago.
    async fn add(&mut self, page: ReportPage, reading: &ReportReading<'_>) -> Result<(), FetchError> {
        self.in_memory.push(page);
        let bytes: usize = self.in_memory.iter().map(|page| page.text.len()).sum();
        let since = self.dependencies.clock.now().duration_since(self.kept_at);
        if bytes >= BYTES_IN_MEMORY || since >= TIME_IN_MEMORY {
            self.keep(reading.bytes()).await?;
        }
        Ok(())
    }

    /// Writes the pages in memory to `staging/`; with them all pages so far have so many `bytes`.
    async fn keep(&mut self, bytes: usize) -> Result<(), FetchError> {
        let in_memory: usize = self.in_memory.iter().map(|page| page.text.len()).sum();
        let mut so_far = bytes.saturating_sub(in_memory);
        for page in std::mem::take(&mut self.in_memory) {
            so_far += page.text.len();
            self.keep_page(page, so_far).await?;
            self.staged += 1;
            self.attempt.has_kept_pages.store(true, Ordering::Relaxed);
        }
        // A page may have been large: it is held no longer.
        memory::give_turn_back();
        self.kept_at = self.dependencies.clock.now();
        Ok(())
    }

    async fn keep_page(&self, page: ReportPage, bytes: usize) -> Result<(), FetchError> {
        let id = page.request_id.map(|id| (REQUEST_ID.to_owned(), id));
        let known = [(BYTES, bytes.to_string()), (BEGAN, self.dependencies.clock.now().to_string())];
        let known = known.map(|(name, value)| (name.to_owned(), value));
        let metadata = id.into_iter().chain(known).collect();
        let object = NewObject::new(page.text, "application/json", metadata);
        let (key, checksum) = (self.key(self.staged + 1), object.checksum.clone());
        if self.dependencies.store.put(&key, object, Condition::IfAbsent).await? == PutResult::Stored {
            return Ok(());
        }
        // A write of our own whose answer was lost, or another worker's, who goes on with another page.
        let (stored, _) = self.staged_page(self.staged + 1).await?;
        if Checksum::Sha256(sha256_hex(stored.as_bytes())) == checksum {
            Ok(())
        } else {
            Err(FetchError::ReadByAnother)
        }
    }

    async fn staged_page(&self, number: usize) -> Result<(String, Metadata), StoreError> {
        let gone = || StoreError::Unavailable { code: "a staged page has gone".to_owned() };
        let Object { body, head } = self.dependencies.store.get(&self.key(number)).await?.ok_or_else(gone)?;
        let text = String::from_utf8(body.into()).map_err(|_| gone())?;
        Ok((text, head.metadata))
    }

    /// Joins the pages, those in `staging/` read one at a time.
    async fn join(&mut self) -> Result<Option<FetchedArtifact>, FetchError> {
        if self.staged > 0 {
            // Until the report is sent no other large one is joined in this process.
            memory::take_turn().await;
        }
        let (first, request_id) = self.first_page().await?;
        if !self.dependencies.graph.is_report_unchanged(self.report, &first).await? {
            self.end().await?;
            return Ok(None);
        }
        let mut joined = JoinedPages::of_report(&first)?;
        drop(first);
        for number in 2..=self.staged {
            joined.push(&self.staged_page(number).await?.0)?;
        }
        for page in std::mem::take(&mut self.in_memory) {
            joined.push(&page.text)?;
        }
        Ok(Some(joined.finish(request_id)))
    }

    /// Takes the text of the first page and its `request-id`.
    async fn first_page(&mut self) -> Result<(String, Option<String>), StoreError> {
        if self.staged == 0 {
            let ReportPage { text, request_id, .. } = self.in_memory.remove(0);
            return Ok((text, request_id));
        }
        let (text, mut metadata) = self.staged_page(1).await?;
        Ok((text, metadata.remove(REQUEST_ID)))
    }
}

/// The names of a staged page's metadata: how many bytes the pages have up to it, and Graph's `request-id`.
const BYTES: &str = "bytes";
/// When the page was kept; the first one says when the reading began.
const BEGAN: &str = "kept-at";
const REQUEST_ID: &str = "graph-request-id";

/// A report that came in one page.
fn whole(page: ReportPage) -> FetchedArtifact {
    let ReportPage { text: body, records, request_id } = page;
    FetchedArtifact { body, records, pages: 1, request_id }
}
