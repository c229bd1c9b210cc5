/*
 * gitlade for C++17: RAII, exceptions, ranges. A face over the C ABI of gitlade.h, in this header
 * alone, so that a program is bound to that ABI only and to no compiler; both headers can be included.
 *
 *     gitlade::imported result = gitlade::import_from(gitlade::source("https://github.com/git/git"));
 *     for (const gitlade::entry &entry : result.manifest().files())
 *         std::cout << entry.path() << '\n';
 *
 * What a function means is said in gitlade.h. Beyond that:
 *
 * - Handles can be moved and not copied. Using one that was moved from throws contract_error.
 * - Failures throw gitlade::error or a class below it. Nothing else is thrown but std::bad_alloc, and
 *   what the host's own callbacks throw: that ends the import, and comes out of the call that waits for
 *   it.
 * - A string_view or span lives as long as the object that it came from.
 */
#ifndef GITLADE_HPP
#define GITLADE_HPP

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "gitlade.hpp needs C++17: compile with -std=c++17, or /std:c++17"
#endif

#include <gitlade.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

namespace gitlade {

/* The bytes of a text; none for NULL. */
inline std::string_view view(gitlade_str text) noexcept {
    return text.data != nullptr ? std::string_view(text.data, text.len) : std::string_view();
}

/* The bytes of a text that may be missing. */
inline std::optional<std::string_view> optional_view(gitlade_str text) noexcept {
    if (text.data == nullptr)
        return std::nullopt;
    return std::string_view(text.data, text.len);
}

/* Why something failed. what() is the message. */
class error : public std::runtime_error {
  public:
    struct facts {
        gitlade_status status;
        std::string message, advice, file, path, url, object_id, limit;
        std::vector<std::string> causes;
    };

    explicit error(std::shared_ptr<const facts> details)
        : std::runtime_error(details->message), details_(std::move(details)) {}

    gitlade_status status() const noexcept { return details_->status; }
    /* The status in snake_case. */
    std::string_view name() const noexcept { return view(gitlade_status_name(details_->status)); }
    /* What the user can do about it; empty if there is nothing to say, as with the texts below. */
    const std::string &advice() const noexcept { return details_->advice; }
    const std::string &file() const noexcept { return details_->file; }
    const std::string &path() const noexcept { return details_->path; }
    const std::string &url() const noexcept { return details_->url; }
    const std::string &object_id() const noexcept { return details_->object_id; }
    const std::string &limit() const noexcept { return details_->limit; }
    const std::vector<std::string> &causes() const noexcept { return details_->causes; }

  private:
    std::shared_ptr<const facts> details_;
};

/* The program broke the contract of gitlade.h. */
class contract_error : public error {
  public:
    using error::error;
};
/* The import was cancelled. */
class cancelled : public error {
  public:
    using error::error;
};
/* A limit was reached; limit() names it. */
class limit_exceeded : public error {
  public:
    using error::error;
};
/* A repository, revision, path or import is not there. */
class not_found : public error {
  public:
    using error::error;
};
/* The network, the server or the policy. */
class remote_error : public error {
  public:
    using error::error;
};
/* Credentials are missing, wrong, or do not suffice. */
class authentication_error : public remote_error {
  public:
    using remote_error::remote_error;
};

/* Throws what a function of C failed with, and frees it. */
[[noreturn]] inline void raise(gitlade_status status, gitlade_error *raw) {
    std::unique_ptr<gitlade_error, void (*)(gitlade_error *)> owned(raw, gitlade_error_free);
    auto details = std::make_shared<error::facts>();
    details->status = status;
    auto text = [&](gitlade_str (*get)(const gitlade_error *)) { return std::string(view(get(raw))); };
    details->message = text(gitlade_error_message);
    if (details->message.empty())
        details->message = view(gitlade_status_description(status));
    details->advice = text(gitlade_error_advice);
    details->file = text(gitlade_error_file);
    details->path = text(gitlade_error_path);
    details->url = text(gitlade_error_url);
    details->object_id = text(gitlade_error_object_id);
    details->limit = text(gitlade_error_limit);
    for (std::size_t i = 0; i < gitlade_error_cause_count(raw); ++i)
        details->causes.emplace_back(view(gitlade_error_cause(raw, i)));
    switch (status) {
    case GITLADE_STATUS_INVALID_ARGUMENT:
        throw contract_error(std::move(details));
    case GITLADE_STATUS_CANCELLED:
        throw cancelled(std::move(details));
    case GITLADE_STATUS_LIMIT_EXCEEDED:
        throw limit_exceeded(std::move(details));
    case GITLADE_STATUS_NOT_A_REPOSITORY:
    case GITLADE_STATUS_REVISION_NOT_FOUND:
    case GITLADE_STATUS_PATH_NOT_FOUND:
    case GITLADE_STATUS_IMPORT_NOT_FOUND:
        throw not_found(std::move(details));
    case GITLADE_STATUS_AUTHENTICATION_REQUIRED:
    case GITLADE_STATUS_AUTHENTICATION_FAILED:
    case GITLADE_STATUS_ACCESS_DENIED:
        throw authentication_error(std::move(details));
    default:
        if (status >= GITLADE_STATUS_NOT_ALLOWED && status < GITLADE_STATUS_INTERNAL)
            throw remote_error(std::move(details));
        throw error(std::move(details));
    }
}

namespace detail {

inline void check(gitlade_status status, gitlade_error *raw) {
    if (status != GITLADE_STATUS_OK)
        raise(status, raw);
}

/* Calls a function of C that ends in an error, and throws that. */
template <class F> void call(F &&function) {
    gitlade_error *raw = nullptr;
    gitlade_status status = function(&raw);
    check(status, raw);
}

/* The same, for a function whose END is an answer: false. */
template <class F> bool call_or_end(F &&function) {
    gitlade_error *raw = nullptr;
    gitlade_status status = function(&raw);
    if (status == GITLADE_STATUS_END)
        return false;
    check(status, raw);
    return true;
}

template <class T, void (*Free)(T *)> struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

template <class T, void (*Free)(T *)> using handle = std::unique_ptr<T, deleter<T, Free>>;

inline gitlade_str str(const std::string &text) noexcept { return {text.data(), text.size()}; }

inline gitlade_str str(const std::optional<std::string> &text) noexcept {
    return text ? str(*text) : gitlade_str{nullptr, 0};
}

inline std::vector<gitlade_str> strs(const std::vector<std::string> &texts) {
    std::vector<gitlade_str> all;
    all.reserve(texts.size());
    for (const std::string &text : texts)
        all.push_back(str(text));
    return all;
}

/* Keeps the first exception of the host's callbacks, which may come from several threads. */
class caught {
  public:
    void keep() noexcept {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!first_)
            first_ = std::current_exception();
    }
    void rethrow() {
        std::lock_guard<std::mutex> lock(mutex_);
        if (first_)
            std::rethrow_exception(std::exchange(first_, nullptr));
    }

  private:
    std::mutex mutex_;
    std::exception_ptr first_;
};

} // namespace detail

