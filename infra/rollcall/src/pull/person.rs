//! A pull by a person who has signed in: what they may not do is told before anything is asked of Graph.

use anyhow::{anyhow, bail};
use async_trait::async_trait;
use shared::graph::{AccessToken, Credential, DelegatedScope, GraphError};
use shared::model::join_meeting_id;
use tokio::sync::Mutex;

use crate::cli::PullOptions;
use crate::sign_in::told;

/// The credential of a person who may do what the options want, with its first token in hand: whoever is signed in no more
/// is told so at once, and not for each meeting.
///
/// # Errors
/// The person may not, or is refused; the sentence says what to do.
pub(super) async fn signed_in_person(
    options: &PullOptions,
    may: &[DelegatedScope],
    credential: Box<dyn Credential>,
) -> anyhow::Result<Box<dyn Credential>> {
    check(options, may)?;
    let token = credential.request_token().await.map_err(|error| anyhow!(told(&error)))?;
    Ok(Box::new(Begun { first: Mutex::new(Some(token)), rest: credential }))
}

/// A credential whose first token was requested already.
struct Begun {
    first: Mutex<Option<AccessToken>>,
    rest: Box<dyn Credential>,
}

#[async_trait]
impl Credential for Begun {
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        match self.first.lock().await.take() {
            Some(token) => Ok(token),
            None => self.rest.request_token().await,
        }
    }
}

/// Whether a person who may do this can be given what the options want.
fn check(options: &PullOptions, may: &[DelegatedScope]) -> anyhow::Result<()> {
    let names_events = !options.webinars.is_empty() || !options.townhalls.is_empty();
    let names_events_alone = options.organizers.is_empty() && options.meetings.is_empty() && names_events;
    if !options.is_of_me() && !names_events_alone {
        bail!(
            "you are signed in as a person, who reads the reports of their own meetings alone: write --organizer me"
        );
    }
    if options.meetings.is_empty() && !names_events && !may.contains(&DelegatedScope::Calendar) {
        bail!(
            "your meetings stand in your calendar, which you did not ask for: rollcall login --with calendar; or name each with --meeting and its long join URL"
        );
    }
    if names_events && !may.contains(&DelegatedScope::Events) {
        bail!(
            "the sessions of webinars and town halls are listed only to who may look events up: rollcall login --with events (an administrator consents to it)"
        );
    }
    if !may.contains(&DelegatedScope::Meetings) && options.meetings.iter().any(|meeting| is_short(meeting)) {
        bail!(
            "a short address or a number names a meeting only to who may look meetings up: rollcall login --with meetings; or write the long join URL, as the calendar's invitation may have it"
        );
    }
    Ok(())
}

/// Whether a meeting is named by a short address, or by the number that people type.
fn is_short(meeting: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || c == '-';
    meeting.chars().all(is_of_number) || join_meeting_id(meeting.trim()).is_some()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use shared::graph::DelegatedScope::{Calendar, Events, Meetings, Reports};

    use super::*;

    /// The organizers and meetings that are named, what the person may do, and what the refusal says.
    type Case =
        (&'static [&'static str], &'static [&'static str], &'static [DelegatedScope], Option<&'static str>);

    const LONG: &str = "https://teams.microsoft.com/l/meetup-join/19%3am-1%40thread.v2/0?context=%7b%7d";

    #[test]
    fn what_a_person_may_not_do_is_told_with_what_to_run() {
        let cases: [Case; 9] = [
            (&["me"], &[], &[Reports], Some("--with calendar")),
            (&["me"], &[], &[Reports, Calendar], None),
            (&["me"], &[LONG], &[Reports], None),
            (&["me"], &["240 141 283 012 81"], &[Reports], Some("--with meetings")),
            (
                &["me"],
                &["https://teams.microsoft.com/meet/24014128301281?p=x"],
                &[Reports],
                Some("--with meetings"),
            ),
            (&["me"], &["240 141 283 012 81"], &[Reports, Meetings], None),
            (&["megan@contoso.com"], &[LONG], &[Reports], Some("--organizer me")),
            (&[], &[LONG], &[Reports], Some("--organizer me")),
            (&[], &[], &[Reports, Calendar], Some("--organizer me")),
        ];
        for (organizers, meetings, may, say) in cases {
            let mut options = PullOptions::to(Path::new("archive"));
            options.organizers = organizers.iter().map(|&text| text.to_owned()).collect();
            options.meetings = meetings.iter().map(|&text| text.to_owned()).collect();
            let told = check(&options, may).err().map(|error| error.to_string());
            match say {
                None => assert_eq!(told, None, "{organizers:?} {meetings:?}"),
                Some(say) => assert!(told.unwrap().contains(say), "{organizers:?} {meetings:?}"),
            }
        }
    }

    #[test]
    fn a_webinar_by_its_id_needs_no_organizer() {
        let mut options = PullOptions::to(Path::new("archive"));
        options.webinars.push("w-1".to_owned());
        assert!(check(&options, &[Reports, Events]).is_ok());
        assert!(check(&options, &[Reports]).unwrap_err().to_string().contains("--with events"));
    }
}
