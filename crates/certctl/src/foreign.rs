//! Commands that people know from other tools, and what to type here instead.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::Cli;
use crate::printer::Problem;

/// What was typed, and what to do instead.
const ANSWERS: &[(&[&str], &str)] = &[
    (
        &["init", "new", "bootstrap", "setup", "configure", "login"],
        "nothing has to be set up: `certctl import --account-id ID` writes a spec from what exists, `certctl plan` reads it, and the token comes from CLOUDFLARE_API_TOKEN; `certctl doctor` checks all of that",
    ),
    (
        &["diff", "preview", "dry-run", "dryrun", "compare"],
        "`certctl plan` shows what differs from the account",
    ),
    (
        &[
            "up",
            "deploy",
            "sync",
            "reconcile",
            "push",
            "run",
            "create",
            "converge",
        ],
        "declare it in the spec; `certctl apply` plans, asks, and makes the account so",
    ),
    (
        &["rotate", "renew", "taint", "replace", "recreate"],
        "`certctl plan --replace ADDRESS` shows the replacement of a certificate by a successor, and `certctl apply --replace ADDRESS` begins it; `rotation: { renew_before: 90d }` in the spec renews by itself",
    ),
    (
        &["untaint"],
        "a rotation that began goes on; `certctl apply --rollback ADDRESS` sets the predecessor in use again",
    ),
    (
        &["rollback", "revert", "undo"],
        "`certctl apply --rollback ADDRESS` sets the predecessor in use again and holds the rotation",
    ),
    (
        &["revoke", "compromised"],
        "`certctl apply --compromised ADDRESS` leaves a certificate whose key is not to be trusted, at once",
    ),
    (
        &["destroy", "delete", "down", "remove", "rm"],
        "remove the certificate from the spec; `certctl plan` shows the deletion and `certctl apply` does it. `certctl state rm ADDRESS` forgets it without a request",
    ),
    (
        &["refresh", "pull"],
        "there is nothing to refresh: each `certctl plan` reads the account anew; `certctl status` shows it",
    ),
    (&["version"], "`certctl --version`"),
    (
        &[
            "list", "ls", "get", "describe", "ps", "output", "outputs", "inspect",
        ],
        "`certctl status` lists the certificates of the accounts; `certctl state list` what is remembered; `certctl pem ADDRESS` prints one",
    ),
    (
        &[
            "activate",
            "deactivate",
            "use",
            "set-in-use",
            "enable",
            "disable",
            "edit",
            "update",
            "set",
        ],
        "set `activate` or `in_use` in the spec; `certctl plan` shows the change and `certctl apply` makes it",
    ),
    (
        &["lint", "fmt", "format", "check", "test"],
        "`certctl validate` finds every problem of the spec; `certctl status --check` what expires soon",
    ),
    (
        &[
            "adopt",
            "export",
            "generate",
            "from-terraform",
            "migrate",
            "download",
        ],
        "`certctl import --account-id ID` writes what exists into a spec, `certctl import --from-terraform FILE` what a Terraform state holds",
    ),
    (
        &["mv", "move", "rename"],
        "say `moved_from: OLD-NAME` in the spec, or `certctl state mv FROM TO`",
    ),
    (&["unlock", "force-unlock"], "`certctl state unlock`"),
    (
        &["logs", "log", "audit", "events"],
        "`certctl history` shows which requests changed something",
    ),
    (
        &["serve", "server", "mock", "start"],
        "`certctl sandbox` serves an API that behaves like Cloudflare's; `certctl apply --sandbox` brings one of its own",
    ),
    (
        &["trust", "kit", "mdm", "install"],
        "`certctl trust-kit --out DIR` writes what device management needs",
    ),
    (&["completion"], "`certctl completions SHELL`"),
    (
        &[
            "providers",
            "workspace",
            "graph",
            "console",
            "stack",
            "plugin",
        ],
        "certctl has no such thing: one spec holds all accounts; `certctl --help` lists the commands",
    ),
];

/// The answer to a command that certctl does not have and another tool does.
pub(crate) fn answer(error: &clap::Error, typed: &[OsString]) -> Option<Problem> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    // A word after `certctl state` is not one of these, and one after `certctl help` is. What stands before
    // may be the value of an option.
    let ours = Cli::command();
    let is_ours = |word: &str| word != "help" && ours.find_subcommand(word).is_some();
    let mut typed = typed.iter().skip(1).map(|word| word.to_string_lossy());
    let command = typed.find(|typed| typed == word || is_ours(typed));
    if command.is_none_or(|command| command != *word) {
        return None;
    }
    let (_, hint) = ANSWERS
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()))?;
    Some(Problem::new(format!("certctl has no command `{word}`")).hint(*hint))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Parser;

    use super::*;

    fn typed(words: &[&str]) -> Option<Problem> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let error = Cli::try_parse_from(&words).unwrap_err();
        answer(&error, &words)
    }

    #[test]
    fn each_word_is_answered_and_none_is_a_command_of_ours() {
        let mut seen = BTreeSet::new();
        for (words, _) in ANSWERS {
            for word in *words {
                assert!(seen.insert(word), "{word} is answered twice");
                let command = Cli::command();
                let ours = command.find_subcommand(word).is_some();
                assert!(!ours, "{word} is a command");
                assert!(typed(&["certctl", word, "x"]).is_some(), "{word}");
            }
        }
        assert!(typed(&["certctl", "--color", "never", "init", "-x"]).is_some());
        assert!(typed(&["certctl", "help", "rotate"]).is_some());
        assert!(typed(&["certctl", "nonsense"]).is_none());
        assert!(typed(&["certctl", "state", "refresh"]).is_none());
    }

    #[test]
    fn every_command_that_is_named_exists() {
        for (_, hint) in ANSWERS {
            for command in hint.split('`').skip(1).step_by(2) {
                let Some(rest) = command.strip_prefix("certctl ") else {
                    continue;
                };
                let words = rest
                    .replace("ADDRESS", "acme/a")
                    .replace("FROM TO", "acme/a acme/b");
                let words = words
                    .replace(" ID", " 699d98642c564d2e855e9661899b7252")
                    .replace("SHELL", "bash");
                let parsed =
                    Cli::try_parse_from(std::iter::once("certctl").chain(words.split_whitespace()));
                if let Err(error) = parsed {
                    let shown = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
                    assert!(shown.contains(&error.kind()), "{command}: {error}");
                }
            }
        }
    }
}
