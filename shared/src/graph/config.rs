//! The settings of a function that calls Graph.

use std::sync::Arc;

use super::{Application, ClientAuthentication, Endpoints, GraphClient, TokenCache};
use crate::env::{Env, EnvError};
use crate::ports::clock::Clock;
use crate::ports::http::Http;

/// The settings with which Graph is called: where, and as which application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphConfig {
    /// `GRAPH_TENANT_ID`: the id of the Entra tenant.
    pub tenant_id: String,
    /// `GRAPH_CLIENT_ID`: the client id of the Entra application.
    pub client_id: String,
    /// `GRAPH_CREDENTIAL`: how the application signs in.
    pub credential: CredentialKind,
    /// `GRAPH_CLOUD`, `GRAPH_VERSION`, `GRAPH_URL` and `LOGIN_URL`: the hosts and the API's version.
    pub endpoints: Endpoints,
}

/// How the application signs in to the token service, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialKind {
    /// `federated`: with the function's own role; no secret exists.
    Federated,
    /// `certificate`: with a signed assertion.
    Certificate {
        /// `GRAPH_SECRET_ID`: the id of the secret that holds the PEM bundle.
        secret_id: String,
        /// `GRAPH_KMS_KEY_ID`: the id of the key in KMS that signs; `None` where the bundle has the key.
        kms_key_id: Option<String>,
    },
    /// `secret`: with a client secret.
    Secret {
        /// `GRAPH_SECRET_ID`: the id of the secret that holds the client secret.
        secret_id: String,
    },
}

impl GraphConfig {
    /// Reads the `GRAPH_…` settings and `LOGIN_URL`.
    ///
    /// # Errors
    /// A setting is missing or wrong; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        Ok(Self {
            credential: CredentialKind::from_env(env)?,
            tenant_id: env.required("GRAPH_TENANT_ID")?,
            client_id: env.required("GRAPH_CLIENT_ID")?,
            endpoints: Endpoints::from_env(env)?,
        })
    }

    /// The Graph client for these settings, which signs in with `authentication`.
    pub fn client(
        &self,
        authentication: Box<dyn ClientAuthentication>,
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> GraphClient {
        let application = Application {
            http: Arc::clone(&http),
            clock: Arc::clone(&clock),
            authentication,
            tenant_id: self.tenant_id.clone(),
            client_id: self.client_id.clone(),
            cloud: self.endpoints.cloud,
            login: self.endpoints.login.clone(),
        };
        let tokens = TokenCache::new(Box::new(application), Arc::clone(&clock));
        GraphClient::new(http, clock, tokens, &self.endpoints)
    }
}

impl CredentialKind {
    fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let secret_id = || env.required("GRAPH_SECRET_ID");
        match env.required("GRAPH_CREDENTIAL")?.as_str() {
            "federated" => Ok(Self::Federated),
            "certificate" => {
                Ok(Self::Certificate { secret_id: secret_id()?, kms_key_id: env.get("GRAPH_KMS_KEY_ID") })
            }
            "secret" => Ok(Self::Secret { secret_id: secret_id()? }),
            _ => Err(EnvError::Wrong {
                name: "GRAPH_CREDENTIAL",
                expected: "use federated, certificate or secret",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_federated_application_needs_no_secret() {
        let read = |credential: &str, secret: &str| {
            let env = [("GRAPH_CREDENTIAL", credential), ("GRAPH_SECRET_ID", secret)];
            CredentialKind::from_env(&env)
        };
        assert_eq!(read("federated", ""), Ok(CredentialKind::Federated));
        assert_eq!(read("secret", "s"), Ok(CredentialKind::Secret { secret_id: "s".into() }));
        for kind in ["secret", "certificate"] {
            assert_eq!(read(kind, ""), Err(EnvError::Missing("GRAPH_SECRET_ID")));
        }
        assert!(read("password", "s").is_err());
    }
}
