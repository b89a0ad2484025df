//! `infra/entra/setup.sh` takes an application by its client id alone, shows whose it is, and stops at what is not ours;
//! `infra/entra/sign-in.sh` makes one for people, and takes none.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use shared::graph::DelegatedScope;
use tools::programs;

const CLIENT_ID: &str = "6f2d3c1e-0000-4000-8000-00000000c0de";
const ANOTHER: &str = "6f2d3c1e-0000-4000-8000-0000000000ff";
const ISSUER: &str = "https://contoso.tokens.sts.global.api.aws";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
/// What the script asks for; their ids here are made of their names.
const ROLES: [&str; 6] = [
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetings.Read.All",
    "CallRecords.Read.All",
    "VirtualEvent.Read.All",
    "Calendars.Read",
    "User.ReadBasic.All",
];

/// A tenant and an AWS account, as simulated by `entra_setup/fake.py`.
struct Tenant {
    folder: tempfile::TempDir,
}

impl Tenant {
    /// A tenant with these applications; `None` where Python's packages cannot be had.
    fn with(applications: &[Value]) -> Option<Self> {
        let Some(python) = programs::python(&["jmespath==1.0.1"]) else {
            programs::skipped(
                "the CLIs' queries need python3 with venv and pip, and the Python package index",
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("entra_setup/fake.py");
        for program in ["az", "aws"] {
            let (python, fake) = (python.join("python").display().to_string(), fake.display().to_string());
            executable(
                &folder.path().join(program),
                &format!("#!/bin/sh\nexec '{python}' '{fake}' {program} \"$@\"\n"),
            );
        }
        let app_roles: Vec<Value> = ROLES
            .iter()
            .chain(&["GroupMember.Read.All", "Mail.Read"])
            .map(|role| json!({"value": role, "id": format!("id-{role}")}))
            .collect();
        let scopes: Vec<Value> =
            DelegatedScope::ALL.iter().map(|scope| scope_of(scope.permission())).collect();
        let graph = json!({
            "id": "graph", "appId": GRAPH, "appRoles": app_roles, "oauth2PermissionScopes": scopes,
        });
        let tenant = Self { folder };
        tenant.write(&json!({
            "applications": applications,
            "principals": [graph],
            "stacks": [],
            "issuer": ISSUER,
        }));
        Some(tenant)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("state.json")
    }

    fn write(&self, state: &Value) {
        std::fs::write(self.file(), state.to_string()).unwrap();
    }

    fn state(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file()).unwrap()).unwrap()
    }

    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut state = self.state();
        change(&mut state);
        self.write(&state);
    }

    /// Deploys the stack `rollcall` with this application.
    fn deploy(&self, client_id: &str) {
        let parameter = |key: &str, value: &str| json!({"ParameterKey": key, "ParameterValue": value});
        let output = |key: &str, value: &str| json!({"OutputKey": key, "OutputValue": value});
        let subjects = "arn:aws:iam::1:role/rollcall-fetch arn:aws:iam::1:role/rollcall-backfill";
        self.change(|state| {
            state["stacks"] = json!([{
                "StackName": "rollcall",
                "Parameters": [parameter("GraphClientId", client_id), parameter("GraphCredential", "federated")],
                "Outputs": [
                    output("FederationSubjects", subjects),
                    output("FederationAudience", "api://AzureADTokenExchange"),
                ],
            }]);
        });
    }

    fn run(&self, options: &[&str]) -> Run {
        self.run_script("setup.sh", &[&["rollcall"], options].concat())
    }

    fn run_script(&self, script: &str, options: &[&str]) -> Run {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/entra").join(script);
        let mut path = self.folder.path().as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut run = Command::new("bash");
        run.arg(script).args(options);
        let output = run.env("PATH", path).env("FAKE_STATE", self.file()).output().unwrap();
        Run::of(&output)
    }
}

/// What the script ended with and printed.
struct Run {
    code: Option<i32>,
    told: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
        Self { code: output.status.code(), told: texts.concat() }
    }

    fn assert(&self, code: i32, told: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.told);
        for text in told {
            assert!(self.told.contains(text), "{text}: {}", self.told);
        }
    }
}

