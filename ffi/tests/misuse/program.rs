//! The program that misuses every function, written from the header.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::prototypes::{Field, Parameter, Prototype};

/// What the header has.
pub(super) struct Header {
    pub(super) functions: Vec<Prototype>,
    pub(super) structs: BTreeMap<String, Vec<Field>>,
    pub(super) callbacks: BTreeSet<String>,
}

/// What a type points to.
fn pointee(kind: &str) -> &str {
    let kind = kind.trim_start_matches("const ");
    kind.trim_start_matches("struct ").trim_end_matches('*')
}

/// The expression that is right for a parameter.
fn right(function: &str, parameter: &Parameter) -> String {
    let Parameter { kind, name, .. } = parameter;
    let text = match (function, name.as_str()) {
        ("gitlade_source_parse" | "gitlade_source_parse_with" | "gitlade_detect", "text") => {
            "repository"
        }
        ("gitlade_limits_get" | "gitlade_limits_set", "name") => "\"max_blob\"",
        ("gitlade_manifest_write_file" | "gitlade_manifest_read_file", "path") => "file",
        ("gitlade_store_open", "path") => "store_path",
        ("gitlade_blobs_open_folder", "path") => "blobs_path",
        ("gitlade_blobs_open_sqlite", "path") => "database_path",
        ("gitlade_blobs_open_object", "url") => "\"s3://bucket/path\"",
        ("gitlade_manifest_parse", "bytes") => "ndjson",
        (_, "scheme") => "\"https\"",
        _ => "\"x\"",
    };
    match kind.as_str() {
        "const char*" => text.to_owned(),
        "size_t" if name.ends_with("_len") => "GITLADE_NTS".to_owned(),
        "size_t" if name == "capacity" => "sizeof bytes".to_owned(),
        "size_t" if name == "len" => "4".to_owned(),
        "bool" => "true".to_owned(),
        "uint64_t" if name == "id" => "1".to_owned(),
        "size_t" | "uint16_t" | "uint32_t" | "uint64_t" | "int32_t" => "0".to_owned(),
        "uint8_t*" | "const uint8_t*" => "bytes".to_owned(),
        "char*" => "(char *)bytes".to_owned(),
        "void*" => "NULL".to_owned(),
        "gitlade_policy_check" => "allow".to_owned(),
        "gitlade_blobs_visitor" => "visit".to_owned(),
        "uint64_t*" if name == "others" => "&number_too".to_owned(),
        "uint64_t*" => "&number".to_owned(),
        "size_t*" => "&count".to_owned(),
        "bool*" => "&flag".to_owned(),
        "struct gitlade_error**" => "&error".to_owned(),
        "struct gitlade_credentials**" => "(gitlade_credentials **)&slot_too".to_owned(),
        kind if kind.ends_with("**") => format!("({})&slot", kind.replace("**", " **")),
        "struct ArrowArrayStream*" => "&stream".to_owned(),
        kind => format!("fixture_{}", pointee(kind)),
    }
}

/// The call, with the argument at `index` replaced.
fn call(function: &Prototype, index: Option<usize>, by: &str) -> String {
    let parameters = function.parameters.iter().enumerate();
    let arguments = parameters.map(|(place, parameter)| match index == Some(place) {
        true => format!("({}){by}", parameter.kind.replace('*', " *")),
        false => right(&function.name, parameter),
    });
    let arguments: Vec<String> = arguments.collect();
    format!("{}({})", function.name, arguments.join(", "))
}

fn is_free(function: &Prototype) -> bool {
    function.name.ends_with("_free") || function.name == "gitlade_engine_shutdown"
}

/// The handles that the host frees.
fn handles(functions: &[Prototype]) -> impl Iterator<Item = &str> {
    let names = functions
        .iter()
        .map(|function| function.name.strip_suffix("_free"));
    names.flatten()
}

/// Frees what a call may have handed out, by the type of its out-parameters.
fn release(function: &Prototype) -> String {
    let mut code = String::new();
    for parameter in &function.parameters {
        let name = pointee(&parameter.kind);
        if parameter.kind.ends_with("**") && name != "gitlade_error" {
            let slot = match name {
                "gitlade_credentials" => "slot_too",
                _ => "slot",
            };
            let _ = write!(
                code,
                "if ({slot} != SENTINEL) {name}_free(({name} *){slot}); {slot} = SENTINEL; "
            );
        }
        if name == "ArrowArrayStream" {
            code.push_str("if (stream.release != NULL) stream.release(&stream); ");
            code.push_str("memset(&stream, 0, sizeof stream); ");
        }
    }
    code
}

impl Header {
    /// The program that makes all the calls.
    pub(super) fn program(&self) -> String {
        let mut code = String::from("#include \"check.h\"\n\n");
        for handle in handles(&self.functions) {
            let _ = writeln!(code, "static {handle} *fixture_{handle};");
        }
        for name in self.structs.keys() {
            let _ = writeln!(
                code,
                "static {name} value_{name}, *fixture_{name} = &value_{name};"
            );
        }
        code.push_str("\n#include \"misuse.h\"\n\n");
        for function in &self.functions {
            let _ = writeln!(code, "static void test_{}(void) {{", function.name);
            let _ = writeln!(code, "    at = \"{}\";", function.name);
            self.nulls(function, &mut code);
            self.sizes(function, &mut code);
            panic(function, &mut code);
            code.push_str("}\n\n");
        }
        self.main(&mut code);
        code
    }

