//! The server: the accept loop, and one that runs in the background.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::answer::answer;
use crate::call::PREFIX;
use crate::connection::Connections;
use crate::control;
use crate::error::SandboxError;
use crate::listeners::bind_again;
use crate::sandbox::{Options, Sandbox};

/// A server that runs in the background until it is shut down or dropped.
#[derive(Debug)]
pub struct Running {
    sandbox: Sandbox,
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// What `CLOUDFLARE_BASE_URL` is to be.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{PREFIX}", self.addr)
    }

    /// The root of the control plane.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", self.addr)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The sandbox that is served.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Drops all connections and gives the data directory free. Every handle to this sandbox is
    /// dead afterwards.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        // How the loop ended no longer matters.
        let _ended = (&mut self.task).await;
        self.sandbox.close();
    }
}

impl Sandbox {
    /// Opens a sandbox and serves it on a loopback address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the data directory or the address cannot be used, or the address is not loopback.
    pub async fn start(options: Options, addr: SocketAddr) -> Result<Running, SandboxError> {
        if !addr.ip().is_loopback() {
            return Err(SandboxError::NotLoopback { addr });
        }
        let sandbox = Self::open(options)?;
        let listen = |source| SandboxError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = sandbox.clone();
        let task = tokio::spawn(async move {
            let until = async {
                // Dropping the sender is the signal.
                let _dropped = stopped.await;
            };
            served.serve_until(listener, until).await
        });
        Ok(Running {
            sandbox,
            addr,
            stop: Some(stop),
            task,
        })
    }

    /// The API below `/client/v4` and the control plane below `/sandbox`, for calls in process.
    /// Faults of the connection are told by a [`Disruption`](crate::Disruption) in the response's extensions.
    pub fn router(&self) -> Router {
        Router::new()
            .nest("/sandbox", control::routes())
            .fallback(answer)
            .with_state(self.clone())
    }

    /// Serves on a listener for ever.
    ///
    /// # Errors
    /// When the listener fails, or is not on loopback.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        self.serve_until(listener, std::future::pending()).await
    }

    /// Serves on a listener until `stop`, then drops all connections.
    ///
    /// # Errors
    /// When the listener fails, or is not on loopback.
    pub async fn serve_until(
        &self,
        mut listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let addr = listener.local_addr()?;
        if !addr.ip().is_loopback() {
            return Err(io::Error::other(SandboxError::NotLoopback { addr }));
        }
        let mut doors = self.doors().add();
        let mut connections = Connections::new(self.router());
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => connections.open(stream),
                    // One that was gone before it was accepted, or too many files for a moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                },
                Some(shut) = doors.recv() => {
                    drop(listener);
                    connections.drop_all_but(shut.except).await;
                    // Nobody listens if the one who asked is gone.
                    let _gone = shut.done.send(());
                    tokio::select! {
                        () = &mut stop => break,
                        () = tokio::time::sleep(shut.duration) => {}
                    }
                    listener = bind_again(addr).await?;
                }
                Some(_) = connections.tasks.join_next() => {}
            }
        }
        connections.tasks.shutdown().await;
        Ok(())
    }
}
