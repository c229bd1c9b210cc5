/* engine: what engine.c does, by the face for C++. */
#include "entry.hpp"

#include <atomic>
#include <fstream>

using namespace std::chrono_literals;

static const auto patience = 60s;

template <class F> static gitlade_status status_of(F &&work) {
    try {
        work();
    } catch (const gitlade::error &error) {
        return error.status();
    }
    return GITLADE_STATUS_OK;
}

static void print(const gitlade_record &record) {
    std::cout << "record\t" << record.id << '\t' << record.status << '\t' << record.failure_status << '\t'
              << record.attempt << '\t' << record.is_remote << text(gitlade::optional_view(record.tenant))
              << text(gitlade::optional_view(record.metadata)) << text(gitlade::optional_view(record.source))
              << text(gitlade::optional_view(record.owner)) << text(gitlade::optional_view(record.repository))
              << text(gitlade::optional_view(record.revision)) << text(gitlade::optional_view(record.reference))
              << '\t' << gitlade::hex(record.commit, record.commit_len) << '\t' << gitlade::hex(record.root, 32)
              << '\t' << record.folders << '\t' << record.files << '\t' << record.bytes << '\t' << record.text
              << '\t' << record.binary << '\n';
}

static std::string stored(const gitlade::store &store, std::uint64_t id, const gitlade::entry &entry) {
    std::string told;
    try {
        gitlade::buffer bytes = store.bytes(id, entry.path());
        CHECK(drain(store.open(id, entry.path())) == bytes.view());
        told = fnv(bytes.view());
        return told + fnv(store.text(id, entry.path()).view());
    } catch (const gitlade::error &error) {
        return told + '\t' + std::to_string(error.status());
    }
}

static void import(const gitlade::store &store, const gitlade::engine &engine, const char *from) {
    gitlade_subscribe_options wanted = gitlade_subscribe_options_init();
    wanted.tenant = gitlade_z("host");
    gitlade::subscription events = engine.subscribe(&wanted);
    std::uint64_t id = engine.start(gitlade::source(from), {}, "host", "{\"of\":\"the host\"}");
    std::optional<gitlade_event> event;
    do {
        bool first = !event;
        event = events.next(patience);
        CHECK(event && event->import_id == id && event->attempt == 1);
        CHECK((event->kind == GITLADE_EVENT_KIND_CREATED) == first);
    } while (event->kind < GITLADE_EVENT_KIND_COMPLETE);
    CHECK(!events.next(0ms) && !events.is_closed() && events.missed() == 0);

    gitlade::records ended = engine.wait(id, patience);
    CHECK((ended[0].status == GITLADE_IMPORT_STATUS_COMPLETE) == (event->kind == GITLADE_EVENT_KIND_COMPLETE));
    print(engine.status(id)[0]);
    CHECK(ended.json(0).view() == store.record(id).json(0).view());
    CHECK(store.log_json(id).view().find("\"event\"") != std::string_view::npos);
    if (ended[0].status != GITLADE_IMPORT_STATUS_COMPLETE)
        return;
    gitlade::manifest manifest = store.manifest(id);
    for (const gitlade::entry &entry : manifest.view().entries())
        std::cout << describe(entry) << stored(store, id, entry) << '\n';
}

static void restart(const gitlade::engine &engine, const char *url) {
    std::uint64_t id = engine.start(gitlade::source(url));
    CHECK(engine.wait(id, patience)[0].failure_status == GITLADE_STATUS_AUTHENTICATION_REQUIRED);
    gitlade::credentials wrong = gitlade::credentials::password("user", "wrong");
    engine.restart(id, &wrong);
    CHECK(engine.wait(id, patience)[0].failure_status == GITLADE_STATUS_AUTHENTICATION_FAILED);
    gitlade::credentials right = gitlade::credentials::password("user", "secret");
    engine.restart(id, &right, "feature/x");
    gitlade::records ended = engine.wait(id, patience);
    CHECK(ended[0].status == GITLADE_IMPORT_STATUS_COMPLETE && ended[0].attempt == 3);
    print(ended[0]);
    CHECK(status_of([&] { engine.restart(id); }) == GITLADE_STATUS_INVALID_OPTIONS);
}

