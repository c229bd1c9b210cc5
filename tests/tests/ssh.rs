//! Servers that misbehave over ssh: each import ends in the right typed error, soon.

use std::path::Path;
use std::time::{Duration, Instant};

use gitlade::{Control, ErrorKind, HostKeys, Options, Source, SshOptions, Timeouts, import};
use gitlade_tests::patience::assert_within;
use gitlade_tests::server::{
    Over, ScriptedSshd, Sshd, free_port, git, impatient, misbehaviours, no_ssh_cases,
    sample_repository, small_limits, ssh_scripts,
};

use crate::importing::{body, local};
use crate::misbehaviour::{all, fault};

fn known(sshd: &Sshd) -> SshOptions {
    SshOptions::default()
        .key(sshd.key())
        .known_hosts(sshd.known_hosts())
}

/// Options for a case that has to end in one of the kinds `expected`. Where that is a timeout it is a
/// short one; elsewhere it is long, because two programs have to start and to agree on keys before the
/// first byte comes, which takes its time on a busy machine.
fn options(ssh: SshOptions, expected: &[ErrorKind]) -> Options {
    let timeouts = match expected.contains(&ErrorKind::Timeout) {
        true => impatient().timeouts.stall(Duration::from_secs(6)),
        false => Timeouts::default(),
    };
    Options::default()
        .remote(impatient().timeouts(timeouts).ssh(ssh))
        .limits(small_limits())
}

#[test]
fn programs_in_place_of_git_end_in_the_right_error() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = ScriptedSshd::start(&repository);
    let scripts = ssh_scripts();
    all(3, scripts.len(), |number| {
        let case = &scripts[number];
        let options = options(known(server.sshd()), case.expected);
        let url = server.script_url(number);
        fault(case.name, &url, &options, case.expected)
    });
    println!("ssh: {} programs", scripts.len());
}

/// The lies that are told over `git://`, as far as they are about the connection, told over ssh.
#[test]
fn broken_conversations_end_in_the_right_error() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = ScriptedSshd::start(&repository);
    let about_connections = ["silence", "cut", "drip", "endless", "pkt-line"];
    let mut cases = misbehaviours();
    cases.retain(|case| {
        case.over() == Over::Git && about_connections.iter().any(|it| case.name.contains(it))
    });
    assert!(cases.len() >= 50, "{}", cases.len());
    all(3, cases.len(), |number| {
        let case = &cases[number];
        let liar = case.serve(&repository);
        let options = options(known(server.sshd()), case.expected);
        let url = server.relay_url(&liar.url());
        fault(&case.name, &url, &options, case.expected)
    });
    println!("ssh: {} conversations", cases.len());
}

#[test]
fn what_is_no_ssh_server_is_said() {
    let cases = no_ssh_cases();
    all(3, cases.len(), |number| {
        let case = &cases[number];
        let server = case.serve();
        let url = format!("ssh://git@127.0.0.1:{}/sample.git", server.port());
        let ssh = SshOptions::default().host_keys(HostKeys::AcceptNew);
        let ssh = ssh.known_hosts("/dev/null");
        fault(case.name, &url, &options(ssh, case.expected), case.expected)
    });
    // ssh's own timeout, where it is the shorter one.
    let silent = cases.iter().find(|case| case.name == "no banner");
    let server = silent.expect("it is in the table").serve();
    let url = format!("ssh://git@127.0.0.1:{}/sample.git", server.port());
    let timeouts = Timeouts::default().connect(Duration::from_secs(1));
    let options = Options::default().remote(impatient().timeouts(timeouts));
    assert_eq!(
        fault("no banner", &url, &options, &[ErrorKind::Timeout]),
        None
    );
    println!("ssh: {} servers that are none", cases.len());
}

