//! A saved plan, read back.

use std::path::Path;

use certctl_files::Links;
use certctl_plan::{Plan, parse_json};

use crate::printer::Problem;

/// The plan of the largest fleet is far from this; what comes near is another file.
const MAX_PLAN: u64 = 256 << 20;

/// Reads it.
pub(crate) fn read(path: &Path) -> Result<Plan, Problem> {
    let text = certctl_files::read(path, MAX_PLAN, Links::Follow).map_err(|error| {
        Problem::new(format!("cannot read the plan {}: {error}", path.display()))
            .hint("make one with `certctl plan --out FILE`")
    })?;
    parse_json(&String::from_utf8_lossy(&text)).map_err(|error| {
        Problem::new(format!(
            "{} is not a plan that can be used: {error}",
            path.display()
        ))
        .hint(error.hint())
    })
}
