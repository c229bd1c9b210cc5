/* walk SOURCE NDJSON: what walk.c does, by the face for C++. */
#include <gitlade.h>

#include "entry.hpp"

static std::string content(const gitlade::imported &import, const gitlade::entry &entry) {
    try {
        gitlade::buffer bytes = import.bytes(entry);
        CHECK(drain(import.open(entry)) == bytes.view());
        std::string told = fnv(bytes.view());
        try {
            gitlade::buffer decoded = import.text(entry);
            CHECK(entry.is_text() && drain(import.open_text(entry)) == decoded.view());
            return told + fnv(decoded.view());
        } catch (const gitlade::error &error) {
            CHECK(!entry.is_text() && !import.text_lossy(entry).first.view().empty() == (bytes.size() > 0));
            return told + '\t' + std::to_string(error.status());
        }
    } catch (const gitlade::error &error) {
        return '\t' + std::to_string(error.status());
    }
}

static std::size_t descend(gitlade::manifest_view manifest, std::size_t folder, std::size_t next) {
    for (const gitlade::entry &child : manifest.children(folder)) {
        CHECK(child.index() == next);
        ++next;
        if (child.is_folder())
            next = descend(manifest, child.index(), next);
    }
    return next;
}

int main(int argc, char **argv) try {
    CHECK(argc == 3);
    gitlade::options options;
    options.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_UNRESTRICTED);
    // In the background, to have seen that as well.
    gitlade::task task(gitlade::source(argv[1]), options);
    gitlade::imported import = task.take();
    gitlade::manifest_view manifest = import.manifest();

    auto entries = manifest.entries();
    CHECK(static_cast<std::size_t>(std::distance(entries.begin(), entries.end())) == manifest.size());
    auto files = manifest.files();
    CHECK(static_cast<std::uint64_t>(std::distance(files.begin(), files.end())) == manifest.totals().files);
    CHECK(descend(manifest, GITLADE_ROOT, 0) == manifest.size());
    for (const gitlade::entry &entry : entries) {
        CHECK(manifest.find(entry.path())->index() == entry.index());
        CHECK(manifest[entry.index()].path() == entry.path());
        std::cout << describe(entry) << content(import, entry) << '\n';
    }
    CHECK(!manifest.at(manifest.size()) && !manifest.find("no/such/path"));
    gitlade::buffer ndjson = manifest.ndjson();
    CHECK(gitlade::manifest::parse(ndjson.view()).view().ndjson().view() == ndjson.view());
    manifest.write_file(argv[2]);
    CHECK(gitlade::manifest::read_file(argv[2]).view().size() == manifest.size());
    return 0;
} catch (const gitlade::error &error) {
    std::cerr << error.what() << '\n';
    return error.status();
}
