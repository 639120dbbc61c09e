//! A token for each account: from a variable, a file or a command; and one that is missing is an error of
//! its account alone.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::secrets::{echo, no};
use crate::support::{Place, Seen};

const IDS: [&str; 4] = [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "cccccccccccccccccccccccccccccccc",
    "dddddddddddddddddddddddddddddddd",
];

/// A spec of the accounts a, b, c and d, of which each has this `token`; a dash for none.
fn spec(tokens: &[&str]) -> String {
    let mut spec = "version: 1\naccounts:\n".to_owned();
    for ((name, id), token) in ["a", "b", "c", "d"].iter().zip(IDS).zip(tokens) {
        spec += &format!("  - name: {name}\n    account_id: {id}\n");
        if *token != "-" {
            spec += &format!("    token: {token}\n");
        }
        spec += "    certificates: [ { name: inspection } ]\n";
    }
    spec
}

/// A program of three lines of shell, as the words of a command.
fn shell(script: &str) -> String {
    format!("{{ command: [/bin/sh, -c, {}] }}", Value::from(script))
}

/// The path and the token of each request.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

/// A server without certificates that remembers whose token it was sent; `verify` is what a token says of
/// itself.
fn server(place: &mut Place, verify: fn(&str) -> Value) -> Asked {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client/v4", listener.local_addr().unwrap());
    place.set("CLOUDFLARE_BASE_URL", &url);
    let asked = Asked::default();
    let seen = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 16 * 1024];
            let length = stream.read(&mut request).unwrap_or_default();
            let head = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let token = head
                .lines()
                .find_map(|line| line.split_once("Bearer "))
                .map_or("", |(_, token)| token.trim());
            let result = match path.rsplit('/').next() {
                Some("verify") => verify(token),
                Some("certificates") => json!([]),
                _ => json!({"settings": {}}),
            };
            seen.lock().unwrap().push((path, token.to_owned()));
            let body = json!({"success": true, "messages": [], "errors": [], "result": result});
            let body = body.to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    asked
}

fn active(_: &str) -> Value {
    json!({"status": "active"})
}

/// Who was asked with which token.
fn pairs(asked: &Asked) -> BTreeSet<(char, String)> {
    let asked = asked.lock().unwrap();
    let pair = |(path, token): &(String, String)| {
        let id = path.split("/accounts/").nth(1).unwrap();
        (id.chars().next().unwrap(), token.clone())
    };
    asked.iter().map(pair).collect()
}

/// What is wrong with each account, in one text.
fn errors(seen: &Seen) -> String {
    let document = seen.json();
    let diagnostics = document["diagnostics"].as_array().unwrap().iter();
    let messages = diagnostics
        .filter(|one| one["severity"] == "error")
        .map(|one| {
            format!(
                "{}: {}\n",
                one["account"].as_str().unwrap(),
                one["message"].as_str().unwrap()
            )
        });
    messages.collect()
}

#[test]
fn each_account_is_asked_with_its_own_token() {
    let mut place = Place::new();
    std::fs::create_dir(place.path("specs")).unwrap();
    let command = shell("echo ran >> ran; echo \"cfat_$CERTCTL_ACCOUNT-$CERTCTL_ACCOUNT_ID\"");
    let text = spec(&["{ env: A_CF }", "{ file: b.token }", &command, "-"]);
    place.write("specs/certctl.yaml", &text);
    place.write("specs/b.token", "cfat_of-b\n");
    place.set("A_CF", "cfat_of-a");
    place.set("CLOUDFLARE_API_TOKEN", "cfut_of-all");
    let asked = server(&mut place, active);
    // Nothing runs where nothing is asked.
    place.certctl("validate -f specs").ok();
    assert!(!place.path("specs/ran").exists());
    place.certctl("plan -f specs").ok();
    let of_c = format!("cfat_c-{}", IDS[2]);
    let expected = [
        ('a', "cfat_of-a"),
        ('b', "cfat_of-b"),
        ('c', &of_c),
        ('d', "cfut_of-all"),
    ];
    let expected = expected.map(|(account, token)| (account, token.to_owned()));
    assert_eq!(pairs(&asked), BTreeSet::from(expected));
    // In the folder of the spec, and once in a run, however many requests it sends about the account.
    assert_eq!(place.read("specs/ran"), "ran\n");
    place.certctl("doctor -f specs --account c");
    assert!(asked.lock().unwrap().len() > IDS.len() + 4);
    assert_eq!(place.read("specs/ran"), "ran\nran\n");
}

