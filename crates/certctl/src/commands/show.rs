//! `certctl show`: a saved plan, for whoever is to approve it. No request is sent.

use certctl_plan::json;
use certctl_render::{MarkdownOptions, Style, failures, human, markdown};
use certctl_spec::Sources;

use crate::cli::{self, PlanFormat};
use crate::exit::Exit;
use crate::plan_file;
use crate::printer::{Printer, Problem};

pub(crate) fn run(args: &cli::ShowPlan, printer: Printer) -> Result<Exit, Problem> {
    let plan = plan_file::read(&args.plan)?;
    match args.format {
        PlanFormat::Human => {
            let style = Style {
                color: printer.colors_data(),
                width: None,
            };
            printer.data(&human(&plan, style));
            printer.diagnostics(&failures(&plan.diagnostics), &Sources::from_iter([]));
        }
        PlanFormat::Json => printer.data(&json(&plan)),
        PlanFormat::Markdown => {
            let options = MarkdownOptions {
                apply_command: Some(format!("certctl apply {}", args.plan.display())),
                ..MarkdownOptions::default()
            };
            printer.data(&markdown(&plan, &options));
        }
    }
    Ok(Exit::Done)
}
