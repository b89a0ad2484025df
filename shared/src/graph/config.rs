//! The settings of a function that calls Graph.

use std::sync::Arc;

use super::{ClientSecret, Endpoints, GraphClient, TokenCache};
use crate::clock::Clock;
use crate::env::{Env, EnvError};
use crate::http::Http;
use crate::secrets::Secrets;

/// How Graph is reached, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphConfig {
    /// `GRAPH_TENANT_ID`: the Entra tenant.
    pub tenant_id: String,
    /// `GRAPH_CLIENT_ID`: the Entra application.
    pub client_id: String,
    /// `GRAPH_SECRET_ID`: where the application's secret is kept.
    pub secret_id: String,
    /// `GRAPH_CLOUD`, `GRAPH_VERSION`, `GRAPH_URL`, `LOGIN_URL`.
    pub endpoints: Endpoints,
}

impl GraphConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// One is missing or wrong; the error names it.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        if env.required("GRAPH_CREDENTIAL")? != "secret" {
            return Err(EnvError::Wrong { name: "GRAPH_CREDENTIAL", expected: "use secret" });
        }
        Ok(Self {
            tenant_id: env.required("GRAPH_TENANT_ID")?,
            client_id: env.required("GRAPH_CLIENT_ID")?,
            secret_id: env.required("GRAPH_SECRET_ID")?,
            endpoints: Endpoints::from_env(env)?,
        })
    }

    /// The client for these settings.
    pub fn client(
        &self,
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
        secrets: Arc<dyn Secrets>,
    ) -> GraphClient {
        let credential = ClientSecret {
            http: Arc::clone(&http),
            clock: Arc::clone(&clock),
            secrets,
            secret_id: self.secret_id.clone(),
            tenant_id: self.tenant_id.clone(),
            client_id: self.client_id.clone(),
            cloud: self.endpoints.cloud,
            login: self.endpoints.login.clone(),
        };
        let tokens = TokenCache::new(Box::new(credential), Arc::clone(&clock));
        GraphClient::new(http, clock, tokens, &self.endpoints)
    }
}
