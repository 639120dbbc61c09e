//! The quiet time after a history: nothing goes wrong any more, and the accounts become what is declared.

use std::time::Duration;

use certctl_model::Code;
use certctl_sandbox::Conditions;

use crate::declared::Adopt;
use crate::history::{How, Reach, calm};
use crate::runner::Ended;
use crate::world::{DAY, World};

impl World {
    /// Nothing goes wrong any more, the newest state is brought back, somebody answers every question;
    /// then the accounts have to become what is declared.
    pub(crate) async fn calm_down(&mut self) {
        let sandbox = &self.dashboard.sandbox;
        sandbox.set_conditions(Conditions::default()).unwrap();
        sandbox.clear_faults();
        self.is_clear = true;
        self.reach.fill(Reach::Everything);
        self.bucket.silence(Vec::new());
        let nothing = self.chosen(&calm(How::Answered)).is_empty();
        let mut told = self.record.accounts.iter();
        let old = told.any(|told| !told.states_came_back.is_empty());
        if old || nothing || self.record.is_endless() {
            self.record.ended_early = true;
            return;
        }
        self.lift();
        // What was to turn has turned then.
        tokio::time::sleep(Duration::from_secs(60)).await;
        self.dashboard.heal().await;
        self.history.ahead = [0; 2];
        self.record.quiet_since = Some(self.dashboard.sandbox.now());
        let (longest, later) = self.longest_days();
        let addresses = self.addresses(&calm(How::Answered)).len();
        for n in 0..2 * longest {
            tokio::time::sleep(DAY / 2).await;
            // A rotation that somebody held, by going back, goes on when somebody says so.
            let how = if n < addresses {
                How::Resume(n)
            } else {
                self.answer()
            };
            self.run(&calm(how)).await;
            if !self.differs().await {
                return;
            }
            // No period is longer than that: nothing will come any more. What was idle before the quiet time
            // may have waited for an answer that is given only now.
            if self.idle(n + 1) > 2 * (8 + later) + 6 {
                return;
            }
        }
    }

    /// Somebody lifts what refuses a change, and answers that nothing there is to be adopted.
    fn lift(&mut self) {
        for declared in &mut self.declared {
            declared.adopt = Adopt::Never;
            let certificates = declared.certificates.values_mut();
            certificates.for_each(|certificate| certificate.protected = false);
        }
        let now = self.dashboard.sandbox.now();
        self.record.declare(now, &self.declared);
    }

    /// How many days all that was ever declared may take, one after the other; and how much of that a
    /// validity that begins later takes.
    fn longest_days(&self) -> (usize, usize) {
        // What was accepted before may be longer than what is declared now.
        let first = self.history.periods;
        let told = self.record.accounts.iter();
        let declared = told.flat_map(|told| &told.declared);
        let all = declared.map(|(_, declared)| declared.periods(first));
        let hours = all.map(|periods| {
            let bakes: u32 = periods.waves.iter().sum();
            periods.trust_hours + periods.retire_hours + bakes
        });
        let hours = hours.max().unwrap_or_default();
        let later = self.history.starts_later_days();
        ((hours / 24 + 15 + later) as usize, later as usize)
    }

    /// Whether any account is not as declared; notes how.
    async fn differs(&mut self) -> bool {
        let mut any = false;
        let told = self.record.accounts.iter_mut().zip(&self.declared);
        for (account, (told, declared)) in told.enumerate() {
            let left = told.may_be_left();
            let differs = self.dashboard.difference(account, declared, &left);
            told.last_difference = differs.await;
            any |= told.last_difference.is_some();
        }
        any
    }

    /// How many of the last so many runs, the last ones, have written nothing in any account.
    fn idle(&self, of: usize) -> usize {
        let runs = self.record.processes.len();
        let wrote = |process: &usize| {
            let mut all = self.record.accounts.iter().flat_map(|told| &told.runs);
            all.any(|run| run.process == *process && run.writes > 0)
        };
        let quiet = (runs.saturating_sub(of)..runs).rev();
        quiet.take_while(|process| !wrote(process)).count()
    }

    /// What a person does who reads what the last run said: what fails verification, or has expired and
    /// nothing renews it, is replaced.
    fn answer(&self) -> How {
        let addresses = self.addresses(&calm(How::Answered));
        let failed = self.record.accounts.iter().filter_map(|told| {
            let Some(Ended::By { said, .. }) = told.runs.last().map(|run| &run.ended) else {
                return None;
            };
            said.iter().find_map(|d| {
                let code = d.code;
                let failed = matches!(
                    code,
                    Code::VerificationFailed | Code::ExpiresUnrenewed | Code::Expired
                ) && d.is_error();
                let address = d.address.as_ref().filter(|_| failed)?;
                addresses.iter().position(|one| one == address)
            })
        });
        failed
            .into_iter()
            .next()
            .map_or(How::Answered, How::Replace)
    }
}
