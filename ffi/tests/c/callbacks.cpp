/*
 * callbacks REPOSITORY URL FOLDER: what the host's own code throws comes out of the call that it stopped, and
 * errors are of the class that they should be. URL asks for the credentials user:secret, and FOLDER is
 * empty.
 */
#include <gitlade.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <type_traits>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::cerr << __FILE__ << ":" << __LINE__ << ": " << #condition << "\n";                \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

/* Whether a call throws exactly this. */
template <class E, class F> static bool throws(F &&call) {
    try {
        call();
    } catch (const E &error) {
        return typeid(error) == typeid(E);
    }
    return false;
}

struct my_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct counting : gitlade::blob_sink {
    void put(const gitlade_blob_info &info, std::string_view bytes) override {
        CHECK(info.size == bytes.size());
        ++blobs;
        if (is_broken)
            throw my_error("the sink is broken");
    }
    std::atomic<int> blobs{0};
    bool is_broken = false;
};

static_assert(!std::is_copy_constructible_v<gitlade::imported> && std::is_nothrow_move_constructible_v<gitlade::imported>);
static_assert(!std::is_copy_constructible_v<gitlade::source> && !std::is_copy_constructible_v<gitlade::task>);
static_assert(!std::is_copy_constructible_v<gitlade::engine> && !std::is_copy_constructible_v<gitlade::buffer>);

static void test_throwing(const gitlade::source &source) {
    auto sink = std::make_shared<counting>();
    gitlade::hooks hooks;
    hooks.sink = sink;
    gitlade::import_from(source, {}, hooks);
    CHECK(sink->blobs > 0);
    sink->is_broken = true;
    CHECK(throws<my_error>([&] { gitlade::import_from(source, {}, hooks); }));
    gitlade::task task(source, {}, hooks);
    CHECK(throws<my_error>([&] { task.take(); }));
    CHECK(throws<std::logic_error>([&] { task.take(); }));

    /* Its last call is after the import has ended, and stops nothing any more; what it throws counts. */
    gitlade::hooks reporting;
    reporting.progress = [](const gitlade_progress &) -> bool { throw my_error("no progress"); };
    reporting.interval = std::chrono::milliseconds(1);
    CHECK(throws<my_error>([&] { gitlade::import_from(source, {}, reporting); }));
}

static void test_classes(const gitlade::source &source) {
    CHECK(throws<gitlade::error>([] { gitlade::source("ext::sh -c evil"); }));
    CHECK(throws<gitlade::not_found>([] { gitlade::import_from(gitlade::source("/nonexistent/at/all")); }));
    gitlade::options options;
    options.revision = "no-such-branch";
    CHECK(throws<gitlade::not_found>([&] { gitlade::import_from(source, options); }));
    options.revision.reset();
    auto limits = std::make_shared<gitlade::limits>();
    limits->set("max_entries", 1);
    CHECK(limits->get("max_entries") == 1u && !limits->get("max_nothing"));
    options.limits = limits;
    try {
        gitlade::import_from(source, options);
        CHECK(false);
    } catch (const gitlade::limit_exceeded &error) {
        CHECK(error.limit() == "max_entries" && error.name() == "limit_exceeded" && !error.advice().empty());
    }
    auto control = std::make_shared<gitlade::control>();
    control->cancel();
    gitlade::hooks hooks;
    hooks.control = control;
    CHECK(throws<gitlade::cancelled>([&] { gitlade::import_from(source, {}, hooks); }));
    gitlade::source other("/tmp");
    gitlade::source moved = std::move(other);
    CHECK(throws<gitlade::contract_error>([&] { gitlade::import_from(other); }));
    CHECK(throws<gitlade::remote_error>([] { gitlade::import_from(gitlade::source("http://127.0.0.1:1/a/b")); }));
}

