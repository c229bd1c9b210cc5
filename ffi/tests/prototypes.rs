//! The functions and structs that the header declares, read from its text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::installed::CRATE;

/// A function of the header.
pub(crate) struct Prototype {
    pub(crate) name: String,
    pub(crate) returns: String,
    pub(crate) parameters: Vec<Parameter>,
}

impl Prototype {
    /// Whether it returns a status and takes a place for the error.
    pub(crate) fn can_fail(&self) -> bool {
        let takes_error = self
            .parameters
            .iter()
            .any(|parameter| parameter.name == "error" && parameter.kind.ends_with("**"));
        self.returns == "gitlade_status" && takes_error
    }
}

/// One of its parameters.
pub(crate) struct Parameter {
    /// Without spaces around the stars: `const struct gitlade_source*`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Whether the documentation says that it may be NULL.
    pub(crate) may_be_null: bool,
}

impl Parameter {
    pub(crate) fn is_pointer(&self, callbacks: &BTreeSet<String>) -> bool {
        self.kind.ends_with('*') || callbacks.contains(&self.kind)
    }
}

/// The committed header.
pub(crate) fn header() -> String {
    std::fs::read_to_string(Path::new(CRATE).join("include/gitlade.h"))
        .expect("because it is committed")
}

/// All functions that the library has to export, in the header's order.
pub(crate) fn functions(header: &str) -> Vec<Prototype> {
    let mut functions = Vec::new();
    let mut rest = header;
    while let Some(start) = rest.find("/**") {
        let end = start
            + rest[start..]
                .find("*/")
                .expect("because comments are closed")
            + 2;
        let documentation = &rest[start..end];
        rest = &rest[end..];
        let end = rest.find(['{', ';']).unwrap_or(rest.len());
        let declaration = rest[..end].trim();
        if rest[end..].starts_with(';') && declaration.ends_with(')') && is_function(declaration) {
            functions.push(prototype(declaration, documentation));
        }
    }
    functions
}

fn is_function(declaration: &str) -> bool {
    !declaration.starts_with("typedef")
        && declaration.contains("gitlade_")
        && !declaration.contains("(*")
}

fn prototype(declaration: &str, documentation: &str) -> Prototype {
    let (head, parameters) = declaration
        .split_once('(')
        .expect("because it is a function");
    let parameters = parameters.trim_end_matches(')');
    let nullable = nullable(documentation);
    let (returns, name) = split_name(head);
    let parameters = match parameters {
        "void" => Vec::new(),
        parameters => parameters
            .split(',')
            .map(|parameter| {
                let (kind, name) = split_name(parameter.trim());
                Parameter {
                    may_be_null: name == "error" && kind.ends_with("**")
                        || nullable.contains(&name),
                    kind,
                    name,
                }
            })
            .collect(),
    };
    Prototype {
        name,
        returns,
        parameters,
    }
}

/// The type and the name of `const char *name`.
fn split_name(declaration: &str) -> (String, String) {
    let start = declaration
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .expect("because there is a type before the name");
    let (kind, name) = declaration.split_at(start + 1);
    let kind = kind.split_whitespace().collect::<Vec<_>>().join(" ");
    (kind.replace(" *", "*"), name.to_owned())
}

/// The names before "may be NULL": in backticks, in the same sentence.
fn nullable(documentation: &str) -> BTreeSet<String> {
    let text: Vec<&str> = documentation
        .lines()
        .map(|line| line.trim().trim_start_matches("* ").trim_matches('*'))
        .collect();
    let text = text.join(" ");
    let mut names = BTreeSet::new();
    for (place, _) in text.match_indices("may be NULL") {
        let start = text[..place].rfind(". ").map_or(0, |dot| dot + 2);
        let quoted = text[start..place].split('`').skip(1).step_by(2);
        names.extend(quoted.map(str::to_owned));
    }
    names
}

/// A field of a struct.
pub(crate) struct Field {
    /// As of a parameter.
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// The structs that begin with their size and that the host sets up, with their fields.
pub(crate) fn sized_structs(header: &str) -> BTreeMap<String, Vec<Field>> {
    let mut structs = BTreeMap::new();
    for (place, _) in header.match_indices("typedef struct ") {
        let rest = &header[place + "typedef struct ".len()..];
        let (name, body) = rest.split_once(' ').expect("because a struct has a body");
        let Some(body) = body.strip_prefix('{') else {
            continue;
        };
        let end = body.find("\n}").expect("because a struct ends");
        let fields = fields(&body[..end]);
        let is_sized = fields
            .first()
            .is_some_and(|first| first.name == "struct_size");
        if is_sized && header.contains(&format!("GITLADE_INIT_OF({name})")) {
            structs.insert(name.to_owned(), fields);
        }
    }
    structs
}

/// The fields of a struct, without callbacks and arrays.
fn fields(body: &str) -> Vec<Field> {
    let mut code = String::new();
    let mut rest = body;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let fields = code.split(';').map(str::trim);
    let plain = fields.filter(|field| !field.is_empty() && !field.contains(['(', '[']));
    let split = plain.map(|field| {
        let (kind, name) = split_name(field);
        Field { kind, name }
    });
    split.collect()
}

/// The types of pointers to functions.
pub(crate) fn callbacks(header: &str) -> BTreeSet<String> {
    let types = header.lines().filter(|line| line.starts_with("typedef "));
    let names = types.filter_map(|line| line.split_once("(*")?.1.split_once(')'));
    names.map(|(name, _)| name.to_owned()).collect()
}
