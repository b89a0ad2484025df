//! `identity`: a person, a guest, an application or a telephone, as Graph names it.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Graph's `identity`, and every type that derives from it: 21 in v1.0, 7 more in beta.
///
/// One open type: `@odata.type` is often missing although members of a derived type are present, so
/// no member decides which type it is, and none is lost.
/// <https://learn.microsoft.com/graph/api/resources/identity>
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The derived type; nullable: `#microsoft.graph.communicationsUserIdentity`, …
    #[serde(rename = "@odata.type")]
    pub odata_type: Option<String>,
    /// The id: a user's object id, an Azure Communication Services id (`8:acs:…`), a telephone
    /// number. Null where the attendee is anonymous.
    pub id: Option<String>,
    /// The name that Teams showed. Null where the attendee is anonymous.
    pub display_name: Option<String>,
    /// The tenant of a user (`communicationsUserIdentity` and others). Null in Microsoft's samples.
    pub tenant_id: Option<String>,
    /// The other members of a derived type, by their names in Graph; empty where there are none.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
