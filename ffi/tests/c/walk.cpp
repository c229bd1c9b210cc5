/* walk SOURCE NDJSON: what walk.c does, by the face for C++. */
#include <gitlade.h>
#include <gitlade.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::cerr << __FILE__ << ":" << __LINE__ << ": " << #condition << "\n";                \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

static std::string text(std::optional<std::string_view> bytes) {
    if (!bytes)
        return "\t-";
    return "\t=" + gitlade::hex(reinterpret_cast<const std::uint8_t *>(bytes->data()), bytes->size());
}

static std::string fnv(std::string_view bytes) {
    std::uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (unsigned char byte : bytes)
        hash = (hash ^ byte) * UINT64_C(0x100000001b3);
    char digits[18];
    std::snprintf(digits, sizeof digits, "\t%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

static std::string drain(gitlade::reader reader) {
    std::string all;
    char piece[777];
    while (std::size_t count = reader.read(piece, sizeof piece))
        all.append(piece, count);
    return all;
}

static std::string describe(const gitlade::entry &entry) {
    const gitlade_entry &raw = entry.raw();
    std::ostringstream line;
    line << entry.index() << '\t' << (entry.parent() ? *entry.parent() + 1 : 0) << '\t' << raw.kind << '\t'
         << std::oct << entry.mode() << '\t' << std::hex << raw.flags << std::dec << text(entry.path())
         << text(entry.name()) << '\t' << entry.object_id() << '\t' << gitlade::hex(raw.digest, 32) << '\t'
         << entry.size().value_or(0) << '\t' << raw.files << '\t' << raw.bytes << '\t' << raw.lines
         << text(gitlade::optional_view(raw.encoding)) << text(gitlade::optional_view(raw.mime))
         << text(gitlade::optional_view(raw.working_tree_encoding)) << text(entry.target()) << text(entry.url())
         << '\t' << gitlade::hex(raw.lfs_object_id, 32) << '\t' << raw.lfs_size << '\t' << raw.content << '\t'
         << raw.eol << '\t' << raw.bom << '\t' << raw.basis << '\t' << raw.skipped << '\t' << raw.has_digest
         << raw.has_size << raw.executable << raw.git_binary << raw.is_lfs << raw.lfs_filter;
    return line.str();
}

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
