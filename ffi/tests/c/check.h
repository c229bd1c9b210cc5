/* What the C tests have in common. */
#ifndef CHECK_H
#define CHECK_H

#include <gitlade.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* Runs a call that must succeed; `error` is its last argument. */
#define OK(call)                                                                                   \
    do {                                                                                           \
        gitlade_error *error = NULL;                                                               \
        gitlade_status status = (call);                                                            \
        if (status != GITLADE_STATUS_OK) {                                                         \
            fprintf(stderr, "%s:%d: %s: %d %s\n", __FILE__, __LINE__, #call, (int)status,          \
                    error != NULL ? gitlade_error_message(error).data : "no error");               \
            exit(1);                                                                               \
        }                                                                                          \
        CHECK(error == NULL);                                                                      \
    } while (0)

/* FNV-1a, so that contents can be compared without being printed. */
static inline uint64_t fnv(const void *data, size_t len) {
    const unsigned char *bytes = (const unsigned char *)data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; ++i)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
