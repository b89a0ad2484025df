//! The name of a hold, which people choose.

use std::str::FromStr;

/// The longest name of a hold, in bytes.
const LONGEST: usize = 64;

/// The name of a hold: plain, so that it is a segment of a key as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldName(String);

/// A text is no name of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a hold's name has letters, digits, and . _ -, begins with a letter or digit, and is at most 64 characters long"
)]
pub struct NoHoldName;

impl HoldName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HoldName {
    type Err = NoHoldName;

    fn from_str(text: &str) -> Result<Self, NoHoldName> {
        let begins_plain = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name = begins_plain && text.len() <= LONGEST && text.chars().all(is_plain);
        is_name.then(|| Self(text.to_owned())).ok_or(NoHoldName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_plain_segment() {
        for name in ["case-12", "2026.A_1", &"x".repeat(64)] {
            assert_eq!(name.parse::<HoldName>().unwrap().as_str(), name);
            assert_eq!(shared::archive::layout::hold("t", name), format!("holds/v1/tenant=t/{name}.json"));
        }
        for odd in ["", ".hidden", "-x", "a/b", "a b", "ä", "s3://x", &"x".repeat(65)] {
            assert_eq!(odd.parse::<HoldName>(), Err(NoHoldName), "{odd}");
        }
    }
}
