//! The process that an import runs in is left as it was (P14).

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use gitlade::{Options, SshOptions};
use gitlade_tests::server::{GitDaemon, GitHttp, Sshd, sample_repository};

use crate::importing::{from_loopback, local, loopback, remote};

/// Orders for the one child that does this alone, since other tests change descriptors meanwhile.
#[test]
fn the_process_is_left_as_it_was() {
    let this = std::env::current_exe().expect("because this program runs");
    let output = std::process::Command::new(this)
        .args([
            "--exact",
            "host::alone",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .output()
        .expect("because this program can be run again");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

/// What an import must not change.
#[derive(Debug, PartialEq, Eq)]
struct State {
    folder: Vec<u8>,
    /// Umask, signals that are blocked, ignored and caught, and the number of threads.
    status: Vec<String>,
    environment: Vec<(Vec<u8>, Vec<u8>)>,
    descriptors: Vec<String>,
    children: String,
}

fn state() -> State {
    let status = fs::read_to_string("/proc/self/status").expect("because Linux has it");
    let wanted = ["Umask:", "SigBlk:", "SigIgn:", "SigCgt:", "Threads:"];
    let lines = status
        .lines()
        .filter(|line| wanted.iter().any(|name| line.starts_with(name)));
    let folder = fs::read_link("/proc/self/cwd").expect("because Linux has it");
    let environment = std::env::vars_os();
    let descriptors = fs::read_dir("/proc/self/fd").expect("because Linux has it");
    let name = |path: &Path| fs::read_link(path).map(|target| target.display().to_string());
    let mut descriptors: Vec<String> = descriptors
        .filter_map(|entry| name(&entry.ok()?.path()).ok())
        .filter(|target| !target.ends_with("/fd"))
        .collect();
    descriptors.sort();
    State {
        folder: folder.as_os_str().as_bytes().to_vec(),
        status: lines.map(str::to_owned).collect(),
        environment: environment
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .collect(),
        descriptors,
        children: fs::read_to_string("/proc/thread-self/children").unwrap_or_default(),
    }
}

/// The state, once threads that were told to end have done so.
fn state_like(before: &State) -> State {
    for _ in 0..200 {
        if state() == *before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    state()
}

#[test]
#[ignore = "is run by another test, alone in a process"]
fn alone() {
    let folder = tempfile::tempdir().expect("because there is room");
    let repository = sample_repository(folder.path());
    let broken = folder.path().join("broken.git");
    fs::create_dir(&broken).expect("because there is room");

    let before = state();
    for _ in 0..20 {
        drop(local(&repository, &Options::default()).expect("because it is benign"));
        local(&broken, &Options::default()).expect_err("it is empty");
    }
    assert_eq!(state_like(&before), before, "local imports");

    let http = GitHttp::serve(folder.path());
    let daemon = GitDaemon::serve(folder.path());
    let sshd = Sshd::start();
    let ssh = SshOptions::default()
        .key(sshd.key())
        .known_hosts(sshd.known_hosts());
    let by_ssh = Options::default().remote(loopback().ssh(ssh));
    let import_all = || {
        for (url, options) in [
            (http.url("sample.git"), from_loopback()),
            (daemon.url("sample.git"), from_loopback()),
            (sshd.url(&repository), by_ssh.clone()),
        ] {
            drop(remote(&url, &options).unwrap_or_else(|error| panic!("{url}: {error}")));
            remote(&format!("{url}x"), &options).expect_err("there is none");
        }
    };
    let before = state();
    for _ in 0..3 {
        import_all();
    }
    // The servers run in this process; what they keep of finished connections is theirs.
    let sockets = |state: State| State {
        descriptors: state
            .descriptors
            .into_iter()
            .filter(|name| !name.starts_with("socket:"))
            .collect(),
        status: state
            .status
            .into_iter()
            .filter(|line| !line.starts_with("Threads"))
            .collect(),
        ..state
    };
    let before = sockets(before);
    let after = sockets(state_like(&before));
    assert_eq!(after, before, "remote imports");
}
