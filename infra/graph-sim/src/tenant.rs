//! Who there is: one application in one tenant.

/// The application that may ask for tokens.
pub const CLIENT_ID: &str = "6f2d3c1e-0000-4000-8000-00000000c0de";
/// Its secret.
pub const CLIENT_SECRET: &str = "the simulated application's secret";
/// The tenant: contoso's.
pub const TENANT_ID: &str = "5466a424-0000-4000-8000-0000c0205050";
