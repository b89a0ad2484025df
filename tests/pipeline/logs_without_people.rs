//! No log line holds a name, an address, a secret, a token or a body.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use graph_sim::{CLIENT_SECRET, Fault};
use tracing_subscriber::fmt::MakeWriter;

use crate::faults::StoreFault;
use crate::world::{WEBHOOK_KEY, World, call_ended};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_line_holds_what_is_personal_or_secret() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().json().with_writer(lines.clone()).with_max_level(tracing::Level::TRACE);
    let _guard = tracing::subscriber::set_default(subscriber.finish());

    let world = World::new();
    let planted = "planted Nameless <planted@contoso.com>";
    world.meeting_ended(planted, 12);
    let planted_json = format!("{{\"id\":\"{planted}\",\"totalParticipantCount\":\"{planted}\"}}");
    let body = format!(r#"{{"error":{{"code":"{planted}","message":"{planted}"}}}}"#);
    world.sim.fail(
        "/token",
        Fault::Body(format!("{{\"access_token\":\"{planted}\",\"expires_in\":\"{planted}\"}}")),
        1,
    );
    for fault in [
        Fault::Throttled(planted.to_owned()),
        Fault::NoMeeting,
        Fault::NoConnection,
        Fault::Body(planted_json),
        Fault::Body(planted.to_owned()),
        Fault::Body(body),
        Fault::Status(500),
    ] {
        world.sim.fail("onlineMeetings", fault, 2);
    }
    world.store.fail(StoreFault::PutRefused("reports/"));
    world.post(planted).await;
    world.post(&format!("{{\"value\":[{{\"clientState\":\"{planted}\",\"tenantId\":5}}]}}")).await;
    world.notify(vec![call_ended(planted), serde_json::json!({"resource": planted})]).await;
    world.run_until_idle().await;
    assert_eq!(world.dead_letters().len(), 1);

    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(log.lines().count() > 15, "{log}");
    let secrets = [CLIENT_SECRET, WEBHOOK_KEY, "simulated-token", "v1.AQ"];
    for text in ["planted", "Nameless", "@contoso.com", "Vandersloot"].into_iter().chain(secrets) {
        assert_eq!(log.lines().find(|line| line.contains(text)), None, "{text}");
    }
}
