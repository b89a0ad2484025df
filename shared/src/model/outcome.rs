//! The outcome of a call to Graph that failed, named for what happens next.

/// Why a report could not be fetched, and what happens next.
///
/// Each has a name (in logs, metrics, dead letters and the ledger), a sentence and a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The report does not exist yet. This is normal: the message waits.
    NotReady,
    /// Graph asks for fewer requests: the message waits as long as Graph says.
    Throttled,
    /// Graph, or the token service, does not answer properly now: back off and retry.
    Unavailable,
    /// The response is not what Graph documents: cut short, HTML, a page that fails.
    Malformed,
    /// Graph has no such meeting or report.
    NotFound,
    /// Graph has deleted the report: it is older than one year.
    Gone,
    /// No application access policy covers the organizer.
    AccessPolicyMissing,
    /// The user in the request's path is not the meeting's organizer.
    NotOrganizer,
    /// The application lacks a permission or an administrator's consent.
    ConsentMissing,
    /// The token service refuses the application's credential.
    CredentialRefused,
    /// The token service refuses the credential, but may not know a new one yet: back off and retry.
    CredentialPending,
    /// A notification does not prove that Graph sent it.
    NotGenuine,
    /// No certificate of ours decrypts an encrypted notification.
    NotDecryptable,
    /// The configured cloud or API version has no such call.
    UnsupportedInCloud,
    /// The request can never succeed as it is.
    InvalidRequest,
}

impl Outcome {
    /// The name in logs, metrics, dead letters and the ledger, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Malformed => "malformed",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::AccessPolicyMissing => "access_policy_missing",
            Self::NotOrganizer => "not_organizer",
            Self::ConsentMissing => "consent_missing",
            Self::CredentialRefused | Self::CredentialPending => "credential_refused",
            Self::NotGenuine => "not_genuine",
            Self::NotDecryptable => "not_decryptable",
            Self::UnsupportedInCloud => "unsupported_in_cloud",
            Self::InvalidRequest => "invalid_request",
        }
    }

    /// What happened, as a sentence without its full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotReady => "the report is not there yet",
            Self::Throttled => "Graph asks for fewer requests",
            Self::Unavailable => "Graph does not answer properly now",
            Self::Malformed => "the answer is not what Graph documents",
            Self::NotFound => "Graph knows no such meeting or report",
            Self::Gone => "the report is older than Graph keeps",
            Self::AccessPolicyMissing => "no application access policy covers the organizer",
            Self::NotOrganizer => "the user is not the organizer of this meeting",
            Self::ConsentMissing => "the application lacks a permission",
            Self::CredentialRefused | Self::CredentialPending => "the application's credential is refused",
            Self::NotGenuine => "the notification does not prove that Graph sent it",
            Self::NotDecryptable => "no certificate here opens the notification",
            Self::UnsupportedInCloud => "this cloud has no such call",
            Self::InvalidRequest => "the request can never succeed as it is",
        }
    }

    /// What a person can do about it, in whole sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotReady => "Nothing to do: it is tried again until 48 hours after the session ended.",
            Self::Throttled => {
                "Nothing to do: it is tried again when Graph says so. If it lasts, lower the concurrency of fetch."
            }
            Self::Unavailable => "Look at the Microsoft 365 service health, then redrive the dead letters.",
            Self::Malformed => {
                "Look for a proxy between Rollcall and Graph, then redrive the dead letters. If it lasts, report it with the request-id."
            }
            Self::NotFound => "The meeting was deleted, or its id is wrong. Nothing can be fetched.",
            Self::Gone => "Graph deletes reports after one year. Nothing can be fetched.",
            Self::AccessPolicyMissing => {
                "A Teams administrator runs, in PowerShell: \
                 New-CsApplicationAccessPolicy -Identity Rollcall -AppIds <application id>; \
                 Grant-CsApplicationAccessPolicy -PolicyName Rollcall -Global. \
                 It takes up to 30 minutes. Then redrive the dead letters."
            }
            Self::NotOrganizer => {
                "Name the user who organized the meeting: only the organizer's reports can be read."
            }
            Self::ConsentMissing => {
                "In the Entra portal, under the application's API permissions, add OnlineMeetingArtifact.Read.All, \
                 OnlineMeetings.Read.All, VirtualEvent.Read.All and CallRecords.Read.All (application) \
                 and grant admin consent. Then redrive the dead letters."
            }
            Self::CredentialRefused | Self::CredentialPending => {
                "In the Entra portal, under the application's certificates and secrets, look whether the credential \
                 has expired or belongs to another application; put a valid one into the secret. \
                 Then redrive the dead letters."
            }
            Self::NotGenuine => {
                "If it has no validation token: in the Entra portal, under the enterprise application's properties, \
                 set Assignment required to No, then redrive the dead letters. Else somebody may know a clientState: \
                 rotate the secret that WEBHOOK_KEY_SECRET_ID names."
            }
            Self::NotDecryptable => {
                "Put a certificate and its RSA key (openssl req -x509 -newkey rsa:2048 -nodes), as one PEM, into the secret \
                 that NOTIFICATION_KEY_SECRET_ID names, for fetch and for subscriptions; the one before must stay \
                 AWSPREVIOUS until the next run of subscriptions. Then redrive the dead letters."
            }
            Self::UnsupportedInCloud => {
                "Use a cloud that has it: webinars and town halls exist in the global cloud only."
            }
            Self::InvalidRequest => {
                "The ids in the message are wrong, or from a newer version of Rollcall. Correct them, or deploy, and redrive."
            }
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence())
    }
}
