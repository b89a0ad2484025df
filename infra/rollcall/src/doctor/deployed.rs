//! What is deployed: the functions' settings, the subscriptions, the endpoint, the queues, the bucket.

use jiff::SignedDuration;
use shared::env::{Env, EnvError};
use shared::graph::{List, Subscription};
use shared::lambda::function::Function;
use shared::model::{Organizers, Watch, WatchedResource};
use shared::ports::http::Request;

use super::chain::{Chain, DoctorContext, Finding};
use super::entra::{GRAPH_TIMEOUT, SignedIn};
use crate::deployment::{Deployment, Settings};

/// A subscription is renewed when a third of its life is left; with less than this left, it was not.
const TOO_LITTLE: SignedDuration = SignedDuration::from_hours(6);
const TOKEN: &str = "rollcall doctor";

pub(super) async fn examine(
    context: &DoctorContext<'_>,
    deployment: &dyn Deployment,
    signed_in: &SignedIn,
    chain: &mut Chain,
) -> Option<()> {
    let settings = settings(deployment, signed_in, chain).await?;
    if let Some(finding) = watched_group(&settings, signed_in).await {
        chain.take(finding)?;
    }
    let url = settings.get("NOTIFICATION_URL").unwrap_or_default();
    chain.take(endpoint(context, &url).await)?;
    subscriptions(context, &settings, signed_in, chain).await?;
    queues(deployment, &settings, chain).await?;
    chain.take(bucket(deployment, &settings).await)
}

/// The settings of all functions, each read as the function reads its own.
async fn settings(deployment: &dyn Deployment, signed_in: &SignedIn, chain: &mut Chain) -> Option<Settings> {
    let mut all = Settings::default();
    for function in Function::ALL {
        let settings = match deployment.settings(function.name()).await {
            Ok(settings) => settings,
            Err(error) => {
                return chain
                    .take(Finding::blocked(
                        format!("{error:#}"),
                        "Deploy the stack, or name it with --stack.",
                    ))
                    .and(None);
            }
        };
        if let Err(error) = read(function, &settings) {
            let remedy = "Correct the stack's parameter, and deploy again.";
            return chain.take(Finding::blocked(format!("{}: {error}", function.name()), remedy)).and(None);
        }
        all.0.extend(settings.0);
    }
    for (name, ours) in
        [("GRAPH_TENANT_ID", Some(&signed_in.tenant_id)), ("GRAPH_CLIENT_ID", signed_in.client_id.as_ref())]
    {
        let deployed = all.get(name).unwrap_or_default();
        if ours.is_some_and(|ours| !ours.eq_ignore_ascii_case(&deployed)) {
            let what = format!("{name} of the functions is another one than that of these credentials");
            let remedy =
                "Correct the stack's parameter, or examine with the credentials of the deployed application.";
            return chain.take(Finding::blocked(what, remedy)).and(None);
        }
    }
    chain.take(Finding::good("the five functions are deployed, and their settings can be read"))?;
    Some(all)
}

fn read(function: Function, settings: &Settings) -> Result<(), EnvError> {
    match function {
        Function::Webhook => webhook::Config::from_env(settings).map(drop),
        Function::Fetch => fetch::Config::from_env(settings).map(drop),
        Function::Archive => archive::Config::from_env(settings).map(drop),
        Function::Subscriptions => subscriptions::Config::from_env(settings).map(drop),
        Function::Backfill => backfill::Config::from_env(settings).map(drop),
    }
}

/// Whether the members of the group that `WATCH` names can be read: else it is not known whose meetings count.
/// `None` where it names no group.
async fn watched_group(settings: &Settings, signed_in: &SignedIn) -> Option<Finding> {
    let Organizers::Group { group } = Watch::from_env(settings).unwrap_or_default().organizers else {
        return None;
    };
    let members = signed_in.graph.group_user_ids(&group).await.and_then(List::whole);
    Some(match members {
        Ok(members) if members.is_empty() => Finding::blocked(
            "the group that WATCH names has no users, so that every meeting is passed over",
            "Add those who organize meetings to the group, or name another one in WATCH.",
        ),
        Ok(_) => Finding::good("the members of the group that WATCH names can be read"),
        Err(error) => Finding::failed("the group that WATCH names", &error),
    })
}

