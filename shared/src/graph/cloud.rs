//! Which Graph is called: the cloud's hosts, and the API's version.

use url::Url;

use crate::env::{Env, EnvError, safe_url};

/// A national cloud of Microsoft, with its own hosts. <https://learn.microsoft.com/graph/deployments>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// The global cloud, which GCC shares.
    Global,
    /// The cloud of the US Government L4 (GCC High).
    GccHigh,
    /// The cloud of the US Government L5 (Department of Defense).
    Dod,
    /// The cloud in China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud, the default one first.
    pub const ALL: [Self; 4] = [Self::Global, Self::GccHigh, Self::Dod, Self::China];

    /// Reads `GRAPH_CLOUD`: `global` (default), `gcc-high`, `dod` or `china`.
    ///
    /// # Errors
    /// The setting has another value.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let Some(name) = env.get("GRAPH_CLOUD") else { return Ok(Self::Global) };
        let wrong = EnvError::Wrong { name: "GRAPH_CLOUD", expected: "use global, gcc-high, dod or china" };
        Self::ALL.into_iter().find(|cloud| cloud.name() == name).ok_or(wrong)
    }

    /// The root of Graph, and of the tokens' scope.
    fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::GccHigh => "https://graph.microsoft.us",
            Self::Dod => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The root of the token service.
    fn login(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::GccHigh | Self::Dod => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// The scope of an application's token: the root of Graph with `/.default`.
    pub fn scope(self) -> String {
        format!("{}/.default", self.graph())
    }

    /// The scope of a person's token for one permission: the root of Graph with the permission's name.
    pub(super) fn delegated_scope(self, permission: &str) -> String {
        format!("{}/{permission}", self.graph())
    }

    /// The audience that the token service expects of a federated token.
    pub fn federation_audience(self) -> &'static str {
        match self {
            Self::Global => "api://AzureADTokenExchange",
            Self::GccHigh | Self::Dod => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }

    /// The issuers of the cloud's tokens for a tenant: of token version 1.0, then of 2.0.
    /// <https://learn.microsoft.com/entra/identity-platform/access-tokens>
    pub fn issuers(self, tenant_id: &str) -> [String; 2] {
        let v1 = match self {
            Self::Global | Self::GccHigh | Self::Dod => "https://sts.windows.net",
            Self::China => "https://sts.chinacloudapi.cn",
        };
        [format!("{v1}/{tenant_id}/"), format!("{}/{tenant_id}/v2.0", self.login())]
    }

    /// The cloud's name in `GRAPH_CLOUD`, such as `gcc-high`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::GccHigh => "gcc-high",
            Self::Dod => "dod",
            Self::China => "china",
        }
    }
}

/// A group of calls that not every cloud has.
/// <https://learn.microsoft.com/graph/deployments>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capability {
    AttendanceReports,
    OnlineMeetings,
    VirtualEvents,
    CallRecords,
}

impl Cloud {
    /// Whether this cloud has the calls of `capability` in `version`, as Microsoft's pages on them say.
    pub(super) fn has(self, capability: Capability, version: GraphVersion) -> bool {
        match capability {
            Capability::VirtualEvents => self == Self::Global,
            Capability::AttendanceReports if version == GraphVersion::Beta => self == Self::Global,
            Capability::AttendanceReports | Capability::OnlineMeetings | Capability::CallRecords => {
                self != Self::China
            }
        }
    }
}

/// The version of Graph's API, the first segment of each path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphVersion {
    /// The supported version, `v1.0`: the default.
    V1,
    /// The preview version, `beta`, which Microsoft may change.
    Beta,
}

impl GraphVersion {
    /// Reads `GRAPH_VERSION`: `v1.0` (default) or `beta`.
    ///
    /// # Errors
    /// The setting has another value.
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        match env.get("GRAPH_VERSION").as_deref() {
            None | Some("v1.0") => Ok(Self::V1),
            Some("beta") => Ok(Self::Beta),
            Some(_) => Err(EnvError::Wrong { name: "GRAPH_VERSION", expected: "use v1.0 or beta" }),
        }
    }

    /// The version's segment in a path: `v1.0` or `beta`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// The hosts of Graph and the token service, with the cloud and the API's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The cloud that the hosts belong to.
    pub cloud: Cloud,
    /// The version of Graph's API.
    pub version: GraphVersion,
    /// The root of Graph, without the API's version.
    pub graph: Url,
    /// The root of the token service, without the tenant.
    pub login: Url,
}

impl Endpoints {
    /// Reads `GRAPH_CLOUD` and `GRAPH_VERSION`, and `GRAPH_URL` and `LOGIN_URL`, which replace the cloud's
    /// hosts.
    ///
    /// # Errors
    /// A cloud or version that does not exist, or a URL that is not https (http is for loopback only: the
    /// token is sent there).
    pub fn from_env(env: &impl Env) -> Result<Self, EnvError> {
        let cloud = Cloud::from_env(env)?;
        Ok(Self {
            cloud,
            version: GraphVersion::from_env(env)?,
            graph: root(env, "GRAPH_URL", cloud.graph())?,
            login: root(env, "LOGIN_URL", cloud.login())?,
        })
    }
}

fn root(env: &impl Env, name: &'static str, default: &str) -> Result<Url, EnvError> {
    let value = env.get(name).unwrap_or_else(|| default.to_owned());
    safe_url(&value).ok_or(EnvError::Wrong { name, expected: "use an https URL, or http on loopback" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_global_cloud_is_the_default() {
        let endpoints = Endpoints::from_env(&[]).unwrap();
        assert_eq!(endpoints.graph.as_str(), "https://graph.microsoft.com/");
        assert_eq!(endpoints.login.as_str(), "https://login.microsoftonline.com/");
        assert_eq!(endpoints.version.name(), "v1.0");
        assert_eq!(endpoints.cloud.scope(), "https://graph.microsoft.com/.default");
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://example.com"] {
            assert!(Endpoints::from_env(&[("GRAPH_URL", good)]).is_ok(), "{good}");
        }
        for bad in
            ["http://example.com", "http://127.0.0.1.example.com", "ftp://localhost", "graph", "file:///x"]
        {
            let error = Endpoints::from_env(&[("GRAPH_URL", bad)]).unwrap_err();
            assert!(error.to_string().starts_with("the setting GRAPH_URL is wrong"), "{bad}");
        }
        assert!(Endpoints::from_env(&[("GRAPH_CLOUD", "moon")]).is_err());
        assert!(Endpoints::from_env(&[("GRAPH_VERSION", "v2")]).is_err());
    }
}
