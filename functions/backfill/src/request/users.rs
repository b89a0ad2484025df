//! The users whom a request names by their user principal names.

use std::collections::{BTreeMap, BTreeSet};

use shared::graph::{GraphClient, GraphError};
use shared::model::input::{UNKNOWN_PRINCIPAL_NAME, UserName};

/// What Graph said of user principal names: the object id, or that no user has the name.
#[derive(Debug, Default)]
pub(crate) struct Users(BTreeMap<String, Option<String>>);

impl Users {
    /// Asks Graph for the users with these names, one after the other.
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer.
    pub(crate) async fn look_up(graph: &GraphClient, names: BTreeSet<String>) -> Result<Self, GraphError> {
        let mut users = BTreeMap::new();
        for name in names {
            let id = graph.user_id_of(&name).await?;
            users.insert(name, id);
        }
        Ok(Self(users))
    }

    /// The object id of a user.
    ///
    /// # Errors
    /// No user has this name; the sentence says what to write.
    pub(super) fn object_id(&self, user: &UserName) -> Result<String, &'static str> {
        match user {
            UserName::ObjectId(id) => Ok(id.clone()),
            UserName::PrincipalName(name) => {
                self.0.get(name).cloned().flatten().ok_or(UNKNOWN_PRINCIPAL_NAME)
            }
        }
    }

    #[cfg(test)]
    pub(super) fn of(users: &[(&str, Option<&str>)]) -> Self {
        Self(users.iter().map(|(name, id)| ((*name).to_owned(), id.map(str::to_owned))).collect())
    }
}
