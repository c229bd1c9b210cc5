//! OpenSSH's server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::daemon::wait_for_port;
use super::git::exec_path;
use super::tcp::free_port;

/// An `sshd` on `127.0.0.1` that lets in the user who runs the test, with one key.
pub struct Sshd {
    child: Child,
    port: u16,
    user: String,
    folder: TempDir,
}

impl Sshd {
    /// Where the program is, or what to install.
    ///
    /// # Errors
    ///
    /// A sentence for the person who runs the tests.
    pub fn find() -> Result<PathBuf, String> {
        [
            "/usr/sbin/sshd",
            "/usr/local/sbin/sshd",
            "/sbin/sshd",
            "/usr/bin/sshd",
        ]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .ok_or_else(|| "sshd is not installed: apt-get install openssh-server".to_owned())
    }

    /// Starts it, with keys that are made on the spot.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not start.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts it with further lines of configuration.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not start.
    pub fn start_with(lines: &str) -> Self {
        let program = Self::find().expect("the tests' requirements are installed");
        let folder = tempfile::tempdir().expect("there is room");
        for name in ["host_key", "user_key", "other_key"] {
            make_key(&folder.path().join(name));
        }
        let public = fs::read(folder.path().join("user_key.pub")).expect("it was made");
        fs::write(folder.path().join("authorized_keys"), public).expect("there is room");
        // When root runs it, this is where it puts its unprivileged half; nobody else needs it.
        let _ = fs::create_dir_all("/run/sshd");
        let mut log = String::new();
        for _ in 0..5 {
            let port = free_port();
            let config = folder.path().join("sshd_config");
            let text = configuration(folder.path(), port) + lines;
            fs::write(&config, text).expect("there is room");
            let log_file = folder.path().join("log");
            let errors = fs::File::create(&log_file).expect("there is room");
            let mut child = Command::new(&program)
                .args(["-D", "-e", "-f"])
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(errors)
                .spawn()
                .expect("sshd can be started");
            if wait_for_port(&mut child, port) {
                let server = Sshd {
                    child,
                    port,
                    user: user(),
                    folder,
                };
                server.write_known_hosts();
                return server;
            }
            let _ = child.kill();
            let _ = child.wait();
            log = fs::read_to_string(&log_file).unwrap_or_default();
        }
        panic!("sshd does not start: {log}");
    }

    /// The URL of the repository at an absolute `path` of this machine.
    pub fn url(&self, path: &Path) -> String {
        format!(
            "ssh://{}@127.0.0.1:{}{}",
            self.user,
            self.port,
            path.display()
        )
    }

    /// Like [`url`](Self::url), with the name `localhost`.
    pub fn url_by_name(&self, path: &Path) -> String {
        format!(
            "ssh://{}@localhost:{}{}",
            self.user,
            self.port,
            path.display()
        )
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The private key that is let in.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("user_key")
    }

    /// A private key that is not let in.
    pub fn other_key(&self) -> PathBuf {
        self.folder.path().join("other_key")
    }

    /// A file of known hosts with the server in it.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.path().join("known_hosts")
    }

    /// A file of known hosts in which the server has another key.
    pub fn wrong_known_hosts(&self) -> PathBuf {
        self.folder.path().join("wrong_known_hosts")
    }

    /// A file of known hosts that is not there, in a folder where it can be made.
    pub fn no_known_hosts(&self) -> PathBuf {
        self.folder.path().join("no_known_hosts")
    }

    fn write_known_hosts(&self) {
        for (file, key) in [
            ("known_hosts", "host_key"),
            ("wrong_known_hosts", "other_key"),
        ] {
            let key = self.folder.path().join(key).with_extension("pub");
            let key = fs::read_to_string(key).expect("it was made");
            let port = self.port;
            let line = format!("[127.0.0.1]:{port},[localhost]:{port} {key}");
            fs::write(self.folder.path().join(file), line).expect("there is room");
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn make_key(file: &Path) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(file)
        .status()
        .expect("ssh-keygen is installed");
    assert!(made.success(), "ssh-keygen makes a key");
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("there is id");
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    // Git may be installed where a login shell does not look.
    let path = format!("{}:/usr/bin:/bin", exec_path().display());
    format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host_key\n\
         AuthorizedKeysFile {folder}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
         AcceptEnv GIT_PROTOCOL\nSetEnv PATH={path} GIT_CONFIG_NOSYSTEM=1 \
         GIT_CONFIG_GLOBAL=/dev/null\nLogLevel ERROR\nMaxStartups 100\n"
    )
}
