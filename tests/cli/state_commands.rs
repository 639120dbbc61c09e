//! `certctl state`, and what becomes of state that is damaged or lost.

use std::path::PathBuf;

use serde_json::Value;

use crate::http::send;
use crate::support::Place;

const ACCOUNT: &str = "699d98642c564d2e855e9661899b7252";

fn applied() -> Place {
    let place = Place::with_example("quickstart");
    place.certctl("apply --sandbox --auto-approve").ok();
    place
}

fn document(place: &Place) -> PathBuf {
    place.path(&format!(".certctl/sandbox/state/sandbox/{ACCOUNT}.json"))
}

/// The ids of all certificates that the account ever had, sorted.
fn ids(place: &Place, api: &str) -> Vec<String> {
    let status = place
        .certctl(&format!("status {api} --format json"))
        .ok()
        .json();
    let certificates = status["certificates"].as_array().unwrap();
    let mut ids: Vec<String> = certificates
        .iter()
        .filter_map(|c| c["certificate_id"].as_str().map(str::to_owned))
        .collect();
    ids.sort();
    ids
}

fn bound(place: &Place, api: &str, address: &str) -> Vec<String> {
    let list = place
        .certctl(&format!("state list {api} --format json"))
        .ok()
        .json();
    let rows = list["certificates"].as_array().unwrap().iter();
    rows.filter(|row| row["address"] == address)
        .map(|row| row["certificate_id"].as_str().unwrap_or("open").to_owned())
        .collect()
}

#[test]
fn what_is_remembered_is_listed_and_shown() {
    let place = applied();
    let list = place.certctl("state list --sandbox").ok();
    insta::assert_snapshot!("list", list.text());
    let entry = place
        .certctl("state show acme/inspection --sandbox")
        .ok()
        .json();
    assert_eq!(entry["kind"], "state_entry");
    assert_eq!(entry["entry"]["bindings"][0]["in_use"], true);
    assert_eq!(entry["entry"]["bindings"][0]["days"], 1825);
    insta::assert_snapshot!(
        "show_unknown",
        place.certctl("state show acme/nobody --sandbox").text()
    );
    insta::assert_snapshot!(
        "show_other",
        place.certctl("state show other/x --sandbox").text()
    );
}

#[test]
fn an_address_is_forgotten_and_its_certificate_stays() {
    let place = applied();
    let before = ids(&place, "--sandbox");
    insta::assert_snapshot!(
        "rm_unasked",
        place.certctl("state rm acme/standby --sandbox").text()
    );
    assert_eq!(bound(&place, "--sandbox", "acme/standby").len(), 1);

    place
        .certctl("state rm acme/standby --sandbox --auto-approve")
        .ok();
    assert!(bound(&place, "--sandbox", "acme/standby").is_empty());
    assert_eq!(ids(&place, "--sandbox"), before);
    let again = place.certctl("state rm acme/standby --sandbox --auto-approve");
    assert_eq!(again.code, 1);
    // And it is found again, not made again.
    let plan = place.certctl("plan --sandbox");
    assert_eq!(plan.code, 1);
    assert!(plan.stderr.contains("adopt_ask"), "{}", plan.stderr);
}

#[test]
fn an_address_is_moved_without_a_request() {
    let place = applied();
    let before = bound(&place, "--sandbox", "acme/standby");
    place
        .certctl("state mv acme/standby acme/spare --sandbox")
        .ok();
    assert_eq!(bound(&place, "--sandbox", "acme/spare"), before);
    place.edit("certctl.yaml", "name: standby", "name: spare");
    place.certctl("plan --sandbox --detailed-exitcode").ok();
    let text: Vec<String> = [
        "state mv acme/inspection acme/spare --sandbox",
        "state mv acme/nobody acme/other --sandbox",
        "state mv acme/spare other/spare --sandbox",
    ]
    .iter()
    .map(|arguments| place.certctl(arguments).text())
    .collect();
    insta::assert_snapshot!("mv_refused", text.join("\n"));
}

