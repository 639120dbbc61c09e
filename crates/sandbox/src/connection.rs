//! One connection: HTTP on a socket that can really be reset.
//!
//! A framework's own loop hides the sockets. Here the service fails without an answer, and the
//! socket is dropped with zero linger: that is a reset.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tower::ServiceExt;

use crate::link::{ConnectionId, Disruption};

/// The open connections of a loop.
pub(crate) struct Connections {
    router: Router,
    pub(crate) tasks: JoinSet<()>,
    handles: Vec<(ConnectionId, AbortHandle)>,
    next: u64,
}

impl Connections {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            tasks: JoinSet::new(),
            handles: Vec::new(),
            next: 0,
        }
    }

    pub(crate) fn open(&mut self, stream: TcpStream) {
        let id = ConnectionId(self.next);
        self.next += 1;
        let handle = self.tasks.spawn(converse(stream, self.router.clone(), id));
        self.handles.retain(|(_, handle)| !handle.is_finished());
        self.handles.push((id, handle));
    }

    /// Drops all connections but one.
    pub(crate) async fn drop_all_but(&mut self, except: Option<ConnectionId>) {
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
