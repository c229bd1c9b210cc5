/*
 * registry STORE import PATH-OR-URL | list | show ID | cat ID PATH | remove ID | check | gc | stats: a
 * host that imports in the background into a store, looks at what is there, and keeps it whole.
 *
 *     cc registry.c $(pkg-config --cflags --libs gitlade) -o registry
 */
#include <gitlade.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define USAGE "usage: %s STORE import SOURCE | list | show ID | cat ID PATH | remove ID | check | gc | stats\n"

static int fail(gitlade_error *error) {
    fprintf(stderr, "registry: %s\n", gitlade_error_message(error).data);
    int status = (int)gitlade_error_status(error);
    gitlade_error_free(error);
    return status;
}

static void print_text(const char *name, gitlade_str text) {
    if (text.data != NULL)
        printf("  %s %.*s\n", name, (int)text.len, text.data);
}

static void print_record(const gitlade_record *record) {
    gitlade_str status = gitlade_import_status_name(record->status);
    printf("%" PRIu64 " %.*s %.*s\n", record->id, (int)status.len, status.data, (int)record->source.len,
           record->source.data);
    print_text("tenant", record->tenant);
    print_text("ref", record->reference);
    print_text("failure", record->failure);
    print_text("advice", record->advice);
    if (record->status == GITLADE_IMPORT_STATUS_COMPLETE) {
        char root[65];
        gitlade_hex(record->root, sizeof record->root, root, sizeof root);
        printf("  %" PRIu64 " folders, %" PRIu64 " files, %" PRIu64 " bytes, %s\n", record->folders,
               record->files, record->bytes, root);
    }
}

static int print_records(gitlade_records *records) {
    gitlade_record record = gitlade_record_init();
    for (size_t i = 0; gitlade_records_get(records, i, &record, NULL) == GITLADE_STATUS_OK; ++i)
        print_record(&record);
    printf("%" PRIu64 " imports\n", gitlade_records_total(records));
    gitlade_records_free(records);
    return 0;
}

