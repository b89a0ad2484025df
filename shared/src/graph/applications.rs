//! `application`: when its secrets and certificates expire.

use jiff::Timestamp;
use serde::Deserialize;

use super::GraphClient;
use super::client::odata_string;
use super::error::GraphError;
use crate::model::parse_time;

/// Of a secret or certificate of an application, its end only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationCredential {
    end_date_time: Option<String>,
}

impl GraphClient {
    /// When each secret and certificate of the application expires (UTC).
    ///
    /// `GET /applications(appId='{id}')?$select=passwordCredentials,keyCredentials`, with the
    /// application permission `Application.Read.All`.
    /// <https://learn.microsoft.com/graph/api/application-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn credential_ends(&self, client_id: &str) -> Result<Vec<Timestamp>, GraphError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[derive(Default)]
        struct Application {
            password_credentials: Vec<ApplicationCredential>,
            key_credentials: Vec<ApplicationCredential>,
        }
        let key = format!("applications(appId={})", odata_string(client_id));
        let select = [("$select", "passwordCredentials,keyCredentials")];
        let application: Application = self.get(self.url(&[&key], &select)?).await?.read()?;
        let credentials = application.password_credentials.into_iter().chain(application.key_credentials);
        Ok(credentials.filter_map(|credential| parse_time(&credential.end_date_time?)).collect())
    }
}