#[test]
fn a_document_is_pulled_pushed_and_restored() {
    let place = applied();
    let pulled = place.certctl("state pull --sandbox").ok().stdout;
    assert_eq!(pulled, std::fs::read_to_string(document(&place)).unwrap());
    place.certctl("state pull --sandbox --all -o backup").ok();
    place
        .certctl("state mv acme/standby acme/spare --sandbox")
        .ok();

    // What moved on is not set back by accident.
    place.write("old.json", &pulled);
    let old = place.certctl("state push old.json --sandbox");
    assert_eq!(old.code, 1);
    assert!(
        old.stderr.contains("cannot be replaced: its serial is"),
        "{}",
        old.stderr
    );
    let restored = place.certctl("state restore backup --sandbox");
    assert_eq!(restored.code, 1);
    assert_eq!(bound(&place, "--sandbox", "acme/spare").len(), 1);

    // On purpose it is; twice, it is not.
    place.certctl("state restore backup --sandbox --force").ok();
    assert_eq!(bound(&place, "--sandbox", "acme/standby").len(), 1);
    place.certctl("plan --sandbox --detailed-exitcode").ok();
    let again = place.certctl("state pull --sandbox").ok().stdout;
    place.write("new.json", &again);
    place.certctl("state push new.json --sandbox").ok();

    // Also to where nothing is any more.
    std::fs::remove_dir_all(place.path(".certctl/sandbox/state")).unwrap();
    place.certctl("state restore backup --sandbox").ok();
    place.certctl("plan --sandbox --detailed-exitcode").ok();
}

#[test]
fn only_a_whole_document_of_this_account_and_api_is_pushed() {
    let place = applied();
    let pulled = place.certctl("state pull --sandbox").ok().stdout;
    let before = std::fs::read(document(&place)).unwrap();
    place.write("torn.json", &pulled[..100]);
    place.write(
        "edited.json",
        &pulled.replace("\"current\"", "\"retiring\""),
    );
    let text: Vec<String> = ["torn.json", "edited.json", "absent.json"]
        .iter()
        .map(|file| {
            place
                .certctl(&format!("state push {file} --sandbox --force"))
                .text()
        })
        .collect();
    insta::assert_snapshot!("push_refused", text.join("\n"));

    place.write("whole.json", &pulled);
    let mut play = Place::with_example("quickstart");
    play.set(
        "CLOUDFLARE_BASE_URL",
        "https://api.example.invalid/client/v4",
    );
    play.write("whole.json", &pulled);
    let foreign = play.certctl("state push whole.json");
    assert_eq!(foreign.code, 1);
    assert!(foreign.stderr.contains("at sandbox"), "{}", foreign.stderr);
    assert_eq!(std::fs::read(document(&place)).unwrap(), before);
}

#[test]
fn a_corrupt_document_is_refused_and_left_as_it_is() {
    let place = applied();
    let made = ids(&place, "--sandbox");
    let path = document(&place);
    let whole = std::fs::read_to_string(&path).unwrap();
    let previous = path.with_extension("previous.json");
    std::fs::remove_file(previous).unwrap();
    for corrupt in [
        &whole[..whole.len() / 2],
        "",
        &whole.replace("\"current\"", "\"retiring\""),
    ] {
        std::fs::write(&path, corrupt).unwrap();
        for arguments in [
            "apply --auto-approve",
            "state list",
            "state pull",
            "state rm acme/standby --auto-approve",
            "state mv acme/standby acme/spare",
        ] {
            let seen = place.certctl(&format!("{arguments} --sandbox"));
            assert_eq!(seen.code, 1, "{arguments}");
            assert!(
                seen.stderr.contains("hint:") || seen.stderr.contains("help:"),
                "{}",
                seen.text()
            );
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                corrupt,
                "{arguments}"
            );
        }
    }
    insta::assert_snapshot!("corrupt", place.certctl("state list --sandbox").text());
    std::fs::write(&path, whole).unwrap();
    assert_eq!(ids(&place, "--sandbox"), made);
}

