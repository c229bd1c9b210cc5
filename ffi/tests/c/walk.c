/*
 * walk SOURCE NDJSON: imports, prints every field of every entry with a hash of its content, and writes
 * the manifest to a file. Holds all ways to the same thing against each other.
 */
#include "entry.h"

static void print_content(const gitlade_import *import, const gitlade_entry *entry) {
    gitlade_buffer *buffer = NULL;
    gitlade_error *failed = NULL;
    gitlade_status status = gitlade_import_bytes(import, entry->index, &buffer, &failed);
    if (status != GITLADE_STATUS_OK) {
        CHECK(buffer == NULL && failed != NULL && gitlade_error_status(failed) == status);
        CHECK(status == (entry->skipped ? GITLADE_STATUS_CONTENT_SKIPPED : GITLADE_STATUS_PATH_IS_OTHER));
        gitlade_error_free(failed);
        printf("\t%d\n", (int)status);
        return;
    }
    CHECK(failed == NULL);
    gitlade_str bytes = gitlade_buffer_bytes(buffer);
    CHECK(bytes.data != NULL && bytes.len == entry->size);
    uint64_t hash = fnv(bytes.data, bytes.len);
    gitlade_buffer_free(buffer);
    gitlade_reader *reader;
    size_t len;
    OK(gitlade_import_reader(import, entry->index, &reader, &error));
    CHECK(drain(reader, &len) == hash && len == entry->size);
    printf("\t%016" PRIx64, hash);

    status = gitlade_import_text(import, entry->index, &buffer, NULL);
    CHECK((status == GITLADE_STATUS_OK) == (entry->content == GITLADE_CONTENT_TEXT));
    if (status == GITLADE_STATUS_OK) {
        gitlade_str text = gitlade_buffer_bytes(buffer);
        hash = fnv(text.data, text.len);
        printf("\t%016" PRIx64, hash);
        OK(gitlade_import_text_reader(import, entry->index, &reader, &error));
        CHECK(drain(reader, &len) == hash && len == text.len);
        gitlade_buffer *lossy;
        bool replaced = true;
        OK(gitlade_import_text_lossy(import, entry->index, &lossy, &replaced, &error));
        CHECK(!replaced && gitlade_buffer_bytes(lossy).len == text.len);
        gitlade_buffer_free(lossy);
        gitlade_buffer_free(buffer);
    } else {
        printf("\t%d", (int)status);
    }
    putchar('\n');
}

/* Goes down through children, and must meet all entries in their order. */
static size_t descend(const gitlade_manifest *manifest, size_t folder, size_t next) {
    gitlade_entries *children;
    gitlade_entry child = gitlade_entry_init();
    OK(gitlade_manifest_children(manifest, folder, 0, &children, &error));
    while (gitlade_entries_next(children, &child, NULL) == GITLADE_STATUS_OK) {
        CHECK(child.index == next && child.parent == folder);
        ++next;
        if (child.kind == GITLADE_KIND_FOLDER)
            next = descend(manifest, child.index, next);
    }
    gitlade_entries_free(children);
    return next;
}

static uint64_t count(const gitlade_manifest *manifest, uint32_t wanted) {
    gitlade_entries *entries;
    gitlade_entry entry = gitlade_entry_init();
    uint64_t found = 0;
    OK(gitlade_manifest_entries(manifest, wanted, &entries, &error));
    while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK)
        ++found;
    CHECK(gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_END);
    gitlade_entries_free(entries);
    return found;
}

struct gathered {
    char *data;
    size_t len;
};

static int32_t gather(void *context, const uint8_t *bytes, size_t len) {
    struct gathered *gathered = (struct gathered *)context;
    gathered->data = (char *)realloc(gathered->data, gathered->len + len + 1);
    CHECK(gathered->data != NULL);
    memcpy(gathered->data + gathered->len, bytes, len);
    gathered->len += len;
    return 0;
}

static int64_t give(void *context, uint8_t *buffer, size_t capacity) {
    struct gathered *left = (struct gathered *)context;
    size_t len = left->len < capacity ? left->len : capacity;
    if (len > 7)
        len = len / 2;
    memcpy(buffer, left->data, len);
    left->data += len;
    left->len -= len;
    return (int64_t)len;
}

static int32_t refuse(void *context, const uint8_t *bytes, size_t len) {
    (void)context, (void)bytes, (void)len;
    return 42;
}

