//! `certctl trust-kit`: what device management needs; also at the end of `certctl apply`.

mod choose;

use std::path::Path;

use certctl_apply::Fleet;
use certctl_kit::{Kit, MANIFEST};
use certctl_plan::Options;

use crate::cli::{self, Subject};
use crate::commands::validate::count;
use crate::exit::Exit;
use crate::kept;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits};
use crate::workspace::Workspace;

/// No file of a kit has so many bytes.
const MOST: u64 = 16 * 1024 * 1024;

pub(crate) async fn run(args: cli::TrustKit, printer: Printer) -> Result<Exit, Problem> {
    let Some(workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
    let options = Options::default();
    let fleet = remote.fleet(&workspace, &options);
    let written = write(&fleet, &args.subjects, &args.out, printer).await;
    remote.close().await;
    Ok(if written? { Exit::Done } else { Exit::Error })
}

/// Writes the kits of all accounts, or of those that the subjects are in; whether all of them could
/// be read.
pub(crate) async fn write(
    fleet: &Fleet<'_>,
    subjects: &[Subject],
    directory: &Path,
    printer: Printer,
) -> Result<bool, Problem> {
    let choice = choose::choose(fleet, subjects).await?;
    for problem in &choice.problems {
        printer.error(problem);
    }
    for (account, entries) in &choice.kits {
        if entries.is_empty() {
            printer.line(&format!(
                "{account}: no certificate that devices should trust now; no kit was written"
            ));
            continue;
        }
        let kit = certctl_kit::kit(account, entries).map_err(|e| Problem::from_error(&e))?;
        let changed = save(&directory.join(account.as_str()), &kit)?;
        let told = if changed { "written" } else { "unchanged" };
        printer.line(&format!(
            "{account}: {} in {}, {told}",
            count(entries.len(), "certificate"),
            directory.join(account.as_str()).display()
        ));
    }
    Ok(choice.problems.is_empty())
}

/// Writes a kit, and removes what an older one left behind; whether anything changed.
fn save(directory: &Path, kit: &Kit) -> Result<bool, Problem> {
    let old = kept::read_if_any(&directory.join(MANIFEST), MOST);
    let old = old.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mut changed = false;
    for (name, bytes) in kit {
        let path = directory.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| {
                Problem::new(format!("cannot make {}: {error}", parent.display()))
            })?;
        }
        // The manifest comes last: what it does not list yet is not taken for somebody else's.
        if name != MANIFEST {
            changed |= kept::write(&path, bytes)?;
        }
    }
    let read = |name: &str| kept::read_if_any(&directory.join(name), MOST);
    for name in certctl_kit::leftover(&old.unwrap_or_default(), kit, &read) {
        let path = directory.join(name);
        std::fs::remove_file(&path)
            .map_err(|error| Problem::new(format!("cannot remove {}: {error}", path.display())))?;
        changed = true;
    }
    if let Some(manifest) = kit.get(MANIFEST) {
        changed |= kept::write(&directory.join(MANIFEST), manifest)?;
    }
    Ok(changed)
}