/* The name of a Git object, 20 or 32 bytes, or a digest. */
inline std::string hex(const std::uint8_t *bytes, std::size_t len) {
    std::string text(2 * len + 1, '\0');
    text.resize(gitlade_hex(bytes, len, text.data(), text.size()));
    return text;
}

/* Credentials of a server. */
class credentials {
  public:
    static credentials token(std::string_view token) {
        return make([&](auto out, auto error) {
            return gitlade_credentials_token(token.data(), token.size(), out, error);
        });
    }
    static credentials token_as(std::string_view user, std::string_view token) {
        return make([&](auto out, auto error) {
            return gitlade_credentials_token_as(user.data(), user.size(), token.data(), token.size(), out, error);
        });
    }
    static credentials bearer(std::string_view token) {
        return make([&](auto out, auto error) {
            return gitlade_credentials_bearer(token.data(), token.size(), out, error);
        });
    }
    static credentials password(std::string_view user, std::string_view password) {
        return make([&](auto out, auto error) {
            return gitlade_credentials_password(user.data(), user.size(), password.data(), password.size(), out,
                                                error);
        });
    }
    credentials when_asked() && {
        detail::call([&](auto error) { return gitlade_credentials_when_asked(raw_.get(), error); });
        return std::move(*this);
    }

    explicit credentials(gitlade_credentials *raw) noexcept : raw_(raw) {}
    const gitlade_credentials *get() const noexcept { return raw_.get(); }
    gitlade_credentials *release() noexcept { return raw_.release(); }

  private:
    template <class F> static credentials make(F &&function) {
        gitlade_credentials *raw = nullptr;
        detail::call([&](auto error) { return function(&raw, error); });
        return credentials(raw);
    }
    detail::handle<gitlade_credentials, gitlade_credentials_free> raw_;
};

/* A path or a URL. */
class source {
  public:
    explicit source(std::string_view text) {
        gitlade_source *raw = nullptr;
        detail::call([&](auto error) { return gitlade_source_parse(text.data(), text.size(), &raw, error); });
        raw_.reset(raw);
    }
    /* A path, whatever it looks like. */
    static source path(std::string_view path) {
        gitlade_source *raw = nullptr;
        detail::call([&](auto error) { return gitlade_source_of_path(path.data(), path.size(), &raw, error); });
        return source(raw);
    }
    bool is_remote() const noexcept { return gitlade_source_is_remote(raw_.get()); }
    std::string_view text() const noexcept { return view(gitlade_source_text(raw_.get())); }
    std::string_view owner() const noexcept { return view(gitlade_source_owner(raw_.get())); }
    std::string_view repository() const noexcept { return view(gitlade_source_repository(raw_.get())); }
    const gitlade_source *get() const noexcept { return raw_.get(); }

    explicit source(gitlade_source *raw) noexcept : raw_(raw) {}

  private:
    detail::handle<gitlade_source, gitlade_source_free> raw_;
};

/* Caps on what a repository controls. */
class limits {
  public:
    limits() {
        gitlade_limits *raw = nullptr;
        detail::call([&](auto error) { return gitlade_limits_new(&raw, error); });
        raw_.reset(raw);
    }
    limits &set(std::string_view name, std::uint64_t value) {
        detail::call(
            [&](auto error) { return gitlade_limits_set(raw_.get(), name.data(), name.size(), value, error); });
        return *this;
    }
    std::optional<std::uint64_t> get(std::string_view name) const {
        std::uint64_t value = 0;
        bool found = detail::call_or_end(
            [&](auto error) { return gitlade_limits_get(raw_.get(), name.data(), name.size(), &value, error); });
        return found ? std::optional<std::uint64_t>(value) : std::nullopt;
    }
    const gitlade_limits *get() const noexcept { return raw_.get(); }

  private:
    detail::handle<gitlade_limits, gitlade_limits_free> raw_;
};

/* What may be dialled. */
class policy {
  public:
    /* May be called from any thread; false forbids. What it throws forbids, too. */
    using check_function = std::function<bool(const gitlade_destination &)>;

    explicit policy(gitlade_policy_preset preset = GITLADE_POLICY_PRESET_PUBLIC) {
        gitlade_policy *raw = nullptr;
        detail::call([&](auto error) { return gitlade_policy_new(preset, &raw, error); });
        raw_.reset(raw);
    }
    policy &allow_scheme(std::string_view scheme, bool allowed = true) {
        detail::call([&](auto error) {
            return gitlade_policy_allow_scheme(raw_.get(), scheme.data(), scheme.size(), allowed, error);
        });
        return *this;
    }
    /* 0 is any port. */
    policy &allow_port(std::uint16_t port) {
        detail::call([&](auto error) { return gitlade_policy_allow_port(raw_.get(), port, error); });
        return *this;
    }
    policy &allow_addresses(gitlade_address_class address_class, bool allowed = true) {
        detail::call([&](auto error) {
            return gitlade_policy_allow_addresses(raw_.get(), address_class, allowed, error);
        });
        return *this;
    }
    policy &check_with(check_function check) {
        auto kept = std::make_unique<check_function>(std::move(check));
        detail::call([&](auto error) {
            return gitlade_policy_check_with(
                raw_.get(),
                [](void *context, const gitlade_destination *destination) noexcept -> bool {
                    try {
                        return (*static_cast<check_function *>(context))(*destination);
                    } catch (...) {
                        return false;
                    }
                },
                kept.get(), error);
        });
        check_ = std::move(kept);
        return *this;
    }
    const gitlade_policy *get() const noexcept { return raw_.get(); }

  private:
    std::unique_ptr<check_function> check_;
    detail::handle<gitlade_policy, gitlade_policy_free> raw_;
};

/* How a remote is reached. The fields of `raw` that have no other here are set in it directly. */
struct remote_options {
    std::shared_ptr<const gitlade::policy> policy;
    std::shared_ptr<const gitlade::credentials> credentials;
    /* Finds credentials when a server asks; may be called from any thread. What it throws ends the
     * import. */
    std::function<std::optional<gitlade::credentials>(const gitlade_credential_request &)> find_credentials;
    std::optional<std::string> proxy;
    std::optional<std::string> user_agent;
    std::vector<std::string> ca_certificates;
    gitlade_remote_options raw = gitlade_remote_options_init();
};

/* What is imported. The fields of `raw` that have no other here are set in it directly. */
struct options {
    std::optional<std::string> revision;
    std::optional<std::string> subdir;
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    std::shared_ptr<const gitlade::limits> limits;
    remote_options remote;
    std::optional<std::string> spool_dir;
    gitlade_options raw = gitlade_options_init();
};

/* Looks at a running import and stops it, from any thread. */
class control {
  public:
    control() {
        gitlade_control *raw = nullptr;
        detail::call([&](auto error) { return gitlade_control_new(&raw, error); });
        raw_.reset(raw);
    }
    /* May be called in a signal handler. */
    void cancel() const noexcept { gitlade_control_cancel(raw_.get()); }
    bool is_cancelled() const noexcept { return gitlade_control_is_cancelled(raw_.get()); }
    gitlade_progress progress() const {
        gitlade_progress progress = gitlade_progress_init();
        detail::call([&](auto error) { return gitlade_control_progress(raw_.get(), &progress, error); });
        return progress;
    }
    const gitlade_control *get() const noexcept { return raw_.get(); }

