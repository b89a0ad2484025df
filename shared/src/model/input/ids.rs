//! The ids of users, tenants, applications, webinars and town halls.

use percent_encoding::percent_decode_str;

use super::text::{bare, is_blank, is_hyphen, without_blanks};
use crate::model::segments::{MAX_ID_BYTES, is_guid};

const NO_USER: &str = "this is no user: write the object id, as the Entra portal shows it, like 0a11ce00-0000-4000-8000-0000c0205050, or the user principal name, like megan@contoso.com";
const NO_OBJECT_ID: &str =
    "this is no object id: write it as the Entra portal shows it, like 0a11ce00-0000-4000-8000-0000c0205050";
const OBJECT_ID_ONLY: &str = "this is a user principal name: here only the user's object id can be used, as the Entra portal shows it, like 0a11ce00-0000-4000-8000-0000c0205050";
/// Why a user principal name that Graph was asked for leads nowhere: the sentence of every command.
pub const UNKNOWN_PRINCIPAL_NAME: &str = "no user of the tenant has this user principal name, which may differ from the mail address: write it, or the object id, as the Entra portal shows it";
const NO_DIRECTORY_ID: &str = "write the id, as the overview in the Entra portal shows it, like 5466a424-0000-4000-8000-0000c0205050, and no name or domain";
const NO_EVENT: &str = "this is no webinar or town hall: write its id, like …@tenant";
const FOREIGN_EVENT: &str = "the event is of another tenant: only its own application can read its reports";

/// A user as a person names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UserName {
    /// The object id in Entra, in lower case.
    ObjectId(String),
    /// The user principal name, in lower case: it is looked up in Graph, because applications need the object id.
    PrincipalName(String),
}

/// Reads a user: an object id or a user principal name.
///
/// # Errors
/// It is neither; the sentence says what to write.
pub fn user(text: &str) -> Result<UserName, &'static str> {
    let bare = bare(text);
    if let Some(id) = guid(bare) {
        return Ok(UserName::ObjectId(id));
    }
    principal_name(bare).map(UserName::PrincipalName).ok_or(NO_USER)
}

/// Reads an object id, where a user principal name cannot be looked up.
///
/// # Errors
/// It is none; the sentence says what to write.
pub fn object_id(text: &str) -> Result<String, &'static str> {
    match user(text) {
        Ok(UserName::ObjectId(id)) => Ok(id),
        Ok(UserName::PrincipalName(_)) => Err(OBJECT_ID_ONLY),
        Err(_) => Err(NO_OBJECT_ID),
    }
}

/// Reads the id of a tenant or of an application.
///
/// # Errors
/// It is none; the sentence says what to write.
pub fn directory_id(text: &str) -> Result<String, &'static str> {
    guid(text).ok_or(NO_DIRECTORY_ID)
}

/// Reads a webinar's or town hall's id: `{guid}@{tenant}`, or whatever Graph gave in its place.
///
/// # Errors
/// It is none, or of another tenant than `tenant_id`; the sentence says which.
pub fn virtual_event(text: &str, tenant_id: &str) -> Result<String, &'static str> {
    let id = without_blanks(bare(text));
    let id = percent_decode_str(&id).decode_utf8().map_err(|_| NO_EVENT)?;
    let is_one = !id.is_empty() && id.len() <= MAX_ID_BYTES && !id.contains(['/', '?', '#']);
    if !is_one || id.contains(is_blank) {
        return Err(NO_EVENT);
    }
    let lower_guid = |part: &str| guid(part).unwrap_or_else(|| part.to_owned());
    let Some((event, tenant)) = id.rsplit_once('@') else { return Ok(lower_guid(&id)) };
    match guid(tenant) {
        Some(tenant) if !tenant.eq_ignore_ascii_case(tenant_id) => Err(FOREIGN_EVENT),
        _ => Ok(format!("{}@{}", lower_guid(event), lower_guid(tenant))),
    }
}

/// A GUID in lower case, written in any case, with any hyphens, and with whatever clings to it; `None` for any
/// other text.
pub(super) fn guid(text: &str) -> Option<String> {
    let plain = |c: char| if is_hyphen(c) { '-' } else { c.to_ascii_lowercase() };
    let guid: String = without_blanks(bare(text)).chars().map(plain).collect();
    is_guid(&guid).then_some(guid)
}

