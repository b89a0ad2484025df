//! Whose meetings count in a run: those of the organizers that its request names, else those in `WATCH`.

use std::collections::BTreeSet;

use shared::graph::{CallRecord, CallSource, GraphError, VirtualEvent};
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
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let (mut wanted, mut passed_over) = (Vec::new(), 0);
        for meeting in meetings {
            let NamedMeeting { organizer_id, meeting: address } = &meeting;
            if !organizer_ids.is_empty() {
                if organizer_ids.iter().any(|id| id.eq_ignore_ascii_case(organizer_id)) {
                    wanted.push(meeting);
                }
                continue;
            }
            let takes = watch_filter.takes(graph, organizer_id, Some(address)).await;
            match self.decided(takes)? {
                Some(true) => wanted.push(meeting),
                Some(false) => passed_over += 1,
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

    /// Whether a meeting counts that another unit counts where it is passed over.
    pub(super) async fn takes_meeting(
        &mut self,
        meeting: &NamedMeeting,
        organizer_ids: &[String],
    ) -> Result<bool, BackfillError> {
        if !organizer_ids.is_empty() {
            return Ok(is_wanted(&meeting.organizer_id, organizer_ids));
        }
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let takes = watch_filter.takes(graph, &meeting.organizer_id, Some(&meeting.meeting)).await;
        Ok(self.decided(takes)?.unwrap_or_default())
    }

    /// Those of a call's participants who count as organizers. Where it cannot be known, that is told.
    pub(super) async fn wanted_among(
        &mut self,
        participants: Vec<String>,
        organizer_ids: &[String],
    ) -> Result<Vec<String>, BackfillError> {
        if !organizer_ids.is_empty() {
            let is_named = |user: &String| organizer_ids.iter().any(|id| id.eq_ignore_ascii_case(user));
            return Ok(participants.into_iter().filter(is_named).collect());
        }
        let Dependencies { graph, watch_filter, .. } = self.dependencies;
        let organizers = watch_filter.organizers_among(graph, participants).await;
        let organizers = self.decided(organizers)?;
        if organizers.as_ref().is_some_and(Vec::is_empty) && !watch_filter.takes_all() {
            self.count_passed_over(1);
        }
        Ok(organizers.unwrap_or_default())
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

    fn count_passed_over(&self, number: usize) {
        if number > 0 {
            metrics::emit(self.dependencies.clock.now(), &[Metric::count("PassedOver", number)]);
        }
    }
}

/// Whether the meetings of `organizer_id` count among those of `organizer_ids`: all do where nobody is named.
pub(super) fn is_wanted(organizer_id: &str, organizer_ids: &[String]) -> bool {
    organizer_ids.is_empty() || organizer_ids.iter().any(|id| id.eq_ignore_ascii_case(organizer_id))
}
