//! From what a feeder handed over to the manifest.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::attributes::{AttributeStack, PathAttributes};
use crate::content::{
    BlobFacts, ForcedExaminer, Traits, guess, is_binary_to_git, needs_guess, verdict,
};
use crate::error::{Error, LimitError};
use crate::id::ObjectId;
use crate::import::content::ContentSource;
use crate::import::feed::{BlobState, Feed, Rules};
use crate::import::options::{Control, Options};
use crate::manifest::{BlobIndex, Builder, Flags, Header, Manifest, SkipReason, Verdict};
use crate::pack::Found;
use crate::progress::Step;
use crate::tree::{BlobUses, EntryKind, Item, Outline, Submodules, TreePath, Visit};

/// Puts the manifest together.
pub(super) fn assemble(
    feed: Feed,
    options: &Options,
    control: &Control,
) -> Result<(Manifest, ContentSource), Error> {
    let Feed {
        header,
        outline,
        blobs,
        rules,
        content,
    } = feed;
    control.progress.enter(Step::Ordering, 0, 0);
    control.progress.set_files(outline.totals().files);
    let side = SideFiles::read(&outline, &blobs, &rules, &content, options)?;
    let parts = Parts {
        header,
        outline: &outline,
        blobs: &blobs,
        rules: &rules,
        side: &side,
    };
    let built = build(&parts, &HashMap::new(), options, control)?;
    let builder = match built.declared.is_empty() {
        true => built.builder,
        false => {
            // Rare, so that the common case need not walk twice to find out.
            let declared = built.declared;
            drop(built.builder);
            let forced = read_forced(declared, &content, options)?;
            build(&parts, &forced, options, control)?.builder
        }
    };
    Ok((builder.finish()?, content))
}

/// What is put together.
struct Parts<'a> {
    header: Header,
    outline: &'a Outline,
    blobs: &'a [BlobState],
    rules: &'a Rules,
    side: &'a SideFiles,
}

struct Built {
    builder: Builder,
    /// Blobs that look binary, and that attributes declare to be text, as far as there is nothing
    /// in `forced` for them.
    declared: HashSet<ObjectId>,
}

/// Walks the outline, and adds everything to a builder.
fn build(
    parts: &Parts<'_>,
    forced: &HashMap<ObjectId, Traits>,
    options: &Options,
    control: &Control,
) -> Result<Built, Error> {
    let outline = parts.outline;
    let totals = outline.totals();
    let mut builder = Builder::new(parts.header.clone());
    builder.reserve(
        outline.len() - totals.folders as usize,
        totals.folders as usize,
        outline.blobs().len(),
        totals.path_bytes as usize,
    );
    builder.exclude(totals.excluded);
    let mut assembly = Assembly {
        indexes: vec![None; parts.blobs.len()],
        blobs: parts.blobs,
        forced,
        declared: HashSet::new(),
        side: parts.side,
        total: 0,
        options,
        builder,
    };
    walk(parts, options, &mut |visit, attributes| {
        control.cancel.check()?;
        assembly.visit(visit, attributes)
    })?;
    Ok(Built {
        builder: assembly.builder,
        declared: assembly.declared,
    })
}

/// Walks the outline with the attributes of the files at hand.
fn walk(
    parts: &Parts<'_>,
    options: &Options,
    each: &mut dyn FnMut(Visit<'_>, Attributed<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let limits = &options.limits;
    let Parts {
        outline,
        rules,
        side,
        ..
    } = *parts;
    let mut above = rules.above.iter().copied();
    let mut stack = AttributeStack::new(side.attributes(above.next().flatten()), limits)?;
    for (name, file) in rules.subdir.names().zip(above) {
        stack.enter(name, side.attributes(file))?;
    }
    let mut walk = outline.walk();
    while let Some(visit) = walk.next() {
        match visit {
            Visit::Enter(item) => {
                let file = attributes_file(outline, item.id);
                stack
                    .enter(item.name, side.attributes(file))
                    .map_err(|error| error.at_path(item.path))?;
                each(visit, Attributed::none(&stack))?;
            }
            Visit::Leave => {
                stack.leave();
                each(visit, Attributed::none(&stack))?;
            }
            Visit::File(item, _) => {
                let attributes = stack
                    .attributes_of(item.name, false)
                    .map_err(|error| error.at_path(item.path))?;
                each(
                    visit,
                    Attributed {
                        attributes,
                        stack: &stack,
                    },
                )?;
            }
            Visit::Symlink(..) | Visit::Submodule(_) => each(visit, Attributed::none(&stack))?,
        }
    }
    Ok(())
}

/// The attributes of an entry, and where the names in them are.
struct Attributed<'a> {
    attributes: PathAttributes,
    stack: &'a AttributeStack,
}

