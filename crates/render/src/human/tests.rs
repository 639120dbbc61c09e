//! What a person sees, whole.

use certctl_model::{BindingStatus, CertificateType, Code, Diagnostic, Reason, Role};

use super::*;
use crate::fixture;
use certctl_plan::{Operation, Why};

const PLAIN: Style = Style {
    color: false,
    width: Some(100),
};

#[test]
fn creating() {
    let plan = fixture::plan(vec![
        fixture::create("acme/inspection"),
        fixture::no_op("beta/one"),
    ]);
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"
    certctl will create 1 certificate in account acme; nobody notices.

      # acme/inspection will be created: it is declared and does not exist
      + acme/inspection
        + validity_period_days   1825
        + activate               true
        + in_use                 true
        + rotation.trust_period  7d
        + rotation.retire_after  7d
          steps
            1. create      a certificate of 1825 days  now
            2. activate    the new certificate         then
            3. set_in_use  the new certificate         once available

    acme: Gateway will use acme/inspection; so far it uses no certificate of this account
    acme: creates 1 certificate; Cloudflare allows 3 more within 24 hours

    Plan: 1 to create, 1 unchanged.
    "#);
}

#[test]
fn replacing_what_is_in_use() {
    let plan = fixture::plan(vec![fixture::replace_in_use()]);
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"
    certctl will replace 1 certificate in account acme; 1 affects devices that have not synced yet.

      # acme/inspection will be replaced: validity_period_days: 1825 -> 365; a certificate is immutable
    +/- acme/inspection
          current                f174e90a-fafe-4643-bbbc-4a0ed4fc8415 (available, in use, expires
                                 2031-11-22T00:00:00Z (in 1824d))
        ~ validity_period_days   1825 -> 365
          activate               true
          in_use                 true
          rotation.trust_period  7d
          rotation.retire_after  7d
          steps
            1. create      a certificate of 365 days             now
            2. activate    the new certificate                   then
            3. set_in_use  the new certificate                   once available for 7d
            4. deactivate  f174e90a-fafe-4643-bbbc-4a0ed4fc8415  7d after the switch
            5. delete      f174e90a-fafe-4643-bbbc-4a0ed4fc8415  then
          affects devices that have not synced yet

    acme: creates 1 certificate; Cloudflare allows 3 more within 24 hours

    Plan: 1 to replace.
    "#);
}

#[test]
fn only_waiting() {
    let plan = fixture::plan(vec![fixture::waits_for_trust(), fixture::no_op("acme/z")]);
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"
    Nothing is due now; 1 waits:
      acme/inspection (replace) waits until 2026-11-30T10:00:00Z (in 6d 23h) for the trust period, then
        set_in_use; affects devices that have not synced yet

    Plan: 1 to replace, 1 waiting, 1 unchanged.
    "#);
}

#[test]
fn deleting_and_remembering_and_unmanaged() {
    let mut remembers = fixture::change(
        "acme/a",
        ChangeKind::Update,
        Reason::Remember,
        "what was seen is to be remembered",
    );
    remembers.steps = fixture::steps([Operation::Record]);
    remembers.steps[0].due = true;
    let mut plan = fixture::plan(vec![remembers, fixture::delete("acme/old")]);
    plan.unmanaged.push(Unmanaged {
        account: "acme".parse().unwrap(),
        certificate_id: fixture::id(fixture::NEW),
        kind: CertificateType::Custom,
        in_use: true,
        expires_on: Some(fixture::at("2027-01-01T00:00:00Z")),
    });
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"
    certctl will delete 1 certificate in account acme; nobody notices.

      # acme/a will be updated: what was seen is to be remembered
      ~ acme/a

      # acme/old will be deleted: it is no longer declared
      - acme/old
          current               f174e90a-fafe-4643-bbbc-4a0ed4fc8415 (available, expires
                                2031-11-22T00:00:00Z (in 1824d))
        - validity_period_days  1825
        - activate              true
        - in_use                false
          steps
            1. deactivate  f174e90a-fafe-4643-bbbc-4a0ed4fc8415  now
            2. delete      f174e90a-fafe-4643-bbbc-4a0ed4fc8415  then

    Unmanaged, and left alone:
      acme 0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa (custom, in use, expires 2027-01-01T00:00:00Z (in 38d))

    Plan: 1 to update, 1 to delete.
    "#);
}

#[test]
fn to_adopt_or_to_rename_is_no_switch() {
    let mut moved = fixture::no_op("acme/renamed");
    moved.kind = ChangeKind::Move;
    moved.steps = fixture::steps([Operation::Record]);
    moved.steps[0].due = true;
    let mut plan = fixture::plan(vec![moved]);
    for before in ["acme/inspection", fixture::OLD] {
        plan.accounts[0].in_use_before = Some(before.to_owned());
        let text = human(&plan, PLAIN);
        assert!(!text.contains("instead of"), "{text}");
        assert!(text.contains("1. record  the new address  now"), "{text}");
    }
}

