//! `certctl import --from-terraform`: a spec from a Terraform state, and the HCL that goes with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use certctl_import::{Forgotten, MARK, Terraform};

use super::target::{Around, Target};
use crate::exit::Exit;
use crate::kept;
use crate::printer::{Printer, Problem};
use crate::remote;

/// The largest state that is read, in bytes.
const MOST_STATE: u64 = 256 * 1024 * 1024;
/// The largest HCL file that is looked at, in bytes.
const MOST_HCL: u64 = 16 * 1024 * 1024;

pub(super) fn run(state: &Path, target: &Target, printer: Printer) -> Result<Exit, Problem> {
    let Some(spec) = &target.path else {
        return Err(
            Problem::new("`--from-terraform` writes files: the spec, and HCL beside it")
                .hint("name the spec with `-o FILE`"),
        );
    };
    let text = kept::read_text(state, MOST_STATE)?;
    let terraform = Terraform::read(&text).map_err(|error| {
        Problem::new(format!("{} is of no use: {error}", state.display())).hint(error.hint())
    })?;
    for warning in &terraform.warnings {
        printer.line(&format!("warning: {warning}"));
    }
    if terraform.found.is_empty() && terraform.forgotten.is_empty() {
        printer.line(&format!(
            "{} holds no Gateway certificate that can be taken over; nothing was written.",
            state.display()
        ));
        return Ok(Exit::Done);
    }
    let around = Around {
        states: BTreeMap::new(),
        now: remote::clock(&remote::env(), true, true)?.now(),
    };
    let beside = beside(spec, &terraform.forgotten)?;
    let Some(extension) = target.extended(&terraform.found, &around, printer)? else {
        return Ok(Exit::Error);
    };
    target.write(&extension, printer)?;
    for (path, hcl, what) in beside {
        kept::write(&path, hcl.as_bytes())?;
        printer.line(&format!(
            "{}: {what}; read its first lines.",
            path.display()
        ));
    }
    Ok(Exit::Done)
}

/// The HCL files that go beside the spec, with what each does. One that somebody else wrote is not
/// written over.
fn beside(
    spec: &Path,
    forgotten: &Forgotten,
) -> Result<Vec<(PathBuf, String, &'static str)>, Problem> {
    let files = [
        (
            "-forget.tf",
            forgotten.removed(),
            "makes Terraform forget the certificates",
        ),
        (
            "-forget_override.tf",
            forgotten.ignored(),
            "keeps Terraform from moving what is in use",
        ),
    ];
    let mut beside = Vec::new();
    for (ending, hcl, what) in files {
        let Some(hcl) = hcl else { continue };
        let path = with_ending(spec, ending);
        if path.exists() && !kept::read_text(&path, MOST_HCL)?.starts_with(MARK) {
            return Err(Problem::new(format!(
                "{} exists, and certctl did not write it",
                path.display()
            ))
            .hint(
                "nothing was written; move it away, or write the spec elsewhere with `-o FILE`",
            ));
        }
        beside.push((path, hcl, what));
    }
    Ok(beside)
}

/// `certctl.yaml` as `certctl-forget.tf`.
fn with_ending(spec: &Path, ending: &str) -> PathBuf {
    let mut name = spec.file_stem().unwrap_or_default().to_owned();
    name.push(ending);
    spec.with_file_name(name)
}
