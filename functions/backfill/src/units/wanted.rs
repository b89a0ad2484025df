//! Whose meetings count in a run: those of the organizers that its request names, else those in `WATCH`.

use std::collections::BTreeSet;

use shared::graph::{CallRecord, CallSource, FoundMeeting, GraphError, VirtualEvent};
use shared::lambda::metrics::{self, Metric};
use shared::model::NamedMeeting;

use super::Unit;
use crate::{BackfillError, Dependencies};

impl Unit<'_> {
    /// Those of the meetings that count. Where it cannot be known, that is told, and none is looked at.
    pub(super) async fn wanted(
        &mut self,
        meetings: impl IntoIterator<Item = NamedMeeting>,
        organizer_ids: &[String],
    ) -> Result<Vec<NamedMeeting>, BackfillError> {
        let (mut wanted, mut passed_over) = (Vec::new(), 0);
        for meeting in meetings {
            match self.takes(&meeting, organizer_ids).await? {
                Some(true) => wanted.push(meeting),
                // Others than the named organizers are not asked for.
                Some(false) => passed_over += usize::from(organizer_ids.is_empty()),
                None => return Ok(Vec::new()),
            }
        }
        self.count_passed_over(passed_over);
        Ok(wanted)
    }

    /// The calls of meetings that count, each with its meeting, and those whose meeting the list does not tell.
    pub(super) async fn wanted_calls(
        &mut self,
        calls: Vec<CallRecord>,
        organizer_ids: &[String],
    ) -> Result<Vec<(CallRecord, Option<NamedMeeting>)>, BackfillError> {
        let tenant_id = &self.dependencies.tenant_id;
        let with_meeting = |call: CallRecord| match call.source(tenant_id) {
            CallSource::NoMeeting(_) => None,
            CallSource::Meeting(meeting) => Some((call, Some(meeting))),
            CallSource::OrganizerUnknown { .. } | CallSource::NotSaid => Some((call, None)),
        };
        let mut calls: Vec<_> = calls.into_iter().filter_map(with_meeting).collect();
        let meetings: BTreeSet<_> = calls.iter().filter_map(|(_, meeting)| meeting.clone()).collect();
        let wanted = BTreeSet::from_iter(self.wanted(meetings, organizer_ids).await?);
        calls.retain(|(_, meeting)| meeting.as_ref().is_none_or(|meeting| wanted.contains(meeting)));
        Ok(calls)
    }

    /// Whether a meeting counts; `None`, and told, where it cannot be known.
    pub(super) async fn takes(
        &mut self,
        meeting: &NamedMeeting,
        organizer_ids: &[String],
    ) -> Result<Option<bool>, BackfillError> {
        if !organizer_ids.is_empty() {
            return Ok(Some(is_wanted(&meeting.organizer_id, organizer_ids)));
        }
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let takes = watch_filter.takes(graph, &meeting.organizer_id, Some(&meeting.meeting)).await;
        self.decided(takes)
    }

    /// The meeting of the call `id`, whose record names no organizer: one of those who took part and count. `None`
    /// where nobody of them counts.
    pub(super) async fn found_among_participants(
        &self,
        id: &str,
        join_web_url: &str,
        organizer_ids: &[String],
    ) -> Option<Result<FoundMeeting, GraphError>> {
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let organizers = match self.wanted_participants(id, organizer_ids).await {
            Ok(organizers) => organizers,
            Err(error) => return Some(Err(error)),
        };
        let everybody_counts = organizer_ids.is_empty() && watch_filter.takes_all();
        if organizers.is_empty() && !everybody_counts {
            return None;
        }
        Some(graph.find_meeting_of_participants(&organizers, join_web_url).await)
    }

    async fn wanted_participants(
        &self,
        id: &str,
        organizer_ids: &[String],
    ) -> Result<Vec<String>, GraphError> {
        let Dependencies { graph, tenant_id, watch_filter, .. } = self.dependencies;
        let participants = graph.call_record_participants(id, tenant_id).await?;
        match organizer_ids {
            [] => watch_filter.organizers_among(graph, participants).await,
            named => Ok(participants.into_iter().filter(|user| is_wanted(user, named)).collect()),
        }
    }

    /// Whether the organizer of a webinar or town hall counts. Graph need not say who that is: then it counts.
    pub(super) async fn takes_event(&mut self, event: &VirtualEvent) -> Result<bool, BackfillError> {
        let Some(organizer_id) = event.organizer_id() else { return Ok(true) };
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let takes = watch_filter.takes(graph, organizer_id, None).await;
        let takes = self.decided(takes)?;
        self.count_passed_over(usize::from(takes == Some(false)));
        Ok(takes.unwrap_or_default())
    }

    /// What `WATCH` decides; `None`, and told, where the group that it names cannot be read.
    fn decided<T>(&mut self, decision: Result<T, GraphError>) -> Result<Option<T>, BackfillError> {
        let group = self.dependencies.watch_filter.group_path().unwrap_or_default();
        self.seen(decision, group)
    }

    /// Counts meetings whose organizers are not among those in `WATCH`.
    pub(super) fn count_passed_over(&self, number: usize) {
        if number > 0 {
            metrics::emit(self.dependencies.clock.now(), &[Metric::count("PassedOver", number)]);
        }
    }
}

/// Whether the meetings of `organizer_id` count among those of `organizer_ids`: all do where nobody is named.
pub(super) fn is_wanted(organizer_id: &str, organizer_ids: &[String]) -> bool {
    organizer_ids.is_empty() || organizer_ids.iter().any(|id| id.eq_ignore_ascii_case(organizer_id))
}
