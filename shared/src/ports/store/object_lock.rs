//! Object Lock: an archived object cannot be deleted for a time.

use jiff::SignedDuration;

use crate::env::{Env, EnvError};

/// The Object Lock of new objects: who can lift it, and for how long it holds.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectLock {
    /// Who can lift the lock.
    pub mode: LockMode,
    /// How long the lock holds, counted from the write.
    pub time: SignedDuration,
}

/// Who can lift an Object Lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Who has the permission `s3:BypassGovernanceRetention`.
    Governance,
    /// No user, not even the account's root user.
    Compliance,
}

impl ObjectLock {
    /// Reads `OBJECT_LOCK_MODE` (`GOVERNANCE` or `COMPLIANCE`; absent: `None`, no lock) and
    /// `OBJECT_LOCK_DAYS`.
    ///
    /// # Errors
    /// The mode is another word, or the days are no number from 1 to 36500.
    pub fn from_env(env: &impl Env) -> Result<Option<Self>, EnvError> {
        let mode = match env.get("OBJECT_LOCK_MODE").as_deref() {
            None => return Ok(None),
            Some("GOVERNANCE") => LockMode::Governance,
            Some("COMPLIANCE") => LockMode::Compliance,
            Some(_) => {
                let expected = "use GOVERNANCE or COMPLIANCE, or leave it out";
                return Err(EnvError::Wrong { name: "OBJECT_LOCK_MODE", expected });
            }
        };
        let wrong =
            EnvError::Wrong { name: "OBJECT_LOCK_DAYS", expected: "use a number of days from 1 to 36500" };
        let days: u16 = env.required("OBJECT_LOCK_DAYS")?.parse().map_err(|_| wrong.clone())?;
        match days {
            1..=36_500 => Ok(Some(Self { mode, time: SignedDuration::from_hours(24 * i64::from(days)) })),
            _ => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_needs_a_mode_and_days() {
        let read = |mode: &str, days: &str| {
            ObjectLock::from_env(&[("OBJECT_LOCK_MODE", mode), ("OBJECT_LOCK_DAYS", days)])
        };
        assert_eq!(read("", ""), Ok(None));
        let week = ObjectLock { mode: LockMode::Governance, time: SignedDuration::from_hours(7 * 24) };
        assert_eq!(read("GOVERNANCE", "7"), Ok(Some(week)));
        assert_eq!(read("COMPLIANCE", "").unwrap_err(), EnvError::Missing("OBJECT_LOCK_DAYS"));
        for (mode, days) in
            [("governance", "7"), ("COMPLIANCE", "0"), ("COMPLIANCE", "-1"), ("COMPLIANCE", "99999")]
        {
            assert!(read(mode, days).is_err(), "{mode} {days}");
        }
    }
}
