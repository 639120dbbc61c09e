//! No secret leaves: not by any command, in any format, at any log level, from any mouth (law 8).

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::support::Place;

const TOKEN: &str = "v1.0-s3cr3t-t0ken-that-nobody-may-see";
/// What of the token is as good as the token.
const PART: &str = "v1.0-s3cr3t-t0ken-";
const ADDRESS: &str = "acme/inspection";

/// Every command and subcommand that there is, with what makes it do something.
const COMMANDS: [&str; 26] = [
    "validate",
    "validate --format json",
    "plan --out plan.json",
    "plan --format json",
    "plan --format markdown",
    "apply --auto-approve --audit-log audit.log --reason {TOKEN}",
    "plan --out second.json --replace {ADDRESS}",
    "apply second.json --format json --audit-log audit.log",
    "status",
    "status --check",
    "status --format json",
    "status --format prometheus",
    "forecast --until 1y",
    "pem {ADDRESS}",
    "explain {ADDRESS}",
    "history",
    "history --format json",
    "state list",
    "state list --format json",
    "state show {ADDRESS}",
    "state pull",
    "state pull --all -o backup",
    "state restore backup",
    "state unlock --auto-approve",
    "state mv {ADDRESS} acme/{TOKEN}",
    "state settle {ADDRESS} f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
];

/// Wrong uses, each with the token where something else belongs.
const MISTAKES: [&str; 12] = [
    "{TOKEN}",
    "plan --{TOKEN}",
    "plan -f {TOKEN}",
    "plan --account {TOKEN}",
    "plan --target {TOKEN}",
    "plan --state s3://{TOKEN}/x",
    "plan --state s3://bucket-of-mine/{TOKEN}",
    "apply {TOKEN}",
    "explain {TOKEN}",
    "explain acme/{TOKEN}",
    "apply --expect-digest {TOKEN}",
    "state push {TOKEN}",
];

/// Runs a command line, and gives everything that it printed.
fn run(place: &Place, line: &str) -> String {
    let line = line.replace("{TOKEN}", TOKEN).replace("{ADDRESS}", ADDRESS);
    let seen = place.certctl(&line);
    format!("{}{}", seen.stdout, seen.stderr)
}

#[track_caller]
fn assert_clean(text: &str, whence: &str) {
    if let Some(at) = text.find(PART) {
        let from = text[..at]
            .char_indices()
            .rev()
            .nth(200)
            .map_or(0, |(n, _)| n);
        panic!("{whence}: …{}", &text[from..at + PART.len()]);
    }
}

#[test]
fn no_command_prints_or_keeps_the_token() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("");
    place.set("CLOUDFLARE_API_TOKEN", TOKEN);
    place.set("GITHUB_ACTIONS", "true");
    place.set("GITHUB_ACTOR", TOKEN);
    place.set("GITHUB_STEP_SUMMARY", "summary.md");
    for format in ["text", "json"] {
        let mut logged = String::new();
        for line in COMMANDS {
            let line = format!("--log-level trace --log-format {format} {line}");
            let text = run(&place, &line);
            assert_clean(&text, &line);
            logged.push_str(&text);
        }
        assert!(logged.contains("GET"), "nothing was logged");
    }
    drop(server);
    // Nobody answers any more.
    for line in COMMANDS {
        assert_clean(&run(&place, &format!("--log-level trace {line}")), line);
    }
    for line in MISTAKES {
        assert_clean(&run(&place, line), line);
    }
    let files = walk(&place.path("."));
    assert!(files.iter().any(|file| file.ends_with("summary.md")));
    assert!(files.iter().any(|file| file.ends_with("audit.log")));
    for file in files
        .iter()
        .filter(|file| !file.to_string_lossy().contains("/server/"))
    {
        let bytes = std::fs::read(file).unwrap();
        assert_clean(
            &String::from_utf8_lossy(&bytes),
            &file.display().to_string(),
        );
    }
}

/// A server that says the token back, in whatever it answers.
pub(crate) fn echo(status: &'static str, body: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client/v4", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 16 * 1024];
            let length = stream.read(&mut request).unwrap_or_default();
            let head = String::from_utf8_lossy(&request[..length]).into_owned();
            let token = head
                .lines()
                .find_map(|line| line.split_once("Bearer "))
                .map_or("", |(_, token)| token.trim());
            let body = body(token);
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\ncf-ray: {token}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

pub(crate) fn no(message: &str) -> String {
    serde_json::json!({
        "success": false, "messages": [], "result": null,
        "errors": [{"code": 1000, "message": message, "documentation_url": message}]
    })
    .to_string()
}

/// A list of one certificate, with the token in each of its texts.
fn yes(token: &str) -> String {
    serde_json::json!({
        "success": true, "messages": [], "errors": [],
        "result": [{
            "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
            "binding_status": format!("status-{token}"),
            "type": format!("{}{token}", "t".repeat(75)),
            "issuer_org": token,
            "in_use": true,
            "certificate": token,
        }]
    })
    .to_string()
}

#[test]
fn no_echo_of_the_token_is_shown() {
    let long = |token: &str, before: usize| no(&format!("{}{token} was sent", "x".repeat(before)));
    let servers = [
        echo("200 OK", yes),
        echo("200 OK", |token| {
            yes(token).replace("s3cr3t", "\\u0073\\u0033cr3t")
        }),
        echo("403 Forbidden", move |token| {
            long(token, 1_000 - TOKEN.len() + 1)
        }),
        echo("400 Bad Request", move |token| long(token, 1_000 - 20)),
        echo("400 Bad Request", move |token| long(token, 80 - 20)),
        echo("502 Bad Gateway", |token| format!("<html>{token}</html>")),
        echo("200 OK", str::to_owned),
    ];
    for (number, url) in servers.iter().enumerate() {
        let mut place = Place::with_example("quickstart");
        place.set("CLOUDFLARE_BASE_URL", url);
        place.set("CLOUDFLARE_API_TOKEN", TOKEN);
        place.set("GITHUB_ACTIONS", "true");
        place.set("GITHUB_STEP_SUMMARY", "summary.md");
        for line in [
            "plan --out plan.json",
            "plan --format json",
            "plan --format markdown",
            "apply --auto-approve --wait-timeout 1s",
            "apply --auto-approve --wait-timeout 1s --format json",
            "status",
            "status --format json",
            "status --format prometheus",
            "forecast --until 30d --format json",
            "pem {ADDRESS}",
        ] {
            let text = run(&place, &format!("--log-level trace {line}"));
            assert_clean(&text, &format!("server {number}: {line}"));
        }
        for file in walk(&place.path(".")) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert_clean(&text, &file.display().to_string());
        }
    }
}

