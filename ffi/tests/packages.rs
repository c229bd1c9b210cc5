//! The packages: programs outside of the tree, built by `pkg-config` alone and by CMake alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, git, isolated, sample_repository};

use crate::installed::{self, CRATE, build_file, outside, prefix, run, target};

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
    let stats: serde_json::Value =
        serde_json::from_slice(&registry(&["stats"]).1).expect("because it is JSON");
    assert_eq!(stats["imports"]["complete"], 1);
    let checked = registry(&["check"]).0;
    let contents = format!("0 problems, {} contents\n", stats["contents"]);
    assert_eq!(checked, contents);
    registry(&["remove", "1"]);
    let removed = registry(&["gc"]).0;
    let contents = format!("{} contents removed, ", stats["contents"]);
    assert!(removed.starts_with(&contents), "{removed}");
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

/// A project outside of the tree, with one program for each target that it links to.
fn project(folder: &Path, find: &str, targets: &[&str]) {
    std::fs::create_dir_all(folder).expect("because the folder is new");
    let mut list = format!(
        "cmake_minimum_required(VERSION 3.18)\nproject(host LANGUAGES C CXX)\n{find}\n\
         set(CMAKE_CXX_STANDARD 17)\n"
    );
    for name in ["tree.c", "tree.cpp"] {
        std::fs::copy(example(name), folder.join(name)).expect("because it is an example");
        for target in targets {
            let program = format!("{}-{target}", name.replace('.', "-"));
            list.push_str(&format!(
                "add_executable({program} {name})\n\
                 target_link_libraries({program} PRIVATE gitlade::{target})\n"
            ));
        }
    }
    std::fs::write(folder.join("CMakeLists.txt"), list).expect("because the folder is there");
}

/// Configures and builds a project, and says where its programs are.
fn built(folder: &Path, arguments: &[String]) -> PathBuf {
    let place = folder.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(folder).arg("-B").arg(&place);
    run(outside(configure.args(arguments)));
    run(outside(Command::new("cmake").arg("--build").arg(&place)));
    place
}

/// Lets a program list the sample repository, and says whether it needs the shared library.
fn lists(program: &Path) -> bool {
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let told = run(Command::new(program).arg(&repository)).stdout;
    let listed = git(&repository, &["ls-tree", "-r", "-t", "--name-only", "HEAD"]);
    let told = String::from_utf8_lossy(&told).into_owned();
    assert_eq!(told.lines().count(), listed.lines().count() + 1, "{told}");
    let needed = run(Command::new("readelf").arg("-d").arg(program)).stdout;
    String::from_utf8_lossy(&needed).contains("libgitlade.so.0.1")
}

#[test]
fn strangers_find_the_package_by_cmake() {
    let folder = scratch();
    let find = "find_package(gitlade 0.1 CONFIG REQUIRED)";
    project(folder.path(), find, &["shared", "static", "gitlade"]);
    let installed = format!("-DCMAKE_PREFIX_PATH={}", prefix().display());
    let place = built(folder.path(), &[installed]);
    for language in ["c", "cpp"] {
        let program = |target: &str| place.join(format!("tree-{language}-{target}"));
        assert!(lists(&program("shared")));
        assert!(!lists(&program("static")));
        assert!(lists(&program("gitlade")));
    }
    let wrong = folder.path().join("wrong");
    project(&wrong, "find_package(gitlade 0.2 CONFIG REQUIRED)", &[]);
    let mut configure = Command::new("cmake");
    let configure = configure
        .arg("-S")
        .arg(&wrong)
        .arg("-B")
        .arg(wrong.join("build"));
    let configure = configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()));
    let output = configure.output().expect("because cmake is installed");
    assert!(
        !output.status.success(),
        "another minor version is another package"
    );
}

/// The installed tree somewhere else, without the shared library if it is not wanted.
fn moved(to: &Path, with_shared: bool) {
    run(Command::new("cp").arg("-a").arg(prefix()).arg(to));
    if !with_shared {
        for name in ["libgitlade.so", "libgitlade.so.0.1", "libgitlade.so.0.1.0"] {
            std::fs::remove_file(to.join("lib").join(name)).expect("because it was installed");
        }
    }
}

#[test]
fn strangers_find_the_package_by_pkg_config() {
    let folder = scratch();
    for (with_shared, mode) in [(true, "--shared"), (false, "--static")] {
        let prefix = folder.path().join(mode);
        moved(&prefix, with_shared);
        for (name, standard, compilers) in [
            ("tree.c", "", ["gcc", "clang"]),
            ("tree.cpp", "-std=c++17", ["g++", "clang++"]),
        ] {
            let source = folder.path().join(name);
            std::fs::copy(example(name), &source).expect("because it is an example");
            for compiler in compilers {
                let program = folder.path().join(format!("{name}-{compiler}"));
                // The line of the README.
                let line = format!(
                    "{compiler} {standard} {name} $(pkg-config --cflags --libs {} gitlade) -o {}",
                    if with_shared { "" } else { "--static" },
                    program.display()
                );
                let mut shell = Command::new("sh");
                shell.args(["-c", &line]).current_dir(folder.path());
                run(shell.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
                let library = prefix.join("lib");
                let needed = run(Command::new("readelf").arg("-d").arg(&program)).stdout;
                let needs = String::from_utf8_lossy(&needed).contains("libgitlade.so.0.1");
                assert_eq!(needs, with_shared);
                let place = scratch();
                let repository = sample_repository(place.path());
                let mut command = Command::new(&program);
                run(command.arg(&repository).env("LD_LIBRARY_PATH", &library));
            }
        }
    }
}

#[test]
fn strangers_fetch_the_sources_by_cmake() {
    let root = Path::new(CRATE)
        .parent()
        .expect("because it is in the workspace");
    // Always the same place, so that what is built there replaces what was.
    let folder = installed::scratch("fetched");
    std::fs::remove_dir_all(&folder).expect("because it was made");
    let folder = installed::scratch("fetched");
    // What is in the tree now, as a repository of its own.
    let repository = folder.join("gitlade.git");
    git(
        &folder,
        &["init", "-q", "--bare", "-b", "main", "gitlade.git"],
    );
    let git_here = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&repository).arg("--work-tree");
        command
            .arg(root)
            .args(["-c", "user.name=n", "-c", "user.email=e"]);
        run(isolated(command.args(arguments)).current_dir(root));
    };
    git_here(&["add", "--all", "."]);
    git_here(&["commit", "-q", "-m", "sources"]);
    let find = format!(
        "include(FetchContent)\n\
         FetchContent_Declare(gitlade GIT_REPOSITORY file://{} GIT_TAG main GIT_SHALLOW TRUE SOURCE_SUBDIR ffi)\n\
         FetchContent_MakeAvailable(gitlade)",
        repository.display()
    );
    let host = folder.join("host");
    project(&host, &find, &["gitlade"]);
    // The dependencies are built there already.
    let _ = prefix();
    let arguments = [
        format!("-DGITLADE_TARGET_DIR={}", target().display()),
        "-DCMAKE_BUILD_TYPE=Debug".to_owned(),
    ];
    let place = built(&host, &arguments);
    for language in ["c", "cpp"] {
        assert!(lists(&place.join(format!("tree-{language}-gitlade"))));
    }
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
