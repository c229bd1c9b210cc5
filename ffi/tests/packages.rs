//! The packages: programs outside of the tree, built by `pkg-config` alone and by CMake alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, git, sample_repository};

use crate::installed::{CRATE, build_file, outside, prefix, run, target};

fn example(name: &str) -> PathBuf {
    Path::new(CRATE).join("examples").join(name)
}

/// Runs the four examples as a user would, and holds what they print against each other and Git.
fn try_out(tree: &Path, host: &Path, registry: &Path) {
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let server = GitHttp::serve(folder.path());
    let url = server.url("sample.git");
    let told = run(Command::new(tree).arg(&url)).stdout;
    let told = String::from_utf8_lossy(&told).into_owned();
    let listed = git(&repository, &["ls-tree", "-r", "-t", "--name-only", "HEAD"]);
    assert_eq!(told.lines().count(), listed.lines().count() + 1, "{told}");

    let blobs = folder.path().join("blobs");
    std::fs::create_dir(&blobs).expect("because the folder is new");
    let manifest = run(Command::new(host).arg(&url).arg(&blobs)).stdout;
    let ids = git(
        &repository,
        &[
            "ls-tree",
            "-r",
            "--format=%(objectname) %(objecttype)",
            "HEAD",
        ],
    );
    let ids: std::collections::BTreeSet<&str> =
        ids.lines().filter(|id| id.ends_with("blob")).collect();
    let mut files = 0;
    for file in std::fs::read_dir(&blobs).expect("because it was made above") {
        let file = file.expect("because it can be read");
        let bytes = std::fs::read(file.path()).expect("because the host wrote it");
        let digest = gitlade::ContentHash::of(&bytes).to_string();
        assert_eq!(file.file_name().to_str(), Some(digest.as_str()));
        files += 1;
    }
    assert_eq!(files, ids.len());

    let store = folder.path().join("store");
    let registry = |arguments: &[&str]| {
        let output = run(Command::new(registry).arg(&store).args(arguments));
        (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            output.stdout,
        )
    };
    assert!(registry(&["import", &url]).0.contains("1 complete"));
    assert!(registry(&["import", "/nonexistent"]).0.contains("2 failed"));
    assert!(registry(&["list"]).0.ends_with("2 imports\n"));
    // The manifest that comes out of the store is the one that the host got.
    assert_eq!(registry(&["show", "1"]).1, manifest);
    let file = git(&repository, &["ls-tree", "-r", "--name-only", "HEAD"]);
    let file = file.lines().next().expect("because the sample has files");
    let content = run(Command::new("git")
        .arg("-C")
        .arg(&repository)
        .args(["cat-file", "blob"])
        .arg(format!("HEAD:{file}")));
    assert_eq!(registry(&["cat", "1", file]).1, content.stdout);
    registry(&["remove", "2"]);
    assert!(registry(&["list"]).0.ends_with("1 imports\n"));
}

#[test]
fn examples_are_built_by_pkg_config_and_run() {
    for (extension, compilers) in [("c", ["gcc", "clang"]), ("cpp", ["g++", "clang++"])] {
        for compiler in compilers {
            let build = |name| build_file(&example(&format!("{name}.{extension}")), compiler, &[]);
            try_out(&build("tree"), &build("host"), &build("registry"));
        }
    }
}

fn cmake(folder: &Path, arguments: &[&str], targets: &[&str]) {
    let mut configure = Command::new("cmake");
    configure
        .arg("-S")
        .arg(example(""))
        .arg("-B")
        .arg(folder)
        .args(arguments);
    run(outside(&mut configure));
    let mut build = Command::new("cmake");
    build.arg("--build").arg(folder);
    if !targets.is_empty() {
        build.arg("--target").args(targets);
    }
    run(outside(&mut build));
}

#[test]
fn examples_are_built_by_cmake_and_run() {
    let installed = format!("-DCMAKE_PREFIX_PATH={}", prefix().display());
    for (is_static, name) in [("OFF", "shared"), ("ON", "static")] {
        let folder = scratch();
        let mode = format!("-DGITLADE_STATIC={is_static}");
        cmake(folder.path(), &[&installed, &mode], &[]);
        for suffix in ["", "_cpp"] {
            let program = |name: &str| folder.path().join(format!("{name}{suffix}"));
            try_out(&program("tree"), &program("host"), &program("registry"));
        }
        let needed = run(Command::new("readelf")
            .arg("-d")
            .arg(folder.path().join("tree")))
        .stdout;
        let needed = String::from_utf8_lossy(&needed).contains("libgitlade.so.0.1");
        assert_eq!(needed, name == "shared", "{name}");
    }
}

#[test]
fn sources_are_built_by_cmake() {
    let _ = prefix();
    let folder = scratch();
    // The same target folder and features as above, so that nothing is compiled twice.
    let target = format!("-DGITLADE_TARGET_DIR={}", target().display());
    let source = format!("-DGITLADE_SOURCE={CRATE}");
    let more = [
        "-DCMAKE_BUILD_TYPE=Debug",
        "-DGITLADE_FEATURES=fault-injection",
    ];
    cmake(
        folder.path(),
        &[&source, &target, more[0], more[1]],
        &["tree"],
    );
    let place = scratch();
    let repository = sample_repository(place.path());
    run(Command::new(folder.path().join("tree")).arg(repository));
}

#[test]
fn interrupts_stop_the_host() {
    let folder = scratch();
    // A server that takes the connection and is silent.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("because a port is free");
    let port = silent.local_addr().expect("because it is bound").port();
    for (source, compiler) in [("host.c", "gcc"), ("host.cpp", "g++")] {
        let host = build_file(&example(source), compiler, &[]);
        let child = Command::new(host)
            .arg(format!("http://127.0.0.1:{port}/a/b"))
            .arg(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("because it was compiled");
        let (connection, _) = silent.accept().expect("because the host connects");
        std::thread::sleep(std::time::Duration::from_millis(200));
        run(Command::new("kill").arg("-INT").arg(child.id().to_string()));
        let started = std::time::Instant::now();
        let output = child.wait_with_output().expect("because it runs");
        // GITLADE_STATUS_CANCELLED
        assert_eq!(output.status.code(), Some(25));
        gitlade_tests::patience::assert_within(
            std::time::Duration::from_secs(5),
            started.elapsed(),
            "cancelling",
        );
        drop(connection);
    }
}

#[test]
fn cargo_c_installs_the_same() {
    if Command::new("cargo")
        .args(["cinstall", "--version"])
        .output()
        .is_ok_and(|found| !found.status.success())
    {
        println!("cargo-c is not installed: skipped");
        return;
    }
    let folder = scratch();
    let mut command = Command::new("cargo");
    command
        .args([
            "cinstall",
            "--debug",
            "--locked",
            "-p",
            "gitlade-ffi",
            "--libdir",
            "lib",
            "--prefix",
        ])
        .arg(folder.path())
        .current_dir(CRATE);
    run(outside(&mut command));
    for file in [
        "include/gitlade.h",
        "include/gitlade.hpp",
        "lib/libgitlade.a",
        "lib/libgitlade.so",
        "lib/libgitlade.so.0.1",
        "lib/pkgconfig/gitlade.pc",
    ] {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}
