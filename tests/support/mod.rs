//! Runs the real binary as a person would, and shows what the person sees.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// An empty directory with an environment of its own.
pub(crate) struct Place {
    directory: TempDir,
    env: BTreeMap<String, String>,
}

/// What a command did.
pub(crate) struct Seen {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            env: BTreeMap::new(),
        }
    }

    /// A place that holds a copy of an example, as its `certctl.yaml` or directory.
    pub(crate) fn with_example(name: &str) -> Self {
        let place = Self::new();
        for entry in std::fs::read_dir(repository().join("examples").join(name)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                std::fs::copy(
                    entry.path(),
                    place.path(entry.file_name().to_str().unwrap()),
                )
                .unwrap();
            }
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Replaces text in a file; the text has to be there.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{from:?} is not in {name}");
        self.write(name, &text.replace(from, to));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.directory.path())
            .env_clear()
            .envs(&self.env);
        command.stdin(Stdio::null());
        command
    }

    /// `certctl` with these arguments, separated by spaces.
    pub(crate) fn certctl(&self, arguments: &str) -> Seen {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        self.certctl_words(&words)
    }

    /// `certctl` with these arguments, each as it is.
    pub(crate) fn certctl_words(&self, words: &[&str]) -> Seen {
        let output = self
            .command(env!("CARGO_BIN_EXE_certctl"))
            .args(words)
            .output()
            .unwrap();
        Seen {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A sandbox as a process of its own, in `server` of this place; the environment points to it.
    pub(crate) fn serve(&mut self, arguments: &str) -> Server {
        let mut child = self
            .command(env!("CARGO_BIN_EXE_certctl"))
            .args(["sandbox", "--data", "server"])
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let url = first
            .trim()
            .strip_prefix("CLOUDFLARE_BASE_URL=")
            .unwrap()
            .to_owned();
        self.set("CLOUDFLARE_BASE_URL", &url);
        self.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
        Server { child, url }
    }
}

/// A running sandbox; ends when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    /// An endpoint of the sandbox's own, beside the API.
    pub(crate) fn control(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches("/client/v4"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    /// Exit code, stdout and stderr as one text, with ids, times and ports made equal in every run.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("exit: {}\n", self.code);
        for (name, part) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !part.is_empty() {
                let _ = write!(text, "----- {name}\n{}", part);
            }
        }
        redact(&text)
    }

    /// The same as [`Seen::text`], after the command had to succeed.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// The files below a directory that hold this text.
pub(crate) fn holders(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holders(&path, text));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text) {
            found.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Replaces what differs between runs: UUIDs by `[id-1]`, `[id-2]` in order of appearance, digests,
/// fingerprints, times, and dates.
pub(crate) fn redact(text: &str) -> String {
    let mut ids: Vec<String> = Vec::new();
    let mut redacted = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(id) = rest.get(..36).filter(|id| is_uuid(id)) {
            let position = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                ids.push(id.to_owned());
                ids.len() - 1
            });
            let _ = write!(redacted, "[id-{}]", position + 1);
            rest = &rest[36..];
        } else if let Some(length) = time(rest) {
            redacted.push_str("[time]");
            rest = &rest[length..];
        } else if rest.starts_with("sha256:") && rest.len() >= 71 {
            redacted.push_str("sha256:[digest]");
            rest = &rest[71..];
        } else if let Some(length) = fingerprint(rest) {
            redacted.push_str("[fingerprint]");
            rest = &rest[length..];
        } else {
            redacted.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    redacted
}

fn is_uuid(text: &str) -> bool {
    text.char_indices().all(|(n, c)| match n {
        8 | 13 | 18 | 23 => c == '-',
        _ => c.is_ascii_hexdigit(),
    })
}

/// How long the fingerprint is with which the text begins: 32 bytes, padded or not.
fn fingerprint(text: &str) -> Option<usize> {
    let end = text
        .find(|c: char| !c.is_ascii_hexdigit() && c != ':')
        .unwrap_or(text.len());
    let bytes = text[..end].split(':').collect::<Vec<_>>();
    let whole = bytes.len() == 32 && bytes.iter().all(|byte| (1..=2).contains(&byte.len()));
    whole.then_some(end)
}

/// How long the date or time is with which the text begins.
fn time(text: &str) -> Option<usize> {
    let date = text.get(..10)?;
    let shape = date.char_indices().all(|(n, c)| match n {
        4 | 7 => c == '-',
        _ => c.is_ascii_digit(),
    });
    if !shape || !date.starts_with("20") {
        return None;
    }
    if text.as_bytes().get(10) == Some(&b'T') {
        return text.find('Z').filter(|end| *end < 40).map(|end| end + 1);
    }
    Some(10)
}
