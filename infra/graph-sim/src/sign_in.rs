//! The people who sign in, as the token service knows them: codes, device codes, refresh tokens, and what each token allows.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// What the token service remembers of sign-ins.
#[derive(Default)]
pub(crate) struct SignIns {
    /// Who sits at the browser: the object id and the account's name.
    pub(crate) person: Option<(String, String)>,
    /// The protocol's error and the AADSTS code with which each browser is sent back; `None` where it gets its code.
    pub(crate) declined: Option<(&'static str, u64)>,
    pub(crate) codes: Vec<AuthorizationCode>,
    pub(crate) devices: Vec<Device>,
    /// The refresh tokens that were given, in order, each with its scopes.
    pub(crate) refresh_tokens: Vec<(String, String)>,
    /// How many of them, from the first on, are revoked.
    pub(crate) revoked: usize,
    /// What people's tokens allow, by the tokens' numbers.
    pub(crate) scopes: BTreeMap<usize, String>,
}

/// A code that a browser took to the redirect address.
pub(crate) struct AuthorizationCode {
    pub(crate) code: String,
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: String,
    pub(crate) is_used: bool,
    pub(crate) given_at: Timestamp,
}

/// A device that waits until a person types its code.
pub(crate) struct Device {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    pub(crate) scopes: String,
    pub(crate) is_typed: bool,
    pub(crate) given_at: Timestamp,
}

impl SignIns {
    /// Notes that a person has typed a device's code; answers whether there is such a code.
    pub(crate) fn type_code(&mut self, user_code: &str) -> bool {
        let typed = |device: &&mut Device| device.user_code.eq_ignore_ascii_case(user_code.trim());
        let Some(device) = self.devices.iter_mut().find(typed) else { return false };
        device.is_typed = true;
        true
    }
}