  private:
    detail::handle<gitlade_control, gitlade_control_free> raw_;
};

/* Takes the blobs of an import while it runs. */
class blob_sink {
  public:
    virtual ~blob_sink() = default;
    /* Called from several threads at once. What it throws ends the import. */
    virtual void put(const gitlade_blob_info &info, std::string_view bytes) = 0;

  protected:
    blob_sink() = default;
    blob_sink(const blob_sink &) = default;
    blob_sink &operator=(const blob_sink &) = default;
};

class blobs;

/* How the host takes part in an import, or in other work that takes its time. */
struct hooks {
    /* Told how far the work is; false stops it. What it throws stops it as well. */
    std::function<bool(const gitlade_progress &)> progress;
    std::chrono::milliseconds interval{100};
    std::shared_ptr<const gitlade::control> control;
    /* One of the two takes the blobs of an import. */
    std::shared_ptr<blob_sink> sink;
    std::shared_ptr<const gitlade::blobs> blobs;
};

/* Bytes that were handed over. */
class buffer {
  public:
    explicit buffer(gitlade_buffer *raw) noexcept : raw_(raw) {}
    std::string_view view() const noexcept { return gitlade::view(gitlade_buffer_bytes(raw_.get())); }
    std::string str() const { return std::string(view()); }
    const char *data() const noexcept { return view().data(); }
    std::size_t size() const noexcept { return view().size(); }
#ifdef __cpp_lib_span
    std::span<const std::byte> bytes() const noexcept {
        return std::as_bytes(std::span<const char>(data(), size()));
    }
#endif

  private:
    detail::handle<gitlade_buffer, gitlade_buffer_free> raw_;
};

/* Reads content piece by piece. */
class reader {
  public:
    explicit reader(gitlade_reader *raw) noexcept : raw_(raw) {}
    /* The number of bytes that were read; 0 at the end. */
    std::size_t read(void *to, std::size_t capacity) {
        std::size_t count = 0;
        detail::call([&](auto error) {
            return gitlade_reader_read(raw_.get(), static_cast<std::uint8_t *>(to), capacity, &count, error);
        });
        return count;
    }

  private:
    detail::handle<gitlade_reader, gitlade_reader_free> raw_;
};

/* BLAKE3 of a content. */
using digest = std::array<std::uint8_t, 32>;

/* How a store of blobs is opened. The fields of `raw` that have no other here are set in it directly. */
struct blobs_options {
    std::optional<std::string> table;
    /* Names and values. */
    std::vector<std::pair<std::string, std::string>> settings;
    gitlade_blobs_options raw = gitlade_blobs_options_init();
};

/* Keeps contents by their digests, without a registry. */
class blobs {
  public:
    static blobs folder(std::string_view path, const blobs_options &with = {}) {
        return open(gitlade_blobs_open_folder, path, with);
    }
    static blobs sqlite(std::string_view path, const blobs_options &with = {}) {
        return open(gitlade_blobs_open_sqlite, path, with);
    }
    static blobs object(std::string_view url, const blobs_options &with = {}) {
        return open(gitlade_blobs_open_object, url, with);
    }
    gitlade::digest put(std::string_view bytes) const {
        gitlade::digest digest{};
        detail::call([&](auto error) {
            return gitlade_blobs_put(raw_.get(), bytes.data(), bytes.size(), digest.data(), nullptr, error);
        });
        return digest;
    }
    std::optional<buffer> get(const gitlade::digest &digest) const {
        gitlade_buffer *raw = nullptr;
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_blobs_get(raw_.get(), digest.data(), &raw, error); });
        return is_there ? std::optional<buffer>(std::in_place, raw) : std::nullopt;
    }
    std::optional<reader> open(const gitlade::digest &digest) const {
        gitlade_reader *raw = nullptr;
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_blobs_reader(raw_.get(), digest.data(), &raw, error); });
        return is_there ? std::optional<reader>(std::in_place, raw) : std::nullopt;
    }
    std::optional<std::uint64_t> size(const gitlade::digest &digest) const {
        std::uint64_t size = 0;
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_blobs_size(raw_.get(), digest.data(), &size, error); });
        return is_there ? std::optional<std::uint64_t>(size) : std::nullopt;
    }
    /* Whether it was there. */
    bool remove(const gitlade::digest &digest) const {
        bool removed = false;
        detail::call([&](auto error) {
            return gitlade_blobs_remove(raw_.get(), digest.data(), &removed, error);
        });
        return removed;
    }
    /* Shows all of them; false ends that, and so does what is thrown. */
    void list(const std::function<bool(const gitlade::digest &, std::uint64_t)> &visitor) const {
        struct context {
            const std::function<bool(const gitlade::digest &, std::uint64_t)> &visitor;
            detail::caught exception;
        } seen{visitor, {}};
        gitlade_error *failed = nullptr;
        gitlade_status status = gitlade_blobs_list(
            raw_.get(),
            [](void *raw, const std::uint8_t *bytes, std::uint64_t size) noexcept -> bool {
                auto *to = static_cast<context *>(raw);
                try {
                    gitlade::digest digest{};
                    std::copy(bytes, bytes + digest.size(), digest.begin());
                    return to->visitor(digest, size);
                } catch (...) {
                    to->exception.keep();
                    return false;
                }
            },
            &seen, &failed);
        detail::handle<gitlade_error, gitlade_error_free> owned(failed);
        seen.exception.rethrow();
        detail::check(status, owned.release());
    }
    /* Makes all durable that was put before. */
    void sync() const {
        detail::call([&](auto error) { return gitlade_blobs_sync(raw_.get(), error); });
    }
    const gitlade_blobs *get() const noexcept { return raw_.get(); }

  private:
    explicit blobs(gitlade_blobs *raw) noexcept : raw_(raw) {}
    static blobs open(decltype(gitlade_blobs_open_folder) *function, std::string_view at,
                      const blobs_options &with) {
        gitlade_blobs_options given = with.raw;
        given.table = detail::str(with.table);
        std::vector<gitlade_str> settings;
        for (const auto &[name, value] : with.settings) {
            settings.push_back(detail::str(name));
            settings.push_back(detail::str(value));
        }
        given.settings = settings.data();
        given.settings_count = settings.size();
        gitlade_blobs *raw = nullptr;
        detail::call([&](auto error) { return function(at.data(), at.size(), &given, &raw, error); });
        return blobs(raw);
    }
    detail::handle<gitlade_blobs, gitlade_blobs_free> raw_;
};