/// The handshake, as Graph does it.
async fn endpoint(context: &DoctorContext<'_>, url: &str) -> Finding {
    let remedy = "Look at NOTIFICATION_URL, at the HTTP API's routes and at the log of webhook: Graph must reach it over https and without signing in.";
    let url = format!("{}/notifications?validationToken=rollcall%20doctor", url.trim_end_matches('/'));
    let request: Request = http::Request::post(url).body(Default::default()).unwrap_or_default();
    let began = context.clock.now();
    let answer = tokio::select! {
        answer = context.http.send(request) => answer,
        () = context.clock.sleep(GRAPH_TIMEOUT * 3) => return Finding::blocked("the endpoint does not answer", remedy),
    };
    let took = context.clock.now().duration_since(began);
    match answer {
        Err(error) => Finding::blocked(format!("the endpoint cannot be reached: {error}"), remedy),
        Ok(answer) if answer.status() != 200 || answer.body() != TOKEN => Finding::blocked(
            format!("the endpoint does not pass Graph's handshake (status {})", answer.status().as_u16()),
            remedy,
        ),
        Ok(_) if took.unsigned_abs() > GRAPH_TIMEOUT => Finding::warning(
            format!(
                "the endpoint took {} s: Graph drops the notifications of slow endpoints",
                took.as_secs()
            ),
            "Look again; if it lasts, give webhook more memory.",
        ),
        Ok(_) => Finding::good("the endpoint passes Graph's handshake"),
    }
}

/// Whether Graph has the desired subscriptions.
async fn subscriptions(
    context: &DoctorContext<'_>,
    settings: &Settings,
    signed_in: &SignedIn,
    chain: &mut Chain,
) -> Option<()> {
    let watch = Watch::from_env(settings).unwrap_or_default();
    let existing = match signed_in.graph.subscriptions().await {
        Ok(existing) => existing,
        Err(error) => return chain.take(Finding::failed("the subscriptions cannot be listed", &error)),
    };
    let wanted = [
        (watch.call_records, WatchedResource::CallRecords),
        (watch.virtual_events, WatchedResource::VirtualEvents),
    ];
    let base = settings.get("NOTIFICATION_URL").unwrap_or_default();
    for resource in wanted.into_iter().filter_map(|(is_wanted, resource)| is_wanted.then_some(resource)) {
        let found = existing.iter().find(|existing| resource.is(&existing.resource));
        chain.take(subscription(context, &resource, found, &base))?;
    }
    Some(())
}

fn subscription(
    context: &DoctorContext<'_>,
    resource: &WatchedResource,
    existing: Option<&Subscription>,
    base: &str,
) -> Finding {
    let path = resource.path();
    let run = "Run the function subscriptions (it runs every 30 minutes), and look into its log: aws lambda invoke --function-name STACK-subscriptions --qualifier live --cli-binary-format raw-in-base64-out --payload '{}' /dev/stdout";
    let Some(existing) = existing else {
        return Finding::blocked(format!("nobody is subscribed to {path}"), run);
    };
    let url = existing.notification_url.as_deref().unwrap_or_default();
    if !url.starts_with(base.trim_end_matches('/')) {
        let what = format!("the subscription to {path} posts to another address than NOTIFICATION_URL");
        return Finding::blocked(
            what,
            "Give each deployment an application of its own: Graph takes one subscription for each application. One that nobody renews ends within three days, and is then made here.",
        );
    }
    match existing.expires_at().map(|end| end.duration_since(context.clock.now())) {
        Some(left) if left > TOO_LITTLE => {
            Finding::good(format!("subscribed to {path} for {} hours more", left.as_hours()))
        }
        Some(left) => {
            Finding::warning(format!("the subscription to {path} expires in {} minutes", left.as_mins()), run)
        }
        None => Finding::warning(format!("the subscription to {path} does not say when it expires"), run),
    }
}

/// Whether every queue exists, and the dead-letter queues are empty.
async fn queues(deployment: &dyn Deployment, settings: &Settings, chain: &mut Chain) -> Option<()> {
    let names = settings.0.keys().filter(|name| name.ends_with("_QUEUE_URL") || name.ends_with("_DLQ_URL"));
    for name in names {
        let url = settings.get(name).unwrap_or_default();
        match deployment.messages(&url).await {
            Err(error) => {
                let remedy = "Deploy the stack again, or let these credentials call sqs:GetQueueAttributes.";
                chain.take(Finding::blocked(format!("{name}: {error}"), remedy))?;
            }
            Ok(letters) if letters > 0 && name.ends_with("_DLQ_URL") => {
                let what = format!("{letters} dead letters in the queue that {name} names");
                chain.take(Finding::warning(
                    what,
                    "Run `rollcall dead-letters`: it tells why, and sends them back.",
                ))?;
            }
            Ok(_) => {}
        }
    }
    chain.take(Finding::good("the queues are there"))
}

async fn bucket(deployment: &dyn Deployment, settings: &Settings) -> Finding {
    let bucket = settings.get("ARCHIVE_BUCKET").unwrap_or_default();
    let store = deployment.archive(bucket, settings.get("ARCHIVE_BUCKET_OWNER"));
    match store.head("staging/rollcall-doctor").await {
        Ok(_) => Finding::good("the bucket is there"),
        Err(error) => Finding::blocked(
            error.to_string(),
            "Look at ARCHIVE_BUCKET and ARCHIVE_BUCKET_OWNER; these credentials need s3:GetObject and s3:ListBucket.",
        ),
    }
}
