//! Whom a record names: by which name, address and identity, and the key of the person.

use data_encoding::HEXLOWER;
use shared::digest::sha256;
use shared::model::is_guid;
use unicode_normalization::UnicodeNormalization;

use super::columns;
use crate::model::IdentityKind;
use crate::text::Text;

/// By which name, address and identity a record names somebody.
#[derive(Debug, Clone, Default)]
pub(in crate::index) struct RecordIdentity {
    pub(in crate::index) name: Option<Text>,
    pub(in crate::index) address: Option<Text>,
    pub(in crate::index) identity_id: Option<String>,
    pub(in crate::index) kind: IdentityKind,
    pub(in crate::index) tenant_id: Option<String>,
}

impl RecordIdentity {
    /// What is the same for two identities that are the same, and the same person's.
    pub(in crate::index) fn digest(&self, person: &str) -> String {
        let ((name, name_literal), (address, address_literal)) =
            (columns(self.name.as_ref()), columns(self.address.as_ref()));
        let parts = [
            Some(person),
            name_literal.or(name),
            address_literal.or(address),
            self.identity_id.as_deref(),
            self.tenant_id.as_deref(),
        ];
        let mut bytes = Vec::with_capacity(256);
        for part in parts {
            // A length before each, and another one before none: no two identities have the same bytes.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(part.unwrap_or_default().as_bytes());
        }
        HEXLOWER.encode(&sha256(&bytes)[..16])
    }

    /// Name and address, as they are searched.
    pub(in crate::index) fn words(&self) -> String {
        let texts = [&self.name, &self.address].map(|text| text.as_ref().map_or("", Text::shown));
        words(&texts.join("\n"))
    }
}

/// A text as it is searched: NFKC, in small letters, without NUL.
pub(in crate::index) fn words(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().replace('\0', "\u{fffd}")
}

/// What an identity is, by its id and its type in Graph.
pub(crate) fn identity_kind(id: Option<&str>, odata_type: Option<&str>) -> IdentityKind {
    let Some(id) = id else { return IdentityKind::None };
    let is_number = |text: &str| {
        text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte))
    };
    let number = id.strip_prefix("4:").unwrap_or(id);
    if is_guid(id) || id.strip_prefix("8:orgid:").is_some_and(is_guid) {
        IdentityKind::User
    } else if odata_type.is_some_and(|name| name.to_ascii_lowercase().contains("phone"))
        || is_number(number.strip_prefix('+').unwrap_or(number))
    {
        IdentityKind::Phone
    } else {
        IdentityKind::Anonymous
    }
}
