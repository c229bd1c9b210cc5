//! `.gitmodules`, held against `git config`.

use gitlade::internals::opinion;
use gitlade_tests::git::Git;

#[test]
fn gitmodules_are_read_as_git_config_reads_them() {
    let folder = gitlade_tests::scratch_in_memory();
    let git = Git::init(folder.path().join("repository"), &[]);
    let (mut taken, mut refused) = (0, 0);
    for input in super::inputs("submodules", 100) {
        let file = input.split(|&byte| byte == 0).next().unwrap_or_default();
        std::fs::write(git.dir().join("file"), file).expect("because there is room");
        let output = git.output(&["config", "--file", "file", "--list", "-z"], b"");
        let theirs = output.success.then_some(output.stdout);
        match theirs {
            Some(_) => taken += 1,
            None => refused += 1,
        }
        assert_eq!(opinion::variables(file), theirs, "{}", file.escape_ascii());
    }
    assert!(
        taken > 30 && refused > 30,
        "{taken} taken, {refused} refused"
    );
}
