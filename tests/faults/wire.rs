//! The network between a run and the sandbox, in process and on a paused clock: every request goes to
//! the server's router, unless a fault is due at it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use certctl_cloudflare::{ClientOptions, Transport, TransportError};
use certctl_sandbox::{Fault as SandboxFault, FaultKind, Sandbox};
use http::{Request, Response, StatusCode};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use crate::fault::Fault;
use crate::hand::{Dashboard, WAIT};

/// How long a lagging list lags.
const LAG: f64 = 5.0;

/// Whether the process that uses this wire is still alive.
#[derive(Debug, Default)]
pub(crate) struct Life {
    dead: AtomicBool,
    died: Notify,
    /// The run that goes on, counted from 1; 0 between runs.
    run: AtomicUsize,
    runs: AtomicUsize,
}

impl Life {
    pub(crate) fn kill(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Returns when it ends.
    pub(crate) async fn ended(&self) {
        while !self.is_over() {
            self.died.notified().await;
        }
    }

    /// A new process.
    pub(crate) fn begin(&self) {
        self.dead.store(false, Ordering::SeqCst);
        let run = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        self.run.store(run, Ordering::SeqCst);
    }

    /// It has ended.
    pub(crate) fn end(&self) {
        self.run.store(0, Ordering::SeqCst);
    }

    /// Which run goes on, if one does.
    fn run(&self) -> Option<usize> {
        let run = self.run.load(Ordering::SeqCst);
        (run > 0 && !self.is_over()).then_some(run)
    }
}

/// The wire.
pub(crate) struct Wire {
    sandbox: Sandbox,
    router: Router,
    life: Arc<Life>,
    pub(crate) dashboard: Dashboard,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    due: Vec<(usize, Fault)>,
    /// What was sent since the wire was armed: whether it only reads.
    sent: Vec<bool>,
    down: bool,
}

impl Wire {
    pub(crate) fn new(sandbox: &Sandbox, life: Arc<Life>) -> Self {
        Self {
            sandbox: sandbox.clone(),
            router: sandbox.router(),
            life,
            dashboard: Dashboard::new(sandbox),
            state: Mutex::default(),
        }
    }

    /// Counts requests from now, and lets these faults strike.
    pub(crate) fn arm(&self, due: Vec<(usize, Fault)>) {
        *self.state() = State {
            due,
            ..State::default()
        };
    }

    /// What was sent since it was armed: for each request, whether it only reads.
    pub(crate) fn sent(&self) -> Vec<bool> {
        self.state().sent.clone()
    }

    /// Whether one of the faults was due already.
    pub(crate) fn was_struck(&self) -> bool {
        let state = self.state();
        state.due.iter().any(|(at, _)| *at < state.sent.len())
    }

    /// The network is back: a new run begins.
    pub(crate) fn restore(&self) {
        self.state().down = false;
    }

    /// Lets the server act.
    pub(crate) async fn act(&self, request: Request<Bytes>) -> Response<Bytes> {
        act(self.router.clone(), request).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, request: &Request<Bytes>) -> (Option<Fault>, bool) {
        let mut state = self.state();
        let n = state.sent.len();
        state.sent.push(request.method() == http::Method::GET);
        let fault = state.due.iter().find(|(at, _)| *at == n).map(|due| due.1);
        if matches!(fault, Some(Fault::DownBefore | Fault::DownAfter)) {
            let was = state.down;
            state.down = true;
            return (fault, was);
        }
        (fault, state.down)
    }

