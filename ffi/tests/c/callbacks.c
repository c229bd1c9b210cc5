/*
 * callbacks REPOSITORY URL FOLDER: what calls into the host, and how the host stops it. URL asks for the
 * credentials user:secret, and FOLDER is empty.
 */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <pthread.h>
#include <time.h>

/* The Arrow C data interface, as its specification has it. */
struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

static gitlade_source *parse(const char *text) {
    gitlade_source *source;
    OK(gitlade_source_parse(text, GITLADE_NTS, &source, &error));
    return source;
}

struct seen {
    pthread_mutex_t lock;
    size_t blobs;
    uint64_t bytes;
    int32_t answer;
};

static int32_t put(void *context, const gitlade_blob_info *info, const uint8_t *bytes, size_t len) {
    struct seen *seen = (struct seen *)context;
    CHECK(info->struct_size == sizeof *info && info->size == len && bytes != NULL);
    CHECK(info->object_id_len == 20 && info->content != GITLADE_CONTENT_NONE);
    pthread_mutex_lock(&seen->lock);
    seen->blobs += 1;
    seen->bytes += len;
    pthread_mutex_unlock(&seen->lock);
    return seen->answer;
}

static void test_sink(const gitlade_source *source) {
    struct seen seen = {PTHREAD_MUTEX_INITIALIZER, 0, 0, 0};
    gitlade_sink sink = gitlade_sink_init();
    sink.context = &seen;
    sink.put = put;
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.sink = &sink;
    gitlade_import *import;
    OK(gitlade_import_run(source, NULL, &hooks, &import, &error));
    gitlade_totals totals = gitlade_totals_init();
    OK(gitlade_manifest_totals(gitlade_import_manifest(import), &totals, &error));
    CHECK(seen.blobs > 0 && seen.blobs <= totals.files + totals.symlinks && seen.bytes <= totals.bytes);
    gitlade_import_free(import);

    seen.answer = 77;
    gitlade_error *failed = NULL;
    gitlade_import *none = NULL;
    CHECK(gitlade_import_run(source, NULL, &hooks, &none, &failed) == GITLADE_STATUS_HOST);
    CHECK(none == NULL && gitlade_error_cause_count(failed) > 0);
    CHECK(strstr(gitlade_error_cause(failed, 0).data, "77") != NULL);
    gitlade_error_free(failed);
    sink.put = NULL;
    CHECK(gitlade_import_run(source, NULL, &hooks, &none, NULL) == GITLADE_STATUS_INVALID_ARGUMENT);
}

static bool stop(void *context, const gitlade_progress *progress) {
    size_t *reports = (size_t *)context;
    CHECK(progress->percent >= -1 && progress->percent <= 100);
    CHECK(gitlade_step_name(progress->step).data != NULL);
    return ++*reports < 1;
}

/* Slow enough for the progress to be asked for before the end. */
static int32_t dawdle(void *context, const gitlade_blob_info *info, const uint8_t *bytes, size_t len) {
    (void)context, (void)info, (void)bytes, (void)len;
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
    return 0;
}

static void test_progress(const gitlade_source *source) {
    size_t reports = 0;
    gitlade_control *control;
    OK(gitlade_control_new(&control, &error));
    gitlade_sink sink = gitlade_sink_init();
    sink.put = dawdle;
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.control = control;
    hooks.sink = &sink;
    hooks.progress = stop;
    hooks.progress_context = &reports;
    hooks.progress_interval_ms = 1;
    gitlade_import *import = NULL;
    CHECK(gitlade_import_run(source, NULL, &hooks, &import, NULL) == GITLADE_STATUS_CANCELLED);
    CHECK(import == NULL && reports > 0 && gitlade_control_is_cancelled(control));
    /* A control that was used up stops the next one at once. */
    hooks.sink = NULL;
    hooks.progress = NULL;
    CHECK(gitlade_import_run(source, NULL, &hooks, &import, NULL) == GITLADE_STATUS_CANCELLED);
    gitlade_control_free(control);
}

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    gitlade_task *task;
    bool entered, open;
};

