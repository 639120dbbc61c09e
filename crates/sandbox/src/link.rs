//! What a request and its connection tell each other, through the extensions of request and
//! response.

/// Which connection a request came by; absent for calls in process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// What a fault does to a connection, as an extension of the response.
///
/// Over sockets it really happens. Whoever calls the router in process finds it in the extensions
/// and is to take it for an error of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disruption {
    /// No connection came about.
    Refused,
    /// The connection was reset without an answer.
    Reset,
    /// The connection ended in the middle of the body.
    Cut,
}
