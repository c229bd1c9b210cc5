//! Manifests in files: whole, or not at all.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, finish, names, program};

#[test]
fn the_file_holds_what_standard_output_gets() {
    let fixture = Fixture::new();
    let expected = fixture.import(&[]).good();
    let out = fixture.path("out");
    std::fs::create_dir(&out).expect("there is room");
    let file = out.join("m.ndjson");
    let path = file.to_str().expect("it is UTF-8");
    assert!(fixture.import(&["--manifest", path]).good().is_empty());
    assert_eq!(std::fs::read(&file).expect("it is there"), expected);
    assert_eq!(names(&out), ["m.ndjson"]);
}

#[test]
fn what_was_there_stays_after_an_error_and_keeps_its_mode_after_success() {
    let fixture = Fixture::new();
    let out = fixture.path("out");
    std::fs::create_dir(&out).expect("there is room");
    let file = out.join("m.ndjson");
    std::fs::write(&file, "before").expect("there is room");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    std::os::unix::fs::symlink("m.ndjson", out.join("link")).expect("there is room");
    let link = out.join("link");
    let link = link.to_str().expect("it is UTF-8");
    fixture
        .import(&["--manifest", link, "--max-entries", "1"])
        .bad(24);
    assert_eq!(std::fs::read(&file).expect("it is there"), b"before");
    assert_eq!(names(&out), ["link", "m.ndjson"]);

    fixture.import(&["--manifest", link]).good();
    let written = std::fs::read(&file).expect("it is there");
    assert_eq!(written, fixture.import(&[]).good());
    let mode = file.metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(out.join("link").is_symlink());
    assert_eq!(names(&out), ["link", "m.ndjson"]);
}

#[test]
fn places_that_cannot_be_written_to() {
    let fixture = Fixture::new();
    let folder = fixture.path("");
    for (file, code) in [
        ("missing/m.ndjson", 26),
        ("repository", 26),
        ("repository/README.md/m.ndjson", 26),
    ] {
        let path = folder.join(file);
        let path = path.to_str().expect("it is UTF-8");
        let message = fixture.import(&["--manifest", path]).bad(code);
        assert!(message.contains(file), "{message}");
    }
    assert_eq!(names(&folder), ["repository"]);
}

/// A full device is no place for a file beside it, and is written to as it is.
#[test]
fn a_full_disk() {
    let fixture = Fixture::new();
    let message = fixture.import(&["--manifest", "/dev/full"]).bad(28);
    assert!(message.contains("No space left"), "{message}");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let run = finish(
        program()
            .arg("import")
            .arg(&fixture.repository)
            .stdout(full),
    );
    run.bad(28);
    fixture.import(&["--manifest", "/dev/null"]).good();
}

/// Root may write anywhere, so the program runs as nobody if the tests run as root.
#[test]
fn a_folder_without_permission() {
    let fixture = Fixture::new();
    let out = fixture.path("out");
    std::fs::create_dir(&out).expect("there is room");
    let everyone = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(fixture.folder.path(), everyone).expect("it is ours");
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o555)).expect("it is ours");
    let copy = fixture.path("gitlade");
    std::fs::copy(env!("CARGO_BIN_EXE_gitlade"), &copy).expect("there is room");
    let mut command = std::process::Command::new(copy);
    command.arg("import").arg(&fixture.repository);
    command.arg("--manifest").arg(out.join("m.ndjson"));
    use std::os::unix::fs::MetadataExt;
    if fixture.folder.path().metadata().expect("it is there").uid() == 0 {
        command.uid(65534).gid(65534);
    }
    finish(&mut command).bad(27);
    assert!(names(&out).is_empty());
}

/// A reader that does not read holds the program in the middle of its work.
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let fixture = Fixture::new();
    for number in 0..50 {
        fixture.write(&format!("many/{number}.bin"), &noise(number, 400_000));
    }
    fixture.git(&["commit", "-q", "-m", "many"]);
    let out = fixture.path("out");
    std::fs::create_dir(&out).expect("there is room");
    let mut child = program()
        .arg("import")
        .arg(&fixture.repository)
        .args(["--threads", "1", "--manifest"])
        .arg(out.join("m.ndjson"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let started = Instant::now();
    while names(&out).is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing is begun"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(killed.expect("kill is there").success());
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(130));
    assert!(names(&out).is_empty(), "{:?}", names(&out));
}

fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let step = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(step).take(length).collect()
}
