//! All accounts side by side, each under its own lock; one account's failure stops no other.

use std::collections::BTreeSet;

use certctl_plan::Plan;
use tokio::sync::watch;

use crate::account::{AccountRun, Ended};
use crate::approval::Approval;
use crate::event::Sink;
use crate::fleet::Fleet;
use crate::report::Report;

impl Fleet<'_> {
    /// Does what was approved: each account under its lock, one account's failure not stopping
    /// another. Once `stop` says so, no further request is begun.
    pub async fn apply(
        &self,
        plan: &Plan,
        approval: &Approval,
        sink: &Sink,
        stop: &watch::Receiver<bool>,
    ) -> Report {
        let ended: Vec<Ended> = self
            .each(&self.spec.accounts, stop, async |fleet, account| {
                let run = AccountRun {
                    fleet,
                    account,
                    approval,
                    sink,
                    stop: stop.clone(),
                    shown: plan,
                };
                run.run().await
            })
            .await;
        let (mut results, mut diagnostics) = (Vec::new(), Vec::new());
        let mut judged = BTreeSet::new();
        for (account, ended) in self.spec.accounts.iter().zip(ended) {
            results.extend(ended.results);
            diagnostics.extend(ended.diagnostics);
            judged.extend(ended.judged.then(|| account.name.clone()));
        }
        Report {
            judged,
            ..Report::new(results, diagnostics, self.client.requests())
        }
    }
}