namespace detail {

/* What an import borrows, kept until it has ended. */
struct running {
    running(gitlade::options given, gitlade::hooks with) : options(std::move(given)), hooks(std::move(with)) {
        const remote_options &remote = options.remote;
        raw_remote = remote.raw;
        if (remote.policy)
            raw_remote.policy = remote.policy->get();
        if (remote.credentials)
            raw_remote.credentials = remote.credentials->get();
        if (remote.find_credentials) {
            provider = gitlade_credential_provider_init();
            provider.context = this;
            provider.find = &running::find;
            raw_remote.credential_provider = &provider;
        }
        if (remote.proxy)
            raw_remote.proxy = str(remote.proxy);
        if (remote.user_agent)
            raw_remote.user_agent = str(remote.user_agent);
        certificates = strs(remote.ca_certificates);
        raw_remote.ca_certificates = certificates.data();
        raw_remote.ca_certificate_count = certificates.size();

        raw_options = options.raw;
        raw_options.revision = str(options.revision);
        raw_options.subdir = str(options.subdir);
        include = strs(options.include);
        exclude = strs(options.exclude);
        raw_options.include = include.data();
        raw_options.include_count = include.size();
        raw_options.exclude = exclude.data();
        raw_options.exclude_count = exclude.size();
        raw_options.limits = options.limits ? options.limits->get() : nullptr;
        raw_options.remote = &raw_remote;
        raw_options.spool_dir = str(options.spool_dir);

        raw_hooks.control = hooks.control ? hooks.control->get() : nullptr;
        if (hooks.sink) {
            sink.context = this;
            sink.put = &running::put;
            raw_hooks.sink = &sink;
        }
        raw_hooks.blobs = hooks.blobs ? hooks.blobs->get() : nullptr;
        if (hooks.progress) {
            raw_hooks.progress_context = this;
            raw_hooks.progress = &running::report;
            raw_hooks.progress_interval_ms = static_cast<std::uint32_t>(hooks.interval.count());
        }
    }
    running(const running &) = delete;
    running &operator=(const running &) = delete;

    /* Options of an import that goes on when the call has returned, without callbacks of its own, and with
     * a policy that lives as long as this. */
    gitlade::options background(gitlade::options given) {
        given.remote.find_credentials = nullptr;
        if (given.remote.policy) {
            std::lock_guard<std::mutex> lock(mutex);
            policies.insert(given.remote.policy);
        }
        return given;
    }

    static gitlade_credentials *find(void *context, const gitlade_credential_request *request) noexcept {
        auto *self = static_cast<running *>(context);
        try {
            std::optional<gitlade::credentials> found = self->options.remote.find_credentials(*request);
            return found ? found->release() : nullptr;
        } catch (...) {
            self->exception.keep();
            return nullptr;
        }
    }
    static std::int32_t put(void *context, const gitlade_blob_info *info, const std::uint8_t *bytes,
                            std::size_t len) noexcept {
        auto *self = static_cast<running *>(context);
        try {
            self->hooks.sink->put(*info, std::string_view(reinterpret_cast<const char *>(bytes), len));
            return 0;
        } catch (...) {
            self->exception.keep();
            return 1;
        }
    }
    static bool report(void *context, const gitlade_progress *progress) noexcept {
        auto *self = static_cast<running *>(context);
        try {
            return self->hooks.progress(*progress);
        } catch (...) {
            self->exception.keep();
            return false;
        }
    }

    gitlade::options options;
    gitlade::hooks hooks;
    caught exception;
    std::mutex mutex;
    std::set<std::shared_ptr<const policy>> policies;
    std::vector<gitlade_str> include, exclude, certificates;
    gitlade_credential_provider provider = gitlade_credential_provider_init();
    gitlade_remote_options raw_remote = gitlade_remote_options_init();
    gitlade_options raw_options = gitlade_options_init();
    gitlade_sink sink = gitlade_sink_init();
    gitlade_hooks raw_hooks = gitlade_hooks_init();
};

/* Calls a function of C that hands out a T and may call back; what a callback has thrown goes first. */
template <class T, class Raw, class F> T run(running &taking_part, F &&function) {
    Raw *raw = nullptr;
    gitlade_error *failed = nullptr;
    gitlade_status status = function(&raw, &failed);
    T result(raw);
    handle<gitlade_error, gitlade_error_free> owned(failed);
    taking_part.exception.rethrow();
    check(status, owned.release());
    return result;
}

} // namespace detail

/* One folder, file, symlink or submodule: free to copy, and valid as long as the manifest. The fields
 * that have no function here are in raw(). */
class entry {
  public:
    entry() noexcept : raw_(gitlade_entry_init()) {}

    std::size_t index() const noexcept { return raw_.index; }
    std::string_view path() const noexcept { return view(raw_.path); }
    std::string_view name() const noexcept { return view(raw_.name); }
    gitlade_kind kind() const noexcept { return raw_.kind; }
    bool is_folder() const noexcept { return raw_.kind == GITLADE_KIND_FOLDER; }
    bool is_file() const noexcept { return raw_.kind == GITLADE_KIND_FILE; }
    bool is_symlink() const noexcept { return raw_.kind == GITLADE_KIND_SYMLINK; }
    bool is_submodule() const noexcept { return raw_.kind == GITLADE_KIND_SUBMODULE; }
    bool is_text() const noexcept { return raw_.content == GITLADE_CONTENT_TEXT; }
    bool is_skipped() const noexcept { return raw_.skipped != GITLADE_SKIP_NONE; }
    std::uint32_t mode() const noexcept { return raw_.mode; }
    /* The place of the folder that it lies in. */
    std::optional<std::size_t> parent() const noexcept {
        return raw_.parent == GITLADE_ROOT ? std::nullopt : std::optional<std::size_t>(raw_.parent);
    }
    std::optional<std::uint64_t> size() const noexcept {
        return raw_.has_size ? std::optional<std::uint64_t>(raw_.size) : std::nullopt;
    }
    std::string object_id() const { return hex(raw_.object_id, raw_.object_id_len); }
    /* Empty if there is none. */
    std::string digest() const { return raw_.has_digest ? hex(raw_.digest, 32) : std::string(); }
    std::string_view encoding() const noexcept { return view(raw_.encoding); }
    std::string_view mime() const noexcept { return view(raw_.mime); }
    std::optional<std::string_view> target() const noexcept { return optional_view(raw_.target); }
    std::optional<std::string_view> url() const noexcept { return optional_view(raw_.url); }
    const gitlade_entry &raw() const noexcept { return raw_; }
    gitlade_entry *out() noexcept { return &raw_; }

  private:
    gitlade_entry raw_;
};

/* Goes through some entries, once for each begin(). */
class entry_range {
  public:
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = entry;
        using difference_type = std::ptrdiff_t;
        using pointer = const entry *;
        using reference = const entry &;

        iterator() = default;
        reference operator*() const noexcept { return entry_; }
        pointer operator->() const noexcept { return &entry_; }
        iterator &operator++() {
            bool found = detail::call_or_end(
                [&](auto error) { return gitlade_entries_next(entries_.get(), entry_.out(), error); });
            if (!found)
                entries_.reset();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.entries_ == b.entries_; }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

