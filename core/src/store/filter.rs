//! Finding imports in the registry.

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::record::Status;
use super::registry::REPAIR;

/// Which imports are listed, in which order, and how many at a time. The default is all of them, the
/// newest first, in pages of 100.
///
/// ```
/// use gitlade::{ImportFilter, Status};
/// let filter = ImportFilter::default().tenant("acme").status(Status::Failed).limit(20);
/// assert_eq!(filter.statuses, [Status::Failed]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ImportFilter {
    /// Only those with this key of the host.
    pub tenant: Option<String>,
    /// Only those whose repository belongs to this one.
    pub owner: Option<String>,
    /// Only those whose repository has this name.
    pub repository: Option<String>,
    /// Only those from this URL or path, as the records show it.
    pub source: Option<String>,
    /// Only those that stand at one of these; all, if there are none.
    pub statuses: Vec<Status>,
    /// Only those created at this time or later; milliseconds since 1970 (UTC).
    pub since: Option<i64>,
    /// Only those created before this time.
    pub until: Option<i64>,
    /// By what they are sorted.
    pub sort: Sort,
    /// Whether the largest or newest comes last. Default false.
    pub ascending: bool,
    /// How many are left out from the beginning. Default 0.
    pub offset: u64,
    /// How many are listed at most. Default 100.
    pub limit: u64,
}

/// By what imports are sorted; equal ones by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sort {
    /// When they were asked for.
    #[default]
    Created,
    /// When anything of them changed.
    Updated,
    /// By owner and name of the repository.
    Repository,
    /// By bytes; those that are not complete have none.
    Bytes,
    /// By number of files; those that are not complete have none.
    Files,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are on all pages together.
    pub total: u64,
}

impl Default for ImportFilter {
    fn default() -> Self {
        ImportFilter {
            tenant: None,
            owner: None,
            repository: None,
            source: None,
            statuses: Vec::new(),
            since: None,
            until: None,
            sort: Sort::default(),
            ascending: false,
            offset: 0,
            limit: 100,
        }
    }
}

impl ImportFilter {
    /// Sets [`tenant`](Self#structfield.tenant).
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Sets [`owner`](Self#structfield.owner).
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Sets [`repository`](Self#structfield.repository).
    pub fn repository(mut self, name: impl Into<String>) -> Self {
        self.repository = Some(name.into());
        self
    }

    /// Sets [`source`](Self#structfield.source).
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds one of the [`statuses`](Self#structfield.statuses).
    pub fn status(mut self, status: Status) -> Self {
        self.statuses.push(status);
        self
    }

    /// Sets [`since`](Self#structfield.since).
    pub fn since(mut self, milliseconds: i64) -> Self {
        self.since = Some(milliseconds);
        self
    }

    /// Sets [`until`](Self#structfield.until).
    pub fn until(mut self, milliseconds: i64) -> Self {
        self.until = Some(milliseconds);
        self
    }

    /// Sets [`sort`](Self#structfield.sort).
    pub fn sort(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// Sets [`ascending`](Self#structfield.ascending).
    pub fn ascending(mut self, ascending: bool) -> Self {
        self.ascending = ascending;
        self
    }

    /// Sets [`offset`](Self#structfield.offset).
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Sets [`limit`](Self#structfield.limit).
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// The condition, with its values.
    pub(super) fn condition(&self) -> (String, Vec<Value>) {
        let mut terms = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        let mut is = |term: &str, value: Value| {
            values.push(value);
            terms.push(format!("{term} ?{}", values.len()));
        };
        is("i.tenant <>", Value::Text(REPAIR.to_owned()));
        let texts = [
            ("i.tenant =", &self.tenant),
            ("i.owner =", &self.owner),
            ("i.repository =", &self.repository),
            ("CAST(i.source AS TEXT) =", &self.source),
        ];
        for (term, text) in texts {
            if let Some(text) = text {
                is(term, Value::Text(text.clone()));
            }
        }
        if let Some(since) = self.since {
            is("i.created_at >=", Value::Integer(since));
        }
        if let Some(until) = self.until {
            is("i.created_at <", Value::Integer(until));
        }
        if !self.statuses.is_empty() {
            // Names of an enum, so that nothing has to be escaped.
            let names: Vec<String> = (self.statuses.iter())
                .map(|status| format!("'{}'", status.name()))
                .collect();
            terms.push(format!("i.status IN ({})", names.join(", ")));
        }
        (terms.join(" AND "), values)
    }

    /// The order and the page.
    pub(super) fn order(&self) -> String {
        let direction = if self.ascending { "ASC" } else { "DESC" };
        let columns: &[&str] = match self.sort {
            Sort::Created => &["i.created_at"],
            Sort::Updated => &["i.updated_at"],
            Sort::Repository => &["i.owner", "i.repository"],
            Sort::Bytes => &["s.bytes"],
            Sort::Files => &["s.files"],
        };
        let mut order: Vec<String> = (columns.iter().chain(&["i.id"]))
            .map(|column| format!("{column} {direction}"))
            .collect();
        let last = order.len() - 1;
        order[last].push_str(&format!(
            " LIMIT {} OFFSET {}",
            self.limit.min(i64::MAX as u64),
            self.offset.min(i64::MAX as u64)
        ));
        order.join(", ")
    }
}
