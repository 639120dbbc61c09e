//! What the spec says of an address, each setting with the line that says it.

use certctl_model::{DeletionPolicy, Place};
use certctl_plan::{Change, escape};
use certctl_spec::{Certificate, Import, Said, SaidBy, SwitchMode};

use super::paper::Paper;
use super::scene::Scene;

pub(super) fn write(paper: &mut Paper, scene: &Scene<'_>, change: &Change) {
    let Some(declared) = scene.declared(&change.address) else {
        paper.item("spec   it is not declared");
        return;
    };
    paper.item(&format!("spec   {}  it is declared", at(&declared.place)));
    for said in scene.said {
        let by = match said.by {
            SaidBy::Certificate => "",
            SaidBy::Template => ", from the account's template",
            SaidBy::Defaults => ", from `defaults`",
        };
        let (key, value) = (said.key, value(said.key, declared));
        paper.item(&format!("spec   {}  {key}: {value}{by}", at(&said.place)));
    }
    for (key, value) in left_out(declared, scene.said) {
        paper.item(&format!("spec   left out  {key}: {value}"));
    }
}

/// `file:line:column`.
pub(super) fn at(place: &Place) -> String {
    let Place {
        file, line, column, ..
    } = place;
    format!("{}:{line}:{column}", escape(file))
}

/// A setting as a spec writes it.
fn value(key: &str, declared: &Certificate) -> String {
    let rotation = &declared.rotation;
    let word = |word: Option<&dyn ToString>| word.map_or("null".to_owned(), ToString::to_string);
    match key {
        "validity_period_days" => word(declared.validity_period_days.as_ref().map(|d| d as _)),
        "activate" => word(declared.activate.as_ref().map(|a| a as _)),
        "in_use" => word(declared.in_use.as_ref().map(|u| u as _)),
        "rotation.renew_before" => word(rotation.renew_before.as_ref().map(|p| p as _)),
        "rotation.trust_period" => rotation.trust_period.to_string(),
        "rotation.trust_evidence" => word(rotation.trust_evidence.as_ref().map(|e| e as _)),
        "rotation.retire_after" => rotation.retire_after.to_string(),
        "rotation.switch" => match rotation.switch {
            SwitchMode::Auto => "auto".to_owned(),
            SwitchMode::Hold => "hold".to_owned(),
        },
        "rotation.windows" => {
            let lines = rotation.windows.iter().map(|window| {
                let window = window.settings();
                let (cron, zone) = (escape(&window.cron), escape(&window.timezone));
                format!("{cron} {zone} for {}", window.window_duration)
            });
            lines.collect::<Vec<_>>().join("; ")
        }
        "lifecycle.prevent_destroy" => declared.lifecycle.prevent_destroy.to_string(),
        "lifecycle.deletion_policy" => match declared.lifecycle.deletion_policy {
            DeletionPolicy::Delete => "delete".to_owned(),
            DeletionPolicy::Deactivate => "deactivate".to_owned(),
            DeletionPolicy::Retain => "retain".to_owned(),
        },
        "import" => match &declared.import {
            Some(Import::Id(id)) => id.to_string(),
            Some(Import::None) => "none".to_owned(),
            None => "null".to_owned(),
        },
        "custom" => match &declared.own {
            Some(own) => own.file.clone(),
            None => word(declared.custom.as_ref().map(|custom| custom as _)),
        },
        "moved_from" => word(declared.moved_from.as_ref().map(|name| name as _)),
        _ => "set".to_owned(),
    }
}

/// What nobody says and what that means.
fn left_out(declared: &Certificate, said: &[Said]) -> Vec<(&'static str, String)> {
    let rotation = &declared.rotation;
    let ours = declared.custom.is_none();
    let all = [
        (
            "validity_period_days",
            ours.then(|| "whatever there is fits; 1825 are asked for at a creation".to_owned()),
        ),
        (
            "activate",
            declared.activate.is_none().then(|| {
                "what certctl creates is active, what it adopted stays as it is".to_owned()
            }),
        ),
        (
            "in_use",
            Some("not managed; a successor takes over what its predecessor had".to_owned()),
        ),
        (
            "rotation.renew_before",
            ours.then(|| "nothing renews it by time".to_owned()),
        ),
        (
            "rotation.trust_period",
            Some(format!("{}, the default", rotation.trust_period)),
        ),
        (
            "rotation.retire_after",
            Some(format!("{}, the default", rotation.retire_after)),
        ),
    ];
    let is_said = |key: &str| said.iter().any(|said| said.key == key);
    all.into_iter()
        .filter(|(key, _)| !is_said(key))
        .filter_map(|(key, meaning)| Some((key, meaning?)))
        .collect()
}
