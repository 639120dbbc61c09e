//! Plans for people and for programs: the comment, the annotations, and data that is only data.

use crate::support::Place;

#[test]
fn the_comment_holds_the_exact_command() {
    let place = Place::with_example("quickstart");
    let typed = "-f certctl.yaml --sandbox=box --account acme --allow new_state";
    let seen = place
        .certctl(&format!("plan {typed} --format markdown"))
        .ok();
    assert_eq!(seen.stderr, "");
    let command = seen
        .stdout
        .lines()
        .find(|line| line.starts_with("certctl apply "))
        .unwrap()
        .to_owned();
    assert!(
        command.contains("--account acme --sandbox=box --allow new_state"),
        "{command}"
    );
    let again = place
        .certctl(&format!("plan {typed} --format markdown"))
        .ok();
    assert_eq!(again.stdout, seen.stdout);
    place
        .certctl(command.strip_prefix("certctl ").unwrap())
        .ok();
    let done = place
        .certctl(&format!("plan {typed} --format markdown"))
        .ok();
    assert!(done.stdout.starts_with("## No changes."), "{}", done.stdout);
}

#[test]
fn a_comment_keeps_within_its_limit() {
    let place = Place::new();
    let mut spec = String::from("version: 1\naccounts:\n");
    for account in 0..200 {
        spec.push_str(&format!(
            "  - name: account-{account:03}\n    account_id: {account:032x}\n    certificates:\n"
        ));
        for n in 0..5 {
            spec.push_str(&format!("      - {{ name: certificate-{n} }}\n"));
        }
    }
    place.write("certctl.yaml", &spec);
    let plan = "plan --sandbox --parallelism 64 --format markdown";
    let seen = place.certctl(plan).ok();
    let length = seen.stdout.chars().count();
    assert!(length <= 65_536, "{length}");
    // A thousand creations alike are told together, so that none is left out.
    assert!(!seen.stdout.contains("Shortened"), "{length}");
    for account in [0, 199] {
        let name = format!("`account-{account:03}`");
        assert!(seen.stdout.contains(&name), "{name}");
    }
    assert!(
        seen.stdout
            .contains("create 1000 certificates in 200 accounts")
    );
    let short = place.certctl(&format!("{plan} --max-chars 3000")).ok();
    assert!(short.stdout.chars().count() <= 3_000);
    let shortened = "Shortened to 3000 characters";
    assert!(short.stdout.contains(shortened), "{}", short.stdout);
    assert_eq!(place.certctl(&format!("{plan} --max-chars 10")).code, 1);
}

#[test]
fn data_is_never_mixed_with_logs() {
    let place = Place::with_example("quickstart");
    for command in [
        "plan --sandbox --format json",
        "status --sandbox --format json",
        "validate --format json",
        "apply --sandbox --auto-approve --format json",
    ] {
        for format in ["text", "json"] {
            let logged = format!("{command} --log-level trace --log-format {format}");
            place.certctl(&logged).ok().json();
        }
    }
    for command in ["apply", "status", "validate"] {
        let refused = place.certctl(&format!("{command} --format markdown"));
        assert_eq!(refused.code, 1, "{command}");
        assert!(
            refused.stderr.contains("invalid value"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn under_github_diagnostics_stand_at_their_lines() {
    let mut place = Place::with_example("quickstart");
    place.set("GITHUB_ACTIONS", "true");
    let root = place.path("").display().to_string();
    place.set("GITHUB_WORKSPACE", root.trim_end_matches('/'));
    let summary = place.path("summary.md").display().to_string();
    place.set("GITHUB_STEP_SUMMARY", &summary);
    let plan = place.certctl("plan --sandbox --format json").ok();
    plan.json();
    assert!(
        place
            .read("summary.md")
            .starts_with("## certctl will create 2")
    );

    place.edit(
        "certctl.yaml",
        "validity_period_days: 365",
        "validity_period_days: 99999",
    );
    for command in ["validate", "plan --sandbox"] {
        let seen = place.certctl(&format!("{command} -f {root}/certctl.yaml"));
        assert_eq!(seen.code, 1);
        assert!(!seen.stdout.contains("::"), "{}", seen.stdout);
        let annotations: Vec<&str> = seen
            .stderr
            .lines()
            .filter(|line| line.starts_with("::"))
            .collect();
        assert_eq!(
            annotations,
            [
                "::error file=certctl.yaml,line=22,col=31,title=certctl out_of_range::acme/standby: \
              `validity_period_days` is 99999, which is outside of 1 to 10950%0Ahint: the longest \
              that Cloudflare issues is 10950 days"
            ],
            "{command}"
        );
    }
    let summary = place.read("summary.md");
    assert!(
        summary.contains("## The spec has 1 error.\n\n```text\nerror[out_of_range]"),
        "{summary}"
    );
}
