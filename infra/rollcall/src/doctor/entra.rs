//! Entra and Graph: who we are, and what we may.

use std::sync::Arc;
use std::time::Duration;

use http::header::DATE;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use shared::env::Env;
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache, unverified_claims};
use shared::model::Outcome;
use shared::model::input::{self, UNKNOWN_PRINCIPAL_NAME, UserName};
use shared::ports::http::Request;
use shared::ports::secrets::{ExposeSecret, SecretString};

use super::chain::{Chain, DoctorContext, Finding, NO_MEETING};
use super::person::{self, scopes_of};
use crate::caller::{Acting, CLIENT, Caller, caller, directory_id};
use crate::sign_in::why;

/// Without these nothing can be fetched.
const NEEDED: [&str; 2] = ["OnlineMeetingArtifact.Read.All", "OnlineMeetings.Read.All"];
/// Without these there are no notifications of a kind, or a backfill finds less.
const USEFUL: [(&str, &str); 4] = [
    ("CallRecords.Read.All", "no meeting's end is heard of"),
    ("VirtualEvent.Read.All", "no webinar and no town hall is heard of"),
    ("Calendars.Read", "what is older than 30 days is not looked for"),
    (
        "User.ReadBasic.All",
        "neither are all users listed nor user principal names looked up: name organizers by their object ids, or a group",
    ),
];
const SKEW: SignedDuration = SignedDuration::from_mins(1);
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Graph, and as whom we see it.
pub(super) struct SignedIn {
    pub(super) graph: GraphClient,
    pub(super) tenant_id: String,
    pub(super) client_id: Option<String>,
}

pub(super) async fn examine(
    context: &DoctorContext<'_>,
    env: &impl Env,
    chain: &mut Chain,
) -> Option<SignedIn> {
    let (endpoints, Caller { tenant_id, credential, person }, client_id) = settings(context, env, chain)?;
    let before = context.clock.now();
    let token = match credential.request_token().await {
        Ok(token) => token.secret,
        Err(error) if person.is_some() => {
            return chain.take(Finding::blocked(why(&error), error.remedy())).and(None);
        }
        Err(error) => return chain.take(Finding::failed("the sign-in", &error)).and(None),
    };
    chain.take(Finding::good("the token service gives a token"))?;
    chain.take(clock(context, &endpoints, before).await)?;
    let person = person.or_else(|| scopes_of(&token));
    if person.is_none() {
        roles(&token, chain)?;
    }
    let tokens = TokenCache::new(Box::new(StaticToken(token)), Arc::clone(&context.clock));
    let graph = GraphClient::new(context.http.clone(), context.clock.clone(), tokens, &endpoints);
    if let Some(may) = &person {
        person::examine(context, &graph.clone().for_person(may), may, chain).await?;
    } else {
        if let Some(client_id) = &client_id {
            chain.take(credential_ends(context, &graph, client_id).await)?;
        }
        access_policies(context, &graph, client_id.as_deref(), chain).await?;
    }
    Some(SignedIn { graph, tenant_id, client_id })
}

/// Where Graph is, who calls it, and the application's id, which need not be named with a token of one's own.
fn settings(
    context: &DoctorContext<'_>,
    env: &impl Env,
    chain: &mut Chain,
) -> Option<(Endpoints, Caller, Option<String>)> {
    let endpoints = match Endpoints::from_env(env) {
        Ok(endpoints) => endpoints,
        Err(error) => return chain.take(Finding::blocked(error.to_string(), "")).and(None),
    };
    let caller = match caller(env, &endpoints, &context.http, acting(context)) {
        Ok(found) => found,
        // The sentence says what to do.
        Err(error) => return chain.take(Finding::blocked(format!("{error:#}"), "")).and(None),
    };
    match directory_id(env, CLIENT) {
        Ok(client_id) => Some((endpoints, caller, client_id)),
        Err(error) => {
            let remedy = "Correct this environment variable.";
            chain.take(Finding::blocked(error.to_string(), remedy)).and(None)
        }
    }
}

/// As whom Graph is looked at: what is deployed calls it as the application.
fn acting(context: &DoctorContext<'_>) -> Acting {
    let is_of_me = context.organizers.iter().any(|organizer| person::is_me(organizer));
    match context.deployment {
        Some(_) => Acting::Application,
        None if is_of_me => Acting::Me,
        None => Acting::Either,
    }
}

/// Tokens and assertions are good for minutes: clocks must agree.
async fn clock(context: &DoctorContext<'_>, endpoints: &Endpoints, before: Timestamp) -> Finding {
    let url = endpoints.login.join("common/discovery/keys").map(String::from).unwrap_or_default();
    let request: Request = http::Request::get(url).body(Default::default()).unwrap_or_default();
    let answer = context.http.send(request).await.ok();
    let date = answer.as_ref().and_then(|answer| answer.headers().get(DATE)?.to_str().ok());
    let Some(theirs) = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok()) else {
        return Finding::warning(
            "the token service does not say what time it is",
            "The clock of this machine was not compared.",
        );
    };
    let skew = theirs.duration_since(before);
    if skew.abs() > SKEW {
        let seconds = skew.as_secs();
        return Finding::warning(
            format!("this machine's clock differs from Entra's by {seconds} s"),
            "Let the machine keep its time (timedatectl set-ntp true): signed assertions are good for minutes.",
        );
    }
    Finding::good("the clock agrees with Entra's")
}

