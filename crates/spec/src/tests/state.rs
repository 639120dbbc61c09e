//! `state`: a place alone, or with what the bucket there is told.

use certctl_model::Encryption;

use super::{acme, read, shown};
use crate::{Mode, ParseOptions, StateLocation, expand, parse};

fn with(state: &str) -> String {
    acme("      - name: a\n").replacen("version: 1\n", &format!("version: 1\n{state}\n"), 1)
}

fn location(state: &str) -> StateLocation {
    let parsed = read(&[&with(state)]);
    parsed.spec.and_then(|spec| spec.state).expect(state)
}

#[test]
fn a_mapping_says_more_than_a_url() {
    let at = |encryption| StateLocation {
        url: "s3://bucket/p".to_owned(),
        encryption,
    };
    let key = || Some("alias/state".parse().unwrap());
    for (state, encryption) in [
        ("state: s3://bucket/p", None),
        ("state: { url: s3://bucket/p }", None),
        (
            "state: { url: s3://bucket/p, sse: AES256 }",
            Some(Encryption::Aes256),
        ),
        (
            "state: { url: s3://bucket/p, sse: aws:kms }",
            Some(Encryption::Kms(None)),
        ),
        (
            "state:\n  url: s3://bucket/p\n  sse: aws:kms\n  kms_key_id: alias/state",
            Some(Encryption::Kms(key())),
        ),
        (
            "state: { url: s3://bucket/p, sse: 'aws:kms:dsse', kms_key_id: alias/state }",
            Some(Encryption::KmsDsse(key())),
        ),
    ] {
        assert_eq!(location(state), at(encryption), "{state}");
        // As it is resolved it means the same.
        let resolved = expand(&read(&[&with(state)]).spec.unwrap());
        let again = read(&[&resolved]).spec.unwrap().state;
        assert_eq!(again, Some(location(state)), "{resolved}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let seen =
        |states: &[&str]| -> String { states.iter().map(|s| shown(&[&with(s)]) + "\n").collect() };
    insta::assert_snapshot!(seen(&[
        "state: { url: .certctl/state, sse: AES256 }",
        "state: { url: gs://bucket, sse: aws:kms, kms_key_id: alias/a }",
        "state: { url: s3://bucket, kms_key_id: alias/a }",
        "state: { url: s3://bucket, sse: AES256, kms_key_id: alias/a }",
        "state: { url: s3://bucket, sse: aws:kmz, kms_key_id: 'a key' }",
        "state: { sse: aws:kms, key: alias/a }",
        "state: [s3://bucket]",
    ]), @r#"
    error[invalid_value]: `sse` is for s3://, and `url` is a directory
     --> a.yaml:2:36
      |
    2 | state: { url: .certctl/state, sse: AES256 }
      |                                    ^^^^^^
      |
      = help: remove `sse`; a directory is as safe as the disk that it is on

    error[invalid_value]: `sse` is for s3://, and `url` is another kind of bucket
     --> a.yaml:2:33
      |
    2 | state: { url: gs://bucket, sse: aws:kms, kms_key_id: alias/a }
      |                                 ^^^^^^^
      |
      = help: remove `sse`, and set the encryption of the bucket itself

    error[invalid_value]: `kms_key_id` needs `sse`
     --> a.yaml:2:40
      |
    2 | state: { url: s3://bucket, kms_key_id: alias/a }
      |                                        ^^^^^^^
      |
      = help: write `sse: aws:kms`, or remove `kms_key_id`

    error[invalid_value]: `kms_key_id` names a key that `sse: AES256` does not use
     --> a.yaml:2:53
      |
    2 | state: { url: s3://bucket, sse: AES256, kms_key_id: alias/a }
      |                                                     ^^^^^^^
      |
      = help: write `sse: aws:kms`, or remove `kms_key_id`

    error[invalid_value]: `sse` must be one of `AES256`, `aws:kms`, `aws:kms:dsse`, found "aws:kmz"
     --> a.yaml:2:33
      |
    2 | state: { url: s3://bucket, sse: aws:kmz, kms_key_id: 'a key' }
      |                                 ^^^^^^^
      |
      = help: did you mean `aws:kms`?

    error[invalid_value]: KMS key "a key" is not valid: it is the id, the alias (alias/NAME) or the ARN of a key
     --> a.yaml:2:54
      |
    2 | state: { url: s3://bucket, sse: aws:kmz, kms_key_id: 'a key' }
      |                                                      ^^^^^^^
      |
      = help: `aws kms list-aliases` lists them; it is no secret

    error[missing_key]: the state needs the key `url`
     --> a.yaml:2:10
      |
    2 | state: { sse: aws:kms, key: alias/a }
      |          ^^^
      |
      = help: name the place: `url: s3://bucket/prefix`

    error[unknown_key]: unknown key `key` in the state
     --> a.yaml:2:24
      |
    2 | state: { sse: aws:kms, key: alias/a }
      |                        ^^^
      |
      = help: did you mean `kms_key_id`?

    error[wrong_type]: `state` must be a string, found a list
     --> a.yaml:2:8
      |
    2 | state: [s3://bucket]
      |        ^
    "#);
}

#[test]
fn two_files_say_the_same() {
    let plain = with("state: { url: s3://bucket }");
    let other = |state: &str| {
        with(state)
            .replace("name: acme", "name: other")
            .replace("699d", "0123")
    };
    assert!(read(&[&plain, &other("state: s3://bucket")]).spec.is_some());
    let seen = shown(&[&plain, &other("state: { url: s3://bucket, sse: aws:kms }")]);
    assert!(
        seen.contains("`state` differs from what another file says"),
        "{seen}"
    );
}

#[test]
fn no_secret_is_named_in_it() {
    let text = with(
        "state: { url: 's3://${SECRET_BUCKET}/p', sse: aws:kms, kms_key_id: '${KEY_PASSWORD}' }",
    );
    let options = ParseOptions {
        env: &|_| Some("hunter2".to_owned()),
        mode: Mode::Use,
        accounts: &[],
    };
    let parsed = parse(&super::sources(&[&text]), &options);
    assert!(parsed.spec.is_none());
    let said: Vec<_> = parsed.diagnostics.iter().map(|d| &d.message).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    for message in said {
        assert!(message.contains("is named like a secret"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}
