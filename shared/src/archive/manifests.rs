//! Manifests: which bytes the archive holds, in a chain of roots that may be signed. `docs/MANIFESTS.md` specifies them.
//!
//! ```text
//! objects ─▶ a manifest a group (a day, or some events): a line an object, only ever extended
//!                └─▶ a root a night: the manifests that grew, and the SHA-256 of the root before
//! ```

mod chain;
mod line;
mod root;
mod signature;

pub use chain::{BrokenChain, Chain, roots};
pub use line::{ManifestLine, read_lines};
pub use root::{Root, RootEntry, RootHeader, RootSignature, UnreadableRoot};
pub use signature::{FileSigner, PublicKey, RootSigner, UnreadableKey};

/// Where the objects lie that manifests name, in the order of their keys' bytes. Erasures are records of what was taken out.
pub const COVERED: [&str; 6] =
    ["erasures/", "events/", "registrations/", "reports/", "revisions/", "sessions/"];

/// The beginning of the keys of all roots, which are in order.
pub const ROOTS: &str = "manifests/v1/roots/";

/// The group of the object at `key`, which has one manifest: the folder of its day; of what has no day, the folder of its
/// kind and the first three characters of its id; else its folder.
pub fn group_of(key: &str) -> String {
    let segments: Vec<&str> = key.split('/').collect();
    let folders = &segments[..segments.len() - 1];
    let position = |begin: &str| folders.iter().position(|folder| folder.starts_with(begin));
    if let Some(day) = position("date=") {
        return folders[..=day].join("/");
    }
    let Some(kind) = position("kind=") else { return folders.join("/") };
    let id: String = segments[kind + 1].chars().take(3).collect();
    format!("{}/id={id}", folders[..=kind].join("/"))
}

/// The key of the manifest of `group` with this SHA-256, in hex.
pub fn manifest_key(group: &str, sha256: &str) -> String {
    format!("manifests/v1/{group}/{sha256}.jsonl")
}

/// The key of the `number`-th root, which counts from 1.
pub fn root_key(number: u64) -> String {
    format!("{ROOTS}{number:08}.jsonl")
}

/// The key under which the former bytes of the object at `key` are kept, by their SHA-256 in hex; `None` for a revision, and
/// for what has none: those never change.
pub fn revision_key(key: &str, sha256: &str) -> Option<String> {
    if key.starts_with("revisions/") || key.starts_with("erasures/") {
        return None;
    }
    let path = key.strip_prefix("reports/").unwrap_or(key).strip_suffix(".json")?;
    Some(format!("revisions/{path}/{sha256}.json"))
}

/// Whether the object at `key` may expire, where the archive has a retention: records of erasures stay for good.
pub fn expires(key: &str) -> bool {
    !key.starts_with("erasures/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::layout::ArtifactPlace;
    use crate::model::{EventRef, ReportSource};

    #[test]
    fn a_group_is_a_day_or_some_events_of_a_kind() {
        for (key, group) in [
            (
                "reports/v1/tenant=t/kind=meeting/date=2026-03-01/r.json",
                "reports/v1/tenant=t/kind=meeting/date=2026-03-01",
            ),
            (
                "revisions/v1/tenant=t/kind=meeting/date=2026-03-01/r/aa.json",
                "revisions/v1/tenant=t/kind=meeting/date=2026-03-01",
            ),
            ("sessions/v1/tenant=t/date=2026-03-01/c.json", "sessions/v1/tenant=t/date=2026-03-01"),
            ("events/v1/tenant=t/kind=webinar/~abcdef.json", "events/v1/tenant=t/kind=webinar/id=~ab"),
            (
                "events/v1/tenant=t/kind=webinar/~abcdef/sessions/s.json",
                "events/v1/tenant=t/kind=webinar/id=~ab",
            ),
            ("events/v1/tenant=t/kind=webinar/w/sessions/s.json", "events/v1/tenant=t/kind=webinar/id=w"),
            (
                "revisions/registrations/v1/tenant=t/kind=webinar/~xyz/aa.json",
                "revisions/registrations/v1/tenant=t/kind=webinar/id=~xy",
            ),
            ("erasures/v1/tenant=t/one.json", "erasures/v1/tenant=t"),
            ("reports/kind=x", "reports"),
            ("reports/v1/kind=é/€µ🎯x", "reports/v1/kind=é/id=€µ🎯"),
            ("stray", ""),
        ] {
            assert_eq!(group_of(key), group, "{key}");
        }
    }

    #[test]
    fn former_bytes_lie_where_the_archive_keeps_revisions() {
        let source = ReportSource::Webinar { webinar_id: "w@t".into(), session_id: "s".into() };
        let start = "2026-03-01T09:00:00Z".parse().unwrap();
        let mut places = vec![ArtifactPlace::of_call_record("t", "c", start)];
        places.extend(EventRef::of_source(&source).iter().map(|event| ArtifactPlace::of_event("t", event)));
        places.push(ArtifactPlace::of_legacy_report("t", &source, "2026-03-01".parse().unwrap()));
        for place in places {
            assert_eq!(revision_key(place.current(), "aa"), Some(place.revision("aa")));
            assert_eq!(revision_key(&place.revision("aa"), "bb"), None);
        }
    }
}
