//! `user` and `group`: the users whose meetings a backfill looks for. Only their ids are kept, never names.

use serde::Deserialize;
use url::Url;

use super::client::odata_string;
use super::error::GraphError;
use super::{GraphClient, List, Page};
use crate::model::{Outcome, id, or_none};

/// The most objects that Graph gives on one page.
const LARGEST_PAGE: &str = "999";

/// What is asked for of each object. The name only tells guests; `userType` would need `User.Read.All`.
const SELECTED: &str = "id,userPrincipalName";

/// Of a directory object, its id, its type, and whether it is a guest.
#[derive(Debug, Deserialize)]
struct DirectoryObject {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default, rename = "@odata.type", deserialize_with = "or_none")]
    odata_type: Option<String>,
    /// Null without a permission to read users.
    #[serde(default, rename = "userPrincipalName", deserialize_with = "or_none")]
    user_principal_name: Option<String>,
}

impl DirectoryObject {
    /// Whether the user is a guest from another tenant, who has no mailbox here.
    fn is_guest(&self) -> bool {
        self.user_principal_name.as_ref().is_some_and(|name| name.to_uppercase().contains("#EXT#"))
    }

    /// The id of a user who is no guest; `None` for every other object.
    fn of_user(self) -> Option<String> {
        let is_user = self.odata_type.as_deref() == Some("#microsoft.graph.user");
        (is_user && !self.is_guest()).then_some(self.id)
    }
}

impl GraphClient {
    /// Gets the object id of the user with this user principal name, in lower case; `None` where Graph knows no
    /// such user. Applications need it: onlineMeetings takes no user principal name from them.
    ///
    /// `GET /users/{upn}?$select=id`, with the application permission `User.ReadBasic.All`. One that begins with
    /// a dollar sign stands in `users('…')`. <https://learn.microsoft.com/graph/api/user-get>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn user_id_of(&self, principal_name: &str) -> Result<Option<String>, GraphError> {
        let by_key = format!("users({})", odata_string(principal_name));
        let path =
            if principal_name.starts_with('$') { vec![&*by_key] } else { vec!["users", principal_name] };
        match self.get(self.url(&path, &[("$select", "id")])?).await {
            Ok(answer) => Ok(Some(answer.read::<DirectoryObject>()?.id.to_ascii_lowercase())),
            Err(error) if error.outcome == Outcome::NoSuchUser => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gets one page of the object ids of all users of the tenant but guests: the first, or the one that `next_link`
    /// leads to.
    ///
    /// `GET /users?$select=id,userPrincipalName`, with the application permission `User.ReadBasic.All`.
    /// <https://learn.microsoft.com/graph/api/user-list>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn user_ids_page(&self, next_link: Option<&str>) -> Result<Page<String>, GraphError> {
        let first = self.url(&["users"], &[("$select", SELECTED), ("$top", LARGEST_PAGE)])?;
        let users: Page<DirectoryObject> = self.page(first, next_link).await?;
        Ok(users.map(|user| (!user.is_guest()).then_some(user.id)))
    }

    /// Gets one page of the object ids of the users, but guests, in a group and in the groups within it: the first, or
    /// the one that `next_link` leads to.
    ///
    /// `GET /groups/{id}/transitiveMembers?$select=id,userPrincipalName`, with the application permission
    /// `GroupMember.Read.All`. <https://learn.microsoft.com/graph/api/group-list-transitivemembers>
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn group_user_ids_page(
        &self,
        group_id: &str,
        next_link: Option<&str>,
    ) -> Result<Page<String>, GraphError> {
        let members: Page<DirectoryObject> = self.page(self.members_of(group_id)?, next_link).await?;
        Ok(members.map(DirectoryObject::of_user))
    }

    /// Lists the object ids of the users, but guests, in a group and in the groups within it, all pages, with the
    /// request and the permission of [`Self::group_user_ids_page`].
    ///
    /// # Errors
    /// Graph or the token service refuses or does not answer: [`GraphError::outcome`] says what follows.
    pub async fn group_user_ids(&self, group_id: &str) -> Result<List<String>, GraphError> {
        let List { entries, odd, unread, request_id } = self.list(self.members_of(group_id)?).await?;
        let entries = entries.into_iter().filter_map(DirectoryObject::of_user).collect();
        Ok(List { entries, odd, unread, request_id })
    }

    fn members_of(&self, group_id: &str) -> Result<Url, GraphError> {
        let path = ["groups", group_id, "transitiveMembers"];
        self.url(&path, &[("$select", SELECTED), ("$top", LARGEST_PAGE)])
    }
}