/* Starts an import, and tells what happens to it until it has ended. */
static int import(gitlade_store *store, const char *text) {
    gitlade_error *error = NULL;
    gitlade_engine *engine = NULL;
    gitlade_subscription *events = NULL;
    gitlade_source *source = NULL;
    gitlade_policy *policy = NULL;
    uint64_t id = 0;

    if (gitlade_policy_new(GITLADE_POLICY_PRESET_PERSON, &policy, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    gitlade_engine_options options = gitlade_engine_options_init();
    options.remote = &remote;
    gitlade_request request = gitlade_request_init();
    request.tenant = gitlade_z("example");
    if (gitlade_engine_open(store, &options, &engine, &error) != GITLADE_STATUS_OK ||
        gitlade_engine_subscribe(engine, NULL, &events, &error) != GITLADE_STATUS_OK ||
        gitlade_source_parse(text, GITLADE_NTS, &source, &error) != GITLADE_STATUS_OK ||
        gitlade_engine_start(engine, source, &request, &id, &error) != GITLADE_STATUS_OK)
        return fail(error);

    gitlade_event event = gitlade_event_init();
    gitlade_status status;
    do {
        status = gitlade_subscription_next(events, 1000, &event, &error);
        if (status == GITLADE_STATUS_OK) {
            gitlade_str name = gitlade_import_status_name(event.status);
            fprintf(stderr, "%" PRIu64 " %.*s %u %%\n", event.import_id, (int)name.len, name.data, event.percent);
        }
    } while (status == GITLADE_STATUS_PENDING ||
             (status == GITLADE_STATUS_OK && event.kind < GITLADE_EVENT_KIND_COMPLETE));

    gitlade_records *records = NULL;
    if (gitlade_engine_wait(engine, id, UINT64_MAX, &records, &error) != GITLADE_STATUS_OK)
        return fail(error);
    int code = print_records(records);
    gitlade_subscription_free(events);
    gitlade_engine_shutdown(engine, 1000);
    gitlade_source_free(source);
    gitlade_policy_free(policy);
    return code;
}

/* Tells what is wrong with the store; 1 if anything is. */
static int check(const gitlade_store *store) {
    gitlade_error *error = NULL;
    gitlade_findings *findings = NULL;
    if (gitlade_store_check(store, NULL, NULL, &findings, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_problem problem = gitlade_problem_init();
    for (size_t i = 0; gitlade_findings_get(findings, i, &problem, NULL) == GITLADE_STATUS_OK; ++i) {
        gitlade_str kind = gitlade_problem_kind_name(problem.kind);
        printf("%.*s: %.*s\n", (int)kind.len, kind.data, (int)problem.detail.len, problem.detail.data);
        gitlade_place place = gitlade_place_init();
        for (size_t j = 0; gitlade_findings_place(findings, i, j, &place, NULL) == GITLADE_STATUS_OK; ++j)
            printf("  import %" PRIu64 " %.*s\n", place.import_id, (int)place.path.len, place.path.data);
    }
    gitlade_check_report report = gitlade_check_report_init();
    gitlade_status status = gitlade_findings_report(findings, &report, &error);
    gitlade_findings_free(findings);
    if (status != GITLADE_STATUS_OK)
        return fail(error);
    printf("%" PRIu64 " problems, %" PRIu64 " contents\n", report.problems, report.contents);
    return report.problems > 0;
}

static int collect(const gitlade_store *store) {
    gitlade_error *error = NULL;
    gitlade_gc_report report = gitlade_gc_report_init();
    if (gitlade_store_gc(store, NULL, NULL, &report, &error) != GITLADE_STATUS_OK)
        return fail(error);
    printf("%" PRIu64 " contents removed, %" PRIu64 " bytes\n", report.contents, report.bytes);
    return 0;
}

static int count(const gitlade_store *store) {
    gitlade_error *error = NULL;
    gitlade_stats *stats = NULL;
    gitlade_buffer *json = NULL;
    if (gitlade_store_stats(store, &stats, &error) != GITLADE_STATUS_OK ||
        gitlade_stats_json(stats, &json, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_str text = gitlade_buffer_bytes(json);
    printf("%.*s\n", (int)text.len, text.data);
    gitlade_buffer_free(json);
    gitlade_stats_free(stats);
    return 0;
}

static int run(gitlade_store *store, int argc, char **argv) {
    gitlade_error *error = NULL;
    const char *verb = argv[2];
    uint64_t id = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (strcmp(verb, "import") == 0 && argc == 4)
        return import(store, argv[3]);
    if (strcmp(verb, "list") == 0 && argc == 3) {
        gitlade_records *records = NULL;
        if (gitlade_store_list(store, NULL, &records, &error) != GITLADE_STATUS_OK)
            return fail(error);
        return print_records(records);
    }
    if (strcmp(verb, "show") == 0 && argc == 4) {
        gitlade_manifest *manifest = NULL;
        gitlade_buffer *buffer = NULL;
        if (gitlade_store_manifest(store, id, &manifest, &error) != GITLADE_STATUS_OK ||
            gitlade_manifest_ndjson(manifest, &buffer, &error) != GITLADE_STATUS_OK)
            return fail(error);
        gitlade_str ndjson = gitlade_buffer_bytes(buffer);
        fwrite(ndjson.data, 1, ndjson.len, stdout);
        gitlade_buffer_free(buffer);
        gitlade_manifest_free(manifest);
        return 0;
    }
    if (strcmp(verb, "cat") == 0 && argc == 5) {
        gitlade_buffer *buffer = NULL;
        if (gitlade_store_bytes(store, id, argv[4], GITLADE_NTS, &buffer, &error) != GITLADE_STATUS_OK)
            return fail(error);
        gitlade_str bytes = gitlade_buffer_bytes(buffer);
        fwrite(bytes.data, 1, bytes.len, stdout);
        gitlade_buffer_free(buffer);
        return 0;
    }
    if (strcmp(verb, "remove") == 0 && argc == 4) {
        if (gitlade_store_remove(store, id, &error) != GITLADE_STATUS_OK)
            return fail(error);
        return 0;
    }
    if (strcmp(verb, "check") == 0 && argc == 3)
        return check(store);
    if (strcmp(verb, "gc") == 0 && argc == 3)
        return collect(store);
    if (strcmp(verb, "stats") == 0 && argc == 3)
        return count(store);
    fprintf(stderr, USAGE, argv[0]);
    return 2;
}

int main(int argc, char **argv) {
    gitlade_error *error = NULL;
    gitlade_store *store = NULL;
    if (argc < 3) {
        fprintf(stderr, USAGE, argv[0]);
        return 2;
    }
    if (gitlade_store_open(argv[1], GITLADE_NTS, NULL, &store, &error) != GITLADE_STATUS_OK)
        return fail(error);
    int code = run(store, argc, argv);
    gitlade_store_free(store);
    return code;
}
