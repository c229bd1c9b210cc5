//! What the contract forbids ends in a status, and never in a crash.
//!
//! The calls are made from the header: NULL in each argument of each function, wrong sizes of each
//! struct and of those that it points to, and a panic behind each export. So no function is forgotten.

mod program;

use std::collections::BTreeSet;
use std::process::Command;

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, sample_repository};

use crate::installed::{build_file, prefix, run, scratch as place};
use crate::prototypes::{callbacks, functions, header, sized_structs};
use program::Header;

#[test]
fn misuse_ends_in_a_status() {
    let header = header();
    let header = Header {
        functions: functions(&header),
        structs: sized_structs(&header),
        callbacks: callbacks(&header),
    };
    let file = place("misuse").join("misuse.c");
    std::fs::write(&file, header.program()).expect("because it is a target folder");
    let include = format!("-I{}/tests/c", crate::installed::CRATE);
    let program = build_file(&file, "gcc", &[&include]);
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let mut command = Command::new(program);
    let server = GitHttp::serve(folder.path());
    command
        .arg(repository)
        .arg(folder.path().join("manifest"))
        .arg(server.url("sample.git"));
    let output = run(&mut command);
    let calls = String::from_utf8_lossy(&output.stdout);
    let calls: usize = calls.trim().parse().expect("because it prints the number");
    let functions = header.functions.len();
    println!("{functions} functions were misused in {calls} calls");
    assert!(calls > 4 * functions, "{calls}");
    // Nothing is printed, not even about the panics.
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_header_has_all_that_is_exported_and_nothing_more() {
    let mut nm = Command::new("nm");
    nm.args(["-D", "--defined-only"])
        .arg(prefix().join("lib/libgitlade.so"));
    let exported = String::from_utf8(run(&mut nm).stdout).expect("because names are ASCII");
    let exported: BTreeSet<&str> = exported
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        // What lets the suite above inject panics, and is never built for users.
        .filter(|name| *name != "gitlade_inject_panic")
        .collect();
    let header = header();
    let functions = functions(&header);
    let declared: BTreeSet<&str> = functions.iter().map(|function| &*function.name).collect();
    assert_eq!(exported, declared);
    assert!(declared.len() > 80, "{}", declared.len());
    assert!(declared.iter().all(|name| name.starts_with("gitlade_")));
}
