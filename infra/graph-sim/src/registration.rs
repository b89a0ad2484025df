//! Registrations for webinars and town halls.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::titles::{title_json, with_member};

/// A registration for a webinar or town hall.
#[derive(Debug, Clone)]
pub struct SimRegistration {
    /// The id of the registration.
    pub id: String,
    /// The object id of the user; `None` for a person who is not in the tenant's directory.
    pub user_id: Option<String>,
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// The address that the person registered with.
    pub email: Option<String>,
    /// `registered`, `canceled`, `waitlisted`, `pendingApproval` or `rejectedByOrganizer`.
    pub status: &'static str,
    /// When the person registered.
    pub registered_at: Timestamp,
    /// When the registration was canceled; `None` where it was not.
    pub canceled_at: Option<Timestamp>,
    /// Another system through which the person registered, and the id that it gave; `None` without one.
    pub external: Option<(String, String)>,
    /// A body that is served instead of all this, as it is; `None` for the registration itself.
    pub raw: Option<String>,
}

impl SimRegistration {
    /// The same registration after it was canceled.
    #[must_use]
    pub fn canceled(self, at: Timestamp) -> Self {
        Self { status: "canceled", canceled_at: Some(at), ..self }
    }

    /// As Graph shows it, in the list and alone, in the shape of the samples at
    /// <https://learn.microsoft.com/graph/api/virtualeventregistration-list>: its times have no zone.
    pub(crate) fn json(&self, is_odd: bool) -> String {
        self.raw.clone().unwrap_or_else(|| {
            with_member("lastName", &title_json(Some(&self.last_name), is_odd), &self.members())
        })
    }

    fn members(&self) -> Value {
        let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let external = self.external.as_ref();
        let external = external.map(|(referrer, id)| json!({"referrer": referrer, "registrationId": id}));
        json!({
            "@odata.type": "#microsoft.graph.virtualEventRegistration",
            "id": self.id,
            "userId": self.user_id,
            "firstName": self.first_name,
            "email": self.email,
            "externalRegistrationInformation": external,
            "status": self.status,
            "registrationDateTime": time(self.registered_at),
            "cancelationDateTime": self.canceled_at.map(time),
            "preferredTimezone": "W. Europe Standard Time",
            "preferredLanguage": "en-us",
            "registrationQuestionAnswers": [
                {
                    "questionId": "0a0a0a0a-0000-4000-8000-0000c0205050",
                    "displayName": "Where do you work?",
                    "value": null,
                    "booleanValue": null,
                    "multiChoiceValues": ["Utrecht", "Kraków"],
                },
                {
                    "questionId": "0b0b0b0b-0000-4000-8000-0000c0205050",
                    "displayName": "Is it your first webinar?",
                    "value": null,
                    "booleanValue": true,
                    "multiChoiceValues": [],
                },
            ],
        })
    }
}
