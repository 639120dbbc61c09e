//! Regular files only, wherever a name is given: nothing hangs, nothing is read without end, and no
//! link leads certctl to a file that it did not mean.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::Place;

const PIPE: &str = "it is a named pipe, not a regular file";
const DEVICE: &str = "it is a device, not a regular file";

fn place() -> Place {
    let place = Place::with_example("quickstart");
    let made = Command::new("mkfifo").arg(place.path("pipe")).status();
    assert!(made.unwrap().success());
    let huge = std::fs::File::create(place.path("huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    place
}

#[track_caller]
fn assert_refused(place: &Place, line: &str, why: &str) {
    let seen = place.certctl(line);
    assert_eq!(seen.code, 1, "{line}: {}{}", seen.stdout, seen.stderr);
    assert!(seen.stderr.contains(why), "{line}: {}", seen.stderr);
}

#[test]
fn what_is_no_file_is_refused_and_named() {
    let mut place = place();
    for (name, why) in [
        ("pipe", PIPE),
        ("/dev/zero", DEVICE),
        (".", "it is a directory, not a regular file"),
    ] {
        for line in [
            format!("apply {name} --sandbox"),
            format!("apply --expect-digest @{name} --sandbox"),
            format!("plan --out {name} --sandbox"),
            format!("apply --audit-log {name} --auto-approve --sandbox"),
            format!("state push {name} --sandbox"),
        ] {
            assert_refused(&place, &line, why);
        }
        place.set("CLOUDFLARE_BASE_URL", "https://127.0.0.1:9/client/v4");
        assert_refused(&place, &format!("plan --token-file {name}"), why);
        place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
        assert_refused(&place, &format!("plan --ca-bundle {name}"), why);
    }
    let large = "which is the most that is read";
    for line in [
        "apply huge --sandbox",
        "state push huge --sandbox",
        "plan --token-file huge",
        "plan --ca-bundle huge",
    ] {
        assert_refused(&place, line, large);
    }
}

#[test]
fn a_summary_that_is_no_file_is_said_and_changes_nothing() {
    let mut place = place();
    place.set("GITHUB_STEP_SUMMARY", "pipe");
    let seen = place.certctl("plan --sandbox").ok();
    assert!(seen.stderr.contains(PIPE), "{}", seen.stderr);
}

#[test]
fn the_files_of_the_state_are_never_reached_through_a_link() {
    let place = place();
    place.certctl("apply --auto-approve --sandbox").ok();
    let folder = place.path(".certctl/sandbox/state/sandbox");
    let named = |ending: &str| {
        let mut names = std::fs::read_dir(&folder).unwrap();
        let found = names.find_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            (name.ends_with(ending) && !name.contains("previous")).then_some(name)
        });
        folder.join(found.unwrap())
    };
    let (document, lock) = (named(".json"), named(".lock"));

    // Whoever takes the lock would have emptied what the link leads to.
    place.write("precious", "content");
    std::fs::remove_file(&lock).unwrap();
    symlink(place.path("precious"), &lock).unwrap();
    for line in [
        "apply --auto-approve --replace acme/inspection --sandbox",
        "state unlock --auto-approve --sandbox",
    ] {
        assert_refused(&place, line, "it is a symbolic link, not a regular file");
    }
    assert_eq!(place.read("precious"), "content");
    std::fs::remove_file(&lock).unwrap();

    let kept = place.path("kept");
    std::fs::rename(&document, &kept).unwrap();
    symlink(&kept, &document).unwrap();
    let link = "it is a symbolic link, not a regular file";
    for line in ["plan --sandbox", "status --sandbox", "state pull --sandbox"] {
        assert_refused(&place, line, link);
    }
    std::fs::remove_file(&document).unwrap();
    std::fs::rename(place.path("pipe"), &document).unwrap();
    assert_refused(&place, "plan --sandbox", PIPE);
    assert_refused(&place, "apply --auto-approve --sandbox", PIPE);
}

#[test]
fn a_state_error_says_what_the_operating_system_said() {
    let place = place();
    place.write("file", "");
    for line in [
        "plan --sandbox --state file",
        "plan --sandbox --format json --state file",
        "state list --sandbox --state file",
    ] {
        assert_refused(&place, line, "Not a directory");
    }
}