/* Waits until the main thread lets it on, and must not wait for its own import. */
static int32_t wait_in(void *context, const gitlade_blob_info *info, const uint8_t *bytes, size_t len) {
    (void)info, (void)bytes, (void)len;
    struct gate *gate = (struct gate *)context;
    pthread_mutex_lock(&gate->lock);
    gate->entered = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gitlade_task *task = gate->task;
    pthread_mutex_unlock(&gate->lock);
    gitlade_import *import = NULL;
    gitlade_error *failed = NULL;
    CHECK(gitlade_task_wait(task, 0, NULL) == GITLADE_STATUS_PENDING);
    CHECK(gitlade_task_wait(task, UINT64_MAX, &failed) == GITLADE_STATUS_BUSY && failed != NULL);
    CHECK(gitlade_task_take(task, 5, &import, NULL) == GITLADE_STATUS_BUSY && import == NULL);
    gitlade_error_free(failed);
    return 0;
}

static void *cancel(void *context) {
    gitlade_task_cancel((const gitlade_task *)context);
    return NULL;
}

static void test_task(const gitlade_source *source, bool stopped) {
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, false, false};
    gitlade_sink sink = gitlade_sink_init();
    sink.context = &gate;
    sink.put = wait_in;
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.sink = &sink;
    OK(gitlade_import_start(source, NULL, &hooks, &gate.task, &error));
    pthread_mutex_lock(&gate.lock);
    while (!gate.entered)
        pthread_cond_wait(&gate.changed, &gate.lock);
    CHECK(gitlade_task_wait(gate.task, 1, NULL) == GITLADE_STATUS_PENDING);
    gitlade_progress progress = gitlade_progress_init();
    OK(gitlade_task_progress(gate.task, &progress, &error));
    CHECK(progress.step > GITLADE_STEP_WAITING && progress.step < GITLADE_STEP_COMPLETE);
    if (stopped) {
        pthread_t other;
        CHECK(pthread_create(&other, NULL, cancel, gate.task) == 0);
        CHECK(pthread_join(other, NULL) == 0);
    }
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    gitlade_import *import = NULL;
    gitlade_status status = gitlade_task_take(gate.task, UINT64_MAX, &import, NULL);
    CHECK(status == (stopped ? GITLADE_STATUS_CANCELLED : GITLADE_STATUS_OK));
    CHECK((import != NULL) == !stopped);
    CHECK(gitlade_task_take(gate.task, UINT64_MAX, &import, NULL) == GITLADE_STATUS_END);
    OK(gitlade_task_wait(gate.task, 0, &error));
    gitlade_task_free(gate.task);
    gitlade_import_free(import);
}

static void test_limits(const gitlade_source *source) {
    gitlade_limits *limits;
    uint64_t value = 0;
    OK(gitlade_limits_new(&limits, &error));
    for (size_t i = 0; gitlade_limit_name(i).data != NULL; ++i) {
        gitlade_str name = gitlade_limit_name(i);
        CHECK(gitlade_limit_description(i).len > 0);
        OK(gitlade_limits_set(limits, name.data, name.len, 1000 + i, &error));
        OK(gitlade_limits_get(limits, name.data, name.len, &value, &error));
        CHECK(value == 1000 + i);
    }
    CHECK(gitlade_limits_set(limits, "max_nothing", GITLADE_NTS, 1, NULL) == GITLADE_STATUS_INVALID_OPTIONS);
    CHECK(gitlade_limits_get(limits, "max_nothing", GITLADE_NTS, &value, NULL) == GITLADE_STATUS_END);
    gitlade_limits_free(limits);
    OK(gitlade_limits_new(&limits, &error));
    OK(gitlade_limits_set(limits, "max_entries", GITLADE_NTS, 1, &error));
    gitlade_options options = gitlade_options_init();
    options.limits = limits;
    gitlade_import *import = NULL;
    gitlade_error *failed = NULL;
    CHECK(gitlade_import_run(source, &options, NULL, &import, &failed) == GITLADE_STATUS_LIMIT_EXCEEDED);
    CHECK(strcmp(gitlade_error_limit(failed).data, "max_entries") == 0);
    CHECK(strstr(gitlade_error_advice(failed).data, "max_entries") != NULL);
    gitlade_error_free(failed);
    gitlade_limits_free(limits);
}

