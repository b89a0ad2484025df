//! Microsoft Graph: the calls that Rollcall makes, one file per resource, the model beside the call.
//!
//! | call | permission (application) |
//! | --- | --- |
//! | [`GraphClient::attendance_reports`]: list the reports of a source | `OnlineMeetingArtifact.Read.All`, access policy |
//! | [`GraphClient::attendance_report`]: one report with all its records | the same |
//! | [`GraphClient::call_record`]: one call record | `CallRecords.Read.All` |
//! | [`GraphClient::online_meeting_by_join_web_url`]: a meeting by its address | `OnlineMeetings.Read.All`, access policy |
//!
//! URLs are built from segments, each percent-encoded; a URL from an answer is followed only to
//! where the request went (`next_link.rs`). Every failure is an [`Outcome`](crate::outcome::Outcome).

mod attendance_reports;
mod call_records;
mod client;
mod cloud;
mod config;
mod error;
mod next_link;
mod online_meetings;
mod token;

pub use attendance_reports::{FetchedReport, ListedReport};
pub use call_records::{CallRecord, Organizer};
pub use client::{GraphClient, encode_segment};
pub use cloud::{Cloud, Endpoints, GraphVersion};
pub use config::GraphConfig;
pub use error::GraphError;
pub use token::{AccessToken, ClientSecret, Credential, GivenToken, TokenCache};
