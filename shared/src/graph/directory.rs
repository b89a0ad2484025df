//! `user` and `group`: whose meetings they are. Ids only: no name ever leaves Graph this way.

use serde::Deserialize;

use super::GraphClient;
use super::error::GraphError;

/// How many objects one page has.
const PAGE: &str = "999";

/// Of a directory object, its id and type.
#[derive(Debug, Deserialize)]
struct DirectoryObject {
    id: String,
    #[serde(rename = "@odata.type")]
    odata_type: Option<String>,
}

impl GraphClient {
    /// The object ids of all users of the tenant.
    ///
    /// `GET /users?$select=id`, with the application permission `User.ReadBasic.All`.
    /// <https://learn.microsoft.com/graph/api/user-list>
    ///
    /// # Errors
    /// As every call.
    pub async fn user_ids(&self) -> Result<Vec<String>, GraphError> {
        let url = self.url(&["users"], &[("$select", "id"), ("$top", PAGE)])?;
        let users: Vec<DirectoryObject> = self.list(url).await?;
        Ok(users.into_iter().map(|user| user.id).collect())
    }

    /// The object ids of the users in a group and in the groups within it.
    ///
    /// `GET /groups/{id}/transitiveMembers?$select=id`, with the application permission
    /// `GroupMember.Read.All`. <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    ///
    /// # Errors
    /// As every call.
    pub async fn group_user_ids(&self, group_id: &str) -> Result<Vec<String>, GraphError> {
        let path = ["groups", group_id, "transitiveMembers"];
        let members: Vec<DirectoryObject> =
            self.list(self.url(&path, &[("$select", "id"), ("$top", PAGE)])?).await?;
        let is_user =
            |member: &DirectoryObject| member.odata_type.as_deref() == Some("#microsoft.graph.user");
        Ok(members.into_iter().filter(is_user).map(|member| member.id).collect())
    }
}
