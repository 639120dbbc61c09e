//! The state that nobody placed: one, whatever the order of `-f`, and never a second beside it.

use crate::support::Place;

/// Two folders of specs, each with one account, in a repository.
fn place() -> (Place, crate::support::Server) {
    let mut place = Place::new();
    std::fs::create_dir_all(place.path(".git")).unwrap();
    for (folder, id) in [
        ("us", "699d98642c564d2e855e9661899b7252"),
        ("emea", "1111aaaa1111aaaa1111aaaa1111aaaa"),
    ] {
        std::fs::create_dir_all(place.path(folder)).unwrap();
        place.write(
            &format!("{folder}/certctl.yaml"),
            &format!(
                "version: 1\naccounts:\n  - name: {folder}\n    account_id: {id}\n    \
                 certificates:\n      - name: a\n"
            ),
        );
    }
    let server = place.serve("--deploy-delay 0s");
    (place, server)
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let (place, _server) = place();
    place.certctl("apply --auto-approve -f us -f emea").ok();
    assert!(place.path(".certctl/state").is_dir());
    for line in [
        "plan --detailed-exitcode -f emea -f us",
        "plan --detailed-exitcode -f ./us/certctl.yaml -f emea",
    ] {
        place.certctl(line).ok();
    }
    assert!(!place.path("us/.certctl").exists() && !place.path("emea/.certctl").exists());
}

#[test]
fn no_second_place_is_born_below_or_above_one() {
    let (place, _server) = place();
    place.certctl("apply --auto-approve -f us -f emea").ok();
    // One of them alone would begin anew.
    for line in [
        "plan -f emea",
        "apply --auto-approve -f emea",
        "state list -f emea",
    ] {
        let seen = place.certctl(line);
        assert_eq!(seen.code, 1, "{line}: {}", seen.stdout);
        assert!(
            seen.stderr.contains("already holds a state"),
            "{line}: {}",
            seen.stderr
        );
        assert!(seen.stderr.contains(".certctl/state"), "{}", seen.stderr);
    }
    assert!(!place.path("emea/.certctl").exists());
    // The way out that the hint names.
    place
        .certctl("plan --detailed-exitcode -f emea --state .certctl/state")
        .ok();

    let (place, _server) = self::place();
    place.certctl("apply --auto-approve -f emea").ok();
    for line in ["plan -f emea -f us", "apply --auto-approve -f us -f emea"] {
        let seen = place.certctl(line);
        assert_eq!(seen.code, 1, "{line}");
        assert!(
            seen.stderr.contains("emea/.certctl/state"),
            "{line}: {}",
            seen.stderr
        );
    }
    // Who places the state is asked nothing, and the other folder is none of this one's business.
    let seen = place.certctl("plan -f emea -f us --state elsewhere");
    assert!(!seen.stderr.contains("already holds"), "{}", seen.stderr);
    place.certctl("plan -f us").ok();
}

#[test]
fn a_relative_place_is_beside_the_file_that_says_it() {
    let (place, _server) = place();
    place.edit(
        "emea/certctl.yaml",
        "version: 1\n",
        "version: 1\nstate: kept\n",
    );
    place.certctl("apply --auto-approve -f us -f emea").ok();
    assert!(place.path("emea/kept").is_dir() && !place.path("kept").exists());
}
