//! A state in a bucket whose policy wants server-side encryption demanded.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::support::Place;

type Headers = [Option<String>; 2];

/// A server with the API of S3: moto, from PyPI's `moto[server,s3]`.
pub(crate) struct Bucket {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub(crate) endpoint: String,
}

impl Bucket {
    /// Starts it; `None` where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let python = std::env::var("CERTCTL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut child = Command::new(&python)
            .args(["-c", include_str!("bucket.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take()?);
        let mut endpoint = String::new();
        output.read_line(&mut endpoint).ok()?;
        let bucket = Self {
            child,
            input,
            output,
            endpoint: endpoint.trim().to_owned(),
        };
        (!bucket.endpoint.is_empty()).then_some(bucket)
    }

    /// The method and the path of each request since this was asked last.
    pub(crate) fn asked(&mut self) -> Vec<(String, String)> {
        self.input.as_mut().unwrap().write_all(b"\n").unwrap();
        let mut asked = String::new();
        self.output.read_line(&mut asked).unwrap();
        serde_json::from_str(&asked).unwrap()
    }

    /// The encryption of each object that it keeps, and the key; it ends then.
    fn kept(mut self) -> BTreeMap<String, Headers> {
        drop(self.input.take());
        let mut kept = String::new();
        self.output.read_to_string(&mut kept).unwrap();
        serde_json::from_str(&kept).unwrap()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn each_object_is_kept_as_the_spec_demands() {
    for (state, expected) in [
        ("s3://certctl-state/a", [None, None]),
        (
            "{ url: s3://certctl-state/a, sse: AES256 }",
            [Some("AES256"), None],
        ),
        (
            "{ url: s3://certctl-state/a, sse: aws:kms, kms_key_id: alias/state }",
            [Some("aws:kms"), Some("alias/state")],
        ),
    ] {
        let Some(bucket) = Bucket::start() else {
            println!("skipped, because the Python package moto[server,s3] is not installed");
            return;
        };
        let mut place = Place::with_example("quickstart");
        let _server = place.serve("");
        place.set("AWS_ENDPOINT_URL_S3", &bucket.endpoint);
        place.set("AWS_ACCESS_KEY_ID", "testing");
        place.set("AWS_SECRET_ACCESS_KEY", "testing");
        place.edit(
            "certctl.yaml",
            "version: 1\n",
            &format!("version: 1\nstate: {state}\n"),
        );
        place.certctl("apply --auto-approve").ok();
        // What was written so is read again.
        let seen = place.certctl("plan").ok();
        assert!(seen.stdout.contains("No changes"), "{}", seen.stdout);
        let kept = bucket.kept();
        assert!(
            kept.keys().any(|name| name.ends_with(".json")) && kept.len() > 2,
            "the document, and a record of each request: {kept:?}"
        );
        let expected = expected.map(|header| header.map(str::to_owned));
        for (name, headers) in kept {
            // moto says of what nobody demanded what S3 does by itself.
            if expected[0].is_some() || headers[0].as_deref() != Some("AES256") {
                assert_eq!(headers, expected, "{state}: {name}");
            }
        }
    }
}

#[test]
fn what_cannot_be_demanded_is_refused() {
    let mut place = Place::with_example("quickstart");
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    place.edit(
        "certctl.yaml",
        "version: 1\n",
        "version: 1\nstate: { url: .certctl/state, sse: aws:kms }\n",
    );
    for line in ["validate", "plan", "apply --auto-approve"] {
        let seen = place.certctl(line);
        assert_eq!(seen.code, 1, "{line}");
        let said = "`sse` is for s3://, and `url` is a directory";
        assert!(seen.stderr.contains(said), "{line}: {}", seen.stderr);
        assert!(seen.stderr.contains("certctl.yaml:6:36"), "{}", seen.stderr);
    }
}
