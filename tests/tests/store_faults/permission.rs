//! Stores of which something may not be read or written, by somebody without special rights.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;

use gitlade::{Error, ImportId, ProblemKind, RepairOptions};

use super::*;

/// Tells a child the store, the repository and where to tell.
const ORDERS: &str = "GITLADE_TEST_PERMISSION";

/// Who has no rights on most systems; only the number matters.
const NOBODY: u32 = 65_534;

/// What the child tries, in this order.
const TRIED: [&str; 6] = ["import", "read only", "text", "bytes", "check", "repair"];

#[test]
#[ignore = "is what the child of another test does"]
fn user() {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is how a child gets its orders"
    )]
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let words: Vec<&str> = orders.lines().collect();
    let [place, repository, told] = words[..] else {
        panic!("{orders}");
    };
    let source = Source::Local(PathBuf::from(repository));
    let options = StoreOptions::default().read_only(true);
    let reader = || Store::open_with(place, &options);
    let problems = |report: gitlade::CheckReport| {
        let kinds = report.listed.iter().map(|problem| problem.kind);
        kinds.map(ProblemKind::name).collect::<Vec<_>>().join("+")
    };
    let results: [Result<String, Error>; 6] = [
        Store::open(place)
            .and_then(|store| store.import(&source, &Options::default(), &Control::new()))
            .map(|record| record.status.to_string()),
        reader().map(|_| "opened".to_owned()),
        reader().and_then(|store| store.text(ImportId(1), "shared.txt")),
        reader()
            .and_then(|store| store.bytes(ImportId(1), "shared.bin"))
            .map(|bytes| bytes.len().to_string()),
        reader()
            .and_then(|store| store.check(&gitlade::CheckOptions::default(), &Control::new()))
            .map(problems),
        Store::open(place)
            .and_then(|store| store.repair(&RepairOptions::default(), &Control::new()))
            .map(|report| format!("{} unreadable, {} lost", report.unreadable, report.losses)),
    ];
    let lines = results.map(|result| match result {
        Ok(said) => said.trim_end().to_owned(),
        Err(error) => format!("{} {}", error.kind().name(), error.advice().is_some()),
    });
    fs::write(told, lines.join("\n")).expect("because the parent made it");
}

/// Gives all that lies there to somebody without rights, if this process has them.
fn give_away(path: &Path) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    chown(path, Some(NOBODY), Some(NOBODY)).expect("because root may");
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("because it is there") {
            give_away(&entry.expect("because it can be read").path());
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).expect("because it is there");
}

/// What the child says of each thing that it tries; `None` if it cannot be started.
fn said(stage: &Stage, place: &Path) -> Option<Vec<String>> {
    let told = stage.path("told");
    fs::create_dir_all(&told).expect("because there is room");
    give_away(&told);
    let told = told.join("said");
    let _ = fs::remove_file(&told);
    let this = std::env::current_exe().expect("because this program runs");
    let mut command = Command::new(this);
    command
        .args(["--exact", "store_faults::permission::user", "--ignored"])
        .env(
            ORDERS,
            [place, &stage.second, &told]
                .map(|path| path.display().to_string())
                .join("\n"),
        )
        .current_dir("/")
        .stdin(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().ok()?;
    let text = fs::read_to_string(&told);
    let text = text.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)));
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn what_may_not_be_read_or_written_is_an_error_that_says_so() {
    const NO: &str = "permission_denied true";
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    set_mode(stage.folder.path(), 0o755);
    give_away(&stage.second);
    /// A name, what is set to which mode, and what follows of it.
    type Case = (
        &'static str,
        &'static [(&'static str, u32)],
        [&'static str; 6],
    );
    let cases: [Case; 7] = [
        (
            "everything",
            &[],
            [
                "complete",
                "opened",
                "shared",
                "500",
                "",
                "0 unreadable, 0 lost",
            ],
        ),
        (
            "only to read",
            &[
                ("gitlade.db", 0o444),
                ("blobs", 0o555),
                ("locks", 0o555),
                (".", 0o555),
            ],
            [NO, "opened", "shared", "500", "", NO],
        ),
        ("nothing", &[(".", 0o000)], [NO; 6]),
        ("no database", &[("gitlade.db", 0o000)], [NO; 6]),
        (
            "no new locks",
            &[("locks", 0o555)],
            [NO, "opened", "shared", "500", "", "0 unreadable, 0 lost"],
        ),
        (
            "no new blobs",
            &[("blobs", 0o555)],
            [NO, "opened", "shared", "500", "", "0 unreadable, 0 lost"],
        ),
        (
            "no blob",
            &[("blob", 0o000)],
            [
                "complete",
                "opened",
                "shared",
                NO,
                "blob_unreadable",
                "1 unreadable, 0 lost",
            ],
        ),
    ];
    for (number, (what, modes, expected)) in cases.iter().enumerate() {
        let place = stage.copy(&format!("place-{number}"));
        give_away(&place);
        let blob = || {
            let fans = fs::read_dir(place.join("blobs")).expect("because it is there");
            let fans = fans.map(|fan| fan.expect("because it can be read").path());
            let fan = fans.filter(|fan| fan.to_string_lossy().ends_with(|c: char| c != 'p'));
            let fan = fan.max().expect("because there is a blob");
            let mut blobs = fs::read_dir(fan).expect("because it is there");
            let blob = blobs.next().expect("because there is one");
            blob.expect("because it can be read").path()
        };
        let modes: Vec<(PathBuf, u32)> = modes
            .iter()
            .map(|&(name, mode)| match name {
                "blob" => (blob(), mode),
                name => (place.join(name), mode),
            })
            .collect();
        let before: Vec<u32> = modes
            .iter()
            .map(|(path, _)| fs::metadata(path).expect("because it is there").mode())
            .collect();
        for (path, mode) in &modes {
            set_mode(path, *mode);
        }
        let Some(said) = said(&stage, &place) else {
            return skip(
                "what_may_not_be_read_or_written",
                "somebody without rights may not start this program",
            );
        };
        for ((path, _), mode) in modes.iter().zip(before).rev() {
            set_mode(path, mode);
        }
        for ((tried, said), expected) in TRIED.iter().zip(&said).zip(expected) {
            assert_eq!(said, expected, "{what}: {tried}");
        }
        assert_whole(&stage, &place, &truths, what);
    }
}
