/*
 * engine fill STORE GUARDED SILENT SOURCE...: imports each SOURCE into STORE, and prints what comes out.
 * GUARDED asks for the credentials user:secret, and SILENT never answers.
 *
 * engine mend STORE SOURCE: damages STORE, repairs it, and collects all that it has. SOURCE has a file
 * called logo.bin.
 */
#include "entry.h"

static gitlade_source *parse(const char *text) {
    gitlade_source *source;
    OK(gitlade_source_parse(text, GITLADE_NTS, &source, &error));
    return source;
}

static void print_record(const gitlade_record *record) {
    printf("record\t%" PRIu64 "\t%u\t%d\t%u\t%d", record->id, (unsigned)record->status, record->failure_status,
           record->attempt, record->is_remote);
    print_str(record->tenant);
    print_str(record->metadata);
    print_str(record->source);
    print_str(record->owner);
    print_str(record->repository);
    print_str(record->revision);
    print_str(record->reference);
    print_hex(record->commit, record->commit_len);
    print_hex(record->root, 32);
    printf("\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", record->folders, record->files,
           record->bytes, record->text, record->binary);
    CHECK(record->created_ms > 0 && record->updated_ms >= record->created_ms);
}

static gitlade_record only(const gitlade_records *records) {
    gitlade_record record = gitlade_record_init();
    CHECK(gitlade_records_len(records) == 1);
    OK(gitlade_records_get(records, 0, &record, &error));
    return record;
}

/* Waits for the end of an import, tells how that was, and what stands at the end. */
static gitlade_import_status ended(const gitlade_engine *engine, uint64_t id, int32_t *failure) {
    gitlade_records *records;
    OK(gitlade_engine_wait(engine, id, 60000, &records, &error));
    gitlade_record record = only(records);
    gitlade_import_status status = record.status;
    *failure = record.failure_status;
    CHECK(record.id == id && record.ended_ms >= record.started_ms);
    gitlade_records_free(records);
    return status;
}

static void print_stored(const gitlade_store *store, uint64_t id, const gitlade_entry *entry) {
    gitlade_buffer *buffer = NULL;
    gitlade_status status = gitlade_store_bytes(store, id, entry->path.data, entry->path.len, &buffer, NULL);
    if (status != GITLADE_STATUS_OK) {
        CHECK(buffer == NULL);
        printf("\t%d\n", (int)status);
        return;
    }
    gitlade_str bytes = gitlade_buffer_bytes(buffer);
    uint64_t hash = fnv(bytes.data, bytes.len);
    gitlade_reader *reader;
    size_t len;
    OK(gitlade_store_reader(store, id, entry->path.data, entry->path.len, &reader, &error));
    CHECK(drain(reader, &len) == hash && len == bytes.len && len == entry->size);
    gitlade_buffer_free(buffer);
    printf("\t%016" PRIx64, hash);
    status = gitlade_store_text(store, id, entry->path.data, entry->path.len, &buffer, NULL);
    if (status == GITLADE_STATUS_OK) {
        gitlade_str text = gitlade_buffer_bytes(buffer);
        printf("\t%016" PRIx64 "\n", fnv(text.data, text.len));
        gitlade_buffer_free(buffer);
    } else {
        printf("\t%d\n", (int)status);
    }
}

