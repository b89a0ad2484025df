//! One page of a list: its entries become units.

use std::collections::BTreeSet;

use shared::graph::{CalendarMeeting, GraphDateTime, GraphError, Page, VirtualEvent};
use shared::jobs::Scope;
use shared::model::{NamedMeeting, Outcome, VirtualEventKind, encode_segment};
use tracing::warn;

use super::Unit;
use crate::BackfillError;
use crate::ledger_line::LedgerLine;
use crate::scopes;

/// The most pages of one list: links that run in a circle must not keep a run going for ever.
const MAX_PAGES: u32 = 2_000;

impl Unit<'_> {
    pub(super) async fn users(
        &mut self,
        group_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let graph = &self.dependencies.graph;
        let page = match group_id {
            None => graph.user_ids_page(next_link).await,
            Some(group_id) => graph.group_user_ids_page(group_id, next_link).await,
        };
        let source =
            group_id.map_or_else(|| "users".to_owned(), |id| format!("groups/{id}/transitiveMembers"));
        let Some(page) = self.seen_page(page, source)? else { return Ok(()) };
        self.next.extend(page.value.iter().map(|id| scopes::calendar(id)));
        let group_id = group_id.map(str::to_owned);
        self.go_on(page.next_link, |next_link| Scope::Users { group_id, next_link });
        Ok(())
    }

    pub(super) async fn calendar(
        &mut self,
        organizer_id: &str,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let window = (self.run.since, self.run.until);
        let page = self.dependencies.graph.organized_meetings_page(organizer_id, window, next_link).await;
        let Some(page) = self.seen_page(page, format!("users/{organizer_id}/calendarView"))? else {
            return Ok(());
        };
        let mut meetings = Vec::new();
        for meeting in page.value {
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
        self.go_on(page.next_link, |next_link| Scope::Calendar { organizer_id, next_link });
        Ok(())
    }

    pub(super) async fn call_records(&mut self, scope: &Scope) -> Result<(), BackfillError> {
        let Scope::CallRecords { since, until, organizer_ids, next_link } = scope else { return Ok(()) };
        let page = self.dependencies.graph.call_records_page((*since, *until), next_link.as_deref()).await;
        let Some(page) = self.seen_page(page, "communications/callRecords".to_owned())? else {
            return Ok(());
        };
        let (mut meetings, mut unresolved, mut sessions) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (call, meeting) in self.wanted_calls(page.value, organizer_ids).await? {
            let is_kept = self.keep_call(&call, meeting.as_ref(), &mut sessions).await?;
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
        self.go_on(page.next_link, |next_link| Scope::CallRecords { since, until, organizer_ids, next_link });
        Ok(())
    }

    pub(super) async fn events(
        &mut self,
        kind: VirtualEventKind,
        organizer_id: Option<&str>,
        next_link: Option<&str>,
    ) -> Result<(), BackfillError> {
        let page = self.dependencies.graph.virtual_events_page(kind, organizer_id, next_link).await;
        // A cloud without virtual events has none to scan.
        if matches!(&page, Err(error) if error.outcome == Outcome::UnsupportedInCloud) {
            return Ok(());
        }
        let list = format!("solutions/virtualEvents/{}", kind.segment());
        let Some(page) = self.seen_page(page, list.clone())? else { return Ok(()) };
        // Graph shows no event of an organizer without an access policy, and does not say so.
        let is_empty = page.value.is_empty() && page.odd.is_none();
        if is_empty && organizer_id.is_none() && next_link.is_none() {
            self.findings.lines.push(LedgerLine::doubtful(list));
        }
        let in_window: Vec<_> = page.value.into_iter().filter(|event| self.is_in_window(event)).collect();
        for event in in_window {
            // Named organizers' events were asked for by their names.
            if organizer_id.is_some() || self.takes_event(&event).await? {
                self.next.push(scopes::event(kind, &event.id, event.status));
            }
        }
        let organizer_id = organizer_id.map(str::to_owned);
        self.go_on(page.next_link, |next_link| Scope::Events { kind, organizer_id, next_link });
        Ok(())
    }

    /// Whether an event may have had a session in the run's time; its plan need not have been kept.
    fn is_in_window(&self, event: &VirtualEvent) -> bool {
        let time = |time: &Option<GraphDateTime>| time.as_ref().and_then(GraphDateTime::timestamp);
        time(&event.start_date_time).is_none_or(|start| start < self.run.until)
            && time(&event.end_date_time).is_none_or(|end| end >= self.run.since)
    }

    /// A page that Graph gave. What is odd about it is told, and its other entries count.
    fn seen_page<T>(
        &mut self,
        page: Result<Page<T>, GraphError>,
        list: String,
    ) -> Result<Option<Page<T>>, BackfillError> {
        let Some(page) = self.seen(page, list.clone())? else { return Ok(None) };
        if let Some(odd) = &page.odd {
            self.unreachable(list, odd);
        }
        Ok(Some(page))
    }

    /// The next page is a unit of its own.
    fn go_on(&mut self, next_link: Option<String>, scope: impl FnOnce(Option<String>) -> Scope) {
        if next_link.is_none() {
            return;
        }
        if self.id.page() >= MAX_PAGES {
            let endless = GraphError::new(Outcome::Malformed).because("the list does not end");
            warn!("{endless}");
            return self.unreachable(self.id.to_string(), &endless);
        }
        // Visited last, so that a ledger's walk holds few names at once.
        self.next.insert(0, (self.id.next_page(), scope(next_link)));
    }
}
