// tree PATH-OR-URL [REVISION]: imports one commit, and prints its tree with what each file is.
//
//     c++ -std=c++17 tree.cpp $(pkg-config --cflags --libs gitlade) -o tree
#include <gitlade.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

// Names come from a stranger's repository: what could steer a terminal is not for it.
static std::string shown(std::string_view name) {
    std::string text;
    for (unsigned char byte : name) {
        if (byte >= 0x20 && byte != 0x7f) {
            text += static_cast<char>(byte);
            continue;
        }
        char escaped[5];
        std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
        text += escaped;
    }
    return text;
}

static std::string described(const gitlade::entry &entry) {
    const gitlade_entry &raw = entry.raw();
    switch (entry.kind()) {
    case GITLADE_KIND_FOLDER:
        return "/  " + std::to_string(raw.files) + " files";
    case GITLADE_KIND_SYMLINK:
        return " -> " + shown(entry.target().value_or(""));
    case GITLADE_KIND_SUBMODULE:
        return "  submodule " + shown(entry.url().value_or(""));
    default:
        if (entry.is_skipped())
            return "  skipped";
        if (entry.is_text())
            return "  " + std::string(entry.encoding()) + ", " + std::to_string(raw.lines) + " lines";
        return "  binary, " + std::to_string(raw.size) + " bytes";
    }
}

int main(int argc, char **argv) try {
    if (argc < 2 || argc > 3) {
        std::cerr << "usage: " << argv[0] << " PATH-OR-URL [REVISION]\n";
        return 2;
    }
    gitlade::options options;
    // The person at the keyboard named it, so it may be any host. A service keeps the default.
    options.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_PERSON);
    if (argc == 3)
        options.revision = argv[2];

    gitlade::imported import = gitlade::import_from(gitlade::source(argv[1]), options);
    for (const gitlade::entry &entry : import.manifest().entries()) {
        std::string_view path = entry.path();
        auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
        std::cout << std::string(2 * depth, ' ') << shown(entry.name()) << described(entry) << '\n';
    }
    gitlade_totals totals = import.manifest().totals();
    std::cout << totals.folders << " folders, " << totals.files << " files, " << totals.bytes << " bytes, "
              << gitlade::hex(totals.root, sizeof totals.root) << '\n';
    return 0;
} catch (const gitlade::error &error) {
    std::cerr << "tree: " << error.what() << '\n';
    if (!error.advice().empty())
        std::cerr << "  " << error.advice() << '\n';
    for (const std::string &cause : error.causes())
        std::cerr << "  because: " << cause << '\n';
    return error.status();
}