    /// NULL in each argument.
    fn nulls(&self, function: &Prototype, code: &mut String) {
        let is_status = function.can_fail();
        let release = release(function);
        if is_status {
            let _ = writeln!(code, "    valid({}); {release}", call(function, None, ""));
        }
        for (index, parameter) in function.parameters.iter().enumerate() {
            if !parameter.is_pointer(&self.callbacks) {
                continue;
            }
            let with = call(function, Some(index), "NULL");
            let what = format!("\"{} is NULL\"", parameter.name);
            if !is_status {
                assert!(
                    parameter.may_be_null,
                    "{} does not say that {} may be NULL, and has no status",
                    function.name, parameter.name
                );
                let _ = writeln!(code, "    (void){with}; ++calls; reset();");
            } else if parameter.may_be_null {
                let with = match parameter.kind.as_str() {
                    // A text that is not there has no length.
                    "const char*" => with.replace("GITLADE_NTS", "0"),
                    _ => with,
                };
                let _ = writeln!(code, "    nullable({what}, {with}); {release}");
            } else {
                let _ = writeln!(code, "    refused({what}, {with});");
                if parameter.kind == "const char*" {
                    let with = with.replace("GITLADE_NTS", "5");
                    let _ = writeln!(code, "    refused({what} \" with a length\", {with});");
                }
            }
        }
    }

    /// Wrong sizes of each struct, and of those that it points to.
    fn sizes(&self, function: &Prototype, code: &mut String) {
        for (index, parameter) in function.parameters.iter().enumerate() {
            let name = pointee(&parameter.kind);
            if !self.structs.contains_key(name) || parameter.kind.ends_with("**") {
                continue;
            }
            let with = call(function, Some(index), "big");
            self.wrong_sizes(name, &with, code);
            let release = release(function);
            let _ = writeln!(code, "    newer({name}, 0);");
            let _ = writeln!(code, "    nullable(\"newer {name}\", {with}); {release}");
            let _ = writeln!(code, "    newer({name}, 1);");
            let expected = match parameter.kind.starts_with("const ") {
                true => "refused",
                false => "nullable",
            };
            let _ = writeln!(
                code,
                "    {expected}(\"unknown field of {name}\", {with}); {release}"
            );
            self.nested(name, &call(function, None, ""), code);
        }
    }

    fn wrong_sizes(&self, name: &str, with: &str, code: &mut String) {
        for size in [
            "0",
            "1",
            "sizeof(size_t)",
            &format!("sizeof({name}) - 1"),
            "4097",
            "SIZE_MAX",
        ] {
            let _ = writeln!(
                code,
                "    enlarge(fixture_{name}, sizeof({name}), {size}, 0);"
            );
            let _ = writeln!(code, "    refused(\"size of {name}\", {with});");
        }
    }

    /// Wrong sizes of the structs that fields of `name` point to, however deep.
    fn nested(&self, name: &str, with: &str, code: &mut String) {
        for field in &self.structs[name] {
            let inner = pointee(&field.kind);
            if !field.kind.ends_with('*') || !self.structs.contains_key(inner) {
                continue;
            }
            let place = format!("value_{name}.{}", field.name);
            let kind = field.kind.replace('*', " *");
            let _ = writeln!(code, "    {place} = ({kind})big;");
            self.wrong_sizes(inner, with, code);
            let _ = writeln!(code, "    {place} = ({kind})fixture_{inner};");
            self.nested(inner, with, code);
            let _ = writeln!(code, "    {place} = NULL;");
        }
    }

    fn main(&self, code: &mut String) {
        code.push_str("int main(int argc, char **argv) {\n");
        for name in self.structs.keys() {
            let _ = writeln!(code, "    value_{name} = {name}_init();");
        }
        code.push_str("    set_up(argc, argv);\n    reset();\n");
        for handle in handles(&self.functions) {
            let _ = writeln!(code, "    CHECK(fixture_{handle} != NULL);");
        }
        code.push_str("    miss_callbacks();\n");
        for function in &self.functions {
            let _ = writeln!(code, "    test_{}();", function.name);
        }
        // The manifest belongs to the import.
        for handle in handles(&self.functions).filter(|handle| *handle != "gitlade_manifest") {
            let _ = writeln!(code, "    {handle}_free(fixture_{handle});");
        }
        code.push_str("    free(ndjson);\n    printf(\"%zu\\n\", calls);\n    return 0;\n}\n");
    }
}

/// A panic behind the function; the handle of a `_free` would leak, so that gets NULL.
fn panic(function: &Prototype, code: &mut String) {
    let with = match is_free(function) {
        true => call(function, Some(0), "NULL"),
        false => call(function, None, ""),
    };
    code.push_str("    gitlade_inject_panic(true);\n");
    if function.can_fail() {
        let _ = writeln!(code, "    panicked({with});");
    } else {
        let _ = writeln!(code, "    (void){with}; ++calls;");
    }
    code.push_str("    consumed();\n");
}
