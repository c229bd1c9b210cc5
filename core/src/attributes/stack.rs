//! The attributes files that apply to a folder, from the top level down.

use super::line::{self, Line};
use super::names::{Assignment, Names};
use super::path::{EncodingName, PathAttributes};
use super::states::States;
use crate::error::LimitError;
use crate::glob::{MatchCounter, Pattern, Target};
use crate::limits::{self, Limits};

/// Follows a depth-first walk and tells the attributes of the paths in the current folder.
///
/// It begins in the top-level folder of the repository, also where only a folder below it is
/// imported, since rules from above apply there too.
#[derive(Debug)]
pub(crate) struct AttributeStack {
    names: Names,
    /// The rules of all files on the way, those of the top level first.
    rules: Vec<Rule>,
    levels: Vec<Level>,
    /// The current folder, with a `/` at its end; empty at the top level.
    folder: Vec<u8>,
    states: States,
    counter: MatchCounter,
    /// Bytes of the files on the way, which together must stay within `max_attributes`.
    bytes: u64,
    max_bytes: u64,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    assignments: Box<[Assignment]>,
}

/// One folder on the way.
#[derive(Debug)]
struct Level {
    folder_length: usize,
    /// The first rule of the folder's own file.
    first_rule: usize,
    file_bytes: u64,
    /// Which rules of the folders above can still match, the top level's first. `None` if all of
    /// those that the next folder above has.
    inherited: Option<Box<[Inherited]>>,
    /// Rules of this folder and those above that can still match, and how many are anchored.
    live: usize,
    anchored: usize,
}

#[derive(Clone, Copy, Debug)]
struct Inherited {
    rule: u32,
    folder_length: u32,
}

impl AttributeStack {
    /// Begins at the top level, which may have an attributes file.
    ///
    /// # Errors
    ///
    /// If the file is over [`max_attributes`](Limits::max_attributes).
    pub(crate) fn new(file: Option<&[u8]>, limits: &Limits) -> Result<Self, LimitError> {
        limits::check(
            "max_attributes",
            limits.max_attributes,
            file.map_or(0, |file| file.len() as u64),
        )?;
        let names = Names::new(file.unwrap_or_default());
        let mut stack = AttributeStack {
            states: States::new(names.count()),
            names,
            rules: Vec::new(),
            levels: Vec::new(),
            folder: Vec::new(),
            counter: MatchCounter::new(limits),
            bytes: 0,
            max_bytes: limits.max_attributes,
        };
        stack.push_level(file, None)?;
        Ok(stack)
    }

    /// Goes down into the folder `name`, which may have an attributes file.
    ///
    /// # Errors
    ///
    /// If the attributes files from the top level down to this folder are over
    /// [`max_attributes`](Limits::max_attributes) together, or reading them and comparing their
    /// patterns is over [`max_pattern_matches`](Limits::max_pattern_matches). The walk cannot go on.
    pub(crate) fn enter(&mut self, name: &[u8], file: Option<&[u8]>) -> Result<(), LimitError> {
        self.folder.extend_from_slice(name);
        self.folder.push(b'/');
        let inherited = self.still_live()?;
        self.push_level(file, inherited)
    }

