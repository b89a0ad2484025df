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
    /// The meeting's address leads nowhere any more, and Graph gives no reports by its id either.
    Expired,
    /// Graph cannot use the address as a meeting's address.
    AddressUnusable,
    /// An online event of a calendar has no address.
    AddressMissing,
    /// Neither the address nor the call record names the organizer, and no participant is.
    OrganizerUnknown,
    /// The tenant has no such user or group.
    NoSuchUser,
    /// The user has no mailbox that Graph can read: a guest, no licence, or a mailbox on premises.
    NoMailbox,
    /// A policy of Exchange keeps the application out of the mailbox.
    MailboxForbidden,
    /// Graph no longer knows the page of a list: the list begins again.
    PageExpired,
    /// Graph has deleted the report: it is older than one year.
    Gone,
    /// No application access policy covers the organizer.
    AccessPolicyMissing,
    /// The user in the request's path is not the meeting's organizer.
    NotOrganizer,
    /// The application lacks a permission or an administrator's consent.
    ConsentMissing,
    /// Graph refuses a token that the token service has just given.
    TokenRefused,
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
    /// A service of AWS has refused, or given no answer, for days.
    AwsUnavailable,
    /// More jobs follow from one another than any list or report needs.
    TooManyHops,
    /// The step of a message panics, for days.
    Panicked,
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
            Self::Expired => "expired",
            Self::AddressUnusable => "address_unusable",
            Self::AddressMissing => "address_missing",
            Self::OrganizerUnknown => "organizer_unknown",
            Self::NoSuchUser => "no_such_user",
            Self::NoMailbox => "no_mailbox",
            Self::MailboxForbidden => "mailbox_forbidden",
            Self::PageExpired => "page_expired",
            Self::TokenRefused => "token_refused",
            Self::Gone => "gone",
            Self::AccessPolicyMissing => "access_policy_missing",
            Self::NotOrganizer => "not_organizer",
            Self::ConsentMissing => "consent_missing",
            Self::CredentialRefused | Self::CredentialPending => "credential_refused",
            Self::NotGenuine => "not_genuine",
            Self::NotDecryptable => "not_decryptable",
            Self::UnsupportedInCloud => "unsupported_in_cloud",
            Self::InvalidRequest => "invalid_request",
            Self::AwsUnavailable => "aws_unavailable",
            Self::TooManyHops => "too_many_hops",
            Self::Panicked => "panicked",
        }
    }

    /// Whether other requests will hardly fare better: Graph, its token service or the application's rights are at
    /// fault, and not the one meeting or report that was asked for.
    pub fn is_of_graph(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unavailable
            | Self::Malformed
            | Self::PageExpired
            | Self::AccessPolicyMissing
            | Self::ConsentMissing
            | Self::TokenRefused
            | Self::CredentialRefused
            | Self::CredentialPending => true,
            Self::NotReady
            | Self::NotFound
            | Self::Expired
            | Self::AddressUnusable
            | Self::AddressMissing
            | Self::OrganizerUnknown
            | Self::NoSuchUser
            | Self::NoMailbox
            | Self::MailboxForbidden
            | Self::Gone
            | Self::NotOrganizer
            | Self::NotGenuine
            | Self::NotDecryptable
            | Self::UnsupportedInCloud
            | Self::InvalidRequest
            | Self::AwsUnavailable
            | Self::TooManyHops
            | Self::Panicked => false,
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
            Self::Expired => "the meeting has expired, and Graph gives no reports by its id",
            Self::AddressUnusable => "Graph cannot use the meeting's address",
            Self::AddressMissing => "an online event of a calendar has no address",
            Self::OrganizerUnknown => "nothing names the user who organized the meeting",
            Self::NoSuchUser => "the tenant has no such user or group",
            Self::NoMailbox => "the user has no mailbox that Graph can read",
            Self::MailboxForbidden => "a policy of Exchange keeps the application out of the mailbox",
            Self::PageExpired => "Graph no longer knows this page of the list",
            Self::TokenRefused => "Graph refuses the token",
            Self::Gone => "the report is older than Graph keeps",
            Self::AccessPolicyMissing => "no application access policy covers the organizer",
            Self::NotOrganizer => "the user is not the organizer of this meeting",
            Self::ConsentMissing => "the application lacks a permission",
            Self::CredentialRefused | Self::CredentialPending => "the application's credential is refused",
            Self::NotGenuine => "the notification does not prove that Graph sent it",
            Self::NotDecryptable => "no certificate here opens the notification",
            Self::UnsupportedInCloud => "this cloud has no such call",
            Self::InvalidRequest => "the request can never succeed as it is",
            Self::AwsUnavailable => "a service of AWS refuses, or does not answer",
            Self::TooManyHops => "more jobs follow from one another than any list needs",
            Self::Panicked => "a bug stops each try",
        }
    }

    /// Whether the failure may pass by itself, so that the call is worth being made again.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Throttled
                | Self::Unavailable
                | Self::Malformed
                | Self::CredentialPending
                | Self::PageExpired
        )
    }

    /// What a person can do about it, in whole sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotReady => remedies::NOT_READY,
            Self::Throttled => remedies::THROTTLED,
            Self::Unavailable => remedies::UNAVAILABLE,
            Self::Malformed => remedies::MALFORMED,
            Self::NotFound => remedies::NOT_FOUND,
            Self::Expired => remedies::EXPIRED,
            Self::AddressUnusable => remedies::ADDRESS_UNUSABLE,
            Self::AddressMissing => remedies::ADDRESS_MISSING,
            Self::OrganizerUnknown => remedies::ORGANIZER_UNKNOWN,
            Self::NoSuchUser => remedies::NO_SUCH_USER,
            Self::NoMailbox => remedies::NO_MAILBOX,
            Self::MailboxForbidden => remedies::MAILBOX_FORBIDDEN,
            Self::PageExpired => remedies::PAGE_EXPIRED,
            Self::TokenRefused => remedies::TOKEN_REFUSED,
            Self::Gone => remedies::GONE,
            Self::AccessPolicyMissing => remedies::ACCESS_POLICY_MISSING,
            Self::NotOrganizer => remedies::NOT_ORGANIZER,
            Self::ConsentMissing => remedies::CONSENT_MISSING,
            Self::CredentialRefused | Self::CredentialPending => remedies::CREDENTIAL_REFUSED,
            Self::NotGenuine => remedies::NOT_GENUINE,
            Self::NotDecryptable => remedies::NOT_DECRYPTABLE,
            Self::UnsupportedInCloud => remedies::UNSUPPORTED_IN_CLOUD,
            Self::InvalidRequest => remedies::INVALID_REQUEST,
            Self::AwsUnavailable => remedies::AWS_UNAVAILABLE,
            Self::TooManyHops => remedies::TOO_MANY_HOPS,
            Self::Panicked => remedies::PANICKED,
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.sentence())
    }
}

