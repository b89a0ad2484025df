//! `WATCH`: what an operator wants to be told of.

use serde::Deserialize;
use shared::env::{Env, EnvError};

/// `WATCH`, a JSON object. Absent, `{}` and absent members mean the default: everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Watch {
    /// Every call of the tenant that ends.
    pub call_records: bool,
    /// Every webinar and town hall of the tenant.
    pub virtual_events: bool,
}

impl Default for Watch {
    fn default() -> Self {
        Self { call_records: true, virtual_events: true }
    }
}

impl Watch {
    /// Reads the setting.
    ///
    /// # Errors
    /// It is not JSON of this shape.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let Some(text) = env.get("WATCH") else { return Ok(Self::default()) };
        let wrong =
            EnvError::Wrong { name: "WATCH", expected: "use a JSON object like {\"callRecords\":true}" };
        serde_json::from_str(&text).map_err(|_| wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_watched_unless_it_is_said_otherwise() {
        assert_eq!(Watch::from_env(&[]), Ok(Watch::default()));
        assert_eq!(Watch::from_env(&[("WATCH", "{}")]), Ok(Watch::default()));
        let no_calls = Watch { call_records: false, virtual_events: true };
        assert_eq!(
            Watch::from_env(&[("WATCH", r#"{"callRecords":false,"organizers":"all"}"#)]),
            Ok(no_calls)
        );
        assert!(Watch::from_env(&[("WATCH", "everything")]).is_err());
    }
}