      private:
        friend class entry_range;
        explicit iterator(gitlade_entries *entries) : entries_(entries, gitlade_entries_free) { ++*this; }
        std::shared_ptr<gitlade_entries> entries_;
        entry entry_;
    };

    iterator begin() const {
        gitlade_entries *raw = nullptr;
        detail::call([&](auto error) {
            return is_children_ ? gitlade_manifest_children(manifest_, folder_, wanted_, &raw, error)
                                : gitlade_manifest_entries(manifest_, wanted_, &raw, error);
        });
        return iterator(raw);
    }
    iterator end() const noexcept { return iterator(); }

  private:
    friend class manifest_view;
    entry_range(const gitlade_manifest *manifest, bool is_children, std::size_t folder, std::uint32_t wanted)
        : manifest_(manifest), is_children_(is_children), folder_(folder), wanted_(wanted) {}
    const gitlade_manifest *manifest_;
    bool is_children_;
    std::size_t folder_;
    std::uint32_t wanted_;
};

/* Looks at a manifest that belongs to somebody else. */
class manifest_view {
  public:
    explicit manifest_view(const gitlade_manifest *raw) noexcept : raw_(raw) {}

    std::size_t size() const noexcept { return gitlade_manifest_len(raw_); }
    entry operator[](std::size_t index) const {
        std::optional<entry> found = at(index);
        if (!found)
            throw std::out_of_range("gitlade: there is no such entry");
        return *found;
    }
    std::optional<entry> at(std::size_t index) const {
        entry found;
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_manifest_entry(raw_, index, found.out(), error); });
        return is_there ? std::optional<entry>(found) : std::nullopt;
    }
    std::optional<entry> find(std::string_view path) const {
        entry found;
        bool is_there = detail::call_or_end([&](auto error) {
            return gitlade_manifest_find(raw_, path.data(), path.size(), found.out(), error);
        });
        return is_there ? std::optional<entry>(found) : std::nullopt;
    }
    entry_range entries(std::uint32_t wanted = 0) const { return {raw_, false, 0, wanted}; }
    entry_range folders() const { return entries(GITLADE_FOLDERS); }
    entry_range files() const { return entries(GITLADE_FILES); }
    entry_range skipped() const { return entries(GITLADE_SKIPPED_ONLY); }
    /* What lies directly in a folder, or in the root. */
    entry_range children(std::size_t folder = GITLADE_ROOT, std::uint32_t wanted = 0) const {
        return {raw_, true, folder, wanted};
    }
    gitlade_header header() const {
        gitlade_header header = gitlade_header_init();
        detail::call([&](auto error) { return gitlade_manifest_header(raw_, &header, error); });
        return header;
    }
    gitlade_totals totals() const {
        gitlade_totals totals = gitlade_totals_init();
        detail::call([&](auto error) { return gitlade_manifest_totals(raw_, &totals, error); });
        return totals;
    }
    buffer ndjson() const {
        gitlade_buffer *raw = nullptr;
        detail::call([&](auto error) { return gitlade_manifest_ndjson(raw_, &raw, error); });
        return buffer(raw);
    }
    void write_file(std::string_view path) const {
        detail::call(
            [&](auto error) { return gitlade_manifest_write_file(raw_, path.data(), path.size(), error); });
    }
    /* Fills *out, whose release the caller calls. */
    void arrow_stream(ArrowArrayStream *out, const gitlade_table_options *options = nullptr) const {
        detail::call([&](auto error) { return gitlade_manifest_arrow_stream(raw_, options, out, error); });
    }
    const gitlade_manifest *get() const noexcept { return raw_; }

  private:
    const gitlade_manifest *raw_;
};

/* A manifest that was read from NDJSON. */
class manifest {
  public:
    static manifest parse(std::string_view ndjson, const limits *within = nullptr) {
        gitlade_manifest *raw = nullptr;
        detail::call([&](auto error) {
            return gitlade_manifest_parse(ndjson.data(), ndjson.size(), within ? within->get() : nullptr, &raw,
                                          error);
        });
        return manifest(raw);
    }
    static manifest read_file(std::string_view path, const limits *within = nullptr) {
        gitlade_manifest *raw = nullptr;
        detail::call([&](auto error) {
            return gitlade_manifest_read_file(path.data(), path.size(), within ? within->get() : nullptr, &raw,
                                              error);
        });
        return manifest(raw);
    }
    manifest_view view() const noexcept { return manifest_view(raw_.get()); }
    explicit manifest(gitlade_manifest *raw) noexcept : raw_(raw) {}

  private:
    detail::handle<gitlade_manifest, gitlade_manifest_free> raw_;
};

/* A finished import: the manifest, and the content of its files. */
class imported {
  public:
    explicit imported(gitlade_import *raw) noexcept : raw_(raw) {}

    manifest_view manifest() const noexcept { return manifest_view(gitlade_import_manifest(raw_.get())); }
    buffer bytes(const entry &of) const { return get<gitlade_buffer, buffer>(of, gitlade_import_bytes); }
    buffer text(const entry &of) const { return get<gitlade_buffer, buffer>(of, gitlade_import_text); }
    /* The flag says whether anything was replaced by U+FFFD. */
    std::pair<buffer, bool> text_lossy(const entry &of) const {
        gitlade_buffer *raw = nullptr;
        bool replaced = false;
        detail::call([&](auto error) {
            return gitlade_import_text_lossy(raw_.get(), of.index(), &raw, &replaced, error);
        });
        return {buffer(raw), replaced};
    }
    reader open(const entry &of) const { return get<gitlade_reader, reader>(of, gitlade_import_reader); }
    reader open_text(const entry &of) const {
        return get<gitlade_reader, reader>(of, gitlade_import_text_reader);
    }
    void arrow_stream(ArrowArrayStream *out, const gitlade_table_options *options = nullptr) const {
        detail::call([&](auto error) { return gitlade_import_arrow_stream(raw_.get(), options, out, error); });
    }
    const gitlade_import *get() const noexcept { return raw_.get(); }

  private:
    template <class Raw, class T>
    T get(const entry &of,
          gitlade_status (*function)(const gitlade_import *, std::size_t, Raw **, gitlade_error **)) const {
        Raw *raw = nullptr;
        gitlade_error *failed = nullptr;
        gitlade_status status = function(raw_.get(), of.index(), &raw, &failed);
        if (status == GITLADE_STATUS_END)
            throw std::out_of_range("gitlade: the entry is of another import");
        detail::check(status, failed);
        return T(raw);
    }
    detail::handle<gitlade_import, gitlade_import_free> raw_;
};

/* Imports one commit, and returns when that is done. */
inline imported import_from(const source &from, options with = {}, hooks taking_part = {}) {
    detail::running running(std::move(with), std::move(taking_part));
    return detail::run<imported, gitlade_import>(running, [&](auto out, auto error) {
        return gitlade_import_run(from.get(), &running.raw_options, &running.raw_hooks, out, error);
    });
}

