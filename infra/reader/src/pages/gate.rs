//! Who may ask: only this machine's browser, by a token, with the methods that read.
//!
//! Another page in the same browser can send requests to 127.0.0.1, and a foreign name can be made to lead there. So a
//! request needs a cookie that came of the token in the first address, and a `Host` that is ours. No answer is kept by a
//! browser, shown in a frame, or may load or send anything anywhere else.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use url::form_urlencoded;

use crate::pages::failure::Failure;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// What every answer carries.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The token that a browser needs, and the port at which it is asked.
#[derive(Clone)]
pub struct Gate {
    token: Arc<str>,
    /// What opens the gate once, in the token's place; `None` where there is none, or it was used.
    ticket: Arc<Mutex<Option<String>>>,
    port: u16,
}

impl Gate {
    /// A gate with a new token of 256 random bits, for pages at this port of 127.0.0.1.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn new(port: u16) -> Result<Self, getrandom::Error> {
        Ok(Self { token: random()?.into(), ticket: Arc::default(), port })
    }

    /// The first address, with the token: to be shown to who started the pages, and written nowhere else.
    pub fn address(&self) -> String {
        self.address_with(&self.token)
    }

    /// A first address that opens once: for the command that starts a browser, which everybody on the machine may see in the list of
    /// processes. One that was made before opens no more.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn address_once(&self) -> Result<String, getrandom::Error> {
        let ticket = random()?;
        let address = self.address_with(&ticket);
        *self.ticket.lock().unwrap_or_else(PoisonError::into_inner) = Some(ticket);
        Ok(address)
    }

    fn address_with(&self, token: &str) -> String {
        format!("http://127.0.0.1:{}/?token={token}", self.port)
    }

    /// Whether it is the ticket, which is used with that.
    fn takes_ticket(&self, given: &str) -> bool {
        let mut ticket = self.ticket.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ticket =
            |ticket: &mut String| verify_slices_are_equal(ticket.as_bytes(), given.as_bytes()).is_ok();
        ticket.take_if(is_ticket).is_some()
    }

    /// The cookie's name has the port: cookies don't tell ports apart, and two archives may be open at once.
    fn cookie_name(&self) -> String {
        format!("rollcall-{}", self.port)
    }

    fn is_token(&self, given: &str) -> bool {
        verify_slices_are_equal(self.token.as_bytes(), given.as_bytes()).is_ok()
    }

    fn is_host(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        ["127.0.0.1", "localhost"].iter().any(|name| host == format!("{name}:{}", self.port))
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let mut pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|one| one.trim().split_once('='));
        pairs.any(|(given, value)| given == name && self.is_token(value))
    }

    /// Takes the token out of the address, and gives a cookie for it.
    fn exchange(&self, uri: &Uri, given: &str) -> Response {
        if !self.is_token(given) && !self.takes_ticket(given) {
            return refused();
        }
        let rest = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(rest.filter(|(name, _)| name != "token"));
        let location = match query.finish() {
            rest if rest.is_empty() => uri.path().to_owned(),
            rest => format!("{}?{rest}", uri.path()),
        };
        let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie_name(), self.token);
        (StatusCode::SEE_OTHER, [(LOCATION, location), (SET_COOKIE, cookie)]).into_response()
    }

    fn answer(&self, request: &Request) -> Option<Response> {
        if !self.is_host(request.headers()) {
            let sentence = format!("These pages answer at http://127.0.0.1:{} only.", self.port);
            return Some(Failure::new(StatusCode::MISDIRECTED_REQUEST, sentence).into_response());
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let sentence = "These pages only show the archive: they take GET and HEAD.";
            let mut refusal = Failure::new(StatusCode::METHOD_NOT_ALLOWED, sentence).into_response();
            refusal.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Some(refusal);
        }
        let query = request.uri().query().unwrap_or_default();
        let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
        if let Some((_, given)) = token.filter(|_| request.uri().path() == "/") {
            return Some(self.exchange(request.uri(), &given));
        }
        (!self.has_cookie(request.headers())).then(refused)
    }
}

/// 256 random bits as text.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

fn refused() -> Response {
    let sentence = "Open the address that `rollcall browse` printed: it has the token that these pages need.";
    Failure::new(StatusCode::FORBIDDEN, sentence).into_response()
}

