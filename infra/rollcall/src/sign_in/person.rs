//! A signed-in person as the credential of a command: each token by the kept refresh token, which is replaced.

use std::sync::Arc;

use anyhow::bail;
use async_trait::async_trait;
use shared::graph::{AccessToken, Credential, Endpoints, GraphError, PublicClient};
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::http::Http;
use shared::ports::secrets::SecretString;

use super::{Keeper, KeptSignIn};
use crate::terminal::print_failure;

const SIGN_IN_AGAIN: &str =
    "Run `rollcall login` again; where the keyring does not answer, with --no-keyring.";
const RUN_AGAIN: &str = "Run the command again: it begins as who is signed in now.";

/// A person who has signed in with `rollcall login`.
pub(crate) struct Person {
    client: PublicClient,
    keeper: Keeper,
    /// The sign-in that the command began with, without its token.
    begun: KeptSignIn,
}

impl Person {
    /// The person whose sign-in `kept` is.
    ///
    /// # Errors
    /// The sign-in is of another token service than the one that the settings name: its token is not sent there.
    pub(crate) fn new(
        kept: &KeptSignIn,
        keeper: Keeper,
        endpoints: &Endpoints,
        http: &Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        if kept.login != endpoints.login.as_str() {
            bail!(
                "you are signed in to another cloud or host than GRAPH_CLOUD or LOGIN_URL names: run `rollcall login` again"
            );
        }
        let client = PublicClient {
            http: Arc::clone(http),
            clock,
            tenant_id: kept.tenant_id.clone(),
            client_id: kept.client_id.clone(),
            cloud: endpoints.cloud,
            login: endpoints.login.clone(),
        };
        let begun = KeptSignIn { refresh_token: None, ..kept.clone() };
        Ok(Self { client, keeper, begun })
    }

    /// The sign-in and its token, read again each time: another command may have used it meanwhile. One of somebody else's
    /// is refused: its token must not be sent where the one before was, and the archive must not mix what two people may read.
    fn kept(&self) -> Result<(KeptSignIn, SecretString), GraphError> {
        let kept = self.keeper.sign_in().map_err(|error| refused(format!("{error:#}"), SIGN_IN_AGAIN))?;
        match kept {
            None => Err(refused("nobody is signed in any more".to_owned(), SIGN_IN_AGAIN)),
            Some((kept, _)) if !kept.is_of_same_person_as(&self.begun) => {
                Err(refused("somebody else has signed in meanwhile".to_owned(), RUN_AGAIN))
            }
            Some(kept) => Ok(kept),
        }
    }
}

fn refused(why: String, remedy: &'static str) -> GraphError {
    GraphError::new(Outcome::CredentialRefused).because(why).mended_by(remedy)
}

#[async_trait]
impl Credential for Person {
    async fn request_token(&self) -> Result<AccessToken, GraphError> {
        let (kept, used) = self.kept()?;
        let grant = self.client.refresh(&used, &kept.scopes()).await?;
        if let Some(newer) = &grant.refresh_token
            && let Err(error) = self.keeper.replace(&used, newer)
        {
            print_failure(&format!(
                "The newer refresh token could not be kept ({error:#}); the one before goes on to be used."
            ));
        }
        Ok(grant.token)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Mutex;

    use shared::ports::clock::SystemClock;
    use shared::ports::http::{HttpError, Request, Response};
    use shared::ports::secrets::ExposeSecret;

    use super::super::file::tests::megans;
    use super::super::keyring::in_memory::MemoryKeyring;
    use super::*;

    type Act = Box<dyn FnOnce() + Send>;

    /// A token service that gives a newer refresh token for any. Something happens while it is asked.
    #[derive(Default)]
    struct TokenService {
        meanwhile: Mutex<Option<Act>>,
        asked: Mutex<Vec<String>>,
    }

    #[async_trait]
    impl Http for TokenService {
        async fn send(&self, request: Request) -> Result<Response, HttpError> {
            let form = String::from_utf8_lossy(request.body()).into_owned();
            self.asked.lock().unwrap().push(format!("{} {form}", request.uri()));
            if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
                meanwhile();
            }
            let answer = r#"{"access_token": "for an hour", "expires_in": 3600, "refresh_token": "second"}"#;
            Ok(Response::new(answer.into()))
        }
    }

    /// A machine on which Megan has signed in, and runs a command.
    struct Machine {
        _folder: tempfile::TempDir,
        keyring: Arc<MemoryKeyring>,
        keeper: Keeper,
        service: Arc<TokenService>,
        person: Person,
    }

    impl Machine {
        fn new(keyring: MemoryKeyring) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let keyring = Arc::new(keyring);
            let keeper = Keeper { file: folder.path().join("sign-in.json"), keyring: keyring.clone() };
            keeper.keep(megans(), &"first".into(), true).unwrap();
            let service = Arc::new(TokenService::default());
            let http: Arc<dyn Http> = service.clone();
            let endpoints = Endpoints::from_env(&[]).unwrap();
            let (kept, _) = keeper.sign_in().unwrap().unwrap();
            let person =
                Person::new(&kept, keeper.clone(), &endpoints, &http, Arc::new(SystemClock)).unwrap();
            Self { _folder: folder, keyring, keeper, service, person }
        }

        /// While the token service is asked next, this is done.
        fn meanwhile(&self, act: impl FnOnce(&Keeper) + Send + 'static) {
            let keeper = self.keeper.clone();
            *self.service.meanwhile.lock().unwrap() = Some(Box::new(move || act(&keeper)));
        }

