//! By what a person is known in an entry, written in one way. Never by a name: others have the same.

use serde_json::value::RawValue;

use super::entries::{elements, members};
use crate::model::{comparable_address, is_guid};

/// The id that Graph gives where it has none.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";
/// What stands before the object id of a user where Teams names one.
const TEAMS_USER: &str = "8:orgid:";
/// The members of an entry that hold an id or an address: in attendance records, registrations, identities, parts of calls.
const IDS: [&str; 4] = ["id", "userId", "registrationId", "registrantId"];
const ADDRESSES: [&str; 5] = ["emailAddress", "email", "mail", "upn", "userPrincipalName"];
/// Deeper than this Graph names nobody; a session of a call has seven.
const DEEPEST: usize = 12;

/// Something by which a person is known, written so that two spellings of the same are equal. Personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

impl Identifier {
    /// An id of Graph's. A GUID is the person's everywhere; any other (a telephone, a guest's) in the artifact with the id
    /// `artifact_id` alone. `None` where it is empty or stands for no id.
    pub fn id(id: &str, artifact_id: &str) -> Option<Self> {
        let id = id.trim();
        let guid = id.strip_prefix(TEAMS_USER).unwrap_or(id).to_ascii_lowercase();
        match guid.as_str() {
            "" | NO_ID => None,
            guid if is_guid(guid) => Some(Self(format!("id:{guid}"))),
            _ => Some(Self(format!("entry:{}\n{id}", artifact_id.to_ascii_lowercase()))),
        }
    }

    /// An e-mail address or user principal name, as people compare it. `None` for what is no address: a text without an `@`
    /// may be many people's.
    pub fn address(address: &str) -> Option<Self> {
        comparable_address(address)
            .filter(|address| address.contains('@'))
            .map(|it| Self(format!("address:{it}")))
    }

    /// A whole entry, for one without an id or address: it is known again in the same artifact, while its JSON stays the same.
    pub fn text(entry: &str, artifact_id: &str) -> Self {
        // Lines have none of the breaks between its tokens.
        let entry = entry.replace(['\n', '\r'], "");
        Self(format!("text:{}\n{entry}", artifact_id.to_ascii_lowercase()))
    }

    /// What is hashed for a tombstone.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// All by which an entry of the artifact may be known: ids and addresses in it, and its text.
    pub(super) fn all_of(entry: &str, artifact_id: &str) -> Vec<Self> {
        let mut found = vec![Self::text(entry, artifact_id)];
        if let Ok(value) = serde_json::from_str(entry) {
            add(&mut found, value, artifact_id, DEEPEST);
        }
        found
    }
}

/// Adds the ids and addresses below a value.
fn add(found: &mut Vec<Identifier>, value: &RawValue, artifact_id: &str, deepest: usize) {
    let Some(deeper) = deepest.checked_sub(1) else { return };
    for element in elements(value).unwrap_or_default() {
        add(found, element, artifact_id, deeper);
    }
    for (name, value) in members(value).unwrap_or_default() {
        let Ok(name) = serde_json::from_str::<String>(name.get()) else { continue };
        let text = || serde_json::from_str::<String>(value.get()).ok();
        if IDS.contains(&name.as_str()) {
            found.extend(text().and_then(|id| Identifier::id(&id, artifact_id)));
        } else if ADDRESSES.contains(&name.as_str()) {
            found.extend(text().and_then(|address| Identifier::address(&address)));
        }
        add(found, value, artifact_id, deeper);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "0a11ce00-0000-4000-8000-00000000f00d";

    fn of(entry: &str) -> Vec<String> {
        Identifier::all_of(entry, "R-1").into_iter().skip(1).map(|identifier| identifier.0).collect()
    }

    #[test]
    fn a_record_is_known_by_its_ids_and_addresses() {
        let record = format!(
            r#"{{"id":"{}","emailAddress":" Aiko@Contoso.com","identity":{{"id":"{USER}","displayName":"Aiko"}},"registrationId":"Q="}}"#,
            USER.to_uppercase()
        );
        let id = format!("id:{USER}");
        assert_eq!(of(&record), [id.clone(), "address:aiko@contoso.com".into(), id, "entry:r-1\nQ=".into()]);
    }

    #[test]
    fn a_participant_of_a_call_or_event_is_known() {
        let participant = format!(
            r#"{{"identity":{{"user":{{"id":"8:orgid:{USER}","userPrincipalName":"a_b.example#EXT#@contoso.com"}}}},"upn":"A@b.example"}}"#
        );
        let address = "address:a@b.example".to_owned();
        assert_eq!(of(&participant), [format!("id:{USER}"), address.clone(), address]);
        assert_eq!(of(r#"{"identity":{"phone":{"id":"+31201232714"}}}"#), ["entry:r-1\n+31201232714"]);
    }

    #[test]
    fn what_may_be_many_peoples_is_nobodys() {
        for nobody in [
            r#"{"id":"","emailAddress":""}"#,
            r#"{"id":"00000000-0000-0000-0000-000000000000","emailAddress":"unknown"}"#,
            r#"{"id":null,"emailAddress":7,"identity":null,"displayName":"Aiko"}"#,
            r#"{"id":"\ud83d","emailAddress":"\ud83d@contoso.com"}"#,
            "null",
            "[]",
        ] {
            assert_eq!(of(nobody), [""; 0], "{nobody}");
        }
    }

    #[test]
    fn what_is_nested_without_end_ends() {
        let deep = format!("{}{}{}", r#"{"a":"#.repeat(5_000), 1, "}".repeat(5_000));
        assert_eq!(of(&deep), [""; 0]);
    }
}