#[test]
fn state_that_is_lost_is_rebuilt_and_nothing_is_created() {
    let place = applied();
    let before = ids(&place, "--sandbox");
    let lose = || std::fs::remove_dir_all(place.path(".certctl/sandbox/state")).unwrap();
    let addresses = ["acme/inspection", "acme/standby"];
    let bindings = || addresses.map(|address| bound(&place, "--sandbox", address));
    let bound_before = bindings();

    lose();
    let spec = place.read("certctl.yaml");
    place.edit(
        "certctl.yaml",
        "    certificates:",
        "    adopt: matching\n    certificates:",
    );
    place.certctl("apply --sandbox --auto-approve").ok();
    assert_eq!(bindings(), bound_before);

    lose();
    let [inspection, standby] = bound_before.clone().map(|ids| ids[0].clone());
    let imported = spec
        .replace(
            "- name: inspection",
            &format!("- name: inspection\n        import: {inspection}"),
        )
        .replace(
            "- name: standby",
            &format!("- name: standby\n        import: {standby}"),
        );
    place.write("certctl.yaml", &imported);
    place.certctl("apply --sandbox --auto-approve").ok();
    assert_eq!(bindings(), bound_before);

    place.certctl("plan --sandbox --detailed-exitcode").ok();
    assert_eq!(
        ids(&place, "--sandbox"),
        before,
        "a certificate was created"
    );
}

#[test]
fn an_ambiguous_create_is_settled_by_hand() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 50ms");
    let text = place.read("certctl.yaml");
    let standby = text.find("      # Deployed to the edge and").unwrap();
    place.write("certctl.yaml", &text[..standby]);
    // The create has no effect, which nobody knows; then two colleagues each make one like it.
    let fault = r#"{"kind":"reset_before","method":"POST","path_ends_with":"/certificates"}"#;
    send("POST", &server.control("/sandbox/faults"), fault);
    let lost = place.certctl("apply --auto-approve --wait-timeout 1s --settle-timeout 1h");
    assert_eq!(lost.code, 1, "{}", lost.text());
    let create = format!("{}/accounts/{ACCOUNT}/gateway/certificates", server.url);
    for _ in 0..2 {
        assert_eq!(
            send("POST", &create, r#"{"validity_period_days":1825}"#),
            200
        );
    }

    let ambiguous = place.certctl("apply --auto-approve --wait-timeout 1s --settle-timeout 1h");
    assert_eq!(ambiguous.code, 1, "{}", ambiguous.text());
    assert!(
        ambiguous.text().contains("state settle"),
        "{}",
        ambiguous.text()
    );
    let found = ids(&place, "");
    assert_eq!(found.len(), 2);
    assert_eq!(bound(&place, "", "acme/inspection"), ["open"]);
    assert_eq!(
        place
            .certctl("state rm acme/inspection --auto-approve")
            .code,
        1
    );

    let absent = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        place
            .certctl(&format!("state settle acme/inspection {absent}"))
            .code,
        1
    );
    assert_eq!(
        place
            .certctl(&format!("state settle acme/standby {}", found[0]))
            .code,
        1
    );
    place
        .certctl(&format!("state settle acme/inspection {}", found[0]))
        .ok();
    assert_eq!(bound(&place, "", "acme/inspection"), [found[0].clone()]);
    let twice = place.certctl(&format!("state settle acme/inspection {}", found[1]));
    assert_eq!(twice.code, 1);

    place.certctl("apply --auto-approve").ok();
    assert_eq!(ids(&place, ""), found, "a certificate was created");
    let history = place.certctl("history --format json").ok().json();
    let outcomes = |action: &str| -> Vec<Value> {
        let records = history["records"].as_array().unwrap().iter();
        records
            .filter(|r| r["action"] == action)
            .map(|r| r["outcome"].clone())
            .collect()
    };
    assert_eq!(outcomes("create"), ["unknown"]);
    assert_eq!(outcomes("set_in_use"), ["done"]);
}

