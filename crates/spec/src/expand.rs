//! The spec as it is once files, defaults, templates, tables and variables are resolved.
//!
//! *Guarantees*: what is written is a spec file that reads back as the same spec; nothing in it depends
//! on another file or on the environment. *Caveats*: paths stay relative to where the first file was.

use std::fmt::Write as _;

use certctl_model::{Custom, TrustEvidence, Wave};

use crate::own::Own;
use crate::policy::Policy;
use crate::spec::{Account, Certificate, Import, Rotation, Spec, StateLocation};
use crate::token::{SecretSource, Token};
use crate::value::words;

/// Writes the spec as one YAML file.
#[must_use]
pub fn expand(spec: &Spec) -> String {
    let mut out = Lines::default();
    out.line(0, "version: 1");
    if let Some(name) = &spec.name {
        out.key(0, "name", quoted(name.as_str()));
    }
    if let Some(state) = &spec.state {
        state_at(state, &mut out);
    }
    policy(&spec.policy, &mut out);
    let mut accounts: Vec<&Account> = spec.accounts.iter().chain(&spec.suspended).collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    out.line(0, "accounts:");
    for one in accounts {
        account(one, &mut out);
    }
    out.0
}

/// Lines of YAML, each with its indentation.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, depth: usize, text: &str) {
        self.0.extend(std::iter::repeat_n("  ", depth));
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn key(&mut self, depth: usize, key: &str, value: impl std::fmt::Display) {
        self.0.extend(std::iter::repeat_n("  ", depth));
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key}: {value}");
    }

    fn key_if(&mut self, depth: usize, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.key(depth, key, value);
        }
    }
}

/// Any text: JSON's strings are YAML's too; what would name a variable is escaped.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace("${", "$${")).to_string()
}

fn state_at(state: &StateLocation, out: &mut Lines) {
    let StateLocation { url, encryption } = state;
    let Some(encryption) = encryption else {
        return out.key(0, "state", quoted(url));
    };
    out.line(0, "state:");
    out.key(1, "url", quoted(url));
    out.key(1, "sse", encryption);
    let key = encryption.key().map(|key| quoted(key.as_str()));
    out.key_if(1, "kms_key_id", key);
}

fn policy(policy: &Policy, out: &mut Lines) {
    let Policy {
        max_deletes,
        max_replaces,
        max_in_use_switches,
        max_validity_days,
        min_validity_days,
        require_renewal,
        protected,
        last_resort,
        waves,
        place,
    } = policy;
    if place.is_none() {
        return;
    }
    out.line(0, "policy:");
    out.key_if(1, "max_deletes", *max_deletes);
    out.key_if(1, "max_replaces", *max_replaces);
    out.key_if(1, "max_in_use_switches", *max_in_use_switches);
    out.key_if(1, "max_validity_days", max_validity_days.map(|d| d.days()));
    out.key_if(1, "min_validity_days", min_validity_days.map(|d| d.days()));
    out.key(1, "require_renewal", require_renewal);
    out.key_if(1, "last_resort", *last_resort);
    if !waves.is_empty() {
        out.line(1, "waves:");
    }
    for wave in waves {
        out.line(2, &format!("- {}", one_wave(wave)));
    }
    let addresses: Vec<String> = protected.iter().map(ToString::to_string).collect();
    out.key(1, "protected", format!("[{}]", addresses.join(", ")));
}

/// A wave, as it is written on one line.
fn one_wave(wave: &Wave) -> String {
    if wave.labels.is_empty() {
        return "{ rest: true }".to_owned();
    }
    let labels = wave.labels.iter();
    let labels: Vec<String> = labels
        .map(|(key, word)| format!("{}: {}", quoted(key), quoted(word)))
        .collect();
    let bake = wave.bake.map(|bake| format!(", bake: {bake}"));
    let bake = bake.unwrap_or_default();
    format!("{{ labels: {{ {} }}{bake} }}", labels.join(", "))
}

