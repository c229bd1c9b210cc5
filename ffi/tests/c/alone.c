/*
 * alone REPOSITORY URL COUNT: the process is left alone. Its state is the same before and after imports
 * that end in every way; COUNT imports take no more memory and descriptors than a few; a child after
 * fork() imports as well.
 */
#define _GNU_SOURCE

#include "check.h"

#include <dirent.h>
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static size_t entries_of(const char *folder) {
    DIR *dir = opendir(folder);
    CHECK(dir != NULL);
    size_t count = 0;
    while (readdir(dir) != NULL)
        ++count;
    closedir(dir);
    return count;
}

/* Threads of an import may take a moment to end. */
static size_t threads(void) {
    size_t count = 0;
    for (int i = 0; i < 500; ++i) {
        count = entries_of("/proc/self/task") - 2;
        if (count == 1)
            break;
        struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
    }
    return count;
}

static void mix(uint64_t *hash, const void *data, size_t len) {
    *hash = *hash * 31 + fnv(data, len);
}

/* All that a library could change behind its host's back. */
static uint64_t state(void) {
    uint64_t hash = 0;
    for (int number = 1; number < 65; ++number) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        if (sigaction(number, NULL, &action) == 0) {
            mix(&hash, &action.sa_handler, sizeof action.sa_handler);
            mix(&hash, &action.sa_flags, sizeof action.sa_flags);
        }
    }
    sigset_t mask;
    CHECK(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
    for (int number = 1; number < 65; ++number) {
        int is_blocked = sigismember(&mask, number);
        mix(&hash, &is_blocked, sizeof is_blocked);
    }
    stack_t stack;
    CHECK(sigaltstack(NULL, &stack) == 0);
    mix(&hash, &stack.ss_sp, sizeof stack.ss_sp);
    mode_t old = umask(0);
    umask(old);
    mix(&hash, &old, sizeof old);
    char folder[4096];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    mix(&hash, folder, strlen(folder));
    const char *locale = setlocale(LC_ALL, NULL);
    mix(&hash, locale, strlen(locale));
    for (char **variable = environ; *variable != NULL; ++variable) {
        mix(&hash, variable, sizeof variable);
        mix(&hash, *variable, strlen(*variable));
    }
    size_t descriptors = entries_of("/proc/self/fd"), tasks = threads();
    mix(&hash, &descriptors, sizeof descriptors);
    CHECK(tasks == 1);
    return hash;
}

static gitlade_status import(const char *text, const gitlade_options *options, const gitlade_hooks *hooks) {
    gitlade_source *source;
    gitlade_import *result = NULL;
    OK(gitlade_source_parse(text, GITLADE_NTS, &source, &error));
    gitlade_status status = gitlade_import_run(source, options, hooks, &result, NULL);
    if (status == GITLADE_STATUS_OK) {
        gitlade_buffer *ndjson;
        OK(gitlade_manifest_ndjson(gitlade_import_manifest(result), &ndjson, &error));
        gitlade_buffer_free(ndjson);
    }
    gitlade_import_free(result);
    gitlade_source_free(source);
    return status;
}

static long resident_pages(void) {
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident;
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;

    setlocale(LC_ALL, "");
    umask(0123);
    signal(SIGUSR1, SIG_IGN);
    uint64_t before = state();
    CHECK(import(argv[1], NULL, NULL) == GITLADE_STATUS_OK);
    CHECK(import(argv[2], &options, NULL) == GITLADE_STATUS_OK);
    CHECK(import("/nonexistent", NULL, NULL) != GITLADE_STATUS_OK);
    CHECK(import("http://127.0.0.1:1/x", &options, NULL) == GITLADE_STATUS_CONNECTION_FAILED);
    gitlade_control *control;
    OK(gitlade_control_new(&control, &error));
    gitlade_control_cancel(control);
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.control = control;
    CHECK(import(argv[1], NULL, &hooks) == GITLADE_STATUS_CANCELLED);
    CHECK(import(argv[2], &options, &hooks) == GITLADE_STATUS_CANCELLED);
    gitlade_control_free(control);
    CHECK(state() == before);

    /* One thread, so that the arenas of malloc do not blur the picture. */
    options.threads = 1;
    long count = atol(argv[3]), some = 0;
    for (long i = 0; i < count; ++i) {
        CHECK(import(argv[1], &options, NULL) == GITLADE_STATUS_OK);
        if (i == count / 4)
            some = resident_pages();
    }
    long all = resident_pages();
    printf("%ld imports, %ld pages after a quarter, %ld at the end\n", count, some, all);
    CHECK(all - some < 1024);
    CHECK(state() == before);

    /* A child of a process that has imported, and of one that is importing. */
    gitlade_source *source;
    gitlade_task *task;
    OK(gitlade_source_parse(argv[2], GITLADE_NTS, &source, &error));
    OK(gitlade_import_start(source, &options, NULL, &task, &error));
    gitlade_source_free(source);
    for (int round = 0; round < 2; ++round) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            alarm(60);
            _exit(import(argv[1], NULL, NULL) == GITLADE_STATUS_OK ? 0 : 1);
        }
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
        if (round == 0)
            OK(gitlade_task_wait(task, UINT64_MAX, &error));
    }
    gitlade_task_free(task);
    gitlade_policy_free(policy);
    CHECK(state() == before);
    return 0;
}
