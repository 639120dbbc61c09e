//! Several merges at once: none is lost, and none is applied as it was not reviewed.

use super::held;
use crate::forge::Forge;
use crate::support::Server;

const THREE: &str = "version: 1
accounts:
  - name: one
    account_id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    certificates: [{ name: inspection, validity_period_days: 1001 }]
  - name: two
    account_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
    certificates: [{ name: inspection, validity_period_days: 1002 }]
  - name: three
    account_id: cccccccccccccccccccccccccccccccc
    certificates: [{ name: inspection, validity_period_days: 1003 }]
";

/// Three accounts that are as declared.
fn three_accounts() -> (Forge, Server) {
    let mut forge = Forge::new("quickstart");
    let server = forge.place.serve("--deploy-delay 0s");
    forge.place.write("certctl.yaml", THREE);
    forge.place.certctl("apply --auto-approve").ok();
    (forge, server)
}

/// Proposes another validity as a pull request of its own, from what was declared before; returns the spec.
fn propose(forge: &mut Forge, request: u32, from: &str, to: &str) -> String {
    forge.place.write("certctl.yaml", THREE);
    forge.place.edit("certctl.yaml", from, to);
    forge.propose(request);
    assert!(forge.run("certctl-plan.yml"), "{}", forge.log());
    assert!(forge.run("certctl-comment.yml"), "{}", forge.log());
    forge.place.read("certctl.yaml")
}

#[test]
fn of_three_merges_at_once_none_is_lost() {
    let (mut forge, _server) = three_accounts();
    let first = propose(&mut forge, 7, "1001", "401");
    propose(&mut forge, 8, "1002", "402");
    propose(&mut forge, 9, "1003", "403");
    // The run of the first is at work while the others are merged; the run of the second is dropped for
    // that of the third.
    forge.merge_of(7);
    forge.place.write("certctl.yaml", &first);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    let all = THREE
        .replace("1001", "401")
        .replace("1002", "402")
        .replace("1003", "403");
    forge.place.write("certctl.yaml", &all);
    forge.merge_of(8);
    forge.merge_of(9);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    for request in [7, 8, 9] {
        let comments = forge.comments_on(request);
        let [_, result] = comments.as_slice() else {
            panic!("{request}: {comments:#?}")
        };
        assert!(result.starts_with("**Applied.**"), "{request}: {result}");
    }
    let held = held(&forge);
    assert_eq!(held.values().copied().collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn of_two_merges_into_one_account_the_second_is_reviewed_again() {
    let (mut forge, _server) = three_accounts();
    let first = propose(&mut forge, 7, "1001", "401");
    let second = propose(&mut forge, 8, "1001", "402");
    forge.merge_of(7);
    forge.place.write("certctl.yaml", &first);
    assert!(forge.run("certctl-apply.yml"), "{}", forge.log());
    forge.merge_of(8);
    forge.place.write("certctl.yaml", &second);
    assert!(!forge.run("certctl-apply.yml"), "{}", forge.log());
    let last = forge.comments_on(8).pop().unwrap();
    assert!(last.starts_with("**Not applied"), "{last}");
    assert!(last.contains("**Moved.**"), "{last}");
    assert_eq!(held(&forge)["one/inspection"], 2);
}
