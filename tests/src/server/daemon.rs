//! `git daemon`.

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::git::{exec_path, isolated};
use super::tcp::free_port;

/// A Git daemon on `127.0.0.1`, as long as it is not dropped.
pub struct GitDaemon {
    child: Child,
    port: u16,
}

impl GitDaemon {
    /// Serves the repositories below `root`.
    pub fn serve(root: impl AsRef<Path>) -> Self {
        let root = root.as_ref();
        // Somebody else may take the port between the choice and the start.
        for _ in 0..5 {
            let port = free_port();
            let mut command = Command::new(exec_path().join("git-daemon"));
            isolated(&mut command)
                .args(["--listen=127.0.0.1", "--export-all", "--reuseaddr"])
                .arg(format!("--port={port}"))
                .arg(format!("--base-path={}", root.display()))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let mut child = command.spawn().expect("git-daemon is installed");
            if wait_for_port(&mut child, port) {
                return GitDaemon { child, port };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("git-daemon does not start");
    }

    /// The URL of the repository at `path` below the root.
    pub fn url(&self, path: &str) -> String {
        format!("git://127.0.0.1:{}/{path}", self.port)
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for GitDaemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until somebody listens on `port`; gives up when `child` has ended.
pub(super) fn wait_for_port(child: &mut Child, port: u16) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}