/* Imports a source, follows the events, and prints all that the store has of it then. */
static void import(gitlade_store *store, gitlade_engine *engine, const char *text) {
    gitlade_subscription *events;
    gitlade_subscribe_options wanted = gitlade_subscribe_options_init();
    wanted.tenant = gitlade_z("host");
    OK(gitlade_engine_subscribe(engine, &wanted, &events, &error));
    gitlade_request request = gitlade_request_init();
    request.tenant = gitlade_z("host");
    request.metadata = gitlade_z("{\"of\":\"the host\"}");
    gitlade_source *source = parse(text);
    uint64_t id;
    OK(gitlade_engine_start(engine, source, &request, &id, &error));
    gitlade_source_free(source);

    gitlade_event event = gitlade_event_init();
    bool first = true;
    do {
        OK(gitlade_subscription_next(events, 60000, &event, &error));
        CHECK(event.import_id == id && event.attempt == 1 && event.percent <= 100);
        CHECK(event.tenant.len == 4 && memcmp(event.tenant.data, "host", 4) == 0);
        CHECK((event.kind == GITLADE_EVENT_KIND_CREATED) == first);
        first = false;
    } while (event.kind < GITLADE_EVENT_KIND_COMPLETE);
    CHECK(gitlade_subscription_next(events, 0, &event, NULL) == GITLADE_STATUS_PENDING);
    uint64_t missed_progress = 1, missed = 1;
    OK(gitlade_subscription_missed(events, &missed_progress, &missed, &error));
    CHECK(missed_progress == 0 && missed == 0);
    gitlade_subscription_free(events);

    int32_t failure;
    bool is_complete = ended(engine, id, &failure) == GITLADE_IMPORT_STATUS_COMPLETE;
    CHECK((event.kind == GITLADE_EVENT_KIND_COMPLETE) == is_complete && (failure == 0) == is_complete);
    gitlade_records *records;
    OK(gitlade_engine_status(engine, id, &records, &error));
    gitlade_record record = only(records);
    print_record(&record);
    gitlade_records_free(records);
    if (!is_complete)
        return;
    gitlade_manifest *manifest;
    OK(gitlade_store_manifest(store, id, &manifest, &error));
    gitlade_entries *entries;
    OK(gitlade_manifest_entries(manifest, 0, &entries, &error));
    gitlade_entry entry = gitlade_entry_init();
    while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK) {
        print_entry(&entry);
        print_stored(store, id, &entry);
    }
    gitlade_entries_free(entries);
    gitlade_manifest_free(manifest);
}

/* What fails without credentials succeeds when it is started again with them. */
static void restart(gitlade_engine *engine, const char *url) {
    gitlade_source *source = parse(url);
    uint64_t id;
    int32_t failure;
    OK(gitlade_engine_start(engine, source, NULL, &id, &error));
    CHECK(ended(engine, id, &failure) == GITLADE_IMPORT_STATUS_FAILED);
    CHECK(failure == GITLADE_STATUS_AUTHENTICATION_REQUIRED);
    gitlade_restart changes = gitlade_restart_init();
    gitlade_credentials *credentials;
    OK(gitlade_credentials_password("user", GITLADE_NTS, "wrong", GITLADE_NTS, &credentials, &error));
    changes.credentials = credentials;
    OK(gitlade_engine_restart(engine, id, &changes, &error));
    gitlade_credentials_free(credentials);
    CHECK(ended(engine, id, &failure) == GITLADE_IMPORT_STATUS_FAILED);
    CHECK(failure == GITLADE_STATUS_AUTHENTICATION_FAILED);
    gitlade_options options = gitlade_options_init();
    options.revision = gitlade_z("feature/x");
    OK(gitlade_credentials_password("user", GITLADE_NTS, "secret", GITLADE_NTS, &credentials, &error));
    changes.credentials = credentials;
    changes.options = &options;
    OK(gitlade_engine_restart(engine, id, &changes, &error));
    gitlade_credentials_free(credentials);
    CHECK(ended(engine, id, &failure) == GITLADE_IMPORT_STATUS_COMPLETE && failure == 0);
    gitlade_records *records;
    OK(gitlade_engine_status(engine, id, &records, &error));
    gitlade_record record = only(records);
    CHECK(record.attempt == 3);
    print_record(&record);
    gitlade_records_free(records);
    /* One that is complete is not done again. */
    CHECK(gitlade_engine_restart(engine, id, NULL, NULL) == GITLADE_STATUS_INVALID_OPTIONS);
    gitlade_source_free(source);
}