/// Lets a request through, or answers it; and writes the headers that every answer has.
pub(super) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let mut response = match gate.answer(&request) {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    const PORT: u16 = 8765;

    fn gate() -> Gate {
        Gate { token: "secret".into(), ticket: Arc::default(), port: PORT }
    }

    async fn asked(method: Method, uri: &str, host: &str, cookie: &str) -> Response {
        let router: Router = Router::new()
            .route("/", get(async || "sessions"))
            .layer(axum::middleware::from_fn_with_state(gate(), guard));
        let request = Request::builder().method(method).uri(uri).header(HOST, host).header(COOKIE, cookie);
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn header(response: &Response, name: HeaderName) -> &str {
        response.headers()[name].to_str().unwrap()
    }

    #[tokio::test]
    async fn the_token_becomes_a_cookie_and_leaves_the_address() {
        let answer = asked(Method::GET, "/?token=secret&search=a%26b", "127.0.0.1:8765", "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(header(&answer, LOCATION), "/?search=a%26b");
        let cookie = header(&answer, SET_COOKIE).to_owned();
        assert_eq!(cookie, "rollcall-8765=secret; HttpOnly; SameSite=Strict; Path=/");
        let (pair, _) = cookie.split_once(';').unwrap();
        assert_eq!(asked(Method::GET, "/", "localhost:8765", pair).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_wrong_or_missing_token_is_refused() {
        for (uri, cookie) in [
            ("/?token=guess", ""),
            ("/", ""),
            ("/", "rollcall-8765=guess"),
            ("/", "rollcall-1=secret"),
            ("/?token=", ""),
        ] {
            let answer = asked(Method::GET, uri, "127.0.0.1:8765", cookie).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{uri} {cookie}");
            assert_eq!(answer.headers().get(SET_COOKIE), None);
        }
    }

    #[tokio::test]
    async fn a_foreign_host_is_answered_by_nothing_of_ours() {
        for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost:8765.evil.example", ""] {
            let answer = asked(Method::GET, "/?token=secret", host, "rollcall-8765=secret").await;
            assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
        }
    }

    #[tokio::test]
    async fn only_methods_that_read_are_taken_and_every_answer_has_the_headers() {
        let cookie = "a=b; rollcall-8765=secret";
        for (method, status) in [
            (Method::POST, StatusCode::METHOD_NOT_ALLOWED),
            (Method::DELETE, StatusCode::METHOD_NOT_ALLOWED),
            (Method::OPTIONS, StatusCode::METHOD_NOT_ALLOWED),
            (Method::HEAD, StatusCode::OK),
            (Method::GET, StatusCode::OK),
        ] {
            let answer = asked(method, "/", "127.0.0.1:8765", cookie).await;
            assert_eq!(answer.status(), status);
            assert_eq!(header(&answer, CACHE_CONTROL), "no-store");
            assert!(
                header(&answer, CONTENT_SECURITY_POLICY).starts_with("default-src 'none'; style-src 'self';")
            );
            assert_eq!(header(&answer, X_CONTENT_TYPE_OPTIONS), "nosniff");
        }
    }

    #[test]
    fn the_address_for_a_browsers_command_opens_once_and_has_not_the_token() {
        let gate = gate();
        let [first, second] = [0, 0].map(|_| gate.address_once().unwrap());
        let enter = |address: &str| {
            let uri: Uri = address.parse().unwrap();
            let given = uri.query().unwrap().strip_prefix("token=").unwrap().to_owned();
            gate.exchange(&uri, &given).status()
        };
        assert!(!second.contains("secret") && second.len() == Gate::new(PORT).unwrap().address().len());
        assert_eq!(enter(&first), StatusCode::FORBIDDEN, "another was made since");
        assert_eq!([enter(&second), enter(&second)], [StatusCode::SEE_OTHER, StatusCode::FORBIDDEN]);
        assert_eq!(enter(&gate.address()), StatusCode::SEE_OTHER);
    }

    #[test]
    fn a_token_has_256_bits_and_is_new_each_time() {
        let [one, other] = [0, 0].map(|_| Gate::new(PORT).unwrap().address());
        assert_eq!(one.len(), "http://127.0.0.1:8765/?token=".len() + 43);
        assert_ne!(one, other);
    }
}
