/*
 * host PATH-OR-URL FOLDER: a host with a store of its own. Each distinct blob becomes a file of FOLDER
 * that has the name of its BLAKE3 digest; the manifest is printed as NDJSON. A line shows how far the
 * import is, and Ctrl-C stops it.
 *
 *     cc host.c $(pkg-config --cflags --libs gitlade) -o host
 */
#define _POSIX_C_SOURCE 200809L

#include <gitlade.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Set once, before the handler is there. */
static gitlade_control *control;

static void on_interrupt(int number) {
    (void)number;
    gitlade_control_cancel(control);
}

/* Called in the thread of main, from time to time. */
static bool show(void *context, const gitlade_progress *progress) {
    gitlade_str step = gitlade_step_name(progress->step);
    fprintf((FILE *)context, "\r%-16.*s", (int)step.len, step.data);
    if (progress->percent >= 0)
        fprintf((FILE *)context, " %3d %%", progress->percent);
    else
        fprintf((FILE *)context, "      ");
    return true;
}

/* Called in several threads at once; each blob comes once, so no two write the same file. */
static int32_t keep(void *context, const gitlade_blob_info *info, const uint8_t *bytes, size_t len) {
    const char *folder = (const char *)context;
    char digest[65], path[4096];
    gitlade_hex(info->digest, sizeof info->digest, digest, sizeof digest);
    if (snprintf(path, sizeof path, "%s/%s", folder, digest) >= (int)sizeof path)
        return ENAMETOOLONG;
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return errno;
    size_t written = fwrite(bytes, 1, len, file);
    if (fclose(file) != 0 || written != len) {
        remove(path);
        return EIO;
    }
    return 0;
}

static int32_t print(void *context, const uint8_t *bytes, size_t len) {
    return fwrite(bytes, 1, len, (FILE *)context) == len ? 0 : EIO;
}

static int fail(gitlade_error *error) {
    fprintf(stderr, "\nhost: %s\n", gitlade_error_message(error).data);
    for (size_t i = 0; i < gitlade_error_cause_count(error); ++i)
        fprintf(stderr, "  because: %s\n", gitlade_error_cause(error, i).data);
    int status = (int)gitlade_error_status(error);
    gitlade_error_free(error);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s PATH-OR-URL FOLDER\n", argv[0]);
        return 2;
    }
    gitlade_error *error = NULL;
    gitlade_source *source = NULL;
    gitlade_policy *policy = NULL;
    if (gitlade_control_new(&control, &error) != GITLADE_STATUS_OK ||
        gitlade_policy_new(GITLADE_POLICY_PRESET_PERSON, &policy, &error) != GITLADE_STATUS_OK ||
        gitlade_source_parse(argv[1], GITLADE_NTS, &source, &error) != GITLADE_STATUS_OK)
        return fail(error);

    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);

    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;
    gitlade_sink sink = gitlade_sink_init();
    sink.context = argv[2];
    sink.put = keep;
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.control = control;
    hooks.sink = &sink;
    hooks.progress = show;
    hooks.progress_context = stderr;

    gitlade_import *import = NULL;
    gitlade_status status = gitlade_import_run(source, &options, &hooks, &import, &error);
    fputc('\n', stderr);
    int code = 0;
    if (status == GITLADE_STATUS_OK) {
        gitlade_writer writer = gitlade_writer_init();
        writer.context = stdout;
        writer.write = print;
        status = gitlade_manifest_write(gitlade_import_manifest(import), &writer, &error);
        gitlade_import_free(import);
    }
    if (status != GITLADE_STATUS_OK)
        code = fail(error);
    signal(SIGINT, SIG_DFL);
    gitlade_source_free(source);
    gitlade_policy_free(policy);
    gitlade_control_free(control);
    return code;
}