    /// Goes back up to the folder above; stays at the top level.
    pub(crate) fn leave(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.rules.truncate(level.first_rule);
            self.bytes -= level.file_bytes;
            self.folder.truncate(self.top().folder_length);
        }
    }

    /// Tells the attributes of `name` in the current folder.
    ///
    /// Git asks for those of files, and for `export-ignore` of folders too; it does not look at the
    /// attributes of symlinks when it tells text from binary.
    ///
    /// # Errors
    ///
    /// If the comparisons of all calls together are over
    /// [`max_pattern_matches`](Limits::max_pattern_matches).
    pub(crate) fn attributes_of(
        &mut self,
        name: &[u8],
        is_folder: bool,
    ) -> Result<PathAttributes, LimitError> {
        if self.top().live == 0 {
            return Ok(PathAttributes::default());
        }
        let name_start = self.folder.len();
        self.folder.extend_from_slice(name);
        let result = self.fill(name_start, is_folder);
        self.folder.truncate(name_start);
        result.map(|()| self.states.to_attributes())
    }

    /// The bytes of a `working-tree-encoding`.
    pub(crate) fn encoding_name(&self, name: EncodingName) -> &[u8] {
        self.names.encoding(name)
    }

    fn top(&self) -> &Level {
        self.levels
            .last()
            .expect("because the top level is never popped")
    }

    /// Applies the rules that match `self.folder`, for now the path: the last rule first, since
    /// what is known is not overwritten.
    fn fill(&mut self, name_start: usize, is_folder: bool) -> Result<(), LimitError> {
        self.states.clear();
        let mut rules_end = self.rules.len();
        for level in self.levels.iter().rev() {
            let own = (level.first_rule..rules_end)
                .rev()
                .map(|rule| (rule, level.folder_length));
            let inherited = level.inherited.iter().flat_map(|list| {
                list.iter()
                    .rev()
                    .map(|entry| (entry.rule as usize, entry.folder_length as usize))
            });
            for (rule, folder_length) in own.chain(inherited) {
                let rule = &self.rules[rule];
                let target = Target {
                    path: &self.folder[folder_length..],
                    name_start: name_start - folder_length,
                    is_folder,
                };
                if rule.pattern.matches(target, &mut self.counter)? {
                    self.states
                        .apply(&rule.assignments, &self.names, &mut self.counter)?;
                    if self.states.all_known() {
                        return Ok(());
                    }
                }
            }
            if level.inherited.is_some() {
                break;
            }
            rules_end = level.first_rule;
        }
        Ok(())
    }

    /// Which rules can match inside the new folder, if that is at most half of them.
    ///
    /// The half keeps the memory of all levels together below twice that of the rules.
    fn still_live(&mut self) -> Result<Option<Box<[Inherited]>>, LimitError> {
        let above = self.top();
        if above.anchored * 2 < above.live || above.live < 8 {
            return Ok(None);
        }
        self.counter.spend(above.live as u64)?;
        let mut live = Vec::new();
        let mut rules_end = self.rules.len();
        for level in self.levels.iter().rev() {
            let keep = |rule: usize, folder_length: usize| {
                self.rules[rule]
                    .pattern
                    .reaches_into(&self.folder[folder_length..])
                    .then_some(Inherited {
                        rule: rule as u32,
                        folder_length: folder_length as u32,
                    })
            };
            let own = (level.first_rule..rules_end).rev();
            live.extend(own.filter_map(|rule| keep(rule, level.folder_length)));
            if let Some(list) = &level.inherited {
                live.extend(
                    list.iter().rev().filter_map(|entry| {
                        keep(entry.rule as usize, entry.folder_length as usize)
                    }),
                );
                break;
            }
            rules_end = level.first_rule;
        }
        if live.len() * 2 > self.top().live {
            return Ok(None);
        }
        live.reverse();
        Ok(Some(live.into()))
    }

    fn push_level(
        &mut self,
        file: Option<&[u8]>,
        inherited: Option<Box<[Inherited]>>,
    ) -> Result<(), LimitError> {
        let file = file.unwrap_or_default();
        self.bytes += file.len() as u64;
        limits::check("max_attributes", self.max_bytes, self.bytes)
            .map_err(|error| error.at_path(&self.folder))?;
        // Reading costs about as much a byte as a comparison, and one file may be in many folders.
        self.counter.spend(file.len() as u64)?;
        let (mut live, mut anchored) = match (&inherited, self.levels.last()) {
            (Some(list), _) => {
                let is_anchored =
                    |entry: &&Inherited| self.rules[entry.rule as usize].pattern.is_anchored();
                (list.len(), list.iter().filter(is_anchored).count())
            }
            (None, Some(above)) => (above.live, above.anchored),
            (None, None) => (0, 0),
        };
        let first_rule = self.rules.len();
        for line in line::lines(file) {
            let Line::Rule {
                pattern,
                assignments,
            } = line
            else {
                continue;
            };
            let assignments = self.names.assignments(assignments);
            let (pattern, negative) = Pattern::parse(&pattern);
            if assignments.is_empty() || negative || pattern.is_malformed() {
                continue;
            }
            live += 1;
            anchored += usize::from(pattern.is_anchored());
            self.rules.push(Rule {
                pattern,
                assignments,
            });
        }
        self.levels.push(Level {
            folder_length: self.folder.len(),
            first_rule,
            file_bytes: file.len() as u64,
            inherited,
            live,
            anchored,
        });
        Ok(())
    }
}