/// What goes wrong between two OpenSSHs before there is a session.
#[test]
fn keys_and_hosts_that_do_not_fit_are_told_apart() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let sshd = Sshd::start();
    let url = sshd.url(&repository);
    let new = known(&sshd).host_keys(HostKeys::AcceptNew);
    let encrypted = folder.path().join("encrypted");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "a passphrase", "-f"])
        .arg(&encrypted)
        .status();
    assert!(made.expect("ssh-keygen is installed").success());
    for (case, ssh, expected) in [
        ("fits", known(&sshd), &[][..]),
        (
            "unknown host",
            known(&sshd).known_hosts(sshd.no_known_hosts()),
            &[ErrorKind::Tls],
        ),
        (
            "changed host",
            known(&sshd).known_hosts(sshd.wrong_known_hosts()),
            &[ErrorKind::Tls],
        ),
        (
            "changed host, though new ones are believed",
            new.clone().known_hosts(sshd.wrong_known_hosts()),
            &[ErrorKind::Tls],
        ),
        ("new host", new.known_hosts(sshd.no_known_hosts()), &[]),
        (
            "known from then on",
            known(&sshd).known_hosts(sshd.no_known_hosts()),
            &[],
        ),
        (
            "another key",
            known(&sshd).key(sshd.other_key()),
            &[ErrorKind::AuthenticationFailed],
        ),
        (
            "no key",
            known(&sshd).key(folder.path().join("none")),
            &[ErrorKind::AuthenticationFailed],
        ),
        (
            "a key with a passphrase",
            known(&sshd).key(&encrypted),
            &[ErrorKind::AuthenticationFailed],
        ),
        (
            "no ssh",
            known(&sshd).program(folder.path().join("none")),
            &[ErrorKind::InvalidOptions],
        ),
    ] {
        assert_eq!(fault(case, &url, &options(ssh, expected), expected), None);
    }
    let nobody = format!("ssh://git@127.0.0.1:{}/sample.git", free_port());
    let refused = &[ErrorKind::ConnectionFailed];
    assert_eq!(
        fault("nobody", &nobody, &options(known(&sshd), refused), refused),
        None
    );
    let missing = sshd.url(Path::new("/nonexistent/sample.git"));
    let not_found = &[ErrorKind::RepositoryNotFound];
    assert_eq!(
        fault(
            "missing",
            &missing,
            &options(known(&sshd), not_found),
            not_found
        ),
        None
    );

    // Servers that have nothing in common with us, or let nobody in, or greet everybody.
    for (case, line, expected) in [
        ("ciphers", "Ciphers aes128-cbc\n", &[ErrorKind::Tls][..]),
        ("users", "DenyUsers *\n", &[ErrorKind::AuthenticationFailed]),
        ("banner", "Banner /etc/passwd\n", &[]),
    ] {
        let sshd = Sshd::start_with(line);
        let options = options(known(&sshd), expected);
        let url = sshd.url(&repository);
        assert_eq!(fault(case, &url, &options, expected), None);
    }
}

/// Whatever is waited for, cancel ends it within a second (P5), and the child goes with it.
#[test]
fn cancel_ends_every_silence() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = ScriptedSshd::start(&repository);
    let scripts = ssh_scripts();
    let silent = scripts.iter().position(|case| case.name == "silence");
    let mid_pack = misbehaviours().into_iter().find(|case| {
        case.over() == Over::Git && case.is_about_the_pack() && case.name.contains("silence at 50")
    });
    let liar = mid_pack.expect("it is in the table").serve(&repository);
    let no_banner = no_ssh_cases()
        .into_iter()
        .find(|case| case.name == "no banner");
    let tcp = no_banner.expect("it is in the table").serve();
    for url in [
        server.script_url(silent.expect("it is in the table")),
        server.relay_url(&liar.url()),
        format!("ssh://git@127.0.0.1:{}/sample.git", tcp.port()),
    ] {
        // The defaults: a minute of silence.
        let remote = impatient().timeouts(Timeouts::default());
        let options = Options::default().remote(remote.ssh(known(server.sshd())));
        let control = Control::new();
        let switch = control.cancel.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(700));
            switch.cancel();
            Instant::now()
        });
        let source = Source::parse(&url).expect("it is a URL");
        let error = import(&source, &options, &control).map(|_| ());
        let ended = Instant::now();
        let cancelled = thread.join().expect("it does not panic");
        let error = error.expect_err("the server is silent");
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{url}: {error}");
        let took = ended.saturating_duration_since(cancelled);
        assert_within(Duration::from_secs(1), took, &url);
    }
}

/// The relay that lies are told through is honest by itself.
#[test]
fn the_tests_own_relay_changes_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let repository = sample_repository(folder.path());
    let server = ScriptedSshd::start(&repository);
    let daemon = gitlade_tests::server::GitDaemon::serve(folder.path());
    let expected = local(&repository, &Options::default()).expect("it is benign");
    let url = server.relay_url(&daemon.url("sample.git"));
    let options = options(known(server.sshd()), &[]);
    let found = crate::importing::remote(&url, &options).expect("nobody lies");
    assert!(body(found.manifest()) == body(expected.manifest()));
    assert_eq!(
        found
            .manifest()
            .header()
            .source
            .commit
            .map(|id| id.to_string()),
        Some(git(&repository, &["rev-parse", "HEAD"]))
    );
}
