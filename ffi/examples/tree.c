/*
 * tree PATH-OR-URL [REVISION]: imports one commit, and prints its tree with what each file is.
 *
 *     cc tree.c $(pkg-config --cflags --libs gitlade) -o tree
 */
#include <gitlade.h>

#include <inttypes.h>
#include <stdio.h>

/* Says what went wrong, what to do about it, and why it went wrong. */
static int fail(gitlade_error *error) {
    fprintf(stderr, "tree: %s\n", gitlade_error_message(error).data);
    gitlade_str advice = gitlade_error_advice(error);
    if (advice.data != NULL)
        fprintf(stderr, "  %s\n", advice.data);
    for (size_t i = 0; i < gitlade_error_cause_count(error); ++i)
        fprintf(stderr, "  because: %s\n", gitlade_error_cause(error, i).data);
    int status = (int)gitlade_error_status(error);
    gitlade_error_free(error);
    return status;
}

/* Names come from a stranger's repository: what could steer a terminal is not for it. */
static void print_name(gitlade_str name) {
    for (size_t i = 0; i < name.len; ++i) {
        unsigned char byte = (unsigned char)name.data[i];
        if (byte < 0x20 || byte == 0x7f)
            printf("\\x%02x", byte);
        else
            putchar(byte);
    }
}

static void print_entry(const gitlade_entry *entry, unsigned depth) {
    printf("%*s", (int)(2 * depth), "");
    print_name(entry->name);
    switch (entry->kind) {
    case GITLADE_KIND_FOLDER:
        printf("/  %" PRIu64 " files", entry->files);
        break;
    case GITLADE_KIND_SYMLINK:
        printf(" -> ");
        print_name(entry->target);
        break;
    case GITLADE_KIND_SUBMODULE:
        printf("  submodule ");
        print_name(entry->url);
        break;
    default:
        if (entry->skipped != GITLADE_SKIP_NONE)
            printf("  skipped");
        else if (entry->content == GITLADE_CONTENT_TEXT)
            printf("  %.*s, %" PRIu64 " lines", (int)entry->encoding.len, entry->encoding.data, entry->lines);
        else
            printf("  binary, %" PRIu64 " bytes", entry->size);
    }
    putchar('\n');
}

/* The folders above an entry. */
static unsigned depth_of(gitlade_str path) {
    unsigned depth = 0;
    for (size_t i = 0; i < path.len; ++i)
        depth += path.data[i] == '/';
    return depth;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s PATH-OR-URL [REVISION]\n", argv[0]);
        return 2;
    }
    gitlade_error *error = NULL;
    gitlade_source *source = NULL;
    if (gitlade_source_parse(argv[1], GITLADE_NTS, &source, &error) != GITLADE_STATUS_OK)
        return fail(error);

    /* The person at the keyboard named it, so it may be any host. A service keeps the default. */
    gitlade_policy *policy = NULL;
    if (gitlade_policy_new(GITLADE_POLICY_PRESET_PERSON, &policy, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;
    if (argc == 3)
        options.revision = gitlade_z(argv[2]);

    gitlade_import *import = NULL;
    gitlade_status status = gitlade_import_run(source, &options, NULL, &import, &error);
    gitlade_policy_free(policy);
    gitlade_source_free(source);
    if (status != GITLADE_STATUS_OK)
        return fail(error);

    const gitlade_manifest *manifest = gitlade_import_manifest(import);
    gitlade_entries *entries = NULL;
    if (gitlade_manifest_entries(manifest, 0, &entries, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_entry entry = gitlade_entry_init();
    while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK)
        print_entry(&entry, depth_of(entry.path));
    gitlade_entries_free(entries);

    gitlade_totals totals = gitlade_totals_init();
    char root[65];
    if (gitlade_manifest_totals(manifest, &totals, &error) != GITLADE_STATUS_OK)
        return fail(error);
    gitlade_hex(totals.root, sizeof totals.root, root, sizeof root);
    printf("%" PRIu64 " folders, %" PRIu64 " files, %" PRIu64 " bytes, %s\n", totals.folders, totals.files,
           totals.bytes, root);
    gitlade_import_free(import);
    return 0;
}
