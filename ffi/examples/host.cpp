// host PATH-OR-URL FOLDER: a host with a store of its own. Each distinct blob becomes a file of FOLDER
// that has the name of its BLAKE3 digest; the manifest is printed as NDJSON. The import runs in the
// background, a line shows how far it is, and Ctrl-C stops it.
//
//     c++ -std=c++17 host.cpp $(pkg-config --cflags --libs gitlade) -o host
#include <gitlade.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>

static volatile std::sig_atomic_t interrupted = 0;

// Called in several threads at once; each blob comes once, so no two write the same file.
class folder_sink : public gitlade::blob_sink {
  public:
    explicit folder_sink(std::filesystem::path folder) : folder_(std::move(folder)) {}

    void put(const gitlade_blob_info &info, std::string_view bytes) override {
        std::ofstream file(folder_ / gitlade::hex(info.digest, sizeof info.digest), std::ios::binary);
        file.exceptions(std::ios::failbit | std::ios::badbit);
        file << bytes;
        file.close();
    }

  private:
    std::filesystem::path folder_;
};

int main(int argc, char **argv) try {
    if (argc != 3) {
        std::cerr << "usage: " << argv[0] << " PATH-OR-URL FOLDER\n";
        return 2;
    }
    std::signal(SIGINT, [](int) { interrupted = 1; });

    gitlade::options options;
    options.remote.policy = std::make_shared<gitlade::policy>(GITLADE_POLICY_PRESET_PERSON);
    gitlade::hooks hooks;
    hooks.sink = std::make_shared<folder_sink>(argv[2]);

    gitlade::task task(gitlade::source(argv[1]), options, hooks);
    while (!task.wait_for(std::chrono::milliseconds(100))) {
        if (interrupted)
            task.cancel();
        gitlade_progress progress = task.progress();
        std::cerr << '\r' << gitlade::view(gitlade_step_name(progress.step)) << ' ' << progress.objects
                  << " objects        ";
    }
    std::cerr << '\n';
    gitlade::imported import = task.take();
    std::cout << import.manifest().ndjson().view();
    return 0;
} catch (const gitlade::error &error) {
    std::cerr << "host: " << error.what() << '\n';
    return error.status();
} catch (const std::exception &error) {
    // What the sink threw.
    std::cerr << "host: " << error.what() << '\n';
    return GITLADE_STATUS_HOST;
}
