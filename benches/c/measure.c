/*
 * measure iterate PATH: imports, and prints the nanoseconds that an entry costs to go over, by an iterator
 * and by its place, the best of seven rounds each.
 *
 * measure import PATH: imports, and writes the manifest to stdout, as `gitlade import PATH` does.
 */
#define _POSIX_C_SOURCE 200809L

#include <gitlade.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void need(gitlade_status status, gitlade_error *error) {
    if (status != GITLADE_STATUS_OK) {
        fprintf(stderr, "measure: %s\n", gitlade_error_message(error).data);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    /* The CPU time of this thread, which a busy machine does not count twice. */
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int32_t print(void *context, const uint8_t *bytes, size_t len) {
    return fwrite(bytes, 1, len, (FILE *)context) == len ? 0 : 1;
}

/* What is asked of each entry, so that none of it is left out. */
static uint64_t touch(const gitlade_entry *entry) {
    return entry->path.len + entry->size + entry->object_id[0] + entry->digest[31] + entry->encoding.len;
}

static double by_iterator(const gitlade_manifest *manifest, uint64_t *sum) {
    gitlade_error *error = NULL;
    gitlade_entries *entries = NULL;
    gitlade_entry entry = gitlade_entry_init();
    double start = now();
    need(gitlade_manifest_entries(manifest, 0, &entries, &error), error);
    while (gitlade_entries_next(entries, &entry, NULL) == GITLADE_STATUS_OK)
        *sum += touch(&entry);
    gitlade_entries_free(entries);
    return now() - start;
}

static double by_place(const gitlade_manifest *manifest, uint64_t *sum) {
    gitlade_entry entry = gitlade_entry_init();
    size_t len = gitlade_manifest_len(manifest);
    double start = now();
    for (size_t i = 0; i < len; ++i) {
        if (gitlade_manifest_entry(manifest, i, &entry, NULL) == GITLADE_STATUS_OK)
            *sum += touch(&entry);
    }
    return now() - start;
}

static void iterate(const gitlade_manifest *manifest) {
    double best[2] = {1e18, 1e18};
    uint64_t first = 0;
    for (int round = 0; round < 7; ++round) {
        uint64_t sums[2] = {0, 0};
        double times[2];
        times[0] = by_iterator(manifest, &sums[0]);
        times[1] = by_place(manifest, &sums[1]);
        if (round == 0)
            first = sums[0];
        for (int way = 0; way < 2; ++way) {
            if (sums[way] != first) {
                fprintf(stderr, "measure: the two ways differ\n");
                exit(1);
            }
            if (times[way] < best[way])
                best[way] = times[way];
        }
    }
    double len = (double)gitlade_manifest_len(manifest);
    printf("%.0f entries: %.1f ns each by an iterator, %.1f ns by place (promised: at most 100)\n", len,
           best[0] / len, best[1] / len);
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    gitlade_error *error = NULL;
    gitlade_source *source = NULL;
    gitlade_import *import = NULL;
    need(gitlade_source_of_path(argv[2], GITLADE_NTS, &source, &error), error);
    need(gitlade_import_run(source, NULL, NULL, &import, &error), error);
    const gitlade_manifest *manifest = gitlade_import_manifest(import);
    if (strcmp(argv[1], "iterate") == 0) {
        iterate(manifest);
    } else {
        gitlade_writer writer = gitlade_writer_init();
        writer.context = stdout;
        writer.write = print;
        need(gitlade_manifest_write(manifest, &writer, &error), error);
    }
    gitlade_import_free(import);
    gitlade_source_free(source);
    return 0;
}
