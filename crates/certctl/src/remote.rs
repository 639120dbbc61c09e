//! The API and the state that a command works with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use certctl_apply::{Auditing, Clock, Devices, Fleet, Settings};
use certctl_cloudflare::{Client, ClientOptions, Credentials, Endpoint};
use certctl_model::{Code, Diagnostic, Encryption, Guard, Period, Timestamp};
use certctl_plan::Options;
use certctl_sandbox::Running;
use certctl_state::{Access, Location, Store};

use crate::actor;
use crate::audit_log;
use crate::cli::{AuditArgs, PlaceArgs, RemoteArgs};
use crate::home::{default_state, other_state};
use crate::own_keys::Keys;
use crate::printer::Problem;
use crate::sandboxed;
use crate::secret_command;
use crate::secrets::scrub;
use crate::token_file;
use crate::tokens::Tokens;
use crate::workspace::Workspace;

/// Everything behind a spec.
pub(crate) struct Remote {
    client: Client,
    tokens: Arc<Tokens>,
    keys: Keys,
    store: Store,
    origin: String,
    /// Whether the API is on this machine.
    loopback: bool,
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
        let env = env();
        let site = Site::of(&args.place, workspace, &env)?;
        let clock = clock(&env, site.is_loopback(), reads_only)?;
        let loopback = site.is_loopback();
        let timeout = secret_command::timeout(&env)?;
        let keys = Keys { timeout };
        let (sandbox, endpoint, tokens) = match site.api {
            Api::Embedded(directory) => {
                let running = sandboxed::start(&directory).await?;
                let endpoint = endpoint(&running.base_url())?;
                let token = Credentials::token("sandbox").map_err(|e| Problem::from_error(&e))?;
                (Some(running), endpoint, Tokens::same(token))
            }
            Api::At(endpoint) => {
                let of_run = match &args.token_file {
                    Some(path) => Ok(token_file::read(path)?),
                    None => Credentials::from_env(&env),
                };
                let at_once = usize::from(args.parallelism);
                let tokens = Tokens::of(&workspace.spec, of_run, timeout, at_once);
                (None, endpoint, tokens)
            }
        };
        if let Some(error) = tokens.missing(&workspace.spec) {
            return Err(Problem::from_error(error).maybe_hint(error.hint()));
        }
        let tokens = Arc::new(tokens);
        let store = site.store;
        let options = ClientOptions {
            ca_bundle: args.place.ca_bundle.clone(),
            ..ClientOptions::default()
        };
        // A run that may wait for an hour waits for an hour of pauses by the API, too.
        let options = ClientOptions {
            patience: options.patience.max(std(waits.wait_timeout)),
            ..options
        };
        let request_timeout = options.timeout;
        let client = Client::with_keyring(endpoint, tokens.clone(), options)
            .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
        let settings = Settings {
            parallelism: usize::from(args.parallelism),
            wait_timeout: std(waits.wait_timeout),
            lock_timeout: std(waits.lock_timeout),
            request_timeout,
            holder: actor::holder(&env, "apply"),
            audit: Auditing::default(),
        };
        Ok(Self {
            client,
            tokens,
            keys,
            store,
            origin: site.origin,
            loopback,
            clock,
            settings,
            sandbox,
        })
    }

    /// The accounts of this spec behind this API.
    pub(crate) fn fleet<'a>(&'a self, workspace: &'a Workspace, options: &'a Options) -> Fleet<'a> {
        Fleet {
            planner: &certctl_planner::Rules,
            spec: &workspace.spec,
            client: &self.client,
            keys: &self.keys,
            store: &self.store,
            origin: &self.origin,
            options,
            devices: Devices::never(),
            clock: self.clock.clone(),
            settings: &self.settings,
        }
    }

    /// The same at another moment: what is planned is only looked at.
    pub(crate) fn at(mut self, moment: Option<Timestamp>) -> Self {
        if moment.is_some() {
            self.clock = Clock::new(moment);
        }
        self
    }

    /// Puts on record who runs this and why, and where a copy of each record goes.
    pub(crate) fn recording(mut self, args: &AuditArgs) -> Result<Self, Problem> {
        self.settings.audit = Auditing {
            actor: actor::actor(&env()),
            reason: args
                .reason
                .as_deref()
                .map(|reason| scrub(reason).into_owned()),
            log: args.audit_log.as_deref().map(audit_log::open).transpose()?,
        };
        Ok(self)
    }

    /// What a CI job would forget: state in a directory that begins and ends with it, and
    /// without which the next job knows nothing of the certificates that this one makes.
    pub(crate) async fn ephemeral(&self, options: &Options) -> Result<Option<Diagnostic>, Problem> {
        let in_ci = env()("CI").is_some_and(|ci| ci == "true" || ci == "1");
        let allowed = options
            .allow
            .iter()
            .any(|allow| allow.guard == Guard::EphemeralState);
        let location = self.store.location();
        if !in_ci || allowed || self.loopback || !location.is_local() {
            return Ok(None);
        }
        let keys = self
            .store
            .keys()
            .await
            .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))?;
        if keys.iter().any(|key| key.origin == self.origin) {
            return Ok(None);
        }
        let message = format!(
            "the state would be new, in {location}, and this is a CI job: it would be lost with it"
        );
        let diagnostic = Diagnostic::error(Code::EphemeralState, message).hint(
            "set `state:` in the spec, or `--state`, to a bucket: s3://BUCKET/PREFIX, gs://…, az://… or \
             https://ACCOUNT.r2.cloudflarestorage.com/BUCKET/PREFIX; if that directory outlives the \
             job, pass `--allow ephemeral_state`",
        );
        Ok(Some(diagnostic))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
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

