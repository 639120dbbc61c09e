//! Who runs this: for whoever finds a lock taken, and for the auditor.
//!
//! It is what the environment says, and no proof: the store's own access log knows better.

use certctl_state::{Actor, Holder};

use crate::secrets::scrub;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Who holds a lock, and for what.
pub(crate) fn holder(env: Env<'_>, operation: &str) -> Holder {
    let env = &clean(env);
    let machine = || format!("{}, process {}", host(env), std::process::id());
    Holder {
        who: user(env).unwrap_or_else(|| "somebody".to_owned()),
        r#where: run(env).unwrap_or_else(machine),
        operation: operation.to_owned(),
    }
}

/// Who stands in the record of each request.
pub(crate) fn actor(env: Env<'_>) -> Actor {
    let env = &clean(env);
    let ci = env("GITHUB_ACTOR").or_else(|| env("GITLAB_USER_LOGIN"));
    let person = || {
        let user = env("USER").or_else(|| env("USERNAME"));
        format!(
            "{}@{}",
            user.unwrap_or_else(|| "somebody".to_owned()),
            host(env)
        )
    };
    Actor {
        user: ci.unwrap_or_else(person),
        run: run(env),
        commit: env("GITHUB_SHA").or_else(|| env("CI_COMMIT_SHA")),
    }
}

/// What is kept for years holds no secret, whatever a variable held.
fn clean(env: Env<'_>) -> impl Fn(&str) -> Option<String> {
    move |name| env(name).map(|value| scrub(&value).into_owned())
}

fn user(env: Env<'_>) -> Option<String> {
    ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "USERNAME"]
        .iter()
        .find_map(|name| env(name))
}

/// The CI run: its address, or what there is of it.
fn run(env: Env<'_>) -> Option<String> {
    match (
        env("GITHUB_SERVER_URL"),
        env("GITHUB_REPOSITORY"),
        env("GITHUB_RUN_ID"),
    ) {
        (Some(server), Some(repository), Some(run)) => {
            Some(format!("{server}/{repository}/actions/runs/{run}"))
        }
        (_, _, run) => run.or_else(|| env("CI_JOB_URL")),
    }
}

/// The machine's name. Shells seldom export it, but Linux has it as a file.
fn host(env: Env<'_>) -> String {
    let kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    env("HOSTNAME")
        .or_else(kernel)
        .or_else(|| env("COMPUTERNAME"))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this-machine".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor_of(variables: &[(&str, &str)]) -> Actor {
        actor(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_ci_run_and_its_commit_are_named() {
        let github = actor_of(&[
            ("USER", "runner"),
            ("GITHUB_ACTOR", "ann"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/gateway"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_SHA", "c0ffee"),
        ]);
        assert_eq!(github.user, "ann");
        let run = "https://github.com/acme/gateway/actions/runs/42";
        assert_eq!(github.run.as_deref(), Some(run));
        assert_eq!(github.commit.as_deref(), Some("c0ffee"));

        let gitlab = actor_of(&[
            ("GITLAB_USER_LOGIN", "bob"),
            ("CI_JOB_URL", "https://gitlab.example/jobs/7"),
            ("CI_COMMIT_SHA", "beef"),
        ]);
        assert_eq!(gitlab.user, "bob");
        assert_eq!(gitlab.run.as_deref(), Some("https://gitlab.example/jobs/7"));
        assert_eq!(gitlab.commit.as_deref(), Some("beef"));
    }

    #[test]
    fn without_ci_it_is_the_user_on_the_machine() {
        let person = actor_of(&[("USER", "ann"), ("HOSTNAME", "laptop")]);
        assert_eq!(person.user, "ann@laptop");
        assert_eq!((person.run, person.commit), (None, None));
    }
}