#[test]
fn accounts_with_a_token_are_done_where_the_run_has_none() {
    let mut place = Place::new();
    place.set("CLOUDFLARE_API_TOKEN", "");
    place.set("A_CF", "cfat_of-a");
    place.write(
        "certctl.yaml",
        &spec(&["{ env: A_CF }", "-", "-", "{ env: A_CF }"]),
    );
    let asked = server(&mut place, active);
    let seen = place.certctl("plan --format json");
    assert_eq!(seen.code, 1, "{}", seen.text());
    let text = errors(&seen);
    let said: Vec<_> = text.lines().collect();
    assert_eq!(said.len(), 2, "{text}");
    for (line, account) in said.iter().zip(["b", "c"]) {
        let message = "no credentials: CLOUDFLARE_API_TOKEN is";
        assert!(
            line.starts_with(account) && line.contains(message),
            "{line}"
        );
    }
    let asked: BTreeSet<_> = pairs(&asked)
        .into_iter()
        .map(|(account, _)| account)
        .collect();
    assert_eq!(asked, BTreeSet::from(['a', 'd']));

    // Where nobody has one, that is said once.
    place.write("certctl.yaml", &spec(&["-"; 4]));
    let seen = place.certctl("plan");
    assert_eq!(seen.code, 1);
    let said = seen.stderr.matches("CLOUDFLARE_API_TOKEN is").count();
    assert_eq!(said, 1, "{}", seen.stderr);
}

#[test]
fn a_token_that_is_missing_fails_its_account_alone() {
    let mut place = Place::new();
    let server = place.serve("--deploy-delay 0s");
    place.set("CLOUDFLARE_API_TOKEN", "");
    place.set("CERTCTL_TOKEN_TIMEOUT", "1s");
    place.set("D_CF", "a-token-of-d");
    let fails = shell("echo s3cr3t-on-stderr >&2; echo s3cr3t-on-stdout; exit 3");
    place.write(
        "certctl.yaml",
        &spec(&["{ env: A_CF }", "{ file: gone }", &fails, "{ env: D_CF }"]),
    );
    let seen = place.certctl("plan --format json");
    assert_eq!(seen.code, 1);
    let text = errors(&seen).replace(&place.path(".").display().to_string(), "");
    for (account, said) in [
        (
            "a",
            "account a, certctl.yaml:5:14: the variable A_CF is not set",
        ),
        (
            "b",
            "account b, certctl.yaml:9:14: cannot read the token file",
        ),
        (
            "c",
            "account c, certctl.yaml:13:14: the command /bin/sh failed with exit code 3",
        ),
    ] {
        let line = text.lines().find(|line| line.starts_with(account));
        assert!(line.is_some_and(|line| line.contains(said)), "{text}");
    }
    assert!(!text.contains("\nd:"), "{text}");
    assert!(!format!("{}{}", seen.stdout, seen.stderr).contains("s3cr3t"));
    // The others go on.
    let applied = place.certctl("apply --auto-approve");
    assert_eq!(applied.code, 1, "{}", applied.stderr);
    let status = place.certctl("status --account d --format json").ok();
    assert!(status.stdout.contains("d/inspection"), "{}", status.stdout);
    // What only an account with a token of its own needs, an account without one still needs.
    place.write("certctl.yaml", &spec(&["{ env: D_CF }", "-"]));
    let seen = place.certctl("plan");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("CLOUDFLARE_API_TOKEN is"),
        "{}",
        seen.stderr
    );
    drop(server);
}

#[test]
fn a_command_that_gives_no_token_says_why() {
    let mut place = Place::new();
    let _server = place.serve("");
    let hangs = shell("echo $$ > pid; sleep 600; echo late");
    let empty = shell("echo ' '");
    let long = shell("while :; do echo 0123456789012345678901234567890123456789; done");
    place.set("CERTCTL_TOKEN_TIMEOUT", "1s");
    place.write(
        "certctl.yaml",
        &spec(&[&hangs, "{ command: [./gone, x] }", &empty, &long]),
    );
    let text = errors(&place.certctl("plan --format json"));
    for said in [
        "the command /bin/sh took longer than 1 s and was ended",
        "the command ./gone is not there",
        "the API token is empty, from the command /bin/sh",
        "the command /bin/sh cannot be read: it is larger than 64 KiB",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let pid = place.read("pid");
    let alive = Command::new("kill")
        .args(["-0", pid.trim()])
        .output()
        .unwrap();
    assert!(!alive.status.success(), "it still runs");

    place.set("CERTCTL_TOKEN_TIMEOUT", "soon");
    let seen = place.certctl("plan");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("no time from 1s to 1h"),
        "{}",
        seen.stderr
    );
}

