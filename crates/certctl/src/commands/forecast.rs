//! `certctl forecast`: what daily runs will do in the years to come, and what will go wrong; it only
//! reads (law 5).

use certctl_apply::Survey;
use certctl_forecast::{Forecast, Span, Start, forecast, json};
use certctl_model::{Diagnostic, Period, Severity, Timestamp};
use certctl_plan::Options;
use certctl_render::{self as render, Style};
use certctl_spec::{Import, Spec};

use crate::annotations;
use crate::cli::{self, PlanFormat};
use crate::exit::Exit;
use crate::printer::{Printer, Problem};
use crate::remote::{Remote, Waits, clock, env};
use crate::workspace::Workspace;

/// More runs than anybody means: every minute for two years.
const RUNS: i64 = 1_000_000;

pub(crate) async fn run(args: cli::Forecast, printer: Printer) -> Result<Exit, Problem> {
    let Some(mut workspace) = Workspace::open(&args.spec, printer) else {
        return Ok(Exit::Error);
    };
    let mut diagnostics = std::mem::take(&mut workspace.diagnostics);
    let (now, starts) = if args.offline {
        forget_imports(&mut workspace.spec);
        (clock(&env(), false, true)?.now(), Vec::new())
    } else {
        let remote = Remote::open(&args.remote, &workspace, Waits::default(), true).await?;
        let options = Options::default();
        let surveys = remote.fleet(&workspace, &options).survey().await;
        let now = remote.now();
        remote.close().await;
        (now, starts(&mut workspace.spec, surveys, &mut diagnostics))
    };
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let span = span(&args, now)?;
    let forecast = forecast(&workspace.spec, starts, span);
    show(&forecast, &args, printer);
    printer.diagnostics(&diagnostics, &workspace.sources);
    diagnostics.extend(
        forecast
            .findings
            .iter()
            .map(|found| found.diagnostic.clone()),
    );
    annotations::annotate(&diagnostics, printer);
    Ok(if failed {
        Exit::Error
    } else if forecast.findings.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// The time that was asked for.
fn span(args: &cli::Forecast, from: Timestamp) -> Result<Span, Problem> {
    let (until, every) = (args.until.from(from), args.every);
    if until <= from {
        return Err(
            Problem::new(format!("`--until` is {until}, and it is {from} already"))
                .hint("give a later time, or a duration such as `10y`"),
        );
    }
    if every < Period::seconds(60) {
        return Err(Problem::new(format!(
            "`--every` is {every}: nobody runs `apply` so often"
        ))
        .hint("give a minute or more"));
    }
    if Period::between(from, until).as_seconds() / every.as_seconds() > RUNS {
        return Err(
            Problem::new(format!("there are more than {RUNS} runs until {until}"))
                .hint("give a longer `--every`, or an earlier `--until`"),
        );
    }
    Ok(Span { from, until, every })
}

/// Where each account starts; what could not be read is left out, and said.
fn starts(
    spec: &mut Spec,
    surveys: Vec<Survey>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Option<Start>> {
    let mut starts = Vec::new();
    let mut unread = Vec::new();
    for (account, survey) in spec.accounts.iter().zip(surveys) {
        match survey.observed {
            Ok(observed) => starts.push(Some(Start {
                observed,
                state: survey.state,
            })),
            Err(diagnostic) => {
                unread.push(account.name.clone());
                diagnostics.push(Diagnostic {
                    severity: Severity::Error,
                    ..diagnostic.account(&account.name)
                });
            }
        }
    }
    spec.accounts
        .retain(|account| !unread.contains(&account.name));
    starts
}

/// An empty account holds nothing to import.
fn forget_imports(spec: &mut Spec) {
    for certificate in spec.accounts.iter_mut().flat_map(|a| &mut a.certificates) {
        if matches!(certificate.import, Some(Import::Id(_))) {
            certificate.import = None;
        }
    }
}

fn show(forecast: &Forecast, args: &cli::Forecast, printer: Printer) {
    printer.data(&match args.format {
        PlanFormat::Human => {
            let style = Style {
                color: printer.colors_data(),
                width: printer.width(),
            };
            render::forecast::human(forecast, style)
        }
        PlanFormat::Json => json(forecast),
        PlanFormat::Markdown => render::forecast::markdown(forecast),
    });
}