/// What the token allows.
fn roles(token: &SecretString, chain: &mut Chain) -> Option<()> {
    let Some(claims) = unverified_claims(token.expose_secret()) else {
        return chain.take(Finding::warning(
            "the token cannot be read",
            "Whether every permission is there was not looked at.",
        ));
    };
    let Some(roles) = claims["roles"].as_array() else {
        let remedy = Outcome::ConsentMissing.remedy();
        return chain.take(Finding::blocked("the application has no permission at all", remedy));
    };
    let has = |name: &str| roles.iter().any(|role| role == name);
    for missing in NEEDED.into_iter().filter(|name| !has(name)) {
        chain.take(Finding::blocked(
            format!("the permission {missing} is missing"),
            Outcome::ConsentMissing.remedy(),
        ))?;
    }
    for (missing, then) in USEFUL.into_iter().filter(|(name, _)| !has(name)) {
        let remedy = "In the Entra portal, under the application's API permissions, add it (application) and grant admin consent.";
        chain.take(Finding::warning(format!("the permission {missing} is missing: {then}"), remedy))?;
    }
    chain.take(Finding::good("the token has the permissions that fetching needs"))
}

/// A secret that expires is the commonest end of an integration.
async fn credential_ends(context: &DoctorContext<'_>, graph: &GraphClient, client_id: &str) -> Finding {
    let ends = match graph.credential_ends(client_id).await {
        Ok(ends) => ends,
        Err(error) => {
            return Finding::warning(
                format!("it cannot be seen when the credential expires: {error}"),
                "Give the application Application.Read.All, or note the day in a calendar.",
            );
        }
    };
    let left = |end: &Timestamp| end.duration_since(context.clock.now());
    // The longest-living one is what can be used; a federated application has none.
    match ends.iter().map(left).max() {
        None => Finding::good("the application has no secret that expires"),
        Some(left) if left < SOON => Finding::warning(
            format!("the application's last credential expires in {} days", left.as_hours().max(0) / 24),
            "Make a new one in the Entra portal, under Certificates & secrets, and put it into the secret that GRAPH_SECRET_ID names.",
        ),
        Some(left) => {
            Finding::good(format!("the application's credential is good for {} days", left.as_hours() / 24))
        }
    }
}

/// Whether the reports of each organizer may be read.
async fn access_policies(
    context: &DoctorContext<'_>,
    graph: &GraphClient,
    client_id: Option<&str>,
    chain: &mut Chain,
) -> Option<()> {
    if context.organizers.is_empty() {
        let remedy = "Name a user who organizes meetings with --organizer.";
        return chain.take(Finding::warning("no organizer's access policy was looked at", remedy));
    }
    for (number, organizer) in context.organizers.iter().enumerate() {
        let who = format!("organizer {}", number + 1);
        let organizer_id = match organizer_id(graph, &who, organizer).await {
            Ok(id) => id,
            Err(finding) => return chain.take(finding),
        };
        match graph.online_meeting_by_join_web_url(&organizer_id, NO_MEETING).await {
            Ok(_) => {}
            Err(error) if error.outcome == Outcome::NotFound => {}
            Err(error) if error.outcome == Outcome::NoSuchUser => {
                let remedy = "Write the user's object id, as the Entra portal shows it.";
                chain.take(Finding::blocked(format!("{who}: there is no such user"), remedy))?;
            }
            Err(error) => {
                let mut finding = Finding::failed(&who, &error);
                finding.remedy =
                    finding.remedy.replace("<application id>", client_id.unwrap_or("<application id>"));
                chain.take(finding)?;
            }
        }
        chain.take(Finding::good(format!("{who}: an access policy covers them")))?;
    }
    Some(())
}

/// The object id of an organizer, however the operator wrote it, or why there is none.
async fn organizer_id(graph: &GraphClient, who: &str, typed: &str) -> Result<String, Finding> {
    // The user of a token of one's own.
    if person::is_me(typed) {
        return Ok("me".to_owned());
    }
    let refused = |why| Finding::blocked(format!("{who} is not named as it must be"), why);
    match input::user(typed).map_err(refused)? {
        UserName::ObjectId(id) => Ok(id),
        UserName::PrincipalName(name) => match graph.user_id_of(&name).await {
            Ok(id) => id.ok_or_else(|| refused(UNKNOWN_PRINCIPAL_NAME)),
            Err(error) => Err(Finding::failed(who, &error)),
        },
    }
}

/// The time that an endpoint has to answer before Graph calls it slow.
pub(super) const GRAPH_TIMEOUT: Duration = Duration::from_secs(3);
