//! The installed library, and programs that are compiled against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The folder of this package.
pub(crate) const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// A folder below the target folder, for what the tests make.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("because the target folder can be written");
    folder
}

/// Installs the library with what lets tests inject panics, once, and says where.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = scratch("prefix");
        let mut install = Command::new(Path::new(CRATE).join("install"));
        install
            .args(["--debug", "--features", "fault-injection"])
            .arg(&prefix);
        // Where Cargo builds these tests, the library's dependencies are built already.
        install.env("CARGO_TARGET_DIR", target());
        run(outside(&mut install));
        prefix
    })
}

/// Takes away what Cargo tells the tests about their own package: build scripts of dependencies look at
/// it, and would build those anew, again and again.
pub(crate) fn outside(command: &mut Command) -> &mut Command {
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
        "CARGO_PKG_VERSION_MAJOR",
        "CARGO_PKG_VERSION_MINOR",
        "CARGO_PKG_VERSION_PATCH",
        "CARGO_PKG_VERSION_PRE",
    ] {
        command.env_remove(name);
    }
    command
}

/// The target folder of the running build.
pub(crate) fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("because it is target/tmp").to_owned()
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// What a program of this language is compiled with: every warning is an error.
pub(crate) fn compiler(compiler: &str, is_cpp: bool) -> Command {
    let mut command = Command::new(compiler);
    command.args([
        if is_cpp { "-std=c++17" } else { "-std=c99" },
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pedantic",
        "-g",
    ]);
    command
}

/// Compiles a program of `tests/c` against the installed library, with `pkg-config`.
pub(crate) fn build(source: &str, with: &str, more: &[&str]) -> PathBuf {
    let source = Path::new(CRATE).join("tests/c").join(source);
    build_file(&source, with, more)
}

/// Compiles a program anywhere against the installed library, with `pkg-config`.
pub(crate) fn build_file(source: &Path, with: &str, more: &[&str]) -> PathBuf {
    let is_cpp = source
        .extension()
        .is_some_and(|extension| extension == "cpp");
    let name = source.file_name().and_then(|name| name.to_str());
    let name = name.expect("because the names of sources are ASCII");
    let marks: String = more.concat().replace(|c: char| !c.is_alphanumeric(), "");
    let program = scratch("programs").join(format!("{name}-{with}{marks}"));
    let mut command = compiler(with, is_cpp);
    command
        .args(more)
        .arg(source)
        .args(pkg_config(&["--cflags", "--libs"]))
        .arg(format!("-Wl,-rpath,{}/lib", prefix().display()))
        .arg("-pthread")
        .arg("-o")
        .arg(&program);
    run(&mut command);
    program
}

/// What `pkg-config` says of the installed library.
pub(crate) fn pkg_config(what: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command
        .args(what)
        .arg("gitlade")
        .env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig"));
    let output = run(&mut command).stdout;
    let output = String::from_utf8(output).expect("because paths here are UTF-8");
    output.split_whitespace().map(str::to_owned).collect()
}
