//! Whom somebody asks for: an id, an address, a telephone, a key of a person, or a name.

use std::str::FromStr;

use shared::model::is_guid;

use crate::people::comparable_address;

/// The longest text that names somebody, in bytes.
const LONGEST: usize = 1_000;

/// From how many digits on a text of digits is a telephone's number.
const FEWEST_DIGITS: usize = 5;

/// Whom somebody asks for, as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A GUID in small letters: of a user or guest in Entra, or of a guest in a call.
    Id(String),
    /// An address, as addresses are compared.
    Address(String),
    /// The digits of a telephone's number.
    Phone(String),
    /// A key of a person as pages show it: `user:TENANT/ID`, `registrant:EVENT/ID` and so on.
    Key(String),
    /// The id of another identity (`8:acs:…`), or a name.
    Text(String),
}

/// Why a text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhoError {
    /// There is nothing in it.
    #[error("nobody is named: give an id, an address, a telephone's number or a name")]
    Empty,
    /// No id, address or name is so long.
    #[error("nobody's id, address or name has more than 1000 bytes")]
    TooLong,
}

/// With what the keys begin that pages show.
const KEYS: [&str; 4] = ["user:", "registrant:", "phone:", "anonymous:"];

impl FromStr for Who {
    type Err = WhoError;

    fn from_str(text: &str) -> Result<Self, WhoError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(WhoError::TooLong);
        }
        let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        if is_guid(bare) {
            return Ok(Self::Id(bare.to_ascii_lowercase()));
        }
        if KEYS.iter().any(|key| text.starts_with(key)) {
            return Ok(Self::Key(text.to_owned()));
        }
        let address = text.strip_prefix("mail:").unwrap_or(text);
        let is_address = address.contains('@') && !address.contains([' ', '/', ':']);
        match comparable_address(address) {
            Some(address) if is_address => Ok(Self::Address(address)),
            Some(_) => Ok(phone_digits(text).map_or_else(|| Self::Text(text.to_owned()), Self::Phone)),
            None => Err(WhoError::Empty),
        }
    }
}

/// The digits of a telephone's number, however it is written (`+31 20 123`, `4:+3120123`); `None` where it is none.
pub(super) fn phone_digits(text: &str) -> Option<String> {
    let number = text.trim();
    let number = number.strip_prefix("4:").unwrap_or(number);
    let number = number.strip_prefix('+').unwrap_or(number);
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (is_number && digits.len() >= FEWEST_DIGITS).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_writes_is_an_id_an_address_a_number_or_a_name() {
        let id = "0A1B2C3D-0001-4000-8000-000000000001";
        let cases = [
            (id, Who::Id(id.to_lowercase())),
            ("{0a1b2c3d-0001-4000-8000-000000000001}", Who::Id(id.to_lowercase())),
            (" Noor.Haddad@Fabrikam.com ", Who::Address("noor.haddad@fabrikam.com".into())),
            ("mail:noor@fabrikam.com", Who::Address("noor@fabrikam.com".into())),
            ("n_fabrikam.com#EXT#@contoso.com", Who::Address("n@fabrikam.com".into())),
            ("4:+31 20 123-2714", Who::Phone("31201232714".into())),
            ("phone:r-1/+31201232714", Who::Key("phone:r-1/+31201232714".into())),
            ("8:acs:x_1", Who::Text("8:acs:x_1".into())),
            ("Noor Haddad", Who::Text("Noor Haddad".into())),
            ("1234", Who::Text("1234".into())),
        ];
        for (text, who) in cases {
            assert_eq!(text.parse(), Ok(who), "{text}");
        }
        assert_eq!(" ".parse::<Who>(), Err(WhoError::Empty));
        assert_eq!("x".repeat(1_001).parse::<Who>(), Err(WhoError::TooLong));
    }
}
