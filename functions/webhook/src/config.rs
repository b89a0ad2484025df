//! The settings of `webhook` that a notification needs: they are read at the first. `ORIGIN_SECRET_SHA256` is read at
//! the start, by [`Origin`](crate::Origin).

use shared::env::{Env, EnvError};

/// The settings of `webhook`, each an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `GRAPH_TENANT_ID`: the tenant whose notifications are taken.
    pub tenant_id: String,
    /// `WEBHOOK_KEY_SECRET_ID`: the secret with the key behind `clientState`.
    pub key_secret_id: String,
    /// `FETCH_QUEUE_URL`: the queue of `fetch`.
    pub fetch_queue_url: String,
    /// `SUBSCRIPTIONS_QUEUE_URL`: the queue of `subscriptions`.
    pub subscriptions_queue_url: String,
    /// `FETCH_DLQ_URL`: the dead-letter queue for genuine notifications that no route exists for.
    pub fetch_dlq_url: String,
}

impl Config {
    /// Reads all settings from `env`, once, at cold start.
    ///
    /// # Errors
    /// One is missing; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        Ok(Self {
            tenant_id: env.required("GRAPH_TENANT_ID")?,
            key_secret_id: env.required("WEBHOOK_KEY_SECRET_ID")?,
            fetch_queue_url: env.required("FETCH_QUEUE_URL")?,
            subscriptions_queue_url: env.required("SUBSCRIPTIONS_QUEUE_URL")?,
            fetch_dlq_url: env.required("FETCH_DLQ_URL")?,
        })
    }
}