/// A user principal name in lower case; `None` for any other text.
/// <https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname>
pub(super) fn principal_name(text: &str) -> Option<String> {
    let name = text.to_ascii_lowercase();
    let name = name.strip_prefix("mailto:").unwrap_or(&name);
    let (local, domain) = name.rsplit_once('@')?;
    let in_local = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~$+&%".contains(c);
    let in_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_one = (1..=64).contains(&local.len())
        && local.chars().all(in_local)
        && domain.len() <= 255
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && domain.chars().all(in_domain);
    is_one.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0a11ce00-0000-4000-8000-0000c0205050";
    const TENANT: &str = "5466a424-0000-4000-8000-0000c0205050";

    #[test]
    fn a_user_is_an_object_id_or_a_user_principal_name_however_it_was_copied() {
        for typed in [
            ID,
            "0A11CE00-0000-4000-8000-0000C0205050",
            "{0a11ce00-0000-4000-8000-0000c0205050}",
            " \"0A11CE00-0000-4000-8000-0000C0205050\"\r\n",
            "<0a11ce00-0000-4000-8000-0000c0205050>.",
            "\u{feff}0a11ce00-0000-4000-\n8000-0000c0205050\u{a0}",
            "0a11ce00\u{2011}0000\u{2011}4000\u{2011}8000\u{2011}0000c0205050",
        ] {
            assert_eq!(user(typed), Ok(UserName::ObjectId(ID.into())), "{typed:?}");
            assert_eq!(object_id(typed).as_deref(), Ok(ID), "{typed:?}");
            assert_eq!(directory_id(typed).as_deref(), Ok(ID), "{typed:?}");
        }
        for (typed, name) in [
            ("megan@contoso.com", "megan@contoso.com"),
            (" Megan.Bowen@Contoso.com ", "megan.bowen@contoso.com"),
            ("mailto:megan@contoso.com", "megan@contoso.com"),
            ("Megan Bowen <megan@contoso.com>", "megan@contoso.com"),
            ("ilse_fabrikam.com#EXT#@contoso.com", "ilse_fabrikam.com#ext#@contoso.com"),
            ("$megan@contoso.com", "$megan@contoso.com"),
            ("o'neill@contoso.com", "o'neill@contoso.com"),
        ] {
            assert_eq!(user(typed), Ok(UserName::PrincipalName(name.into())), "{typed:?}");
            assert_eq!(object_id(typed), Err(OBJECT_ID_ONLY), "{typed:?}");
            assert_eq!(directory_id(typed), Err(NO_DIRECTORY_ID), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_user_is_refused() {
        for typed in [
            "",
            "me",
            "Megan Bowen",
            "megan@",
            "megan@contoso",
            "@contoso.com",
            "megan bowen@contoso.com",
            "megan@contoso.com/onlineMeetings",
            "megan@contoso.com, bram@contoso.com",
            "0a11ce00-0000-4000-8000-0000c020505",
            "19:meeting_abc@thread.v2",
        ] {
            assert_eq!(user(typed), Err(NO_USER), "{typed:?}");
            assert_eq!(object_id(typed), Err(NO_OBJECT_ID), "{typed:?}");
        }
    }

    #[test]
    fn an_events_id_has_its_guids_in_lower_case() {
        let id = format!("{ID}@{TENANT}");
        for typed in [
            id.clone(),
            id.to_uppercase(),
            format!("{{{ID}}}@{{{TENANT}}}"),
            format!(" <{ID}@{TENANT}> "),
            format!("{ID}%40{TENANT}"),
            format!("{ID}@\n{TENANT}"),
        ] {
            assert_eq!(virtual_event(&typed, TENANT).as_ref(), Ok(&id), "{typed:?}");
        }
        assert_eq!(
            virtual_event(&ID.to_uppercase(), TENANT).as_deref(),
            Ok(ID),
            "a town hall may have no tenant"
        );
        assert_eq!(virtual_event("W-1@contoso", TENANT).as_deref(), Ok("W-1@contoso"));
        assert_eq!(virtual_event(&format!("{ID}@{ID}"), TENANT), Err(FOREIGN_EVENT));
        for typed in ["", "https://events.teams.microsoft.com/event/1", "a/b", "a%2Fb", "a?b", "%ff", "a%00b"]
        {
            assert_eq!(virtual_event(typed, TENANT), Err(NO_EVENT), "{typed:?}");
        }
    }
}
