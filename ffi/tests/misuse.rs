//! What the contract forbids ends in a status, and never in a crash.
//!
//! The calls are made from the header: NULL in each argument of each function, wrong sizes of each
//! struct, and a panic behind each export. So no function is forgotten.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::process::Command;

use gitlade_tests::scratch;
use gitlade_tests::server::{GitHttp, sample_repository};

use crate::installed::{build_file, prefix, run, scratch as place};
use crate::prototypes::{Parameter, Prototype, functions, header, sized_structs};

/// The expression that is right for a parameter.
fn right(function: &str, parameter: &Parameter) -> String {
    let Parameter { kind, name, .. } = parameter;
    let text = match (function, name.as_str()) {
        ("gitlade_source_parse" | "gitlade_source_parse_with", "text") => Some("repository"),
        ("gitlade_limits_get" | "gitlade_limits_set", "name") => Some("\"max_blob\""),
        ("gitlade_manifest_write_file" | "gitlade_manifest_read_file", "path") => Some("file"),
        ("gitlade_store_open", "path") => Some("store_path"),
        ("gitlade_manifest_parse", "bytes") => Some("ndjson"),
        (_, "scheme") => Some("\"https\""),
        _ => None,
    };
    match kind.as_str() {
        "const char*" => text.unwrap_or("\"x\"").to_owned(),
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
        "uint64_t*" => "&number".to_owned(),
        "size_t*" => "&count".to_owned(),
        "bool*" => "&flag".to_owned(),
        "struct gitlade_error**" => "&error".to_owned(),
        kind if kind.ends_with("**") => format!("({})&slot", kind.replace("**", " **")),
        "struct ArrowArrayStream*" => "&stream".to_owned(),
        kind => {
            let name = kind
                .trim_start_matches("const ")
                .trim_start_matches("struct ");
            format!("fixture_{}", name.trim_end_matches('*'))
        }
    }
}

/// The arguments, with the one at `index` replaced.
fn arguments(function: &Prototype, index: Option<usize>, by: &str) -> String {
    let right = function
        .parameters
        .iter()
        .enumerate()
        .map(|(place, parameter)| match index == Some(place) {
            true => format!("({}){by}", parameter.kind.replace('*', " *")),
            false => right(&function.name, parameter),
        });
    right.collect::<Vec<_>>().join(", ")
}

fn is_free(function: &Prototype) -> bool {
    function.name.ends_with("_free") || function.name == "gitlade_engine_shutdown"
}

/// Frees what a call may have handed out, by the type of its out-parameters.
fn release(function: &Prototype) -> String {
    let mut code = String::new();
    for parameter in &function.parameters {
        let kind = parameter.kind.trim_start_matches("struct ");
        if let Some(name) = kind.strip_suffix("**")
            && name != "gitlade_error"
        {
            let _ = write!(
                code,
                "if (slot != SENTINEL) {name}_free(({name} *)slot); slot = SENTINEL; "
            );
        }
        if kind == "ArrowArrayStream*" {
            code.push_str("if (stream.release != NULL) stream.release(&stream); ");
        }
    }
    code
}