static void cancel(const gitlade::engine &engine, const char *url) {
    gitlade::subscription events = engine.subscribe();
    std::uint64_t id = engine.start(gitlade::source(url));
    for (std::uint32_t attempt = 1; attempt <= 2; ++attempt) {
        std::optional<gitlade_event> event;
        do {
            // The end of an import before this one may still be told.
            do {
                event = events.next(patience);
                CHECK(event.has_value());
            } while (event->import_id != id);
            CHECK(event->attempt == attempt && event->kind < GITLADE_EVENT_KIND_COMPLETE);
        } while (event->step != GITLADE_STEP_CONNECTING);
        CHECK(engine.wait(id, 10ms)[0].status < GITLADE_IMPORT_STATUS_COMPLETE);
        CHECK(status_of([&] { engine.remove(id); }) == GITLADE_STATUS_BUSY);
        CHECK(engine.cancel(id));
        CHECK(engine.wait(id, patience)[0].status == GITLADE_IMPORT_STATUS_CANCELLED);
        CHECK(!engine.cancel(id));
        do {
            event = events.next(patience);
            CHECK(event.has_value());
        } while (event->kind < GITLADE_EVENT_KIND_COMPLETE);
        CHECK(event->kind == GITLADE_EVENT_KIND_CANCELLED);
        if (attempt == 1)
            engine.restart(id);
    }
    engine.remove(id);
    try {
        engine.status(id);
        CHECK(false);
    } catch (const gitlade::not_found &error) {
        CHECK(error.status() == GITLADE_STATUS_IMPORT_NOT_FOUND);
    }
}

static void list(const gitlade::store &store, const gitlade::engine &engine) {
    gitlade::filter wanted;
    wanted.raw.ascending = 1;
    wanted.raw.limit = 2;
    wanted.raw.statuses = 1u << GITLADE_IMPORT_STATUS_COMPLETE;
    std::uint64_t total = 0;
    do {
        gitlade::records page = store.list(wanted);
        CHECK(engine.list(wanted).size() == page.size());
        for (std::size_t i = 0; i < page.size(); ++i)
            print(page[i]);
        total = page.total();
        wanted.raw.offset += 2;
    } while (wanted.raw.offset < total);
}

static void print_stats(const gitlade::store &store) {
    gitlade::stats stats = store.stats();
    gitlade_store_counts counts = stats.counts();
    std::cout << "counts";
    for (std::uint64_t count :
         {counts.files, counts.file_bytes, counts.snapshots, counts.entries, counts.contents, counts.content_bytes,
          counts.shared_bytes, counts.texts, counts.text_bytes, counts.blobs, counts.blob_bytes, counts.lost,
          counts.unused_contents, counts.unused_bytes, counts.facts, counts.trees, counts.tree_bytes})
        std::cout << '\t' << count;
    std::cout << '\n';
    for (unsigned status = GITLADE_IMPORT_STATUS_QUEUED; status <= GITLADE_IMPORT_STATUS_INTERRUPTED; ++status)
        std::cout << "imports\t" << status << '\t' << stats.imports(static_cast<gitlade_import_status>(status)) << '\n';
    for (const gitlade_tenant_counts &tenant : stats.tenants())
        std::cout << "tenant" << text(gitlade::view(tenant.tenant)) << '\t' << tenant.imports << '\t' << tenant.complete
                  << '\t' << tenant.files << '\t' << tenant.bytes << '\n';
    std::cout << "stats\t" << stats.json().view() << '\n';
}

/* Work on a store is watched and stopped like an import. */
static void watch(const gitlade::store &store) {
    gitlade::hooks hooks;
    hooks.control = std::make_shared<gitlade::control>();
    std::atomic<std::size_t> reports{0};
    hooks.progress = [&](const gitlade_progress &) { return ++reports > 0; };
    hooks.interval = 1ms;
    CHECK(store.check(gitlade_check_options_init(), hooks).is_clean() && reports > 0);
    hooks.progress = [](const gitlade_progress &) -> bool { throw std::runtime_error("of the host"); };
    try {
        store.check(gitlade_check_options_init(), hooks);
        CHECK(false);
    } catch (const std::runtime_error &error) {
        CHECK(std::string_view(error.what()) == "of the host");
    }
    hooks.progress = nullptr;
    hooks.control->cancel();
    CHECK(status_of([&] { store.check(gitlade_check_options_init(), hooks); }) == GITLADE_STATUS_CANCELLED);
    CHECK(status_of([&] { store.repair({}, hooks); }) == GITLADE_STATUS_CANCELLED);
    CHECK(status_of([&] { store.gc(gitlade_gc_options_init(), hooks); }) == GITLADE_STATUS_CANCELLED);
    CHECK(status_of([&] { store.import(gitlade::source("/nonexistent")); }) == GITLADE_STATUS_NOT_A_REPOSITORY);
}

