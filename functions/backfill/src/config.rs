//! The settings of `backfill`.

use jiff::SignedDuration;
use shared::env::{Env, EnvError};
use shared::graph::GraphConfig;
use shared::model::Watch;

/// The settings of `backfill`, each an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How Graph is reached: tenant, application, credential and hosts.
    pub graph: GraphConfig,
    /// `ARCHIVE_BUCKET`: the bucket that keeps the reports, and the ledgers.
    pub archive_bucket: String,
    /// `ARCHIVE_BUCKET_OWNER`: the account that must own it (optional).
    pub archive_bucket_owner: Option<String>,
    /// `FETCH_QUEUE_URL`: the queue of `fetch`, for what is missing.
    pub fetch_queue_url: String,
    /// `ARCHIVE_QUEUE_URL`: the queue of `archive`, for what Graph said of meetings.
    pub archive_queue_url: String,
    /// `BACKFILL_QUEUE_URL`: the queue of `backfill` itself, for the units of a run.
    pub backfill_queue_url: String,
    /// `BACKFILL_BULK_QUEUE_URL`: the same, for the units of long runs and of scheduled ledgers.
    pub backfill_bulk_queue_url: String,
    /// `BACKFILL_DLQ_URL`: the dead-letter queue, where units go that a person must look at.
    pub backfill_dlq_url: String,
    /// `WATCH`: whose meetings and events are looked for.
    pub watch: Watch,
    /// `SETTLED_READS`: `yes` or `no`, whether a reconcile reads each report once more when it has settled, a day
    /// or more after its end; absent, it does.
    pub settled_reads: bool,
    /// `MANIFEST_KEY_ID`: the ARN of the key in KMS that signs the roots of manifests; absent, nobody does.
    pub manifest_key_id: Option<String>,
    /// `RETENTION_DAYS`: after how many days the bucket's objects expire; absent or `0`, never.
    pub retention: Option<SignedDuration>,
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
            archive_queue_url: env.required("ARCHIVE_QUEUE_URL")?,
            backfill_queue_url: env.required("BACKFILL_QUEUE_URL")?,
            backfill_bulk_queue_url: env.required("BACKFILL_BULK_QUEUE_URL")?,
            backfill_dlq_url: env.required("BACKFILL_DLQ_URL")?,
            watch: Watch::from_env(env)?,
            settled_reads: settled_reads(env)?,
            manifest_key_id: env.get("MANIFEST_KEY_ID"),
            retention: retention(env)?,
        })
    }
}

fn retention(env: &impl Env) -> Result<Option<SignedDuration>, EnvError> {
    let Some(text) = env.get("RETENTION_DAYS") else { return Ok(None) };
    let expected = "write 0, or a number of days up to 36500";
    let days = text.parse().ok().filter(|days| *days <= 36_500_u16);
    match days.ok_or(EnvError::Wrong { name: "RETENTION_DAYS", expected })? {
        0 => Ok(None),
        days => Ok(Some(SignedDuration::from_hours(24 * i64::from(days)))),
    }
}

fn settled_reads(env: &impl Env) -> Result<bool, EnvError> {
    match env.get("SETTLED_READS").as_deref() {
        None | Some("yes") => Ok(true),
        Some("no") => Ok(false),
        Some(_) => Err(EnvError::Wrong { name: "SETTLED_READS", expected: "write yes or no" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_a_number_of_days_or_none() {
        let read = |days: &str| retention(&[("RETENTION_DAYS", days)]);
        assert_eq!((read(""), read("0")), (Ok(None), Ok(None)));
        assert_eq!(read("400"), Ok(Some(SignedDuration::from_hours(9_600))));
        for wrong in ["-1", "a year", "36501", "70000"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
