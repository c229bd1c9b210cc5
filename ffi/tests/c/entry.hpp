/* How the C++ tests tell what they see, so that it can be held against what Rust sees. */
#ifndef ENTRY_HPP
#define ENTRY_HPP

#include <gitlade.hpp>

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

inline std::string text(std::optional<std::string_view> bytes) {
    if (!bytes)
        return "\t-";
    return "\t=" + gitlade::hex(reinterpret_cast<const std::uint8_t *>(bytes->data()), bytes->size());
}

inline std::string fnv(std::string_view bytes) {
    std::uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (unsigned char byte : bytes)
        hash = (hash ^ byte) * UINT64_C(0x100000001b3);
    char digits[18];
    std::snprintf(digits, sizeof digits, "\t%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

inline std::string drain(gitlade::reader reader) {
    std::string all;
    char piece[777];
    while (std::size_t count = reader.read(piece, sizeof piece))
        all.append(piece, count);
    return all;
}

inline std::string describe(const gitlade::entry &entry) {
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

#endif
