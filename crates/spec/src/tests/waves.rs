//! `policy.waves`, wrong in each way.

use super::read;

/// What is said of these waves.
fn said(waves: &str) -> Vec<String> {
    let text = format!(
        "version: 1\npolicy:\n  waves: {waves}\naccounts:\n  - name: acme\n    account_id: \
         699d98642c564d2e855e9661899b7252\n    certificates: [{{ name: inspection }}]\n"
    );
    let found = read(&[&text]).diagnostics;
    found.into_iter().map(|one| one.message).collect()
}

#[test]
fn each_mistake_has_its_message() {
    let canary = "{ labels: { tier: canary }, bake: 3d }";
    assert_eq!(said(&format!("[{canary}, {{ rest: true }}]")), [""; 0]);
    for (waves, message) in [
        (format!("[{canary}]"), "the last wave is not `rest: true`"),
        (
            format!("[{{ rest: true }}, {canary}, {{ rest: true }}]"),
            "a wave follows the one that has the rest",
        ),
        (
            "[{ rest: true, bake: 3d }]".to_owned(),
            "nothing waits for the last wave to bake",
        ),
        (
            "[{ labels: {}, bake: 3d }, { rest: true }]".to_owned(),
            "the wave has no labels",
        ),
        (
            "[{ labels: { tier: canary } }, { rest: true }]".to_owned(),
            "the wave has no `bake`",
        ),
    ] {
        let said = said(&waves);
        assert!(
            said.iter().any(|one| one.contains(message)),
            "{waves}: {said:?}"
        );
    }
}
