//! The API and the state that a command works with.

use std::path::Path;

use certctl_apply::{Clock, Fleet, Settings};
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint};
use certctl_model::{Period, Timestamp};
use certctl_plan::Options;
use certctl_sandbox::Running;
use certctl_state::{Holder, Location, Store};

use crate::cli::RemoteArgs;
use crate::printer::Problem;
use crate::sandboxed;
use crate::workspace::Workspace;

/// Everything behind a spec.
pub(crate) struct Remote {
    client: Client,
    store: Store,
    origin: String,
    clock: Clock,
    settings: Settings,
    /// Keeps the embedded sandbox alive.
    sandbox: Option<Running>,
}

/// How long `apply` waits; nothing for commands that only read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    pub(crate) wait_timeout: Period,
    pub(crate) lock_timeout: Period,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            wait_timeout: Period::ZERO,
            lock_timeout: Period::ZERO,
        }
    }
}

impl Remote {
    /// Opens both; no request is sent, and no file is made but those of an embedded sandbox.
    pub(crate) async fn open(
        args: &RemoteArgs,
        workspace: &Workspace,
        waits: Waits,
        reads_only: bool,
    ) -> Result<Self, Problem> {
        let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let embedded = match &args.sandbox {
            Some(flag) => {
                let directory = sandboxed::directory(flag.as_deref(), &workspace.home);
                Some((sandboxed::start(&directory).await?, directory))
            }
            None => None,
        };
        let (endpoint, credentials) = match &embedded {
            Some((running, _)) => {
                let token = Credentials::token("sandbox").map_err(|e| Problem::from_error(&e))?;
                (endpoint(&running.base_url())?, token)
            }
            None => {
                let endpoint = match env("CLOUDFLARE_BASE_URL") {
                    Some(url) => endpoint(&url)?,
                    None => Endpoint::cloudflare(),
                };
                let credentials = Credentials::from_env(&env)
                    .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
                (endpoint, credentials)
            }
        };
        let clock = clock(env("CERTCTL_NOW").as_deref(), &endpoint, reads_only)?;
        let (origin, location) = match &embedded {
            Some((_, directory)) => {
                let default = directory.join("state");
                let location = location(args.state.as_deref(), None, &default, &workspace.home)?;
                ("sandbox".to_owned(), location)
            }
            None => {
                let default = workspace.home.join(".certctl").join("state");
                let declared = workspace.spec.state.as_deref();
                let location =
                    location(args.state.as_deref(), declared, &default, &workspace.home)?;
                (endpoint.origin(), location)
            }
        };
        let store = Store::open(&location, &env)
            .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
        let options = ClientOptions {
            ca_bundle: args.ca_bundle.clone(),
            ..ClientOptions::default()
        };
        let request_timeout = options.timeout;
        let client = Client::new(endpoint, credentials, options)
            .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
        let settings = Settings {
            parallelism: usize::from(args.parallelism),
            wait_timeout: std(waits.wait_timeout),
            lock_timeout: std(waits.lock_timeout),
            request_timeout,
            holder: holder(&env),
        };
        let sandbox = embedded.map(|(running, _)| running);
        Ok(Self {
            client,
            store,
            origin,
            clock,
            settings,
            sandbox,
        })
    }

    /// The accounts of this spec behind this API.
    pub(crate) fn fleet<'a>(&'a self, workspace: &'a Workspace, options: &'a Options) -> Fleet<'a> {
        Fleet {
            spec: &workspace.spec,
            client: &self.client,
            store: &self.store,
            origin: &self.origin,
            options,
            clock: self.clock,
            settings: &self.settings,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ends the embedded sandbox, if there is one.
    pub(crate) async fn close(self) {
        if let Some(running) = self.sandbox {
            running.shutdown().await;
        }
    }
}

fn endpoint(url: &str) -> Result<Endpoint, Problem> {
    Endpoint::parse(url).map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))
}

/// `CERTCTL_NOW` moves periods, so it is refused where that could do harm.
fn clock(pinned: Option<&str>, endpoint: &Endpoint, reads_only: bool) -> Result<Clock, Problem> {
    let Some(text) = pinned else {
        return Ok(Clock::new(None));
    };
    let now: Timestamp = text.parse().map_err(|_| {
        Problem::new(format!(
            "CERTCTL_NOW is {text:?}, which is not an RFC 3339 time"
        ))
        .hint("write it like 2026-11-23T00:00:00Z")
    })?;
    if !reads_only && !endpoint.is_loopback() {
        return Err(
            Problem::new("CERTCTL_NOW is set, and this command changes a real account")
                .hint("unset it; it is for read-only commands, and for an API on loopback"),
        );
    }
    Ok(Clock::new(Some(now)))
}

/// `--state` is relative to where the command runs, `state:` to the spec.
fn location(
    flag: Option<&str>,
    declared: Option<&str>,
    default: &Path,
    home: &Path,
) -> Result<Location, Problem> {
    let parsed = match (flag, declared) {
        (Some(flag), _) => Location::parse(flag, Path::new(".")),
        (None, Some(declared)) => Location::parse(declared, home),
        (None, None) => return Ok(Location::Directory(default.to_path_buf())),
    };
    parsed.map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))
}

/// Who runs this, for whoever finds the lock taken.
fn holder(env: &dyn Fn(&str) -> Option<String>) -> Holder {
    let who = env("GITHUB_ACTOR")
        .or_else(|| env("GITLAB_USER_LOGIN"))
        .or_else(|| env("USER"));
    let job = match (
        env("GITHUB_SERVER_URL"),
        env("GITHUB_REPOSITORY"),
        env("GITHUB_RUN_ID"),
    ) {
        (Some(server), Some(repository), Some(run)) => {
            Some(format!("{server}/{repository}/actions/runs/{run}"))
        }
        _ => env("CI_JOB_URL"),
    };
    let machine = || {
        let host = env("HOSTNAME").unwrap_or_else(|| "this machine".to_owned());
        format!("{host}, process {}", std::process::id())
    };
    Holder {
        who: who.unwrap_or_else(|| "somebody".to_owned()),
        r#where: job.unwrap_or_else(machine),
        operation: "apply".to_owned(),
    }
}

fn std(period: Period) -> std::time::Duration {
    std::time::Duration::from_secs(period.as_seconds().unsigned_abs())
}
