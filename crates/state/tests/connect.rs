//! Reaching a bucket: what the environment must say, and that no secret of it is ever shown.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

use std::io::{Read as _, Write as _};
use std::path::Path;

use certctl_state::{Access, Key, Location, StateError, Store};

const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYSECRETKEY=";

fn key() -> Key {
    Key {
        origin: "sandbox".to_owned(),
        account_id: "699d98642c564d2e855e9661899b7252".parse().unwrap(),
    }
}

fn open(text: &str, variables: &[(&str, &str)]) -> Result<Store, StateError> {
    let location = Location::parse(text, Path::new("")).unwrap();
    Store::open(&location, &Access::default(), &|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

const AWS: [(&str, &str); 3] = [
    ("AWS_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
];

#[test]
fn each_kind_of_bucket_opens() {
    open("s3://bucket", &AWS).unwrap();
    let r2 = "https://account.r2.cloudflarestorage.com/bucket/prefix";
    open(r2, &AWS[1..]).unwrap();
    let azure = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "account"),
        ("AZURE_STORAGE_ACCOUNT_KEY", "c2VjcmV0"),
    ];
    open("az://container", &azure).unwrap();
    open("gs://bucket", &[("GOOGLE_BEARER_TOKEN", SECRET)]).unwrap();
}

#[test]
fn what_is_missing_is_named() {
    let r2 = "https://account.r2.cloudflarestorage.com/bucket";
    let own = ("CERTCTL_STATE_AWS_ACCESS_KEY_ID", "id");
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
    let account = ("AZURE_STORAGE_ACCOUNT_NAME", "account");
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);
    let cases: [Case<'_>; 9] = [
        ("s3://bucket", vec![], "AWS_REGION"),
        ("s3://bucket", vec![AWS[0]], "AWS profiles are not read"),
        (
            "s3://bucket",
            vec![AWS[0], role],
            "AWS profiles are not read",
        ),
        ("s3://bucket", vec![AWS[0], AWS[1]], "set both, or neither"),
        // A half of our own family is not filled up from the other.
        (
            "s3://bucket",
            [&AWS[..], &[own]].concat(),
            "set both, or neither",
        ),
        (r2, vec![], "CERTCTL_STATE_AWS_ACCESS_KEY_ID"),
        (
            r2,
            vec![role, ("AWS_WEB_IDENTITY_TOKEN_FILE", "/x")],
            "AWS profiles are not read",
        ),
        ("az://container", vec![], "AZURE_STORAGE_ACCOUNT_NAME"),
        ("az://container", vec![account], "AZURE_STORAGE_ACCOUNT_KEY"),
    ];
    for (text, variables, hint) in cases {
        let error = open(text, &variables).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("cannot open {text}")),
            "{error}"
        );
        assert!(
            error.hint().unwrap().contains(hint),
            "{error}: {:?}",
            error.hint()
        );
    }
}

#[test]
fn plain_http_stays_on_this_machine() {
    let s3 = |url| {
        open(
            "s3://bucket",
            &[&AWS[..], &[("AWS_ENDPOINT_URL_S3", url)]].concat(),
        )
    };
    for good in [
        "https://minio.example:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://localhost:9",
    ] {
        s3(good).unwrap();
    }
    for bad in [
        "http://minio.example:9000",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "x",
    ] {
        let error = s3(bad).unwrap_err();
        assert!(error.to_string().contains("AWS_ENDPOINT_URL_S3"), "{error}");
    }
    let url = format!("https://user:{SECRET}@minio.example");
    let error = s3(&url).unwrap_err();
    assert!(!format!("{error} {error:?} {:?}", error.hint()).contains(SECRET));
}

/// A server that says back everything that it was told, secrets and all.
#[tokio::test]
async fn no_secret_is_shown() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 16 * 1024]);
            let body = format!(
                "<Error><Code>AccessDenied</Code><Message>not with {SECRET}</Message></Error>"
            );
            let head = format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let variables = [
        &AWS[..],
        &[
            ("AWS_ENDPOINT_URL_S3", url.as_str()),
            ("AWS_SESSION_TOKEN", "a-session-token"),
        ],
    ]
    .concat();
    let store = open("s3://bucket/prefix", &variables).unwrap();
    let error = store.load(&key()).await.unwrap_err();
    let text = format!("{error} {error:?} {store:?} {:?}", error.hint());
    assert!(text.contains("AccessDenied: not with ***"), "{text}");
    assert!(
        !text.contains(SECRET) && !text.contains("a-session-token"),
        "{text}"
    );
    assert!(error.hint().unwrap().contains("list the bucket"));
}

/// An answer that is no answer is an error, not an empty bucket.
#[tokio::test]
async fn nobody_there_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let variables = [&AWS[..], &[("AWS_ENDPOINT_URL_S3", url.as_str())]].concat();
    let store = open("s3://bucket", &variables).unwrap();
    let error = store.load(&key()).await.unwrap_err();
    assert!(matches!(error, StateError::Remote { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}
