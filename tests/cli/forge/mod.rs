//! A forge in a directory: runs the workflows of `examples/pipelines/github` as they are written, step
//! by step, with a stand-in for `gh` that keeps comments as files.
//!
//! What it knows of GitHub's language is little: expressions are looked up, and one that nobody gave a
//! value for is an error, so that a workflow cannot come to mean something that no test has seen.

use std::collections::BTreeMap;
use std::process::Command;

use serde_yaml::Value;

use crate::support::{Place, repository};

pub(crate) struct Forge {
    pub(crate) place: Place,
    values: BTreeMap<String, String>,
}

impl Forge {
    /// A repository that holds an example, with a name, a token, and nothing else.
    pub(crate) fn new(example: &str) -> Self {
        let mut place = Place::with_example(example);
        std::fs::create_dir_all(place.path("forge")).unwrap();
        let forge = place.path("forge").display().to_string();
        place.set("FORGE", &forge);
        let own = std::path::Path::new(env!("CARGO_BIN_EXE_certctl"));
        let own = own.parent().unwrap().display();
        let stand_in = repository().join("tests/cli/forge");
        let path = std::env::var("PATH").unwrap();
        place.set("PATH", &format!("{}:{own}:{path}", stand_in.display()));
        place.set("GITHUB_REPOSITORY", "acme/gateway");
        let mut forge = Self {
            place,
            values: BTreeMap::new(),
        };
        for (expression, value) in [
            ("github.repository", "acme/gateway"),
            ("github.token", "gh-token"),
            ("github.action_repository", "OWNER/certctl"),
            ("github.event_name", "pull_request"),
            ("github.event.inputs.pull-request", "7"),
            ("github.event.workflow_run.event == 'pull_request'", "true"),
            ("github.event.workflow_run.id", "1"),
            ("github.event.workflow_run.head_sha", "0123456789abcdef"),
            ("secrets.CLOUDFLARE_API_TOKEN", "a-token-for-tests"),
            ("secrets.CLOUDFLARE_API_TOKEN_READ", "a-token-for-tests"),
            ("vars.CERTCTL_OPTIONS", ""),
            ("vars.CERTCTL_ROTATION_OPTIONS", ""),
            ("vars.CERTCTL_FORECAST", ""),
            ("always()", "true"),
        ] {
            forge.values.insert(expression.to_owned(), value.to_owned());
        }
        forge.set_fork(false);
        let head = "fedcba9876543210".to_owned();
        forge.values.insert("github.sha".to_owned(), head);
        forge
    }

