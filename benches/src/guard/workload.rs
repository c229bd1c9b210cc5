//! What is counted.

use std::fs::{self, File};
use std::path::Path;

use gitlade::{Control, Limits, Manifest, ObjectId, Options, internals};

use super::pack::Pack;
use crate::delta;
use crate::fixture::Fixture;
use crate::git::Result;
use crate::shapes::{Random, Shape};

/// A fixed piece of work, prepared by one process and done by another, so that only doing it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A repository from the disk, its manifest thrown away.
    Import,
    /// A pack of deltas, as from a server.
    Ingest,
    /// Texts in several encodings.
    ExamineText,
    /// Contents that are no text.
    ExamineBinary,
    /// Folders, checked and put in order.
    Outline,
    /// Attributes of many paths.
    Attributes,
    /// A manifest, read with all its checks.
    ReadManifest,
    /// The same, read once and written four times.
    WriteManifest,
    /// Deltas of short and of long copies.
    Deltas,
}

impl Workload {
    /// All of them.
    pub const ALL: [Workload; 9] = [
        Workload::Import,
        Workload::Ingest,
        Workload::ExamineText,
        Workload::ExamineBinary,
        Workload::Outline,
        Workload::Attributes,
        Workload::ReadManifest,
        Workload::WriteManifest,
        Workload::Deltas,
    ];

    /// What it is called in the baselines.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Import => "import",
            Workload::Ingest => "ingest",
            Workload::ExamineText => "examine-text",
            Workload::ExamineBinary => "examine-binary",
            Workload::Outline => "outline",
            Workload::Attributes => "attributes",
            Workload::ReadManifest => "read-manifest",
            Workload::WriteManifest => "write-manifest",
            Workload::Deltas => "deltas",
        }
    }

    /// The workload called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Puts what it works on into `folder`.
    ///
    /// # Errors
    ///
    /// If Git fails, or a file cannot be written.
    pub fn prepare(self, folder: &Path) -> Result<()> {
        match self {
            Workload::Import => {
                let pack = Pack::of(Shape::ManyTiny.files(1_000), false);
                pack.write_repository(&folder.join("repository"))
            }
            Workload::Ingest => {
                let pack = Pack::of(Shape::Deltas.files(300), true);
                Ok(fs::write(folder.join("pack"), pack.bytes())?)
            }
            Workload::ExamineText => Ok(fs::write(folder.join("content"), texts())?),
            Workload::ExamineBinary => {
                let content = Random::new(2).binary(8 << 20);
                Ok(fs::write(folder.join("content"), content)?)
            }
            Workload::Outline => {
                let fixture = Fixture::of_size(Shape::ManyTiny, 10_000)?;
                fs::write(folder.join("root"), fixture.root.to_string())?;
                // In one file: opening many costs more where their paths are longer.
                let mut trees = Vec::new();
                for (id, bytes) in &fixture.trees {
                    trees.extend_from_slice(format!("{id} {}\n", bytes.len()).as_bytes());
                    trees.extend_from_slice(bytes);
                }
                Ok(fs::write(folder.join("trees"), trees)?)
            }
            Workload::Attributes => {
                let paths = Shape::ManyTiny.files(5_000).map(|(path, _)| path + "\n");
                Ok(fs::write(folder.join("paths"), paths.collect::<String>())?)
            }
            Workload::ReadManifest | Workload::WriteManifest => {
                let fixture = Fixture::of_size(Shape::ManyTiny, 3_000)?;
                import(&fixture.path)?
                    .write_ndjson(File::create(folder.join("manifest"))?)
                    .map_err(Into::into)
            }
            Workload::Deltas => {
                let base = Random::new(1).text(1 << 20);
                for (name, copied, inserted) in [("long", 60_000, 20), ("short", 16, 4)] {
                    let (delta, _) = delta::make(&base, 1 << 20, copied, inserted);
                    fs::write(folder.join(name), delta)?;
                }
                Ok(fs::write(folder.join("base"), base)?)
            }
        }
    }

    /// Does it once, with what is in `folder`, on one thread.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or what comes out is not what has to.
    pub fn run(self, folder: &Path) -> Result<()> {
        let read = |name: &str| fs::read(folder.join(name));
        let (found, expected) = match self {
            Workload::Import => {
                let manifest = import(&folder.join("repository"))?;
                manifest.write_ndjson(std::io::sink())?;
                (manifest.totals().files as usize, 1_000)
            }
            Workload::Ingest => {
                let mut pack = File::open(folder.join("pack"))?;
                (internals::ingest(&mut pack, 1)?, 300)
            }
            Workload::ExamineText => (count_texts(&read("content")?, SIZE), TEXTS),
            Workload::ExamineBinary => (count_texts(&read("content")?, 1 << 20), 0),
            Workload::Outline => {
                let root: ObjectId = String::from_utf8(read("root")?)?.parse()?;
                let trees = read_trees(folder)?;
                // A hundred files in each of a hundred folders, which lie in one.
                (internals::outline(root, &trees)? as usize, 10_000 + 101)
            }
            Workload::Attributes => {
                let paths = read("paths")?;
                let paths = paths.split(|&byte| byte == b'\n').map(<[u8]>::to_vec);
                let mut paths: Vec<_> = paths.collect();
                paths.pop();
                let rules = "*.c diff=cpp\n*.h -text\n**/07.c -text\n/00/01/*.c -text\n";
                // One in each of fifty folders, and a hundred in one of them.
                (internals::attributes(rules.as_bytes(), &paths)?, 49 + 100)
            }
            Workload::ReadManifest => (read_manifest(folder)?.totals().files as usize, 3_000),
            Workload::WriteManifest => {
                let manifest = read_manifest(folder)?;
                let mut written = Vec::new();
                for _ in 0..4 {
                    written.clear();
                    manifest.write_ndjson(&mut written)?;
                }
                (written.len(), read("manifest")?.len())
            }
            Workload::Deltas => {
                let base = read("base")?;
                let mut len = 0;
                for name in ["long", "short"] {
                    let result = internals::apply_delta(&base, &read(name)?);
                    len += result.ok_or("the delta is refused")?.len();
                }
                (len, 2 << 20)
            }
        };
        if found != expected {
            return Err(format!("{}: {found} instead of {expected}", self.name()).into());
        }
        Ok(())
    }
}

