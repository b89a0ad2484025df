//! The simulated tenant: its id, and its one application.

/// The client id of the one application that gets tokens.
pub const CLIENT_ID: &str = "6f2d3c1e-0000-4000-8000-00000000c0de";
/// The application's secret, until [`GraphSim::set_client_secret`](crate::GraphSim::set_client_secret) sets
/// another.
pub const CLIENT_SECRET: &str = "the simulated application's secret";
/// The id of the simulated tenant, contoso.
pub const TENANT_ID: &str = "5466a424-0000-4000-8000-0000c0205050";