static void test_choices(const gitlade_source *source) {
    gitlade_str patterns[2] = {gitlade_z("*"), gitlade_z("!*")};
    gitlade_options options = gitlade_options_init();
    options.exclude = patterns;
    options.exclude_count = 1;
    options.threads = 1;
    options.verify = GITLADE_VERIFY_IDS;
    gitlade_import *import;
    OK(gitlade_import_run(source, &options, NULL, &import, &error));
    gitlade_header header = gitlade_header_init();
    OK(gitlade_manifest_header(gitlade_import_manifest(import), &header, &error));
    CHECK(gitlade_manifest_len(gitlade_import_manifest(import)) == 0);
    CHECK(header.exclude_json.len == 5 && memcmp(header.exclude_json.data, "[\"*\"]", 5) == 0);
    CHECK(header.commit_len == 20 && header.url.data == NULL);
    gitlade_import_free(import);
    options.verify = 9;
    CHECK(gitlade_import_run(source, &options, NULL, &import, NULL) == GITLADE_STATUS_INVALID_ARGUMENT);
}

struct keyring {
    int asked, approved, rejected;
    bool knows;
};

static gitlade_credentials *find(void *context, const gitlade_credential_request *request) {
    struct keyring *keyring = (struct keyring *)context;
    CHECK(request->url.len > 0 && request->port > 0 && (int)request->attempt == ++keyring->asked);
    if (!keyring->knows)
        return NULL;
    gitlade_credentials *found;
    const char *password = keyring->asked == 1 ? "wrong" : "secret";
    OK(gitlade_credentials_password("user", GITLADE_NTS, password, GITLADE_NTS, &found, &error));
    return found;
}

static void approve(void *context, const gitlade_credential_request *request) {
    (void)request;
    ((struct keyring *)context)->approved += 1;
}

static void reject(void *context, const gitlade_credential_request *request) {
    (void)request;
    ((struct keyring *)context)->rejected += 1;
}

static bool forbid(void *context, const gitlade_destination *destination) {
    CHECK(destination->address.len == 4 && memcmp(destination->address.data, "\x7f\0\0\1", 4) == 0);
    CHECK(destination->port > 0 && destination->host.len == 9);
    *(bool *)context = true;
    return false;
}

static void test_remote(const char *url) {
    gitlade_source *source = parse(url);
    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_PUBLIC, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    remote.retries = GITLADE_NONE;
    remote.plain_http_credentials = 1;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;
    gitlade_import *import = NULL;
    gitlade_error *failed = NULL;

    CHECK(gitlade_import_run(source, &options, NULL, &import, &failed) == GITLADE_STATUS_NOT_ALLOWED);
    CHECK(gitlade_error_url(failed).len > 0);
    gitlade_error_free(failed);
    OK(gitlade_policy_allow_port(policy, 0, &error));
    OK(gitlade_policy_allow_addresses(policy, GITLADE_ADDRESS_CLASS_LOOPBACK, true, &error));

    struct keyring keyring = {0, 0, 0, false};
    gitlade_credential_provider provider = gitlade_credential_provider_init();
    provider.context = &keyring;
    provider.find = find;
    provider.approve = approve;
    provider.reject = reject;
    remote.credential_provider = &provider;
    CHECK(gitlade_import_run(source, &options, NULL, &import, NULL) == GITLADE_STATUS_AUTHENTICATION_REQUIRED);
    CHECK(keyring.asked == 1 && keyring.approved == 0);
    keyring.asked = 0;
    keyring.knows = true;
    OK(gitlade_import_run(source, &options, NULL, &import, &error));
    CHECK(keyring.asked == 2 && keyring.rejected == 1 && keyring.approved == 1);
    gitlade_import_free(import);

    gitlade_credentials *credentials;
    OK(gitlade_credentials_password("user", GITLADE_NTS, "secret", GITLADE_NTS, &credentials, &error));
    OK(gitlade_credentials_when_asked(credentials, &error));
    remote.credentials = credentials;
    remote.credential_provider = NULL;
    gitlade_refs *refs;
    OK(gitlade_ls_remote(source, &remote, NULL, NULL, &refs, &error));
    gitlade_ref ref = gitlade_ref_init();
    OK(gitlade_refs_get(refs, 0, &ref, &error));
    CHECK(ref.name.len == 4 && memcmp(ref.name.data, "HEAD", 4) == 0 && ref.object_id_len == 20);
    CHECK(gitlade_refs_get(refs, gitlade_refs_len(refs), &ref, NULL) == GITLADE_STATUS_END);
    gitlade_refs_free(refs);

    bool was_asked = false;
    OK(gitlade_policy_check_with(policy, forbid, &was_asked, &error));
    CHECK(gitlade_import_run(source, &options, NULL, &import, NULL) == GITLADE_STATUS_NOT_ALLOWED && was_asked);
    gitlade_credentials_free(credentials);
    gitlade_policy_free(policy);
    gitlade_source_free(source);
}

