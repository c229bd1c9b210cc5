//! A listener on loopback that leaves nothing behind.

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A TCP server on `127.0.0.1`, with a thread for each connection.
///
/// When it is dropped, its connections are shut down and its threads have ended.
pub struct TcpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    accepted: AtomicUsize,
    connections: Mutex<Vec<(TcpStream, JoinHandle<()>)>>,
}

impl TcpServer {
    /// Calls `handler` with every connection and its number, counted from 0.
    pub fn start(handler: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            let handler = Arc::new(handler);
            move || accept(&listener, &shared, &handler)
        });
        TcpServer {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections have come.
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::Acquire)
    }
}

fn accept<H>(listener: &TcpListener, shared: &Shared, handler: &Arc<H>)
where
    H: Fn(TcpStream, usize) + Send + Sync + 'static,
{
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopping.load(Ordering::Acquire) {
            return;
        }
        let number = shared.accepted.fetch_add(1, Ordering::AcqRel);
        let Ok(handle) = stream.try_clone() else {
            continue;
        };
        let handler = Arc::clone(handler);
        let thread = thread::spawn(move || {
            let closing = stream.try_clone();
            handler(stream, number);
            // The clone that is kept for stopping would hold the connection open.
            if let Ok(closing) = closing {
                let _ = closing.shutdown(Shutdown::Both);
            }
        });
        let mut connections = lock(&shared.connections);
        connections.retain(|(_, thread)| !thread.is_finished());
        connections.push((handle, thread));
    }
}

impl Drop for TcpServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for (stream, thread) in lock(&self.shared.connections).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
            let _ = thread.join();
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A port on which nothing listens, as far as that can be known.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