/* An import that hangs is cancelled, started again, cancelled and forgotten. */
static void cancel(gitlade_engine *engine, const char *url) {
    gitlade_subscription *events;
    OK(gitlade_engine_subscribe(engine, NULL, &events, &error));
    gitlade_source *source = parse(url);
    uint64_t id;
    OK(gitlade_engine_start(engine, source, NULL, &id, &error));
    gitlade_source_free(source);
    for (uint32_t attempt = 1; attempt <= 2; ++attempt) {
        gitlade_event event = gitlade_event_init();
        do {
            /* The end of an import before this one may still be told. */
            do
                OK(gitlade_subscription_next(events, 60000, &event, &error));
            while (event.import_id != id);
            CHECK(event.attempt == attempt && event.kind < GITLADE_EVENT_KIND_COMPLETE);
        } while (event.step != GITLADE_STEP_CONNECTING);
        gitlade_records *records;
        OK(gitlade_engine_wait(engine, id, 10, &records, &error));
        CHECK(only(records).status < GITLADE_IMPORT_STATUS_COMPLETE);
        gitlade_records_free(records);
        CHECK(gitlade_engine_remove(engine, id, NULL) == GITLADE_STATUS_BUSY);
        CHECK(gitlade_engine_restart(engine, id, NULL, NULL) == GITLADE_STATUS_BUSY);
        bool stopped = false;
        OK(gitlade_engine_cancel(engine, id, &stopped, &error));
        CHECK(stopped);
        int32_t failure;
        CHECK(ended(engine, id, &failure) == GITLADE_IMPORT_STATUS_CANCELLED);
        OK(gitlade_engine_cancel(engine, id, &stopped, &error));
        CHECK(!stopped);
        do
            OK(gitlade_subscription_next(events, 60000, &event, &error));
        while (event.kind < GITLADE_EVENT_KIND_COMPLETE);
        CHECK(event.kind == GITLADE_EVENT_KIND_CANCELLED);
        if (attempt == 1)
            OK(gitlade_engine_restart(engine, id, NULL, &error));
    }
    gitlade_subscription_free(events);
    OK(gitlade_engine_remove(engine, id, &error));
    gitlade_records *none = NULL;
    CHECK(gitlade_engine_status(engine, id, &none, NULL) == GITLADE_STATUS_IMPORT_NOT_FOUND && none == NULL);
}

/* All records, page by page, the oldest first. */
static uint64_t list(const gitlade_store *store, const gitlade_engine *engine) {
    gitlade_filter filter = gitlade_filter_init();
    filter.ascending = 1;
    filter.limit = 2;
    filter.statuses = 1u << GITLADE_IMPORT_STATUS_COMPLETE;
    uint64_t total;
    do {
        gitlade_records *page, *same;
        gitlade_record record = gitlade_record_init();
        OK(gitlade_store_list(store, &filter, &page, &error));
        OK(gitlade_engine_list(engine, &filter, &same, &error));
        total = gitlade_records_total(page);
        CHECK(gitlade_records_len(page) <= 2 && gitlade_records_len(same) == gitlade_records_len(page));
        for (size_t i = 0; i < gitlade_records_len(page); ++i) {
            OK(gitlade_records_get(page, i, &record, &error));
            print_record(&record);
        }
        CHECK(gitlade_records_get(page, gitlade_records_len(page), &record, NULL) == GITLADE_STATUS_END);
        gitlade_records_free(page);
        gitlade_records_free(same);
        filter.offset += 2;
    } while (filter.offset < total);
    return total;
}

static void print_json(const char *name, gitlade_buffer *json) {
    gitlade_str text = gitlade_buffer_bytes(json);
    printf("%s\t%.*s\n", name, (int)text.len, text.data);
    gitlade_buffer_free(json);
}

