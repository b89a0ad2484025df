//! People sign in to the simulated tenant: who it is, and what their tokens allow.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::GraphSim;
use crate::tenant::{CLIENT_ID, TENANT_ID};
use crate::world::World;

impl GraphSim {
    /// From now on this user signs in where a browser or a device asks. Without this call it is the first organizer, or the
    /// first user.
    pub fn set_person(&self, user_id: &str, account: &str) {
        self.world().sign_ins.person = Some((user_id.to_owned(), account.to_owned()));
    }

    /// From now on the browser comes back with this error of the protocol and this AADSTS code, and with no code to redeem.
    pub fn decline_sign_ins(&self, error: &'static str, code: u64) {
        self.world().sign_ins.declined = Some((error, code));
    }

    /// A person types a device's code; answers whether there is such a code.
    pub fn type_device_code(&self, user_code: &str) -> bool {
        self.world().sign_ins.type_code(user_code)
    }

    /// The code of each device that waits for a person, in order.
    pub fn device_codes(&self) -> Vec<String> {
        let world = self.world();
        let waiting = world.sign_ins.devices.iter().filter(|device| !device.is_typed);
        waiting.map(|device| device.user_code.clone()).collect()
    }

    /// Every refresh token that was given, in order.
    pub fn refresh_tokens(&self) -> Vec<String> {
        self.world().sign_ins.refresh_tokens.iter().map(|(token, _)| token.clone()).collect()
    }

    /// All sign-ins so far have ended: their refresh tokens are refused from now on.
    pub fn revoke_sign_ins(&self) {
        let mut world = self.world();
        world.sign_ins.revoked = world.sign_ins.refresh_tokens.len();
    }
}

impl World {
    /// Who signs in: the object id and the account's name.
    pub(crate) fn person(&self) -> (String, String) {
        self.sign_ins.person.clone().unwrap_or_else(|| {
            let organizer = self.meetings.first().map(|meeting| meeting.organizer_id.clone());
            let id = organizer.or_else(|| self.users.first().cloned()).unwrap_or_default();
            let account = self.principal_name(&id, "@contoso.com");
            (id, account)
        })
    }

    /// A new token of the person who signs in, with what it allows in its claims.
    pub(crate) fn new_person_token(&mut self, scopes: &str) -> String {
        self.tokens += 1;
        self.sign_ins.scopes.insert(self.tokens, scopes.to_owned());
        let (id, account) = self.person();
        let claims = json!({"tid": TENANT_ID, "appid": CLIENT_ID, "oid": id, "upn": account, "scp": scopes});
        format!(
            "e30.{}.simulated-token-{}",
            BASE64URL_NOPAD.encode(claims.to_string().as_bytes()),
            self.tokens
        )
    }

    /// The token that tells the client who has signed in.
    pub(crate) fn id_token(&self) -> String {
        let (id, account) = self.person();
        let claims = json!({"aud": CLIENT_ID, "tid": TENANT_ID, "oid": id, "preferred_username": account});
        format!("e30.{}.", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
    }
}