/// The environment; an empty variable counts as not set.
pub(crate) fn env() -> impl Fn(&str) -> Option<String> {
    |name| std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Which API, and where its state is; nothing is opened yet.
pub(crate) struct Site {
    pub(crate) origin: String,
    pub(crate) store: Store,
    api: Api,
}

enum Api {
    /// A sandbox within this process, in this directory.
    Embedded(PathBuf),
    At(Endpoint),
}

impl Site {
    pub(crate) fn of(
        args: &PlaceArgs,
        workspace: &Workspace,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Problem> {
        let home = &workspace.home;
        let flag = args.state.as_deref();
        if let Some(sandbox) = &args.sandbox {
            let directory = sandboxed::directory(sandbox.as_deref(), home);
            let location = location(flag, None, &directory.join("state"), home)?;
            return Ok(Self {
                origin: "sandbox".to_owned(),
                store: store(args, &location, None, env)?,
                api: Api::Embedded(directory),
            });
        }
        let endpoint = match env("CLOUDFLARE_BASE_URL") {
            Some(url) => endpoint(&url)?,
            None => Endpoint::cloudflare(),
        };
        if !endpoint.is_loopback() {
            usable_proxies(env)?;
        }
        // `--state` takes the place of the whole of `state`.
        let declared = workspace.spec.state.as_ref().filter(|_| flag.is_none());
        let default = default_state(home);
        if flag.is_none() && declared.is_none() {
            let other = other_state(home, &workspace.files, &endpoint.origin());
            other.map_or(Ok(()), |other| Err(second_state(&default, &other)))?;
        }
        let url = declared.map(|declared| declared.url.as_str());
        let location = location(flag, url, &default, &workspace.state_home)?;
        let encryption = declared.and_then(|declared| declared.encryption.clone());
        Ok(Self {
            origin: endpoint.origin(),
            store: store(args, &location, encryption, env)?,
            api: Api::At(endpoint),
        })
    }

    /// Whether the API is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match &self.api {
            Api::Embedded(_) => true,
            Api::At(endpoint) => endpoint.is_loopback(),
        }
    }
}

/// That the default place of the state is not the one that holds it.
fn second_state(default: &Path, other: &Path) -> Problem {
    let (default, other) = (default.display(), other.display());
    Problem::new(format!(
        "the state would be in {default}, but {other} already holds a state of this API"
    ))
    .hint(format!(
        "nothing was done; pass `--state {other}` to go on with that one, or `--state {default}` if they \
         have nothing to do with each other, or say `state:` in the spec"
    ))
}

/// Opens the store of a location; nothing is sent.
fn store(
    args: &PlaceArgs,
    location: &Location,
    encryption: Option<Encryption>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Store, Problem> {
    if !location.is_local() {
        usable_proxies(env)?;
    }
    let access = Access {
        ca_bundle: args.ca_bundle.clone(),
        encryption,
    };
    Store::open(location, &access, env)
        .map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))
}

/// Refuses a proxy that would be left out in silence.
fn usable_proxies(env: &dyn Fn(&str) -> Option<String>) -> Result<(), Problem> {
    certctl_network::check_proxies(env)
        .map_err(|error| Problem::from_error(&error).hint(error.hint()))
}

fn endpoint(url: &str) -> Result<Endpoint, Problem> {
    Endpoint::parse(url).map_err(|error| Problem::from_error(&error).maybe_hint(error.hint()))
}

/// Periods are counted from such a time, and calendars end with the year 9999.
pub(crate) fn refuse_far_away(name: &str, at: Timestamp) -> Result<(), Problem> {
    let (first, last) = (0, 32_503_680_000);
    if (first..last).contains(&at.as_second()) {
        return Ok(());
    }
    Err(
        Problem::new(format!("{name} is {at}, which is too far away"))
            .hint("give a time from the year 1970 on, and before the year 3000"),
    )
}

/// `CERTCTL_NOW` moves periods, so it is refused where that could do harm.
pub(crate) fn clock(
    env: &dyn Fn(&str) -> Option<String>,
    loopback: bool,
    reads_only: bool,
) -> Result<Clock, Problem> {
    let Some(text) = env("CERTCTL_NOW") else {
        return Ok(Clock::new(None));
    };
    let now: Timestamp = text.parse().map_err(|_| {
        Problem::new(format!(
            "CERTCTL_NOW is {text:?}, which is not an RFC 3339 time"
        ))
        .hint("write it like 2026-11-23T00:00:00Z")
    })?;
    refuse_far_away("CERTCTL_NOW", now)?;
    if !reads_only && !loopback {
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

pub(crate) fn std(period: Period) -> std::time::Duration {
    std::time::Duration::from_secs(period.as_seconds().unsigned_abs())
}