#[test]
fn a_ci_job_does_not_begin_a_state_that_ends_with_it() {
    let mut place = Place::with_example("quickstart");
    place.set(
        "CLOUDFLARE_BASE_URL",
        "https://api.example.invalid/client/v4",
    );
    place.set("CLOUDFLARE_API_TOKEN", "a-token-for-tests");
    place.set("CI", "true");
    let refused = place.certctl("apply --auto-approve");
    insta::assert_snapshot!("ephemeral", refused.text());
    assert!(!place.path(".certctl").exists());
}

#[test]
fn a_token_can_come_from_a_file() {
    let mut place = Place::with_example("quickstart");
    let _server = place.serve("--deploy-delay 50ms");
    place.set("CLOUDFLARE_API_TOKEN", "");
    place.write("token", "a-token-for-tests\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |mode| std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path("token"), mode(0o644)).unwrap();
        let warned = place.certctl("status --token-file token").ok();
        assert!(warned.stderr.contains("chmod 600"), "{}", warned.stderr);
        std::fs::set_permissions(place.path("token"), mode(0o600)).unwrap();
    }
    // What is written over keeps its mode.
    std::fs::copy(place.path("token"), place.path("empty")).unwrap();
    place.write("empty", " \n");
    let quiet = place.certctl("status --token-file token").ok();
    assert_eq!(quiet.stderr, "");
    let text: Vec<String> = ["empty", "absent"]
        .iter()
        .map(|file| place.certctl(&format!("status --token-file {file}")).text())
        .collect();
    insta::assert_snapshot!("token_file", text.join("\n"));
}

#[test]
fn a_lock_is_held_against_the_state_commands_too() {
    let place = applied();
    let lock = document(&place).with_extension("lock");
    let held = std::fs::File::options().write(true).open(lock).unwrap();
    held.lock().unwrap();
    let moved = place.certctl("state mv acme/standby acme/spare --sandbox --lock-timeout 1s");
    assert_eq!(moved.code, 1);
    assert!(moved.stderr.contains("is held by"), "{}", moved.stderr);
    assert_eq!(
        place.certctl("state unlock --sandbox --auto-approve").code,
        1
    );
    held.unlock().unwrap();
    place.certctl("state unlock --sandbox --auto-approve").ok();
    place
        .certctl("state mv acme/standby acme/spare --sandbox")
        .ok();
}

/// As from a cache that never changes, or a commit that nobody pushed.
#[test]
fn a_state_that_comes_back_old_makes_no_second_certificate() {
    let place = applied();
    let old = std::fs::read(document(&place)).unwrap();
    let before = ids(&place, "--sandbox");
    let spec = "certctl.yaml";
    place.edit(
        spec,
        "validity_period_days: 1825",
        "validity_period_days: 730",
    );
    place.certctl("apply --sandbox --auto-approve").ok();
    let after = ids(&place, "--sandbox");
    let made = after.iter().find(|id| !before.contains(id)).unwrap();

    std::fs::write(document(&place), &old).unwrap();
    let planned = place.certctl("plan --sandbox");
    assert_eq!(planned.code, 1);
    for _ in 0..2 {
        let again = place.certctl("apply --sandbox --auto-approve");
        assert_eq!(again.code, 1, "{}", again.text());
        let said = format!("error[stale_state]: {made}");
        assert!(again.stderr.contains(&said), "{}", again.stderr);
        assert_eq!(ids(&place, "--sandbox"), after);
    }
    // The answer: it is the successor that the other run made.
    let import = format!("name: inspection\n        import: {made}");
    place.edit(spec, "name: inspection", &import);
    place.certctl("apply --sandbox --auto-approve").ok();
    let bound = bound(&place, "--sandbox", "acme/inspection");
    assert_eq!(bound.len(), 2, "{bound:?}");
    assert!(bound.contains(made));
    assert_eq!(ids(&place, "--sandbox"), after);
}
