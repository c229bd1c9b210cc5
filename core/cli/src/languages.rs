//! What people call files with a certain ending.

/// Endings in lower case, with the name of what such files are written in. Sorted.
const BY_ENDING: &[(&str, &str)] = &[
    ("adoc", "AsciiDoc"),
    ("asm", "Assembly"),
    ("awk", "Awk"),
    ("bash", "Shell"),
    ("bat", "Batch"),
    ("c", "C"),
    ("cc", "C++"),
    ("cjs", "JavaScript"),
    ("clj", "Clojure"),
    ("cmake", "CMake"),
    ("cpp", "C++"),
    ("cs", "C#"),
    ("css", "CSS"),
    ("csv", "CSV"),
    ("cu", "CUDA"),
    ("cxx", "C++"),
    ("dart", "Dart"),
    ("dts", "Devicetree"),
    ("dtsi", "Devicetree"),
    ("el", "Emacs Lisp"),
    ("erl", "Erlang"),
    ("ex", "Elixir"),
    ("exs", "Elixir"),
    ("f90", "Fortran"),
    ("fs", "F#"),
    ("go", "Go"),
    ("gradle", "Gradle"),
    ("graphql", "GraphQL"),
    ("groovy", "Groovy"),
    ("h", "C"),
    ("hcl", "HCL"),
    ("hh", "C++"),
    ("hpp", "C++"),
    ("hs", "Haskell"),
    ("htm", "HTML"),
    ("html", "HTML"),
    ("hxx", "C++"),
    ("ini", "INI"),
    ("ipynb", "Jupyter Notebook"),
    ("java", "Java"),
    ("jl", "Julia"),
    ("js", "JavaScript"),
    ("json", "JSON"),
    ("jsonl", "JSON"),
    ("jsx", "JavaScript"),
    ("kt", "Kotlin"),
    ("kts", "Kotlin"),
    ("less", "Less"),
    ("lisp", "Lisp"),
    ("lock", "Lock file"),
    ("lua", "Lua"),
    ("m4", "M4"),
    ("markdown", "Markdown"),
    ("md", "Markdown"),
    ("mdx", "Markdown"),
    ("mjs", "JavaScript"),
    ("mk", "Make"),
    ("ml", "OCaml"),
    ("mli", "OCaml"),
    ("mm", "Objective-C++"),
    ("mts", "TypeScript"),
    ("nim", "Nim"),
    ("nix", "Nix"),
    ("pas", "Pascal"),
    ("php", "PHP"),
    ("pl", "Perl"),
    ("pm", "Perl"),
    ("po", "Gettext"),
    ("proto", "Protocol Buffers"),
    ("ps1", "PowerShell"),
    ("py", "Python"),
    ("pyi", "Python"),
    ("r", "R"),
    ("rb", "Ruby"),
    ("rs", "Rust"),
    ("rst", "reStructuredText"),
    ("s", "Assembly"),
    ("sass", "Sass"),
    ("scala", "Scala"),
    ("scss", "Sass"),
    ("sh", "Shell"),
    ("sol", "Solidity"),
    ("sql", "SQL"),
    ("svelte", "Svelte"),
    ("svg", "SVG"),
    ("swift", "Swift"),
    ("tcl", "Tcl"),
    ("tex", "TeX"),
    ("tf", "HCL"),
    ("toml", "TOML"),
    ("ts", "TypeScript"),
    ("tsx", "TypeScript"),
    ("txt", "Text"),
    ("vim", "Vim script"),
    ("vue", "Vue"),
    ("xml", "XML"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
    ("zig", "Zig"),
    ("zsh", "Shell"),
];

/// Whole names in lower case. Sorted.
const BY_NAME: &[(&str, &str)] = &[
    ("cmakelists.txt", "CMake"),
    ("dockerfile", "Dockerfile"),
    ("gemfile", "Ruby"),
    ("gnumakefile", "Make"),
    ("jenkinsfile", "Groovy"),
    ("kbuild", "Make"),
    ("kconfig", "Kconfig"),
    ("makefile", "Make"),
    ("meson.build", "Meson"),
    ("rakefile", "Ruby"),
];

/// What a file of this name is most likely written in; files of an unknown ending go by it, and
/// those without one are "other".
pub(crate) fn language(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_lowercase();
    if let Some(language) = find(BY_NAME, &name) {
        return language.to_owned();
    }
    // A name that begins with its only dot has no ending.
    let ending = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.is_empty() => ending,
        _ => return "other".to_owned(),
    };
    match find(BY_ENDING, ending) {
        Some(language) => language.to_owned(),
        None if ending.len() <= 8 && ending.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            format!(".{ending}")
        }
        None => "other".to_owned(),
    }
}

fn find(table: &[(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    let place = table.binary_search_by_key(&key, |(key, _)| key).ok()?;
    Some(table[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_names_are_found() {
        assert!(BY_ENDING.is_sorted_by(|a, b| a.0 < b.0));
        assert!(BY_NAME.is_sorted_by(|a, b| a.0 < b.0));
        for (name, expected) in [
            (&b"main.rs"[..], "Rust"),
            (b"Makefile", "Make"),
            (b"A.MD", "Markdown"),
            (b"a.tar.xyz", ".xyz"),
            (b".gitignore", "other"),
            (b"LICENSE", "other"),
            (b"a.", "other"),
            (b"a.\x1b[2J", "other"),
            (b"\xff.py", "Python"),
        ] {
            assert_eq!(language(name), expected);
        }
    }
}