impl<'a> Attributed<'a> {
    fn none(stack: &'a AttributeStack) -> Self {
        Attributed {
            attributes: PathAttributes::default(),
            stack,
        }
    }
}

/// The `.gitattributes` of a folder, unless that is a symlink or something else.
fn attributes_file(outline: &Outline, tree: ObjectId) -> Option<ObjectId> {
    outline
        .trees()
        .opened_entry(tree, b".gitattributes")
        .filter(|found| found.kind == EntryKind::File)
        .map(|found| found.id)
}

/// Contents that are needed to understand the others.
struct SideFiles {
    contents: HashMap<ObjectId, Vec<u8>>,
    submodules: Submodules,
    subdir: TreePath,
}

impl SideFiles {
    /// Reads the attributes files, the targets of symlinks and `.gitmodules`.
    fn read(
        outline: &Outline,
        blobs: &[BlobState],
        rules: &Rules,
        content: &ContentSource,
        options: &Options,
    ) -> Result<Self, Error> {
        let limits = &options.limits;
        let mut attributes: HashSet<ObjectId> = rules.above.iter().flatten().copied().collect();
        let folders = outline.folders();
        attributes.extend(folders.filter_map(|tree| attributes_file(outline, tree)));
        let targets = outline
            .blobs()
            .iter()
            .zip(blobs)
            .filter(|(blob, state)| {
                blob.uses.contains(BlobUses::SYMLINK) && matches!(state, BlobState::Read(_))
            })
            .map(|(blob, _)| blob.id);
        let keep_out = |_, _| Ok(());
        let refuse = |id, size| {
            Err(LimitError::new("max_attributes", limits.max_attributes)
                .actual(size)
                .at_object(id)
                .into())
        };
        let modules = match rules.modules {
            Some(id) if outline.totals().submodules > 0 => content
                .read_small([id], limits.max_attributes, &refuse)?
                .remove(&id),
            _ => None,
        };
        let mut contents = content.read_small(targets, limits.max_path, &keep_out)?;
        contents.extend(content.read_small(attributes, limits.max_attributes, &refuse)?);
        Ok(SideFiles {
            contents,
            submodules: Submodules::parse(&modules.unwrap_or_default(), limits),
            subdir: rules.subdir.clone(),
        })
    }

    fn attributes(&self, id: Option<ObjectId>) -> Option<&[u8]> {
        self.contents.get(&id?).map(Vec::as_slice)
    }

    fn url(&self, path: &[u8]) -> Option<&[u8]> {
        self.submodules.url(&self.subdir.join(path))
    }
}

/// Classifies those blobs as text that attributes declare to be one although the bytes look binary.
fn read_forced(
    ids: HashSet<ObjectId>,
    content: &ContentSource,
    options: &Options,
) -> Result<HashMap<ObjectId, Traits>, Error> {
    let mut ids: Vec<ObjectId> = ids.into_iter().collect();
    ids.sort_unstable();
    let traits = Mutex::new(HashMap::new());
    let classify = |number: usize, found: Found<'_>| {
        let found = match found {
            Found::Whole(_, bytes) => guess(bytes),
            Found::Stream(_, stream) => {
                let mut examiner = ForcedExaminer::new();
                stream.for_each_chunk(&mut |chunk| {
                    examiner.update(chunk);
                    Ok(())
                })?;
                examiner.finish()
            }
            Found::TooLarge(_) | Found::Missing => return Ok(()),
        };
        traits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(ids[number], found);
        Ok(())
    };
    content.read(&ids, options.limits.max_blob, &classify)?;
    Ok(traits.into_inner().unwrap_or_else(PoisonError::into_inner))
}