#[test]
fn what_is_forgotten_stays_as_it_is() {
    let mut forgotten = fixture::delete("acme/old");
    forgotten.kind = ChangeKind::Forget;
    forgotten.steps = fixture::steps([Operation::Forget(None)]);
    forgotten.steps[0].due = true;
    let text = human(&fixture::plan(vec![forgotten]), PLAIN);
    assert!(text.contains("(3 unchanged fields not shown)"), "{text}");
    assert!(!text.contains("    - "), "{text}");
}

#[test]
fn nothing_to_do() {
    let plan = fixture::plan(vec![fixture::no_op("acme/a"), fixture::no_op("acme/b")]);
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"No changes. 2 certificates are as declared."#);
}

#[test]
fn a_blocked_account_is_said_plainly() {
    let error =
        Diagnostic::error(Code::AdoptAsk, "is it this one?").account(&"acme".parse().unwrap());
    let mut asks = fixture::no_op("acme/inspection");
    asks.reason = Why {
        code: Reason::Blocked,
        message: "an existing certificate fits".to_owned(),
    };
    let plan = fixture::plan_with(vec![asks, fixture::create("beta/inspection")], vec![error]);
    insta::assert_snapshot!(human(&plan, PLAIN), @r#"
    certctl will create 1 certificate in account beta; nobody notices; 1 account is blocked by errors.

      # beta/inspection will be created: it is declared and does not exist
      + beta/inspection
        + validity_period_days   1825
        + activate               true
        + in_use                 true
        + rotation.trust_period  7d
        + rotation.retire_after  7d
          steps
            1. create      a certificate of 1825 days  now
            2. activate    the new certificate         then
            3. set_in_use  the new certificate         once available

    acme is blocked: see the errors
    beta: Gateway will use beta/inspection; so far it uses no certificate of this account
    beta: creates 1 certificate; Cloudflare allows 3 more within 24 hours

    Not due now:
      acme/inspection (no_op) stands still: an existing certificate fits

    Plan: 1 to create, 1 unchanged.
    "#);
}

/// Seven accounts: a creation in each of six, a rotation that waits in each, and one that does else.
fn fleet() -> Plan {
    let mut changes = vec![fixture::delete("acme-1/old")];
    for n in 1..=6 {
        changes.push(fixture::create(&format!("acme-{n}/inspection")));
        let mut waits = fixture::waits_for_trust();
        waits.address = format!("acme-{n}/standby").parse().unwrap();
        let until = fixture::at(&format!("2026-11-30T10:0{n}:00Z"));
        waits.steps[0].not_before = Some(until);
        waits.waiting.as_mut().unwrap().until = Some(until);
        changes.push(waits);
    }
    fixture::plan(changes)
}

#[test]
fn a_fleet_tells_once_what_is_alike() {
    insta::assert_snapshot!(human(&fleet(), PLAIN));
}

#[test]
fn five_alike_are_told_one_by_one() {
    let creates = |n: usize| -> String {
        let changes = (1..=n).map(|n| fixture::create(&format!("acme-{n}/inspection")));
        human(&fixture::plan(changes.collect()), PLAIN)
    };
    assert_eq!(creates(5).matches(" will be created: ").count(), 5);
    let together = "inspection will be created in 6 accounts: ";
    assert!(creates(6).contains(together), "{}", creates(6));
}

#[test]
fn hostile_words_stay_words() {
    let mut change = fixture::replace_in_use();
    change.reason.message = "a\x1b[2J\n+ acme/evil will be created\u{202e}".to_owned();
    let mut held = fixture::held(fixture::NEW, Role::Retiring, false, "2027-01-01T00:00:00Z");
    held.binding_status = Some(BindingStatus::Unknown("\x1b]0;title\x07".to_owned()));
    change.certificates.push(held);
    let text = human(&fixture::plan(vec![change]), Style::default());
    assert!(text.contains("# acme/inspection will be replaced: a\\u{1b}[2J\\u{a}+ acme/evil"));
    assert!(text.contains("(\\u{1b}]0;title\\u{7}, expires 2027-01-01T00:00:00Z"));
    assert!(
        text.chars()
            .all(|c| c == '\n' || !certctl_plan::is_unseen(c))
    );
}

#[test]
fn colour_only_repeats_what_is_said() {
    let plan = fixture::plan(vec![fixture::replace_in_use()]);
    let plain = human(&plan, PLAIN);
    let painted = human(
        &plan,
        Style {
            color: true,
            ..PLAIN
        },
    );
    assert_ne!(painted, plain);
    let mut stripped = String::new();
    let mut rest = painted.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
}
