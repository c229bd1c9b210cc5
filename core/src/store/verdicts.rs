//! Verdicts on files, as a dictionary in the database.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, Row, Transaction, params};

use super::error::{StoreError, db};
use super::seal;
use super::value::{bytes, column};
use crate::content::{Basis, Bom, Content, Encoding, Eol, Mime};
use crate::error::Error;
use crate::manifest::FileFacts;

/// A verdict without what nearly every file has of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Verdict {
    is_text: bool,
    encoding: Option<&'static str>,
    bom: Option<&'static str>,
    eol: Option<&'static str>,
    basis: &'static str,
    mime: Option<&'static str>,
    pub(super) git_binary: bool,
    pub(super) lfs_filter: bool,
    pub(super) working_tree_encoding: Option<String>,
}

const BASES: [(Basis, &str); 8] = [
    (Basis::Empty, "empty"),
    (Basis::Attributes, "attributes"),
    (Basis::Bom, "bom"),
    (Basis::Utf8, "utf8"),
    (Basis::Guess, "guess"),
    (Basis::Nul, "nul"),
    (Basis::Control, "control"),
    (Basis::Malformed, "malformed"),
];

const BOMS: [(Bom, &str); 5] = [
    (Bom::Utf8, "utf8"),
    (Bom::Utf16Le, "utf16-le"),
    (Bom::Utf16Be, "utf16-be"),
    (Bom::Utf32Le, "utf32-le"),
    (Bom::Utf32Be, "utf32-be"),
];

const EOLS: [(Eol, &str); 5] = [
    (Eol::None, "none"),
    (Eol::Lf, "lf"),
    (Eol::Crlf, "crlf"),
    (Eol::Cr, "cr"),
    (Eol::Mixed, "mixed"),
];

fn name<T: PartialEq>(table: &'static [(T, &'static str)], value: &T) -> &'static str {
    table
        .iter()
        .find(|(known, _)| known == value)
        .map(|(_, name)| *name)
        .expect("because the table has every variant")
}