static void print_stats(const gitlade_store *store) {
    gitlade_stats *stats;
    OK(gitlade_store_stats(store, &stats, &error));
    gitlade_store_counts counts = gitlade_store_counts_init();
    OK(gitlade_stats_counts(stats, &counts, &error));
    printf("counts\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
           "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
           "\t%" PRIu64 "\t%" PRIu64 "\n",
           counts.files, counts.file_bytes, counts.snapshots, counts.entries, counts.contents, counts.content_bytes,
           counts.shared_bytes, counts.texts, counts.text_bytes, counts.blobs, counts.blob_bytes, counts.lost,
           counts.unused_contents, counts.unused_bytes, counts.facts, counts.trees, counts.tree_bytes);
    for (uint32_t status = 0; gitlade_import_status_name(status).data != NULL; ++status)
        printf("imports\t%u\t%" PRIu64 "\n", status, gitlade_stats_imports(stats, status));
    CHECK(gitlade_stats_imports(stats, 99) == 0 && counts.database_bytes > 0);
    gitlade_tenant_counts tenant = gitlade_tenant_counts_init();
    for (size_t i = 0; i < gitlade_stats_len(stats); ++i) {
        OK(gitlade_stats_get(stats, i, &tenant, &error));
        printf("tenant");
        print_str(tenant.tenant);
        printf("\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", tenant.imports, tenant.complete, tenant.files,
               tenant.bytes);
    }
    CHECK(gitlade_stats_get(stats, gitlade_stats_len(stats), &tenant, NULL) == GITLADE_STATUS_END);
    gitlade_buffer *json;
    OK(gitlade_stats_json(stats, &json, &error));
    print_json("stats", json);
    gitlade_stats_free(stats);
}

static bool count_reports(void *context, const gitlade_progress *progress) {
    CHECK(progress->struct_size == sizeof *progress);
    ++*(size_t *)context;
    return true;
}

static bool refuse(void *context, const gitlade_progress *progress) {
    (void)context, (void)progress;
    return false;
}

/* Work on a store is watched and stopped like an import. */
static void watch(const gitlade_store *store) {
    size_t reports = 0;
    gitlade_control *control;
    OK(gitlade_control_new(&control, &error));
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.control = control;
    hooks.progress = count_reports;
    hooks.progress_context = &reports;
    hooks.progress_interval_ms = 1;
    gitlade_findings *findings = NULL;
    OK(gitlade_store_check(store, NULL, &hooks, &findings, &error));
    gitlade_findings_free(findings);
    findings = NULL;
    CHECK(reports > 0);
    gitlade_progress progress = gitlade_progress_init();
    OK(gitlade_control_progress(control, &progress, &error));
    CHECK(progress.step == GITLADE_STEP_COMPLETE);
    gitlade_control_cancel(control);
    gitlade_repair *repair = NULL;
    gitlade_gc_report report = gitlade_gc_report_init();
    gitlade_records *records = NULL;
    gitlade_source *source = parse("/nonexistent");
    CHECK(gitlade_store_check(store, NULL, &hooks, &findings, NULL) == GITLADE_STATUS_CANCELLED);
    CHECK(gitlade_store_repair(store, NULL, &hooks, &repair, NULL) == GITLADE_STATUS_CANCELLED);
    CHECK(gitlade_store_gc(store, NULL, &hooks, &report, NULL) == GITLADE_STATUS_CANCELLED);
    CHECK(gitlade_store_import(store, source, NULL, NULL, &records, NULL) == GITLADE_STATUS_NOT_A_REPOSITORY);
    CHECK(findings == NULL && repair == NULL && records == NULL && report.database_bytes == 0);
    gitlade_source_free(source);
    gitlade_control_free(control);
    /* A callback that says no stops the work, or comes too late to. */
    hooks.control = NULL;
    hooks.progress = refuse;
    gitlade_status status = gitlade_store_check(store, NULL, &hooks, &findings, NULL);
    CHECK(status == GITLADE_STATUS_OK || status == GITLADE_STATUS_CANCELLED);
    CHECK((findings != NULL) == (status == GITLADE_STATUS_OK));
    gitlade_findings_free(findings);
}

/* The file that the store keeps a content in. */
static void file_of(const gitlade_store *store, const uint8_t *digest, char *name, size_t capacity) {
    char hex[65];
    gitlade_hex(digest, 32, hex, sizeof hex);
    gitlade_str folder = gitlade_store_folder(store);
    CHECK(snprintf(name, capacity, "%.*s/blobs/%.2s/%s", (int)folder.len, folder.data, hex, hex + 2) > 0);
}

