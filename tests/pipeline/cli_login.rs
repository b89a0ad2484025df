//! `rollcall login`: a person signs in at the simulated token service, over real HTTP, and other commands go on from there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use graph_sim::{CLIENT_ID, Fault, GraphSim, Meeting, SimReport, TENANT_ID};
use http::header::LOCATION;
use jiff::Timestamp;
use rollcall::cli::{LoginOptions, LogoutOptions, PullOptions};
use rollcall::doctor::{DoctorContext, Finding, Verdict, examine};
use rollcall::login::{LoginContext, logout_in, run_in};
use rollcall::sign_in::{Keyring, KeyringError};
use shared::graph::{DelegatedScope, Endpoints, GraphClient, StaticToken, TokenCache, explanation};
use shared::model::{ReportSource, built_meeting_id};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{Http, HttpClient, Response};
use shared::ports::secrets::{ExposeSecret, SecretString};
use tokio::net::TcpListener;

use crate::graph_calls::ended;
use crate::world::ORGANIZER;

const JOIN_WEB_URL: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_m-1%40thread.v2/0?context=%7b%22Tid%22%3a%225466a424-0000-4000-8000-0000c0205050%22%2c%22Oid%22%3a%220a11ce00-0000-4000-8000-0000c0205050%22%7d";

/// The system's clock, a hundred times as impatient.
struct QuickClock;

#[async_trait]
impl Clock for QuickClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration / 100).await;
    }
}

/// A keyring in memory, or none.
#[derive(Default)]
struct MemoryKeyring {
    token: Mutex<Option<String>>,
    is_away: bool,
}

impl Keyring for MemoryKeyring {
    fn get(&self) -> Result<Option<SecretString>, KeyringError> {
        Ok(self.token.lock().unwrap().clone().map(SecretString::from))
    }

    fn set(&self, token: &SecretString) -> Result<(), KeyringError> {
        if self.is_away {
            return Err(KeyringError::NoKeyring);
        }
        *self.token.lock().unwrap() = Some(token.expose_secret().to_owned());
        Ok(())
    }

    fn delete(&self) -> Result<(), KeyringError> {
        *self.token.lock().unwrap() = None;
        Ok(())
    }
}

/// A machine whose user may sign in to the simulated tenant.
struct Machine {
    sim: Arc<GraphSim>,
    url: String,
    settings: tempfile::TempDir,
    keyring: Arc<MemoryKeyring>,
    report: SimReport,
}