fn executable(file: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A delegated permission of Graph's; its id here is made of its name.
fn scope_of(permission: &str) -> Value {
    json!({"value": permission, "id": format!("id-{permission}")})
}

fn application(client_id: &str) -> Value {
    json!({
        "appId": client_id,
        "displayName": "Rollcall (rollcall)",
        "signInAudience": "AzureADMyOrg",
        "owners": [{"id": "me", "displayName": "Me"}],
        "passwordCredentials": [],
        "keyCredentials": [],
        "federated": [],
    })
}

#[test]
fn a_first_run_makes_the_application_and_one_after_the_deployment_trusts_the_roles() {
    let Some(tenant) = Tenant::with(&[]) else { return };
    tenant.run(&["--group"]).assert(0, &["GraphClientId=", "given Calendars.Read", "not deployed yet"]);
    let state = tenant.state();
    let made = state["applications"][0]["appId"].as_str().unwrap().to_owned();
    assert_eq!(state["applications"][0]["signInAudience"], "AzureADMyOrg");
    let given = state["principals"][1]["appRoleAssignments"].as_array().unwrap().clone();
    assert_eq!(given.len(), 7, "{given:?}");
    assert!(given.iter().any(|given| given["appRoleId"] == "id-GroupMember.Read.All"));

    tenant.deploy(&made);
    tenant.run(&[]).assert(0, &["has   Calendars.Read", "trusts arn:aws:iam::1:role/rollcall-fetch now"]);
    tenant.run(&[]).assert(0, &["trusts: arn:aws:iam::1:role/rollcall-fetch"]);
    let application = &tenant.state()["applications"][0];
    assert_eq!(application["federated"].as_array().unwrap().len(), 2);
    assert_eq!(application["federated"][0]["issuer"], ISSUER);
}

#[test]
fn an_application_is_never_taken_by_its_name() {
    let Some(tenant) = Tenant::with(&[application(CLIENT_ID), application(ANOTHER)]) else { return };
    let before = tenant.state();
    tenant.run(&[]).assert(2, &[CLIENT_ID, ANOTHER, "--client-id", "perhaps somebody else's"]);
    assert_eq!(tenant.state(), before);
    tenant.run(&["--client-id", &CLIENT_ID.to_uppercase()]).assert(0, &["GraphClientId=6f2d3c1e", "owner: "]);
    let unknown = "6f2d3c1e-0000-4000-8000-000000000000";
    tenant.run(&["--client-id", unknown]).assert(2, &["No application"]);
    tenant.run(&["--client-id", "Rollcall (rollcall)"]).assert(2, &["a GUID"]);
    tenant.deploy(ANOTHER);
    tenant.run(&["--client-id", CLIENT_ID]).assert(2, &[ANOTHER, "deploy it with the other one first"]);
}

/// An application with one thing that the script did not make, and perhaps its service principal: it is shown, and
/// nothing is changed until it is accepted.
fn assert_must_be_accepted(app: &Value, principal: Option<Value>, told: [&str; 2]) {
    let Some(tenant) = Tenant::with(std::slice::from_ref(app)) else { return };
    tenant.change(|state| state["principals"].as_array_mut().unwrap().extend(principal));
    let before = tenant.state();
    tenant.run(&["--client-id", CLIENT_ID]).assert(2, &[told[0], told[1], "Nothing was changed"]);
    assert_eq!(tenant.state(), before, "{told:?}");
    tenant
        .run(&["--client-id", CLIENT_ID, "--accept-existing"])
        .assert(0, &[told[0], "given Calendars.Read"]);
}

#[test]
fn what_the_script_did_not_make_is_shown_and_must_be_accepted() {
    let credential = json!([{"displayName": "theirs", "keyId": "k-1", "endDateTime": "2027-01-01"}]);
    let cases = [
        (
            "owners",
            json!([{"id": "ilse", "displayName": "Ilse"}]),
            ["owner: Ilse\tilse", "owners other than you"],
        ),
        ("passwordCredentials", credential.clone(), ["secret: theirs\tk-1", "client secrets"]),
        ("keyCredentials", credential, ["certificate: theirs\tk-1", "certificates"]),
        (
            "federated",
            json!([{"subject": "repo:theirs", "issuer": "https://elsewhere"}]),
            ["trusts: repo:theirs\thttps://elsewhere", "federated credentials of others"],
        ),
    ];
    for (what, list, told) in cases {
        let mut app = application(CLIENT_ID);
        app[what] = list;
        assert_must_be_accepted(&app, None, told);
    }
}

#[test]
fn what_the_script_did_not_make_of_a_service_principal_must_be_accepted_too() {
    let credential = json!([{"displayName": "theirs", "keyId": "k-1", "endDateTime": "2027-01-01"}]);
    // Pages have two entries: what matters is on the second.
    let permissions = ["id-OnlineMeetings.Read.All", "id-CallRecords.Read.All", "id-Mail.Read"]
        .map(|id| json!({"appRoleId": id, "resourceDisplayName": "Microsoft Graph"}));
    let member_of = ["Some group", "Another group", "Global Administrator"]
        .map(|name| json!({"displayName": name, "id": "r-1"}));
    let cases = [
        (
            "appRoleAssignments",
            json!(permissions),
            ["may: id-Mail.Read", "permissions that Rollcall does not need"],
        ),
        ("memberOf", json!(member_of), ["role: Global Administrator", "directory roles"]),
        (
            "owners",
            json!([{"id": "ilse", "displayName": "Ilse"}]),
            ["owner of its service principal: Ilse\tilse", "owners other than you"],
        ),
        (
            "passwordCredentials",
            credential.clone(),
            ["secret of its service principal: theirs\tk-1", "client secrets of its service principal"],
        ),
        (
            "keyCredentials",
            credential,
            ["certificate of its service principal: theirs\tk-1", "certificates of its service principal"],
        ),
    ];
    for (what, list, told) in cases {
        let mut principal = json!({
            "id": "p",
            "appId": CLIENT_ID,
            "appRoleAssignments": [],
            "memberOf": [],
            "owners": [{"id": "me", "displayName": "Me"}],
            "passwordCredentials": [],
            "keyCredentials": [],
        });
        principal[what] = list;
        assert_must_be_accepted(&application(CLIENT_ID), Some(principal), told);
    }
}

#[test]
fn a_federated_credential_is_ours_by_subject_issuer_and_audience_only() {
    let subject = "arn:aws:iam::1:role/rollcall-fetch";
    let audience = "api://AzureADTokenExchange";
    let ours = json!({"subject": subject, "issuer": ISSUER, "audiences": [audience]});
    let expression = "claims['sub'] matches '*'";
    let theirs = [
        json!({"subject": subject, "issuer": "https://elsewhere.example", "audiences": [audience]}),
        json!({"subject": subject, "issuer": ISSUER, "audiences": ["api://elsewhere"]}),
        json!({"subject": subject, "issuer": ISSUER, "audiences": [audience, "api://elsewhere"]}),
        json!({"subject": null, "issuer": ISSUER, "audiences": [audience], "claimsMatchingExpression": expression}),
    ];
    let Some(tenant) = Tenant::with(&[application(CLIENT_ID)]) else { return };
    tenant.deploy(CLIENT_ID);
    for theirs in theirs {
        tenant.change(|state| state["applications"][0]["federated"] = json!([ours, theirs]));
        let before = tenant.state();
        tenant.run(&[]).assert(2, &["federated credentials of others", "Nothing was changed"]);
        assert_eq!(tenant.state(), before, "{theirs}");
    }
    let elsewhere =
        json!({"subject": subject, "issuer": "https://elsewhere.example", "audiences": [audience]});
    tenant.change(|state| state["applications"][0]["federated"] = json!([elsewhere]));
    tenant.run(&["--accept-existing"]).assert(0, &["trusts arn:aws:iam::1:role/rollcall-fetch now"]);
    tenant.change(|state| state["applications"][0]["federated"] = json!([ours]));
    tenant.run(&[]).assert(0, &["trusts: arn:aws:iam::1:role/rollcall-fetch\thttps://contoso"]);
}

#[test]
fn an_application_of_several_tenants_is_refused_in_any_case() {
    let mut app = application(CLIENT_ID);
    app["signInAudience"] = json!("AzureADMultipleOrgs");
    let Some(tenant) = Tenant::with(&[app]) else { return };
    let run = tenant.run(&["--client-id", CLIENT_ID, "--accept-existing"]);
    run.assert(2, &["not of this tenant alone", "AzureADMultipleOrgs"]);
}

#[test]
fn people_get_an_application_of_their_own_with_what_login_may_ask_for_and_no_credential() {
    let Some(tenant) = Tenant::with(&[application(CLIENT_ID)]) else { return };
    tenant.run_script("sign-in.sh", &[]).assert(0, &["rollcall login --tenant-id 5466a424", "--client-id"]);
    let made = &tenant.state()["applications"][1];
    assert_eq!(made["public-client-redirect-uris"], "http://localhost");
    assert_eq!(made["is-fallback-public-client"], "true");
    let wanted: Value = serde_json::from_str(made["required-resource-accesses"].as_str().unwrap()).unwrap();
    let scopes: Vec<Value> = DelegatedScope::ALL
        .iter()
        .map(|scope| json!({"id": format!("id-{}", scope.permission()), "type": "Scope"}))
        .collect();
    assert_eq!(wanted, json!([{"resourceAppId": GRAPH, "resourceAccess": scopes}]));
    assert_eq!((&made["passwordCredentials"], &made["consented"]), (&json!([]), &Value::Null));

    let again = tenant.run_script("sign-in.sh", &["--consent"]);
    again.assert(2, &["already, perhaps somebody else's", "--client-id"]);
}

#[test]
fn no_application_is_made_for_people_where_its_permissions_cannot_be_looked_up() {
    let Some(tenant) = Tenant::with(&[]) else { return };
    let whole = tenant.state();
    tenant.change(|state| state["principals"] = json!([]));
    tenant.run_script("sign-in.sh", &[]).assert(1, &["does not exist"]);
    assert_eq!(tenant.state()["applications"], json!([]));

    tenant.write(&whole);
    tenant.change(|state| state["principals"][0]["oauth2PermissionScopes"] = json!([]));
    tenant.run_script("sign-in.sh", &[]).assert(2, &["none of these permissions", "az cloud show"]);
    assert_eq!(tenant.state()["applications"], json!([]));
}

#[test]
fn an_administrator_consents_for_all_only_where_that_is_said() {
    let Some(tenant) = Tenant::with(&[]) else { return };
    tenant.run_script("sign-in.sh", &["--minimal"]).assert(2, &["no option"]);
    tenant.run_script("sign-in.sh", &["--consent"]).assert(0, &["with admin consent"]);
    assert_eq!(tenant.state()["applications"][0]["consented"], true);
}