/// What a person can do about each outcome.
mod remedies {
    pub(super) const NOT_READY: &str =
        "Nothing to do: it is tried again until 48 hours after the session ended.";
    pub(super) const THROTTLED: &str =
        "Nothing to do: it is tried again when Graph says so. If it lasts, ask for less at a time.";
    pub(super) const UNAVAILABLE: &str = "Look at the Microsoft 365 service health.";
    pub(super) const MALFORMED: &str =
        "Look for a proxy between Rollcall and Graph. If it lasts, report it with the request-id.";
    pub(super) const NOT_FOUND: &str =
        "The meeting was deleted, or its id or address is wrong. Nothing can be fetched.";
    pub(super) const EXPIRED: &str = "Graph forgets a meeting's address 60 days after it was last used. If the meeting's id is known from \
        elsewhere, ask for its reports by that id; else nothing can be fetched.";
    pub(super) const ADDRESS_UNUSABLE: &str = "Write the meeting's address as its invitation has it, from https:// to the end, or the number that \
        people type to join, together with the organizer.";
    pub(super) const ADDRESS_MISSING: &str = "Open the event in the calendar. If it is a Teams meeting, ask for it by its address; a meeting of \
        another provider has no attendance report.";
    pub(super) const ORGANIZER_UNKNOWN: &str =
        "Ask for the meeting with its organizer: its address or number, and the organizer's object id.";
    pub(super) const NO_SUCH_USER: &str = "Write the object id of a user of this tenant, as the Entra portal shows it; a deleted user's reports \
        cannot be read.";
    pub(super) const NO_MAILBOX: &str = "A guest has no calendar here, and nothing is lost. Any other user needs an Exchange Online licence to \
        have one; the meetings of a user whose mailbox is on premises are found by call records only.";
    pub(super) const MAILBOX_FORBIDDEN: &str = "An Exchange administrator runs Test-ApplicationAccessPolicy (or Test-ServicePrincipalAuthorization) \
        for this mailbox and lets the application read its calendar. It takes up to an hour.";
    pub(super) const PAGE_EXPIRED: &str = "Nothing to do: the list is read again from its beginning.";
    pub(super) const TOKEN_REFUSED: &str = "In the Entra portal, look whether the enterprise application is enabled and its permissions are \
        consented to, and whether GRAPH_CLOUD names the cloud of the tenant.";
    pub(super) const GONE: &str = "Graph deletes reports after one year. Nothing can be fetched.";
    pub(super) const ACCESS_POLICY_MISSING: &str = "A Teams administrator runs, in PowerShell: \
        New-CsApplicationAccessPolicy -Identity Rollcall -AppIds <application id>; \
        Grant-CsApplicationAccessPolicy -PolicyName Rollcall -Group <id of the organizers' group>. \
        It takes up to 30 minutes.";
    pub(super) const NOT_ORGANIZER: &str =
        "Name the user who organized the meeting: only the organizer's reports can be read.";
    pub(super) const CONSENT_MISSING: &str = "In the Entra portal, under the application's API permissions, add OnlineMeetingArtifact.Read.All, \
        OnlineMeetings.Read.All, VirtualEvent.Read.All and CallRecords.Read.All (application) \
        and grant admin consent.";
    pub(super) const CREDENTIAL_REFUSED: &str = "In the Entra portal, under the application's certificates and secrets, look whether the credential \
        has expired or belongs to another application; put a valid one into the secret.";
    pub(super) const NOT_GENUINE: &str = "If it has no validation token: in the Entra portal, under the enterprise application's properties, \
        set Assignment required to No. Else somebody may know a clientState: \
        rotate the secret that WEBHOOK_KEY_SECRET_ID names.";
    pub(super) const NOT_DECRYPTABLE: &str = "Put a certificate and its RSA key (openssl req -x509 -newkey rsa:2048 -nodes), as one PEM, into the secret \
        that NOTIFICATION_KEY_SECRET_ID names, for fetch and for subscriptions; the one before must stay \
        AWSPREVIOUS until the next run of subscriptions.";
    pub(super) const UNSUPPORTED_IN_CLOUD: &str =
        "Use a cloud that has it: webinars and town halls exist in the global cloud only.";
    pub(super) const INVALID_REQUEST: &str =
        "The ids are wrong, or from a newer version of Rollcall: correct them, or deploy.";
    pub(super) const PANICKED: &str = "Look into the function's log for the panic, and report it: it is a bug. Deploy a version without it.";
    pub(super) const TOO_MANY_HOPS: &str = "A list of Graph's does not end, or Rollcall has a bug: report it. Name organizers, or a shorter \
        time, to look at the rest.";
    pub(super) const AWS_UNAVAILABLE: &str = "Look into the function's log for the error code, and at the permissions of its role, at \
        the policies of the bucket, the queues and the keys, and whether all of them exist.";
}
