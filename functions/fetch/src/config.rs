//! The settings of `fetch`.

use shared::env::{Env, EnvError};
use shared::graph::GraphConfig;

/// The settings of `fetch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How Graph is reached.
    pub graph: GraphConfig,
    /// `ARCHIVE_BUCKET`: the bucket that keeps the reports.
    pub archive_bucket: String,
    /// `ARCHIVE_BUCKET_OWNER`: the account that must own it (optional).
    pub archive_bucket_owner: Option<String>,
    /// `FETCH_QUEUE_URL`: its own inbox, for the next step.
    pub fetch_queue_url: String,
    /// `FETCH_DLQ_URL`: where jobs go that a person must look at.
    pub fetch_dlq_url: String,
    /// `ARCHIVE_QUEUE_URL`: the inbox of `archive`.
    pub archive_queue_url: String,
}

impl Config {
    /// Reads the settings.
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
        })
    }
}