static void check_ndjson(const gitlade_manifest *manifest, const char *file) {
    gitlade_buffer *buffer, *again;
    OK(gitlade_manifest_ndjson(manifest, &buffer, &error));
    gitlade_str ndjson = gitlade_buffer_bytes(buffer);

    struct gathered gathered = {NULL, 0};
    gitlade_writer writer = gitlade_writer_init();
    writer.context = &gathered;
    writer.write = gather;
    OK(gitlade_manifest_write(manifest, &writer, &error));
    CHECK(gathered.len == ndjson.len && memcmp(gathered.data, ndjson.data, ndjson.len) == 0);
    writer.write = refuse;
    gitlade_error *failed = NULL;
    CHECK(gitlade_manifest_write(manifest, &writer, &failed) == GITLADE_STATUS_HOST);
    CHECK(strstr(gitlade_error_cause(failed, 0).data, "42") != NULL);
    gitlade_error_free(failed);
    OK(gitlade_manifest_write_file(manifest, file, GITLADE_NTS, &error));

    gitlade_manifest *read[3];
    OK(gitlade_manifest_parse(ndjson.data, ndjson.len, NULL, &read[0], &error));
    OK(gitlade_manifest_read_file(file, GITLADE_NTS, NULL, &read[1], &error));
    struct gathered left = gathered;
    gitlade_input input = gitlade_input_init();
    input.context = &left;
    input.read = give;
    OK(gitlade_manifest_read(&input, NULL, &read[2], &error));
    free(gathered.data);
    for (int i = 0; i < 3; ++i) {
        OK(gitlade_manifest_ndjson(read[i], &again, &error));
        gitlade_str told = gitlade_buffer_bytes(again);
        CHECK(told.len == ndjson.len && memcmp(told.data, ndjson.data, ndjson.len) == 0);
        gitlade_buffer_free(again);
        gitlade_manifest_free(read[i]);
    }
    gitlade_buffer_free(buffer);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    gitlade_source *source;
    gitlade_import *import;
    OK(gitlade_source_parse(argv[1], GITLADE_NTS, &source, &error));

    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    gitlade_options options = gitlade_options_init();
    remote.policy = policy;
    options.remote = &remote;
    gitlade_status status;
    gitlade_error *failed = NULL;
    status = gitlade_import_run(source, &options, NULL, &import, &failed);
    gitlade_policy_free(policy);
    gitlade_source_free(source);
    if (status != GITLADE_STATUS_OK) {
        fprintf(stderr, "%s\n", gitlade_error_message(failed).data);
        gitlade_error_free(failed);
        return (int)status;
    }

    const gitlade_manifest *manifest = gitlade_import_manifest(import);
    gitlade_totals totals = gitlade_totals_init();
    OK(gitlade_manifest_totals(manifest, &totals, &error));
    CHECK(count(manifest, 0) == gitlade_manifest_len(manifest));
    CHECK(count(manifest, GITLADE_FOLDERS) == totals.folders);
    CHECK(count(manifest, GITLADE_FILES) == totals.files);
    CHECK(count(manifest, GITLADE_SYMLINKS) == totals.symlinks);
    CHECK(count(manifest, GITLADE_SUBMODULES) == totals.submodules);
    CHECK(count(manifest, GITLADE_FOLDERS | GITLADE_FILES) == totals.folders + totals.files);
    CHECK(count(manifest, GITLADE_SKIPPED_ONLY) == totals.skipped_too_large + totals.skipped_missing);
    CHECK(descend(manifest, GITLADE_ROOT, 0) == gitlade_manifest_len(manifest));

    gitlade_entries *entries;
    gitlade_entry entry = gitlade_entry_init(), same = gitlade_entry_init();
    OK(gitlade_manifest_entries(manifest, 0, &entries, &error));
    while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK) {
        OK(gitlade_manifest_find(manifest, entry.path.data, entry.path.len, &same, &error));
        CHECK(same.index == entry.index);
        OK(gitlade_manifest_entry(manifest, entry.index, &same, &error));
        CHECK(same.path.data == entry.path.data && same.lines == entry.lines);
        print_entry(&entry);
        print_content(import, &entry);
    }
    gitlade_entries_free(entries);
    check_ndjson(manifest, argv[2]);
    gitlade_import_free(import);
    return 0;
}
