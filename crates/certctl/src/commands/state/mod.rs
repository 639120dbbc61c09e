//! `certctl state`: looking after what certctl remembers, one file per subcommand.
//!
//! *Invariants*: nothing here changes anything at Cloudflare; documents are changed under their lock
//! only, through the same transitions as by `apply`.

mod list;
mod mv;
mod pull;
mod push;
mod restore;
mod rm;
mod settle;
mod show;
mod unlock;

use crate::cli::State;
use crate::exit::Exit;
use crate::printer::{Printer, Problem};

pub(crate) async fn run(command: State, printer: Printer) -> Result<Exit, Problem> {
    match command {
        State::List(args) => list::run(args, printer).await,
        State::Show(args) => show::run(args, printer).await,
        State::Rm(args) => rm::run(args, printer).await,
        State::Mv(args) => mv::run(args, printer).await,
        State::Pull(args) => pull::run(args, printer).await,
        State::Push(args) => push::run(args, printer).await,
        State::Restore(args) => restore::run(args, printer).await,
        State::Settle(args) => settle::run(args, printer).await,
        State::Unlock(args) => unlock::run(args, printer).await,
    }
}