/* An import that runs in the background. Its end of life stops it and waits. */
class task {
  public:
    task(const source &from, options with = {}, hooks taking_part = {})
        : running_(std::make_unique<detail::running>(std::move(with), std::move(taking_part))) {
        gitlade_task *raw = nullptr;
        detail::call([&](auto error) {
            return gitlade_import_start(from.get(), &running_->raw_options, &running_->raw_hooks, &raw, error);
        });
        raw_.reset(raw);
    }
    void cancel() const noexcept { gitlade_task_cancel(raw_.get()); }
    gitlade_progress progress() const {
        gitlade_progress progress = gitlade_progress_init();
        detail::call([&](auto error) { return gitlade_task_progress(raw_.get(), &progress, error); });
        return progress;
    }
    /* Whether it has ended, well or not. */
    bool wait_for(std::chrono::milliseconds timeout) const {
        gitlade_error *failed = nullptr;
        gitlade_status status =
            gitlade_task_wait(raw_.get(), static_cast<std::uint64_t>(timeout.count()), &failed);
        if (status == GITLADE_STATUS_PENDING)
            return false;
        detail::check(status, failed);
        return true;
    }
    /* Waits, and hands over the import; once. */
    imported take() {
        gitlade_import *raw = nullptr;
        gitlade_error *failed = nullptr;
        gitlade_status status = gitlade_task_take(raw_.get(), UINT64_MAX, &raw, &failed);
        imported result(raw);
        detail::handle<gitlade_error, gitlade_error_free> owned(failed);
        running_->exception.rethrow();
        if (status == GITLADE_STATUS_END)
            throw std::logic_error("gitlade: the import was taken before");
        detail::check(status, owned.release());
        return result;
    }

  private:
    /* The task goes first: it waits for the import, which borrows from what is running. */
    std::unique_ptr<detail::running> running_;
    detail::handle<gitlade_task, gitlade_task_free> raw_;
};

/* One ref of a remote. */
struct ref {
    std::string name;
    std::string object_id;
    std::string peeled;
    std::string symref_target;
};

/* Asks a remote for its refs: HEAD first, if it has one. */
inline std::vector<ref> ls_remote(const source &from, options with = {}, const control *stop = nullptr) {
    detail::running running(std::move(with), hooks());
    using handle = detail::handle<gitlade_refs, gitlade_refs_free>;
    handle refs = detail::run<handle, gitlade_refs>(running, [&](auto out, auto error) {
        return gitlade_ls_remote(from.get(), &running.raw_remote, running.raw_options.limits,
                                 stop ? stop->get() : nullptr, out, error);
    });
    std::vector<ref> all(gitlade_refs_len(refs.get()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        gitlade_ref found = gitlade_ref_init();
        detail::call([&](auto error) { return gitlade_refs_get(refs.get(), i, &found, error); });
        all[i] = {std::string(view(found.name)), hex(found.object_id, found.object_id_len),
                  hex(found.peeled, found.peeled_len), std::string(view(found.symref_target))};
    }
    return all;
}

/* Something that can be imported: a repository, and what of it. */
struct candidate {
    gitlade::source source;
    std::optional<std::string> revision, path, subdir, include;
    gitlade_target target;

    /* Sets what of the repository is imported. */
    options apply(options with = {}) const {
        with.revision = revision;
        with.subdir = subdir;
        if (include)
            with.include.push_back(*include);
        return with;
    }
};

/* What is at a URL or a path, and what of it may be meant. */
class detection {
  public:
    explicit detection(gitlade_detection *raw) noexcept : raw_(raw) {}
    /* The texts live as long as this. */
    gitlade_detected describe() const {
        gitlade_detected found = gitlade_detected_init();
        detail::call([&](auto error) { return gitlade_detection_describe(raw_.get(), &found, error); });
        return found;
    }
    std::size_t size() const noexcept { return gitlade_detection_len(raw_.get()); }
    /* The likeliest comes first. */
    gitlade::candidate operator[](std::size_t index) const {
        gitlade_candidate found = gitlade_candidate_init();
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_detection_get(raw_.get(), index, &found, error); });
        if (!is_there)
            throw std::out_of_range("gitlade: there is no such candidate");
        gitlade_source *raw = nullptr;
        detail::call(
            [&](auto error) { return gitlade_detection_source(raw_.get(), index, &raw, error); });
        return {source(raw), owned(found.revision), owned(found.path), owned(found.subdir), owned(found.include),
                found.target};
    }
    /* What is to be imported, if that is beyond doubt. */
    std::optional<gitlade::candidate> certain() const {
        return describe().is_certain ? std::optional<gitlade::candidate>((*this)[0]) : std::nullopt;
    }
    std::vector<std::string> schemes() const {
        std::vector<std::string> all;
        for (std::size_t i = 0;; ++i) {
            gitlade_str scheme = gitlade_detection_scheme(raw_.get(), i);
            if (scheme.data == nullptr)
                return all;
            all.emplace_back(view(scheme));
        }
    }
    buffer json() const {
        gitlade_buffer *raw = nullptr;
        detail::call([&](auto error) { return gitlade_detection_json(raw_.get(), &raw, error); });
        return buffer(raw);
    }

  private:
    static std::optional<std::string> owned(gitlade_str text) {
        return text.data ? std::optional<std::string>(view(text)) : std::nullopt;
    }
    detail::handle<gitlade_detection, gitlade_detection_free> raw_;
};

/* Says what is at a URL or a path, before it is imported. */
inline detection detect(std::string_view text, options with = {}, const control *stop = nullptr) {
    detail::running running(std::move(with), hooks());
    return detail::run<detection, gitlade_detection>(running, [&](auto out, auto error) {
        return gitlade_detect(text.data(), text.size(), &running.raw_options, stop ? stop->get() : nullptr,
                              out, error);
    });
}

/* Records of imports; the texts of a record live as long as these. */
class records {
  public:
    explicit records(gitlade_records *raw) noexcept : raw_(raw) {}
    std::size_t size() const noexcept { return gitlade_records_len(raw_.get()); }
    /* On all pages together. */
    std::uint64_t total() const noexcept { return gitlade_records_total(raw_.get()); }
    gitlade_record operator[](std::size_t index) const {
        gitlade_record record = gitlade_record_init();
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_records_get(raw_.get(), index, &record, error); });
        if (!is_there)
            throw std::out_of_range("gitlade: there is no such record");
        return record;
    }
    /* All that there is, as JSON. */
    buffer json(std::size_t index) const {
        gitlade_buffer *raw = nullptr;
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_records_json(raw_.get(), index, &raw, error); });
        if (!is_there)
            throw std::out_of_range("gitlade: there is no such record");
        return buffer(raw);
    }

  private:
    detail::handle<gitlade_records, gitlade_records_free> raw_;
};

/* Which imports are listed. The fields of `raw` that have no other here are set in it directly. */
struct filter {
    std::optional<std::string> tenant, owner, repository, source;
    gitlade_filter raw = gitlade_filter_init();

    gitlade_filter get() const noexcept {
        gitlade_filter all = raw;
        all.tenant = detail::str(tenant);
        all.owner = detail::str(owner);
        all.repository = detail::str(repository);
        all.source = detail::str(source);
        return all;
    }
};

/* One thing that is wrong with a store; the texts live as long as the findings. */
struct problem {
    gitlade_problem raw;
    /* The first of the files that it touches. */
    std::vector<gitlade_place> places;
};

