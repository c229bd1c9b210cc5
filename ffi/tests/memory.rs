//! Hosts under valgrind and under the sanitizers: no error, no leak.

use std::path::PathBuf;
use std::process::Command;

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, sample_repository};

use crate::engine::Servers;
use crate::installed::{CRATE, build, build_file, run};

/// Runs the hosts, each as what `wrap` makes of it.
fn hosts(build: impl Fn(&str) -> PathBuf, wrap: impl Fn(PathBuf) -> Command) {
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let server = GitHttp::builder(folder.path())
        .basic("user", "secret")
        .start();
    let open = GitHttp::serve(folder.path());
    for name in ["walk.c", "walk.cpp"] {
        for source in [repository.display().to_string(), open.url("sample.git")] {
            run(wrap(build(name))
                .arg(source)
                .arg(folder.path().join("manifest")));
        }
    }
    for name in ["callbacks.c", "callbacks.cpp"] {
        run(wrap(build(name))
            .arg(&repository)
            .arg(server.url("sample.git"))
            .arg(scratch().path()));
    }
    let servers = Servers::start();
    for (name, store) in [("engine.c", "filled"), ("engine.cpp", "filled too")] {
        let (program, store) = (build(name), folder.path().join(store));
        servers.fill(wrap(program.clone()), &store, &servers.sources());
        servers.mend(wrap(program), &store);
    }
    for (name, store) in [("registry.c", "c"), ("registry.cpp", "cpp")] {
        let program = build(&format!("../../examples/{name}"));
        let store = folder.path().join(store);
        run(wrap(program)
            .arg(store)
            .arg("import")
            .arg(open.url("sample.git")));
    }
}

#[test]
fn valgrind_finds_nothing() {
    hosts(
        |name| build(name, if name.ends_with("pp") { "g++" } else { "gcc" }, &[]),
        |program| {
            let mut command = Command::new("valgrind");
            // What is possibly lost are the stacks of threads that have not quite ended yet.
            command
                .args(["--quiet", "--leak-check=full", "--error-exitcode=99"])
                .args(["--show-leak-kinds=definite,indirect"])
                .args(["--errors-for-leak-kinds=definite,indirect"])
                .arg(program);
            command
        },
    );
    println!("valgrind: no error, no leak");
}

#[test]
fn sanitizers_find_nothing() {
    hosts(
        |name| {
            let compiler = if name.ends_with("pp") {
                "clang++"
            } else {
                "clang"
            };
            let file = std::path::Path::new(CRATE).join("tests/c").join(name);
            let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
            build_file(&file, compiler, &flags)
        },
        |program| {
            let mut command = Command::new(program);
            command.env("ASAN_OPTIONS", "detect_leaks=1");
            command
        },
    );
    println!("AddressSanitizer: no error, no leak");
}
