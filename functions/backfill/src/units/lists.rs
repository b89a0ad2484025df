//! Some pages of a list: their entries become units.

use std::collections::BTreeSet;

use super::Unit;
use crate::BackfillError;
use crate::ledger_line::LedgerLine;
use crate::scopes;
use shared::graph::{CalendarMeeting, GraphDateTime, GraphError, Page, VirtualEvent};
use shared::jobs::Scope;
use shared::model::{NamedMeeting, Outcome, VirtualEventKind, encode_segment};

/// The most pages that one unit reads of a list. Twelve hundred calls are read, and looked for in the archive, in well
/// below a minute.
const MOST_PAGES: usize = 20;
/// The same where each entry becomes a unit: a message of the ledger's walk holds the ids of all of them.
const MOST_PAGES_OF_UNITS: usize = 5;

/// What a unit read of a list.
struct PagesRead<T> {
    /// The entries that could be read.
    entries: Vec<T>,
    /// Whether nothing was odd about the pages.
    is_whole: bool,
    /// Graph's link to the page after the last that was read; `None` where that was the list's last.
    next_link: Option<String>,
    /// Whether there are more pages than a unit reads.
    is_long: bool,
}

impl Unit<'_> {
    pub(super) async fn users(
        &mut self,
        group_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let graph = &self.dependencies.graph;
        let page = async |next_link: Option<String>| match group_id {
            None => graph.user_ids_page(next_link.as_deref()).await,
            Some(group_id) => graph.group_user_ids_page(group_id, next_link.as_deref()).await,
        };
        let source =
            group_id.map_or_else(|| "users".to_owned(), |id| format!("groups/{id}/transitiveMembers"));
        let Some(users) = self.pages(&source, next_link, MOST_PAGES, page).await? else { return Ok(()) };
        let mut known = BTreeSet::new();
        let users_once: Vec<_> = users.entries.into_iter().filter(|id| known.insert(id.clone())).collect();
        self.next.extend(scopes::calendars_of(self.id, &users_once));
        let group_id = group_id.map(str::to_owned);
        self.go_on(users.next_link, |next_link| Scope::Users { group_id, next_link });
        Ok(())
    }

    pub(super) async fn calendar(
        &mut self,
        organizer_id: &str,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let (graph, window) = (&self.dependencies.graph, (self.run.since, self.run.until));
        let page = async |next_link: Option<String>| {
            graph.organized_meetings_page(organizer_id, window, next_link.as_deref()).await
        };
        let source = format!("users/{organizer_id}/calendarView");
        let Some(events) = self.pages(&source, next_link, MOST_PAGES, page).await? else { return Ok(()) };
        let mut meetings = Vec::new();
        for meeting in events.entries {
            match meeting {
                CalendarMeeting::Named(named) => meetings.push(named),
                CalendarMeeting::WithoutAddress { event_id } => {
                    let source = format!("users/{organizer_id}/events/{}", encode_segment(&event_id));
                    self.unreachable(source, &GraphError::new(Outcome::AddressMissing));
                }
            }
        }
        // An address may name another organizer than the calendar's owner, who counts.
        let is_owners = |named: &NamedMeeting| named.organizer_id.eq_ignore_ascii_case(organizer_id);
        let (mut meetings, of_others): (Vec<_>, Vec<_>) = meetings.into_iter().partition(is_owners);
        meetings.extend(self.wanted(of_others, &[]).await?);
        self.next.extend(scopes::meetings(self.id, &meetings));
        let organizer_id = organizer_id.to_owned();
        self.go_on(events.next_link, |next_link| Scope::Calendar { organizer_id, next_link });
        Ok(())
    }

    pub(super) async fn call_records(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::CallRecords { since, until, organizer_ids, next_link } = scope else { return Ok(()) };
        let (graph, window) = (&self.dependencies.graph, (*since, *until));
        let page =
            async |next_link: Option<String>| graph.call_records_page(window, next_link.as_deref()).await;
        let list = "communications/callRecords";
        let Some(calls) = self.pages(list, next_link.as_deref(), MOST_PAGES, page).await? else {
            return Ok(());
        };
        let shards = scopes::shards(self.id, window, organizer_ids);
        if calls.is_long && !shards.is_empty() {
            // Page after page the calls of a busy day would take hours: its shards are listed beside each other, each
            // from its own first page.
            self.next = shards;
            return Ok(());
        }
        let (mut meetings, mut unresolved, mut sessions) = (BTreeSet::new(), Vec::new(), Vec::new());
        let wanted = self.wanted_calls(calls.entries, organizer_ids).await?;
        let kept = self.kept_calls(&wanted.iter().map(|(call, _)| call).collect::<Vec<_>>()).await?;
        for ((call, meeting), kept) in wanted.into_iter().zip(kept) {
            let is_kept = self.keep_call(&call, meeting.as_ref(), kept.as_ref(), &mut sessions);
            if is_kept && self.has_ended_before(&call) {
                continue;
            }
            match meeting {
                Some(meeting) => drop(meetings.insert(meeting)),
                None => unresolved.push(call.id),
            }
        }
        self.next.extend(scopes::meetings(self.id, &Vec::from_iter(meetings)));
        self.next.extend(scopes::calls(self.id, &unresolved, organizer_ids));
        self.next.extend(scopes::sessions_without_report(self.id, &sessions, organizer_ids));
        let (since, until, organizer_ids) = (*since, *until, organizer_ids.clone());
        self.go_on(calls.next_link, |next_link| Scope::CallRecords {
            since,
            until,
            organizer_ids,
            next_link,
        });
        Ok(())
    }

    pub(super) async fn events(
        &mut self,
        kind: VirtualEventKind,
        organizer_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let graph = &self.dependencies.graph;
        if !graph.has_virtual_events() {
            return Ok(());
        }
        let page = async |next_link: Option<String>| {
            graph.virtual_events_page(kind, organizer_id, next_link.as_deref()).await
        };
        let list = format!("solutions/virtualEvents/{}", kind.segment());
        let Some(events) = self.pages(&list, next_link, MOST_PAGES_OF_UNITS, page).await? else {
            return Ok(());
        };
        // Graph shows no event of an organizer without an access policy, and does not say so.
        let is_empty = events.entries.is_empty() && events.is_whole;
        if is_empty && organizer_id.is_none() && next_link.is_none() {
            self.findings.lines.push(LedgerLine::doubtful(list));
        }
        let in_window: Vec<_> = events.entries.into_iter().filter(|event| self.is_in_window(event)).collect();
        for event in in_window {
            // Named organizers' events were asked for by their names.
            if organizer_id.is_some() || self.takes_event(&event).await? {
                self.next.push(scopes::event(kind, &event.id, event.status));
            }
        }
        let organizer_id = organizer_id.map(str::to_owned);
        self.go_on(events.next_link, |next_link| Scope::Events { kind, organizer_id, next_link });
        Ok(())
    }

    /// Whether an event may have had a session in the run's time; its plan need not have been kept.
    fn is_in_window(&self, event: &VirtualEvent) -> bool {
        let time = |time: &Option<GraphDateTime>| time.as_ref().and_then(GraphDateTime::timestamp);
        time(&event.start_date_time).is_none_or(|start| start < self.run.until)
            && time(&event.end_date_time).is_none_or(|end| end >= self.run.since)
    }

    /// Reads a list from `next_link` on, `most` pages while there is time; `None` where its first page is told to be
    /// unreachable. What is odd about a page is told, and its other entries count. A later page that fails is the first
    /// of the next unit, which tries it again.
    async fn pages<T>(
        &mut self,
        list: &str,
        next_link: Option<&str>,
        most: usize,
        page: impl AsyncFn(Option<String>) -> Result<Page<T>, GraphError>,
    ) -> Result<Option<PagesRead<T>>, BackfillError> {
        let first = page(next_link.map(str::to_owned)).await;
        let Some(first) = self.seen(first, list.to_owned())? else { return Ok(None) };
        let mut read = PagesRead { entries: Vec::new(), is_whole: true, next_link: None, is_long: false };
        let mut links = BTreeSet::from_iter(next_link.map(str::to_owned));
        self.add_page(list, first, &mut read);
        for pages_read in 1.. {
            let Some(link) = read.next_link.clone() else { break };
            if !links.insert(link.clone()) {
                let circle = GraphError::new(Outcome::Malformed).because("the pages run in a circle");
                self.unreachable(list.to_owned(), &circle);
                read.next_link = None;
                break;
            }
            read.is_long = pages_read >= most;
            if read.is_long || self.is_late() {
                break;
            }
            let Ok(next) = page(Some(link)).await else { break };
            self.add_page(list, next, &mut read);
        }
        Ok(Some(read))
    }

    fn add_page<T>(&mut self, list: &str, page: Page<T>, read: &mut PagesRead<T>) {
        if let Some(odd) = &page.odd {
            self.unreachable(list.to_owned(), odd);
            read.is_whole = false;
        }
        read.entries.extend(page.value);
        read.next_link = page.next_link;
    }

    /// The next pages are a unit of their own.
    fn go_on(&mut self, next_link: Option<String>, scope: impl FnOnce(Option<String>) -> Scope) {
        if next_link.is_some() {
            // Visited last, so that a ledger's walk holds few names at once.
            self.next.insert(0, (self.id.next_page(), scope(next_link)));
        }
    }
}
