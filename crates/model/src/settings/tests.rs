use super::*;
use crate::Share;

fn days(days: u32) -> ValidityDays {
    ValidityDays::try_from(days).unwrap()
}

fn window(cron: &str) -> WindowSettings {
    WindowSettings {
        cron: cron.to_owned(),
        timezone: "UTC".to_owned(),
        window_duration: Period::hours(4),
    }
}

/// The canaries, for so many days.
fn canaries(days: u32) -> Wave {
    Wave {
        labels: [("tier".to_owned(), "canary".to_owned())].into(),
        bake: Some(Period::days(days)),
    }
}

/// So many percent of the devices.
fn evidence(percent: u16) -> TrustEvidence {
    TrustEvidence {
        seen: Share::percent(percent).unwrap(),
        active_within: Period::days(30),
        sync_margin: Period::DAY,
    }
}

/// As much safety as can be declared.
fn safe() -> Settings {
    Settings {
        custom: None,
        validity_period_days: Some(days(365)),
        activate: Some(true),
        in_use: Some(true),
        rotation: RotationSettings {
            renew_before: Some(Period::days(90)),
            trust_period: Period::days(14),
            trust_evidence: Some(evidence(98)),
            retire_after: Period::days(14),
            switch: SwitchMode::Hold,
            windows: vec![window("0 2 * * 6"), window("0 2 * * 0")],
        },
        lifecycle: Lifecycle {
            prevent_destroy: true,
            deletion_policy: DeletionPolicy::Retain,
        },
    }
}

