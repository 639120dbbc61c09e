//! `certctl sandbox`: the API on loopback, until Ctrl-C.

use certctl_sandbox::Options;

use crate::cli;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

pub(crate) async fn run(args: cli::Sandbox, printer: Printer) -> Result<Exit, Problem> {
    let kept = args.data.as_ref().map(|data| data.display().to_string());
    let options = Options {
        data: args.data,
        deploy_delay: args.deploy_delay,
        latency: args.latency,
        clock: args.clock,
        inspects: args.inspects,
        ..Options::default()
    };
    let running = certctl_sandbox::Sandbox::start(options, args.listen)
        .await
        .map_err(|error| Problem::from_error(&error))?;
    // The first line is for programs: `eval "$(certctl sandbox | head -1)"` and the like.
    printer.data(&format!("CLOUDFLARE_BASE_URL={}\n", running.base_url()));
    // Whoever cannot read the address cannot use what it serves.
    printer.written()?;
    printer.line("Any token is good: CLOUDFLARE_API_TOKEN=sandbox. Ctrl-C ends it.");
    printer.line(&kept.map_or_else(
        || "Nothing is kept; pass --data DIR to keep it.".to_owned(),
        |data| format!("It is kept in {data}."),
    ));
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Problem::from_error(&error))?;
    running.shutdown().await;
    Ok(Exit::Done)
}
