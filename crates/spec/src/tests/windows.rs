//! `rotation.windows` and `rotation.switch`: when they open, and what is wrong with them.

use certctl_model::Timestamp;

use super::{acme, read, shown};
use crate::SwitchMode;

fn with(rotation: &str) -> String {
    acme(&format!("      - name: a\n        rotation: {rotation}\n"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_window_opens_in_its_own_time_zone() {
    let spec =
        with("{ windows: [{ cron: 0 2 * * 6, timezone: Europe/Berlin, window_duration: 4h }] }");
    let spec = read(&[&spec]).spec.unwrap();
    let rotation = &spec.accounts[0].certificates[0].rotation;
    // A Saturday; Berlin is an hour ahead in winter, two in summer.
    for (now, opens) in [
        ("2026-11-23T00:00:00Z", "2026-11-28T01:00:00Z"),
        ("2026-11-28T01:00:00Z", "2026-11-28T01:00:00Z"),
        ("2026-11-28T04:59:59Z", "2026-11-28T04:59:59Z"),
        ("2026-11-28T05:00:00Z", "2026-12-05T01:00:00Z"),
        ("2027-06-30T12:00:00Z", "2027-07-03T00:00:00Z"),
    ] {
        assert_eq!(rotation.opening(at(now)), Some(at(opens)), "{now}");
    }
    assert_eq!(
        rotation.windows[0].to_string(),
        "0 2 * * 6 Europe/Berlin for 4h"
    );
}

/// Clocks change on Sundays: a window whose hour is skipped opens when the clock goes on, and one whose hour
/// comes twice opens once.
#[test]
fn a_window_opens_once_on_the_days_on_which_clocks_change() {
    let spec =
        with("{ windows: [{ cron: 0 2 * * 7, timezone: Europe/Berlin, window_duration: 30m }] }");
    let spec = read(&[&spec]).spec.unwrap();
    let rotation = &spec.accounts[0].certificates[0].rotation;
    for (now, opens) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
        ("2026-10-25T00:30:00Z", "2026-11-01T01:00:00Z"),
    ] {
        assert_eq!(rotation.opening(at(now)), Some(at(opens)), "{now}");
    }
}

#[test]
fn of_several_windows_the_next_one_counts() {
    let windows = "{ windows: [{ cron: 0 0 1 * *, window_duration: 1h }, { cron: 0 22 * * *, window_duration: 30m }] }";
    let spec = read(&[&with(windows)]).spec.unwrap();
    let rotation = &spec.accounts[0].certificates[0].rotation;
    let opens = rotation.opening(at("2026-11-30T22:30:00Z"));
    assert_eq!(opens, Some(at("2026-12-01T00:00:00Z")));
}

#[test]
fn without_windows_every_instant_will_do() {
    let spec = read(&[&with("{ switch: hold, windows: null }")])
        .spec
        .unwrap();
    let rotation = &spec.accounts[0].certificates[0].rotation;
    assert_eq!(rotation.switch, SwitchMode::Hold);
    assert_eq!(rotation.opening(Timestamp::MIN), Some(Timestamp::MIN));
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    insta::assert_snapshot!(shown(&[&with(
        "
          switch: later
          windows:
            - { cron: 0 2 * *, window_duration: 4h }
            - { cron: 0 0 30 2 *, window_duration: 4h }
            - { cron: 0 2 * * 6, timezone: Europe/Atlantis, window_duration: 4h }
            - { cron: 0 2 * * 6, window_duration: 0s }
            - { cron: 0 2 * * 6, duration: 4h }"
    )]));
}
