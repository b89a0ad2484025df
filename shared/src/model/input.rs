//! What people type: the names of users, meetings and events, and settings. The one place that reads it.
//!
//! Whatever can be understood without a guess is understood, however it was copied. Whatever cannot is refused
//! with a sentence that says what to write; it never quotes what was typed. Pure: a user principal name and a
//! join number are looked up in Graph by the caller.

mod address;
#[cfg(test)]
mod forms;
mod ids;
mod meeting;
mod redirections;
mod settings;
mod text;

pub use address::join_web_url;
pub use ids::{UNKNOWN_PRINCIPAL_NAME, UserName, directory_id, object_id, user, virtual_event};
pub use meeting::{TypedMeeting, meeting};
pub use settings::{access_token, setting};