/// Writes the program that makes all the calls.
fn program(functions: &[Prototype], structs: &BTreeSet<String>) -> String {
    let mut code = String::from(FIRST);
    for function in functions {
        let name = &function.name;
        let is_status = function.can_fail();
        let _ = writeln!(code, "static void test_{name}(void) {{ at = \"{name}\";");
        if is_status {
            let _ = writeln!(
                code,
                "valid({name}({})); {}",
                arguments(function, None, ""),
                release(function)
            );
        }
        for (index, parameter) in function.parameters.iter().enumerate() {
            if !parameter.is_pointer() {
                continue;
            }
            let with = arguments(function, Some(index), "NULL");
            let what = format!("\"{} is NULL\"", parameter.name);
            if !is_status {
                assert!(
                    parameter.may_be_null,
                    "{name} does not say that {} may be NULL, and has no status",
                    parameter.name
                );
                let _ = writeln!(code, "(void){name}({with}); ++calls;");
            } else if parameter.may_be_null || parameter.kind == "void*" {
                let with = match parameter.kind.as_str() {
                    // A text that is not there has no length.
                    "const char*" => with.replace("GITLADE_NTS", "0"),
                    _ => with,
                };
                let _ = writeln!(
                    code,
                    "nullable({what}, {name}({with})); {}",
                    release(function)
                );
            } else {
                let _ = writeln!(code, "refused({what}, {name}({with}));");
                if parameter.kind == "const char*" {
                    let with = with.replace("GITLADE_NTS", "5");
                    let _ = writeln!(code, "refused({what} \" with a length\", {name}({with}));");
                }
            }
            let kind = parameter
                .kind
                .trim_start_matches("const ")
                .trim_start_matches("struct ");
            let kind = kind.trim_end_matches('*');
            if structs.contains(kind) {
                let with = arguments(function, Some(index), "big");
                let is_read = parameter.kind.starts_with("const ");
                let sizes = "0, 1, sizeof(size_t), SIZE - 1, 4097, SIZE_MAX"
                    .replace("SIZE ", &format!("sizeof({kind}) "));
                let _ = writeln!(code, "{{ const size_t sizes[] = {{ {sizes} }};");
                let _ = writeln!(
                    code,
                    "for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {{"
                );
                let _ = writeln!(
                    code,
                    "enlarge(fixture_{kind}, sizeof({kind}), sizes[i], 0);"
                );
                let _ = writeln!(code, "refused(\"size of {kind}\", {name}({with})); }}");
                let _ = writeln!(
                    code,
                    "enlarge(fixture_{kind}, sizeof({kind}), sizeof({kind}) + 8, 0);"
                );
                let _ = writeln!(
                    code,
                    "nullable(\"newer {kind}\", {name}({with})); {}",
                    release(function)
                );
                let _ = writeln!(
                    code,
                    "enlarge(fixture_{kind}, sizeof({kind}), sizeof({kind}) + 8, 1);"
                );
                let expected = if is_read { "refused" } else { "nullable" };
                let _ = writeln!(
                    code,
                    "{expected}(\"unknown field of {kind}\", {name}({with})); {} }}",
                    release(function)
                );
            }
        }
        // A panic behind it: the handle of a _free would leak, so that gets NULL.
        let with = match is_free(function) {
            true => arguments(function, Some(0), "NULL"),
            false => arguments(function, None, ""),
        };
        let _ = writeln!(code, "gitlade_inject_panic(true);");
        if is_status {
            let _ = writeln!(code, "panicked({name}({with}));");
        } else {
            let _ = writeln!(code, "(void){name}({with});");
        }
        let _ = writeln!(code, "consumed(); }}\n");
    }
    code.push_str(MAIN);
    for function in functions {
        let _ = writeln!(code, "    test_{}();", function.name);
    }
    code.push_str(LAST);
    code
}

const FIRST: &str = r##"#include "check.h"

bool gitlade_inject_panic(bool armed);

static const char *at = "", *repository, *file, *store_path;
static char *ndjson;
static size_t calls;
static uint8_t bytes[64];
static uint64_t number;
static size_t count;
static bool flag;
static gitlade_error *error;
static char sentinel;
#define SENTINEL ((void *)&sentinel)
static void *slot = SENTINEL;
static struct ArrowArrayStream stream;
static union { size_t size; char room[8192]; } large;
#define big &large

static gitlade_source *fixture_gitlade_source;
static gitlade_limits *fixture_gitlade_limits;
static gitlade_credentials *fixture_gitlade_credentials;
static gitlade_policy *fixture_gitlade_policy;
static gitlade_control *fixture_gitlade_control;
static gitlade_import *fixture_gitlade_import;
static gitlade_task *fixture_gitlade_task;
static const gitlade_manifest *fixture_gitlade_manifest;
static gitlade_entries *fixture_gitlade_entries;
static gitlade_buffer *fixture_gitlade_buffer;
static gitlade_reader *fixture_gitlade_reader;
static gitlade_refs *fixture_gitlade_refs;
static gitlade_error *fixture_gitlade_error;
static gitlade_store *fixture_gitlade_store;
static gitlade_records *fixture_gitlade_records;
static gitlade_engine *fixture_gitlade_engine;
static gitlade_subscription *fixture_gitlade_subscription;
#define STRUCT(type) static type value_##type; static type *fixture_##type = &value_##type;
STRUCT(gitlade_options)
STRUCT(gitlade_remote_options)
STRUCT(gitlade_hooks)
STRUCT(gitlade_writer)
STRUCT(gitlade_input)
STRUCT(gitlade_table_options)
STRUCT(gitlade_progress)
STRUCT(gitlade_entry)
STRUCT(gitlade_header)
STRUCT(gitlade_totals)
STRUCT(gitlade_ref)
STRUCT(gitlade_store_options)
STRUCT(gitlade_filter)
STRUCT(gitlade_record)
STRUCT(gitlade_engine_options)
STRUCT(gitlade_request)
STRUCT(gitlade_restart)
STRUCT(gitlade_subscribe_options)
STRUCT(gitlade_event)

static bool allow(void *context, const gitlade_destination *destination) {
    (void)context;
    return destination != NULL;
}

static int32_t swallow(void *context, const uint8_t *data, size_t len) {
    (void)context, (void)data, (void)len;
    return 0;
}

static int64_t nothing(void *context, uint8_t *buffer, size_t capacity) {
    (void)context, (void)buffer, (void)capacity;
    return 0;
}