fn named<T: Copy>(table: &[(T, &'static str)], name: &str) -> Option<T> {
    let (value, _) = table.iter().find(|(_, known)| *known == name)?;
    Some(*value)
}

impl Verdict {
    /// The verdict on a file, and its lines if it is text.
    pub(super) fn of(facts: &FileFacts<'_>) -> (Self, Option<u64>) {
        let mut verdict = Verdict {
            is_text: false,
            encoding: None,
            bom: None,
            eol: None,
            basis: "",
            mime: None,
            git_binary: facts.git_binary,
            lfs_filter: facts.lfs.is_some_and(|lfs| lfs.filter),
            working_tree_encoding: facts.working_tree_encoding.map(str::to_owned),
        };
        match facts.content {
            Content::Text {
                encoding,
                bom,
                eol,
                lines,
                basis,
            } => {
                verdict.is_text = true;
                verdict.encoding = Some(encoding.name());
                verdict.bom = bom.map(|bom| name(&BOMS, &bom));
                verdict.eol = Some(name(&EOLS, &eol));
                verdict.basis = name(&BASES, &basis);
                (verdict, Some(lines))
            }
            Content::Binary { mime, basis } => {
                verdict.mime = mime;
                verdict.basis = name(&BASES, &basis);
                (verdict, None)
            }
        }
    }

    /// The content that a file with so many lines has.
    pub(super) fn content(&self, lines: u64) -> Option<Content> {
        let basis = named(&BASES, self.basis)?;
        if !self.is_text {
            let mime = self.mime;
            return Some(Content::Binary { mime, basis });
        }
        let bom = match self.bom {
            Some(bom) => Some(named(&BOMS, bom)?),
            None => None,
        };
        Some(Content::Text {
            encoding: Encoding::from_name(self.encoding?)?,
            bom,
            eol: named(&EOLS, self.eol?)?,
            lines,
            basis,
        })
    }

    /// The seal of the row that it has as number `id`.
    fn seal(&self, id: i64) -> rusqlite::Result<seal::Seal> {
        seal::of(params![
            id,
            if self.is_text { "text" } else { "binary" },
            self.encoding,
            self.bom,
            self.eol,
            self.basis,
            self.mime,
            self.git_binary,
            self.lfs_filter,
            self.working_tree_encoding,
        ])
    }

    /// Reads the columns from `first` on, as [`COLUMNS`] has them.
    pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Self, Error> {
        parse(row, first)?.ok_or_else(|| StoreError::Nonsense("a verdict on a file").into())
    }
}

/// The columns that [`Verdict::read`] reads.
pub(super) const COLUMNS: &str =
    "content, encoding, bom, eol, basis, mime, git_binary, lfs_filter, working_tree_encoding";

fn parse(row: &Row<'_>, first: usize) -> Result<Option<Verdict>, Error> {
    // Names that the tables do not know leave `None` where there must be something.
    let text = |index: usize| -> Result<Option<&str>, Error> {
        Ok(bytes(row, first + index)?.and_then(|bytes| std::str::from_utf8(bytes).ok()))
    };
    let known = |table: &[&'static str], name: Option<&str>| {
        name.and_then(|name| table.iter().copied().find(|known| *known == name))
    };
    let bases = BASES.map(|(_, name)| name);
    let boms = BOMS.map(|(_, name)| name);
    let eols = EOLS.map(|(_, name)| name);
    let encoding = text(1)?.and_then(Encoding::from_name);
    let Some(basis) = known(&bases, text(4)?) else {
        return Ok(None);
    };
    let is_text = text(0)? == Some("text");
    let verdict = Verdict {
        is_text,
        encoding: encoding.map(Encoding::name),
        bom: known(&boms, text(2)?),
        eol: known(&eols, text(3)?),
        basis,
        mime: text(5)?.and_then(Mime::from_name).map(Mime::name),
        git_binary: column(row, first + 6)?,
        lfs_filter: column(row, first + 7)?,
        working_tree_encoding: text(8)?.map(str::to_owned),
    };
    let is_whole = !is_text || (verdict.encoding.is_some() && verdict.eol.is_some());
    Ok(is_whole.then_some(verdict))
}

/// The dictionary, while rows are written.
pub(super) struct Dictionary {
    ids: HashMap<Verdict, i64>,
    /// Those that were asked for.
    used: BTreeSet<i64>,
    /// The one asked for last: files that lie together have mostly the same.
    last: Option<(Verdict, i64)>,
}

impl Dictionary {
    pub(super) fn load(connection: &Connection) -> Result<Self, Error> {
        let mut select = connection
            .prepare_cached(&format!("SELECT id, {COLUMNS} FROM verdicts"))
            .map_err(db("be read"))?;
        let mut rows = select.query(()).map_err(db("be read"))?;
        let mut ids = HashMap::new();
        while let Some(row) = rows.next().map_err(db("be read"))? {
            // One that makes no sense, or says more than the verdict does, is of no use.
            if let Some(verdict) = parse(row, 1)? {
                let id = column(row, 0)?;
                let is_same = seal::of_row(row)
                    .and_then(|found| Ok(found == verdict.seal(id)?))
                    .map_err(db("be read"))?;
                if is_same {
                    ids.entry(verdict).or_insert(id);
                }
            }
        }
        Ok(Dictionary {
            ids,
            used: BTreeSet::new(),
            last: None,
        })
    }

    /// The numbers that were asked for.
    pub(super) fn used(&self) -> &BTreeSet<i64> {
        &self.used
    }

    /// The number of a verdict, which gets one if it is new.
    pub(super) fn id(
        &mut self,
        transaction: &Transaction<'_>,
        verdict: Verdict,
    ) -> Result<i64, Error> {
        if let Some((last, id)) = &self.last
            && *last == verdict
        {
            return Ok(*id);
        }
        if let Some(&id) = self.ids.get(&verdict) {
            self.used.insert(id);
            self.last = Some((verdict, id));
            return Ok(id);
        }
        transaction
            .prepare_cached(&format!(
                "INSERT INTO verdicts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))
            .and_then(|mut insert| {
                insert.execute(params![
                    if verdict.is_text { "text" } else { "binary" },
                    verdict.encoding,
                    verdict.bom,
                    verdict.eol,
                    verdict.basis,
                    verdict.mime,
                    verdict.git_binary,
                    verdict.lfs_filter,
                    verdict.working_tree_encoding,
                ])
            })
            .map_err(db("write a verdict"))?;
        let id = transaction.last_insert_rowid();
        self.used.insert(id);
        self.ids.insert(verdict, id);
        Ok(id)
    }
}
