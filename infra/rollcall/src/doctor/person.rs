//! A person who has signed in: what they may do, in words.

use shared::graph::{DelegatedScope, GraphClient, unverified_claims};
use shared::model::Outcome;
use shared::ports::secrets::{ExposeSecret, SecretString};

use super::chain::{Chain, DoctorContext, Finding, NO_MEETING};

/// How a person names themselves.
const ME: &str = "me";

/// What a person's token allows; `None` where it is an application's, or cannot be read.
pub(super) fn scopes_of(token: &SecretString) -> Option<Vec<DelegatedScope>> {
    let claims = unverified_claims(token.expose_secret())?;
    claims["scp"].as_str().map(DelegatedScope::granted)
}

/// Whether `--organizer` names the person who has signed in.
pub(super) fn is_me(organizer: &str) -> bool {
    organizer.trim().eq_ignore_ascii_case(ME)
}

/// What the person may do, and whether Graph agrees.
pub(super) async fn examine(
    context: &DoctorContext<'_>,
    graph: &GraphClient,
    may: &[DelegatedScope],
    chain: &mut Chain,
) -> Option<()> {
    permissions(may, chain)?;
    if context.organizers.iter().any(|organizer| !is_me(organizer)) {
        let remedy = "Write --organizer me, or examine with the application's credential.";
        let what =
            "a person reads the reports of their own meetings alone: the organizers were not looked at";
        chain.take(Finding::warning(what, remedy))?;
    }
    if !may.contains(&DelegatedScope::Meetings) {
        return Some(());
    }
    chain.take(match graph.online_meeting_by_join_web_url(ME, NO_MEETING).await {
        Err(error) if error.outcome != Outcome::NotFound => Finding::failed("your meetings", &error),
        _ => Finding::good("Graph lets you look your meetings up"),
    })
}

/// Whether a person may do what a pull of their meetings needs, and what else they may. What was not asked for is no fault.
fn permissions(may: &[DelegatedScope], chain: &mut Chain) -> Option<()> {
    for scope in DelegatedScope::ALL {
        let (allows, permission) = (scope.allows(), scope.permission());
        chain.take(match (may.contains(&scope), scope) {
            (true, _) => Finding::good(format!("you may {allows}")),
            (false, DelegatedScope::Reports) => {
                Finding::blocked(format!("you may not {allows}: {permission} is missing"), scope.remedy())
            }
            (false, _) => Finding::warning(
                format!("you may not {allows}: {permission} was not asked for"),
                scope.remedy(),
            ),
        })?;
    }
    Some(())
}
