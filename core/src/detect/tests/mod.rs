//! URLs of pages, and what they mean.

mod pages;
mod refused;
mod settled;

use crate::detect::{Candidate, ForgePage, Target};

/// `REVISION:PATH KIND`, with `HEAD` for no revision, and `*`, `/`, `.`, `?` for a repository, a
/// folder, a file, and either.
fn shown(candidate: &Candidate) -> String {
    format!(
        "{}:{} {}",
        candidate.revision.as_deref().unwrap_or("HEAD"),
        candidate.path.as_deref().unwrap_or_default(),
        match candidate.target {
            Target::Repository => "*",
            Target::Folder => "/",
            Target::File => ".",
            Target::Either => "?",
        }
    )
}

fn page(url: &str) -> ForgePage {
    ForgePage::parse(url).unwrap_or_else(|| panic!("{url} is no page"))
}
