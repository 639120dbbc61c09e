//! The token: what kind it is, whether it is valid, and until when.

use certctl_cloudflare::{Answer, Client, Credentials, TokenKind};
use certctl_model::{AccountId, Period, Timestamp};
use certctl_spec::Spec;
use serde_json::Value;

use super::report::{Check, Verdict};
use crate::cli::RemoteArgs;
use crate::remote;
use crate::token_file;

/// How long before its end a token is worth a warning.
const SOON: u32 = 30;

/// What is said of the run's own without a request, and their kind if there are any.
pub(super) fn look(args: &RemoteArgs, spec: &Spec) -> (Check, Option<TokenKind>) {
    if args.place.sandbox.is_some() {
        let check = Check::new("credentials", Verdict::Ok, "the sandbox takes any");
        return (check, None);
    }
    if !is_needed(spec) {
        let check = Check::new(
            "credentials",
            Verdict::Ok,
            "each account has a token of its own",
        );
        return (check, None);
    }
    let (source, credentials) = match &args.token_file {
        Some(path) => {
            let read = token_file::read(path);
            (
                path.display().to_string(),
                read.map_err(|problem| problem.what()),
            )
        }
        None => {
            let source = "the environment".to_owned();
            let read = Credentials::from_env(&remote::env());
            (source, read.map_err(|error| error.to_string()))
        }
    };
    let credentials = match credentials {
        Ok(credentials) => credentials,
        Err(what) => {
            let check = Check::new("credentials", Verdict::Error, what).advice(
                "set CLOUDFLARE_API_TOKEN, or name a file with --token-file; permission Zero Trust: \
                 Read to plan, Edit to apply",
            );
            return (check, None);
        }
    };
    let kind = credentials.kind();
    (of_kind("credentials", kind, &source), Some(kind))
}

/// What a kind of credentials is good for.
pub(super) fn of_kind(check: &str, kind: TokenKind, source: &str) -> Check {
    let (verdict, what, advice) = match kind {
        TokenKind::Account => (Verdict::Ok, "an account-owned API token", None),
        TokenKind::User => (
            Verdict::Note,
            "an API token of a user",
            Some("in pipelines use an account-owned token: it does not end when its owner leaves"),
        ),
        TokenKind::OAuth => (
            Verdict::Warning,
            "a short-lived token of the official command line",
            Some("it ends within hours: for pipelines create an API token"),
        ),
        TokenKind::GlobalKeyAsToken => (
            Verdict::Error,
            "a global API key, where a token is expected",
            Some("create an API token; or set CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY"),
        ),
        TokenKind::GlobalKey => (
            Verdict::Warning,
            "an email address with a global API key",
            Some("it may do everything in every account: create an API token instead"),
        ),
        TokenKind::Unknown => (
            Verdict::Ok,
            "an API token of a kind that its text does not tell",
            None,
        ),
    };
    Check::new(check, verdict, format!("{what}, from {source}")).maybe_advice(advice)
}

/// Whether any account is asked with the run's own credentials.
pub(super) fn is_needed(spec: &Spec) -> bool {
    let accounts = &spec.accounts;
    accounts.is_empty() || accounts.iter().any(|account| account.token.is_none())
}

/// Whether the token is valid, and until when.
pub(super) async fn verify(
    check: &str,
    client: &Client,
    kind: Option<TokenKind>,
    account: Option<&AccountId>,
    now: Timestamp,
) -> Option<Check> {
    let of_user = "/user/tokens/verify".to_owned();
    let of_account = account.map(|id| format!("/accounts/{id}/tokens/verify"));
    let paths: Vec<String> = match kind {
        None | Some(TokenKind::Unknown) => {
            [Some(of_user), of_account].into_iter().flatten().collect()
        }
        Some(TokenKind::User) => vec![of_user],
        Some(TokenKind::Account) => of_account.into_iter().collect(),
        Some(TokenKind::OAuth | TokenKind::GlobalKey | TokenKind::GlobalKeyAsToken) => Vec::new(),
    };
    let mut last = None;
    for path in paths {
        let account = account.cloned().unwrap_or_else(AccountId::nobody);
        let answer = client.ask(&account, &path).await;
        if let Some(result) = answer.result() {
            return Some(judge(check, result, now));
        }
        last = Some(answer);
    }
    last.map(|answer| refused(check, &answer))
}

fn judge(check: &str, result: &Value, now: Timestamp) -> Check {
    let text = |key: &str| result.get(key).and_then(Value::as_str);
    let status = text("status").unwrap_or("unknown");
    let expires: Option<Timestamp> = text("expires_on").and_then(|time| time.parse().ok());
    let shown: String = status
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    if status != "active" {
        return Check::new(check, Verdict::Error, format!("its status is {shown}"))
            .advice("create another one, or enable it in the dashboard: My Profile → API Tokens");
    }
    match expires {
        None => Check::new(check, Verdict::Ok, "active; it does not expire"),
        Some(expires) if Period::days(SOON).after(now) >= expires => Check::new(
            check,
            Verdict::Warning,
            format!("active; it expires on {expires}"),
        )
        .advice("roll it before: every run fails from then on, renewals too"),
        Some(expires) => Check::new(check, Verdict::Ok, format!("active until {expires}")),
    }
}

fn refused(check: &str, answer: &Answer) -> Check {
    match answer {
        Answer::No(refusal) => {
            Check::new(check, Verdict::Error, refusal.to_string()).maybe_advice(refusal.hint())
        }
        Answer::Nothing(failure) => Check::new(check, Verdict::Error, failure.to_string())
            .maybe_advice(failure.hint.clone()),
        Answer::Yes { .. } => Check::new(check, Verdict::Ok, "active"),
    }
}
