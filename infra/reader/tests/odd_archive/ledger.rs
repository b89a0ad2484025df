//! Ledgers with a line of each state, in two objects, and the one that a schedule wrote before.

use serde_json::{Value, json};
use shared::archive::layout::{latest_ledger, ledger, ledger_object};
use shared::ports::store::Metadata;

use super::people::guid;
use super::{ORGANIZER, OddArchive, TENANT};

pub(super) async fn write(archive: &OddArchive) {
    let began = "2026-11-12T02:00:00Z";
    let key = ledger(TENANT, began.parse().unwrap(), "run-nightly", None);
    let latest = json!({"ledger": key, "began": began});
    archive.put(&latest_ledger(TENANT, "nightly"), latest.to_string(), Metadata::new()).await;
    let (first, second) = lines().split_at_checked(3).map(|(a, b)| (a.to_vec(), b.to_vec())).unwrap();
    archive.put(&ledger_object(&key, 1), jsonl(&first), Metadata::new()).await;
    let summary = summary("run-nightly", ("2026-10-01T00:00:00Z", "2026-11-12T02:00:00Z"), 1);
    archive.put(&key, jsonl(&[second, vec![summary]].concat()), Metadata::new()).await;
    // An earlier ledger says of the missing report that it is pending, which is no longer so.
    let key = ledger(TENANT, "2026-10-29T02:00:00Z".parse().unwrap(), "run-before", None);
    let before = [
        line("pending", "m-workshop", (None, Some("c-missing")), "Weekly workshop", "2026-10-28T09:00:00Z"),
        summary_of_before(),
    ];
    archive.put(&key, jsonl(&before), Metadata::new()).await;
}

fn summary_of_before() -> Value {
    summary("run-before", ("2026-10-21T00:00:00Z", "2026-10-29T02:00:00Z"), 0)
}

/// A line of each state, each on a day of its own.
fn lines() -> Vec<Value> {
    let report = |state, meeting, id, title, start| line(state, meeting, (Some(id), None), title, start);
    let session = |state, meeting, id, title, start, remedy: &str| {
        with(line(state, meeting, (None, Some(id)), title, start), &json!({"remedy": remedy}))
    };
    let short = report("short", "m-counted", "r-counted", "Counted, not named", "2026-10-01T08:00:00Z");
    let missing =
        report("missing", "m-workshop", "r-workshop-missing", "Weekly workshop", "2026-10-28T09:00:00Z");
    vec![
        report("archived", "m-workshop", "r-workshop-2026-10-07", "Weekly workshop", "2026-10-07T08:00:00Z"),
        with(short, &json!({"settled": true})),
        with(missing, &json!({"risks": ["manyListed"]})),
        session(
            "pending",
            "m-pending",
            "c-pending",
            "Yesterday's talk",
            "2026-11-11T15:00:00Z",
            "Nothing to do: Graph may take some time to make the report.",
        ),
        session(
            "absent",
            "m-absent",
            "c-absent",
            "No report was made",
            "2026-11-02T10:00:00Z",
            "Graph gave no report within 48 hours. A Teams administrator looks at the policies.",
        ),
        session(
            "lost",
            "m-lost",
            "c-lost",
            "<b>Lost & gone</b>",
            "2026-11-06T10:00:00Z",
            "Graph lists the 50 newest reports of a meeting: this one can no longer be fetched.",
        ),
        source(
            "unreachable",
            &format!("users/{}/calendar", guid(0xdead)),
            "accessPolicyMissing",
            "A Teams administrator grants the application access policy to this organizer.",
        ),
        source(
            "doubtful",
            "solutions/virtualEvents/townhalls",
            "accessPolicyMissing",
            "If the tenant has such events, a Teams administrator grants an application access policy.",
        ),
    ]
}

fn line(
    state: &str,
    meeting: &str,
    (report, session): (Option<&str>, Option<&str>),
    title: &str,
    start: &str,
) -> Value {
    let line = json!({
        "state": state,
        "reportId": report,
        "source": format!("users/{}/onlineMeetings/{meeting}", guid(ORGANIZER)),
        "title": title,
        "meetingStartDateTime": start,
        "outcome": null,
        "remedy": null,
        "risks": [],
    });
    session.map_or(line.clone(), |id| with(line, &json!({"sessionId": id})))
}

fn source(state: &str, path: &str, outcome: &str, remedy: &str) -> Value {
    json!({
        "state": state, "reportId": null, "source": path, "meetingStartDateTime": null,
        "outcome": outcome, "remedy": remedy, "risks": [],
    })
}

fn with(mut line: Value, members: &Value) -> Value {
    let members = members.as_object().unwrap().clone();
    line.as_object_mut().unwrap().extend(members);
    line
}

fn summary(run_id: &str, (since, until): (&str, &str), objects: u32) -> Value {
    json!({"summary": {
        "runId": run_id, "purpose": "audit", "since": since, "until": until, "isComplete": false,
        "totals": {
            "reports": 3, "archived": 1, "short": 1, "missing": 1, "pending": 1, "absent": 1, "lost": 1,
            "unreachable": 1, "notFound": 0, "doubtful": 1, "atRisk": 1,
        },
        "objects": objects, "silent": [],
    }})
}

fn jsonl(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
