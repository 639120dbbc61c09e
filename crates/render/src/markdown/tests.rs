//! Whole comments, hostile ones, and very long ones.

use certctl_model::{BindingStatus, CertificateType, Code, Diagnostic, Place, ValidityDays};
use proptest::prelude::*;

use super::*;
use crate::fixture;
use certctl_plan::{ChangeKind, Unmanaged};

fn whole(plan: &Plan) -> String {
    markdown(plan, &MarkdownOptions::default())
}

#[test]
fn replacing_what_is_in_use() {
    let plan = fixture::plan(vec![fixture::replace_in_use(), fixture::no_op("beta/one")]);
    insta::assert_snapshot!(whole(&plan), @r#"
    ## certctl will replace 1 certificate in account acme; 1 affects devices that have not synced yet.

    <!-- certctl:plan -->

    ### What removes or switches something

    - **`acme/inspection` replace** affects **devices that have not synced yet**. Gateway switches to a new certificate; deletes `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`. Why: `validity_period_days`: 1825 `->` 365; a certificate is immutable.

    ### To do before the switch

    The Cloudflare One Client installs a new certificate by itself on Windows, macOS and Debian-based Linux. Install it by hand or by MDM on iOS, Android, ChromeOS and Red Hat Enterprise Linux, on macOS where trust is given by hand, and in applications with a trust store of their own; without it their HTTPS fails after the switch. `certctl pem ADDRESS` prints it.

    - `acme/inspection`: install the new certificate within 7d after it becomes available; then Gateway switches

    ### Runs later without another approval

    Who approves this plan approves these steps too: later runs of `certctl apply` do them once they are due.

    - `acme/inspection`: `activate` the new certificate then; `set_in_use` the new certificate once available for 7d; `deactivate` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415` 7d after the switch; `delete` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415` then

    ### Changes

    | | certificate | change | why | affects |
    |---|---|---|---|---|
    | `+/-` | `acme/inspection` | replace | `validity_period_days`: 1825 `->` 365; a certificate is immutable | devices that have not synced yet |

    ### Details

    <details>
    <summary><code>acme/inspection</code>: replace</summary>

    `validity_period_days`: 1825 `->` 365; a certificate is immutable.

    ```diff
    - validity_period_days: 1825
    + validity_period_days: 365
      activate: true
      in_use: true
      rotation.trust_period: 7d
      rotation.retire_after: 7d
    ```

    - current `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: `available`, in use, expires 2031-11-22T00:00:00Z

    1. `create` a certificate of 365 days: with the next apply
    2. `activate` the new certificate: then
    3. `set_in_use` the new certificate: once available for 7d
    4. `deactivate` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: 7d after the switch
    5. `delete` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: then

    </details>

    ### Validity and overlap

    ```mermaid
    gantt
        title Validity of what exists
        dateFormat YYYY-MM-DD
        axisFormat %Y-%m
        section acme/inspection
        current f174e90a :active, 2026-11-23, 2031-11-22
    ```

    ```mermaid
    gantt
        title Overlap of old and new, in days from the apply
        dateFormat YYYY-MM-DD
        axisFormat day %j
        section acme/inspection
        old in use :active, 2000-01-01, 2000-01-08
        old kept :2000-01-08, 2000-01-15
        new distributed :2000-01-01, 2000-01-08
        new in use :active, 2000-01-08, 2000-01-22
    ```

    ### Apply

    Digest: `sha256:f201231f7108703aad1a7216b641decb5500c1b4c1f23311f6711c7406415ad8`. This command applies what is shown here and nothing else; an account that has moved since is refused.

    ```sh
    certctl apply --expect-digest sha256:f201231f7108703aad1a7216b641decb5500c1b4c1f23311f6711c7406415ad8
    ```
    "#);
}

#[test]
fn only_waiting() {
    let plan = fixture::plan(vec![fixture::waits_for_trust()]);
    insta::assert_snapshot!(whole(&plan), @r#"
    ## Nothing is due now; 1 waits; 1 affects devices that have not synced yet.

    <!-- certctl:plan -->

    ### What removes or switches something

    - **`acme/inspection` replace** affects **devices that have not synced yet**. Gateway switches to `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa`; deletes `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`. Why: a rotation to `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` is under way.

    ### To do before the switch

    The Cloudflare One Client installs a new certificate by itself on Windows, macOS and Debian-based Linux. Install it by hand or by MDM on iOS, Android, ChromeOS and Red Hat Enterprise Linux, on macOS where trust is given by hand, and in applications with a trust store of their own; without it their HTTPS fails after the switch. `certctl pem ADDRESS` prints it.

    - `acme/inspection`: install `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` before 2026-11-30T10:00:00Z

    ### Waits

    - `acme/inspection` (replace) waits until 2026-11-30T10:00:00Z for the trust period, then `set_in_use`

    ### Runs later without another approval

    Who approves this plan approves these steps too: later runs of `certctl apply` do them once they are due.

    - `acme/inspection`: `set_in_use` `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` not before 2026-11-30T10:00:00Z; `deactivate` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415` 7d after the switch; `delete` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415` then

    ### Changes

    | | certificate | change | why | affects |
    |---|---|---|---|---|
    | `+/-` | `acme/inspection` | replace | a rotation to `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` is under way | devices that have not synced yet |

    ### Details

    <details>
    <summary><code>acme/inspection</code>: replace</summary>

    a rotation to `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` is under way.

    ```diff
    - validity_period_days: 1825
    + validity_period_days: 365
      activate: true
      in_use: true
      rotation.trust_period: 7d
      rotation.retire_after: 7d
    ```

    - current `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: `available`, in use, expires 2031-11-22T00:00:00Z
    - successor `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa`: `available`, expires 2027-11-23T00:00:00Z

    1. `set_in_use` `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa`: not before 2026-11-30T10:00:00Z
    2. `deactivate` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: 7d after the switch
    3. `delete` `f174e90a-fafe-4643-bbbc-4a0ed4fc8415`: then

    </details>

    ### Validity and overlap

    ```mermaid
    gantt
        title Validity of what exists
        dateFormat YYYY-MM-DD
        axisFormat %Y-%m
        section acme/inspection
        current f174e90a :active, 2026-11-23, 2031-11-22
        successor 0b5b7f06 :2026-11-23, 2027-11-23
        switch :milestone, 2026-11-30, 0d
    ```

    ### Apply

    Digest: `sha256:06e8376f6a24802114c8503b7c9a10e9890d79c2249f0f2d1e5bd4d00d401a09`. This command applies what is shown here and nothing else; an account that has moved since is refused.

    ```sh
    certctl apply --expect-digest sha256:06e8376f6a24802114c8503b7c9a10e9890d79c2249f0f2d1e5bd4d00d401a09
    ```
    "#);
}

#[test]
fn nothing_to_do() {
    let plan = fixture::plan(vec![fixture::no_op("acme/a")]);
    insta::assert_snapshot!(whole(&plan), @r#"
    ## No changes. 1 certificate is as declared.

    <!-- certctl:plan -->

    Digest: `sha256:849ae86383cac44cf87a0556b9c3ede9cd4a28bf14474b1a455f72d5bb2bdc0d`
    "#);
}

#[test]
fn blocked_with_unmanaged_ones() {
    let error = Diagnostic::error(
        Code::AdoptAsk,
        "an existing certificate fits; is it this one?",
    )
    .hint("take it over with `import: ID`; or let the account say `adopt: matching`")
    .at(Some(Place {
        file: "certctl.yaml".into(),
        line: 7,
        column: 9,
        length: 4,
    }))
    .address(&"acme/inspection".parse().unwrap());
    let mut plan = fixture::plan_with(vec![fixture::no_op("acme/inspection")], vec![error]);
    plan.unmanaged.push(unmanaged("custom"));
    insta::assert_snapshot!(whole(&plan), @r#"
    ## Nothing can be done; 1 account is blocked by errors.

    <!-- certctl:plan -->

    ### Errors: these accounts are not applied

    - `acme/inspection` `adopt_ask`, at `certctl.yaml:7:9`: an existing certificate fits; is it this one? Hint: take it over with `import: ID`; or let the account say `adopt: matching`.

    ### Unmanaged, and left alone

    | account | certificate | type | in use | expires |
    |---|---|---|---|---|
    | `acme` | `0b5b7f06-4b6d-4b5c-9c39-6d54f5b6a0aa` | `custom` | yes | unknown |

    Digest: `sha256:3954393e0c93ab5335ce31412a7b5d26cb0d766e565cf22a62a580966bfda9a9`
    "#);
}

fn unmanaged(kind: &str) -> Unmanaged {
    Unmanaged {
        account: "acme".parse().unwrap(),
        certificate_id: fixture::id(fixture::NEW),
        kind: kind.parse::<CertificateType>().unwrap(),
        in_use: true,
        expires_on: None,
    }
}

#[test]
fn the_same_plan_an_hour_later_is_the_same_comment() {
    let plan = fixture::plan(vec![fixture::replace_in_use(), fixture::delete("acme/old")]);
    let mut later = plan.clone();
    later.planned_at = fixture::at("2026-11-23T12:00:00Z");
    assert_eq!(whole(&plan), whole(&later));
}

#[test]
fn a_fleet_tells_once_what_is_alike() {
    let mut changes = vec![fixture::create("acme-7/inspection")];
    for n in 1..=6 {
        let mut change = fixture::replace_in_use();
        change.address = format!("acme-{n}/inspection").parse().unwrap();
        changes.push(change);
    }
    let error = |n| {
        let address = format!("acme-{n}/inspection").parse().unwrap();
        Diagnostic::warning(Code::UnknownStatus, format!("acme-{n} is odd")).address(&address)
    };
    let plan = fixture::plan_with(changes, (1..=6).map(error).collect());
    insta::assert_snapshot!(whole(&plan));
}

fn many(accounts: usize, each: usize, name: &str) -> Plan {
    let mut changes = Vec::new();
    for account in 0..accounts {
        for n in 0..each {
            let address = format!("{name}-{account}/{name}-{n}");
            let mut change = match n % 3 {
                0 => fixture::delete(&address),
                1 => fixture::create(&address),
                _ => fixture::replace_in_use(),
            };
            change.address = address.parse().unwrap();
            changes.push(change);
        }
    }
    fixture::plan(changes)
}

/// The same changes, no two of them alike.
fn unlike(mut plan: Plan) -> Plan {
    for (days, change) in (1..).zip(&mut plan.changes) {
        let shapes = [&mut change.before, &mut change.after];
        for shape in shapes.into_iter().flatten() {
            shape.validity_period_days = ValidityDays::try_from(days).ok();
        }
    }
    plan
}

#[test]
fn a_thousand_changes_alike_are_told_whole_with_each_named() {
    let plan = many(200, 5, "production");
    let text = whole(&plan);
    assert!(!text.contains("Shortened"), "{}", text.len());
    for change in &plan.changes {
        let name = format!("`{}`", change.address);
        assert!(text.contains(&name), "{name}");
    }
    assert_eq!(text.matches("<details>").count(), 5);
}

#[test]
fn a_thousand_changes_fit_with_each_dangerous_one_named() {
    let plan = unlike(many(200, 5, "production"));
    let text = whole(&plan);
    assert!(text.len() <= 65_536);
    let (head, _) = text.split_once("### What removes").unwrap();
    assert!(
        head.contains("**Shortened to 65536 characters.** Left out: "),
        "{head}"
    );
    assert!(head.contains(MARKER));
    assert_eq!(plan.changes.len(), 1_000);
    for change in &plan.changes {
        assert!(
            text.contains(&format!("`{}`", change.address)),
            "{}",
            change.address
        );
    }
    assert!(text.ends_with(&format!(
        "certctl apply --expect-digest {}\n```\n",
        plan.digest
    )));
}

#[test]
fn long_names_are_told_by_account() {
    let plan = many(200, 5, &"y".repeat(33));
    let text = whole(&plan);
    assert!(text.len() <= 65_536);
    let y = "y".repeat(33);
    for account in 0..200 {
        for names in [
            format!("{y}-0,{y}-3"),
            format!("{y}-2"),
            format!("{y}-1,{y}-4"),
        ] {
            assert!(text.contains(&format!("`{y}-{account}/{{{names}}}`")));
        }
    }
}

#[test]
fn what_cannot_be_named_is_not_to_be_approved() {
    let long = "x".repeat(58);
    let text = whole(&many(200, 5, &long));
    assert!(text.len() <= 65_536);
    assert!(text.contains("**Do not approve from this comment.** 1000 changes"));
    assert!(text.contains(MARKER));
}

#[test]
fn hostile_text_is_harmless() {
    let nasty = "</details>\n\n# x\n| a | b |\n```\n@octocat <script> [l](http://e.x) `` ![i](//e.x)\u{202e}";
    let mut change = fixture::replace_in_use();
    change.reason.message = nasty.to_owned();
    change.certificates[0].binding_status = Some(BindingStatus::Unknown(nasty.to_owned()));
    let warning = Diagnostic::warning(Code::UnknownStatus, nasty)
        .hint(nasty)
        .at(Some(Place {
            file: nasty.into(),
            line: 1,
            column: 1,
            length: 1,
        }))
        .address(&change.address);
    let mut plan = fixture::plan_with(vec![change], vec![warning]);
    plan.accounts[0].in_use_before = Some(nasty.to_owned());
    plan.unmanaged.push(unmanaged(nasty));
    let text = whole(&plan);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.iter().filter(|l| l.starts_with("</details>")).count(),
        1
    );
    assert!(!lines.iter().any(|line| line.starts_with("# ")));
    for row in lines.iter().filter(|line| line.starts_with("| ")) {
        let pipes = row.matches('|').count();
        assert_eq!(pipes, 6, "{row}");
    }
    assert_eq!(
        text.matches("@octocat").count(),
        text.matches("`@octocat").count()
            + text.matches("} @octocat").count()
            + text.matches("}@octocat").count()
    );
    assert!(!text.contains('\u{202e}'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_limit_is_kept(accounts in 1_usize..12, each in 1_usize..6, max_chars in 0_usize..30_000) {
        let plan = many(accounts, each, "certificate");
        let options = MarkdownOptions { max_chars, ..MarkdownOptions::default() };
        let text = markdown(&plan, &options);
        prop_assert!(text.len() <= max_chars);
        if max_chars > 4_000 {
            prop_assert!(text.contains(MARKER) && text.contains(&plan.digest));
        }
        let named = plan.changes.iter().filter(|c| c.kind == ChangeKind::Delete).all(|change| {
            let (account, name) = (change.address.account.as_str(), change.address.certificate.as_str());
            text.lines().any(|line| line.contains(account) && line.contains(name))
        });
        prop_assert!(named || text.contains("Do not approve") || max_chars < 1_000);
    }
}