/* What a check of a store found. */
class findings {
  public:
    explicit findings(gitlade_findings *raw) noexcept : raw_(raw) {}
    gitlade_check_report report() const {
        gitlade_check_report report = gitlade_check_report_init();
        detail::call([&](auto error) { return gitlade_findings_report(raw_.get(), &report, error); });
        return report;
    }
    bool is_clean() const { return report().problems == 0; }
    /* How many are listed. */
    std::size_t size() const noexcept { return gitlade_findings_len(raw_.get()); }
    problem operator[](std::size_t index) const {
        problem found{gitlade_problem_init(), {}};
        bool is_there = detail::call_or_end(
            [&](auto error) { return gitlade_findings_get(raw_.get(), index, &found.raw, error); });
        if (!is_there)
            throw std::out_of_range("gitlade: there is no such problem");
        gitlade_place place = gitlade_place_init();
        for (std::size_t i = 0; detail::call_or_end([&](auto error) {
                 return gitlade_findings_place(raw_.get(), index, i, &place, error);
             });
             ++i)
            found.places.push_back(place);
        return found;
    }
    buffer json() const {
        gitlade_buffer *raw = nullptr;
        detail::call([&](auto error) { return gitlade_findings_json(raw_.get(), &raw, error); });
        return buffer(raw);
    }

  private:
    detail::handle<gitlade_findings, gitlade_findings_free> raw_;
};

/* What a repair of a store did; the texts live as long as this. */
class repaired {
  public:
    explicit repaired(gitlade_repair *raw) noexcept : raw_(raw) {}
    gitlade_repair_report report() const {
        gitlade_repair_report report = gitlade_repair_report_init();
        detail::call([&](auto error) { return gitlade_repair_counts(raw_.get(), &report, error); });
        return report;
    }
    /* The first of what is lost. */
    std::vector<gitlade_loss> losses() const {
        return all(gitlade_loss_init(), gitlade_repair_get_loss);
    }
    /* Sources that were asked in vain. */
    std::vector<gitlade_failed_fetch> failures() const {
        return all(gitlade_failed_fetch_init(), gitlade_repair_get_failure);
    }
    buffer json() const {
        gitlade_buffer *raw = nullptr;
        detail::call([&](auto error) { return gitlade_repair_json(raw_.get(), &raw, error); });
        return buffer(raw);
    }

  private:
    template <class T>
    std::vector<T> all(T item, gitlade_status (*get)(const gitlade_repair *, std::size_t, T *,
                                                     gitlade_error **)) const {
        std::vector<T> items;
        while (detail::call_or_end(
            [&](auto error) { return get(raw_.get(), items.size(), &item, error); }))
            items.push_back(item);
        return items;
    }
    detail::handle<gitlade_repair, gitlade_repair_free> raw_;
};

/* How a store is repaired. */
struct repair_options {
    gitlade_check_options check = gitlade_check_options_init();
    /* With which means what is damaged is read again; none reads nothing again. */
    std::optional<options> fetch;
    /* Losses that are listed; 0 is the default. */
    std::uint32_t max_listed = 0;
};

/* What a store had when it was counted; the texts live as long as this. */
class stats {
  public:
    explicit stats(gitlade_stats *raw) noexcept : raw_(raw) {}
    gitlade_store_counts counts() const {
        gitlade_store_counts counts = gitlade_store_counts_init();
        detail::call([&](auto error) { return gitlade_stats_counts(raw_.get(), &counts, error); });
        return counts;
    }
    std::uint64_t imports(gitlade_import_status status) const noexcept {
        return gitlade_stats_imports(raw_.get(), status);
    }
    std::vector<gitlade_tenant_counts> tenants() const {
        std::vector<gitlade_tenant_counts> all(gitlade_stats_len(raw_.get()), gitlade_tenant_counts_init());
        for (std::size_t i = 0; i < all.size(); ++i)
            detail::call([&](auto error) { return gitlade_stats_get(raw_.get(), i, &all[i], error); });
        return all;
    }
    buffer json() const {
        gitlade_buffer *raw = nullptr;
        detail::call([&](auto error) { return gitlade_stats_json(raw_.get(), &raw, error); });
        return buffer(raw);
    }

  private:
    detail::handle<gitlade_stats, gitlade_stats_free> raw_;
};

/* A folder with the imports that were made into it. */
class store {
  public:
    explicit store(std::string_view path, const gitlade_store_options *with = nullptr) {
        gitlade_store *raw = nullptr;
        detail::call(
            [&](auto error) { return gitlade_store_open(path.data(), path.size(), with, &raw, error); });
        raw_.reset(raw);
    }
    records list(const filter &wanted = {}) const {
        gitlade_filter given = wanted.get();
        return get<gitlade_records, records>(
            [&](auto out, auto error) { return gitlade_store_list(raw_.get(), &given, out, error); });
    }
    records record(std::uint64_t id) const {
        return get<gitlade_records, records>(
            [&](auto out, auto error) { return gitlade_store_record(raw_.get(), id, out, error); });
    }
    buffer log_json(std::uint64_t id) const {
        return get<gitlade_buffer, buffer>(
            [&](auto out, auto error) { return gitlade_store_log_json(raw_.get(), id, out, error); });
    }
    gitlade::manifest manifest(std::uint64_t id) const {
        return get<gitlade_manifest, gitlade::manifest>(
            [&](auto out, auto error) { return gitlade_store_manifest(raw_.get(), id, out, error); });
    }
    buffer bytes(std::uint64_t id, std::string_view path) const {
        return get<gitlade_buffer, buffer>([&](auto out, auto error) {
            return gitlade_store_bytes(raw_.get(), id, path.data(), path.size(), out, error);
        });
    }
    buffer text(std::uint64_t id, std::string_view path) const {
        return get<gitlade_buffer, buffer>([&](auto out, auto error) {
            return gitlade_store_text(raw_.get(), id, path.data(), path.size(), out, error);
        });
    }
    reader open(std::uint64_t id, std::string_view path) const {
        return get<gitlade_reader, reader>([&](auto out, auto error) {
            return gitlade_store_reader(raw_.get(), id, path.data(), path.size(), out, error);
        });
    }
    void remove(std::uint64_t id) const {
        detail::call([&](auto error) { return gitlade_store_remove(raw_.get(), id, error); });
    }
    std::string_view folder() const noexcept { return view(gitlade_store_folder(raw_.get())); }
    /* SQLite, for the host's own queries. */
    std::string_view database() const noexcept { return view(gitlade_store_database(raw_.get())); }
    /* Imports one commit, and returns when it is there as a whole. */
    records import(const source &from, options with = {}, hooks taking_part = {}) const {
        detail::running running(std::move(with), std::move(taking_part));
        return detail::run<records, gitlade_records>(running, [&](auto out, auto error) {
            return gitlade_store_import(raw_.get(), from.get(), &running.raw_options, &running.raw_hooks, out,
                                        error);
        });
    }
    /* Checks all of it. */
    findings check(gitlade_check_options with = gitlade_check_options_init(), hooks taking_part = {}) const {
        detail::running running(options(), std::move(taking_part));
        return detail::run<findings, gitlade_findings>(running, [&](auto out, auto error) {
            return gitlade_store_check(raw_.get(), &with, &running.raw_hooks, out, error);
        });
    }
    /* Puts right what is wrong. */
    repaired repair(repair_options with = {}, hooks taking_part = {}) const {
        bool fetches = with.fetch.has_value();
        detail::running running(fetches ? *std::move(with.fetch) : options(), std::move(taking_part));
        gitlade_repair_options given = gitlade_repair_options_init();
        given.check = &with.check;
        given.fetch = fetches ? &running.raw_options : nullptr;
        given.max_listed = with.max_listed;
        return detail::run<repaired, gitlade_repair>(running, [&](auto out, auto error) {
            return gitlade_store_repair(raw_.get(), &given, &running.raw_hooks, out, error);
        });
    }
    /* Removes what no import uses. */
    gitlade_gc_report gc(gitlade_gc_options with = gitlade_gc_options_init(), hooks taking_part = {}) const {
        detail::running running(options(), std::move(taking_part));
        gitlade_gc_report report = gitlade_gc_report_init();
        gitlade_error *failed = nullptr;
        gitlade_status status = gitlade_store_gc(raw_.get(), &with, &running.raw_hooks, &report, &failed);
        detail::handle<gitlade_error, gitlade_error_free> owned(failed);
        running.exception.rethrow();
        detail::check(status, owned.release());
        return report;
    }
    /* Counts what there is. */
    gitlade::stats stats() const {
        return get<gitlade_stats, gitlade::stats>(
            [&](auto out, auto error) { return gitlade_store_stats(raw_.get(), out, error); });
    }
    const gitlade_store *get() const noexcept { return raw_.get(); }

