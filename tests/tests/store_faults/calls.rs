//! Each call by which an import changes something: killed there, or refused.

use super::*;

/// The calls of an import, each as a name and the number at which strace meets it first: it counts
/// the calls of each thread by itself, so of two threads' calls with one number the earlier is meant.
fn calls(stage: &Stage) -> Vec<(String, usize)> {
    let place = stage.copy("traced");
    let log = stage.path("log").display().to_string();
    let wrapper = ["strace", "-f", "-qq", "-o", &log].map(str::to_owned);
    let status = child(&wrapper, &place, "", 1, &[&stage.second]).status();
    assert!(status.expect("because strace is installed").success());
    assert!(told(&place).is_some_and(|said| said.starts_with("ok|")));
    let text = fs::read(&log).expect("because strace wrote it");
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut seen, mut calls, mut marks) = (BTreeSet::new(), Vec::new(), 0);
    for line in String::from_utf8_lossy(&text).lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        marks += usize::from(line.contains(MARK));
        let Some((name, _)) = rest.trim_start().split_once('(') else {
            continue;
        };
        if !CALLS.contains(&name) {
            continue;
        }
        let count = counts
            .entry((thread.to_owned(), name.to_owned()))
            .or_default();
        *count += 1;
        if seen.insert((name.to_owned(), *count))
            && marks == 1
            // Those of the repository are not the store's.
            && !line.contains("two.git")
        {
            calls.push((name.to_owned(), *count));
        }
    }
    assert_eq!(marks, 2);
    assert!(calls.len() > 60, "{}", calls.len());
    calls
}

/// Runs `work` for each of `all` on two threads.
fn each<A: Sync>(all: &[A], work: impl Fn(usize, &A) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((number, item)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    all.get(number).map(|item| (number, item))
                } {
                    work(number, item);
                }
            });
        }
    });
}

fn inject(name: &str, fault: &str, number: usize) -> Vec<String> {
    let (trace, inject) = (
        format!("trace={name}"),
        format!("inject={name}:{fault}:when={number}"),
    );
    [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn an_import_killed_at_any_call_loses_nothing_and_runs_again() {
    if !is_installed("strace") {
        return skip("an_import_killed_at_any_call", "strace is not installed");
    }
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let all = calls(&stage);
    let tried = some(&all, 30);
    let (killed, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    each(&tried, |number, (name, count)| {
        let what = format!("killed at {name} {count}");
        let place = stage.copy(&format!("killed-{number}"));
        let status = child(
            &inject(name, "signal=KILL", *count),
            &place,
            "",
            1,
            &[&stage.second],
        )
        .status()
        .expect("because strace is installed");
        killed.fetch_add(
            usize::from(status.signal() == Some(9) || !status.success()),
            Ordering::Relaxed,
        );
        let complete = assert_whole(&stage, &place, &truths, &what);
        finished.fetch_add(complete - 1, Ordering::Relaxed);
        fs::remove_dir_all(&place).expect("because it is there");
    });
    let (killed, finished) = (killed.into_inner(), finished.into_inner());
    println!(
        "killed at {} of {} calls: {killed} died, of which {finished} had finished",
        tried.len(),
        all.len()
    );
    assert!(killed * 10 >= tried.len() * 8, "{killed}");
}

#[test]
fn an_import_whose_calls_fail_leaves_the_store_as_it_was() {
    if !is_installed("strace") {
        return skip("an_import_whose_calls_fail", "strace is not installed");
    }
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let calls = calls(&stage);
    let errnos = ["ENOSPC", "EIO", "EROFS", "EMFILE", "EDQUOT", "EACCES"];
    let all: Vec<(&str, &str, usize)> = calls
        .iter()
        .flat_map(|(name, count)| errnos.map(|errno| (&**name, errno, *count)))
        .collect();
    let tried = some(&all, 60);
    let kinds = std::sync::Mutex::new(BTreeMap::<String, usize>::new());
    each(&tried, |number, &(name, errno, count)| {
        let what = format!("{errno} at {name} {count}");
        let place = stage.copy(&format!("failed-{number}"));
        let begin = Instant::now();
        let wrapper = inject(name, &format!("error={errno}"), count);
        let status = child(&wrapper, &place, "", 1, &[&stage.second])
            .status()
            .expect("because strace is installed");
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}: hangs");
        let said = told(&place);
        let kind = match &said {
            Some(said) => said.split('|').next().unwrap_or_default().to_owned(),
            // The loader or the harness itself was hit.
            None => {
                assert!(!status.success(), "{what}");
                "not begun".to_owned()
            }
        };
        assert!(
            [
                "ok",
                "io",
                "storage_full",
                "permission_denied",
                "busy",
                "not begun",
                "corrupt_store"
            ]
            .contains(&&*kind),
            "{what}: {said:?}"
        );
        *kinds
            .lock()
            .expect("because nobody panics")
            .entry(kind)
            .or_default() += 1;
        assert_whole(&stage, &place, &truths, &what);
        fs::remove_dir_all(&place).expect("because it is there");
    });
    let kinds = kinds.into_inner().expect("because nobody panicked");
    println!("{} of {} failing calls: {kinds:?}", tried.len(), all.len());
    assert!(kinds.keys().any(|kind| kind == "storage_full"), "{kinds:?}");
}

/// The calls that change something, or may be refused.
const CALLS: [&str; 15] = [
    "openat",
    "mkdir",
    "mkdirat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "syncfs",
    "rename",
    "renameat",
    "unlink",
    "unlinkat",
    "ftruncate",
    "fallocate",
    "flock",
];