#[test]
fn a_token_of_a_file_is_as_secret() {
    let mut place = Place::with_example("quickstart");
    let url = echo("403 Forbidden", |token| no(&format!("not {token}")));
    place.set("CLOUDFLARE_BASE_URL", &url);
    place.write("token", TOKEN);
    let text = run(&place, "--log-level trace plan --token-file token");
    assert!(text.contains("not [redacted]"), "{text}");
    assert_clean(&text, "plan");
    // The file is no plan and no document, and is not shown for that.
    for line in ["apply token", "state push token", "plan --ca-bundle token"] {
        assert_clean(&run(&place, &format!("{line} --token-file token")), line);
    }
}

#[test]
fn no_credential_of_the_store_is_shown() {
    let secrets = [
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=="),
        ("AWS_SESSION_TOKEN", "FwoGZXIvYXdzEBYaDHqa0AP1EXAMPLE"),
        (
            "AZURE_STORAGE_ACCOUNT_KEY",
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1",
        ),
        (
            "GOOGLE_SERVICE_ACCOUNT_KEY",
            "{\"private_key\": \"MIIEvQIBADANBgkqhkiG9w0B\"}",
        ),
        ("VAULT_TOKEN", "hvs.CAESIJ0123456789abcdef"),
    ];
    let url = echo("403 Forbidden", |_| {
        "<Error><Code>No</Code><Message>wJalrXUtnFEMI/K7MDENG+bPxRfiCY== and \
         FwoGZXIvYXdzEBYaDHqa0AP1EXAMPLE</Message></Error>"
            .to_owned()
    });
    let mut place = Place::with_example("quickstart");
    place.set("CLOUDFLARE_API_TOKEN", TOKEN);
    place.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    place.set("AWS_ENDPOINT_URL_S3", url.trim_end_matches("/client/v4"));
    place.set("AZURE_STORAGE_ACCOUNT_NAME", "account");
    place.set("AZURE_STORAGE_ENDPOINT", url.trim_end_matches("/client/v4"));
    for (name, value) in secrets {
        place.set(name, value);
    }
    for store in ["s3://a-bucket", "az://a-container", "gs://a-bucket"] {
        for command in [
            "plan",
            "apply --auto-approve",
            "state list",
            "history",
            "state pull",
        ] {
            let line = format!("--log-level trace {command} --state {store}");
            let text = run(&place, &line);
            for (name, value) in secrets {
                assert!(!text.contains(value), "{line}: {name}: {text}");
            }
            assert!(!text.contains("MIIEvQIBADANBgkqhkiG9w0B"), "{line}: {text}");
        }
    }
}

fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn a_private_key_where_none_belongs_is_not_shown() {
    let place = Place::with_example("quickstart");
    let first = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkU2i5FTgjMh2NP7L";
    let second = "e3sWQZlj5SSP41dCNuefSbbJR7ehRANCAASYydEoaSR7jkNBtg9Pj6mk5F";
    let key =
        format!("-----BEGIN PRIVATE KEY-----\n{first}\n{second}\n-----END PRIVATE KEY-----\n");
    let clean = |seen: &crate::support::Seen, whence: &str| {
        let text = format!("{}{}", seen.stdout, seen.stderr);
        assert!(!text.is_empty(), "{whence}");
        for part in [&first[..24], &second[..24]] {
            assert!(!text.contains(part), "{whence}: {text}");
        }
    };
    for words in [
        vec![
            "upload",
            "acme",
            "--certificate",
            "ca.pem",
            "--private-key",
            &key,
        ],
        vec![
            "upload",
            "acme",
            "--certificate",
            "ca.pem",
            &format!("--private-key={key}"),
        ],
        vec!["upload", &key],
        vec!["plan", "-f", &key],
        vec!["explain", &key],
        vec![&key],
    ] {
        clean(&place.certctl_words(&words), &words.join(" "));
    }
    let indented = |by: &str| key.replace('\n', &format!("\n{by}"));
    for value in [
        format!("|\n            {}", indented("            ")),
        key.clone(),
        indented("        "),
        format!("{key:?}"),
        key.replace('\n', " "),
    ] {
        for name in ["id", "private_key"] {
            let spec = format!(
                "version: 1\naccounts:\n  - name: acme\n    account_id: 699d98642c564d2e855e9661899b7252\n    \
                 certificates:\n      - name: own\n        custom:\n          {name}: {value}\n"
            );
            place.write("certctl.yaml", &spec);
            for line in [
                "validate",
                "validate --format json",
                "plan",
                "import",
                "doctor",
            ] {
                clean(&place.certctl(line), &format!("{line}: {spec}"));
            }
        }
    }
}
