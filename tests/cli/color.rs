//! When output is coloured: on a terminal that can, unless somebody said no.

use std::process::Command;

use crate::support::Place;

const ESCAPE: &str = "\u{1b}[";

fn plan(variables: &[(&str, &str)]) -> String {
    let mut place = Place::with_example("quickstart");
    for (name, value) in variables {
        place.set(name, value);
    }
    place.certctl("plan --sandbox").ok().stdout
}

#[test]
fn a_pipe_is_not_coloured_unless_forced() {
    assert!(!plan(&[]).contains(ESCAPE));
    assert!(plan(&[("CLICOLOR_FORCE", "1")]).contains(ESCAPE));
    assert!(!plan(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains(ESCAPE));
}

/// What the plan looks like on a terminal, which `script` (of util-linux) plays.
fn on_a_terminal(variables: &[(&str, &str)]) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        return None;
    }
    let mut place = Place::with_example("quickstart");
    place.set("PATH", &std::env::var("PATH").unwrap());
    place.set("SHELL", "/bin/sh");
    for (name, value) in variables {
        place.set(name, value);
    }
    let line = format!("{} plan --sandbox", env!("CARGO_BIN_EXE_certctl"));
    let output = place
        .command("script")
        .args(["-qec", &line, "/dev/null"])
        .output()
        .unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn a_terminal_is_coloured_where_it_can_and_nobody_said_no() {
    let Some(colored) = on_a_terminal(&[("TERM", "xterm")]) else {
        println!("skipped, because `script` is not installed");
        return;
    };
    assert!(colored.contains(ESCAPE));
    for no in [
        [("TERM", "dumb"), ("LANG", "C")],
        [("TERM", "xterm"), ("CLICOLOR", "0")],
        [("TERM", "xterm"), ("NO_COLOR", "1")],
    ] {
        let plain = on_a_terminal(&no).unwrap();
        assert!(!plain.contains(ESCAPE), "{no:?}: {plain:?}");
    }
}