static void wrong(const char *what, gitlade_status status) {
    fprintf(stderr, "%s: %s: %d\n", at, what, (int)status);
    exit(1);
}

static void forget(void) {
    gitlade_error_free(error);
    error = NULL;
}

static void untouched(const char *what, gitlade_status status) {
    if (slot != SENTINEL)
        wrong(what, status);
}

static void valid(gitlade_status status) {
    ++calls;
    if (status == GITLADE_STATUS_INVALID_ARGUMENT || status == GITLADE_STATUS_INTERNAL)
        wrong("all is right", status);
    if (status != GITLADE_STATUS_OK)
        untouched("out after a failure", status);
    forget();
}

static void nullable(const char *what, gitlade_status status) {
    ++calls;
    if (status == GITLADE_STATUS_INVALID_ARGUMENT || status == GITLADE_STATUS_INTERNAL)
        wrong(what, status);
    forget();
}

static void refused(const char *what, gitlade_status status) {
    ++calls;
    if (status != GITLADE_STATUS_INVALID_ARGUMENT)
        wrong(what, status);
    untouched(what, status);
    if (error != NULL && gitlade_error_message(error).len == 0)
        wrong("no message", status);
    forget();
}

static void panicked(gitlade_status status) {
    ++calls;
    if (status != GITLADE_STATUS_INTERNAL)
        wrong("panic", status);
    untouched("panic", status);
    CHECK(error != NULL && strstr(gitlade_error_message(error).data, "injected") != NULL);
    forget();
}

static void consumed(void) {
    if (gitlade_inject_panic(false))
        wrong("is not behind the boundary", GITLADE_STATUS_OK);
}

static void enlarge(const void *value, size_t len, size_t told, char tail) {
    memset(&large, 0, sizeof large);
    memcpy(&large, value, len);
    large.room[len] = tail;
    large.size = told;
}

"##;

const MAIN: &str = r#"int main(int argc, char **argv) {
    CHECK(argc == 4);
    repository = argv[1];
    file = argv[2];
    OK(gitlade_source_parse(repository, GITLADE_NTS, &fixture_gitlade_source, &error));
    OK(gitlade_limits_new(&fixture_gitlade_limits, &error));
    OK(gitlade_credentials_token("t", 1, &fixture_gitlade_credentials, &error));
    OK(gitlade_policy_new(0, &fixture_gitlade_policy, &error));
    OK(gitlade_control_new(&fixture_gitlade_control, &error));
    OK(gitlade_import_run(fixture_gitlade_source, NULL, NULL, &fixture_gitlade_import, &error));
    OK(gitlade_import_start(fixture_gitlade_source, NULL, NULL, &fixture_gitlade_task, &error));
    OK(gitlade_task_wait(fixture_gitlade_task, UINT64_MAX, &error));
    fixture_gitlade_manifest = gitlade_import_manifest(fixture_gitlade_import);
    OK(gitlade_manifest_entries(fixture_gitlade_manifest, 0, &fixture_gitlade_entries, &error));
    OK(gitlade_manifest_ndjson(fixture_gitlade_manifest, &fixture_gitlade_buffer, &error));
    gitlade_str text = gitlade_buffer_bytes(fixture_gitlade_buffer);
    ndjson = (char *)malloc(text.len + 1);
    memcpy(ndjson, text.data, text.len);
    ndjson[text.len] = 0;
    gitlade_entry entry = gitlade_entry_init();
    gitlade_entries *files;
    OK(gitlade_manifest_entries(fixture_gitlade_manifest, GITLADE_FILES, &files, &error));
    OK(gitlade_entries_next(files, &entry, &error));
    gitlade_entries_free(files);
    OK(gitlade_import_reader(fixture_gitlade_import, entry.index, &fixture_gitlade_reader, &error));
    CHECK(gitlade_source_parse("", 0, &fixture_gitlade_source, &fixture_gitlade_error) == GITLADE_STATUS_INVALID_SOURCE);
    gitlade_source *remote;
    gitlade_policy *policy;
    OK(gitlade_source_parse(argv[3], GITLADE_NTS, &remote, &error));
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    value_gitlade_remote_options = gitlade_remote_options_init();
    value_gitlade_remote_options.policy = policy;
    OK(gitlade_ls_remote(remote, fixture_gitlade_remote_options, NULL, NULL, &fixture_gitlade_refs, &error));
    gitlade_source_free(remote);
    gitlade_policy_free(policy);
    value_gitlade_options = gitlade_options_init();
    value_gitlade_remote_options = gitlade_remote_options_init();
    value_gitlade_hooks = gitlade_hooks_init();
    value_gitlade_writer = gitlade_writer_init();
    value_gitlade_writer.write = swallow;
    value_gitlade_input = gitlade_input_init();
    value_gitlade_input.read = nothing;
    value_gitlade_table_options = gitlade_table_options_init();
    value_gitlade_progress = gitlade_progress_init();
    value_gitlade_entry = gitlade_entry_init();
    value_gitlade_header = gitlade_header_init();
    value_gitlade_totals = gitlade_totals_init();
    value_gitlade_ref = gitlade_ref_init();
    value_gitlade_store_options = gitlade_store_options_init();
    value_gitlade_filter = gitlade_filter_init();
    value_gitlade_record = gitlade_record_init();
    value_gitlade_engine_options = gitlade_engine_options_init();
    value_gitlade_request = gitlade_request_init();
    value_gitlade_restart = gitlade_restart_init();
    value_gitlade_subscribe_options = gitlade_subscribe_options_init();
    value_gitlade_event = gitlade_event_init();
    char store[4096];
    snprintf(store, sizeof store, "%s.store", file);
    store_path = store;
    OK(gitlade_store_open(store, GITLADE_NTS, NULL, &fixture_gitlade_store, &error));
    OK(gitlade_engine_open(fixture_gitlade_store, NULL, &fixture_gitlade_engine, &error));
    OK(gitlade_engine_subscribe(fixture_gitlade_engine, NULL, &fixture_gitlade_subscription, &error));
    uint64_t id;
    OK(gitlade_engine_start(fixture_gitlade_engine, fixture_gitlade_source, NULL, &id, &error));
    CHECK(id == 1);
    OK(gitlade_engine_wait(fixture_gitlade_engine, id, 60000, &fixture_gitlade_records, &error));
    OK(gitlade_records_get(fixture_gitlade_records, 0, &value_gitlade_record, &error));
    CHECK(value_gitlade_record.status == GITLADE_IMPORT_STATUS_COMPLETE);

