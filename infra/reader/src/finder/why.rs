//! How it is known that something is about a person, or why it is not.

use serde::Serialize;

use crate::people::PersonKey;

/// How it is known that something is about a person, or why that could not be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// It has the person's id in Entra.
    Id,
    /// It has an address that nobody else has.
    Address,
    /// It is, or names, the person's registration.
    Registration,
    /// It has the telephone's number that was asked for.
    Telephone,
    /// It has the id of a guest, or of another identity, that was asked for.
    Identity,
    /// A text in it holds the person's id, or an address that nobody else has.
    Mention,
    /// It has an address of the person that another id has, too.
    SharedAddress,
    /// It names the person's registration, and an id or address of somebody else.
    SharedRegistration,
    /// It has no id, and its address differs from one of the person's by what follows a `+` only.
    SimilarAddress,
    /// It has no id, and the person's name.
    NameAlone,
    /// It is not the JSON that it should be, so nobody knows whom it names.
    Unreadable,
    /// The archive refuses to give it out.
    Refused,
}

impl Why {
    /// Whether it is about the person for certain.
    pub fn is_sure(self) -> bool {
        match self {
            Self::Id
            | Self::Address
            | Self::Registration
            | Self::Telephone
            | Self::Identity
            | Self::Mention => true,
            Self::SharedAddress
            | Self::SharedRegistration
            | Self::SimilarAddress
            | Self::NameAlone
            | Self::Unreadable
            | Self::Refused => false,
        }
    }

    /// The same as a sentence, for who reads it.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Id => "It has the person's id.",
            Self::Address => "It has an address that nobody else has.",
            Self::Registration => "It is the person's registration, or names it.",
            Self::Telephone => "It has the number that was asked for.",
            Self::Identity => "It has the identity that was asked for.",
            Self::Mention => "A text in it holds the person's id or address.",
            Self::SharedAddress => {
                "Another id has the same address: nobody but a person can tell whose this is."
            }
            Self::SharedRegistration => {
                "It names the person's registration, and somebody else's id or address."
            }
            Self::SimilarAddress => "It has no id, and its address differs by what follows a + only.",
            Self::NameAlone => "It has no id, and only the name is the person's.",
            Self::Unreadable => "It is damaged, or no JSON: whom it names cannot be told.",
            Self::Refused => "The archive does not give it out: look at its permissions.",
        }
    }

    /// How a record is known whose key is the person's.
    pub(super) fn of_key(key: &PersonKey) -> Self {
        match key {
            PersonKey::User { .. } => Self::Id,
            PersonKey::Registrant { .. } => Self::Registration,
            PersonKey::Address(_) => Self::Address,
            PersonKey::Phone { .. } => Self::Telephone,
            PersonKey::Anonymous { .. } => Self::Identity,
        }
    }
}
