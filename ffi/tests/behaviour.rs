//! Callbacks, the process around the library (P14), and secrets (P11).

use std::process::Command;

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, base64, sample_repository};

use crate::installed::{build, run};

#[test]
fn callbacks_are_called_and_stop_the_work() {
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let server = GitHttp::builder(folder.path())
        .basic("user", "secret")
        .start();
    let programs = [
        build("callbacks.c", "gcc", &[]),
        build("callbacks.c", "clang", &[]),
        build("callbacks.cpp", "g++", &[]),
        build("callbacks.cpp", "clang++", &["-std=c++20"]),
    ];
    for program in programs {
        let mut command = Command::new(program);
        command.arg(&repository).arg(server.url("sample.git"));
        run(command.arg(scratch().path()));
    }
}

#[test]
fn the_process_is_left_alone() {
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let mut command = Command::new(build("alone.c", "gcc", &[]));
    command
        .arg(&repository)
        .arg(server.url("sample.git"))
        .arg("1000");
    // A locale of the environment, which must neither be set nor matter.
    let output = run(command.env("LC_ALL", "C.UTF-8"));
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Percent-encodes every byte, as no URL would and any may.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn secrets_are_told_nowhere() {
    const SECRET: &str = "c4nary-s3cret-of-the-c-abi";
    let folder = scratch();
    sample_repository(folder.path());
    let guarded = GitHttp::builder(folder.path())
        .basic("user", "other")
        .start();
    let open = GitHttp::serve(folder.path());
    let mut command = Command::new(build("secrets.c", "gcc", &[]));
    command
        .arg(SECRET)
        .arg(guarded.url("sample.git"))
        .arg(open.url("sample.git"))
        .arg(open.url("nothing.git"))
        .arg("http://127.0.0.1:1/nobody/there.git")
        .arg("/nonexistent");
    let output = run(&mut command);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).to_lowercase();
    let last = said.lines().last().unwrap_or_default();
    let failures: usize = last
        .split(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .unwrap_or(0);
    println!("{failures} failures with a secret");
    assert!(failures >= 40, "{said}");
    let forms = [
        SECRET.to_owned(),
        percent(SECRET),
        base64("user", SECRET),
        base64("x-access-token", SECRET),
        base64(SECRET, ""),
    ];
    for form in forms {
        assert!(!said.contains(&form.to_lowercase()), "{form} in {said}");
    }
}
