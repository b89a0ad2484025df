//! Lines of JSON for SQL: each is a head of ours, and a part of the artifact as it stands in its bytes, not copied.

use bytes::Bytes;
use serde_json::value::RawValue;
use shared::ports::store::ObjectBody;

/// A line for each of `parts`, which stand in `body`: the members of `head`, a JSON object, and the part as `member`.
pub(super) fn lines_of(head: &str, member: &str, body: &Bytes, parts: &[&RawValue]) -> ObjectBody {
    let before = Bytes::from(format!("{},\"{member}\":", head.trim_end_matches('}')));
    let after = Bytes::from_static(b"}\n");
    let mut lines = Vec::with_capacity(3 * parts.len());
    for part in parts {
        lines.push(before.clone());
        let part = part.get();
        // In JSON a line break can only stand between tokens, where it means nothing. Mostly there is none, and each of
        // the two is found fast.
        if part.contains('\n') || part.contains('\r') {
            lines.extend(part.split(['\n', '\r']).map(|piece| body.slice_ref(piece.as_bytes())));
        } else {
            lines.push(body.slice_ref(part.as_bytes()));
        }
        lines.push(after.clone());
    }
    lines.into_iter().collect()
}
