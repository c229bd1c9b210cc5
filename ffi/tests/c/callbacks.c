/*
 * callbacks REPOSITORY URL: what calls into the host, and how the host stops it. URL asks for the
 * credentials user:secret.
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

int main(int argc, char **argv) {
    CHECK(argc == 3);
    gitlade_source *source = parse(argv[1]);
    test_sink(source);
    test_progress(source);
    test_task(source, false);
    test_task(source, true);
    test_limits(source);
    test_choices(source);
    test_arrow(source);
    test_remote(argv[2]);
    gitlade_source_free(source);
    return 0;
}
