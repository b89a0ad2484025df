//! The settings of `subscriptions`.

use shared::env::{Env, EnvError, safe_url};
use shared::graph::GraphConfig;
use shared::model::Watch;

/// The settings of `subscriptions`, each an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How Graph is reached: tenant, application, credential and hosts.
    pub graph: GraphConfig,
    /// `WEBHOOK_KEY_SECRET_ID`: the secret with the key behind `clientState`.
    pub key_secret_id: String,
    /// `NOTIFICATION_KEY_SECRET_ID`: the secret with the certificate for encrypted notifications
    /// (optional, unless `WATCH` names meetings).
    pub notification_key_secret_id: Option<String>,
    /// `NOTIFICATION_URL`: the public address of `webhook`; `/notifications` and `/lifecycle` lie below.
    pub notification_url: String,
    /// `SUBSCRIPTIONS_QUEUE_URL`: the queue of `subscriptions` itself, for a message that is put off.
    pub subscriptions_queue_url: String,
    /// `SUBSCRIPTIONS_DLQ_URL`: the dead-letter queue, where messages go that a person must look at.
    pub subscriptions_dlq_url: String,
    /// `BACKFILL_QUEUE_URL`: the queue of `backfill`, for unsubscribed windows.
    pub backfill_queue_url: String,
    /// `WATCH`: which resources to subscribe to.
    pub watch: Watch,
}

impl Config {
    /// Reads all settings from `env`, once, at cold start.
    ///
    /// # Errors
    /// One is missing or wrong; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let notification_url = env.required("NOTIFICATION_URL")?;
        let wrong = EnvError::Wrong { name: "NOTIFICATION_URL", expected: "Graph posts to https only" };
        safe_url(&notification_url).ok_or(wrong)?;
        let watch = Watch::from_env(env)?;
        let notification_key_secret_id = env.get("NOTIFICATION_KEY_SECRET_ID");
        if !watch.meetings.is_empty() && notification_key_secret_id.is_none() {
            return Err(EnvError::Missing("NOTIFICATION_KEY_SECRET_ID"));
        }
        Ok(Self {
            graph: GraphConfig::from_env(env)?,
            key_secret_id: env.required("WEBHOOK_KEY_SECRET_ID")?,
            notification_key_secret_id,
            notification_url: notification_url.trim_end_matches('/').to_owned(),
            subscriptions_queue_url: env.required("SUBSCRIPTIONS_QUEUE_URL")?,
            subscriptions_dlq_url: env.required("SUBSCRIPTIONS_DLQ_URL")?,
            backfill_queue_url: env.required("BACKFILL_QUEUE_URL")?,
            watch,
        })
    }
}