static void mend(const gitlade::store &store, const char *from, const gitlade::options &means) {
    gitlade::records imported = store.import(gitlade::source(from), means);
    std::uint64_t id = imported[0].id;
    gitlade::manifest manifest = store.manifest(id);
    gitlade::entry logo = *manifest.view().find("logo.bin");
    std::string digest = logo.digest();
    std::string name = std::string(store.folder()) + "/blobs/" + digest.substr(0, 2) + '/' + digest.substr(2);
    std::fstream blob(name, std::ios::in | std::ios::out | std::ios::binary);
    CHECK(blob && blob.put('?') && blob.flush());

    gitlade::findings found = store.check();
    CHECK(!found.is_clean() && found.size() == 1 && found.report().problems == 1);
    gitlade::problem problem = found[0];
    CHECK(problem.raw.kind == GITLADE_PROBLEM_KIND_BLOB_DAMAGED && gitlade::hex(problem.raw.digest, 32) == digest);
    CHECK(problem.places.size() == problem.raw.places_total);
    bool is_there = false;
    for (const gitlade_place &place : problem.places) {
        std::cout << "place\t" << place.import_id << text(gitlade::view(place.path)) << '\n';
        is_there = is_there || (place.import_id == id && gitlade::view(place.path) == "logo.bin");
    }
    CHECK(is_there);
    std::cout << "findings\t" << found.json().view() << '\n';

    gitlade::repaired given_up = store.repair();
    CHECK(given_up.report().losses == problem.places.size() && given_up.failures().empty());
    for (const gitlade_loss &loss : given_up.losses())
        CHECK(gitlade::hex(loss.digest, 32) == digest && loss.size == logo.size());
    std::cout << "repair\t" << given_up.json().view() << '\n';
    CHECK(status_of([&] { store.bytes(id, "logo.bin"); }) == GITLADE_STATUS_CORRUPT_STORE);
    gitlade::repair_options fetch;
    fetch.fetch = means;
    CHECK(store.repair(fetch).report().fetched == 1);
    CHECK(store.bytes(id, "logo.bin").size() == logo.size() && store.check().is_clean());
}

static void collect(const gitlade::store &store) {
    gitlade::filter all;
    all.raw.limit = 1000;
    gitlade::records records = store.list(all);
    for (std::size_t i = 0; i < records.size(); ++i)
        store.remove(records[i].id);
    gitlade_gc_options options = gitlade_gc_options_init();
    options.min_age_s = GITLADE_NONE;
    options.dry_run = 1;
    gitlade_gc_report dry = store.gc(options);
    options.dry_run = 0;
    gitlade_gc_report wet = store.gc(options);
    CHECK(dry.contents > 0 && dry.contents == wet.contents && dry.blobs == wet.blobs);
    print_stats(store);
}

int main(int argc, char **argv) try {
    CHECK(argc > 3);
    gitlade::store store(argv[2]);
    CHECK(store.database() == std::string(store.folder()) + "/gitlade.db");
    gitlade::options means;
    means.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_UNRESTRICTED);
    means.remote.raw.plain_http_credentials = 1;
    if (std::string_view(argv[1]) == "fill") {
        gitlade::engine engine(store, means);
        for (int i = 5; i < argc; ++i)
            import(store, engine, argv[i]);
        restart(engine, argv[3]);
        cancel(engine, argv[4]);
        list(store, engine);
        gitlade::subscription events = engine.subscribe();
        engine.shutdown(1s);
        CHECK(!events.next(0ms) && events.is_closed());
        watch(store);
        print_stats(store);
    } else {
        mend(store, argv[3], means);
        collect(store);
    }
    return 0;
} catch (const gitlade::error &error) {
    std::cerr << error.what() << '\n';
    return error.status();
}