  private:
    template <class Raw, class T, class F> static T get(F &&function) {
        Raw *raw = nullptr;
        detail::call([&](auto error) { return function(&raw, error); });
        return T(raw);
    }
    detail::handle<gitlade_store, gitlade_store_free> raw_;
};

/* The events of an engine, in their order. */
class subscription {
  public:
    explicit subscription(gitlade_subscription *raw) noexcept : raw_(raw) {}
    /* None if none came in time, or the engine has ended; is_closed() says which. The texts of an event
     * live until the next one. */
    std::optional<gitlade_event> next(std::chrono::milliseconds timeout) {
        gitlade_event event = gitlade_event_init();
        gitlade_error *failed = nullptr;
        gitlade_status status = gitlade_subscription_next(
            raw_.get(), static_cast<std::uint64_t>(timeout.count()), &event, &failed);
        is_closed_ = status == GITLADE_STATUS_END;
        if (is_closed_ || status == GITLADE_STATUS_PENDING)
            return std::nullopt;
        detail::check(status, failed);
        return event;
    }
    bool is_closed() const noexcept { return is_closed_; }
    /* Events that were dropped because nobody took them out, without those that told progress. */
    std::uint64_t missed() const {
        std::uint64_t others = 0;
        detail::call([&](auto error) {
            return gitlade_subscription_missed(raw_.get(), nullptr, &others, error);
        });
        return others;
    }

  private:
    detail::handle<gitlade_subscription, gitlade_subscription_free> raw_;
    bool is_closed_ = false;
};

/* Runs imports into a store in the background. */
class engine {
  public:
    /* Of the options, limits and remote are taken; without credentials. */
    explicit engine(const store &into, options with = {},
                    gitlade_engine_options raw_options = gitlade_engine_options_init())
        : running_(std::make_unique<detail::running>(std::move(with), hooks())) {
        raw_options.limits = running_->raw_options.limits;
        raw_options.remote = &running_->raw_remote;
        gitlade_engine *raw = nullptr;
        detail::call([&](auto error) { return gitlade_engine_open(into.get(), &raw_options, &raw, error); });
        raw_.reset(raw);
    }
    /* Of the options' callbacks, none is called: the engine's are. */
    std::uint64_t start(const source &from, options with = {}, const std::string &tenant = {},
                        const std::string &metadata = {}, const credentials *as = nullptr) const {
        detail::running given(running_->background(std::move(with)), hooks());
        gitlade_request request = gitlade_request_init();
        request.options = &given.raw_options;
        request.credentials = as ? as->get() : nullptr;
        request.tenant = detail::str(tenant);
        request.metadata = detail::str(metadata);
        std::uint64_t id = 0;
        detail::call([&](auto error) {
            return gitlade_engine_start(raw_.get(), from.get(), &request, &id, error);
        });
        return id;
    }
    /* Starts an import again that did not succeed; options that are given take the place of the old. */
    void restart(std::uint64_t id, const credentials *as = nullptr,
                 const std::optional<std::string> &revision = std::nullopt,
                 std::optional<options> with = std::nullopt) const {
        bool has_options = with.has_value();
        detail::running given(running_->background(has_options ? *std::move(with) : options()), hooks());
        gitlade_restart changes = gitlade_restart_init();
        changes.options = has_options ? &given.raw_options : nullptr;
        changes.credentials = as ? as->get() : nullptr;
        changes.revision = detail::str(revision);
        detail::call([&](auto error) { return gitlade_engine_restart(raw_.get(), id, &changes, error); });
    }
    records status(std::uint64_t id) const {
        gitlade_records *raw = nullptr;
        detail::call([&](auto error) { return gitlade_engine_status(raw_.get(), id, &raw, error); });
        return records(raw);
    }
    /* Where the import stands when it has ended, or after the timeout. */
    records wait(std::uint64_t id, std::chrono::milliseconds timeout) const {
        gitlade_records *raw = nullptr;
        detail::call([&](auto error) {
            return gitlade_engine_wait(raw_.get(), id, static_cast<std::uint64_t>(timeout.count()), &raw, error);
        });
        return records(raw);
    }
    /* Whether there was something to stop. */
    bool cancel(std::uint64_t id) const {
        bool stopped = false;
        detail::call([&](auto error) { return gitlade_engine_cancel(raw_.get(), id, &stopped, error); });
        return stopped;
    }
    void remove(std::uint64_t id) const {
        detail::call([&](auto error) { return gitlade_engine_remove(raw_.get(), id, error); });
    }
    records list(const filter &wanted = {}) const {
        gitlade_filter given = wanted.get();
        gitlade_records *raw = nullptr;
        detail::call([&](auto error) { return gitlade_engine_list(raw_.get(), &given, &raw, error); });
        return records(raw);
    }
    subscription subscribe(const gitlade_subscribe_options *wanted = nullptr) const {
        gitlade_subscription *raw = nullptr;
        detail::call([&](auto error) { return gitlade_engine_subscribe(raw_.get(), wanted, &raw, error); });
        return subscription(raw);
    }
    /* Ends it; what runs has that long to end by itself. The destructor gives no time. */
    void shutdown(std::chrono::milliseconds grace) {
        gitlade_engine_shutdown(raw_.release(), static_cast<std::uint64_t>(grace.count()));
    }

  private:
    /* The engine goes first: its imports call what is kept here. */
    std::unique_ptr<detail::running> running_;
    detail::handle<gitlade_engine, gitlade_engine_free> raw_;
};

/* The version of the library, such as 0.1.0. */
inline std::string_view version() noexcept { return gitlade_version(); }

} // namespace gitlade

#endif /* GITLADE_HPP */
