//! The command line that applies what was just planned, for whoever reads the plan elsewhere.
//!
//! *Invariants*: pasted into a shell where the plan was made, it plans the same and does only what
//! has the plan's digest; every word is quoted so that no shell reads anything into it.

use certctl_model::Period;
use certctl_plan::Plan;

use crate::cli;

/// `certctl apply …`, with everything that was typed for the plan and matters to it.
pub(crate) fn apply(plan: &Plan, args: &cli::Plan) -> String {
    let mut words = vec!["certctl".to_owned(), "apply".to_owned()];
    for file in &args.spec.files {
        words.extend(["-f".to_owned(), file.display().to_string()]);
    }
    for account in &args.spec.accounts {
        words.extend(["--account".to_owned(), account.to_string()]);
    }
    for label in &args.spec.labels {
        words.extend(["--label".to_owned(), label.to_string()]);
    }
    if let Some(state) = &args.remote.place.state {
        words.extend(["--state".to_owned(), state.clone()]);
    }
    match &args.remote.place.sandbox {
        Some(Some(directory)) => words.push(format!("--sandbox={}", directory.display())),
        Some(None) => words.push("--sandbox".to_owned()),
        None => {}
    }
    if args.planning.settle_timeout != Period::seconds(60) {
        let timeout = args.planning.settle_timeout.to_string();
        words.extend(["--settle-timeout".to_owned(), timeout]);
    }
    words.extend(
        plan.options
            .iter()
            .flat_map(|option| option.split(' ').map(str::to_owned)),
    );
    words.extend(["--expect-digest".to_owned(), plan.digest.clone()]);
    if words.get(2..4) == Some(&["-f".to_owned(), DEFAULT_FILE.to_owned()])
        && args.spec.files.len() == 1
    {
        words.drain(2..4);
    }
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// What `-f` is when nobody says so.
const DEFAULT_FILE: &str = "certctl.yaml";

/// A word as a POSIX shell takes it for itself.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use certctl_plan::Options;
    use clap::Parser;

    use super::*;

    fn typed(words: &str) -> String {
        let words = std::iter::once("certctl").chain(words.split_whitespace());
        let parsed = cli::Cli::try_parse_from(words).unwrap();
        let cli::Command::Plan(args) = parsed.command else {
            panic!("not a plan")
        };
        let options = crate::commands::plan::options(&args.planning);
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let plan = Plan::assemble(Vec::new(), Vec::new(), &options, now);
        assert_eq!(
            Options::from_words(&plan.options).unwrap().words(),
            plan.options
        );
        apply(&plan, &args).replace(&plan.digest, "DIGEST")
    }

    #[test]
    fn everything_that_matters_to_the_plan_comes_again() {
        assert_eq!(typed("plan"), "certctl apply --expect-digest DIGEST");
        assert_eq!(
            typed(
                "plan -f a.yaml -f $(b) --account acme-* --label tier=canary --state s3://bucket/x?y=1 --sandbox=it's \
                 --replace acme/a --resume acme/b --only rotation --allow new_state --target acme/a --format markdown \
                 --detailed-exitcode --settle-timeout 5s"
            ),
            "certctl apply -f a.yaml -f '$(b)' --account 'acme-*' --label tier=canary --state 's3://bucket/x?y=1' \
             '--sandbox=it'\\''s' --settle-timeout 5s --replace acme/a --resume acme/b \
             --only rotation --allow new_state \
             --target acme/a --expect-digest DIGEST"
        );
    }
}