fn account(account: &Account, out: &mut Lines) {
    let Account {
        name,
        account_id,
        adopt,
        token,
        labels,
        suspended,
        certificates,
        place: _,
    } = account;
    out.key(1, "- name", quoted(name.as_str()));
    out.key(2, "account_id", quoted(account_id.as_str()));
    out.key(2, "adopt", words::of(*adopt));
    if let Some(token) = token {
        token_from(token, out);
    }
    if *suspended {
        out.key(2, "suspended", true);
    }
    if !labels.is_empty() {
        out.line(2, "labels:");
        for (key, value) in labels {
            out.key(3, &quoted(key), quoted(value));
        }
    }
    if certificates.is_empty() {
        out.line(2, "certificates: []");
        return;
    }
    out.line(2, "certificates:");
    for one in certificates {
        certificate(one, out);
    }
}

/// Where the token comes from, never the token.
fn token_from(token: &Token, out: &mut Lines) {
    let Token { source, place: _ } = token;
    out.line(2, "token:");
    secret(source, 3, out);
}

fn secret(source: &SecretSource, level: usize, out: &mut Lines) {
    match source {
        SecretSource::Env(name) => out.key(level, "env", quoted(name)),
        SecretSource::File(path) => out.key(level, "file", quoted(path)),
        SecretSource::Command(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            out.key(level, "command", format!("[{}]", words.join(", ")));
        }
    }
}

/// Where the CA and its private key come from, never the key.
fn own_ca(own: &Own, out: &mut Lines) {
    let Own {
        ca: _,
        file,
        private_key,
        private_key_place: _,
    } = own;
    out.line(4, "custom:");
    out.key(5, "certificate", quoted(file));
    out.line(5, "private_key:");
    secret(private_key, 6, out);
}

fn certificate(certificate: &Certificate, out: &mut Lines) {
    let Certificate {
        name,
        validity_period_days,
        activate,
        in_use,
        rotation,
        lifecycle,
        import,
        custom,
        own,
        moved_from,
        place: _,
        import_place: _,
        custom_place: _,
        moved_from_place: _,
    } = certificate;
    out.key(3, "- name", quoted(name.as_str()));
    let days = validity_period_days.map(|days| days.days());
    out.key_if(4, "validity_period_days", days);
    out.key_if(4, "activate", *activate);
    out.key_if(4, "in_use", *in_use);
    rotation_of(rotation, out);
    out.line(4, "lifecycle:");
    out.key(5, "prevent_destroy", lifecycle.prevent_destroy);
    let deletion = words::of(lifecycle.deletion_policy);
    out.key(5, "deletion_policy", deletion);
    match import {
        Some(Import::Id(id)) => out.key(4, "import", quoted(id.as_str())),
        Some(Import::None) => out.key(4, "import", "none"),
        None => {}
    }
    match (custom, own) {
        (Some(Custom::Id(id)), _) => {
            out.line(4, "custom:");
            out.key(5, "id", quoted(id.as_str()));
        }
        (Some(Custom::Own(_)), Some(own)) => own_ca(own, out),
        (Some(Custom::Own(_)) | None, _) => {}
    }
    out.key_if(
        4,
        "moved_from",
        moved_from.as_ref().map(|name| quoted(name.as_str())),
    );
}

fn rotation_of(rotation: &Rotation, out: &mut Lines) {
    let Rotation {
        renew_before,
        trust_period,
        trust_evidence,
        retire_after,
        switch,
        windows,
    } = rotation;
    out.line(4, "rotation:");
    out.key_if(5, "renew_before", *renew_before);
    out.key(5, "trust_period", trust_period);
    if let Some(evidence) = trust_evidence {
        let TrustEvidence {
            seen,
            active_within,
            sync_margin,
        } = evidence;
        out.line(5, "trust_evidence:");
        out.key(6, "seen", seen);
        out.key(6, "active_within", active_within);
        out.key(6, "sync_margin", sync_margin);
    }
    out.key(5, "retire_after", retire_after);
    out.key(5, "switch", words::of(*switch));
    if windows.is_empty() {
        return;
    }
    out.line(5, "windows:");
    for window in windows {
        out.key(6, "- cron", quoted(&window.cron()));
        out.key(7, "timezone", quoted(window.zone()));
        out.key(7, "window_duration", window.duration());
    }
}
