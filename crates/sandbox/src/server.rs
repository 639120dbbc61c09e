//! Sockets: the accept loop, connections that can be reset, and a door that can be shut.
//!
//! The loop is our own because a framework's hides the sockets, and a reset must be a real one:
//! the service fails without an answer, and the socket is dropped with zero linger. A refused
//! connection needs a listener that is really gone, so the loop can drop it and bind it again.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::answer::{Disruption, answer};
use crate::control;
use crate::error::SandboxError;
use crate::route::PREFIX;
use crate::sandbox::{Options, Sandbox};

/// Which connection a request came by; absent for calls in process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionId(u64);

/// The accept loops that serve a sandbox.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    loops: Mutex<Vec<mpsc::UnboundedSender<Shut>>>,
}

/// Go away for a while, and drop all connections but one.
struct Shut {
    duration: Duration,
    except: Option<ConnectionId>,
    done: oneshot::Sender<()>,
}

impl Doors {
    fn add(&self) -> mpsc::UnboundedReceiver<Shut> {
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
    /// Faults of the connection are told by a [`Disruption`] in the response's extensions.
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

/// The port was ours a moment ago, and connections that linger must not keep it.
async fn bind_again(addr: SocketAddr) -> io::Result<TcpListener> {
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

/// The open connections of a loop.
struct Connections {
    router: Router,
    tasks: JoinSet<()>,
    handles: Vec<(ConnectionId, AbortHandle)>,
    next: AtomicU64,
}

impl Connections {
    fn new(router: Router) -> Self {
        Self {
            router,
            tasks: JoinSet::new(),
            handles: Vec::new(),
            next: AtomicU64::new(0),
        }
    }

    fn open(&mut self, stream: TcpStream) {
        let id = ConnectionId(self.next.fetch_add(1, Ordering::Relaxed));
        let handle = self.tasks.spawn(converse(stream, self.router.clone(), id));
        self.handles.retain(|(_, handle)| !handle.is_finished());
        self.handles.push((id, handle));
    }

    async fn drop_all_but(&mut self, except: Option<ConnectionId>) {
        for (id, handle) in &self.handles {
            if Some(*id) != except {
                handle.abort();
            }
        }
        self.handles.retain(|(id, _)| Some(*id) == except);
        let staying = self
            .handles
            .iter()
            .filter(|(_, h)| !h.is_finished())
            .count();
        while self.tasks.len() > staying {
            if self.tasks.join_next().await.is_none() {
                break;
            }
        }
    }
}

/// Speaks HTTP on a connection until either side has enough.
async fn converse(stream: TcpStream, router: Router, id: ConnectionId) {
    // Slower without, but no less right.
    let _unset = stream.set_nodelay(true);
    let severed = Arc::new(AtomicBool::new(false));
    let socket = Socket {
        stream,
        severed: Arc::clone(&severed),
    };
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let router = router.clone();
        let severed = Arc::clone(&severed);
        async move {
            request.extensions_mut().insert(id);
            let answered: Result<Response, Infallible> =
                router.oneshot(request.map(Body::new)).await;
            let response = match answered {
                Ok(response) => response,
                Err(never) => match never {},
            };
            match response.extensions().get::<Disruption>() {
                Some(Disruption::Reset | Disruption::Refused) => {
                    severed.store(true, Ordering::Relaxed);
                    Err(io::Error::from(io::ErrorKind::ConnectionReset))
                }
                Some(Disruption::Cut) | None => Ok(response),
            }
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(socket), service);
    if let Err(error) = connection.await {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// A stream that is reset, rather than closed, once it has been severed.
struct Socket {
    stream: TcpStream,
    severed: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.severed.load(Ordering::Relaxed) {
            // If it fails, the connection is closed instead, which is as good an accident.
            let _closed = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.severed.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
