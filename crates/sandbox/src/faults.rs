//! The faults that a test queues, and that the server then puts in the way of requests. They are not
//! kept over a restart; what they have left behind is.

use std::time::Duration;

use crate::fault::{ControlCall, Fault, FaultKind};

/// What the queue has for one request.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    /// What others do before this request is handled.
    pub(crate) hands: Vec<ControlCall>,
    /// Strikes this request.
    pub(crate) fault: Option<Fault>,
    /// The server is to go down for so long before this request is answered.
    pub(crate) then_refuse: Option<Duration>,
}

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    seen: u32,
}

impl Queue {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.waiting.push(Waiting { fault, seen: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Each waiting fault with how many matching requests it has seen.
    pub(crate) fn list(&self) -> Vec<(&Fault, u32)> {
        self.waiting.iter().map(|w| (&w.fault, w.seen)).collect()
    }

    /// Counts a request, and takes what strikes it: the oldest fault whose turn it is. Over real
    /// sockets (`connected`) a refusal cannot wait for the request that it refuses, so it comes
    /// with the one before.
    pub(crate) fn claim(&mut self, method: &str, path: &str, connected: bool) -> Claim {
        let mut claim = Claim::default();
        for waiting in &mut self.waiting {
            if !waiting.fault.matches(method, path) {
                continue;
            }
            waiting.seen += 1;
            if waiting.fault.kind == FaultKind::RefuseConnection && connected {
                if waiting.seen + 1 == waiting.fault.nth {
                    claim.then_refuse = Some(waiting.fault.duration());
                    waiting.seen = u32::MAX;
                }
            } else if waiting.fault.kind == FaultKind::Hand {
                if waiting.seen >= waiting.fault.nth {
                    claim.hands.extend(waiting.fault.call.clone());
                }
            } else if waiting.seen >= waiting.fault.nth && claim.fault.is_none() {
                claim.fault = Some(waiting.fault.clone());
            }
        }
        self.waiting
            .retain(|w| w.seen < w.fault.nth.saturating_add(w.fault.times).saturating_sub(1));
        claim
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(queue: &mut Queue, count: usize) -> Vec<bool> {
        (0..count)
            .map(|_| queue.claim("POST", "/x", false).fault.is_some())
            .collect()
    }

    #[test]
    fn it_strikes_the_nth_so_many_times_and_is_spent() {
        let mut queue = Queue::default();
        queue.push(Fault {
            nth: 3,
            times: 2,
            ..Fault::new(FaultKind::ResetBefore)
        });
        assert!(queue.claim("POST", "/x", false).fault.is_none());
        assert_eq!(strikes(&mut queue, 4), [false, true, true, false]);
        assert!(queue.list().is_empty());
    }

    #[test]
    fn it_counts_only_what_it_matches() {
        let mut queue = Queue::default();
        queue.push(Fault {
            method: Some("POST".to_owned()),
            path_ends_with: Some("/certificates".to_owned()),
            ..Fault::new(FaultKind::ResetBefore)
        });
        let mut claimed = |method, path| queue.claim(method, path, false).fault.is_some();
        assert!(!claimed("GET", "/gateway/certificates"));
        assert!(!claimed("POST", "/gateway/certificates/1/activate"));
        assert!(claimed("POST", "/gateway/certificates"));
    }

    #[test]
    fn a_hand_comes_beside_another_fault() {
        let mut queue = Queue::default();
        let call = ControlCall {
            method: "DELETE".to_owned(),
            path: "/faults".to_owned(),
            body: serde_json::Value::Null,
        };
        queue.push(Fault {
            nth: 2,
            call: Some(call.clone()),
            ..Fault::new(FaultKind::Hand)
        });
        queue.push(Fault {
            times: 2,
            ..Fault::new(FaultKind::ResetBefore)
        });
        assert_eq!(queue.claim("GET", "/x", false).hands, []);
        let claim = queue.claim("GET", "/x", false);
        assert_eq!(claim.hands, [call]);
        assert!(claim.fault.is_some());
        assert!(queue.list().is_empty());
    }

    #[test]
    fn over_sockets_a_refusal_comes_with_the_request_before() {
        let mut queue = Queue::default();
        queue.push(Fault {
            nth: 3,
            ..Fault::new(FaultKind::RefuseConnection)
        });
        assert!(queue.claim("GET", "/x", true).then_refuse.is_none());
        assert!(queue.claim("GET", "/x", true).then_refuse.is_some());
        assert!(queue.list().is_empty());
    }
}