/* A blob is damaged, found, given up, and read again from the source. */
static void mend(gitlade_store *store, const char *text, const gitlade_options *means) {
    gitlade_source *source = parse(text);
    gitlade_records *records;
    OK(gitlade_store_import(store, source, means, NULL, &records, &error));
    gitlade_record record = only(records);
    uint64_t id = record.id;
    CHECK(record.status == GITLADE_IMPORT_STATUS_COMPLETE);
    gitlade_records_free(records);
    gitlade_source_free(source);
    gitlade_manifest *manifest;
    gitlade_entry entry = gitlade_entry_init();
    OK(gitlade_store_manifest(store, id, &manifest, &error));
    OK(gitlade_manifest_find(manifest, "logo.bin", GITLADE_NTS, &entry, &error));
    char name[4096];
    file_of(store, entry.digest, name, sizeof name);
    FILE *blob = fopen(name, "r+b");
    CHECK(blob != NULL && fputc('?', blob) == '?' && fclose(blob) == 0);

    gitlade_findings *findings;
    OK(gitlade_store_check(store, NULL, NULL, &findings, &error));
    gitlade_check_report report = gitlade_check_report_init();
    OK(gitlade_findings_report(findings, &report, &error));
    CHECK(report.problems == 1 && gitlade_findings_len(findings) == 1 && report.contents > 1);
    gitlade_problem problem = gitlade_problem_init();
    OK(gitlade_findings_get(findings, 0, &problem, &error));
    CHECK(problem.kind == GITLADE_PROBLEM_KIND_BLOB_DAMAGED && problem.has_digest && problem.detail.len > 0);
    CHECK(memcmp(problem.digest, entry.digest, 32) == 0 && problem.places_listed == problem.places_total);
    gitlade_place place = gitlade_place_init();
    bool is_there = false;
    for (size_t i = 0; i < problem.places_listed; ++i) {
        OK(gitlade_findings_place(findings, 0, i, &place, &error));
        printf("place\t%" PRIu64, place.import_id);
        print_str(place.path);
        putchar('\n');
        is_there = is_there || (place.import_id == id && place.path.len == 8 && memcmp(place.path.data, "logo.bin", 8) == 0);
    }
    CHECK(is_there);
    CHECK(gitlade_findings_place(findings, 0, problem.places_listed, &place, NULL) == GITLADE_STATUS_END);
    CHECK(gitlade_findings_place(findings, 1, 0, &place, NULL) == GITLADE_STATUS_END);
    CHECK(gitlade_findings_get(findings, 1, &problem, NULL) == GITLADE_STATUS_END);
    gitlade_buffer *json;
    OK(gitlade_findings_json(findings, &json, &error));
    print_json("findings", json);
    gitlade_findings_free(findings);
    gitlade_check_options none_listed = gitlade_check_options_init();
    none_listed.max_listed = GITLADE_NONE;
    OK(gitlade_store_check(store, &none_listed, NULL, &findings, &error));
    OK(gitlade_findings_report(findings, &report, &error));
    CHECK(report.problems == 1 && gitlade_findings_len(findings) == 0);
    gitlade_findings_free(findings);

    gitlade_repair *repair;
    OK(gitlade_store_repair(store, NULL, NULL, &repair, &error));
    gitlade_repair_report repaired = gitlade_repair_report_init();
    OK(gitlade_repair_counts(repair, &repaired, &error));
    CHECK(repaired.problems == 1 && repaired.fetched == 0 && repaired.losses == problem.places_total);
    CHECK(repaired.losses_listed == repaired.losses && repaired.failures == 0);
    gitlade_loss loss = gitlade_loss_init();
    for (size_t i = 0; i < repaired.losses; ++i) {
        OK(gitlade_repair_get_loss(repair, i, &loss, &error));
        CHECK(loss.has_digest && memcmp(loss.digest, entry.digest, 32) == 0 && loss.size == entry.size);
    }
    CHECK(gitlade_repair_get_loss(repair, repaired.losses, &loss, NULL) == GITLADE_STATUS_END);
    gitlade_failed_fetch failed = gitlade_failed_fetch_init();
    CHECK(gitlade_repair_get_failure(repair, 0, &failed, NULL) == GITLADE_STATUS_END);
    OK(gitlade_repair_json(repair, &json, &error));
    print_json("repair", json);
    gitlade_repair_free(repair);
    gitlade_buffer *gone = NULL;
    CHECK(gitlade_store_bytes(store, id, "logo.bin", GITLADE_NTS, &gone, NULL) == GITLADE_STATUS_CORRUPT_STORE);

    gitlade_repair_options fetch = gitlade_repair_options_init();
    fetch.fetch = means;
    OK(gitlade_store_repair(store, &fetch, NULL, &repair, &error));
    OK(gitlade_repair_counts(repair, &repaired, &error));
    CHECK(repaired.fetched == 1 && repaired.losses == 0);
    gitlade_repair_free(repair);
    OK(gitlade_store_bytes(store, id, "logo.bin", GITLADE_NTS, &gone, &error));
    CHECK(gitlade_buffer_bytes(gone).len == entry.size);
    gitlade_buffer_free(gone);
    gitlade_manifest_free(manifest);
    OK(gitlade_store_check(store, NULL, NULL, &findings, &error));
    OK(gitlade_findings_report(findings, &report, &error));
    CHECK(report.problems == 0 && report.lost == 0);
    gitlade_findings_free(findings);
}

