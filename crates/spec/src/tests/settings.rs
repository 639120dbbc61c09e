//! What is accepted is what was declared, and declares the same again.

use certctl_model::{Adopt, Settings};

use super::{acme, read};

const FULL: &str = "
      - name: full
        validity_period_days: 365
        activate: true
        in_use: true
        rotation:
          renew_before: 90d
          trust_period: 14d
          trust_evidence: { seen: 99.5%, active_within: 14d, sync_margin: 12h }
          retire_after: 10d
          switch: hold
          windows:
            - { cron: '0 2 * * 6', timezone: Europe/Berlin, window_duration: 4h }
            - { cron: '*/15 3-5 1,15 * *', window_duration: 30m }
        lifecycle: { prevent_destroy: true, deletion_policy: retain }
        import: none
        moved_from: old
      - name: bare
      - { name: off, activate: false, in_use: false, rotation: { renew_before: null } }
";

const POLICY: &str = "policy:
  max_deletes: 2
  max_replaces: 0
  max_in_use_switches: 1
  max_validity_days: 1825
  min_validity_days: 90
  require_renewal: true
  protected: [acme/full, other/root]
accounts:";

#[test]
fn a_certificate_is_the_same_after_it_was_kept() {
    let spec = read(&[&acme(FULL)]).spec.unwrap();
    assert_eq!(spec.accounts[0].certificates.len(), 3);
    for declared in &spec.accounts[0].certificates {
        let kept = serde_json::to_string(&declared.settings()).unwrap();
        let kept: Settings = serde_json::from_str(&kept).unwrap();
        let other = spec.accounts[0].certificates.iter();
        for other in other.filter(|other| other.name != declared.name) {
            let as_kept = other.with_settings(&kept);
            assert_eq!(as_kept.settings(), declared.settings());
            assert_eq!(as_kept.rotation, declared.rotation);
            // Who it is, and where it stands, is not a setting.
            assert_eq!((&as_kept.name, &as_kept.place), (&other.name, &other.place));
            assert_eq!(as_kept.moved_from, other.moved_from);
        }
    }
}

#[test]
fn a_policy_is_the_same_after_it_was_kept_as_far_as_it_is_about_the_account() {
    let text = acme(FULL).replace("accounts:", POLICY);
    let spec = read(&[&text]).spec.unwrap();
    let account = &spec.accounts[0];
    let kept = account.settings(&spec.policy);
    let again = spec.policy.with_settings(&account.name, &kept.policy);
    assert_eq!(account.settings(&again), kept);
    let protected: Vec<String> = again.protected.iter().map(ToString::to_string).collect();
    assert_eq!(protected, ["acme/full"]);
    assert_eq!(again.place, spec.policy.place);
    assert_eq!(again.max_deletes, Some(2));
    assert!(again.require_renewal);
}

#[test]
fn whatever_differs_of_an_account_is_not_what_is_declared() {
    let more = "  last_resort: 3d\n  waves: [{ labels: { tier: a }, bake: 3d }, { rest: true }]\naccounts:";
    let policy = POLICY.replace("accounts:", more);
    let text = acme(FULL).replace("accounts:", &policy);
    let spec = read(&[&text]).spec.unwrap();
    let account = &spec.accounts[0];
    let kept = account.settings(&spec.policy);
    assert!(account.has_settings(&spec.policy, &kept));
    let lines = policy.lines().filter(|line| line.starts_with("  "));
    for line in lines {
        let other = read(&[&text.replace(&format!("{line}\n"), "")])
            .spec
            .unwrap();
        assert!(!account.has_settings(&other.policy, &kept), "{line}");
    }
    let mut elsewhere = spec.policy.clone();
    elsewhere
        .protected
        .retain(|address| address.account == account.name);
    assert!(account.has_settings(&elsewhere, &kept));
    let mut labelled = account.clone();
    labelled.labels.insert("tier".to_owned(), "a".to_owned());
    assert!(!labelled.has_settings(&spec.policy, &kept));
    let mut adopting = account.clone();
    adopting.adopt = Adopt::Matching;
    assert_ne!(adopting.adopt, account.adopt);
    assert!(!adopting.has_settings(&spec.policy, &kept));
}

#[test]
fn a_window_that_cannot_be_read_is_not_always_open() {
    let spec = read(&[&acme(FULL)]).spec.unwrap();
    let bare = spec.accounts[0]
        .certificates
        .iter()
        .find(|c| c.name.as_str() == "bare");
    let mut kept = bare.unwrap().settings();
    kept.rotation.windows = vec![certctl_model::WindowSettings {
        cron: "whenever".to_owned(),
        timezone: "UTC".to_owned(),
        window_duration: certctl_model::Period::HOUR,
    }];
    let rotation = bare.unwrap().with_settings(&kept).rotation;
    assert_eq!(rotation.switch, crate::SwitchMode::Hold);
}
