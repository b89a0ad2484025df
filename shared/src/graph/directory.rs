//! `user` and `group`: the users whose meetings a backfill looks for. Only ids are asked for, never names.

use serde::Deserialize;

use super::error::GraphError;
use super::{GraphClient, Page};

/// How many objects one page has.
const PAGE: &str = "100";

/// Of a directory object, its id and type.
#[derive(Debug, Deserialize)]
struct DirectoryObject {
    id: String,
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
}

impl GraphClient {
    /// Gets one page of the object ids of all users of the tenant: the first, or the one that `next_link`
    /// leads to.
    ///
    /// `GET /users?$select=id`, with the application permission `User.ReadBasic.All`.
    /// <https://learn.microsoft.com/graph/api/user-list>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn user_ids_page(&self, next_link: Option<&str>) -> Result<Page<String>, GraphError> {
        let first = self.url(&["users"], &[("$select", "id"), ("$top", PAGE)])?;
        let users: Page<DirectoryObject> = self.page(first, next_link).await?;
        Ok(users.map(|user| Some(user.id)))
    }

    /// Gets one page of the object ids of the users in a group and in the groups within it: the first, or the
    /// one that `next_link` leads to.
    ///
    /// `GET /groups/{id}/transitiveMembers?$select=id`, with the application permission
    /// `GroupMember.Read.All`. <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn group_user_ids_page(
        &self,
        group_id: &str,
        next_link: Option<&str>,
    ) -> Result<Page<String>, GraphError> {
        let path = ["groups", group_id, "transitiveMembers"];
        let first = self.url(&path, &[("$select", "id"), ("$top", PAGE)])?;
        let members: Page<DirectoryObject> = self.page(first, next_link).await?;
        let is_user =
            |member: &DirectoryObject| member.odata_type.as_deref() == Some("#microsoft.graph.user");
        Ok(members.map(|member| is_user(&member).then_some(member.id)))
    }
}