        /// What the next token is, or why there is none and what to do.
        async fn token(&self) -> Result<String, (String, &'static str)> {
            match self.person.request_token().await {
                Ok(token) => Ok(token.secret.expose_secret().to_owned()),
                Err(error) => {
                    assert_eq!(error.outcome, Outcome::CredentialRefused);
                    Err((error.detail.clone().unwrap_or_default().into_owned(), error.remedy()))
                }
            }
        }

        /// The refresh token that is kept.
        fn kept(&self) -> Option<String> {
            self.keeper.sign_in().unwrap().map(|(_, token)| token.expose_secret().to_owned())
        }

        fn asked(&self) -> Vec<String> {
            self.service.asked.lock().unwrap().clone()
        }
    }

    fn file_holds(file: &Path, text: &str) -> bool {
        std::fs::read_to_string(file).unwrap().contains(text)
    }

    #[tokio::test]
    async fn the_newer_token_takes_the_place_of_the_one_that_was_used() {
        let machine = Machine::new(MemoryKeyring::default());
        assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
        assert_eq!(machine.keyring.token().as_deref(), Some("second"));
        assert!(!file_holds(&machine.keeper.file, "second"));
        machine.token().await.unwrap();
        let asked = machine.asked();
        assert!(
            asked[0].contains("refresh_token=first") && asked[1].contains("refresh_token=second"),
            "{asked:?}"
        );

        let machine = Machine::new(MemoryKeyring::away());
        assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
        assert!(file_holds(&machine.keeper.file, "second") && !file_holds(&machine.keeper.file, "first"));
    }

    #[tokio::test]
    async fn a_keyring_that_is_away_is_told_with_what_to_do_and_nothing_is_sent() {
        let machine = Machine::new(MemoryKeyring::default());
        machine.keyring.goes_away();
        let (why, remedy) = machine.token().await.unwrap_err();
        assert!(
            why.contains("no keyring that answers") && remedy.contains("--no-keyring"),
            "{why}: {remedy}"
        );
        assert!(machine.asked().is_empty());
    }

    #[tokio::test]
    async fn a_newer_token_that_cannot_be_kept_is_no_failure() {
        let machine = Machine::new(MemoryKeyring::default());
        let keyring = Arc::clone(&machine.keyring);
        machine.meanwhile(move |_| keyring.goes_away());
        assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
        assert_eq!(machine.keyring.token().as_deref(), Some("first"));
    }

    #[tokio::test]
    async fn who_signs_out_meanwhile_stays_signed_out() {
        for keyring in [MemoryKeyring::default(), MemoryKeyring::away()] {
            let machine = Machine::new(keyring);
            machine.meanwhile(|keeper| assert!(keeper.forget().unwrap()));
            assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
            assert_eq!((machine.kept(), machine.keyring.token()), (None, None));
            let (why, remedy) = machine.token().await.unwrap_err();
            assert!(why.contains("nobody") && remedy.contains("rollcall login"), "{why}: {remedy}");
            assert_eq!(machine.asked().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_token_that_another_command_replaced_meanwhile_stays() {
        for keyring in [MemoryKeyring::default(), MemoryKeyring::away()] {
            let machine = Machine::new(keyring);
            machine.meanwhile(|keeper| keeper.replace(&"first".into(), &"others".into()).unwrap());
            assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
            assert_eq!(machine.kept().as_deref(), Some("others"));
        }
    }

    /// Sign-ins that are not Megan's: at another host, in another tenant, to another application, of another account.
    fn others() -> [KeptSignIn; 4] {
        [
            KeptSignIn { login: "https://login.microsoftonline.us/".to_owned(), ..megans() },
            KeptSignIn { tenant_id: "0c0c0c0c-0000-4000-8000-0000c0205050".to_owned(), ..megans() },
            KeptSignIn { client_id: "0c0c0c0c-0000-4000-8000-0000c0205050".to_owned(), ..megans() },
            KeptSignIn { account: Some("ilse@fabrikam.com".to_owned()), ..megans() },
        ]
    }

    #[tokio::test]
    async fn a_command_does_not_go_on_as_somebody_else() {
        for other in others() {
            let machine = Machine::new(MemoryKeyring::default());
            machine.keeper.keep(other, &"others".into(), true).unwrap();
            let (why, remedy) = machine.token().await.unwrap_err();
            assert!(why.contains("somebody else") && remedy.contains("again"), "{why}: {remedy}");
            assert!(machine.asked().is_empty(), "the other's token is not sent");
            assert_eq!(machine.kept().as_deref(), Some("others"));
        }
    }

    #[tokio::test]
    async fn who_signs_in_meanwhile_stays_signed_in() {
        for other in others() {
            let machine = Machine::new(MemoryKeyring::default());
            machine.meanwhile(|keeper| assert_eq!(keeper.keep(other, &"others".into(), true).unwrap(), None));
            assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
            assert_eq!(machine.kept().as_deref(), Some("others"));
            assert!(machine.token().await.is_err());
            assert_eq!(machine.asked().len(), 1);
        }
    }

    #[tokio::test]
    async fn the_same_person_may_sign_in_again_meanwhile_for_more() {
        let machine = Machine::new(MemoryKeyring::default());
        let more = vec!["OnlineMeetingArtifact.Read.All".to_owned(), "Calendars.Read".to_owned()];
        let again = KeptSignIn { permissions: more, ..megans() };
        machine.keeper.keep(again, &"again".into(), true).unwrap();
        assert_eq!(machine.token().await.as_deref(), Ok("for an hour"));
        assert!(machine.asked()[0].contains("refresh_token=again"), "{:?}", machine.asked());
    }
}