impl Machine {
    /// A meeting of the organizer's with one report, whose address holds the meeting's id.
    async fn new() -> Self {
        let sim = Arc::new(GraphSim::new(Arc::new(SystemClock), Arc::new(HttpClient::new().unwrap())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(graph_sim::serve(sim.clone(), listener));
        let meeting = Meeting {
            organizer_id: ORGANIZER.into(),
            meeting_id: built_meeting_id(JOIN_WEB_URL).unwrap(),
            join_web_url: JOIN_WEB_URL.into(),
        };
        let report = ended(meeting.source(), "r-1", 3, SystemClock.now());
        sim.add_meeting(meeting);
        sim.add_report(report.clone());
        sim.set_person(ORGANIZER, "megan@contoso.com");
        Self { sim, url, settings: tempfile::tempdir().unwrap(), keyring: Arc::default(), report }
    }

    fn env(&self) -> [(&str, &str); 5] {
        [
            ("AZURE_TENANT_ID", TENANT_ID),
            ("AZURE_CLIENT_ID", CLIENT_ID),
            ("GRAPH_URL", &self.url),
            ("LOGIN_URL", &self.url),
            ("XDG_CONFIG_HOME", self.settings.path().to_str().unwrap()),
        ]
    }

    fn file(&self) -> PathBuf {
        self.settings.path().join("rollcall/sign-in.json")
    }

    /// What the file holds; empty where there is none.
    fn kept(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap_or_default()
    }

    /// Signs in with a browser that does what a person's does.
    async fn login(&self, options: &LoginOptions) -> anyhow::Result<ExitCode> {
        self.login_with(options, &|address| {
            tokio::spawn(browse(address.to_owned()));
            true
        })
        .await
    }

    async fn login_with(
        &self,
        options: &LoginOptions,
        open: &(dyn Fn(&str) -> bool + Sync),
    ) -> anyhow::Result<ExitCode> {
        let context = LoginContext {
            http: Arc::new(HttpClient::new().unwrap()),
            clock: Arc::new(QuickClock),
            keyring: self.keyring.clone(),
            open,
        };
        run_in(options, &self.env(), &context).await
    }

    /// Pulls the meeting as the person who has signed in.
    async fn pull(&self, to: &Path) -> anyhow::Result<ExitCode> {
        let mut options = PullOptions::to(to);
        options.organizers.push("me".into());
        options.meetings.push(JOIN_WEB_URL.into());
        rollcall::pull::run(&options, &self.env()).await
    }

    fn report_in(&self, folder: &Path) -> PathBuf {
        let date = self.report.start.strftime("%Y-%m-%d");
        folder.join(format!("reports/v1/tenant={TENANT_ID}/kind=meeting/date={date}/r-1.json"))
    }

    async fn doctor(&self) -> Vec<Finding> {
        let context = DoctorContext {
            http: Arc::new(HttpClient::new().unwrap()),
            clock: Arc::new(SystemClock),
            deployment: None,
            organizers: vec!["me".to_owned()],
        };
        examine(&context, &self.env()).await
    }
}

/// With the refresh token in the file, where the commands after it find it without a keyring.
fn in_a_file() -> LoginOptions {
    LoginOptions { no_keyring: true, ..LoginOptions::default() }
}

async fn get(address: &str) -> Response {
    let request = http::Request::get(address).body(Default::default()).unwrap();
    HttpClient::new().unwrap().send(request).await.unwrap()
}

/// Follows the sign-in page to the address on this machine, and answers what the person sees there.
async fn browse(address: String) -> Response {
    let signed_in = get(&address).await;
    get(signed_in.headers()[LOCATION].to_str().unwrap()).await
}

#[tokio::test]
async fn a_person_signs_in_in_the_browser_and_pulls_with_reports_alone() {
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();

    assert_eq!(machine.login(&in_a_file()).await.unwrap(), ExitCode::SUCCESS);
    assert_eq!(machine.pull(folder.path()).await.unwrap(), ExitCode::SUCCESS);

    let archived = std::fs::read_to_string(machine.report_in(folder.path())).unwrap();
    assert_eq!(archived, machine.report.whole());
    let calls = machine.sim.requests().into_iter().filter(|path| path.starts_with("/v1.0/"));
    assert!(calls.clone().all(|path| path.starts_with("/v1.0/me/")), "{:?}", calls.collect::<Vec<_>>());
}

#[tokio::test]
async fn the_refresh_token_is_replaced_at_each_use_and_the_one_before_is_not_kept() {
    let machine = Machine::new().await;
    machine.login(&in_a_file()).await.unwrap();
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        machine.pull(folder.path()).await.unwrap();
    }
    let given = machine.sim.refresh_tokens();
    assert_eq!(given.len(), 3, "one at the sign-in, one for each pull");
    assert!(machine.kept().contains(&given[2]), "the newest is kept");
    assert!(!machine.kept().contains(&given[0]) && !machine.kept().contains(&given[1]));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new().await;
    machine.login(&in_a_file()).await.unwrap();
    assert_eq!(std::fs::metadata(machine.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_keyring_has_the_token_where_there_is_one_and_the_file_where_there_is_none() {
    let mut machine = Machine::new().await;
    machine.login(&LoginOptions::default()).await.unwrap();
    assert_eq!(*machine.keyring.token.lock().unwrap(), Some(machine.sim.refresh_tokens()[0].clone()));
    assert!(machine.kept().contains(TENANT_ID) && !machine.kept().contains("refresh-token"));

    machine.keyring = Arc::new(MemoryKeyring { is_away: true, ..MemoryKeyring::default() });
    machine.login(&LoginOptions::default()).await.unwrap();
    assert!(machine.kept().contains(&machine.sim.refresh_tokens()[1]));
}

#[tokio::test]
async fn a_device_code_signs_in_when_somebody_has_typed_it() {
    let machine = Machine::new().await;
    let options = LoginOptions { device_code: true, ..in_a_file() };
    let person = async {
        while machine.sim.device_codes().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(machine.sim.type_device_code(&machine.sim.device_codes()[0]));
    };
    let (signed_in, ()) = tokio::join!(machine.login(&options), person);
    assert_eq!(signed_in.unwrap(), ExitCode::SUCCESS);
    let polled = machine.sim.requests().iter().filter(|path| path.ends_with("/token")).count();
    assert!(polled > 1, "it was asked again and again");
    assert!(machine.kept().contains("megan@contoso.com"));
}

#[tokio::test]
async fn what_is_not_the_answer_is_refused_and_waited_on() {
    let machine = Machine::new().await;
    let browsing = Mutex::new(None);
    let browser = |address: &str| {
        let address = address.to_owned();
        let browsed = tokio::spawn(async move {
            let page = url_of(&address, "redirect_uri");
            for strange in
                ["", "?code=stolen", "?code=stolen&state=guessed", "?error=access_denied&state=guessed"]
            {
                assert_eq!(get(&format!("{page}/{strange}")).await.status(), 400, "{strange}");
            }
            let done = browse(address).await;
            assert!(String::from_utf8_lossy(done.body()).contains("go back to the terminal"));
            assert_eq!(done.headers()["cache-control"], "no-store");
        });
        *browsing.lock().unwrap() = Some(browsed);
        true
    };
    machine.login_with(&in_a_file(), &browser).await.unwrap();
    let browsed = browsing.lock().unwrap().take().unwrap();
    browsed.await.unwrap();
    assert_eq!(machine.sim.refresh_tokens().len(), 1);
}

/// A value of an address's query.
fn url_of(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
    value.replace("%3A", ":").replace("%2F", "/")
}

#[tokio::test]
async fn only_what_is_needed_is_asked_for() {
    let machine = Machine::new().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    for with in [vec![], vec![DelegatedScope::Calendar, DelegatedScope::Meetings]] {
        let seen = Arc::clone(&asked);
        let browser = move |address: &str| {
            seen.lock().unwrap().push(url_of(address, "scope"));
            tokio::spawn(browse(address.to_owned()));
            true
        };
        machine.login_with(&LoginOptions { with, ..in_a_file() }, &browser).await.unwrap();
    }
    let asked = asked.lock().unwrap();
    assert!(asked[0].contains("OnlineMeetingArtifact.Read.All") && !asked[0].contains("Calendars.Read"));
    assert!(!asked[0].contains("OnlineMeetings.Read"), "{}", asked[0]);
    assert!(asked[1].contains("Calendars.Read") && asked[1].contains("OnlineMeetings.Read"), "{}", asked[1]);
    assert!(!asked[1].contains("VirtualEvent"), "{}", asked[1]);
}

#[tokio::test]
async fn each_refusal_of_the_tenant_says_what_to_do() {
    for (code, say) in [
        (65_004, "accept"),
        (90_094, "an administrator consents"),
        (65_001, "accept in the browser"),
        (90_095, "approved"),
    ] {
        let machine = Machine::new().await;
        machine.sim.decline_sign_ins("access_denied", code);
        let told = machine.login(&in_a_file()).await.unwrap_err().to_string();
        assert!(told.contains(&format!("AADSTS{code}")) && told.contains(say), "{told}");
        assert!(!machine.file().exists());
    }
    for (code, say) in [
        (7_000_218, "Allow public client flows"),
        (53_003, "without --device-code"),
        (530_035, "without --device-code"),
        (50_076, "in the browser"),
        (50_020, "AZURE_TENANT_ID"),
        (700_016, "sign-in.sh"),
        (90_038, "GRAPH_CLOUD"),
        (7, "login.microsoftonline.com/error"),
    ] {
        let machine = Machine::new().await;
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS{code}: megan@contoso.com","error_codes":[{code}]}}"#
        );
        // What is not known is judged by the protocol's word.
        let body = if code == 7 { body.replace("invalid_client", "invalid_request") } else { body };
        machine.sim.fail("/token", Fault::Raw(400, ("x-ms-request-id", "0"), body), 1);
        let told = machine.login(&in_a_file()).await.unwrap_err().to_string();
        assert!(told.contains(&format!("AADSTS{code}")) && told.contains(say), "{told}");
        assert!(!told.contains("megan"), "{told}");
    }
}

#[tokio::test]
async fn a_person_whom_graph_refuses_is_not_sent_to_an_administrator_of_applications() {
    let machine = Machine::new().await;
    let endpoints = Endpoints::from_env(&machine.env()).unwrap();
    let token = StaticToken(machine.sim.new_token().into());
    let tokens = TokenCache::new(Box::new(token), Arc::new(SystemClock));
    let graph = GraphClient::new(machine.sim.clone(), Arc::new(SystemClock), tokens, &endpoints);
    let person = graph.clone().for_person(&[DelegatedScope::Reports]);
    let meeting = ReportSource::Meeting { organizer_id: "me".into(), meeting_id: "m-1".into() };
    for (fault, requests, say) in [
        (Fault::NoAccessPolicy, 1, "name one of yours"),
        (Fault::NotOrganizer, 1, "name one of yours"),
        (Fault::NoConsent, 1, "name one of yours"),
        // A token that is refused is replaced once.
        (Fault::Unauthorized, 2, "rollcall login"),
    ] {
        machine.sim.fail("/attendanceReports", fault, 2 * requests);
        let refused = async |graph: &GraphClient| graph.attendance_reports(&meeting).await.err().unwrap();
        let (of_person, of_application) = (refused(&person).await, refused(&graph).await);
        assert!(of_person.remedy().contains(say), "{of_person}: {}", of_person.remedy());
        assert!(!of_application.remedy().contains(say), "{of_application}: {}", of_application.remedy());
    }
}

#[tokio::test]
async fn whoever_is_signed_in_no_more_is_told_at_once() {
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let nobody = machine.pull(folder.path()).await.unwrap_err().to_string();
    assert!(nobody.contains("rollcall login"), "{nobody}");

    machine.login(&in_a_file()).await.unwrap();
    machine.sim.revoke_sign_ins();
    let ended = machine.pull(folder.path()).await.unwrap_err().to_string();
    assert!(ended.contains("AADSTS50173") && ended.contains("rollcall login"), "{ended}");
    assert!(!machine.sim.requests().iter().any(|path| path.starts_with("/v1.0/")), "Graph was not asked");
}

#[tokio::test]
async fn a_sign_in_is_sent_to_no_other_host_and_no_other_tenant() {
    let machine = Machine::new().await;
    let other = Machine::new().await;
    machine.login(&in_a_file()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut options = PullOptions::to(folder.path());
    options.organizers.push("me".into());
    options.meetings.push(JOIN_WEB_URL.into());
    let mut env = machine.env();
    env[3].1 = &other.url;
    let told = rollcall::pull::run(&options, &env).await.unwrap_err().to_string();
    assert!(told.contains("another cloud or host"), "{told}");
    assert!(other.sim.requests().is_empty(), "{:?}", other.sim.requests());

    let mut env = machine.env();
    env[0].1 = "0c0c0c0c-0000-4000-8000-0000c0205050";
    let told = rollcall::pull::run(&options, &env).await.unwrap_err().to_string();
    assert!(told.contains("another tenant"), "{told}");
}

#[tokio::test]
async fn after_logout_nothing_is_left() {
    let machine = Machine::new().await;
    machine.login(&LoginOptions::default()).await.unwrap();
    let logout = || logout_in(&LogoutOptions::default(), &machine.env(), machine.keyring.clone());
    assert_eq!(logout().unwrap(), ExitCode::SUCCESS);
    assert!(!machine.file().exists() && machine.keyring.token.lock().unwrap().is_none());
    assert_eq!(logout().unwrap(), ExitCode::SUCCESS, "again is no failure");
}

#[tokio::test]
async fn the_doctor_says_what_a_person_may_do() {
    let machine = Machine::new().await;
    machine.login(&in_a_file()).await.unwrap();
    let found = machine.doctor().await;
    assert!(found.iter().all(|finding| finding.is != Verdict::Blocked), "{found:#?}");
    let says = |verdict: Verdict, words: &str| {
        found.iter().any(|finding| finding.is == verdict && format!("{finding:?}").contains(words))
    };
    assert!(says(Verdict::Good, "you may read the attendance reports"), "{found:#?}");
    assert!(says(Verdict::Warning, "rollcall login --with calendar"), "{found:#?}");

    machine.login(&LoginOptions { with: DelegatedScope::ALL.to_vec(), ..in_a_file() }).await.unwrap();
    let found = machine.doctor().await;
    assert!(found.iter().all(|finding| finding.is == Verdict::Good), "{found:#?}");

    machine.sim.revoke_sign_ins();
    let found = machine.doctor().await;
    let last = found.last().unwrap();
    assert!(last.is == Verdict::Blocked && last.remedy.contains("rollcall login"), "{last:?}");
}

#[test]
fn each_code_in_the_documentation_is_explained_by_the_command() {
    let page = include_str!("../../docs/SIGN-IN.md");
    let codes = page.split("AADSTS").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    });
    let codes: Vec<u64> = codes.collect();
    assert!(codes.len() > 30, "{codes:?}");
    for code in codes {
        assert!(explanation(code).is_some(), "AADSTS{code}");
    }
}
