//! A subscription, as Graph keeps it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::tenant::TENANT_ID;

/// A subscription, as it was made.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) made: Value,
}

impl Subscription {
    pub(crate) fn text(&self, name: &str) -> String {
        self.made[name].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is to changes of this type.
    pub(crate) fn tells_of(&self, change_type: &str) -> bool {
        self.text("changeType").split(',').any(|told| told.trim() == change_type)
    }

    /// As Graph shows it: without its `clientState`.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.made.clone();
        shown["id"] = json!(self.id);
        shown["clientState"] = Value::Null;
        shown
    }

    /// An item that tells of a change, without what it is about.
    pub(crate) fn item(&self, change_type: &str) -> Value {
        json!({
            "subscriptionId": self.id,
            "subscriptionExpirationDateTime": self.made["expirationDateTime"],
            "clientState": self.made["clientState"],
            "changeType": change_type,
            "tenantId": TENANT_ID,
            "resource": self.made["resource"],
        })
    }

    pub(crate) fn lives(&self, now: Timestamp) -> bool {
        self.text("expirationDateTime").parse::<Timestamp>().is_ok_and(|end| end > now)
    }
}
