//! Every address and every certificate of the planner's corpus is explained, by the rule that decided.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "renderers read no files; what they are tested with does"
)]

#[path = "../../../tests/cases/input.rs"]
mod input;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use certctl_model::CertificateId;
use certctl_plan::Plan;
use certctl_planner::{plan_account, rules, spoken};
use certctl_render::{Scene, explain, explain_unmanaged};
use certctl_spec::{Mode, ParseOptions, Source, Sources, origins, parse};

use crate::input::Inputs;

fn directories() -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let entries = fs::read_dir(corpus).expect("the corpus");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Explains a case as a person sees it, with its plan.
fn told(inputs: &Inputs, tell: impl FnOnce(&Scene<'_>)) {
    let input = inputs.account_input();
    let outcome = plan_account(&input, &inputs.options, inputs.now);
    let said = spoken(&input, &inputs.options, inputs.now).expect("it was read");
    let plan = Plan::assemble(vec![outcome], Vec::new(), &inputs.options, inputs.now);
    tell(&Scene {
        plan: &plan,
        input: &input,
        spoken: &said,
        said: &[],
        width: None,
    });
}

/// The lines of a section, by how its heading begins.
fn section<'t>(text: &'t str, heading: &str) -> Vec<&'t str> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(heading));
    assert!(lines.next().is_some(), "no section {heading:?}:\n{text}");
    lines.take_while(|line| !line.is_empty()).collect()
}

#[test]
fn every_address_of_the_corpus_is_explained() {
    let mut decided = BTreeSet::new();
    for directory in directories() {
        let inputs = Inputs::read(&directory);
        told(&inputs, |scene| {
            for change in &scene.plan.changes {
                let text = explain(scene, &change.address).expect("a change is explained");
                let asked = section(&text, "By which rule");
                let names: Vec<&str> = asked
                    .iter()
                    .filter(|line| {
                        line.get(2..5)
                            .is_some_and(|n| n.trim().parse::<u8>().is_ok())
                    })
                    .filter_map(|line| line.split_whitespace().nth(1))
                    .collect();
                let before: Vec<&str> = rules().map(|rule| rule.name).collect();
                assert!(before.starts_with(&names), "{}\n{text}", inputs.lesson);
                assert_eq!(names.last(), Some(&change.rule.as_str()), "{text}");
                decided.insert(change.rule.clone());
                for held in &change.certificates {
                    assert!(text.contains(held.id.as_str()), "{}\n{text}", inputs.lesson);
                }
                let next = section(&text, "What comes next");
                assert!(!next.is_empty(), "{}\n{text}", inputs.lesson);
                let ways = section(&text, "What would change it");
                assert!(!ways.is_empty(), "{}\n{text}", inputs.lesson);
                for step in &change.steps {
                    let word = step.action().as_str();
                    assert!(next.iter().any(|line| line.contains(word)), "{text}");
                }
                assert!(text.lines().all(|line| line == line.trim_end()), "{text:?}");
            }
        });
    }
    let all: BTreeSet<String> = rules().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(decided, all);
}

#[test]
fn what_no_address_holds_is_explained() {
    let mut seen = 0;
    for directory in directories() {
        let inputs = Inputs::read(&directory);
        told(&inputs, |scene| {
            for one in &scene.plan.unmanaged {
                let text = explain_unmanaged(scene, &one.certificate_id).expect("it is there");
                assert!(text.contains("is not managed by this spec"), "{text}");
                assert!(!section(&text, "What would change it").is_empty());
                seen += 1;
            }
            let nobody = CertificateId::made_up(0);
            assert_eq!(explain_unmanaged(scene, &nobody), None);
        });
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn what_holds_back_is_named() {
    let mut held = BTreeSet::new();
    for directory in directories() {
        let inputs = Inputs::read(&directory);
        told(&inputs, |scene| {
            for (hold, n) in &scene.spoken.holds {
                let change = scene.plan.changes.get(*n).expect("its place");
                let text = explain(scene, &change.address).expect("a change is explained");
                let lines = section(&text, "What holds it back");
                let begins = format!("  {hold}: ");
                assert!(lines.iter().any(|line| line.starts_with(&begins)), "{text}");
                held.insert(*hold);
            }
        });
    }
    assert!(held.len() >= 9, "{held:?}");
}

#[test]
fn each_setting_is_told_with_its_place_and_its_value() {
    let directory = directories()
        .into_iter()
        .find(|directory| directory.ends_with("001-create"))
        .expect("the first case");
    let mut inputs = Inputs::read(&directory);
    let text = "version: 1
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - name: inspection
        validity_period_days: 365
        activate: true
        in_use: false
        rotation:
          renew_before: 90d
          trust_period: 1d
          trust_evidence: { seen: 98% }
          retire_after: 2d
          switch: hold
          windows: [ { cron: '0 2 * * *', timezone: UTC, window_duration: 2h } ]
        lifecycle: { prevent_destroy: true, deletion_policy: retain }
        import: none
        moved_from: before
";
    let source = Source {
        name: "certctl.yaml".to_owned(),
        text: text.to_owned(),
    };
    let sources = Sources::from_iter([source]);
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    let spec = parse(&sources, &options).spec.expect("a spec");
    inputs.account = spec.accounts.into_iter().next().expect("an account");
    let address = "acme/inspection".parse().expect("an address");
    let said = origins(&sources, &options, &address);
    assert_eq!(said.len(), 13);
    told(&inputs, |scene| {
        let scene = Scene {
            said: &said,
            width: Some(200),
            ..*scene
        };
        let text = explain(&scene, &address).expect("it is declared");
        for line in [
            "certctl.yaml:6:15  it is declared",
            "certctl.yaml:7:31  validity_period_days: 365",
            "certctl.yaml:8:19  activate: true",
            "certctl.yaml:9:17  in_use: false",
            "certctl.yaml:11:25  rotation.renew_before: 90d",
            "certctl.yaml:12:25  rotation.trust_period: 1d",
            "rotation.trust_evidence: { seen: 98%, active_within: 30d, sync_margin: 1d }",
            "certctl.yaml:14:25  rotation.retire_after: 2d",
            "certctl.yaml:15:19  rotation.switch: hold",
            "rotation.windows: 0 2 * * * UTC for 2h",
            "lifecycle.prevent_destroy: true",
            "lifecycle.deletion_policy: retain",
            "certctl.yaml:18:17  import: none",
            "certctl.yaml:19:21  moved_from: before",
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
    });
}