/* Everything is forgotten and collected. */
static void collect(gitlade_store *store) {
    gitlade_records *records;
    gitlade_record record = gitlade_record_init();
    gitlade_filter filter = gitlade_filter_init();
    filter.limit = 1000;
    OK(gitlade_store_list(store, &filter, &records, &error));
    for (size_t i = 0; gitlade_records_get(records, i, &record, NULL) == GITLADE_STATUS_OK; ++i)
        OK(gitlade_store_remove(store, record.id, &error));
    gitlade_records_free(records);
    gitlade_gc_options options = gitlade_gc_options_init();
    options.min_age_s = GITLADE_NONE;
    options.dry_run = 1;
    gitlade_gc_report dry = gitlade_gc_report_init(), wet = gitlade_gc_report_init();
    OK(gitlade_store_gc(store, &options, NULL, &dry, &error));
    options.dry_run = 0;
    options.vacuum = 1;
    OK(gitlade_store_gc(store, &options, NULL, &wet, &error));
    CHECK(dry.contents > 0 && dry.contents == wet.contents && dry.bytes == wet.bytes && dry.blobs == wet.blobs);
    CHECK(wet.trees > 0 && !wet.imports_running && wet.free_bytes == 0 && wet.database_bytes > 0);
    print_stats(store);
}

/* Imports everything, and leaves it there. */
static void fill(gitlade_store *store, const gitlade_remote_options *remote, int argc, char **argv) {
    gitlade_engine *engine;
    gitlade_engine_options options = gitlade_engine_options_init();
    options.remote = remote;
    OK(gitlade_engine_open(store, &options, &engine, &error));
    for (int i = 5; i < argc; ++i)
        import(store, engine, argv[i]);
    restart(engine, argv[3]);
    cancel(engine, argv[4]);
    CHECK(list(store, engine) > 0);
    gitlade_engine_shutdown(engine, 1000);
    watch(store);
    print_stats(store);
}

int main(int argc, char **argv) {
    CHECK(argc > 3);
    gitlade_store *store;
    gitlade_policy *policy;
    OK(gitlade_store_open(argv[2], GITLADE_NTS, NULL, &store, &error));
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    remote.plain_http_credentials = 1;
    if (strcmp(argv[1], "fill") == 0) {
        fill(store, &remote, argc, argv);
    } else {
        gitlade_options means = gitlade_options_init();
        means.remote = &remote;
        mend(store, argv[3], &means);
        collect(store);
    }
    gitlade_policy_free(policy);
    gitlade_store_free(store);
    return 0;
}