    /// The server acts later, whatever becomes of the client.
    fn act_later(&self, request: Request<Bytes>, after: Duration) {
        let router = self.router.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            act(router, request).await;
        });
    }

    /// The process dies here: whoever waits for this waits for ever, and is dropped.
    async fn die(&self) -> Response<Bytes> {
        self.life.kill();
        std::future::pending().await
    }

    async fn strike(&self, fault: Fault, request: Request<Bytes>) -> Answer {
        match fault {
            Fault::Refused | Fault::DownBefore => return Err(error(false, "connection refused")),
            Fault::ResetBefore => {}
            Fault::ResetAfter | Fault::DownAfter => drop(self.act(request).await),
            Fault::Broken => {
                self.act(request).await;
                return Err(error(true, "the body ended early"));
            }
            Fault::Cut => {
                let mut response = self.act(request).await;
                let half = response.body().len() / 2;
                response.body_mut().truncate(half);
                return Ok(response);
            }
            Fault::TimeoutBefore => return timed_out().await,
            Fault::TimeoutAfter => {
                self.act(request).await;
                return timed_out().await;
            }
            Fault::Late => self.act_later(request, Duration::from_secs(7)),
            Fault::LateTimeout => {
                self.act_later(request, timeout() + Duration::from_secs(3));
                return timed_out().await;
            }
            Fault::TooMany => {
                let mut response = says(429, r#"{"code":10000,"message":"Rate limited"}"#);
                let seconds = http::HeaderValue::from_static("20");
                response.headers_mut().insert("retry-after", seconds);
                return Ok(response);
            }
            Fault::TooManyBare => return Ok(answer(429, "")),
            Fault::Error500Before => return Ok(internal_error()),
            Fault::Error500After => {
                self.act(request).await;
                return Ok(internal_error());
            }
            Fault::Html502Before => return Ok(answer(502, BAD_GATEWAY)),
            Fault::Html502After => {
                self.act(request).await;
                return Ok(answer(502, BAD_GATEWAY));
            }
            Fault::SaysNoBefore => return Ok(says(200, NOT_PROCESSED)),
            Fault::SaysNoAfter => {
                self.act(request).await;
                return Ok(says(200, NOT_PROCESSED));
            }
            Fault::Null => {
                let status = self.act(request).await.status();
                let body = r#"{"success":true,"errors":[],"messages":[],"result":null}"#;
                return Ok(answer(status.as_u16(), body));
            }
            Fault::Forbidden => {
                let body = r#"{"code":10000,"message":"Authentication error"}"#;
                return Ok(says(403, body));
            }
            Fault::Lag => {
                self.lag().await;
                return Ok(self.act(request).await);
            }
            Fault::LagAndReset => {
                self.lag().await;
                self.act(request).await;
            }
            Fault::Pause(seconds) => return Ok(used_up(self.act(request).await, seconds)),
            Fault::NoEffect => {
                self.without_effect(&request).await;
                return Ok(self.act(request).await);
            }
            Fault::Hand(hand) => {
                let account = account_of(&request);
                let response = used_up(self.act(request).await, WAIT);
                let (life, run) = (self.life.clone(), self.life.run());
                if let (Some(account), Some(_)) = (account, run) {
                    let runs = move || life.run() == run;
                    self.dashboard.strike_soon(hand, account, runs);
                }
                return Ok(response);
            }
            Fault::KillBefore => return Ok(self.die().await),
            Fault::KillAfter => {
                self.act(request).await;
                return Ok(self.die().await);
            }
            Fault::KillLate => {
                self.act_later(request, Duration::from_secs(7));
                return Ok(self.die().await);
            }
        }
        Err(error(true, "connection reset by peer"))
    }

    /// From now on the list omits what is younger than five seconds.
    async fn lag(&self) {
        let lag = SandboxFault {
            method: Some("GET".to_owned()),
            path_ends_with: Some("/gateway/certificates".to_owned()),
            times: u32::MAX,
            seconds: Some(LAG),
            ..SandboxFault::new(FaultKind::ListLag)
        };
        self.sandbox.inject(lag).await;
    }

    /// The request that follows is answered as if it had happened, and does not.
    async fn without_effect(&self, request: &Request<Bytes>) {
        let nothing = SandboxFault {
            method: Some(request.method().to_string()),
            path_ends_with: Some(request.uri().path().replace("/client/v4", "")),
            ..SandboxFault::new(FaultKind::NoEffect)
        };
        self.sandbox.inject(nothing).await;
    }
}

type Answer = Result<Response<Bytes>, TransportError>;

const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head></html>";
const NOT_PROCESSED: &str = r#"{"code":10003,"message":"The request could not be processed"}"#;

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        if self.life.is_over() {
            return Ok(self.die().await);
        }
        let (fault, down) = self.next(&request);
        if down {
            return Err(error(false, "network is unreachable"));
        }
        match fault {
            Some(fault) => self.strike(fault, request).await,
            None => Ok(self.act(request).await),
        }
    }
}

pub(crate) async fn act(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    let response = match router.oneshot(request.map(Body::from)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, body)
}

/// The account that a request concerns.
fn account_of(request: &Request<Bytes>) -> Option<String> {
    let (_, rest) = request.uri().path().split_once("/accounts/")?;
    rest.split('/').next().map(str::to_owned)
}

/// The same answer, which says besides that nothing more is to be asked for so many seconds.
fn used_up(mut response: Response<Bytes>, seconds: u64) -> Response<Bytes> {
    let left = format!("\"default\";r=0;t={seconds}").parse().unwrap();
    response.headers_mut().insert("ratelimit", left);
    response
}

/// The longest that a request may take, as in the real client.
fn timeout() -> Duration {
    ClientOptions::default().timeout
}

async fn timed_out() -> Answer {
    tokio::time::sleep(timeout()).await;
    Err(error(true, "no complete response in time"))
}

fn error(sent: bool, message: &str) -> TransportError {
    TransportError {
        sent,
        message: message.to_owned(),
        hint: None,
    }
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn says(status: u16, error: &str) -> Response<Bytes> {
    let body = format!(r#"{{"success":false,"errors":[{error}],"messages":[],"result":null}}"#);
    answer(status, &body)
}

fn internal_error() -> Response<Bytes> {
    says(500, r#"{"code":10001,"message":"Internal error"}"#)
}