"#;

const LAST: &str = r#"
    gitlade_source_free(fixture_gitlade_source);
    gitlade_limits_free(fixture_gitlade_limits);
    gitlade_credentials_free(fixture_gitlade_credentials);
    gitlade_policy_free(fixture_gitlade_policy);
    gitlade_control_free(fixture_gitlade_control);
    gitlade_import_free(fixture_gitlade_import);
    gitlade_task_free(fixture_gitlade_task);
    gitlade_entries_free(fixture_gitlade_entries);
    gitlade_buffer_free(fixture_gitlade_buffer);
    gitlade_reader_free(fixture_gitlade_reader);
    gitlade_refs_free(fixture_gitlade_refs);
    gitlade_error_free(fixture_gitlade_error);
    gitlade_subscription_free(fixture_gitlade_subscription);
    gitlade_engine_free(fixture_gitlade_engine);
    gitlade_records_free(fixture_gitlade_records);
    gitlade_store_free(fixture_gitlade_store);
    free(ndjson);
    printf("%zu\n", calls);
    return 0;
}
"#;

#[test]
fn misuse_ends_in_a_status() {
    let header = header();
    let functions = functions(&header);
    let structs = sized_structs(&header);
    let file = place("misuse").join("misuse.c");
    std::fs::write(&file, program(&functions, &structs)).expect("because it is a target folder");
    let include = format!("-I{}/tests/c", crate::installed::CRATE);
    let program = build_file(&file, "gcc", &[&include]);
    let folder = scratch();
    let repository = sample_repository(folder.path());
    let mut command = Command::new(program);
    let server = GitHttp::serve(folder.path());
    command
        .arg(repository)
        .arg(folder.path().join("manifest"))
        .arg(server.url("sample.git"));
    let output = run(&mut command);
    let calls = String::from_utf8_lossy(&output.stdout);
    let calls: usize = calls.trim().parse().expect("because it prints the number");
    println!(
        "{} functions were misused in {calls} calls",
        functions.len()
    );
    assert!(calls > 4 * functions.len(), "{calls}");
    // Nothing is printed, not even about the panics.
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_header_has_all_that_is_exported_and_nothing_more() {
    let mut nm = Command::new("nm");
    nm.args(["-D", "--defined-only"])
        .arg(prefix().join("lib/libgitlade.so"));
    let exported = String::from_utf8(run(&mut nm).stdout).expect("because names are ASCII");
    let exported: BTreeSet<&str> = exported
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        // What lets the suite above inject panics, and is never built for users.
        .filter(|name| *name != "gitlade_inject_panic")
        .collect();
    let header = header();
    let functions = functions(&header);
    let declared: BTreeSet<&str> = functions.iter().map(|function| &*function.name).collect();
    assert_eq!(exported, declared);
    assert!(declared.len() > 80, "{}", declared.len());
    assert!(declared.iter().all(|name| name.starts_with("gitlade_")));
}
