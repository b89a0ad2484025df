//! `rollcall simulate`: the simulated Microsoft Graph alone, on a port.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use graph_sim::{CLIENT_ID, CLIENT_SECRET, CalendarEntry, GraphSim, Meeting, SimReport, TENANT_ID};
use jiff::SignedDuration;
use serde_json::json;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::HttpClient;
use tokio::net::TcpListener;

use crate::cli::SimulateOptions;
use crate::terminal::print_stdout;

const ORGANIZER: &str = "0a11ce00-0000-4000-8000-0000c0205050";
const CALL_RECORDS: &str = "communications/callRecords";
/// As Graph does where a report is large.
const PAGE_SIZE: usize = 500;

/// Runs `rollcall simulate`: serves the simulated Graph, and lets a meeting end every `options.every`
/// seconds.
///
/// # Errors
/// The port is taken.
pub async fn run(options: &SimulateOptions) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .with_context(|| format!("cannot listen on port {}: choose another with --port", options.port))?;
    let url = format!("http://{}", listener.local_addr()?);
    let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new()?)));
    sim.set_page_size(PAGE_SIZE);
    sim.add_user(ORGANIZER, &[]);
    tell_settings(&url, options.json);
    tokio::select! {
        served = graph_sim::serve(sim.clone(), listener) => served?,
        () = hold_meetings(&sim, options) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what leads to the simulated Graph.
fn tell_settings(url: &str, is_json: bool) {
    if is_json {
        let settings = json!({
            "GRAPH_URL": url, "LOGIN_URL": url, "AZURE_TENANT_ID": TENANT_ID, "AZURE_CLIENT_ID": CLIENT_ID,
            "AZURE_CLIENT_SECRET": CLIENT_SECRET,
        });
        return print_stdout(&json!({"settings": settings, "organizer": ORGANIZER}).to_string());
    }
    print_stdout(
        "The simulated Graph listens. These settings lead to it, for `rollcall pull` and `rollcall doctor`:\n",
    );
    print_stdout(&format!("  export GRAPH_URL={url} LOGIN_URL={url}"));
    print_stdout(&format!(
        "  export AZURE_TENANT_ID={TENANT_ID} AZURE_CLIENT_ID={CLIENT_ID} AZURE_CLIENT_SECRET=\"{CLIENT_SECRET}\"\n"
    ));
    print_stdout(
        "  (or, as a person: rollcall login --with calendar --with meetings, then pull --organizer me)\n",
    );
    print_stdout(&format!("All meetings are organized by {ORGANIZER}. Ctrl-C ends it."));
}

async fn hold_meetings(sim: &GraphSim, options: &SimulateOptions) {
    for number in 1_usize.. {
        let end = SystemClock.now();
        let meeting = Meeting {
            organizer_id: ORGANIZER.to_owned(),
            meeting_id: format!("m-{number}"),
            join_web_url: format!(
                "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{number}%40thread.v2/0"
            ),
        };
        sim.add_meeting(meeting.clone());
        sim.set_subject(&meeting.meeting_id, &format!("Meeting {number}"));
        sim.add_calendar_entry(CalendarEntry {
            user_id: ORGANIZER.to_owned(),
            is_organizer: true,
            start: end - SignedDuration::from_mins(30),
            join_web_url: Some(meeting.join_web_url.clone()),
        });
        let id = format!("report-{number}");
        let start = end - SignedDuration::from_mins(30);
        let report = SimReport::ended(meeting.source(), &id, options.attendees as usize, start, end);
        let call_id = format!("call-{number}");
        sim.add_session(&meeting, &call_id, &report);
        let notified = notify(sim, &call_id).await;
        print_stdout(&match options.json {
            true => json!({"meeting": meeting.meeting_id, "report": id, "notified": notified}).to_string(),
            false => format!("meeting m-{number} has ended, {id} is there; {notified}"),
        });
        SystemClock.sleep(Duration::from_secs(options.every.into())).await;
    }
}

/// Notifies of a call, and answers what the endpoints answered, for the line that is printed.
async fn notify(sim: &GraphSim, call_id: &str) -> String {
    let call = format!("{CALL_RECORDS}/{call_id}");
    match sim.notify(CALL_RECORDS, &call, "#microsoft.graph.callRecord").await {
        Ok(answers) if answers.is_empty() => "nobody has subscribed".to_owned(),
        Ok(answers) => format!("told, and answered {answers:?}"),
        Err(error) => format!("told, without an answer: {error}"),
    }
}