static void test_arrow(const gitlade_source *source) {
    gitlade_import *import;
    OK(gitlade_import_run(source, NULL, NULL, &import, &error));
    size_t len = gitlade_manifest_len(gitlade_import_manifest(import));
    gitlade_table_options options = gitlade_table_options_init();
    options.max_rows = 2;
    options.data = 1;
    options.text = 1;
    struct ArrowArrayStream stream, never;
    memset(&never, 0, sizeof never);
    CHECK(gitlade_manifest_arrow_stream(gitlade_import_manifest(import), &options, &never, NULL) ==
          GITLADE_STATUS_INVALID_OPTIONS);
    CHECK(never.release == NULL);
    OK(gitlade_import_arrow_stream(import, &options, &stream, &error));
    gitlade_import_free(import);

    struct ArrowSchema schema;
    CHECK(stream.get_schema(&stream, &schema) == 0);
    CHECK(strcmp(schema.format, "+s") == 0 && strcmp(schema.children[0]->name, "path") == 0);
    CHECK(strcmp(schema.children[schema.n_children - 1]->name, "text") == 0);
    int64_t columns = schema.n_children, rows = 0;
    schema.release(&schema);
    for (;;) {
        struct ArrowArray batch;
        CHECK(stream.get_next(&stream, &batch) == 0);
        if (batch.release == NULL)
            break;
        CHECK(batch.length <= 2 && batch.n_children == columns);
        rows += batch.length;
        batch.release(&batch);
    }
    CHECK((size_t)rows == len);
    stream.release(&stream);
}

struct tally {
    const gitlade_blobs *blobs;
    size_t blobs_seen;
    uint64_t bytes;
};

static bool tally(void *context, const uint8_t *digest, uint64_t size) {
    struct tally *tally = (struct tally *)context;
    gitlade_buffer *buffer;
    /* A callback may call back. */
    OK(gitlade_blobs_get(tally->blobs, digest, &buffer, &error));
    CHECK(gitlade_buffer_bytes(buffer).len == size);
    gitlade_buffer_free(buffer);
    tally->blobs_seen += 1;
    tally->bytes += size;
    return true;
}

static bool enough(void *context, const uint8_t *digest, uint64_t size) {
    (void)digest, (void)size;
    return ++*(size_t *)context < 1;
}

