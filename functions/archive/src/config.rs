//! The settings of `archive`.

use shared::env::{Env, EnvError};
use shared::ports::store::ObjectLock;

/// The settings of `archive`, each an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `ARCHIVE_BUCKET`: the bucket that keeps the reports.
    pub archive_bucket: String,
    /// `ARCHIVE_BUCKET_OWNER`: the account that must own it (optional).
    pub archive_bucket_owner: Option<String>,
    /// `OBJECT_LOCK_MODE`, `OBJECT_LOCK_DAYS`: how reports are locked against deletion (optional).
    pub object_lock: Option<ObjectLock>,
    /// `TOMBSTONE_KEY_SECRET_ID`: the secret that the tombstones of erased people are hashed with (optional: where nobody is
    /// erased there is none).
    pub tombstone_key_secret_id: Option<String>,
    /// `FETCH_QUEUE_URL`: the queue of `fetch`, for a report whose claim check is gone.
    pub fetch_queue_url: String,
    /// `ARCHIVE_QUEUE_URL`: the queue of `archive` itself, for a job that is put off.
    pub archive_queue_url: String,
    /// `ARCHIVE_DLQ_URL`: the dead-letter queue, where jobs go that a person must look at.
    pub archive_dlq_url: String,
}

impl Config {
    /// Reads all settings from `env`, once, at cold start.
    ///
    /// # Errors
    /// One is missing or wrong; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        Ok(Self {
            archive_bucket: env.required("ARCHIVE_BUCKET")?,
            archive_bucket_owner: env.get("ARCHIVE_BUCKET_OWNER"),
            object_lock: ObjectLock::from_env(env)?,
            tombstone_key_secret_id: env.get("TOMBSTONE_KEY_SECRET_ID"),
            fetch_queue_url: env.required("FETCH_QUEUE_URL")?,
            archive_queue_url: env.required("ARCHIVE_QUEUE_URL")?,
            archive_dlq_url: env.required("ARCHIVE_DLQ_URL")?,
        })
    }
}
