//! The settings of `fetch`.

use shared::env::{Env, EnvError};
use shared::graph::{CHANGE_TRACKING, GraphConfig};
use shared::model::Watch;

/// The settings of `fetch`, each an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How Graph is reached: tenant, application, credential and hosts.
    pub graph: GraphConfig,
    /// `ARCHIVE_BUCKET`: the bucket that keeps the reports.
    pub archive_bucket: String,
    /// `ARCHIVE_BUCKET_OWNER`: the account that must own it (optional).
    pub archive_bucket_owner: Option<String>,
    /// `FETCH_QUEUE_URL`: the queue of `fetch` itself, for the next step.
    pub fetch_queue_url: String,
    /// `FETCH_DLQ_URL`: the dead-letter queue, where jobs go that a person must look at.
    pub fetch_dlq_url: String,
    /// `ARCHIVE_QUEUE_URL`: the queue of `archive`, for what was fetched.
    pub archive_queue_url: String,
    /// `NOTIFICATION_KEY_SECRET_ID`: the secret with the certificate for encrypted notifications
    /// (optional).
    pub notification_key_secret_id: Option<String>,
    /// `CHANGE_TRACKING_ID`: the application that encrypted notifications must come from. No page
    /// says whether it is the same in every cloud.
    pub change_tracking_id: String,
    /// `WATCH`: whose meetings and events count, and the meetings that encrypted notifications are about.
    pub watch: Watch,
}

impl Config {
    /// Reads all settings from `env`, once, at cold start.
    ///
    /// # Errors
    /// One is missing or wrong; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        Ok(Self {
            graph: GraphConfig::from_env(env)?,
            archive_bucket: env.required("ARCHIVE_BUCKET")?,
            archive_bucket_owner: env.get("ARCHIVE_BUCKET_OWNER"),
            fetch_queue_url: env.required("FETCH_QUEUE_URL")?,
            fetch_dlq_url: env.required("FETCH_DLQ_URL")?,
            archive_queue_url: env.required("ARCHIVE_QUEUE_URL")?,
            notification_key_secret_id: env.get("NOTIFICATION_KEY_SECRET_ID"),
            change_tracking_id: env.get("CHANGE_TRACKING_ID").unwrap_or_else(|| CHANGE_TRACKING.to_owned()),
            watch: Watch::from_env(env)?,
        })
    }
}
