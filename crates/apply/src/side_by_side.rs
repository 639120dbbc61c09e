//! Many at once, of which none holds up the others; what came of them stays in order.

use std::future::Future;

use certctl_cloudflare::Seats;
use certctl_spec::Account;
use futures::StreamExt;
use tokio::sync::watch;

use crate::fleet::Fleet;
use crate::patience::stopped;

/// What each of these comes to, in their order, so many at once.
pub async fn side_by_side<T>(
    at_once: usize,
    works: impl IntoIterator<Item = impl Future<Output = T>>,
) -> Vec<T> {
    let works = works.into_iter();
    // As many as there will be: a list that grows takes half as much again.
    let mut done = Vec::with_capacity(works.size_hint().0);
    let numbered = works.enumerate();
    let works = numbered.map(|(n, work)| async move { (n, work.await) });
    // `buffered` counts those that are done, too, until all before them are: then one holds up the rest.
    let mut works = futures::stream::iter(works).buffer_unordered(at_once.max(1));
    while let Some(one) = works.next().await {
        done.push(one);
    }
    done.sort_unstable_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, what)| what).collect()
}

impl<'a> Fleet<'a> {
    /// What `work` makes of each account, in the order of the spec. `--parallelism` of them are at work at
    /// once. One that waits has no seat among these, by the client of the fleet that `work` gets. Once
    /// `stop` says so, those that have not begun get to `work` at once, without a seat.
    pub(crate) async fn each<T>(
        &self,
        accounts: &'a [Account],
        stop: &watch::Receiver<bool>,
        work: impl AsyncFn(&Fleet<'_>, &'a Account) -> T,
    ) -> Vec<T> {
        let (seats, work) = (&Seats::new(self.settings.parallelism), &work);
        let works = accounts.iter().map(|account| async move {
            // In boxes, for most of a large fleet waits here, and is to take little memory.
            let client = &Box::pin(async {
                tokio::select! {
                    biased;
                    () = stopped(stop.clone()) => self.client.clone(),
                    begun = self.client.begin(seats, &account.account_id) => begun,
                }
            })
            .await;
            let fleet = Fleet {
                client,
                ..self.clone()
            };
            Box::pin(work(&fleet, account)).await
        });
        // Bounded by the seats. Nobody may be left out here: who is next may hold up the others.
        side_by_side(usize::MAX, works).await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_holds_up_nobody_and_stays_the_first() {
        let done = RefCell::new(Vec::new());
        let work = async |n: u64| {
            let time = if n == 0 { 3_600 } else { 1 };
            sleep(Duration::from_secs(time)).await;
            done.borrow_mut().push(n);
            n
        };
        let came = side_by_side(2, (0..100).map(work)).await;
        assert_eq!(came, (0..100).collect::<Vec<_>>());
        assert_eq!(done.borrow().last(), Some(&0));
    }
}
