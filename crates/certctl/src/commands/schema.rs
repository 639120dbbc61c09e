//! `certctl schema`: the JSON Schemas of the documents that others read and write.

use crate::cli::{Schema, SchemaOf};
use crate::exit::Exit;
use crate::printer::Printer;

pub(crate) fn run(args: &Schema, printer: Printer) -> Exit {
    let schema = match args.of {
        SchemaOf::Spec => certctl_spec::json_schema(),
        SchemaOf::Plan => certctl_plan::json_schema(),
        SchemaOf::Forecast => certctl_forecast::json_schema(),
        SchemaOf::State => certctl_state::json_schema(),
    };
    printer.data(&format!("{schema:#}\n"));
    Exit::Done
}