/* An import into a store of blobs, which then has what the manifest names. */
static void fill_blobs(const gitlade_source *source, gitlade_blobs *blobs) {
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.blobs = blobs;
    gitlade_import *import;
    OK(gitlade_import_run(source, NULL, &hooks, &import, &error));
    OK(gitlade_blobs_sync(blobs, &error));
    gitlade_entries *files;
    gitlade_entry file = gitlade_entry_init();
    OK(gitlade_manifest_entries(gitlade_import_manifest(import), GITLADE_FILES | GITLADE_SYMLINKS, &files, &error));
    while (gitlade_entries_next(files, &file, NULL) == GITLADE_STATUS_OK) {
        gitlade_buffer *kept, *read;
        uint64_t size = 0;
        OK(gitlade_blobs_size(blobs, file.digest, &size, &error));
        OK(gitlade_blobs_get(blobs, file.digest, &kept, &error));
        OK(gitlade_import_bytes(import, file.index, &read, &error));
        gitlade_str a = gitlade_buffer_bytes(kept), b = gitlade_buffer_bytes(read);
        CHECK(size == file.size && a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
        gitlade_buffer_free(kept);
        gitlade_buffer_free(read);
    }
    gitlade_entries_free(files);
    gitlade_import_free(import);

    struct tally seen = {blobs, 0, 0};
    OK(gitlade_blobs_list(blobs, tally, &seen, &error));
    CHECK(seen.blobs_seen > 3);
    size_t calls = 0;
    OK(gitlade_blobs_list(blobs, enough, &calls, &error));
    CHECK(calls == 1);
    uint8_t digest[32] = {0};
    bool is_new = false, removed = true;
    gitlade_buffer *none = NULL;
    gitlade_reader *reader = NULL;
    uint64_t size = 77;
    CHECK(gitlade_blobs_get(blobs, digest, &none, NULL) == GITLADE_STATUS_END && none == NULL);
    CHECK(gitlade_blobs_size(blobs, digest, &size, NULL) == GITLADE_STATUS_END && size == 77);
    CHECK(gitlade_blobs_reader(blobs, digest, &reader, NULL) == GITLADE_STATUS_END && reader == NULL);
    OK(gitlade_blobs_remove(blobs, digest, &removed, &error));
    CHECK(!removed);
    OK(gitlade_blobs_put(blobs, "of the host", GITLADE_NTS, digest, &is_new, &error));
    CHECK(is_new);
    OK(gitlade_blobs_reader(blobs, digest, &reader, &error));
    uint8_t bytes[32];
    size_t read = 0;
    OK(gitlade_reader_read(reader, bytes, sizeof bytes, &read, &error));
    CHECK(read == 11 && memcmp(bytes, "of the host", 11) == 0);
    gitlade_reader_free(reader);
    OK(gitlade_blobs_remove(blobs, digest, &removed, &error));
    CHECK(removed);
    gitlade_blobs_free(blobs);
}

static void test_blobs(const gitlade_source *source, const char *folder) {
    char path[4096];
    gitlade_blobs *blobs = NULL;
    gitlade_blobs_options options = gitlade_blobs_options_init();
    options.verify = 1;
    options.compress = 3;
    snprintf(path, sizeof path, "%s/folder", folder);
    OK(gitlade_blobs_open_folder(path, GITLADE_NTS, &options, &blobs, &error));
    fill_blobs(source, blobs);
    snprintf(path, sizeof path, "%s/blobs.db", folder);
    CHECK(gitlade_blobs_open_sqlite(path, GITLADE_NTS, &options, &blobs, NULL) == GITLADE_STATUS_INVALID_ARGUMENT);
    options.compress = 0;
    options.table = gitlade_z("attachments");
    CHECK(gitlade_blobs_open_folder(path, GITLADE_NTS, &options, &blobs, NULL) == GITLADE_STATUS_INVALID_ARGUMENT);
    OK(gitlade_blobs_open_sqlite(path, GITLADE_NTS, &options, &blobs, &error));
    fill_blobs(source, blobs);
    options = gitlade_blobs_options_init();
    if (!gitlade_has_feature("object-store", GITLADE_NTS)) {
        CHECK(gitlade_blobs_open_object("s3://a/b", GITLADE_NTS, NULL, &blobs, NULL) == GITLADE_STATUS_INVALID_OPTIONS);
    } else {
        snprintf(path, sizeof path, "file://%s/objects", folder);
        OK(gitlade_blobs_open_object(path, GITLADE_NTS, NULL, &blobs, &error));
        fill_blobs(source, blobs);
    }
    gitlade_sink sink = gitlade_sink_init();
    sink.put = put;
    snprintf(path, sizeof path, "%s/folder", folder);
    OK(gitlade_blobs_open_folder(path, GITLADE_NTS, NULL, &blobs, &error));
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.sink = &sink;
    hooks.blobs = blobs;
    gitlade_import *import = NULL;
    CHECK(gitlade_import_run(source, NULL, &hooks, &import, NULL) == GITLADE_STATUS_INVALID_ARGUMENT);
    gitlade_blobs_free(blobs);
}

static void test_detect(const char *path, const char *url) {
    gitlade_detection *detection;
    gitlade_detected found = gitlade_detected_init();
    gitlade_candidate candidate = gitlade_candidate_init();
    OK(gitlade_detect(path, GITLADE_NTS, NULL, NULL, &detection, &error));
    OK(gitlade_detection_describe(detection, &found, &error));
    CHECK(found.kind == GITLADE_FOUND_GIT_FOLDER && found.is_importable && found.object_id_len == 20);
    CHECK(gitlade_detection_len(detection) == 0 && gitlade_detection_scheme(detection, 0).data == NULL);
    CHECK(gitlade_detection_get(detection, 0, &candidate, NULL) == GITLADE_STATUS_END);
    gitlade_detection_free(detection);

    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    remote.plain_http_credentials = 1;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;
    CHECK(gitlade_detect(url, GITLADE_NTS, NULL, NULL, &detection, NULL) == GITLADE_STATUS_NOT_ALLOWED);
    OK(gitlade_detect(url, GITLADE_NTS, &options, NULL, &detection, &error));
    OK(gitlade_detection_describe(detection, &found, &error));
    CHECK(found.kind == GITLADE_FOUND_NEEDS_AUTHENTICATION && !found.is_importable && found.realm.len > 0);
    gitlade_str scheme = gitlade_detection_scheme(detection, 0);
    CHECK(scheme.len == 5 && memcmp(scheme.data, "Basic", 5) == 0);
    gitlade_detection_free(detection);

    gitlade_credentials *credentials;
    OK(gitlade_credentials_password("user", GITLADE_NTS, "secret", GITLADE_NTS, &credentials, &error));
    remote.credentials = credentials;
    OK(gitlade_detect(url, GITLADE_NTS, &options, NULL, &detection, &error));
    OK(gitlade_detection_describe(detection, &found, &error));
    CHECK(found.kind == GITLADE_FOUND_GIT_SMART && found.is_certain && found.protocol == 2 && !found.is_unborn);
    CHECK(found.default_branch.len == 4 && memcmp(found.default_branch.data, "main", 4) == 0);
    CHECK(found.forge.data == NULL && gitlade_detection_len(detection) == 1);
    OK(gitlade_detection_get(detection, 0, &candidate, &error));
    CHECK(candidate.target == GITLADE_TARGET_REPOSITORY && candidate.subdir.data == NULL);
    gitlade_source *source;
    gitlade_import *import;
    OK(gitlade_detection_source(detection, 0, &source, &error));
    gitlade_str text = gitlade_source_text(source);
    CHECK(text.len == candidate.url.len && memcmp(text.data, candidate.url.data, text.len) == 0);
    gitlade_buffer *json;
    OK(gitlade_detection_json(detection, &json, &error));
    CHECK(gitlade_buffer_bytes(json).len > 10);
    gitlade_buffer_free(json);
    gitlade_detection_free(detection);
    OK(gitlade_import_run(source, &options, NULL, &import, &error));
    gitlade_import_free(import);
    gitlade_source_free(source);
    gitlade_control *control;
    OK(gitlade_control_new(&control, &error));
    gitlade_control_cancel(control);
    CHECK(gitlade_detect(url, GITLADE_NTS, &options, control, &detection, NULL) == GITLADE_STATUS_CANCELLED);
    gitlade_control_free(control);
    gitlade_credentials_free(credentials);
    gitlade_policy_free(policy);
}

struct reentry {
    gitlade_engine *engine;
    gitlade_subscription *events;
};

/* From a thread of the engine: it must not wait for that, and may even end it. */
static gitlade_credentials *reenter(void *context, const gitlade_credential_request *request) {
    struct reentry *reentry = (struct reentry *)context;
    gitlade_records *records = NULL;
    gitlade_event event = gitlade_event_init();
    CHECK(request->host.len > 0);
    CHECK(gitlade_engine_wait(reentry->engine, 1, 1, &records, NULL) == GITLADE_STATUS_BUSY && records == NULL);
    CHECK(gitlade_subscription_next(reentry->events, 1, &event, NULL) == GITLADE_STATUS_BUSY);
    OK(gitlade_engine_wait(reentry->engine, 1, 0, &records, &error));
    gitlade_records_free(records);
    CHECK(gitlade_engine_remove(reentry->engine, 1, NULL) == GITLADE_STATUS_BUSY);
    gitlade_engine_free(reentry->engine);
    return NULL;
}

static void test_reentry(const char *url, const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/reentry", folder);
    gitlade_store *store;
    OK(gitlade_store_open(path, GITLADE_NTS, NULL, &store, &error));
    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    struct reentry reentry = {NULL, NULL};
    gitlade_credential_provider provider = gitlade_credential_provider_init();
    provider.context = &reentry;
    provider.find = reenter;
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    remote.credential_provider = &provider;
    remote.plain_http_credentials = 1;
    gitlade_engine_options options = gitlade_engine_options_init();
    options.remote = &remote;
    OK(gitlade_engine_open(store, &options, &reentry.engine, &error));
    OK(gitlade_engine_subscribe(reentry.engine, NULL, &reentry.events, &error));
    gitlade_subscription *watched;
    OK(gitlade_engine_subscribe(reentry.engine, NULL, &watched, &error));
    gitlade_source *source = parse(url);
    uint64_t id;
    OK(gitlade_engine_start(reentry.engine, source, NULL, &id, &error));
    gitlade_source_free(source);
    gitlade_event event = gitlade_event_init();
    gitlade_status status;
    while ((status = gitlade_subscription_next(watched, 60000, &event, NULL)) == GITLADE_STATUS_OK)
        CHECK(event.import_id == id && event.kind != GITLADE_EVENT_KIND_COMPLETE);
    CHECK(status == GITLADE_STATUS_END);
    gitlade_subscription_free(watched);
    gitlade_subscription_free(reentry.events);
    gitlade_records *records;
    gitlade_record record = gitlade_record_init();
    OK(gitlade_store_record(store, id, &records, &error));
    OK(gitlade_records_get(records, 0, &record, &error));
    CHECK(record.status == GITLADE_IMPORT_STATUS_FAILED || record.status == GITLADE_IMPORT_STATUS_INTERRUPTED);
    gitlade_records_free(records);
    gitlade_policy_free(policy);
    gitlade_store_free(store);
}

/* Handles that are const belong to all threads at once. */
static void *read_all(void *context) {
    const gitlade_import *import = (const gitlade_import *)context;
    const gitlade_manifest *manifest = gitlade_import_manifest(import);
    for (int round = 0; round < 5; ++round) {
        gitlade_entry entry = gitlade_entry_init();
        uint64_t bytes = 0;
        gitlade_entries *entries;
        OK(gitlade_manifest_entries(manifest, GITLADE_FILES | GITLADE_SYMLINKS, &entries, &error));
        while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK) {
            gitlade_buffer *buffer;
            OK(gitlade_import_bytes(import, entry.index, &buffer, &error));
            bytes += gitlade_buffer_bytes(buffer).len;
            gitlade_buffer_free(buffer);
        }
        gitlade_entries_free(entries);
        gitlade_totals totals = gitlade_totals_init();
        OK(gitlade_manifest_totals(manifest, &totals, &error));
        CHECK(totals.bytes == bytes);
    }
    return NULL;
}

static void test_threads(const gitlade_source *source) {
    gitlade_import *import;
    OK(gitlade_import_run(source, NULL, NULL, &import, &error));
    pthread_t threads[4];
    for (int i = 0; i < 4; ++i)
        CHECK(pthread_create(&threads[i], NULL, read_all, import) == 0);
    for (int i = 0; i < 4; ++i)
        CHECK(pthread_join(threads[i], NULL) == 0);
    gitlade_import_free(import);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    gitlade_source *source = parse(argv[1]);
    test_sink(source);
    test_progress(source);
    test_task(source, false);
    test_task(source, true);
    test_limits(source);
    test_choices(source);
    test_arrow(source);
    test_remote(argv[2]);
    test_threads(source);
    test_blobs(source, argv[3]);
    test_detect(argv[1], argv[2]);
    test_reentry(argv[2], argv[3]);
    gitlade_source_free(source);
    return 0;
}
