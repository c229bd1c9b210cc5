//! Reads the URLs of submodules from `.gitmodules`. They are data; nothing follows them.

use std::collections::HashMap;

use crate::limits::Limits;

use super::config::{Malformed, Variables};

/// The URLs of a repository's submodules, by path from the repository's root.
#[derive(Debug, Default)]
pub(crate) struct Submodules {
    urls: HashMap<Vec<u8>, Vec<u8>>,
    fault: Option<SubmodulesFault>,
}

/// Why there are no URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubmodulesFault {
    /// The file is larger than the limit `max_attributes`.
    TooLarge,
    /// Git cannot read it either, from this line on.
    Malformed { line: u32 },
}

#[derive(Default)]
struct Submodule {
    path: Option<Vec<u8>>,
    url: Option<Vec<u8>>,
}

impl Submodules {
    /// Reads the content of a `.gitmodules`.
    ///
    /// As in Git's `submodule-config.c`, the first value of a key counts, and names with a part `..`
    /// and values that look like options are passed over. A file that is at fault gives no URLs.
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Self {
        if bytes.len() as u64 > limits.max_attributes {
            return Self::at_fault(SubmodulesFault::TooLarge);
        }
        let mut submodules: HashMap<Vec<u8>, Submodule> = HashMap::new();
        let mut order = Vec::new();
        let mut variables = Variables::new(bytes);
        loop {
            let variable = match variables.next() {
                Ok(Some(variable)) => variable,
                Ok(None) => break,
                Err(Malformed { line }) => {
                    return Self::at_fault(SubmodulesFault::Malformed { line });
                }
            };
            let Some(name) = submodule_name(variable.section) else {
                continue;
            };
            // Git takes a key without a value for an error of the whole file.
            let is_known = matches!(variable.key, b"path" | b"url");
            let value = match variable.value {
                Some(value) => value,
                None if is_known => {
                    let line = variable.line;
                    return Self::at_fault(SubmodulesFault::Malformed { line });
                }
                None => continue,
            };
            if !is_known || value.starts_with(b"-") || is_suspicious(name) {
                continue;
            }
            let submodule = submodules.entry(name.to_vec()).or_insert_with(|| {
                order.push(name.to_vec());
                Submodule::default()
            });
            let place = match variable.key {
                b"path" => &mut submodule.path,
                _ => &mut submodule.url,
            };
            place.get_or_insert_with(|| value.to_vec());
        }
        let mut urls = HashMap::new();
        for name in order {
            let submodule = submodules.remove(&name).unwrap_or_default();
            if let (Some(path), Some(url)) = (submodule.path, submodule.url) {
                urls.insert(path, url);
            }
        }
        Submodules { urls, fault: None }
    }

    fn at_fault(fault: SubmodulesFault) -> Self {
        Submodules {
            urls: HashMap::new(),
            fault: Some(fault),
        }
    }

    /// The URL of the submodule at `path`, as it stands in the file.
    pub(crate) fn url(&self, path: &[u8]) -> Option<&[u8]> {
        self.urls.get(path).map(Vec::as_slice)
    }

    /// Why there are no URLs; `None` if the file could be read.
    pub(crate) fn fault(&self) -> Option<SubmodulesFault> {
        self.fault
    }
}

fn submodule_name(section: &[u8]) -> Option<&[u8]> {
    section.strip_prefix(b"submodule.")
}

/// Git refuses such names, since it makes a folder below `.git/modules` from them.
fn is_suspicious(name: &[u8]) -> bool {
    name.is_empty()
        || name
            .split(|byte| matches!(byte, b'/' | b'\\'))
            .any(|part| part == b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Submodules {
        Submodules::parse(text.as_bytes(), &Limits::default())
    }

    #[test]
    fn urls_by_path() {
        let submodules = parse(concat!(
            "[submodule \"a name\"]\n\tpath = vendor/a\n\turl = ../a.git\n",
            "[submodule \"b\"]\n\turl = https://example.org/b ; comment\n\tpath = b\n",
            "[submodule \"b\"]\n\turl = https://example.org/second\n",
            "[submodule \"no url\"]\n\tpath = c\n",
            "[core]\n\tpath = x\n\turl = y\n",
        ));
        assert_eq!(submodules.fault(), None);
        assert_eq!(submodules.url(b"vendor/a"), Some(&b"../a.git"[..]));
        assert_eq!(submodules.url(b"b"), Some(&b"https://example.org/b"[..]));
        assert_eq!(submodules.url(b"c"), None);
        assert_eq!(submodules.url(b"x"), None);
    }

    #[test]
    fn what_git_passes_over() {
        let submodules = parse(concat!(
            "[submodule \"../x\"]\n\tpath = a\n\turl = u\n",
            "[submodule \"b\"]\n\tpath = b\n\turl = --upload-pack=evil\n",
            "[submodule \"c\"]\n\tpath = -c\n\turl = u\n",
        ));
        assert_eq!(submodules.fault(), None);
        assert!(submodules.urls.is_empty());
    }

    #[test]
    fn files_at_fault_give_no_urls() {
        let good = "[submodule \"a\"]\n\tpath = a\n\turl = u\n";
        let submodules = parse(&format!("{good}[broken\n"));
        assert_eq!(
            submodules.fault(),
            Some(SubmodulesFault::Malformed { line: 4 })
        );
        assert_eq!(submodules.url(b"a"), None);
        assert_eq!(
            parse(&format!("{good}\turl\n")).fault(),
            Some(SubmodulesFault::Malformed { line: 4 })
        );
        let limits = Limits::default().max_attributes(good.len() as u64);
        assert_eq!(Submodules::parse(good.as_bytes(), &limits).fault(), None);
        let limits = limits.max_attributes(good.len() as u64 - 1);
        assert_eq!(
            Submodules::parse(good.as_bytes(), &limits).fault(),
            Some(SubmodulesFault::TooLarge)
        );
    }
}
