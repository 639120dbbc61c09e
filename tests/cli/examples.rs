//! Every example is valid, is applied, and then has nothing left to do.

use crate::support::{Place, repository};

#[test]
fn every_example_runs() {
    let mut seen = 0;
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let specs = std::fs::read_dir(entry.path()).unwrap().filter(|file| {
            let path = file.as_ref().unwrap().path();
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        });
        if specs.count() == 0 {
            continue;
        }
        seen += 1;
        let mut place = Place::with_example(&name);
        // Examples that leave an account id to the environment say so in a comment.
        for variable in variables(&entry.path()) {
            place.set(&variable, &account_id(&variable));
        }
        place.certctl("validate -f .").ok();
        let applied = place.certctl("apply -f . --sandbox --auto-approve");
        assert_eq!(
            applied.code, 0,
            "{name}: {}{}",
            applied.stdout, applied.stderr
        );
        let planned = place.certctl("plan -f . --sandbox --detailed-exitcode");
        assert_eq!(
            planned.code, 0,
            "{name}: {}{}",
            planned.stdout, planned.stderr
        );
    }
    assert!(seen >= 5, "only {seen} examples were found");
}

fn variables(directory: &std::path::Path) -> Vec<String> {
    let mut variables = Vec::new();
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for part in text.split("${").skip(1) {
            variables.push(part.split('}').next().unwrap().to_owned());
        }
    }
    variables.sort();
    variables.dedup();
    variables
}

/// 32 hexadecimal digits that differ from name to name.
fn account_id(variable: &str) -> String {
    variable
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .chain(["0".repeat(32)])
        .collect::<String>()[..32]
        .to_owned()
}