type Edit<T> = (fn(&mut T), &'static str, bool);

fn check<T: Clone>(safe: &T, edits: &[Edit<T>], differences: fn(&T, &T) -> Vec<Difference>) {
    assert_eq!(differences(safe, safe), []);
    for (edit, said, weakens) in edits {
        let mut edited = safe.clone();
        edit(&mut edited);
        let found = differences(safe, &edited);
        let words: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(words, [(*said).to_owned()]);
        assert_eq!(found[0].weakens, *weakens, "{said}");
        // The way back gives the safety back.
        let back = differences(&edited, safe);
        assert!(!(back[0].weakens && *weakens), "{said}");
    }
}

#[test]
fn every_field_of_an_address_is_a_difference_and_what_takes_safety_away_is_known() {
    let edits: &[Edit<Settings>] = &[
        (
            |s| s.validity_period_days = Some(days(10_950)),
            "`validity_period_days`: 365 -> 10950",
            false,
        ),
        (
            |s| s.validity_period_days = None,
            "`validity_period_days`: 365 -> none",
            false,
        ),
        (|s| s.activate = None, "`activate`: true -> none", false),
        (|s| s.in_use = None, "`in_use`: true -> none", true),
        (|s| s.in_use = Some(false), "`in_use`: true -> false", true),
        (
            |s| s.rotation.renew_before = None,
            "`rotation.renew_before`: 90d -> none",
            true,
        ),
        (
            |s| s.rotation.renew_before = Some(Period::days(89)),
            "`rotation.renew_before`: 90d -> 89d",
            true,
        ),
        (
            |s| s.rotation.renew_before = Some(Period::days(91)),
            "`rotation.renew_before`: 90d -> 91d",
            false,
        ),
        (
            |s| s.rotation.trust_period = Period::ZERO,
            "`rotation.trust_period`: 14d -> 0s",
            true,
        ),
        (
            |s| s.rotation.trust_period = Period::days(15),
            "`rotation.trust_period`: 14d -> 15d",
            false,
        ),
        (
            |s| s.rotation.trust_evidence = None,
            "`rotation.trust_evidence`: { seen: 98%, active_within: 30d, sync_margin: 1d } -> none",
            true,
        ),
        (
            |s| s.rotation.trust_evidence = Some(evidence(97)),
            "`rotation.trust_evidence`: { seen: 98%, active_within: 30d, sync_margin: 1d } -> \
             { seen: 97%, active_within: 30d, sync_margin: 1d }",
            true,
        ),
        (
            |s| s.rotation.trust_evidence = Some(evidence(99)),
            "`rotation.trust_evidence`: { seen: 98%, active_within: 30d, sync_margin: 1d } -> \
             { seen: 99%, active_within: 30d, sync_margin: 1d }",
            false,
        ),
        (
            |s| s.rotation.retire_after = Period::days(1),
            "`rotation.retire_after`: 14d -> 1d",
            true,
        ),
        (
            |s| s.rotation.switch = SwitchMode::Auto,
            "`rotation.switch`: hold -> auto",
            true,
        ),
        (
            |s| s.rotation.windows.clear(),
            "`rotation.windows`: 0 2 * * 6 UTC for 4h; 0 2 * * 0 UTC for 4h -> none",
            true,
        ),
        (
            |s| {
                s.rotation.windows.pop();
            },
            "`rotation.windows`: 0 2 * * 6 UTC for 4h; 0 2 * * 0 UTC for 4h -> 0 2 * * 6 UTC for 4h",
            false,
        ),
        (
            |s| s.lifecycle.prevent_destroy = false,
            "`lifecycle.prevent_destroy`: true -> false",
            true,
        ),
        (
            |s| s.lifecycle.deletion_policy = DeletionPolicy::Delete,
            "`lifecycle.deletion_policy`: retain -> delete",
            true,
        ),
    ];
    check(&safe(), edits, Settings::differences);
    let mut opened = safe();
    opened.rotation.windows[1] = window("* * * * *");
    assert!(safe().differences(&opened)[0].weakens);
    let mut none = safe();
    none.rotation.windows.clear();
    let found = none.differences(&safe());
    assert_eq!((found.len(), found[0].weakens), (1, false));
}

#[test]
fn every_field_of_an_account_is_a_difference_and_what_takes_safety_away_is_known() {
    let safe = AccountSettings {
        adopt: Adopt::Ask,
        labels: [("tier".to_owned(), "canary".to_owned())].into(),
        policy: PolicySettings {
            max_deletes: Some(1),
            max_replaces: Some(2),
            max_in_use_switches: Some(3),
            max_validity_days: Some(days(730)),
            min_validity_days: Some(days(30)),
            require_renewal: true,
            protected: ["inspection".parse().unwrap(), "other".parse().unwrap()].into(),
            last_resort: Some(LastResort::Before(Period::days(2))),
            waves: vec![canaries(3), Wave::default()],
        },
    };
    let edits: &[Edit<AccountSettings>] = &[
        (|s| s.labels.clear(), "`labels`: tier=canary -> none", false),
        (|s| s.adopt = Adopt::Never, "`adopt`: ask -> never", true),
        (
            |s| s.adopt = Adopt::Matching,
            "`adopt`: ask -> matching",
            true,
        ),
        (
            |s| s.policy.last_resort = Some(LastResort::Never),
            "`policy.last_resort`: 2d -> never",
            true,
        ),
        (
            |s| s.policy.last_resort = Some(LastResort::Before(Period::days(9))),
            "`policy.last_resort`: 2d -> 9d",
            true,
        ),
        (
            |s| s.policy.last_resort = None,
            "`policy.last_resort`: 2d -> none",
            false,
        ),
        (
            |s| s.policy.waves = vec![canaries(2), Wave::default()],
            "`policy.waves`: tier=canary for 3d; rest -> tier=canary for 2d; rest",
            true,
        ),
        (
            |s| s.policy.waves = vec![canaries(4), Wave::default()],
            "`policy.waves`: tier=canary for 3d; rest -> tier=canary for 4d; rest",
            false,
        ),
        (
            |s| s.policy.waves = Vec::new(),
            "`policy.waves`: tier=canary for 3d; rest -> none",
            true,
        ),
        (
            |s| s.policy.max_deletes = None,
            "`policy.max_deletes`: 1 -> none",
            true,
        ),
        (
            |s| s.policy.max_deletes = Some(0),
            "`policy.max_deletes`: 1 -> 0",
            false,
        ),
        (
            |s| s.policy.max_replaces = Some(3),
            "`policy.max_replaces`: 2 -> 3",
            true,
        ),
        (
            |s| s.policy.max_in_use_switches = None,
            "`policy.max_in_use_switches`: 3 -> none",
            true,
        ),
        (
            |s| s.policy.max_validity_days = Some(days(731)),
            "`policy.max_validity_days`: 730 -> 731",
            true,
        ),
        (
            |s| s.policy.min_validity_days = None,
            "`policy.min_validity_days`: 30 -> none",
            true,
        ),
        (
            |s| s.policy.min_validity_days = Some(days(29)),
            "`policy.min_validity_days`: 30 -> 29",
            true,
        ),
        (
            |s| s.policy.require_renewal = false,
            "`policy.require_renewal`: true -> false",
            true,
        ),
        (
            |s| {
                s.policy.protected.pop_last();
            },
            "`policy.protected`: inspection, other -> inspection",
            true,
        ),
    ];
    check(&safe, edits, AccountSettings::differences);
}

#[test]
fn they_are_read_back_as_they_were_written() {
    let text = serde_json::to_string(&safe()).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), safe());
}