fn import(path: &Path) -> Result<Manifest> {
    let options = Options::default().threads(1);
    Ok(gitlade::import_path(path, &options, &Control::new())?.into_manifest())
}

fn read_manifest(folder: &Path) -> Result<Manifest> {
    let text = fs::read(folder.join("manifest"))?;
    Ok(Manifest::read_ndjson(&text[..], &Limits::default())?)
}

/// The folders in the file that [`Workload::prepare`] makes of them: a line with id and length before
/// each.
fn read_trees(folder: &Path) -> Result<Vec<(ObjectId, Vec<u8>)>> {
    let all = fs::read(folder.join("trees"))?;
    let mut rest = &all[..];
    let mut trees = Vec::new();
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let line = std::str::from_utf8(&rest[..end])?;
        let (id, len) = line.split_once(' ').ok_or("no length")?;
        let (bytes, after) = rest[end + 1..]
            .split_at_checked(len.parse()?)
            .ok_or("cut off")?;
        trees.push((id.parse()?, bytes.to_vec()));
        rest = after;
    }
    Ok(trees)
}

/// Contents in [`texts`], and the bytes of each.
const TEXTS: usize = 300;
const SIZE: usize = 8 << 10;

/// A hundred texts each in ASCII, UTF-8, and Latin-1.
fn texts() -> Vec<u8> {
    let mut content = Vec::new();
    for number in 0..TEXTS {
        let ascii = Random::new(number as u64).text(SIZE);
        let text = String::from_utf8_lossy(&ascii).replace("ret", "größe");
        let end = (0..=SIZE).rfind(|&end| text.is_char_boundary(end));
        let end = end.unwrap_or_default();
        let mut bytes = match number % 3 {
            0 => ascii,
            // A letter that would be cut in two is left out.
            1 => text.as_bytes()[..end].to_vec(),
            _ => text.chars().map(|letter| letter as u8).collect(),
        };
        bytes.resize(SIZE, b' ');
        content.extend_from_slice(&bytes);
    }
    content
}

fn count_texts(contents: &[u8], size: usize) -> usize {
    let contents = contents.chunks(size);
    contents
        .filter(|content| internals::examine(content).1)
        .count()
}
