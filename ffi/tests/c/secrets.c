/*
 * secrets SECRET URL…: fails with a secret in every place that takes one, and prints all that the
 * library says. The caller searches that for the secret.
 */
#include "check.h"

static void say(gitlade_str text) {
    printf("%.*s\n", (int)text.len, text.data != NULL ? text.data : "");
}

static void tell(gitlade_error *error) {
    if (error == NULL)
        return;
    say(gitlade_error_message(error));
    say(gitlade_error_advice(error));
    say(gitlade_error_file(error));
    say(gitlade_error_path(error));
    say(gitlade_error_url(error));
    for (size_t i = 0; i < gitlade_error_cause_count(error); ++i)
        say(gitlade_error_cause(error, i));
    gitlade_error_free(error);
}

static bool show(void *context, const gitlade_progress *progress) {
    (void)context;
    printf("%s\n", progress->message);
    return true;
}

static size_t failed;

static void try_with(const char *text, const gitlade_credentials *credentials, gitlade_str proxy) {
    gitlade_source *source;
    gitlade_error *error = NULL;
    if (gitlade_source_parse(text, GITLADE_NTS, &source, &error) != GITLADE_STATUS_OK) {
        ++failed;
        tell(error);
        return;
    }
    say(gitlade_source_text(source));
    say(gitlade_source_owner(source));
    gitlade_policy *policy;
    OK(gitlade_policy_new(GITLADE_POLICY_PRESET_UNRESTRICTED, &policy, &error));
    gitlade_remote_options remote = gitlade_remote_options_init();
    remote.policy = policy;
    remote.credentials = credentials;
    remote.proxy = proxy;
    remote.plain_http_credentials = 1;
    remote.retries = GITLADE_NONE;
    gitlade_options options = gitlade_options_init();
    options.remote = &remote;
    gitlade_hooks hooks = gitlade_hooks_init();
    hooks.progress = show;
    hooks.progress_interval_ms = 1;
    gitlade_import *import = NULL;
    gitlade_refs *refs = NULL;
    if (gitlade_import_run(source, &options, &hooks, &import, &error) != GITLADE_STATUS_OK) {
        ++failed;
        tell(error);
    } else {
        gitlade_buffer *ndjson;
        OK(gitlade_manifest_ndjson(gitlade_import_manifest(import), &ndjson, &error));
        say(gitlade_buffer_bytes(ndjson));
        gitlade_buffer_free(ndjson);
        gitlade_import_free(import);
    }
    error = NULL;
    if (gitlade_ls_remote(source, &remote, NULL, NULL, &refs, &error) != GITLADE_STATUS_OK) {
        ++failed;
        tell(error);
    }
    gitlade_refs_free(refs);
    gitlade_policy_free(policy);
    gitlade_source_free(source);
}

int main(int argc, char **argv) {
    CHECK(argc > 2);
    const char *secret = argv[1];
    char text[1024];
    gitlade_credentials *credentials[5] = {NULL};
    OK(gitlade_credentials_token(secret, GITLADE_NTS, &credentials[0], &error));
    OK(gitlade_credentials_bearer(secret, GITLADE_NTS, &credentials[1], &error));
    OK(gitlade_credentials_password("user", GITLADE_NTS, secret, GITLADE_NTS, &credentials[2], &error));
    /* What cannot be sent. */
    snprintf(text, sizeof text, "%s\r\nX-Evil: 1", secret);
    OK(gitlade_credentials_token(text, GITLADE_NTS, &credentials[3], &error));
    gitlade_str none = {NULL, 0};
    for (int i = 2; i < argc; ++i) {
        for (int j = 0; j < 5; ++j)
            try_with(argv[i], credentials[j], none);
        snprintf(text, sizeof text, "http://user:%s@127.0.0.1:1", secret);
        try_with(argv[i], credentials[0], gitlade_z(text));
        snprintf(text, sizeof text, "nonsense://user:%s@127.0.0.1:1", secret);
        try_with(argv[i], credentials[0], gitlade_z(text));
        const char *rest = strstr(argv[i], "://");
        if (rest != NULL) {
            snprintf(text, sizeof text, "http://user:%s@%s", secret, rest + 3);
            try_with(text, NULL, none);
            snprintf(text, sizeof text, "http://%s@%s", secret, rest + 3);
            try_with(text, NULL, none);
            gitlade_source *source;
            gitlade_credentials *found = NULL;
            snprintf(text, sizeof text, "http://user:%s@%s", secret, rest + 3);
            OK(gitlade_source_parse_with(text, GITLADE_NTS, false, &source, &found, &error));
            CHECK(found != NULL);
            say(gitlade_source_text(source));
            gitlade_source_free(source);
            gitlade_credentials_free(found);
        }
    }
    for (int j = 0; j < 5; ++j)
        gitlade_credentials_free(credentials[j]);
    printf("%zu failures\n", failed);
    return 0;
}
