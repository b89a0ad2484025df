//! A signed-in person as the credential of a command: each token by the kept refresh token, which is replaced.

use std::sync::Arc;

use anyhow::bail;
use async_trait::async_trait;
use shared::graph::{AccessToken, Credential, Endpoints, GraphError, PublicClient};
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::http::Http;

use super::{Keeper, KeptSignIn};
use crate::terminal::print_stderr;

/// A person who has signed in with `rollcall login`.
pub(crate) struct Person {
    client: PublicClient,
    keeper: Keeper,
}

impl Person {
    /// The person whose sign-in `kept` is.
    ///
    /// # Errors
    /// The sign-in is of another token service than the one that the settings name: its token is not sent there.
    pub(crate) fn new(
        kept: &KeptSignIn,
        keeper: Keeper,
        endpoints: &Endpoints,
        http: &Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        if kept.login != endpoints.login.as_str() {
            bail!(
                "you are signed in to another cloud or host than GRAPH_CLOUD or LOGIN_URL names: run `rollcall login` again"
            );
        }
        let client = PublicClient {
            http: Arc::clone(http),
            clock,
            tenant_id: kept.tenant_id.clone(),
            client_id: kept.client_id.clone(),
            cloud: endpoints.cloud,
            login: endpoints.login.clone(),
        };
        Ok(Self { client, keeper })
    }
}

#[async_trait]
impl Credential for Person {
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        let refused = |why: String| GraphError::new(Outcome::CredentialRefused).because(why);
        // Read again each time: another command may have used it meanwhile.
        let kept = self.keeper.sign_in().map_err(|error| refused(format!("{error:#}")))?;
        let (kept, token) =
            kept.ok_or_else(|| refused("nobody is signed in any more: run `rollcall login`".to_owned()))?;
        let grant = self.client.refresh(&token, &kept.scopes()).await?;
        if let Some(newer) = &grant.refresh_token
            && let Err(error) = self.keeper.replace(kept, newer)
        {
            print_stderr(&format!(
                "The newer refresh token could not be kept ({error:#}); the one before goes on to be used."
            ));
        }
        Ok(grant.token)
    }
}
