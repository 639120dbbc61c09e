//! Between the real binary and the sandbox: forwards one request per connection, counts them, and
//! kills the process that it serves exactly where a case wants it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// When the process dies, at the n-th request from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    /// The request has left, the server never gets it.
    Before(usize),
    /// The server has answered, the answer does not come through.
    After(usize),
    /// The answer has come through, and this much time has passed: it is being written down.
    Later(usize, Duration),
}

#[derive(Default)]
struct State {
    requests: usize,
    kill: Option<Kill>,
    child: Option<Child>,
}

/// The proxy; it serves until the test ends.
pub(crate) struct Proxy {
    state: Arc<Mutex<State>>,
    pub(crate) addr: SocketAddr,
}

impl Proxy {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = shared.clone();
                // What a dying process leaves of its connection is no error of ours.
                std::thread::spawn(move || drop(serve(client, server, &shared)));
            }
        });
        Self { state, addr }
    }

    /// Serves a process until it ends, and gives how many requests it made. `start` is called while
    /// no request can pass, so that none is missed.
    pub(crate) fn attend(&self, kill: Option<Kill>, start: impl FnOnce() -> Child) -> usize {
        {
            let mut state = lock(&self.state);
            *state = State {
                requests: 0,
                kill,
                child: None,
            };
            state.child = Some(start());
        }
        loop {
            let mut state = lock(&self.state);
            let ended = state
                .child
                .as_mut()
                .map(|child| child.try_wait().unwrap().is_some());
            if ended.unwrap_or(true) {
                state.child = None;
                return state.requests;
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn serve(mut client: TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let request = read_request(&mut client)?;
    let (n, kill) = {
        let mut state = lock(state);
        state.requests += 1;
        (state.requests - 1, state.kill)
    };
    if kill == Some(Kill::Before(n)) {
        return end(state);
    }
    let mut upstream = TcpStream::connect(server)?;
    upstream.write_all(&request)?;
    let mut response = Vec::new();
    upstream.read_to_end(&mut response)?;
    if kill == Some(Kill::After(n)) {
        return end(state);
    }
    client.write_all(&response)?;
    client.shutdown(Shutdown::Write)?;
    if let Some(Kill::Later(at, delay)) = kill
        && at == n
    {
        std::thread::sleep(delay);
        return end(state);
    }
    Ok(())
}

/// SIGKILL: nothing of the process runs after this.
fn end(state: &Mutex<State>) -> io::Result<()> {
    match lock(state).child.as_mut() {
        Some(child) => child.kill(),
        None => Ok(()),
    }
}

/// A request, whole, that asks for the connection to be closed after it.
fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let n = client.read(&mut chunk)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(chunk.get(..n).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or_default() {
            return Ok(format!("{head}\r\nconnection: close\r\n\r\n{body}").into_bytes());
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
