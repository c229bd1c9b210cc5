/*
 * What the generated misuse suite is made with. The file that includes this one declares a fixture of
 * each handle and each struct before, from the header.
 */

bool gitlade_inject_panic(bool armed);

static const char *at = "", *repository, *file, *store_path, *blobs_path, *database_path;
static char *ndjson;
static size_t calls;
static uint8_t bytes[64];
static gitlade_error *error;

/* What out-parameters hold before a call, and after one that failed. */
#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a)
static uint64_t number = UNTOUCHED, number_too;
static size_t count = (size_t)UNTOUCHED;
static bool flag;
static char sentinel;
#define SENTINEL ((void *)&sentinel)
static void *slot = SENTINEL, *slot_too = SENTINEL;
static struct ArrowArrayStream stream;

/* A struct of any size, and what it was before a call. */
static union { size_t size; void *pointer; uint64_t number; char room[8192]; } large, before;
#define big &large

/* A struct of a newer host, with or without a field that the library does not know. */
#define newer(type, field) enlarge(fixture_##type, sizeof(type), sizeof(type) + 8, field)

static bool allow(void *context, const gitlade_destination *destination) {
    (void)context;
    return destination != NULL;
}

static bool visit(void *context, const uint8_t *digest, uint64_t size) {
    (void)context, (void)size;
    return digest != NULL;
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

static void reset(void);

static void forget(void) {
    gitlade_error_free(error);
    error = NULL;
    reset();
}

static void untouched(const char *what, gitlade_status status) {
    if (slot != SENTINEL || slot_too != SENTINEL || number != UNTOUCHED || count != (size_t)UNTOUCHED || stream.release != NULL ||
        memcmp(&large, &before, sizeof large) != 0) {
        fprintf(stderr, "an out-parameter was written: ");
        wrong(what, status);
    }
}

/* Before the next call, whatever the last one wrote. */
static void reset(void) {
    number = UNTOUCHED;
    count = (size_t)UNTOUCHED;
    flag = false;
    memcpy(&before, &large, sizeof large);
}

static void valid(gitlade_status status) {
    ++calls;
    if (status == GITLADE_STATUS_INVALID_ARGUMENT || status == GITLADE_STATUS_INTERNAL)
        wrong("all is right", status);
    if (status != GITLADE_STATUS_OK)
        untouched("out after a failure", status);
    forget();
}

/* NULL, or a struct of another version, where that is allowed. */
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
    reset();
}

/* Makes what is right for each parameter. */
static void set_up(int argc, char **argv) {
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
    fixture_gitlade_manifest = (gitlade_manifest *)gitlade_import_manifest(fixture_gitlade_import);
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
    value_gitlade_remote_options.policy = policy;
    OK(gitlade_ls_remote(remote, fixture_gitlade_remote_options, NULL, NULL, &fixture_gitlade_refs, &error));
    value_gitlade_remote_options.policy = NULL;
    gitlade_source_free(remote);
    gitlade_policy_free(policy);
    value_gitlade_writer.write = swallow;
    value_gitlade_input.read = nothing;
    static char names[3][4096];
    snprintf(names[0], sizeof names[0], "%s.store", file);
    snprintf(names[1], sizeof names[1], "%s.blobs", file);
    snprintf(names[2], sizeof names[2], "%s.db", file);
    store_path = names[0], blobs_path = names[1], database_path = names[2];
    OK(gitlade_store_open(store_path, GITLADE_NTS, NULL, &fixture_gitlade_store, &error));
    OK(gitlade_engine_open(fixture_gitlade_store, NULL, &fixture_gitlade_engine, &error));
    OK(gitlade_engine_subscribe(fixture_gitlade_engine, NULL, &fixture_gitlade_subscription, &error));
    uint64_t id;
    OK(gitlade_engine_start(fixture_gitlade_engine, fixture_gitlade_source, NULL, &id, &error));
    CHECK(id == 1);
    OK(gitlade_engine_wait(fixture_gitlade_engine, id, 60000, &fixture_gitlade_records, &error));
    OK(gitlade_records_get(fixture_gitlade_records, 0, &value_gitlade_record, &error));
    CHECK(value_gitlade_record.status == GITLADE_IMPORT_STATUS_COMPLETE);
    OK(gitlade_blobs_open_folder(blobs_path, GITLADE_NTS, NULL, &fixture_gitlade_blobs, &error));
    OK(gitlade_detect(repository, GITLADE_NTS, NULL, NULL, &fixture_gitlade_detection, &error));
    OK(gitlade_store_check(fixture_gitlade_store, NULL, NULL, &fixture_gitlade_findings, &error));
    OK(gitlade_store_repair(fixture_gitlade_store, NULL, NULL, &fixture_gitlade_repair, &error));
    OK(gitlade_store_stats(fixture_gitlade_store, &fixture_gitlade_stats, &error));
}

/* A table without the callback that it must have is no table. */
static void miss_callbacks(void) {
    at = "callbacks";
    gitlade_writer writer = gitlade_writer_init();
    refused("write", gitlade_manifest_write(fixture_gitlade_manifest, &writer, &error));
    gitlade_input input = gitlade_input_init();
    refused("read", gitlade_manifest_read(&input, NULL, (gitlade_manifest **)&slot, &error));
    gitlade_sink sink = gitlade_sink_init();
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.sink = &sink;
    refused("put", gitlade_import_run(fixture_gitlade_source, NULL, &hooks, (gitlade_import **)&slot, &error));
    gitlade_credential_provider provider = gitlade_credential_provider_init();
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.credential_provider = &provider;
    refused("find", gitlade_ls_remote(fixture_gitlade_source, &remote, NULL, NULL, (gitlade_refs **)&slot, &error));
}
