/* How the C tests tell what they see, so that it can be held against what Rust sees. */
#ifndef ENTRY_H
#define ENTRY_H

#include "check.h"

/* A text as hex, so that nothing in it disturbs the line; - for NULL. */
static inline void print_str(gitlade_str text) {
    putchar('\t');
    if (text.data == NULL) {
        putchar('-');
        return;
    }
    putchar('=');
    for (size_t i = 0; i < text.len; ++i)
        printf("%02x", (unsigned char)text.data[i]);
}

static inline void print_hex(const uint8_t *bytes, size_t len) {
    char digits[65];
    CHECK(gitlade_hex(bytes, len, digits, sizeof digits) == 2 * len);
    CHECK(gitlade_hex(bytes, len, digits, 2 * len) == 0);
    printf("\t%s", digits);
}

static inline void print_entry(const gitlade_entry *entry) {
    printf("%zu\t%zu\t%u\t%o\t%x", entry->index, entry->parent == GITLADE_ROOT ? 0 : entry->parent + 1,
           (unsigned)entry->kind, entry->mode, entry->flags);
    print_str(entry->path);
    print_str(entry->name);
    print_hex(entry->object_id, entry->object_id_len);
    print_hex(entry->digest, 32);
    printf("\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64, entry->size, entry->files, entry->bytes, entry->lines);
    print_str(entry->encoding);
    print_str(entry->mime);
    print_str(entry->working_tree_encoding);
    print_str(entry->target);
    print_str(entry->url);
    print_hex(entry->lfs_object_id, 32);
    printf("\t%" PRIu64 "\t%u\t%u\t%u\t%u\t%u\t%d%d%d%d%d%d", entry->lfs_size, (unsigned)entry->content,
           (unsigned)entry->eol, (unsigned)entry->bom, (unsigned)entry->basis, (unsigned)entry->skipped,
           entry->has_digest, entry->has_size, entry->executable, entry->git_binary, entry->is_lfs,
           entry->lfs_filter);
}

/* Reads through a reader, some bytes at a time. */
static inline uint64_t drain(gitlade_reader *reader, size_t *len) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    uint8_t piece[1000];
    size_t read;
    *len = 0;
    do {
        OK(gitlade_reader_read(reader, piece, sizeof piece, &read, &error));
        for (size_t i = 0; i < read; ++i)
            hash = (hash ^ piece[i]) * UINT64_C(0x100000001b3);
        *len += read;
    } while (read > 0);
    gitlade_reader_free(reader);
    return hash;
}

#endif
