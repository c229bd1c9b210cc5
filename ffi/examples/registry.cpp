// registry STORE import PATH-OR-URL | list | show ID | cat ID PATH | remove ID | check | gc | stats: a
// host that imports in the background into a store, looks at what is there, and keeps it whole.
//
//     c++ -std=c++17 registry.cpp $(pkg-config --cflags --libs gitlade) -o registry
#include <gitlade.hpp>

#include <iostream>

using namespace std::chrono_literals;

static void print(const gitlade::records &records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        gitlade_record record = records[i];
        std::cout << record.id << ' ' << gitlade::view(gitlade_import_status_name(record.status)) << ' '
                  << gitlade::view(record.source) << '\n';
        if (auto failure = gitlade::optional_view(record.failure))
            std::cout << "  failure " << *failure << '\n';
        if (record.status == GITLADE_IMPORT_STATUS_COMPLETE)
            std::cout << "  " << record.folders << " folders, " << record.files << " files, " << record.bytes
                      << " bytes, " << gitlade::hex(record.root, sizeof record.root) << '\n';
    }
    std::cout << records.total() << " imports\n";
}

// Starts an import, and tells what happens to it until it has ended.
static void import(const gitlade::store &store, const char *text) {
    gitlade::options options;
    options.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_PERSON);
    gitlade::engine engine(store, options);
    gitlade::subscription events = engine.subscribe();
    std::uint64_t id = engine.start(gitlade::source(text), {}, "example");
    for (bool has_ended = false; !has_ended && !events.is_closed();) {
        std::optional<gitlade_event> event = events.next(1s);
        if (!event)
            continue;
        std::cerr << event->import_id << ' ' << gitlade::view(gitlade_import_status_name(event->status)) << ' '
                  << event->percent << " %\n";
        has_ended = event->kind >= GITLADE_EVENT_KIND_COMPLETE;
    }
    print(engine.wait(id, 1min));
    engine.shutdown(1s);
}

// Tells what is wrong with the store; 1 if anything is.
static int check(const gitlade::store &store) {
    gitlade::findings found = store.check();
    for (std::size_t i = 0; i < found.size(); ++i) {
        gitlade::problem problem = found[i];
        std::cout << gitlade::view(gitlade_problem_kind_name(problem.raw.kind)) << ": "
                  << gitlade::view(problem.raw.detail) << '\n';
        for (const gitlade_place &place : problem.places)
            std::cout << "  import " << place.import_id << ' ' << gitlade::view(place.path) << '\n';
    }
    std::cout << found.report().problems << " problems, " << found.report().contents << " contents\n";
    return !found.is_clean();
}

int main(int argc, char **argv) try {
    std::string_view verb = argc > 2 ? argv[2] : "";
    std::uint64_t id = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " STORE import SOURCE | list | show ID | cat ID PATH | remove ID"
                  << " | check | gc | stats\n";
        return 2;
    }
    gitlade::store store(argv[1]);
    if (verb == "import" && argc == 4)
        import(store, argv[3]);
    else if (verb == "list")
        print(store.list());
    else if (verb == "show" && argc == 4)
        std::cout << store.manifest(id).view().ndjson().view();
    else if (verb == "cat" && argc == 5)
        std::cout << store.bytes(id, argv[4]).view();
    else if (verb == "remove" && argc == 4)
        store.remove(id);
    else if (verb == "check" && argc == 3)
        return check(store);
    else if (verb == "gc" && argc == 3) {
        gitlade_gc_report report = store.gc();
        std::cout << report.contents << " contents removed, " << report.bytes << " bytes\n";
    } else if (verb == "stats" && argc == 3)
        std::cout << store.stats().json().view() << '\n';
    else
        return 2;
    return 0;
} catch (const gitlade::error &error) {
    std::cerr << "registry: " << error.what() << '\n';
    return error.status();
}
