//! Packs, held against `git index-pack`.

use std::collections::BTreeSet;
use std::path::Path;

use gitlade_tests::git::Git;
use gitlade_tests::random::Random;
use gitlade_tests::seeds::seeds;

/// Mutations of each pack; each costs two processes.
const MUTATIONS: usize = 40;

/// The ids that `git index-pack` finds, if it takes the pack.
fn by_git(git: &Git, folder: &Path, pack: &[u8]) -> Option<BTreeSet<String>> {
    let index = folder.join("pack.idx");
    let index_name = index.to_str().expect("because temporary names are plain");
    let file = folder.join("pack.pack");
    std::fs::write(&file, pack).expect("because there is room");
    let name = file.to_str().expect("because temporary names are plain");
    let _ = std::fs::remove_file(&index);
    if !git
        .output(&["index-pack", "-o", index_name, name], b"")
        .success
    {
        return None;
    }
    let index = std::fs::read(&index).expect("because it was just written");
    let shown = String::from_utf8(git.feed(&["show-index"], &index));
    let shown = shown.expect("because ids are ASCII");
    let ids = shown.lines().filter_map(|line| line.split(' ').nth(1));
    Some(ids.map(str::to_owned).collect())
}

#[test]
fn packs_are_taken_as_git_index_pack_takes_them() {
    let folder = gitlade_tests::scratch_in_memory();
    let git = Git::init(folder.path().join("repository"), &[]);
    let mut random = Random::new(3);
    let mut packs = gitlade_fuzz::Packs::new();
    let (mut taken, mut refused) = (0, 0);
    for seed in seeds("pack") {
        for number in 0..=MUTATIONS {
            let mut pack = seed.clone();
            // The first one stays as it is. The others have a right checksum as often as not.
            if number > 0 {
                let at = random.below(pack.len() - 20);
                pack[at] ^= 1 << random.below(8);
                if number % 2 == 0 {
                    let end = pack.len() - 20;
                    let checksum = gitlade_tests::objects::checksum(
                        gitlade::ObjectFormat::Sha1,
                        &[&pack[..end]],
                    );
                    pack.truncate(end);
                    pack.extend_from_slice(&checksum);
                }
            }
            let ours = packs
                .take(&pack)
                .map(|objects| objects.ids.iter().map(ToString::to_string).collect());
            let theirs = by_git(&git, folder.path(), &pack);
            match &theirs {
                Some(_) => taken += 1,
                None => refused += 1,
            }
            assert_eq!(ours, theirs, "{pack:?}");
        }
    }
    assert!(
        taken > 8 && refused > 50,
        "{taken} taken, {refused} refused"
    );
}