    /// The value of a variable of the repository.
    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        let expression = format!("vars.{variable}");
        self.values.insert(expression, value.to_owned());
    }

    /// Whether the pull request comes from a fork.
    pub(crate) fn set_fork(&mut self, fork: bool) {
        for (expression, value) in [
            (
                "github.event.pull_request.head.repo.full_name == github.repository",
                !fork,
            ),
            (
                "github.event.pull_request.head.repo.full_name != github.repository",
                fork,
            ),
            (
                "github.event.workflow_run.head_repository.full_name != github.repository",
                fork,
            ),
        ] {
            self.values.insert(expression.to_owned(), value.to_string());
        }
    }

    /// The pull request is merged, and what runs from now on runs for that.
    pub(crate) fn merge(&mut self) {
        self.merge_of(7);
    }

    /// The same of a pull request with this number; its commit is made of the number.
    pub(crate) fn merge_of(&mut self, request: u32) {
        let commit = format!("fedcba98{request:08}");
        let path = self.place.path("forge/merged");
        let before = std::fs::read_to_string(path).unwrap_or_default();
        let merged = format!("{before}{commit} {request}\n");
        self.place.write("forge/merged", &merged);
        self.values.insert("github.sha".to_owned(), commit);
    }

    /// What is proposed from now on is this pull request.
    pub(crate) fn propose(&self, request: u32) {
        self.place.write("forge/request", &request.to_string());
    }

    /// The comments on a pull request.
    pub(crate) fn comments_on(&self, request: u32) -> Vec<String> {
        let of = |id: usize| {
            let path = self.place.path(&format!("forge/comments/{id}.request"));
            std::fs::read_to_string(path).unwrap_or("7".to_owned())
        };
        let all = self.comments();
        let numbered = all.into_iter().enumerate();
        numbered
            .filter(|(index, _)| of(index + 1) == request.to_string())
            .map(|(_, text)| text)
            .collect()
    }

    /// The comments on all pull requests.
    pub(crate) fn comments(&self) -> Vec<String> {
        (1..)
            .map(|n| self.place.path(&format!("forge/comments/{n}.md")))
            .take_while(|path| path.exists())
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// Runs the one job of a workflow; says whether every step of it succeeded.
    pub(crate) fn run(&mut self, workflow: &str) -> bool {
        let workflow = read(&format!("examples/pipelines/github/{workflow}"));
        let jobs = workflow["jobs"].as_mapping().unwrap();
        assert_eq!(jobs.len(), 1);
        let job = jobs.values().next().unwrap();
        if !self.holds(&job["if"]) {
            return true;
        }
        let env = self.env(&job["env"]);
        self.steps(&job["steps"], &env)
    }

    fn steps(&mut self, steps: &Value, outer: &BTreeMap<String, String>) -> bool {
        let mut good = true;
        for step in steps.as_sequence().unwrap() {
            let always = step["if"].as_str() == Some("always()");
            if !(good || always) || !self.holds(&step["if"]) {
                continue;
            }
            let mut env = outer.clone();
            env.extend(self.env(&step["env"]));
            let uses = step["uses"].as_str();
            let action = uses.map(|uses| uses.split_once('@').unwrap().0);
            good &= match (step["run"].as_str(), action) {
                (Some(script), None) => self.script(script, &env, step["id"].as_str()),
                (None, Some("OWNER/certctl")) => self.action(&step["with"], &env),
                // Jobs share a disk here.
                (
                    None,
                    Some(
                        "actions/checkout"
                        | "actions/upload-artifact"
                        | "actions/download-artifact",
                    ),
                ) => true,
                other => panic!("a step that no test knows: {other:?}"),
            };
        }
        good
    }

    /// The composite action at the root of the repository.
    fn action(&mut self, with: &Value, env: &BTreeMap<String, String>) -> bool {
        let action = read("action.yml");
        let inputs = action["inputs"].as_mapping().unwrap();
        for given in with.as_mapping().into_iter().flat_map(|with| with.keys()) {
            assert!(inputs.contains_key(given), "{given:?} is no input");
        }
        for (name, input) in inputs {
            let name = name.as_str().unwrap();
            let given = with[name].as_str().or(input["default"].as_str()).unwrap();
            let value = self.expand(given);
            self.values.insert(format!("inputs.{name}"), value);
        }
        let runs = (!self.values["inputs.run"].is_empty()).to_string();
        self.values.insert("inputs.run != ''".to_owned(), runs);
        let path = repository().display().to_string();
        self.values.insert("github.action_path".to_owned(), path);
        assert_eq!(action["runs"]["using"], "composite");
        self.steps(&action["runs"]["steps"], env)
    }

    fn script(&mut self, script: &str, env: &BTreeMap<String, String>, id: Option<&str>) -> bool {
        self.place.write("forge/output", "");
        let ended = self.bash(self.expand(script).as_str(), env);
        for line in self.place.read("forge/output").lines() {
            let (name, value) = line.split_once('=').unwrap();
            let id = id.expect("an id, where there is an output");
            let output = format!("steps.{id}.outputs.{name}");
            self.values
                .insert(format!("{output} != ''"), (!value.is_empty()).to_string());
            self.values.insert(output, value.to_owned());
        }
        ended
    }

    /// Bash as a runner starts it.
    pub(crate) fn bash(&self, script: &str, env: &BTreeMap<String, String>) -> bool {
        let mut command: Command = self.place.command("bash");
        let output = command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .env("GITHUB_OUTPUT", self.place.path("forge/output"))
            .env("GITHUB_STEP_SUMMARY", self.place.path("forge/summary.md"))
            .env("GITHUB_ACTIONS", "true")
            .envs(env)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let log = format!(
            "{}{}{}",
            std::fs::read_to_string(self.place.path("forge/log")).unwrap_or_default(),
            text(output.stdout),
            text(output.stderr)
        );
        self.place.write("forge/log", &log);
        output.status.success()
    }

    /// What the steps printed.
    pub(crate) fn log(&self) -> String {
        self.place.read("forge/log")
    }

    fn holds(&self, condition: &Value) -> bool {
        condition.is_null() || self.value(condition.as_str().unwrap()) == "true"
    }

    fn env(&self, env: &Value) -> BTreeMap<String, String> {
        let pairs = env.as_mapping().into_iter().flatten();
        pairs
            .map(|(name, value)| {
                let text = self.expand(value.as_str().unwrap());
                (name.as_str().unwrap().to_owned(), text)
            })
            .collect()
    }

    /// Replaces `${{ … }}`.
    fn expand(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut expanded = parts.next().unwrap().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").unwrap();
            expanded.push_str(&self.value(expression.trim()));
            expanded.push_str(rest);
        }
        expanded
    }

    fn value(&self, expression: &str) -> String {
        let value = self.values.get(expression);
        value
            .unwrap_or_else(|| panic!("no test gives a value for {expression:?}"))
            .clone()
    }
}

/// A YAML file of the repository.
pub(crate) fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(repository().join(path)).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