/// One for each way, none of which looks like a token.
const SENTINELS: [&str; 3] = [
    "s3ntinel-of-env-0",
    "s3ntinel-of-file-0",
    "s3ntinel-of-command-0",
];

#[test]
fn no_token_of_an_account_is_shown() {
    let url = echo("403 Forbidden", |token| no(&format!("{token} was sent")));
    for format in ["text", "json"] {
        let mut place = Place::new();
        let command = shell(&format!(
            "echo {}x >&2; printf %s-command-0 s3ntinel-of",
            SENTINELS[2]
        ));
        place.write(
            "certctl.yaml",
            &spec(&["{ env: A_CF }", "{ file: b.token }", &command]),
        );
        place.write("b.token", SENTINELS[1]);
        place.set("A_CF", SENTINELS[0]);
        place.set("CLOUDFLARE_BASE_URL", &url);
        // The command's text has the sentinel in it, so that what shows the spec is read without it.
        let shown = place.certctl("validate --expand").ok().stdout;
        for source in [
            "env: \"A_CF\"",
            "file: \"b.token\"",
            "command: [\"/bin/sh\"",
        ] {
            assert!(shown.contains(source), "{shown}");
        }
        for line in [
            "validate --format json",
            "plan --out plan.json",
            "plan --format json",
            "plan --format markdown",
            "apply --auto-approve",
            "apply --auto-approve --format json",
            "status",
            "status --format json",
            "explain a/inspection",
            "doctor",
            "doctor --format json",
            "doctor --probe",
        ] {
            let seen = place.certctl(&format!("--log-level trace --log-format {format} {line}"));
            let text = format!("{}{}", seen.stdout, seen.stderr);
            for sentinel in SENTINELS {
                assert!(!text.contains(sentinel), "{line}: {text}");
            }
        }
        assert!(
            !place
                .certctl("plan --format json")
                .stdout
                .contains("-0 was sent")
        );
    }
    // One that was written into the spec by mistake was never given to certctl, and is not shown either.
    let place = Place::new();
    place.write(
        "certctl.yaml",
        &spec(&["cfat_0123456789abcdef0123456789abcdef"]),
    );
    let seen = place.certctl("validate");
    assert_eq!(seen.code, 1);
    assert!(
        seen.stderr.contains("`token` must be a mapping"),
        "{}",
        seen.stderr
    );
    assert!(!seen.stderr.contains("0123456789"), "{}", seen.stderr);
}

#[test]
fn doctor_looks_at_the_token_of_each_account() {
    let mut place = Place::new();
    let asked = server(&mut place, |token| match token {
        "cfat_expired" => json!({"status": "expired"}),
        _ => json!({"status": "active", "expires_on": "2999-01-01T00:00:00Z"}),
    });
    place.write(
        "certctl.yaml",
        &spec(&[
            "{ env: A_CF }",
            "{ env: B_CF }",
            "{ env: C_CF }",
            "{ env: D_CF }",
        ]),
    );
    place.set("A_CF", "cfat_good");
    place.set("B_CF", "cfat_expired");
    place.set("C_CF", "cfk_global");
    let seen = place.certctl("doctor --format json");
    assert_eq!(seen.code, 1);
    let document = seen.json();
    let checks = document["checks"].as_array().unwrap();
    let found = |name: &str| {
        let check = checks.iter().find(|check| check["check"] == name);
        let check = check.unwrap_or_else(|| panic!("no check {name}: {document:#}"));
        format!(
            "{}: {}",
            check["verdict"].as_str().unwrap(),
            check["finding"].as_str().unwrap()
        )
    };
    let is = |name: &str, expected: &str| {
        let found = found(name);
        assert!(found.starts_with(expected), "{name}: {found}");
    };
    is("credentials", "ok: each account has a token of its own");
    is(
        "a: credentials",
        "ok: an account-owned API token, from the variable A_CF",
    );
    is("a: token", "ok: active until 2999");
    is("b: token", "error: its status is expired");
    is(
        "c: credentials",
        "error: a global API key, where a token is expected, from the variable C_CF",
    );
    is(
        "d: credentials",
        "error: no credentials: account d, certctl.yaml:17:14: the variable D_CF is not set",
    );
    assert!(
        !checks
            .iter()
            .any(|check| check["check"] == "d: read certificates")
    );
    assert!(
        asked
            .lock()
            .unwrap()
            .iter()
            .all(|(path, _)| !path.contains(IDS[3]))
    );
}
