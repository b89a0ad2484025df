//! Microsoft Graph: the calls that Rollcall makes, one file per resource, the model beside the call.
//!
//! | call | v1.0 | beta | clouds | permission (application) |
//! | --- | --- | --- | --- | --- |
//! | [`GraphClient::attendance_reports`]: the reports of a meeting | ✓ | global | all but China | `OnlineMeetingArtifact.Read.All` ᵖ |
//! | the same of a webinar's or town hall's session | ✓ | ✓ | global | the same |
//! | [`GraphClient::read_report`]: one report with all its records | ✓ | ✓ | as its list | the same |
//! | [`GraphClient::attendance_report_without_records`]: one report | ✓ | ✓ | as its list | the same |
//! | [`GraphClient::newest_attendance_report`]: deprecated, without id | – | ✓ | global | the same |
//! | [`GraphClient::event`]: what Graph says of a meeting | ✓ | ✓ | all but China | `OnlineMeetings.Read.All` ᵖ |
//! | the same of a webinar, town hall or session | ✓ | ✓ | global | `VirtualEvent.Read.All` ᵖ |
//! | [`GraphClient::registrations`]: one registration for a webinar | ✓ | ✓ | global | `VirtualEvent.Read.All` ᵖ |
//! | the list of all | ✓ | ✓ | global | `VirtualEvent.Read.Chat` ʳ |
//! | both, for a town hall | – | ✓ | global | the same |
//! | [`find_meeting`](GraphClient::find_meeting), [`by_join_web_url`](GraphClient::online_meeting_by_join_web_url), [`by_join_meeting_id`](GraphClient::online_meeting_by_join_meeting_id) | ✓ | ✓ | all but China | `OnlineMeetings.Read.All` ᵖ |
//! | [`GraphClient::virtual_events_page`]: webinars or town halls of the tenant, or of a user | ✓ | ✓ | global | `VirtualEvent.Read.All` ᵖ |
//! | [`GraphClient::virtual_event`]: one of them, for its organizer | ✓ | ✓ | global | the same |
//! | [`GraphClient::virtual_event_sessions`]: its sessions | ✓ | ✓ | global | the same |
//! | [`GraphClient::call_record`], [`as sent`](GraphClient::call_record_as_sent), [`page`](GraphClient::call_records_page), [`participants`](GraphClient::call_record_participants) | ✓ | ✓ | all but China | `CallRecords.Read.All` |
//! | [`GraphClient::organized_meetings_page`]: a calendar's online meetings | ✓ | ✓ | all | `Calendars.Read` |
//! | [`GraphClient::subscriptions`], [`create`](GraphClient::create_subscription), [`renew`](GraphClient::renew_subscription), [`delete`](GraphClient::delete_subscription) | ✓ | ✓; for a meeting's calls always ([`in_beta`](GraphClient::in_beta)) | all | that of the resource |
//! | [`GraphClient::credential_ends`]: when the application's credentials expire | ✓ | ✓ | all | `Application.Read.All` |
//! | [`GraphClient::user_ids_page`]: all users | ✓ | ✓ | all | `User.ReadBasic.All` |
//! | [`GraphClient::user_id_of`]: a user by the user principal name | ✓ | ✓ | all | the same |
//! | [`GraphClient::group_user_ids_page`], [`group_user_ids`](GraphClient::group_user_ids): a group's users, transitively | ✓ | ✓ | all | `GroupMember.Read.All` |
//!
//! ᵖ together with an application access policy that covers the organizer. `me` as a user's id is the user of
//! a delegated token.
//!
//! A person who has signed in lets Rollcall read less: [`DelegatedScope`] has these permissions.
//!
//! ʳ consent that is specific to a resource, by an app of Teams that is installed in the event. Whether any other
//! application is given the list is not documented: it is asked for, and a refusal is told once.
//!
//! URLs are built from segments, each percent-encoded; a URL from a response is followed only if it leads
//! to where the request went (`next_link.rs`). Every failure is an [`Outcome`](crate::model::Outcome).

mod applications;
mod attendance_reports;
mod budget;
mod calendars;
mod call_records;
mod client;
mod client_state;
mod cloud;
mod config;
mod credentials;
mod date_time;
mod delegated_scope;
mod directory;
mod entra;
mod error;
mod events;
mod join_pages;
mod lists;
mod next_link;
mod online_meetings;
mod refusal;
mod registrations;
mod report_pages;
mod sign_in;
mod sign_in_refusals;
mod signing_keys;
mod subscriptions;
mod throttle;
mod token;
mod virtual_events;

pub use attendance_reports::{FetchedArtifact, ListedReport};
pub use calendars::CalendarMeeting;
pub use call_records::{CallRecord, CallSource};
pub use client::GraphClient;
pub use client_state::{ClientStateKey, ClientStateScope, NONCE_BYTES};
pub use cloud::{Cloud, Endpoints, GraphVersion};
pub use config::{CredentialKind, GraphConfig};
pub use credentials::{
    AssertionSigner, ClientAuthentication, ClientCertificate, ClientSecret, Parameters, TokenRequest,
    unreadable_secret,
};
#[cfg(feature = "aws")]
pub(crate) use credentials::{signed_assertion, unreadable_credential};
pub use date_time::GraphDateTime;
pub use delegated_scope::DelegatedScope;
pub use error::GraphError;
pub use join_pages::JoinedText;
pub use lists::{List, Page};
pub use online_meetings::{ChatInfo, FoundMeeting, KnownMeeting, OnlineMeeting};
pub use report_pages::{JoinedPages, ReportPage, ReportReading};
pub use sign_in::{AuthorizationRequest, DeviceCode, Grant, PublicClient};
pub use sign_in_refusals::explanation;
pub use signing_keys::{CHANGE_TRACKING, SigningKey, signing_keys};
pub use subscriptions::{Encryption, NewSubscription, Subscription, is_conflict, is_not_found};
pub use token::{AccessToken, Application, Credential, StaticToken, TokenCache, unverified_claims};
pub use virtual_events::{VirtualEvent, VirtualEventSession};
