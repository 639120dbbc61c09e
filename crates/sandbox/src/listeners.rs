//! Listeners that can be shut for a while.
//!
//! A connection can only be refused by a listener that is really gone. So the accept loop drops
//! its listener when it is told to, and binds the port again later.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot};

use crate::link::ConnectionId;

/// The accept loops that serve a sandbox.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    loops: Mutex<Vec<mpsc::UnboundedSender<Shut>>>,
}

/// Go away for a while, and drop all connections but one.
pub(crate) struct Shut {
    pub(crate) duration: Duration,
    pub(crate) except: Option<ConnectionId>,
    pub(crate) done: oneshot::Sender<()>,
}

impl Listeners {
    /// Tells the loop that holds the receiver from now on.
    pub(crate) fn add(&self) -> mpsc::UnboundedReceiver<Shut> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.push(sender);
        receiver
    }

    fn all(&self) -> Vec<mpsc::UnboundedSender<Shut>> {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.retain(|sender| !sender.is_closed());
        loops.clone()
    }

    /// Whether anything is served over sockets.
    pub(crate) fn any(&self) -> bool {
        !self.all().is_empty()
    }

    /// Shuts all doors; when this returns, connections are refused.
    pub(crate) async fn close(&self, duration: Duration, except: Option<ConnectionId>) {
        for door in self.all() {
            let (done, shut) = oneshot::channel();
            let order = Shut {
                duration,
                except,
                done,
            };
            if door.send(order).is_ok() {
                // An error means that the loop has ended, and with it its door.
                let _ended = shut.await;
            }
        }
    }
}

/// The port was ours a moment ago, and connections that linger must not keep it.
pub(crate) async fn bind_again(addr: SocketAddr) -> io::Result<TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..100 {
        let socket = if addr.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        match socket.bind(addr).and_then(|()| socket.listen(1024)) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(last)
}