static void test_remote(const char *url) {
    gitlade::source source(url);
    gitlade::options options;
    auto policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_UNRESTRICTED);
    std::atomic<int> asked{0};
    policy->check_with([&](const gitlade_destination &) { return ++asked > 0; });
    options.remote.policy = policy;
    options.remote.raw.plain_http_credentials = 1;
    CHECK(throws<gitlade::authentication_error>([&] { gitlade::import_from(source, options); }));
    CHECK(asked > 0);
    options.remote.find_credentials = [](const gitlade_credential_request &request) {
        CHECK(request.attempt == 1);
        return std::optional<gitlade::credentials>(gitlade::credentials::password("user", "secret"));
    };
    CHECK(gitlade::import_from(source, options).manifest().size() > 0);
    CHECK(gitlade::ls_remote(source, options).at(0).name == "HEAD");
    options.remote.find_credentials = [](const gitlade_credential_request &) -> std::optional<gitlade::credentials> {
        throw my_error("no keyring");
    };
    CHECK(throws<my_error>([&] { gitlade::import_from(source, options); }));
    options.remote.find_credentials = nullptr;
    options.remote.credentials = std::make_shared<gitlade::credentials>(gitlade::credentials::password("user", "secret").when_asked());
    CHECK(gitlade::import_from(source, options).manifest().size() > 0);
    policy->check_with([](const gitlade_destination &) -> bool { throw my_error("no"); });
    CHECK(throws<gitlade::remote_error>([&] { gitlade::import_from(source, options); }));
}

static void test_blobs(const gitlade::source &source, const std::string &folder) {
    gitlade::blobs_options options;
    options.table = "attachments";
    gitlade::blobs made[] = {gitlade::blobs::folder(folder + "/folder"),
                             gitlade::blobs::sqlite(folder + "/blobs.db", options)};
    for (gitlade::blobs &blobs : made) {
        auto shared = std::make_shared<gitlade::blobs>(std::move(blobs));
        gitlade::hooks hooks;
        hooks.blobs = shared;
        gitlade::imported import = gitlade::import_from(source, {}, hooks);
        shared->sync();
        for (const gitlade::entry &file : import.manifest().files()) {
            gitlade::digest digest;
            std::copy(file.raw().digest, file.raw().digest + 32, digest.begin());
            CHECK(shared->size(digest) == file.size());
            CHECK(shared->get(digest)->view() == import.bytes(file).view());
        }
        std::size_t count = 0;
        shared->list([&](const gitlade::digest &, std::uint64_t) { return ++count > 0; });
        CHECK(count > 3);
        CHECK(throws<my_error>([&] {
            shared->list([](const gitlade::digest &, std::uint64_t) -> bool { throw my_error("enough"); });
        }));
        gitlade::digest own = shared->put("of the host");
        char bytes[16];
        CHECK(shared->open(own)->read(bytes, sizeof bytes) == 11);
        CHECK(shared->remove(own) && !shared->remove(own) && !shared->get(own) && !shared->size(own));
        hooks.sink = std::make_shared<counting>();
        CHECK(throws<gitlade::contract_error>([&] { gitlade::import_from(source, {}, hooks); }));
    }
}

static void test_detect(const char *path, const char *url) {
    CHECK(gitlade::detect(path).describe().kind == GITLADE_FOUND_GIT_FOLDER);
    gitlade::options options;
    options.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_UNRESTRICTED);
    options.remote.raw.plain_http_credentials = 1;
    gitlade::detection locked = gitlade::detect(url, options);
    CHECK(locked.describe().kind == GITLADE_FOUND_NEEDS_AUTHENTICATION && locked.schemes().at(0) == "Basic");
    CHECK(!locked.certain());
    options.remote.credentials = std::make_shared<gitlade::credentials>(gitlade::credentials::password("user", "secret"));
    gitlade::detection found = gitlade::detect(url, options);
    std::optional<gitlade::candidate> candidate = found.certain();
    CHECK(found.size() == 1 && candidate && !candidate->subdir && !found.json().view().empty());
    CHECK(throws<std::out_of_range>([&] { found[1]; }));
    CHECK(gitlade::import_from(candidate->source, candidate->apply(options)).manifest().size() > 0);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    gitlade::source source(argv[1]);
    test_throwing(source);
    test_classes(source);
    test_remote(argv[2]);
    test_blobs(source, argv[3]);
    test_detect(argv[1], argv[2]);
    return 0;
}