struct Assembly<'a> {
    builder: Builder,
    blobs: &'a [BlobState],
    /// The builder's number of each blob that was added to it.
    indexes: Vec<Option<BlobIndex>>,
    forced: &'a HashMap<ObjectId, Traits>,
    declared: HashSet<ObjectId>,
    side: &'a SideFiles,
    options: &'a Options,
    total: u64,
}

impl<'a> Assembly<'a> {
    fn visit(&mut self, visit: Visit<'_>, attributed: Attributed<'_>) -> Result<(), Error> {
        match visit {
            Visit::Enter(item) => {
                self.builder
                    .open_folder(item.name, item.mode, item.id, item.flags);
            }
            Visit::Leave => self.builder.close_folder(),
            Visit::File(item, blob) => {
                let Some((index, facts)) = self.read(&item, blob)? else {
                    return Ok(());
                };
                let traits = self.traits(&item, facts, attributed.attributes);
                let verdict = Verdict {
                    content: verdict(traits, attributed.attributes),
                    git_binary: is_binary_to_git(&facts.traits, facts.size, attributed.attributes),
                    lfs_filter: attributed.attributes.lfs,
                    working_tree_encoding: attributed
                        .attributes
                        .working_tree_encoding
                        .map(|name| attributed.stack.encoding_name(name))
                        .and_then(|name| std::str::from_utf8(name).ok()),
                };
                self.builder
                    .file(item.name, item.mode, index, &verdict, item.flags);
            }
            Visit::Symlink(item, blob) => {
                let Some((index, _)) = self.read(&item, blob)? else {
                    return Ok(());
                };
                let target = self.side.contents.get(&item.id).map(Vec::as_slice);
                self.builder
                    .symlink(item.name, item.mode, index, target, item.flags);
            }
            Visit::Submodule(item) => {
                let url = self.side.url(item.path);
                let mut flags = item.flags;
                if self.side.submodules.fault().is_some() {
                    flags |= Flags::GITMODULES_UNREADABLE;
                }
                self.builder
                    .submodule(item.name, item.mode, item.id, url, flags);
            }
        }
        Ok(())
    }

    /// The facts of an entry's blob; `None` if it was skipped, which the manifest then says.
    fn read(
        &mut self,
        item: &Item<'_>,
        blob: usize,
    ) -> Result<Option<(BlobIndex, &'a BlobFacts)>, Error> {
        let limits = &self.options.limits;
        let (size, reason) = match &self.blobs[blob] {
            BlobState::Read(facts) if facts.size > limits.max_blob => {
                (Some(facts.size), SkipReason::TooLarge)
            }
            BlobState::Read(facts) => {
                self.total = self.total.saturating_add(facts.size);
                crate::limits::check("max_total_bytes", limits.max_total_bytes, self.total)
                    .map_err(|error| error.at_path(item.path))?;
                let index = match self.indexes[blob] {
                    Some(index) => index,
                    None => {
                        let index = self.builder.add_blob(item.id, facts);
                        self.indexes[blob] = Some(index);
                        index
                    }
                };
                return Ok(Some((index, facts)));
            }
            BlobState::Skipped { size, reason } => (*size, *reason),
        };
        self.builder
            .skipped(item.name, item.mode, item.id, size, reason, item.flags);
        Ok(None)
    }

    /// The traits that hold under an entry's attributes.
    fn traits(
        &mut self,
        item: &Item<'_>,
        facts: &'a BlobFacts,
        attributes: PathAttributes,
    ) -> &'a Traits {
        if needs_guess(&facts.traits, attributes) {
            if let Some(traits) = self.forced.get(&item.id) {
                return traits;
            }
            self.declared.insert(item.id);
        }
        &facts.traits
    }
}
