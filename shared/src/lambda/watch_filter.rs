//! Whose meetings count: `WATCH.organizers`, where it names a group with the group's members.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;
use tracing::warn;

use super::cache::RefreshingCache;
use crate::graph::{GraphClient, GraphError, List};
use crate::model::{Organizers, Watch, normalize_join_url};
use crate::ports::clock::Clock;

/// How long a group's members are used before they are read again.
const KEEP: SignedDuration = SignedDuration::from_mins(15);
/// How soon they are read again for a user who is not among them: the user may be new in the group.
const REREAD: SignedDuration = SignedDuration::from_mins(1);

/// Decides whose meetings count. Whoever `WATCH.organizers` leaves out needs no access policy, so a meeting of
/// theirs must be passed over before Graph is asked about it.
pub struct WatchFilter {
    organizers: Organizers,
    /// The join URLs in `WATCH.meetings`, normalized: these meetings are named, whoever organizes them.
    meetings: HashSet<String>,
    members: RefreshingCache<Members>,
}

/// The members of a group, in lower case.
struct Members {
    ids: HashSet<String>,
    /// Whether each entry of the list could be read; else nobody is known to be outside.
    is_whole: bool,
}

impl WatchFilter {
    /// The filter that `watch` describes; nothing is read yet.
    pub fn new(watch: &Watch, clock: Arc<dyn Clock>) -> Self {
        let meetings = watch.meetings.iter().map(|meeting| normalize_join_url(&meeting.join_web_url));
        Self {
            organizers: watch.organizers.clone(),
            meetings: meetings.collect(),
            members: RefreshingCache::new(clock).with_times(KEEP, REREAD),
        }
    }

    /// Whether every meeting of the tenant counts, so that nobody need be asked who organized one.
    pub fn takes_all(&self) -> bool {
        self.organizers == Organizers::All
    }

    /// The path in Graph of what decides, for a ledger's line: that of the group; `None` where nothing is asked.
    pub fn group_path(&self) -> Option<String> {
        match &self.organizers {
            Organizers::All | Organizers::Users(_) => None,
            Organizers::Group { group } => Some(format!("groups/{group}/transitiveMembers")),
        }
    }

    /// Whether a meeting counts that the user `organizer_id` organized under `join_web_url`, where that is known.
    ///
    /// A user who was added to the group within the last minute may be taken for one who is not in it; the next
    /// reconcile finds the meeting.
    ///
    /// # Errors
    /// The members of the group cannot be read: whether the meeting counts is not known.
    pub async fn takes(
        &self,
        graph: &GraphClient,
        organizer_id: &str,
        join_web_url: Option<&str>,
    ) -> Result<bool, GraphError> {
        if join_web_url.is_some_and(|url| self.meetings.contains(&normalize_join_url(url))) {
            return Ok(true);
        }
        let group = match &self.organizers {
            Organizers::All => return Ok(true),
            Organizers::Users(ids) => return Ok(ids.iter().any(|id| id.eq_ignore_ascii_case(organizer_id))),
            Organizers::Group { group } => group,
        };
        let id = organizer_id.to_ascii_lowercase();
        let look = |members: &Members| (members.ids.contains(&id) || !members.is_whole).then_some(());
        let found = self.members.find(async || Members::read(graph, group).await, look).await?;
        Ok(found.found().is_some())
    }

    /// Those of `users` who count as organizers, in their order.
    ///
    /// # Errors
    /// As [`Self::takes`].
    pub async fn organizers_among(
        &self,
        graph: &GraphClient,
        users: Vec<String>,
    ) -> Result<Vec<String>, GraphError> {
        let mut organizers = Vec::new();
        for user in users {
            if self.takes(graph, &user, None).await? {
                organizers.push(user);
            }
        }
        Ok(organizers)
    }
}

impl Members {
    async fn read(graph: &GraphClient, group: &str) -> Result<Self, GraphError> {
        let List { entries, odd, unread, .. } = graph.group_user_ids(group).await?;
        if let Some(unread) = unread {
            return Err(unread);
        }
        if let Some(odd) = &odd {
            warn!("a member of the group in WATCH cannot be read, so that no meeting is passed over: {odd}");
        }
        let ids = entries.into_iter().map(|id| id.to_ascii_lowercase()).collect();
        Ok(Self { ids, is_whole: odd.is_none() })
    }
}
