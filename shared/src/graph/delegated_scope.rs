//! What a signed-in person lets Rollcall read: Graph's delegated permissions, asked for by need.

use super::Cloud;

/// A delegated permission that Rollcall can use, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DelegatedScope {
    /// The attendance reports, to which a user may consent alone in most tenants.
    Reports,
    /// A meeting by its short address or its number; many tenants want an administrator.
    Meetings,
    /// The calendar, which tells the person's meetings; many tenants want an administrator.
    Calendar,
    /// Webinars and town halls by their ids; every tenant wants an administrator.
    Events,
}

impl DelegatedScope {
    /// Every scope, the one that is always asked for first.
    pub const ALL: [Self; 4] = [Self::Reports, Self::Meetings, Self::Calendar, Self::Events];

    /// What `rollcall login --with` calls it, such as `calendar`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reports => "reports",
            Self::Meetings => "meetings",
            Self::Calendar => "calendar",
            Self::Events => "events",
        }
    }

    /// The name of the delegated permission in Entra, such as `Calendars.Read`.
    pub fn permission(self) -> &'static str {
        match self {
            Self::Reports => "OnlineMeetingArtifact.Read.All",
            Self::Meetings => "OnlineMeetings.Read",
            Self::Calendar => "Calendars.Read",
            Self::Events => "VirtualEvent.Read",
        }
    }

    /// What a person may do with it, as the end of a sentence that begins with "You may".
    pub fn allows(self) -> &'static str {
        match self {
            Self::Reports => "read the attendance reports of the meetings that you organized",
            Self::Meetings => {
                "name a meeting of yours by its short address or its number, and keep its title"
            }
            Self::Calendar => "have your meetings found in your calendar",
            Self::Events => {
                "name a webinar or town hall that you organize, alone or with others, by its id, and keep its reports, title and plan"
            }
        }
    }

    /// What a person can do who did not allow it, in whole sentences.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Reports => "Run `rollcall login` again, and accept.",
            Self::Meetings => {
                "Run `rollcall login --with meetings` (many tenants want an administrator for it), or name the meeting by its long join URL."
            }
            Self::Calendar => {
                "Run `rollcall login --with calendar` (many tenants want an administrator for it), or name each meeting by its long join URL."
            }
            Self::Events => "Run `rollcall login --with events`: every tenant wants an administrator for it.",
        }
    }

    /// The scopes in a token's `scp`, or in `scope` of the token service's answer, in the order of [`Self::ALL`].
    /// A permission to write holds the one to read; whatever else stands there is left out.
    pub fn granted(scopes: &str) -> Vec<Self> {
        // In some clouds each permission stands behind the root of Graph.
        let permissions = scopes.split_whitespace().filter_map(|scope| scope.rsplit('/').next());
        let readable: Vec<String> =
            permissions.map(|permission| permission.replace("ReadWrite", "Read")).collect();
        let is_granted = |scope: &Self| {
            readable.iter().any(|permission| permission.eq_ignore_ascii_case(scope.permission()))
        };
        Self::ALL.into_iter().filter(is_granted).collect()
    }

    /// The value of `scope` that asks a cloud's token service for these permissions, for a refresh token, and for
    /// the name of the account.
    pub(super) fn requested(scopes: &[Self], cloud: Cloud) -> String {
        let permissions = scopes.iter().map(|scope| cloud.delegated_scope(scope.permission()));
        ["openid", "profile", "offline_access"]
            .map(str::to_owned)
            .into_iter()
            .chain(permissions)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_read_with_and_without_the_root_of_graph() {
        let reports_and_calendar = vec![DelegatedScope::Reports, DelegatedScope::Calendar];
        for scopes in [
            "Calendars.Read OnlineMeetingArtifact.Read.All openid profile email",
            "https://graph.microsoft.us/OnlineMeetingArtifact.Read.All https://graph.microsoft.us/Calendars.ReadWrite",
            "onlinemeetingartifact.read.all calendars.read",
        ] {
            assert_eq!(DelegatedScope::granted(scopes), reports_and_calendar, "{scopes}");
        }
        assert_eq!(DelegatedScope::granted(""), []);
    }

    #[test]
    fn every_cloud_is_asked_for_the_permissions_of_its_own_graph() {
        for (cloud, root) in [
            (Cloud::Global, "https://graph.microsoft.com"),
            (Cloud::GccHigh, "https://graph.microsoft.us"),
            (Cloud::Dod, "https://dod-graph.microsoft.us"),
            (Cloud::China, "https://microsoftgraph.chinacloudapi.cn"),
        ] {
            let requested = DelegatedScope::requested(&[DelegatedScope::Reports], cloud);
            let expected = format!("openid profile offline_access {root}/OnlineMeetingArtifact.Read.All");
            assert_eq!(requested, expected);
        }
    }
}
