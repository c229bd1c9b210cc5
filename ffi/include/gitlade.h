/*
 * gitlade: imports Git repositories into other programs.
 *
 * A host hands over a path or a URL and gets every folder and file of one commit: in order, parents
 * first; classified as text or binary, with the encoding; content-addressed with BLAKE3; with the
 * bytes at hand. No git program is needed, nothing is checked out, and nothing that a repository holds
 * is executed or becomes a path on the host.
 *
 *     gitlade_source *source;
 *     gitlade_import *import;
 *     gitlade_error *error = NULL;
 *     if (gitlade_source_parse("https://github.com/git/git", GITLADE_NTS, &source, &error) == GITLADE_STATUS_OK) {
 *         if (gitlade_import_run(source, NULL, NULL, &import, &error) == GITLADE_STATUS_OK) {
 *             printf("%zu entries\n", gitlade_manifest_len(gitlade_import_manifest(import)));
 *             gitlade_import_free(import);
 *         }
 *         gitlade_source_free(source);
 *     }
 *     if (error != NULL) {
 *         fprintf(stderr, "%s\n", gitlade_error_message(error).data);
 *         gitlade_error_free(error);
 *     }
 *
 * The contract, which every function keeps and the tests hold it to:
 *
 * Results. A function that can fail returns a gitlade_status. 0 is success. 1 to 9 are answers of the
 * interface, from 10 on they are the kinds of error of the engine, whose numbers never change. New ones
 * may come; treat one that is not known like GITLADE_STATUS_INTERNAL. Out-parameters are written on
 * GITLADE_STATUS_OK and are not touched otherwise.
 *
 * Errors. The last parameter of such a function may be NULL. If it is not, and the function returns
 * anything but OK, END and PENDING, *error becomes a new error object, which the host frees. It has the
 * status, a message, advice, what it is about, and the causes. It is not touched on success, so begin
 * with NULL. A function without a status cannot fail.
 *
 * NULL. A pointer may be NULL where the function says so. Everywhere else NULL is
 * GITLADE_STATUS_INVALID_ARGUMENT, never a crash. Every _free takes NULL. Other pointers must be what
 * they say: handles that were not freed, as many bytes as the length says.
 *
 * Ownership. What a function hands out by a pointer to a pointer belongs to the host, which frees it
 * once, with the _free of its type; freeing twice is forbidden, and cannot be noticed. What a function
 * returns or fills into a struct belongs to the object that it came from: it lives as long as that, and
 * is not to be freed. What the host hands in stays the host's, and may be freed or changed when the
 * function returns, except for the contexts of callbacks.
 *
 * Structs. A struct that the host may have to fill or to have filled begins with struct_size, which the
 * host sets to the size that it was compiled with; gitlade_…_init() below do so. So a host works with
 * newer libraries, whose structs are longer, and with older ones as long as it leaves 0 what they do not
 * have. A size that cannot be is GITLADE_STATUS_INVALID_ARGUMENT.
 *
 * Text. A text is a pointer and a length, and has no NUL at its end unless the function says so; for
 * the texts of errors it does. Handed in, a length of GITLADE_NTS means that it ends at its first NUL.
 * Paths and targets of a repository are bytes; all else is UTF-8. Numbers are in the machine's order,
 * object ids and digests are bytes, and gitlade_hex() shows them.
 *
 * Threads. Every function may be called from every thread. An object whose functions take it as const
 * may be used by several threads at once, and so may a gitlade_task; the others by one at a time.
 * Nothing may be freed while another thread uses it.
 *
 * Callbacks. Each carries a void * of the host, which must live as long as it can be called. It must
 * return: no longjmp, no C++ exception may leave it. It may call every function except those that wait
 * for an import that waits for it: gitlade_task_wait, gitlade_task_take, gitlade_engine_wait and
 * gitlade_subscription_next are GITLADE_STATUS_BUSY in a callback unless their timeout is 0, and
 * gitlade_task_free, gitlade_engine_free and gitlade_engine_shutdown do not wait there.
 *
 * The process is left alone. There is no global state to set up or to tear down. No signal handler is
 * installed, nothing is printed, the environment, the working directory, the umask and the locale are
 * neither changed nor consulted (gitlade_roots says of one exception). Threads are started for an import
 * and end with it. After fork(), the child may start imports of its own, and must not use what the
 * parent had at work. A defect of the library (a panic) never crosses the border: it becomes
 * GITLADE_STATUS_INTERNAL; Rust's standard library writes a line to stderr in that one case.
 *
 * This file is made from the sources of gitlade, in ffi/src. Do not edit it.
 */

#ifndef GITLADE_H
#define GITLADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The version of the ABI that this header is for; compare with gitlade_abi_version(). */
#define GITLADE_ABI_VERSION 1

/* As the length of a text that is handed in: it ends at its first NUL. */
#define GITLADE_NTS ((size_t)-1)

/* As an option whose 0 is the default: none at all. */
#define GITLADE_NONE UINT32_MAX

/* As the place of a folder: the root, which is no entry. */
#define GITLADE_ROOT SIZE_MAX

/* Which entries an iterator gives: a sum of these, where 0 is all. */
#define GITLADE_FOLDERS 0x1u
#define GITLADE_FILES 0x2u
#define GITLADE_SYMLINKS 0x4u
#define GITLADE_SUBMODULES 0x8u
/* Added to the sum: only those whose content was skipped. */
#define GITLADE_SKIPPED_ONLY 0x100u

/*
 * The Arrow C stream interface (https://arrow.apache.org/docs/format/CStreamInterface.html), which is
 * needed by nobody who makes no tables. A host that has Arrow's own header, or another library's, has
 * these already.
 */
struct ArrowSchema;
struct ArrowArray;

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a function came to.
 *
 * The numbers never change. Those from 10 on are the kinds of error; `gitlade_status_name` names
 * them, and `gitlade_status_description` says what they mean.
 */
enum gitlade_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It is done, and all out-parameters are written.
     */
    GITLADE_STATUS_OK = 0,
    /**
     * There is nothing more, which is no error: an iterator is at its end, an index is behind the
     * last element, a path is in no entry.
     */
    GITLADE_STATUS_END = 1,
    /**
     * The host broke the contract: NULL where none may be, a wrong size of a struct, a number
     * without a meaning, text that is not UTF-8.
     */
    GITLADE_STATUS_INVALID_ARGUMENT = 2,
    /**
     * The work still runs, which is no error.
     */
    GITLADE_STATUS_PENDING = 3,
    /**
     * An option has a value that makes no sense, or two contradict each other.
     */
    GITLADE_STATUS_INVALID_OPTIONS = 10,
    /**
     * The source is neither a path nor a URL that is understood.
     */
    GITLADE_STATUS_INVALID_SOURCE = 11,
    /**
     * There is no Git repository at the path.
     */
    GITLADE_STATUS_NOT_A_REPOSITORY = 12,
    /**
     * The repository uses a format or an extension that is not supported.
     */
    GITLADE_STATUS_UNSUPPORTED_REPOSITORY = 13,
    /**
     * The repository's own files (configuration, refs, indexes) cannot be understood.
     */
    GITLADE_STATUS_CORRUPT_REPOSITORY = 14,
    /**
     * `HEAD` names a branch that has no commit yet.
     */
    GITLADE_STATUS_UNBORN_HEAD = 15,
    /**
     * The revision names nothing.
     */
    GITLADE_STATUS_REVISION_NOT_FOUND = 16,
    /**
     * The revision names more than one object.
     */
    GITLADE_STATUS_REVISION_AMBIGUOUS = 17,
    /**
     * The revision names something that is neither a commit nor a tree.
     */
    GITLADE_STATUS_REVISION_NOT_A_TREE = 18,
    /**
     * The imported tree has no such path.
     */
    GITLADE_STATUS_PATH_NOT_FOUND = 19,
    /**
     * The path is there, and is something else than what was asked for.
     */
    GITLADE_STATUS_PATH_IS_OTHER = 20,
    /**
     * An object is not in the repository.
     */
    GITLADE_STATUS_MISSING_OBJECT = 21,
    /**
     * An object or a pack is damaged.
     */
    GITLADE_STATUS_CORRUPT_OBJECT = 22,
    /**
     * A tree holds what could harm a host.
     */
    GITLADE_STATUS_HOSTILE_TREE = 23,
    /**
     * A cap of `gitlade_limits` was reached.
     */
    GITLADE_STATUS_LIMIT_EXCEEDED = 24,
    /**
     * The host cancelled the work.
     */
    GITLADE_STATUS_CANCELLED = 25,
    /**
     * A file could not be read or written.
     */
    GITLADE_STATUS_IO = 26,
    /**
     * The operating system denies access to a file.
     */
    GITLADE_STATUS_PERMISSION_DENIED = 27,
    /**
     * A disk or a quota is full.
     */
    GITLADE_STATUS_STORAGE_FULL = 28,
    /**
     * A manifest is cut off, altered or not a manifest.
     */
    GITLADE_STATUS_CORRUPT_MANIFEST = 29,
    /**
     * A manifest and a repository differ.
     */
    GITLADE_STATUS_MANIFEST_MISMATCH = 30,
    /**
     * The file's content cannot be handed out in the form that was asked for.
     */
    GITLADE_STATUS_NOT_TEXT = 31,
    /**
     * The file's content was skipped during the import.
     */
    GITLADE_STATUS_CONTENT_SKIPPED = 32,
    /**
     * The host's own code failed: a sink, a store, a callback.
     */
    GITLADE_STATUS_HOST = 33,
    /**
     * A store is not one, is damaged, or was written by a newer version.
     */
    GITLADE_STATUS_CORRUPT_STORE = 34,
    /**
     * The store, or the import in it, is in use in a way that does not allow this.
     */
    GITLADE_STATUS_BUSY = 35,
    /**
     * The store has no import with this id.
     */
    GITLADE_STATUS_IMPORT_NOT_FOUND = 36,
    /**
     * The policy does not allow the scheme, port or address.
     */
    GITLADE_STATUS_NOT_ALLOWED = 40,
    /**
     * The host's name has no address.
     */
    GITLADE_STATUS_HOST_NOT_FOUND = 41,
    /**
     * Nobody answers at the address.
     */
    GITLADE_STATUS_CONNECTION_FAILED = 42,
    /**
     * No secure connection could be made.
     */
    GITLADE_STATUS_TLS = 43,
    /**
     * The other side was silent or slow for too long, or the deadline has passed.
     */
    GITLADE_STATUS_TIMEOUT = 44,
    /**
     * The server wants credentials and none were given.
     */
    GITLADE_STATUS_AUTHENTICATION_REQUIRED = 45,
    /**
     * The server refused the credentials.
     */
    GITLADE_STATUS_AUTHENTICATION_FAILED = 46,
    /**
     * The credentials are right and do not suffice.
     */
    GITLADE_STATUS_ACCESS_DENIED = 47,
    /**
     * The server has no such repository, or hides it.
     */
    GITLADE_STATUS_REPOSITORY_NOT_FOUND = 48,
    /**
     * What answers is not a Git server.
     */
    GITLADE_STATUS_NOT_A_GIT_SERVER = 49,
    /**
     * The server failed.
     */
    GITLADE_STATUS_SERVER = 50,
    /**
     * The server asks to come back later.
     */
    GITLADE_STATUS_RATE_LIMITED = 51,
    /**
     * The server broke the protocol.
     */
    GITLADE_STATUS_PROTOCOL = 52,
    /**
     * The pack that the server sent is damaged or incomplete.
     */
    GITLADE_STATUS_CORRUPT_PACK = 53,
    /**
     * The proxy refused or failed.
     */
    GITLADE_STATUS_PROXY = 54,
    /**
     * It is a repository of another version control system, such as Subversion.
     */
    GITLADE_STATUS_OTHER_SYSTEM = 55,
    /**
     * A defect in gitlade, a panic among them.
     */
    GITLADE_STATUS_INTERNAL = 70,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_status gitlade_status;
#else
typedef int32_t gitlade_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What there is.
 */
enum gitlade_found
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Something else than all of these.
     */
    GITLADE_FOUND_UNKNOWN = 0,
    /**
     * A Git server, which can be imported from.
     */
    GITLADE_FOUND_GIT_SMART = 1,
    /**
     * A Git repository that is served as static files, which cannot be imported from.
     */
    GITLADE_FOUND_GIT_DUMB = 2,
    /**
     * A Git repository on this machine.
     */
    GITLADE_FOUND_GIT_FOLDER = 3,
    /**
     * A Subversion repository or working copy.
     */
    GITLADE_FOUND_SUBVERSION = 4,
    /**
     * A Mercurial repository.
     */
    GITLADE_FOUND_MERCURIAL = 5,
    /**
     * Team Foundation Version Control.
     */
    GITLADE_FOUND_TFVC = 6,
    /**
     * A web page.
     */
    GITLADE_FOUND_WEB_PAGE = 7,
    /**
     * Nothing, or something that the server hides from those who have no access.
     */
    GITLADE_FOUND_NOTHING = 8,
    /**
     * Something that is shown to those who log in.
     */
    GITLADE_FOUND_NEEDS_AUTHENTICATION = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_found gitlade_found;
#else
typedef uint32_t gitlade_found;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a path in a repository leads to.
 */
enum gitlade_target
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The whole repository.
     */
    GITLADE_TARGET_REPOSITORY = 0,
    /**
     * A folder.
     */
    GITLADE_TARGET_FOLDER = 1,
    /**
     * One file.
     */
    GITLADE_TARGET_FILE = 2,
    /**
     * A folder or a file: the URL does not tell.
     */
    GITLADE_TARGET_EITHER = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_target gitlade_target;
#else
typedef uint32_t gitlade_target;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a file holds.
 */
enum gitlade_content
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It is no file, or was not read.
     */
    GITLADE_CONTENT_NONE = 0,
    /**
     * Text that can be decoded as a whole.
     */
    GITLADE_CONTENT_TEXT = 1,
    /**
     * Anything else.
     */
    GITLADE_CONTENT_BINARY = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_content gitlade_content;
#else
typedef uint32_t gitlade_content;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an entry is.
 */
enum gitlade_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A folder.
     */
    GITLADE_KIND_FOLDER = 0,
    /**
     * A file, executable or not.
     */
    GITLADE_KIND_FILE = 1,
    /**
     * A symlink, which nothing follows.
     */
    GITLADE_KIND_SYMLINK = 2,
    /**
     * A submodule, which nothing fetches.
     */
    GITLADE_KIND_SUBMODULE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_kind gitlade_kind;
#else
typedef uint32_t gitlade_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the lines of a text end.
 */
enum gitlade_eol
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There is no line end in it, or it is no text.
     */
    GITLADE_EOL_NONE = 0,
    /**
     * All with LF, as on Unix.
     */
    GITLADE_EOL_LF = 1,
    /**
     * All with CR LF, as on Windows.
     */
    GITLADE_EOL_CRLF = 2,
    /**
     * All with CR alone, as on old Macintoshes.
     */
    GITLADE_EOL_CR = 3,
    /**
     * With more than one of these.
     */
    GITLADE_EOL_MIXED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_eol gitlade_eol;
#else
typedef uint32_t gitlade_eol;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The byte order mark at the beginning of a text.
 */
enum gitlade_bom
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * None.
     */
    GITLADE_BOM_NONE = 0,
    /**
     * `EF BB BF`.
     */
    GITLADE_BOM_UTF8 = 1,
    /**
     * `FF FE`.
     */
    GITLADE_BOM_UTF16LE = 2,
    /**
     * `FE FF`.
     */
    GITLADE_BOM_UTF16BE = 3,
    /**
     * `FF FE 00 00`.
     */
    GITLADE_BOM_UTF32LE = 4,
    /**
     * `00 00 FE FF`.
     */
    GITLADE_BOM_UTF32BE = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_bom gitlade_bom;
#else
typedef uint32_t gitlade_bom;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a verdict on text or binary was reached.
 */
enum gitlade_basis
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * There is no verdict.
     */
    GITLADE_BASIS_NONE = 0,
    /**
     * The file is empty, which counts as text.
     */
    GITLADE_BASIS_EMPTY = 1,
    /**
     * `.gitattributes` of the imported tree say so.
     */
    GITLADE_BASIS_ATTRIBUTES = 2,
    /**
     * It begins with a byte order mark, and decodes.
     */
    GITLADE_BASIS_BOM = 3,
    /**
     * All of it is valid UTF-8, without control characters that no text has.
     */
    GITLADE_BASIS_UTF8 = 4,
    /**
     * It is not UTF-8; the encoding was guessed from the frequency of bytes, and decodes.
     */
    GITLADE_BASIS_GUESS = 5,
    /**
     * There is a NUL in its first 8,000 bytes, which is Git's rule for binary.
     */
    GITLADE_BASIS_NUL = 6,
    /**
     * There are control characters, or NULs later on, that no text has.
     */
    GITLADE_BASIS_CONTROL = 7,
    /**
     * It is not valid in the encoding that its byte order mark claims, or in any that was guessed.
     */
    GITLADE_BASIS_MALFORMED = 8,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_basis gitlade_basis;
#else
typedef uint32_t gitlade_basis;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why the content of a file or symlink was not read.
 */
enum gitlade_skip
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It was read, or there is none.
     */
    GITLADE_SKIP_NONE = 0,
    /**
     * It is larger than the limit `max_blob`.
     */
    GITLADE_SKIP_TOO_LARGE = 1,
    /**
     * The repository does not have the object.
     */
    GITLADE_SKIP_MISSING = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_skip gitlade_skip;
#else
typedef uint32_t gitlade_skip;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where an import stands.
 */
enum gitlade_import_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It waits for its turn.
     */
    GITLADE_IMPORT_STATUS_QUEUED = 0,
    /**
     * It finds out what is at the source.
     */
    GITLADE_IMPORT_STATUS_DETECTING = 1,
    /**
     * It takes in what the source has.
     */
    GITLADE_IMPORT_STATUS_IMPORTING = 2,
    /**
     * It writes what it took in.
     */
    GITLADE_IMPORT_STATUS_STORING = 3,
    /**
     * It is there as a whole.
     */
    GITLADE_IMPORT_STATUS_COMPLETE = 4,
    /**
     * It ended in an error.
     */
    GITLADE_IMPORT_STATUS_FAILED = 5,
    /**
     * The host stopped it.
     */
    GITLADE_IMPORT_STATUS_CANCELLED = 6,
    /**
     * The process that ran it ended before it.
     */
    GITLADE_IMPORT_STATUS_INTERRUPTED = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_import_status gitlade_import_status;
#else
typedef uint32_t gitlade_import_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is wrong with a part of a store.
 */
enum gitlade_problem_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * SQLite finds the database file damaged.
     */
    GITLADE_PROBLEM_KIND_DATABASE = 0,
    /**
     * A row refers to one that is not there.
     */
    GITLADE_PROBLEM_KIND_REFERENCE = 1,
    /**
     * The file of a blob is not there.
     */
    GITLADE_PROBLEM_KIND_BLOB_MISSING = 2,
    /**
     * The file of a blob holds something else.
     */
    GITLADE_PROBLEM_KIND_BLOB_DAMAGED = 3,
    /**
     * The file of a blob cannot be read.
     */
    GITLADE_PROBLEM_KIND_BLOB_UNREADABLE = 4,
    /**
     * The text of a content is not there.
     */
    GITLADE_PROBLEM_KIND_TEXT_MISSING = 5,
    /**
     * The text of a content is another one.
     */
    GITLADE_PROBLEM_KIND_TEXT_DAMAGED = 6,
    /**
     * What the row of a content says of it is wrong.
     */
    GITLADE_PROBLEM_KIND_CONTENT = 7,
    /**
     * What is remembered of a blob is wrong.
     */
    GITLADE_PROBLEM_KIND_FACTS = 8,
    /**
     * What is remembered of a tree is not that tree.
     */
    GITLADE_PROBLEM_KIND_TREE = 9,
    /**
     * The entries of an import do not add up.
     */
    GITLADE_PROBLEM_KIND_SNAPSHOT = 10,
    /**
     * The registry's row of an import makes no sense.
     */
    GITLADE_PROBLEM_KIND_IMPORT = 11,
    /**
     * Something that this version of the interface has no name for; the text says what.
     */
    GITLADE_PROBLEM_KIND_OTHER = 12,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_problem_kind gitlade_problem_kind;
#else
typedef uint32_t gitlade_problem_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What happened to an import.
 */
enum gitlade_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It was asked for, and waits for its turn.
     */
    GITLADE_EVENT_KIND_CREATED = 0,
    /**
     * It was asked for again, and waits for its turn.
     */
    GITLADE_EVENT_KIND_RESTARTED = 1,
    /**
     * A new step began, or a new status.
     */
    GITLADE_EVENT_KIND_STEP = 2,
    /**
     * It is further than it was.
     */
    GITLADE_EVENT_KIND_PROGRESS = 3,
    /**
     * It is in the store as a whole.
     */
    GITLADE_EVENT_KIND_COMPLETE = 4,
    /**
     * It failed.
     */
    GITLADE_EVENT_KIND_FAILED = 5,
    /**
     * Somebody cancelled it.
     */
    GITLADE_EVENT_KIND_CANCELLED = 6,
    /**
     * The engine was shut down before it ended.
     */
    GITLADE_EVENT_KIND_INTERRUPTED = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_event_kind gitlade_event_kind;
#else
typedef uint32_t gitlade_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * With what a policy begins.
 */
enum gitlade_policy_preset
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * `https` and `http` on ports 443 and 80, to public addresses. The default.
     */
    GITLADE_POLICY_PRESET_PUBLIC = 0,
    /**
     * `https` and `http` on any port, to public and private addresses; not to this machine, the same
     * wire or a cloud's metadata.
     */
    GITLADE_POLICY_PRESET_PRIVATE = 1,
    /**
     * Whatever the person at the keyboard names: all schemes, ports and addresses.
     */
    GITLADE_POLICY_PRESET_PERSON = 2,
    /**
     * Everything, for tests.
     */
    GITLADE_POLICY_PRESET_UNRESTRICTED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_policy_preset gitlade_policy_preset;
#else
typedef uint32_t gitlade_policy_preset;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What kind of address it is.
 */
enum gitlade_address_class
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Globally reachable.
     */
    GITLADE_ADDRESS_CLASS_PUBLIC = 0,
    /**
     * Private networks.
     */
    GITLADE_ADDRESS_CLASS_PRIVATE = 1,
    /**
     * Carrier-grade NAT, which overlay networks use too.
     */
    GITLADE_ADDRESS_CLASS_SHARED = 2,
    /**
     * This machine.
     */
    GITLADE_ADDRESS_CLASS_LOOPBACK = 3,
    /**
     * The same wire.
     */
    GITLADE_ADDRESS_CLASS_LINK_LOCAL = 4,
    /**
     * Where clouds answer with credentials.
     */
    GITLADE_ADDRESS_CLASS_METADATA = 5,
    /**
     * "This network", 0/8 and `::`, which reaches this machine on many systems.
     */
    GITLADE_ADDRESS_CLASS_UNSPECIFIED = 6,
    /**
     * Groups of machines, and broadcast.
     */
    GITLADE_ADDRESS_CLASS_MULTICAST = 7,
    /**
     * Examples in texts and measurements.
     */
    GITLADE_ADDRESS_CLASS_DOCUMENTATION = 8,
    /**
     * Reserved, unassigned, or a way round.
     */
    GITLADE_ADDRESS_CLASS_RESERVED = 9,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_address_class gitlade_address_class;
#else
typedef uint32_t gitlade_address_class;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whose certificates are believed.
 */
enum gitlade_roots
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Mozilla's list, as it was when the library was built. The default.
     */
    GITLADE_ROOTS_BUNDLED = 0,
    /**
     * The operating system's list.
     */
    GITLADE_ROOTS_SYSTEM = 1,
    /**
     * None but `ca_certificates`.
     */
    GITLADE_ROOTS_NONE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_roots gitlade_roots;
#else
typedef uint32_t gitlade_roots;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How far packed objects of a local repository are checked. Received ones always are by id.
 */
enum gitlade_verify
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * By zlib's checksum, the sizes in all headers, and the CRC-32 of the pack's index. The default.
     */
    GITLADE_VERIFY_CHECKSUMS = 0,
    /**
     * By the object id, too, with detection of SHA-1 collisions. Costs about half as much again.
     */
    GITLADE_VERIFY_IDS = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_verify gitlade_verify;
#else
typedef uint32_t gitlade_verify;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an import is doing. A local import goes from `OPENING` to `ORDERING` without the steps of the
 * network.
 */
enum gitlade_step
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing has begun.
     */
    GITLADE_STEP_WAITING = 0,
    /**
     * Opening the repository and finding the revision.
     */
    GITLADE_STEP_OPENING = 1,
    /**
     * Looking up the host's addresses.
     */
    GITLADE_STEP_RESOLVING_HOST = 2,
    /**
     * Dialling, TLS and the first answer.
     */
    GITLADE_STEP_CONNECTING = 3,
    /**
     * Agreeing on what is sent.
     */
    GITLADE_STEP_NEGOTIATING = 4,
    /**
     * Taking in the pack.
     */
    GITLADE_STEP_RECEIVING = 5,
    /**
     * Rebuilding the objects that came as deltas.
     */
    GITLADE_STEP_RESOLVING_DELTAS = 6,
    /**
     * Reading folders.
     */
    GITLADE_STEP_WALKING = 7,
    /**
     * Reading, hashing and classifying files.
     */
    GITLADE_STEP_READING = 8,
    /**
     * Putting the manifest together.
     */
    GITLADE_STEP_ORDERING = 9,
    /**
     * All done.
     */
    GITLADE_STEP_COMPLETE = 10,
    /**
     * Finding out what is at a URL. It comes before all others, if it comes at all.
     */
    GITLADE_STEP_DETECTING = 11,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_step gitlade_step;
#else
typedef uint32_t gitlade_step;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * When what is written survives a crash of the machine.
 */
enum gitlade_durability
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * At the end of each import. The default.
     */
    GITLADE_DURABILITY_DEFERRED = 0,
    /**
     * After each blob.
     */
    GITLADE_DURABILITY_FULL = 1,
    /**
     * Whenever the operating system gets to it.
     */
    GITLADE_DURABILITY_NONE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_durability gitlade_durability;
#else
typedef uint32_t gitlade_durability;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * By what imports are sorted.
 */
enum gitlade_sort
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * When they were asked for. The default.
     */
    GITLADE_SORT_CREATED = 0,
    /**
     * When anything of them changed.
     */
    GITLADE_SORT_UPDATED = 1,
    /**
     * By owner and name of the repository.
     */
    GITLADE_SORT_REPOSITORY = 2,
    /**
     * By bytes.
     */
    GITLADE_SORT_BYTES = 3,
    /**
     * By number of files.
     */
    GITLADE_SORT_FILES = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gitlade_sort gitlade_sort;
#else
typedef uint32_t gitlade_sort;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Keeps contents by their BLAKE3 digests: in a folder, in a database, or in an object store. What stands
 * where is in the manifest. May be used from several threads at once, and by several processes.
 */
typedef struct gitlade_blobs gitlade_blobs;

/**
 * Bytes that were handed over: a file's content, a text, a manifest. It never changes, and may be
 * used from several threads at once.
 */
typedef struct gitlade_buffer gitlade_buffer;

/**
 * Looks at a running import and stops it, from any thread. One is for one import.
 */
typedef struct gitlade_control gitlade_control;

/**
 * What a server is shown to let an import in. It goes to one scheme, host and port only, is shown
 * nowhere, and is wiped from memory when it is freed. It never changes once it is used, and may then
 * be used from several threads at once.
 */
typedef struct gitlade_credentials gitlade_credentials;

/**
 * What is at a URL or a path, and what of it may be meant. It never changes, and may be used from
 * several threads at once.
 */
typedef struct gitlade_detection gitlade_detection;

/**
 * Runs imports into a store in the background: a queue from which tenants are served fairly, and a
 * bounded number that runs at once. May be used from several threads at once.
 */
typedef struct gitlade_engine gitlade_engine;

/**
 * Goes through entries, in order. For one thread at a time; it keeps the manifest alive.
 */
typedef struct gitlade_entries gitlade_entries;

/**
 * Why something failed: a status, a message, advice, what it is about, and causes.
 *
 * It holds no secrets, and no control characters that come from a repository or a server. All its
 * texts end in a NUL that their length does not count.
 */
typedef struct gitlade_error gitlade_error;

/**
 * What a check of a store found. It never changes, and may be used from several threads at once.
 */
typedef struct gitlade_findings gitlade_findings;

/**
 * A finished import: the manifest, and the content of its files for as long as it lives. It never
 * changes, and may be used from several threads at once.
 */
typedef struct gitlade_import gitlade_import;

/**
 * Caps on what one import may read, build and store, each with a name. Not to be changed while
 * another thread uses it.
 */
typedef struct gitlade_limits gitlade_limits;

/**
 * The ordered list of everything in one commit: folders, files, symlinks and submodules, in the order
 * of `git ls-tree -r -t`, each folder before what it holds. It never changes, and may be used from
 * several threads at once.
 */
typedef struct gitlade_manifest gitlade_manifest;

/**
 * Which schemes, ports and addresses may be dialled. The decision is made on the resolved address,
 * at the moment of dialling, and for every redirect again. Not to be changed while another thread
 * uses it.
 */
typedef struct gitlade_policy gitlade_policy;

/**
 * Reads content piece by piece. For one thread at a time.
 */
typedef struct gitlade_reader gitlade_reader;

/**
 * Records of imports. It never changes, and may be used from several threads at once.
 */
typedef struct gitlade_records gitlade_records;

/**
 * The refs of a remote repository, in the server's order. It never changes, and may be used from
 * several threads at once.
 */
typedef struct gitlade_refs gitlade_refs;

/**
 * What a repair of a store did. It never changes, and may be used from several threads at once.
 */
typedef struct gitlade_repair gitlade_repair;

/**
 * A path of this machine, or the URL of a remote. It never changes, and may be used from several
 * threads at once.
 */
typedef struct gitlade_source gitlade_source;

/**
 * What a store had when it was counted. It never changes, and may be used from several threads at once.
 */
typedef struct gitlade_stats gitlade_stats;

/**
 * A folder with the imports that were made into it: their manifests, texts and bytes, and a registry
 * of them. May be used from several threads at once, and by several processes.
 */
typedef struct gitlade_store gitlade_store;

/**
 * Hands out the events of an engine, in their order. It holds a bounded number and never makes an
 * import wait: when it is full, those that tell progress go first. For one thread at a time.
 */
typedef struct gitlade_subscription gitlade_subscription;

/**
 * An import that runs in threads of its own. May be used from several threads at once.
 */
typedef struct gitlade_task gitlade_task;

/**
 * Bytes that belong to somebody else, with their length.
 *
 * `data` is NULL where there is nothing, which is not the same as no bytes. There is no NUL at the
 * end unless a function says so. Paths, targets and names of a repository are bytes that need not be
 * UTF-8; everything else is UTF-8.
 *
 * Where the host hands one in, a length of `GITLADE_NTS` means that the text ends at its first
 * NUL.
 */
typedef struct gitlade_str {
    /**
     * The first byte, or NULL.
     */
    const char *data;
    /**
     * How many bytes there are.
     */
    size_t len;
} gitlade_str;

/**
 * Where a connection is about to go. The texts live as long as the callback runs.
 */
typedef struct gitlade_destination {
    /**
     * `sizeof(gitlade_destination)` of the library.
     */
    size_t struct_size;
    /**
     * The scheme of the URL, or of the redirect's target.
     */
    struct gitlade_str scheme;
    /**
     * The host as the URL has it, without brackets.
     */
    struct gitlade_str host;
    /**
     * The address that is dialled, 4 or 16 bytes in network order; NULL if a proxy looks the name up.
     */
    struct gitlade_str address;
    /**
     * The port that is dialled.
     */
    uint32_t port;
} gitlade_destination;

/**
 * Decides about a destination that the rules allow: false forbids it.
 */
typedef bool (*gitlade_policy_check)(void *context, const struct gitlade_destination *destination);

/**
 * What a server asks credentials for. The texts live as long as the callback runs.
 */
typedef struct gitlade_credential_request {
    /**
     * `sizeof(gitlade_credential_request)` of the library.
     */
    size_t struct_size;
    /**
     * The repository's URL, without credentials; after a redirect it is the target's.
     */
    struct gitlade_str url;
    /**
     * `https` or `http`.
     */
    struct gitlade_str scheme;
    /**
     * The host that asks.
     */
    struct gitlade_str host;
    /**
     * What the server calls the area that it guards, without control characters, or NULL.
     */
    struct gitlade_str realm;
    /**
     * The port that asks.
     */
    uint32_t port;
    /**
     * 1 for the first time; 2 and 3 if the server refused the earlier answers.
     */
    uint32_t attempt;
} gitlade_credential_request;

/**
 * Finds credentials when a server asks for them.
 *
 * The callbacks are called from any thread, one at a time for each import, and block the import.
 */
typedef struct gitlade_credential_provider {
    /**
     * `sizeof(gitlade_credential_provider)`.
     */
    size_t struct_size;
    /**
     * Handed to the callbacks. Must live until the import has ended.
     */
    void *context;
    /**
     * Answers a request with credentials, which then belong to the library, or with NULL to give up.
     */
    struct gitlade_credentials *(*find)(void *context,
                                        const struct gitlade_credential_request *request);
    /**
     * Learns that the answer worked, so that it can be kept. May be NULL.
     */
    void (*approve)(void *context, const struct gitlade_credential_request *request);
    /**
     * Learns that the server refused the answer, so that it can be forgotten. May be NULL.
     */
    void (*reject)(void *context, const struct gitlade_credential_request *request);
} gitlade_credential_provider;

/**
 * How a remote is reached: where to connect, as whom, and how long to wait.
 *
 * 0 and NULL are the defaults of all fields. Where 0 would be a choice of its own, `GITLADE_NONE` is
 * that choice.
 */
typedef struct gitlade_remote_options {
    /**
     * `sizeof(gitlade_remote_options)`.
     */
    size_t struct_size;
    /**
     * Where to connect. Default: the public internet.
     */
    const struct gitlade_policy *policy;
    /**
     * Credentials for the URL's own host. Default: none.
     */
    const struct gitlade_credentials *credentials;
    /**
     * Finds credentials when the server asks. Default: none.
     */
    const struct gitlade_credential_provider *credential_provider;
    /**
     * The way out: `http://[user:password@]host[:port]`, `socks5://…` or `socks5h://…`. Default:
     * directly, whatever the environment says.
     */
    struct gitlade_str proxy;
    /**
     * How to introduce oneself over HTTP. Default: `git/gitlade-VERSION`.
     */
    struct gitlade_str user_agent;
    /**
     * Certificates of further authorities to believe, each a text in PEM form.
     */
    const struct gitlade_str *ca_certificates;
    /**
     * How many of those there are.
     */
    size_t ca_certificate_count;
    /**
     * The chain and the private key with which this side introduces itself over TLS, in PEM form; one
     * text may hold both. Default: none.
     */
    struct gitlade_str client_certificate;
    /**
     * The private key of `client_certificate`, if it is not in the same text.
     */
    struct gitlade_str client_key;
    /**
     * The OpenSSH client. Default: `ssh`, which the operating system finds in its search path.
     */
    struct gitlade_str ssh_program;
    /**
     * A private key. Default: those of the user that the process runs as.
     */
    struct gitlade_str ssh_key;
    /**
     * The servers' keys. Default: the user's and the system's `known_hosts`.
     */
    struct gitlade_str ssh_known_hosts;
    /**
     * Milliseconds for looking up a host's name. Default: 20,000.
     */
    uint64_t lookup_timeout_ms;
    /**
     * Milliseconds for connecting, to all of the host's addresses together. Default: 30,000.
     */
    uint64_t connect_timeout_ms;
    /**
     * Milliseconds in which not a byte moves. Default: 60,000.
     */
    uint64_t stall_timeout_ms;
    /**
     * Milliseconds for the whole import. Default: no end.
     */
    uint64_t total_timeout_ms;
    /**
     * Bytes per second that must come at least, on average over `min_rate_window_ms`. Default: 64;
     * `UINT64_MAX` is no minimum.
     */
    uint64_t min_rate;
    /**
     * Milliseconds over which that rate is measured. Default: 300,000.
     */
    uint64_t min_rate_window_ms;
    /**
     * Attempts after the first one, for failures that may pass. Default: 3; or `GITLADE_NONE`.
     */
    uint32_t retries;
    /**
     * Redirects to follow. Default: 5; or `GITLADE_NONE`.
     */
    uint32_t max_redirects;
    /**
     * Commits of the history that the server sends, for revisions such as `main~2`. Default: 1.
     */
    uint32_t depth;
    /**
     * Whose certificates are believed: a `gitlade_roots`.
     */
    uint32_t roots;
    /**
     * Not 0: credentials may go over plain `http`, where everyone on the way can read them.
     */
    uint8_t plain_http_credentials;
    /**
     * Not 0: an `ssh` URL is reached by `https` on the same host if there are credentials.
     */
    uint8_t https_for_ssh;
    /**
     * Not 0: this side looks the target's name up, and not the proxy.
     */
    uint8_t proxy_resolve_here;
    /**
     * Not 0: the key of an unknown `ssh` server is believed and remembered. A key that differs from
     * the known one is always an error.
     */
    uint8_t ssh_accept_new_hosts;
    /**
     * Not 0: the configuration files of OpenSSH count, which may call programs.
     */
    uint8_t ssh_use_config;
} gitlade_remote_options;

/**
 * What is imported, and with which means. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_options {
    /**
     * `sizeof(gitlade_options)`.
     */
    size_t struct_size;
    /**
     * Branch, tag, full object id or, in a local repository, anything that `git rev-parse` takes.
     * Default: `HEAD`.
     */
    struct gitlade_str revision;
    /**
     * The one folder to import; paths in the manifest are relative to it. Default: all.
     */
    struct gitlade_str subdir;
    /**
     * Patterns in the syntax of `.gitignore` of what is imported. Default: everything.
     */
    const struct gitlade_str *include;
    /**
     * How many of those there are.
     */
    size_t include_count;
    /**
     * Patterns in the syntax of `.gitignore` of what is left out.
     */
    const struct gitlade_str *exclude;
    /**
     * How many of those there are.
     */
    size_t exclude_count;
    /**
     * Caps on what the repository controls. Default: those of `gitlade_limits_new`.
     */
    const struct gitlade_limits *limits;
    /**
     * How a server is reached and asked; of no meaning for a local repository.
     */
    const struct gitlade_remote_options *remote;
    /**
     * The folder for temporary files, which have no names in it. Default: `/var/tmp`, or the
     * system's folder for temporary files where there is none.
     */
    struct gitlade_str spool_dir;
    /**
     * Bytes of buffers in memory; what exceeds them goes to temporary files. Default: 256 MiB.
     */
    uint64_t memory;
    /**
     * Threads that inflate, hash and classify; the result does not depend on it. Default: as many as
     * the machine has cores.
     */
    uint32_t threads;
    /**
     * How far packed objects of a local repository are checked: a `gitlade_verify`.
     */
    uint32_t verify;
    /**
     * Not 0: files whose content is missing are skipped, rather than an error.
     */
    uint8_t allow_missing;
    /**
     * Not 0: objects are not looked for in the repositories that `objects/info/alternates` names.
     */
    uint8_t no_alternates;
} gitlade_options;

/**
 * What was found. The texts live as long as the detection, and have no control characters; those that do
 * not apply, or that the server did not tell, are NULL.
 */
typedef struct gitlade_detected {
    /**
     * `sizeof(gitlade_detected)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Of Git: the branch that `HEAD` names.
     */
    struct gitlade_str default_branch;
    /**
     * Of a web page: its title.
     */
    struct gitlade_str title;
    /**
     * What one has to log in for, in the server's words.
     */
    struct gitlade_str realm;
    /**
     * Of something unknown: its content type.
     */
    struct gitlade_str content_type;
    /**
     * The forge whose page the URL is, such as `GitHub`; NULL for a repository's own URL.
     */
    struct gitlade_str forge;
    /**
     * The repository that the page belongs to, by the URL to import it from.
     */
    struct gitlade_str repository;
    /**
     * What is there. For a page of a known forge that is the repository that the page belongs to; for what
     * only looks like one, the page.
     */
    gitlade_found kind;
    /**
     * Of a Git server: the version of the protocol that it speaks, 2 or 0.
     */
    uint32_t protocol;
    /**
     * Of Git: bytes of its ids, 20 or 32; 0 if that is not known.
     */
    uint32_t object_id_len;
    /**
     * The HTTP status that said that there is nothing, or something unknown; 0 if none did.
     */
    uint32_t http_status;
    /**
     * Whether it can be imported.
     */
    bool is_importable;
    /**
     * Of a Git server: whether `HEAD` has no commit, as in a repository that has none yet.
     */
    bool is_unborn;
    /**
     * Whether the first candidate is what is meant, beyond doubt.
     */
    bool is_certain;
    /**
     * Whether the host is known to be the forge's. If it is not, the path only looks as if it were.
     */
    bool is_known_forge;
} gitlade_detected;

/**
 * Something that can be imported: a repository, and what of it. The texts live as long as the detection.
 *
 * `revision`, `subdir` and, if it is not NULL, `include` are what the fields of `gitlade_options` with
 * these names become.
 */
typedef struct gitlade_candidate {
    /**
     * `sizeof(gitlade_candidate)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The repository's URL; `gitlade_detection_source` makes a source of it.
     */
    struct gitlade_str url;
    /**
     * A branch, tag or full commit id; NULL for `HEAD`.
     */
    struct gitlade_str revision;
    /**
     * The path inside of the repository; NULL for its root.
     */
    struct gitlade_str path;
    /**
     * The folder to import; NULL for all.
     */
    struct gitlade_str subdir;
    /**
     * The pattern of what is imported from that folder; NULL for everything.
     */
    struct gitlade_str include;
    /**
     * What the path leads to.
     */
    gitlade_target target;
} gitlade_candidate;

/**
 * How far an import is, at one moment.
 */
typedef struct gitlade_progress {
    /**
     * `sizeof(gitlade_progress)`.
     */
    size_t struct_size;
    /**
     * Objects done in this step.
     */
    uint64_t objects;
    /**
     * Objects of this step, or 0 while that is not known.
     */
    uint64_t objects_total;
    /**
     * Uncompressed bytes of the objects done in this step.
     */
    uint64_t bytes;
    /**
     * Uncompressed bytes of this step, or 0 while that is not known.
     */
    uint64_t bytes_total;
    /**
     * Bytes that came over the network.
     */
    uint64_t received_bytes;
    /**
     * Files in the manifest, once the folders were walked; 0 before.
     */
    uint64_t files;
    /**
     * What the import is doing: a `gitlade_step`.
     */
    uint32_t step;
    /**
     * Hundredths of the step that are done, or -1 while the whole is not known.
     */
    int32_t percent;
    /**
     * The server's latest message, without control characters; it ends in a NUL, and is cut off
     * if it is too long.
     */
    char message[256];
} gitlade_progress;

/**
 * What is known of a blob by its bytes alone. Texts are constants.
 */
typedef struct gitlade_blob_info {
    /**
     * `sizeof(gitlade_blob_info)` of the library.
     */
    size_t struct_size;
    /**
     * The name that Git has for it.
     */
    uint8_t object_id[32];
    /**
     * BLAKE3 of the bytes.
     */
    uint8_t digest[32];
    /**
     * Bytes.
     */
    uint64_t size;
    /**
     * Lines of a text; a last one without a line end counts.
     */
    uint64_t lines;
    /**
     * The encoding of a text, such as `utf-8`; NULL for binary content.
     */
    struct gitlade_str encoding;
    /**
     * The type of binary content, or NULL if it is not known.
     */
    struct gitlade_str mime;
    /**
     * Bytes of `object_id`: 20 or 32.
     */
    uint32_t object_id_len;
    /**
     * `TEXT` or `BINARY`. Attributes may say otherwise for some of the paths, which the manifest tells.
     */
    gitlade_content content;
} gitlade_blob_info;

/**
 * Takes the content of an import while it runs: each distinct blob once, in no order, before the
 * manifest is there.
 */
typedef struct gitlade_sink {
    /**
     * `sizeof(gitlade_sink)`.
     */
    size_t struct_size;
    /**
     * Handed to the callback. Must live until the import has ended.
     */
    void *context;
    /**
     * Takes one blob, and returns 0; anything else ends the import with `GITLADE_STATUS_HOST`, and the
     * number stands in the error's cause. Called from several threads at once. `info` and `bytes` live
     * as long as it runs; `bytes` is never NULL.
     */
    int32_t (*put)(void *context,
                   const struct gitlade_blob_info *info,
                   const uint8_t *bytes,
                   size_t len);
} gitlade_sink;

/**
 * How the host takes part in an import, or in other work that takes its time. 0 and NULL are the
 * defaults of all fields.
 */
typedef struct gitlade_hooks {
    /**
     * `sizeof(gitlade_hooks)`.
     */
    size_t struct_size;
    /**
     * Looks at the work and stops it. Default: none.
     */
    const struct gitlade_control *control;
    /**
     * Takes the blobs while an import runs. Default: none.
     */
    const struct gitlade_sink *sink;
    /**
     * Takes the blobs while an import runs, instead of `sink`; `gitlade_blobs_sync` afterwards makes
     * them durable. Default: none.
     */
    const struct gitlade_blobs *blobs;
    /**
     * Handed to `progress`. Must live until the import has ended.
     */
    void *progress_context;
    /**
     * Told how far the work is, again and again and once at its end; false stops it. Called from the
     * thread that called the function, or from one thread of the task. Default: none.
     */
    bool (*progress)(void *context, const struct gitlade_progress *progress);
    /**
     * Milliseconds between two calls of `progress`. Default: 100.
     */
    uint32_t progress_interval_ms;
} gitlade_hooks;

/**
 * One folder, file, symlink or submodule, with all that is known of it.
 *
 * Its texts live as long as the manifest. Fields that do not apply are 0 and NULL.
 */
typedef struct gitlade_entry {
    /**
     * `sizeof(gitlade_entry)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The place in the manifest, from 0.
     */
    size_t index;
    /**
     * The place of the folder that it lies in; `GITLADE_ROOT` for what lies in the root.
     */
    size_t parent;
    /**
     * The path from the root of the import, with slashes between names and none at the ends. Bytes
     * without NUL, nearly always UTF-8.
     */
    struct gitlade_str path;
    /**
     * The last name of the path.
     */
    struct gitlade_str name;
    /**
     * What it is.
     */
    gitlade_kind kind;
    /**
     * The mode as it stands in the tree, such as 0100644.
     */
    uint32_t mode;
    /**
     * What is odd about it: bits, which `gitlade_flag_name` names.
     */
    uint32_t flags;
    /**
     * Bytes of `object_id`: 20 or 32.
     */
    uint32_t object_id_len;
    /**
     * The object: a tree, a blob, or a commit of another repository.
     */
    uint8_t object_id[32];
    /**
     * BLAKE3 of the content or folder; zeros if there is none.
     */
    uint8_t digest[32];
    /**
     * Bytes of the file or symlink.
     */
    uint64_t size;
    /**
     * Of a folder: files below it at any depth.
     */
    uint64_t files;
    /**
     * Of a folder: bytes of the files and symlinks below it that were read.
     */
    uint64_t bytes;
    /**
     * Lines of a text; a last one without a line end counts.
     */
    uint64_t lines;
    /**
     * The encoding of a text by its name in the WHATWG Encoding Standard, in lower case, or
     * `utf-32le`, `utf-32be`: a constant.
     */
    struct gitlade_str encoding;
    /**
     * The type of binary content, where it is known: a constant.
     */
    struct gitlade_str mime;
    /**
     * The attribute `working-tree-encoding`.
     */
    struct gitlade_str working_tree_encoding;
    /**
     * The path that a symlink points to; NULL if it is too long to be kept.
     */
    struct gitlade_str target;
    /**
     * The URL that `.gitmodules` gives for a submodule.
     */
    struct gitlade_str url;
    /**
     * Of a Git LFS pointer: SHA-256 of the real file.
     */
    uint8_t lfs_object_id[32];
    /**
     * Of a Git LFS pointer: bytes of the real file.
     */
    uint64_t lfs_size;
    /**
     * Text or binary.
     */
    gitlade_content content;
    /**
     * How the lines of a text end.
     */
    gitlade_eol eol;
    /**
     * The byte order mark of a text.
     */
    gitlade_bom bom;
    /**
     * How the verdict on text or binary was reached.
     */
    gitlade_basis basis;
    /**
     * Why the content was not read.
     */
    gitlade_skip skipped;
    /**
     * Whether there is a digest.
     */
    bool has_digest;
    /**
     * Whether the size is known.
     */
    bool has_size;
    /**
     * Whether Git would make the file executable.
     */
    bool executable;
    /**
     * Whether Git itself takes the file for binary, as `git diff --numstat` shows.
     */
    bool git_binary;
    /**
     * Whether the file has the form of a Git LFS pointer.
     */
    bool is_lfs;
    /**
     * Whether its path has the attribute `filter=lfs` too, so that Git LFS would replace it.
     */
    bool lfs_filter;
} gitlade_entry;

/**
 * What was imported, and with which options that have a say in the result. The texts live as long
 * as the manifest.
 */
typedef struct gitlade_header {
    /**
     * `sizeof(gitlade_header)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The URL without credentials; NULL for a local repository.
     */
    struct gitlade_str url;
    /**
     * The ref that led to the commit, such as `refs/heads/main`; NULL if an id did.
     */
    struct gitlade_str reference;
    /**
     * The one imported folder; NULL for all.
     */
    struct gitlade_str subdir;
    /**
     * The patterns of what is imported, as a list of JSON.
     */
    struct gitlade_str include_json;
    /**
     * The patterns of what is left out, as a list of JSON.
     */
    struct gitlade_str exclude_json;
    /**
     * The commit.
     */
    uint8_t commit[32];
    /**
     * The tree whose entries these are.
     */
    uint8_t tree[32];
    /**
     * Bytes of `commit`; 0 if a tree was imported, or an empty repository.
     */
    uint32_t commit_len;
    /**
     * Bytes of `tree`: 20 for SHA-1, 32 for SHA-256.
     */
    uint32_t tree_len;
    /**
     * Bytes of the largest file that was read.
     */
    uint64_t max_blob;
    /**
     * Whether missing objects were skipped.
     */
    bool allow_missing;
} gitlade_header;

/**
 * Counts over all entries.
 */
typedef struct gitlade_totals {
    /**
     * `sizeof(gitlade_totals)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Folders, without the root.
     */
    uint64_t folders;
    /**
     * Files, the skipped ones included.
     */
    uint64_t files;
    /**
     * Symlinks, the skipped ones included.
     */
    uint64_t symlinks;
    /**
     * Submodules.
     */
    uint64_t submodules;
    /**
     * Bytes of the files and symlinks that were read, each counted as often as a path names it.
     */
    uint64_t bytes;
    /**
     * Files that are text.
     */
    uint64_t text;
    /**
     * Files that are binary.
     */
    uint64_t binary;
    /**
     * Files and symlinks that were skipped as too large.
     */
    uint64_t skipped_too_large;
    /**
     * Files and symlinks that were skipped as missing.
     */
    uint64_t skipped_missing;
    /**
     * Entries that a filter left out, which are not in the manifest.
     */
    uint64_t excluded;
    /**
     * The digest of the root folder: one name for the whole import.
     */
    uint8_t root[32];
} gitlade_totals;

/**
 * Takes bytes in pieces.
 */
typedef struct gitlade_writer {
    /**
     * `sizeof(gitlade_writer)`.
     */
    size_t struct_size;
    /**
     * Handed to the callback.
     */
    void *context;
    /**
     * Takes all `len` bytes, and returns 0; anything else ends the work with
     * `GITLADE_STATUS_HOST`. Called from the thread that called the function.
     */
    int32_t (*write)(void *context, const uint8_t *bytes, size_t len);
} gitlade_writer;

/**
 * Gives bytes in pieces.
 */
typedef struct gitlade_input {
    /**
     * `sizeof(gitlade_input)`.
     */
    size_t struct_size;
    /**
     * Handed to the callback.
     */
    void *context;
    /**
     * Writes at most `capacity` bytes to `buffer` and returns their number: 0 at the end, less than
     * 0 if it failed, which ends the work with `GITLADE_STATUS_HOST`. Called from the thread that
     * called the function.
     */
    int64_t (*read)(void *context, uint8_t *buffer, size_t capacity);
} gitlade_input;

/**
 * What a table has, and how large its pieces are. 0 is the default of all fields.
 */
typedef struct gitlade_table_options {
    /**
     * `sizeof(gitlade_table_options)`.
     */
    size_t struct_size;
    /**
     * Rows of one batch at most. Default: 65,536.
     */
    size_t max_rows;
    /**
     * Bytes of paths and content after which a batch ends; one file may exceed them. Default:
     * 32 MiB.
     */
    uint64_t max_bytes;
    /**
     * Not 0: there is a column `data` with the content of files and symlinks.
     */
    uint8_t data;
    /**
     * Not 0: there is a column `text` with the decoded texts of text files.
     */
    uint8_t text;
} gitlade_table_options;

/**
 * One ref. The texts live as long as the list.
 */
typedef struct gitlade_ref {
    /**
     * `sizeof(gitlade_ref)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The full name: `HEAD`, or one that begins with `refs/`.
     */
    struct gitlade_str name;
    /**
     * The full name of the ref that it stands for, if it is symbolic, or NULL.
     */
    struct gitlade_str symref_target;
    /**
     * The object that it points to.
     */
    uint8_t object_id[32];
    /**
     * What the annotated tag that it points to is about.
     */
    uint8_t peeled[32];
    /**
     * Bytes of `object_id`: 20, 32, or 0 for a `HEAD` whose branch has no commit yet.
     */
    uint32_t object_id_len;
    /**
     * Bytes of `peeled`; 0 if it points to no annotated tag.
     */
    uint32_t peeled_len;
} gitlade_ref;

/**
 * How a store of blobs is opened. 0 and NULL are the defaults of all fields; one that has no meaning for
 * the kind of store must be left so.
 */
typedef struct gitlade_blobs_options {
    /**
     * `sizeof(gitlade_blobs_options)`.
     */
    size_t struct_size;
    /**
     * Of a database: the table, in ASCII letters, digits and underscores; a second one has `_chunks`
     * after this name. Default: `blobs`.
     */
    struct gitlade_str table;
    /**
     * Of an object store: names and values of the settings of the crate `object_store`, in turn, such
     * as `aws_region`. The environment is not read.
     */
    const struct gitlade_str *settings;
    /**
     * How many texts `settings` has: twice the number of settings.
     */
    size_t settings_count;
    /**
     * Of a database: milliseconds to wait for others that write. Default: 60,000.
     */
    uint64_t busy_timeout_ms;
    /**
     * When a blob survives a crash of the machine: a `gitlade_durability`, where `DEFERRED` is at the
     * next `gitlade_blobs_sync`.
     */
    uint32_t durability;
    /**
     * Of a folder: the zstd level, 1 to 22, that blobs are compressed with. Default: not compressed.
     */
    uint32_t compress;
    /**
     * Of a folder or a database: not 0: nothing is made, written or removed.
     */
    uint8_t read_only;
    /**
     * Not 0: all content that goes in or comes out is checked by its digest.
     */
    uint8_t verify;
} gitlade_blobs_options;

/**
 * Sees one blob of a store; false ends the listing. `digest` has 32 bytes.
 */
typedef bool (*gitlade_blobs_visitor)(void *context, const uint8_t *digest, uint64_t size);

/**
 * One import of a store. The texts live as long as the list; `gitlade_records_json` has all of it.
 */
typedef struct gitlade_record {
    /**
     * `sizeof(gitlade_record)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Its name: a number from 1 that is never used again.
     */
    uint64_t id;
    /**
     * The host's own key.
     */
    struct gitlade_str tenant;
    /**
     * What the host wants to know of it, as JSON, or NULL.
     */
    struct gitlade_str metadata;
    /**
     * The URL without credentials, or the path, fit to be shown.
     */
    struct gitlade_str source;
    /**
     * Who the repository belongs to, or NULL.
     */
    struct gitlade_str owner;
    /**
     * The repository's name, or NULL.
     */
    struct gitlade_str repository;
    /**
     * The revision as it was asked for; NULL for `HEAD`.
     */
    struct gitlade_str revision;
    /**
     * What it is doing, or NULL.
     */
    struct gitlade_str step;
    /**
     * What went wrong, or NULL.
     */
    struct gitlade_str failure;
    /**
     * What the user can do about it, or NULL.
     */
    struct gitlade_str advice;
    /**
     * The full name of the ref that led to the commit, or NULL.
     */
    struct gitlade_str reference;
    /**
     * When it was asked for; milliseconds since 1970 (UTC), as all times here, and 0 for never.
     */
    int64_t created_ms;
    /**
     * When its last attempt began.
     */
    int64_t started_ms;
    /**
     * When anything of this changed.
     */
    int64_t updated_ms;
    /**
     * When it ended.
     */
    int64_t ended_ms;
    /**
     * Bytes that came over the network.
     */
    uint64_t received_bytes;
    /**
     * Folders; 0 unless it is complete, as with all counts.
     */
    uint64_t folders;
    /**
     * Files.
     */
    uint64_t files;
    /**
     * Bytes of files and symlinks.
     */
    uint64_t bytes;
    /**
     * Files that are text.
     */
    uint64_t text;
    /**
     * Files that are binary.
     */
    uint64_t binary;
    /**
     * Files over the store's threshold, at most 1,000.
     */
    uint64_t large_files;
    /**
     * The commit.
     */
    uint8_t commit[32];
    /**
     * The digest of the root folder; zeros unless it is complete.
     */
    uint8_t root[32];
    /**
     * Bytes of `commit`; 0 if there is none.
     */
    uint32_t commit_len;
    /**
     * Where it stands.
     */
    gitlade_import_status status;
    /**
     * The `gitlade_status` of the error; 0 unless it failed.
     */
    int32_t failure_status;
    /**
     * Hundredths of the step that are done, or -1 while the whole is not known.
     */
    int32_t percent;
    /**
     * How often it was started.
     */
    uint32_t attempt;
    /**
     * Whether the source is a URL.
     */
    bool is_remote;
    /**
     * Whether it was asked to stop, and has not yet.
     */
    bool cancel_requested;
} gitlade_record;

/**
 * How a store is opened. 0 is the default of all fields.
 */
typedef struct gitlade_store_options {
    /**
     * `sizeof(gitlade_store_options)`.
     */
    size_t struct_size;
    /**
     * Bytes of the largest text that is kept decoded in the database. Default: 24 MiB.
     */
    uint64_t max_text;
    /**
     * Bytes from which on a file is listed among an import's large ones. Default: 100 MB.
     */
    uint64_t large_file;
    /**
     * Milliseconds that a call waits while another process writes. Default: 30,000.
     */
    uint64_t busy_timeout_ms;
    /**
     * When what is written survives a crash of the machine: a `gitlade_durability`.
     */
    uint32_t durability;
    /**
     * The zstd level, 1 to 22, that blobs are compressed with. Default: not compressed.
     */
    uint32_t compress;
    /**
     * Not 0: nothing may be written, and nothing is made.
     */
    uint8_t read_only;
} gitlade_store_options;

/**
 * Which imports are listed. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_filter {
    /**
     * `sizeof(gitlade_filter)`.
     */
    size_t struct_size;
    /**
     * Only those with this key of the host.
     */
    struct gitlade_str tenant;
    /**
     * Only those whose repository belongs to this one.
     */
    struct gitlade_str owner;
    /**
     * Only those whose repository has this name.
     */
    struct gitlade_str repository;
    /**
     * Only those from this URL or path, as the records show it.
     */
    struct gitlade_str source;
    /**
     * Only those created at this time or later; milliseconds since 1970 (UTC).
     */
    int64_t since_ms;
    /**
     * Only those created before this time.
     */
    int64_t until_ms;
    /**
     * How many are left out from the beginning.
     */
    uint64_t offset;
    /**
     * How many are listed at most. Default: 100.
     */
    uint64_t limit;
    /**
     * Only those that stand at one of these: a sum of 1 << `gitlade_import_status`. Default: all.
     */
    uint32_t statuses;
    /**
     * By what they are sorted: a `gitlade_sort`.
     */
    uint32_t sort;
    /**
     * Not 0: the largest or newest comes last.
     */
    uint8_t ascending;
} gitlade_filter;

/**
 * How a store is checked. 0 is the default of all fields.
 */
typedef struct gitlade_check_options {
    /**
     * `sizeof(gitlade_check_options)`.
     */
    size_t struct_size;
    /**
     * Threads that read and hash. Default: as many as the machine has cores.
     */
    uint32_t threads;
    /**
     * Problems that are listed; all are counted. Default: 1,000; or `GITLADE_NONE`.
     */
    uint32_t max_listed;
    /**
     * Places that are listed with each problem; all are counted. Default: 20; or `GITLADE_NONE`.
     */
    uint32_t max_places;
} gitlade_check_options;

/**
 * What a check counted.
 */
typedef struct gitlade_check_report {
    /**
     * `sizeof(gitlade_check_report)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Problems, listed or not. Without any, nothing is wrong.
     */
    uint64_t problems;
    /**
     * Contents whose digests were computed again.
     */
    uint64_t contents;
    /**
     * Their bytes.
     */
    uint64_t bytes;
    /**
     * Texts that were compared with what their contents decode to.
     */
    uint64_t texts;
    /**
     * Facts of blobs that were found out again.
     */
    uint64_t facts;
    /**
     * Trees whose ids were computed again.
     */
    uint64_t trees;
    /**
     * Manifests that were put together again.
     */
    uint64_t snapshots;
    /**
     * Rows of the registry.
     */
    uint64_t imports;
    /**
     * Contents that an earlier repair had to give up, and that no import has brought again. They are
     * no problems.
     */
    uint64_t lost;
    /**
     * What a collection of garbage removes, from here on: files of blobs that no row names.
     */
    uint64_t orphans;
    /**
     * Bytes of their contents.
     */
    uint64_t orphan_bytes;
    /**
     * Contents that no file has; a running import may be about to use them.
     */
    uint64_t unused_contents;
    /**
     * Snapshots that no import has.
     */
    uint64_t unused_snapshots;
    /**
     * Folders of temporary files whose process is dead.
     */
    uint64_t temporaries;
    /**
     * Lock files whose process is dead.
     */
    uint64_t locks;
    /**
     * Imports whose process died and that nobody has marked as interrupted yet.
     */
    uint64_t abandoned;
} gitlade_check_report;

/**
 * One thing that is wrong with a store. The text lives as long as the findings.
 */
typedef struct gitlade_problem {
    /**
     * `sizeof(gitlade_problem)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * In words, without control characters.
     */
    struct gitlade_str detail;
    /**
     * How many files, or imports as a whole, it touches.
     */
    uint64_t places_total;
    /**
     * How many of those are listed.
     */
    uint64_t places_listed;
    /**
     * The content that it is about; zeros if `has_digest` is false.
     */
    uint8_t digest[32];
    /**
     * The blob or tree that it is about.
     */
    uint8_t object_id[32];
    /**
     * Bytes of `object_id`; 0 if it is about none.
     */
    uint32_t object_id_len;
    /**
     * What it is.
     */
    gitlade_problem_kind kind;
    /**
     * Whether it is about a content.
     */
    bool has_digest;
} gitlade_problem;

/**
 * A file of a complete import. The text lives as long as the findings.
 */
typedef struct gitlade_place {
    /**
     * `sizeof(gitlade_place)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The import.
     */
    uint64_t import_id;
    /**
     * The path from its root, as bytes of the repository; empty for the import as a whole.
     */
    struct gitlade_str path;
} gitlade_place;

/**
 * How garbage is collected. 0 is the default of all fields.
 */
typedef struct gitlade_gc_options {
    /**
     * `sizeof(gitlade_gc_options)`.
     */
    size_t struct_size;
    /**
     * Seconds for which files of blobs that no row names are left alone: those of running imports have
     * no rows for a while, and would have to be read once more. Default: 3,600; or `GITLADE_NONE`.
     */
    uint32_t min_age_s;
    /**
     * Not 0: nothing is removed, and only counted.
     */
    uint8_t dry_run;
    /**
     * Not 0: the database file is made smaller. All of it is written anew, which takes as much room
     * again for a while, and nobody else writes meanwhile.
     */
    uint8_t vacuum;
} gitlade_gc_options;

/**
 * What a collection of garbage removed, or would remove.
 */
typedef struct gitlade_gc_report {
    /**
     * `sizeof(gitlade_gc_report)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Imports whose process had died, and that are marked as interrupted now.
     */
    uint64_t interrupted;
    /**
     * Snapshots that no import had.
     */
    uint64_t snapshots;
    /**
     * Contents that no file had, with their texts and facts.
     */
    uint64_t contents;
    /**
     * Bytes of those contents.
     */
    uint64_t bytes;
    /**
     * Files of blobs, those of orphans too.
     */
    uint64_t blobs;
    /**
     * Bytes in the files of orphans: blobs that no row named.
     */
    uint64_t orphan_bytes;
    /**
     * Trees that no import has.
     */
    uint64_t trees;
    /**
     * Commits and tags that no import has.
     */
    uint64_t revisions;
    /**
     * Bytes of the database file that hold nothing and are used for what comes next.
     */
    uint64_t free_bytes;
    /**
     * Bytes of the database file.
     */
    uint64_t database_bytes;
    /**
     * Whether trees and commits were left alone, because an import is running that may have made them.
     */
    bool imports_running;
} gitlade_gc_report;

/**
 * How a store is repaired. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_repair_options {
    /**
     * `sizeof(gitlade_repair_options)`.
     */
    size_t struct_size;
    /**
     * How it is checked before.
     */
    const struct gitlade_check_options *check;
    /**
     * With which means (threads, memory, the way to a server with credentials) what is damaged is read
     * again from the sources of its imports. What is read is theirs to say. Default: nothing is read
     * again.
     */
    const struct gitlade_options *fetch;
    /**
     * Losses that are listed; all are counted. Default: 10,000; or `GITLADE_NONE`.
     */
    uint32_t max_listed;
} gitlade_repair_options;

/**
 * What a repair counted.
 */
typedef struct gitlade_repair_report {
    /**
     * `sizeof(gitlade_repair_report)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Problems that the check found.
     */
    uint64_t problems;
    /**
     * Contents that were made again from another form of theirs in the store.
     */
    uint64_t healed;
    /**
     * Contents that were read again from the source of an import.
     */
    uint64_t fetched;
    /**
     * What was remembered of blobs, trees and commits, was wrong, and is forgotten.
     */
    uint64_t forgotten;
    /**
     * Imports that were read again as a whole.
     */
    uint64_t reimported;
    /**
     * Blobs that cannot be read although they are there, and were left alone.
     */
    uint64_t unreadable;
    /**
     * Files whose content is lost, and imports that are lost as a whole, listed or not.
     */
    uint64_t losses;
    /**
     * How many of those are listed.
     */
    uint64_t losses_listed;
    /**
     * Sources that were asked in vain.
     */
    uint64_t failures;
} gitlade_repair_report;

/**
 * A file whose content is lost, or an import that is lost as a whole. The text lives as long as what it
 * came from.
 */
typedef struct gitlade_loss {
    /**
     * `sizeof(gitlade_loss)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The import.
     */
    uint64_t import_id;
    /**
     * The path from its root, as bytes of the repository; empty for the whole import.
     */
    struct gitlade_str path;
    /**
     * Bytes of the content; 0 for the whole import.
     */
    uint64_t size;
    /**
     * The content; zeros for the whole import.
     */
    uint8_t digest[32];
    /**
     * Whether it is a file, and not the whole import.
     */
    bool has_digest;
} gitlade_loss;

/**
 * An import whose source did not give again what was damaged. The text lives as long as what it came
 * from.
 */
typedef struct gitlade_failed_fetch {
    /**
     * `sizeof(gitlade_failed_fetch)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The import.
     */
    uint64_t import_id;
    /**
     * The error and what caused it, without control characters and secrets.
     */
    struct gitlade_str message;
    /**
     * The `gitlade_status` of the error.
     */
    int32_t status;
} gitlade_failed_fetch;

/**
 * What a store has. Bytes are those of the contents, not of the disk, unless it says so.
 */
typedef struct gitlade_store_counts {
    /**
     * `sizeof(gitlade_store_counts)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * Files, symlinks and submodules of complete imports, each as often as it is there.
     */
    uint64_t files;
    /**
     * Their bytes.
     */
    uint64_t file_bytes;
    /**
     * Trees under one choice of options: what complete imports share.
     */
    uint64_t snapshots;
    /**
     * Rows of files and folders.
     */
    uint64_t entries;
    /**
     * Distinct contents.
     */
    uint64_t contents;
    /**
     * Bytes of distinct contents.
     */
    uint64_t content_bytes;
    /**
     * Bytes that are not kept because imports and files share contents.
     */
    uint64_t shared_bytes;
    /**
     * Decoded texts.
     */
    uint64_t texts;
    /**
     * Their bytes in the database.
     */
    uint64_t text_bytes;
    /**
     * Contents with a file of their own.
     */
    uint64_t blobs;
    /**
     * Bytes of those contents; compressed files take less.
     */
    uint64_t blob_bytes;
    /**
     * Contents that a repair gave up.
     */
    uint64_t lost;
    /**
     * Contents that no file has, and that a collection of garbage may take.
     */
    uint64_t unused_contents;
    /**
     * Their bytes.
     */
    uint64_t unused_bytes;
    /**
     * Blobs whose facts are remembered.
     */
    uint64_t facts;
    /**
     * Trees that are remembered.
     */
    uint64_t trees;
    /**
     * Their bytes.
     */
    uint64_t tree_bytes;
    /**
     * Bytes of the database file.
     */
    uint64_t database_bytes;
    /**
     * Bytes of it that hold nothing, and are used for what comes next.
     */
    uint64_t free_bytes;
    /**
     * Bytes of the log beside it.
     */
    uint64_t log_bytes;
} gitlade_store_counts;

/**
 * What the imports of one tenant have. The text lives as long as what it came from.
 */
typedef struct gitlade_tenant_counts {
    /**
     * `sizeof(gitlade_tenant_counts)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The host's own key.
     */
    struct gitlade_str tenant;
    /**
     * Imports, complete or not.
     */
    uint64_t imports;
    /**
     * Those that are complete.
     */
    uint64_t complete;
    /**
     * Files, symlinks and submodules of the complete ones.
     */
    uint64_t files;
    /**
     * Their bytes.
     */
    uint64_t bytes;
} gitlade_tenant_counts;

/**
 * What an engine may take, and what imports may do in it. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_engine_options {
    /**
     * `sizeof(gitlade_engine_options)`.
     */
    size_t struct_size;
    /**
     * Caps that no import may go beyond.
     */
    const struct gitlade_limits *limits;
    /**
     * How servers are reached; without credentials, since those would be shown to every server.
     */
    const struct gitlade_remote_options *remote;
    /**
     * Bytes of buffers in memory that the running imports share. Default: 512 MiB.
     */
    uint64_t memory;
    /**
     * Imports that run at once. Default: 2.
     */
    uint32_t running;
    /**
     * Imports that wait for their turn. Default: 1,000; or `GITLADE_NONE`.
     */
    uint32_t queued;
    /**
     * Threads that the running imports share. Default: as many as the machine has cores.
     */
    uint32_t threads;
    /**
     * Milliseconds between two events that tell progress, at least 100. Default: 100.
     */
    uint32_t progress_interval_ms;
    /**
     * Not 0: repositories on this machine may not be imported.
     */
    uint8_t no_local;
} gitlade_engine_options;

/**
 * What is imported, and for whom. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_request {
    /**
     * `sizeof(gitlade_request)`.
     */
    size_t struct_size;
    /**
     * What is imported. The engine's limits and policy hold as well.
     */
    const struct gitlade_options *options;
    /**
     * Credentials for the URL's own host. They are kept in memory and nowhere else.
     */
    const struct gitlade_credentials *credentials;
    /**
     * For whom the import is, in the host's own terms: at most 1 KiB.
     */
    struct gitlade_str tenant;
    /**
     * What the host likes to know about the import: at most 16 KiB of JSON.
     */
    struct gitlade_str metadata;
} gitlade_request;

/**
 * What is different when an import is started again. 0 and NULL are: the same.
 */
typedef struct gitlade_restart {
    /**
     * `sizeof(gitlade_restart)`.
     */
    size_t struct_size;
    /**
     * Other options, of which the revision is one.
     */
    const struct gitlade_options *options;
    /**
     * Other credentials.
     */
    const struct gitlade_credentials *credentials;
    /**
     * Another revision.
     */
    struct gitlade_str revision;
    /**
     * Not 0: the credentials that it had are forgotten.
     */
    uint8_t forget_credentials;
} gitlade_restart;

/**
 * Which events a subscription gets. 0 and NULL are the defaults of all fields.
 */
typedef struct gitlade_subscribe_options {
    /**
     * `sizeof(gitlade_subscribe_options)`.
     */
    size_t struct_size;
    /**
     * Only those of this tenant. Default: of all.
     */
    struct gitlade_str tenant;
    /**
     * Only those of this import. Default: of all.
     */
    uint64_t import_id;
    /**
     * Events that wait to be taken out, at most 65,536. Default: 1,024.
     */
    uint32_t capacity;
} gitlade_subscribe_options;

/**
 * One event. The texts live until the next one is taken out, or the subscription is freed.
 */
typedef struct gitlade_event {
    /**
     * `sizeof(gitlade_event)`, set by the host before the struct is filled.
     */
    size_t struct_size;
    /**
     * The import.
     */
    uint64_t import_id;
    /**
     * When it happened; milliseconds since 1970 (UTC).
     */
    int64_t at_ms;
    /**
     * For whom the import is.
     */
    struct gitlade_str tenant;
    /**
     * Of `FAILED`: the message.
     */
    struct gitlade_str failure;
    /**
     * Of `FAILED`: what the user can do about it, or NULL.
     */
    struct gitlade_str advice;
    /**
     * Of `STEP` and `PROGRESS`: objects done in this step.
     */
    uint64_t objects;
    /**
     * Objects of this step, or 0.
     */
    uint64_t objects_total;
    /**
     * Bytes of the objects done in this step.
     */
    uint64_t bytes;
    /**
     * Bytes of this step, or 0.
     */
    uint64_t bytes_total;
    /**
     * Bytes that came over the network.
     */
    uint64_t received_bytes;
    /**
     * Files that were found.
     */
    uint64_t files;
    /**
     * What happened.
     */
    gitlade_event_kind kind;
    /**
     * Where the import stands.
     */
    gitlade_import_status status;
    /**
     * Of `STEP` and `PROGRESS`: a `gitlade_step`.
     */
    uint32_t step;
    /**
     * Of `STEP` and `PROGRESS`: hundredths of the whole import that are done.
     */
    uint32_t percent;
    /**
     * 1, and one more with each restart.
     */
    uint32_t attempt;
} gitlade_event;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The status, the same that the function returned.
 *
 * `error` may be NULL, which is `GITLADE_STATUS_OK`.
 */
gitlade_status gitlade_error_status(const struct gitlade_error *error);

/**
 * What happened, as a part of a sentence in English.
 *
 * `error` may be NULL, which has no texts. The text lives as long as the error, as all its texts do.
 */
struct gitlade_str gitlade_error_message(const struct gitlade_error *error);

/**
 * What the user can do about it, or NULL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_advice(const struct gitlade_error *error);

/**
 * The file or folder on the host's disk that it is about, or NULL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_file(const struct gitlade_error *error);

/**
 * The path inside the repository that it is about, or NULL. It is as it stands there, and may hold
 * anything but NUL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_path(const struct gitlade_error *error);

/**
 * The URL that it is about, without credentials, or NULL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_url(const struct gitlade_error *error);

/**
 * The object that it is about, in hex, or NULL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_object_id(const struct gitlade_error *error);

/**
 * The name of the limit that was reached, as `gitlade_limits_set` takes it, or NULL.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_limit(const struct gitlade_error *error);

/**
 * How many causes there are.
 *
 * `error` may be NULL, which has none.
 */
size_t gitlade_error_cause_count(const struct gitlade_error *error);

/**
 * The message of a cause, from the nearest (0) to the root, or NULL if there are not as many.
 *
 * `error` may be NULL.
 */
struct gitlade_str gitlade_error_cause(const struct gitlade_error *error, size_t index);

/**
 * Frees an error.
 *
 * `error` may be NULL.
 */
void gitlade_error_free(struct gitlade_error *error);

/**
 * The name of a status in `snake_case`, for logs and databases: a constant; `unknown` for
 * numbers that are none.
 */
struct gitlade_str gitlade_status_name(int32_t status);

/**
 * What a status means, in a sentence: a constant; NULL for numbers that are none.
 */
struct gitlade_str gitlade_status_description(int32_t status);

/**
 * Reads a path or a URL, by Git's rules where they are safe: `https://`, `http://`, `ssh://`,
 * `git://` and `user@host:path` are remotes, everything else is a path. A final slash and `.git` are
 * optional. Nothing is looked up, neither on the disk nor on the network.
 *
 * A URL with a password in it is refused; `gitlade_source_parse_with` takes it apart.
 */
gitlade_status gitlade_source_parse(const char *text,
                                    size_t text_len,
                                    struct gitlade_source **out,
                                    struct gitlade_error **error);

/**
 * Reads a path or a URL, and hands over the credentials that stand in a URL; they are not kept in
 * the source. With `allow_file_urls`, `file://` URLs are paths, which a service that takes URLs from
 * strangers must not allow.
 *
 * `*credentials` becomes NULL if there are none. `credentials` may be NULL, which drops them.
 */
gitlade_status gitlade_source_parse_with(const char *text,
                                         size_t text_len,
                                         bool allow_file_urls,
                                         struct gitlade_source **out,
                                         struct gitlade_credentials **credentials,
                                         struct gitlade_error **error);

/**
 * Makes a source of a path of this machine, whatever it looks like.
 */
gitlade_status gitlade_source_of_path(const char *path,
                                      size_t path_len,
                                      struct gitlade_source **out,
                                      struct gitlade_error **error);

/**
 * Whether it is a remote, and not a path.
 *
 * `source` may be NULL, which is none.
 */
bool gitlade_source_is_remote(const struct gitlade_source *source);

/**
 * The URL in its canonical form, or the path in quotes; without control characters and secrets. It
 * lives as long as the source, as all its texts do.
 *
 * `source` may be NULL, which has no texts.
 */
struct gitlade_str gitlade_source_text(const struct gitlade_source *source);

/**
 * Who the repository belongs to, such as `vercel` of `vercel/next.js`; NULL for a path.
 *
 * `source` may be NULL.
 */
struct gitlade_str gitlade_source_owner(const struct gitlade_source *source);

/**
 * The repository's name without `.git`; NULL for a path that does not end in a name.
 *
 * `source` may be NULL.
 */
struct gitlade_str gitlade_source_repository(const struct gitlade_source *source);

/**
 * Frees a source. Imports of it that still run are not disturbed.
 *
 * `source` may be NULL.
 */
void gitlade_source_free(struct gitlade_source *source);

/**
 * Makes credentials of a token that is sent as the password of the user `x-access-token`, which
 * GitHub asks for and others accept. White space around it is not part of it.
 */
gitlade_status gitlade_credentials_token(const char *token,
                                         size_t token_len,
                                         struct gitlade_credentials **out,
                                         struct gitlade_error **error);

/**
 * Makes credentials of a token that is sent as the password of `user`: `oauth2` for GitLab,
 * `x-token-auth` for Bitbucket.
 */
gitlade_status gitlade_credentials_token_as(const char *user,
                                            size_t user_len,
                                            const char *token,
                                            size_t token_len,
                                            struct gitlade_credentials **out,
                                            struct gitlade_error **error);

/**
 * Makes credentials of a token that is sent as `Authorization: Bearer`.
 */
gitlade_status gitlade_credentials_bearer(const char *token,
                                          size_t token_len,
                                          struct gitlade_credentials **out,
                                          struct gitlade_error **error);

/**
 * Makes credentials of a user and a password.
 */
gitlade_status gitlade_credentials_password(const char *user,
                                            size_t user_len,
                                            const char *password,
                                            size_t password_len,
                                            struct gitlade_credentials **out,
                                            struct gitlade_error **error);

/**
 * Holds credentials back until the server asks, as Git does. Otherwise they are sent with the first
 * request.
 */
gitlade_status gitlade_credentials_when_asked(struct gitlade_credentials *credentials,
                                              struct gitlade_error **error);

/**
 * Frees credentials. Imports that use them are not disturbed.
 *
 * `credentials` may be NULL.
 */
void gitlade_credentials_free(struct gitlade_credentials *credentials);

/**
 * Makes limits with the defaults, which suit a stranger's repository and let a monorepo of a million
 * files pass.
 */
gitlade_status gitlade_limits_new(struct gitlade_limits **out,
                                  struct gitlade_error **error);

/**
 * Sets the limit called `name`; `UINT64_MAX` is no limit.
 *
 * An unknown name is `GITLADE_STATUS_INVALID_OPTIONS`.
 */
gitlade_status gitlade_limits_set(struct gitlade_limits *limits,
                                  const char *name,
                                  size_t name_len,
                                  uint64_t value,
                                  struct gitlade_error **error);

/**
 * Reads the limit called `name`.
 *
 * `limits` may be NULL, which is the defaults. An unknown name is `GITLADE_STATUS_END`.
 */
gitlade_status gitlade_limits_get(const struct gitlade_limits *limits,
                                  const char *name,
                                  size_t name_len,
                                  uint64_t *out,
                                  struct gitlade_error **error);

/**
 * The name of a limit, by number from 0: a constant; NULL behind the last.
 */
struct gitlade_str gitlade_limit_name(size_t index);

/**
 * What a limit bounds, and its default: a constant; NULL behind the last. The index is that of
 * `gitlade_limit_name`.
 */
struct gitlade_str gitlade_limit_description(size_t index);

/**
 * Frees limits.
 *
 * `limits` may be NULL.
 */
void gitlade_limits_free(struct gitlade_limits *limits);

/**
 * Makes a policy of a `gitlade_policy_preset`.
 */
gitlade_status gitlade_policy_new(uint32_t preset,
                                  struct gitlade_policy **out,
                                  struct gitlade_error **error);

/**
 * Allows a scheme or forbids it: `https`, `http`, `ssh`, `git`. With the scheme comes its port.
 */
gitlade_status gitlade_policy_allow_scheme(struct gitlade_policy *policy,
                                           const char *scheme,
                                           size_t scheme_len,
                                           bool allowed,
                                           struct gitlade_error **error);

/**
 * Allows one more port; 0 allows any.
 */
gitlade_status gitlade_policy_allow_port(struct gitlade_policy *policy,
                                         uint16_t port,
                                         struct gitlade_error **error);

/**
 * Allows a `gitlade_address_class` or forbids it.
 */
gitlade_status gitlade_policy_allow_addresses(struct gitlade_policy *policy,
                                              uint32_t address_class,
                                              bool allowed,
                                              struct gitlade_error **error);

/**
 * Asks `check` as well, for each address, after the rules have allowed it. It is called from any
 * thread, and `context` must live until the policy is freed and the imports with it have ended.
 *
 * `context` may be NULL.
 */
gitlade_status gitlade_policy_check_with(struct gitlade_policy *policy,
                                         gitlade_policy_check check,
                                         void *context,
                                         struct gitlade_error **error);

/**
 * Frees a policy. Imports that use it are not disturbed.
 *
 * `policy` may be NULL.
 */
void gitlade_policy_free(struct gitlade_policy *policy);

/**
 * Says what is at a URL or a path, and what of it may be meant: Git or another system, and for the page of
 * a forge, which repository, revision and folder. Nothing is fetched.
 *
 * The policy, the credentials, the timeouts and the limits of `options` hold. That nothing is there, or
 * that it is not shown, is no error.
 *
 * `options` and `control` may be NULL, which are the defaults.
 */
gitlade_status gitlade_detect(const char *text,
                              size_t text_len,
                              const struct gitlade_options *options,
                              const struct gitlade_control *control,
                              struct gitlade_detection **out,
                              struct gitlade_error **error);

/**
 * Describes what was found.
 */
gitlade_status gitlade_detection_describe(const struct gitlade_detection *detection,
                                          struct gitlade_detected *out,
                                          struct gitlade_error **error);

/**
 * A way to log in, as the server names it, such as `Basic`, by number from 0; NULL behind the last.
 *
 * `detection` may be NULL, which has none.
 */
struct gitlade_str gitlade_detection_scheme(const struct gitlade_detection *detection,
                                            size_t index);

/**
 * How many candidates there are: none if there is nothing, and for a path, which is imported as it is.
 *
 * `detection` may be NULL, which has none.
 */
size_t gitlade_detection_len(const struct gitlade_detection *detection);

/**
 * Describes what may be meant, the likeliest first, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_detection_get(const struct gitlade_detection *detection,
                                     size_t index,
                                     struct gitlade_candidate *out,
                                     struct gitlade_error **error);

/**
 * Makes a source of a candidate, by number from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_detection_source(const struct gitlade_detection *detection,
                                        size_t index,
                                        struct gitlade_source **out,
                                        struct gitlade_error **error);

/**
 * Writes all that was found as JSON.
 */
gitlade_status gitlade_detection_json(const struct gitlade_detection *detection,
                                      struct gitlade_buffer **out,
                                      struct gitlade_error **error);

/**
 * Frees a detection.
 *
 * `detection` may be NULL.
 */
void gitlade_detection_free(struct gitlade_detection *detection);

/**
 * Makes a control, to be handed to one import by `gitlade_hooks`.
 */
gitlade_status gitlade_control_new(struct gitlade_control **out, struct gitlade_error **error);

/**
 * Stops the import, which then ends in `GITLADE_STATUS_CANCELLED`; there is no way back. May be called
 * from any thread, and from a signal handler.
 *
 * `control` may be NULL, which does nothing.
 */
void gitlade_control_cancel(const struct gitlade_control *control);

/**
 * Whether it was stopped.
 *
 * `control` may be NULL, which never is.
 */
bool gitlade_control_is_cancelled(const struct gitlade_control *control);

/**
 * Says how far the import is. Cheap, and may be called from any thread.
 */
gitlade_status gitlade_control_progress(const struct gitlade_control *control,
                                        struct gitlade_progress *out,
                                        struct gitlade_error **error);

/**
 * The name of a `gitlade_step`, such as `resolving deltas`: a constant; NULL for other numbers.
 */
struct gitlade_str gitlade_step_name(uint32_t step);

/**
 * Frees a control. An import that uses it goes on.
 *
 * `control` may be NULL.
 */
void gitlade_control_free(struct gitlade_control *control);

/**
 * Imports one commit of `source`, and returns when that is done.
 *
 * After an error nothing is left behind. Several imports may run at once.
 *
 * `options` and `hooks` may be NULL, which are the defaults.
 */
gitlade_status gitlade_import_run(const struct gitlade_source *source,
                                  const struct gitlade_options *options,
                                  const struct gitlade_hooks *hooks,
                                  struct gitlade_import **out,
                                  struct gitlade_error **error);

/**
 * The ordered list of what was imported. It belongs to the import and lives as long; do not free
 * it.
 *
 * `import` may be NULL, which has none: NULL.
 */
const struct gitlade_manifest *gitlade_import_manifest(const struct gitlade_import *import);

/**
 * Frees an import. Buffers, readers and streams that were made of it live on.
 *
 * `import` may be NULL.
 */
void gitlade_import_free(struct gitlade_import *import);

/**
 * Imports one commit of `source` like `gitlade_import_run`, in the background: returns at once.
 *
 * What the options point to may be freed when this returns; the contexts of callbacks, and what
 * `hooks` points to them with, must live until the import has ended.
 *
 * `options` and `hooks` may be NULL, which are the defaults.
 */
gitlade_status gitlade_import_start(const struct gitlade_source *source,
                                    const struct gitlade_options *options,
                                    const struct gitlade_hooks *hooks,
                                    struct gitlade_task **out,
                                    struct gitlade_error **error);

/**
 * Waits until the import has ended, well or not: `GITLADE_STATUS_OK`, or `GITLADE_STATUS_PENDING` after
 * `timeout_ms` milliseconds. 0 does not wait, `UINT64_MAX` waits for ever.
 *
 * A callback must not wait: `GITLADE_STATUS_BUSY`.
 */
gitlade_status gitlade_task_wait(const struct gitlade_task *task,
                                 uint64_t timeout_ms,
                                 struct gitlade_error **error);

/**
 * Waits like `gitlade_task_wait`, and hands over the import, or its error. That is done once: then it
 * is `GITLADE_STATUS_END`.
 */
gitlade_status gitlade_task_take(const struct gitlade_task *task,
                                 uint64_t timeout_ms,
                                 struct gitlade_import **out,
                                 struct gitlade_error **error);

/**
 * Stops the import, which then ends in `GITLADE_STATUS_CANCELLED`. May be called from any thread, and
 * from a signal handler.
 *
 * `task` may be NULL, which does nothing.
 */
void gitlade_task_cancel(const struct gitlade_task *task);

/**
 * Says how far the import is. Cheap, and may be called from any thread.
 */
gitlade_status gitlade_task_progress(const struct gitlade_task *task,
                                     struct gitlade_progress *out,
                                     struct gitlade_error **error);

/**
 * Stops the import if it still runs, waits until it has ended, and frees the task. In a callback it
 * does not wait, and the import ends by itself.
 *
 * `task` may be NULL.
 */
void gitlade_task_free(struct gitlade_task *task);

/**
 * Makes an iterator over all entries, or those that are `wanted`: a sum of `GITLADE_FOLDERS`,
 * `GITLADE_FILES`, `GITLADE_SYMLINKS`, `GITLADE_SUBMODULES`, where 0 is all, and
 * `GITLADE_SKIPPED_ONLY`.
 */
gitlade_status gitlade_manifest_entries(const struct gitlade_manifest *manifest,
                                        uint32_t wanted,
                                        struct gitlade_entries **out,
                                        struct gitlade_error **error);

/**
 * Makes an iterator over the entries that lie directly in the folder at the place `folder`, or in
 * the root for `GITLADE_ROOT`; `wanted` is as for `gitlade_manifest_entries`.
 *
 * It is `GITLADE_STATUS_END` if there is no such place, and `GITLADE_STATUS_PATH_IS_OTHER` if it is no
 * folder's.
 */
gitlade_status gitlade_manifest_children(const struct gitlade_manifest *manifest,
                                         size_t folder,
                                         uint32_t wanted,
                                         struct gitlade_entries **out,
                                         struct gitlade_error **error);

/**
 * Describes the next entry; `GITLADE_STATUS_END` when there is none.
 */
gitlade_status gitlade_entries_next(struct gitlade_entries *entries,
                                    struct gitlade_entry *out,
                                    struct gitlade_error **error);

/**
 * Frees an iterator. The entries that it gave live on with the manifest.
 *
 * `entries` may be NULL.
 */
void gitlade_entries_free(struct gitlade_entries *entries);

/**
 * How many entries there are.
 *
 * `manifest` may be NULL, which has none.
 */
size_t gitlade_manifest_len(const struct gitlade_manifest *manifest);

/**
 * Describes the entry at a place, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_manifest_entry(const struct gitlade_manifest *manifest,
                                      size_t index,
                                      struct gitlade_entry *out,
                                      struct gitlade_error **error);

/**
 * Describes the entry with this path, which has no slash at its ends; `GITLADE_STATUS_END` if there
 * is none.
 */
gitlade_status gitlade_manifest_find(const struct gitlade_manifest *manifest,
                                     const char *path,
                                     size_t path_len,
                                     struct gitlade_entry *out,
                                     struct gitlade_error **error);

/**
 * The name of a bit of `flags`, such as `case_collision`, by the bit's number: a constant; NULL for
 * a bit without a meaning.
 */
struct gitlade_str gitlade_flag_name(uint32_t bit);

/**
 * Frees a manifest that was handed out by an out-parameter. Iterators and streams that were made of
 * it live on. One that belongs to an import must not be freed.
 *
 * `manifest` may be NULL.
 */
void gitlade_manifest_free(struct gitlade_manifest *manifest);

/**
 * Says what was imported, and with which options.
 */
gitlade_status gitlade_manifest_header(const struct gitlade_manifest *manifest,
                                       struct gitlade_header *out,
                                       struct gitlade_error **error);

/**
 * Counts over all entries, and the digest of the root.
 */
gitlade_status gitlade_manifest_totals(const struct gitlade_manifest *manifest,
                                       struct gitlade_totals *out,
                                       struct gitlade_error **error);

/**
 * The bytes, never NULL. They live as long as the buffer.
 *
 * `buffer` may be NULL, which has none: NULL.
 */
struct gitlade_str gitlade_buffer_bytes(const struct gitlade_buffer *buffer);

/**
 * Frees a buffer.
 *
 * `buffer` may be NULL.
 */
void gitlade_buffer_free(struct gitlade_buffer *buffer);

/**
 * Reads the content of a file, or the target of a symlink, as it is in the repository. `index` is
 * the entry's place in the manifest; behind the last it is `GITLADE_STATUS_END`.
 *
 * `GITLADE_STATUS_PATH_IS_OTHER` for folders and submodules, `GITLADE_STATUS_CONTENT_SKIPPED` for what
 * the import skipped.
 */
gitlade_status gitlade_import_bytes(const struct gitlade_import *import,
                                    size_t index,
                                    struct gitlade_buffer **out,
                                    struct gitlade_error **error);

/**
 * Reads the text of a text file: valid UTF-8, decoded from the file's encoding, without a byte order
 * mark. Nothing is lost on the way. Otherwise as `gitlade_import_bytes`.
 *
 * `GITLADE_STATUS_NOT_TEXT` for what is no text.
 */
gitlade_status gitlade_import_text(const struct gitlade_import *import,
                                   size_t index,
                                   struct gitlade_buffer **out,
                                   struct gitlade_error **error);

/**
 * Reads the content of any file as text, come what may: valid UTF-8, with U+FFFD in place of what is
 * malformed. `*replaced` says whether anything was replaced. Otherwise as `gitlade_import_bytes`.
 *
 * `replaced` may be NULL.
 */
gitlade_status gitlade_import_text_lossy(const struct gitlade_import *import,
                                         size_t index,
                                         struct gitlade_buffer **out,
                                         bool *replaced,
                                         struct gitlade_error **error);

/**
 * Makes a reader of the content of a file. Large content is held in a temporary file, not in memory.
 * Otherwise as `gitlade_import_bytes`.
 */
gitlade_status gitlade_import_reader(const struct gitlade_import *import,
                                     size_t index,
                                     struct gitlade_reader **out,
                                     struct gitlade_error **error);

/**
 * Makes a reader of the text of a text file, as `gitlade_import_text` gives it.
 */
gitlade_status gitlade_import_text_reader(const struct gitlade_import *import,
                                          size_t index,
                                          struct gitlade_reader **out,
                                          struct gitlade_error **error);

/**
 * Writes the manifest as NDJSON into a buffer. The same commit and options give the same bytes.
 */
gitlade_status gitlade_manifest_ndjson(const struct gitlade_manifest *manifest,
                                       struct gitlade_buffer **out,
                                       struct gitlade_error **error);

/**
 * Writes the manifest as NDJSON, piece by piece.
 */
gitlade_status gitlade_manifest_write(const struct gitlade_manifest *manifest,
                                      const struct gitlade_writer *writer,
                                      struct gitlade_error **error);

/**
 * Writes the manifest as NDJSON into a file, which is there as a whole or not at all: one with this
 * name is replaced at the end.
 */
gitlade_status gitlade_manifest_write_file(const struct gitlade_manifest *manifest,
                                           const char *path,
                                           size_t path_len,
                                           struct gitlade_error **error);

/**
 * Writes the manifest as NDJSON, piece by piece, with the decoded texts of text files in their
 * records.
 */
gitlade_status gitlade_import_write_with_text(const struct gitlade_import *import,
                                              const struct gitlade_writer *writer,
                                              struct gitlade_error **error);

/**
 * Reads a manifest from bytes in memory, and checks all of it.
 *
 * `limits` may be NULL, which is the defaults.
 */
gitlade_status gitlade_manifest_parse(const char *bytes,
                                      size_t bytes_len,
                                      const struct gitlade_limits *limits,
                                      struct gitlade_manifest **out,
                                      struct gitlade_error **error);

/**
 * Reads a manifest piece by piece, and checks all of it.
 *
 * `limits` may be NULL, which is the defaults.
 */
gitlade_status gitlade_manifest_read(const struct gitlade_input *input,
                                     const struct gitlade_limits *limits,
                                     struct gitlade_manifest **out,
                                     struct gitlade_error **error);

/**
 * Reads a manifest from a file, and checks all of it.
 *
 * `limits` may be NULL, which is the defaults.
 */
gitlade_status gitlade_manifest_read_file(const char *path,
                                          size_t path_len,
                                          const struct gitlade_limits *limits,
                                          struct gitlade_manifest **out,
                                          struct gitlade_error **error);

/**
 * Reads at most `capacity` bytes into `buffer`, and writes their number to `*read`: 0 at the end, or
 * if there is no room.
 */
gitlade_status gitlade_reader_read(struct gitlade_reader *reader,
                                   uint8_t *buffer,
                                   size_t capacity,
                                   size_t *read,
                                   struct gitlade_error **error);

/**
 * Frees a reader.
 *
 * `reader` may be NULL.
 */
void gitlade_reader_free(struct gitlade_reader *reader);

/**
 * Makes a table of the manifest's entries, without content: fills `*out`, which need not be set
 * before. The host calls its `release` in the end; the manifest may be freed before that.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_manifest_arrow_stream(const struct gitlade_manifest *manifest,
                                             const struct gitlade_table_options *options,
                                             struct ArrowArrayStream *out,
                                             struct gitlade_error **error);

/**
 * Makes a table of the import's entries, with content if the options say so. Otherwise as
 * `gitlade_manifest_arrow_stream`.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_import_arrow_stream(const struct gitlade_import *import,
                                           const struct gitlade_table_options *options,
                                           struct ArrowArrayStream *out,
                                           struct gitlade_error **error);

/**
 * Asks a remote for its refs: `HEAD` first, if it has one.
 *
 * A path is `GITLADE_STATUS_INVALID_SOURCE`. `remote`, `limits` and `control` may be NULL, which are the
 * defaults.
 */
gitlade_status gitlade_ls_remote(const struct gitlade_source *source,
                                 const struct gitlade_remote_options *remote,
                                 const struct gitlade_limits *limits,
                                 const struct gitlade_control *control,
                                 struct gitlade_refs **out,
                                 struct gitlade_error **error);

/**
 * How many refs there are.
 *
 * `refs` may be NULL, which has none.
 */
size_t gitlade_refs_len(const struct gitlade_refs *refs);

/**
 * Describes the ref at a place, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_refs_get(const struct gitlade_refs *refs,
                                size_t index,
                                struct gitlade_ref *out,
                                struct gitlade_error **error);

/**
 * Frees a list of refs.
 *
 * `refs` may be NULL.
 */
void gitlade_refs_free(struct gitlade_refs *refs);

/**
 * Opens the store of blobs in a folder, and makes it if there is none: a file for each, whose path is what
 * `b3sum` prints of it with a slash after two digits.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_blobs_open_folder(const char *path,
                                         size_t path_len,
                                         const struct gitlade_blobs_options *options,
                                         struct gitlade_blobs **out,
                                         struct gitlade_error **error);

/**
 * Opens the store of blobs in a table of a SQLite database, and makes either if there is none.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_blobs_open_sqlite(const char *path,
                                         size_t path_len,
                                         const struct gitlade_blobs_options *options,
                                         struct gitlade_blobs **out,
                                         struct gitlade_error **error);

/**
 * Opens the store of blobs at a URL of an object store: `s3://BUCKET/PATH`, `gs://BUCKET/PATH`,
 * `az://CONTAINER/PATH`, the `https` URLs of these services, or `file:///FOLDER`. Nothing is asked of the
 * service yet.
 *
 * Needs the feature `object-store`; without it `GITLADE_STATUS_INVALID_OPTIONS`. `options` may be NULL,
 * which is the defaults.
 */
gitlade_status gitlade_blobs_open_object(const char *url,
                                         size_t url_len,
                                         const struct gitlade_blobs_options *options,
                                         struct gitlade_blobs **out,
                                         struct gitlade_error **error);

/**
 * Keeps bytes under their digest, which is computed here and written to the 32 bytes at `digest`. It is
 * there as a whole or not at all; putting it again changes nothing. `*is_new` says whether it was not there
 * before.
 *
 * `digest` and `is_new` may be NULL.
 */
gitlade_status gitlade_blobs_put(const struct gitlade_blobs *blobs,
                                 const char *bytes,
                                 size_t bytes_len,
                                 uint8_t *digest,
                                 bool *is_new,
                                 struct gitlade_error **error);

/**
 * Reads the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
 */
gitlade_status gitlade_blobs_get(const struct gitlade_blobs *blobs,
                                 const uint8_t *digest,
                                 struct gitlade_buffer **out,
                                 struct gitlade_error **error);

/**
 * Makes a reader of the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
 */
gitlade_status gitlade_blobs_reader(const struct gitlade_blobs *blobs,
                                    const uint8_t *digest,
                                    struct gitlade_reader **out,
                                    struct gitlade_error **error);

/**
 * Tells the bytes of the content with a digest of 32 bytes; `GITLADE_STATUS_END` if it is not there.
 */
gitlade_status gitlade_blobs_size(const struct gitlade_blobs *blobs,
                                  const uint8_t *digest,
                                  uint64_t *out,
                                  struct gitlade_error **error);

/**
 * Removes the content with a digest of 32 bytes. `*removed` says whether it was there.
 *
 * `removed` may be NULL.
 */
gitlade_status gitlade_blobs_remove(const struct gitlade_blobs *blobs,
                                    const uint8_t *digest,
                                    bool *removed,
                                    struct gitlade_error **error);

/**
 * Shows all blobs to `visitor`, each once, in no order. One that comes or goes meanwhile may or may not be
 * among them. What cannot be read is left out; then the first error comes at the end.
 *
 * `context` may be NULL.
 */
gitlade_status gitlade_blobs_list(const struct gitlade_blobs *blobs,
                                  gitlade_blobs_visitor visitor,
                                  void *context,
                                  struct gitlade_error **error);

/**
 * Makes all durable that was put before.
 */
gitlade_status gitlade_blobs_sync(const struct gitlade_blobs *blobs, struct gitlade_error **error);

/**
 * Closes a store of blobs. Imports that use it and readers of it live on.
 *
 * `blobs` may be NULL.
 */
void gitlade_blobs_free(struct gitlade_blobs *blobs);

/**
 * How many records the list has.
 *
 * `records` may be NULL, which has none.
 */
size_t gitlade_records_len(const struct gitlade_records *records);

/**
 * How many imports the filter lets through, on all pages together.
 *
 * `records` may be NULL, which has none.
 */
uint64_t gitlade_records_total(const struct gitlade_records *records);

/**
 * Describes the record at a place, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_records_get(const struct gitlade_records *records,
                                   size_t index,
                                   struct gitlade_record *out,
                                   struct gitlade_error **error);

/**
 * Writes the record at a place as JSON, with all that there is; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_records_json(const struct gitlade_records *records,
                                    size_t index,
                                    struct gitlade_buffer **out,
                                    struct gitlade_error **error);

/**
 * The name of a `gitlade_import_status`, such as `complete`: a constant; NULL for other numbers.
 */
struct gitlade_str gitlade_import_status_name(uint32_t status);

/**
 * Frees a list of records.
 *
 * `records` may be NULL.
 */
void gitlade_records_free(struct gitlade_records *records);

/**
 * Opens the store in a folder, and makes it if there is none.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_store_open(const char *path,
                                  size_t path_len,
                                  const struct gitlade_store_options *options,
                                  struct gitlade_store **out,
                                  struct gitlade_error **error);

/**
 * The folder that the store is in, as an absolute path. It lives as long as the store.
 *
 * `store` may be NULL, which is in none: NULL.
 */
struct gitlade_str gitlade_store_folder(const struct gitlade_store *store);

/**
 * The database of the store, for the host's own queries: SQLite with the views `import_list`,
 * `import_files`, `import_folders` and `import_large_files`. It lives as long as the store.
 *
 * `store` may be NULL, which has none: NULL.
 */
struct gitlade_str gitlade_store_database(const struct gitlade_store *store);

/**
 * Imports one commit of `source` into the store, and returns when it is there as a whole: its record, as a
 * list of one. The registry keeps an import that failed, too.
 *
 * `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
 */
gitlade_status gitlade_store_import(const struct gitlade_store *store,
                                    const struct gitlade_source *source,
                                    const struct gitlade_options *options,
                                    const struct gitlade_hooks *hooks,
                                    struct gitlade_records **out,
                                    struct gitlade_error **error);

/**
 * Lists imports: those that the filter lets through, the newest first, 100 at a time.
 *
 * `filter` may be NULL, which is all of them.
 */
gitlade_status gitlade_store_list(const struct gitlade_store *store,
                                  const struct gitlade_filter *filter,
                                  struct gitlade_records **out,
                                  struct gitlade_error **error);

/**
 * Tells all that the registry has of one import, as a list of one.
 */
gitlade_status gitlade_store_record(const struct gitlade_store *store,
                                    uint64_t id,
                                    struct gitlade_records **out,
                                    struct gitlade_error **error);

/**
 * Tells what happened to an import, in order, as a list in JSON of objects with `at` (milliseconds
 * since 1970), `attempt`, `event` and `message`.
 */
gitlade_status gitlade_store_log_json(const struct gitlade_store *store,
                                      uint64_t id,
                                      struct gitlade_buffer **out,
                                      struct gitlade_error **error);

/**
 * Reads the manifest of a complete import. It is the one that the import made, byte for byte.
 */
gitlade_status gitlade_store_manifest(const struct gitlade_store *store,
                                      uint64_t id,
                                      struct gitlade_manifest **out,
                                      struct gitlade_error **error);

/**
 * Reads the content of a file of a complete import, or the target of a symlink, as it was in the
 * repository.
 */
gitlade_status gitlade_store_bytes(const struct gitlade_store *store,
                                   uint64_t id,
                                   const char *path,
                                   size_t path_len,
                                   struct gitlade_buffer **out,
                                   struct gitlade_error **error);

/**
 * Reads the text of a text file of a complete import, as `gitlade_import_text` gives it.
 */
gitlade_status gitlade_store_text(const struct gitlade_store *store,
                                  uint64_t id,
                                  const char *path,
                                  size_t path_len,
                                  struct gitlade_buffer **out,
                                  struct gitlade_error **error);

/**
 * Makes a reader of the content of a file of a complete import; large content does not come into
 * memory.
 */
gitlade_status gitlade_store_reader(const struct gitlade_store *store,
                                    uint64_t id,
                                    const char *path,
                                    size_t path_len,
                                    struct gitlade_reader **out,
                                    struct gitlade_error **error);

/**
 * Forgets an import that has ended; `GITLADE_STATUS_BUSY` if it has not. Its content goes with the
 * next garbage collection.
 */
gitlade_status gitlade_store_remove(const struct gitlade_store *store,
                                    uint64_t id,
                                    struct gitlade_error **error);

/**
 * Closes a store. Engines and readers of it live on.
 *
 * `store` may be NULL.
 */
void gitlade_store_free(struct gitlade_store *store);

/**
 * Checks all of a store: the database as SQLite sees it, every row, the digest of every content, the id
 * of every blob and tree that is remembered, and that all imports add up. What is found is no error.
 *
 * Nothing is changed; imports may run meanwhile, and the store may be opened for reading only. The
 * progress counts contents and their bytes.
 *
 * `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
 */
gitlade_status gitlade_store_check(const struct gitlade_store *store,
                                   const struct gitlade_check_options *options,
                                   const struct gitlade_hooks *hooks,
                                   struct gitlade_findings **out,
                                   struct gitlade_error **error);

/**
 * Describes what was counted.
 */
gitlade_status gitlade_findings_report(const struct gitlade_findings *findings,
                                       struct gitlade_check_report *out,
                                       struct gitlade_error **error);

/**
 * How many problems are listed.
 *
 * `findings` may be NULL, which has none.
 */
size_t gitlade_findings_len(const struct gitlade_findings *findings);

/**
 * Describes the problem at a place of the list, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_findings_get(const struct gitlade_findings *findings,
                                    size_t index,
                                    struct gitlade_problem *out,
                                    struct gitlade_error **error);

/**
 * Describes one of the files that a problem touches, both from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_findings_place(const struct gitlade_findings *findings,
                                      size_t problem,
                                      size_t index,
                                      struct gitlade_place *out,
                                      struct gitlade_error **error);

/**
 * Writes all that was found as JSON. Paths in it are fit to be shown, and not exact.
 */
gitlade_status gitlade_findings_json(const struct gitlade_findings *findings,
                                     struct gitlade_buffer **out,
                                     struct gitlade_error **error);

/**
 * The name of a `gitlade_problem_kind`, such as `blob_damaged`: a constant; NULL for other numbers.
 */
struct gitlade_str gitlade_problem_kind_name(uint32_t kind);

/**
 * Frees findings.
 *
 * `findings` may be NULL.
 */
void gitlade_findings_free(struct gitlade_findings *findings);

/**
 * Removes what no import of a store uses: contents with their texts, blobs and facts, snapshots, trees,
 * and what processes that died left behind. Imports may run meanwhile, in this process and in others.
 *
 * After an error or a cancel, what was removed before stays so, and nothing is half removed.
 *
 * `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
 */
gitlade_status gitlade_store_gc(const struct gitlade_store *store,
                                const struct gitlade_gc_options *options,
                                const struct gitlade_hooks *hooks,
                                struct gitlade_gc_report *out,
                                struct gitlade_error **error);

/**
 * Checks a store and puts right what is wrong: what can be made again from another form in the store, or
 * read again from a source, is; the rest is given up, and named. A check afterwards finds nothing.
 *
 * An import keeps its entries when contents of some of its files are lost; reading those is
 * `GITLADE_STATUS_CORRUPT_STORE` until any import brings the same content again.
 *
 * `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
 */
gitlade_status gitlade_store_repair(const struct gitlade_store *store,
                                    const struct gitlade_repair_options *options,
                                    const struct gitlade_hooks *hooks,
                                    struct gitlade_repair **out,
                                    struct gitlade_error **error);

/**
 * Describes what was counted.
 */
gitlade_status gitlade_repair_counts(const struct gitlade_repair *repair,
                                     struct gitlade_repair_report *out,
                                     struct gitlade_error **error);

/**
 * Describes the loss at a place of the list, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_repair_get_loss(const struct gitlade_repair *repair,
                                       size_t index,
                                       struct gitlade_loss *out,
                                       struct gitlade_error **error);

/**
 * Describes a source that was asked in vain, from 0; `GITLADE_STATUS_END` behind the last.
 */
gitlade_status gitlade_repair_get_failure(const struct gitlade_repair *repair,
                                          size_t index,
                                          struct gitlade_failed_fetch *out,
                                          struct gitlade_error **error);

/**
 * Writes all that was done as JSON. Paths in it are fit to be shown, and not exact.
 */
gitlade_status gitlade_repair_json(const struct gitlade_repair *repair,
                                   struct gitlade_buffer **out,
                                   struct gitlade_error **error);

/**
 * Frees what a repair told.
 *
 * `repair` may be NULL.
 */
void gitlade_repair_free(struct gitlade_repair *repair);

/**
 * Counts what a store has: a pass over its rows, not over its contents.
 */
gitlade_status gitlade_store_stats(const struct gitlade_store *store,
                                   struct gitlade_stats **out,
                                   struct gitlade_error **error);

/**
 * Describes what was counted.
 */
gitlade_status gitlade_stats_counts(const struct gitlade_stats *stats,
                                    struct gitlade_store_counts *out,
                                    struct gitlade_error **error);

/**
 * How many imports stand at a `gitlade_import_status`; 0 for other numbers.
 *
 * `stats` may be NULL, which has none.
 */
uint64_t gitlade_stats_imports(const struct gitlade_stats *stats, uint32_t status);

/**
 * How many tenants there are.
 *
 * `stats` may be NULL, which has none.
 */
size_t gitlade_stats_len(const struct gitlade_stats *stats);

/**
 * Describes what a tenant has, by number from 0 in the order of their keys; `GITLADE_STATUS_END` behind
 * the last.
 */
gitlade_status gitlade_stats_get(const struct gitlade_stats *stats,
                                 size_t index,
                                 struct gitlade_tenant_counts *out,
                                 struct gitlade_error **error);

/**
 * Writes all that was counted as JSON.
 */
gitlade_status gitlade_stats_json(const struct gitlade_stats *stats,
                                  struct gitlade_buffer **out,
                                  struct gitlade_error **error);

/**
 * Frees what was counted.
 *
 * `stats` may be NULL.
 */
void gitlade_stats_free(struct gitlade_stats *stats);

/**
 * Opens an engine on a store, and marks what dead processes left there as interrupted. The store may
 * be freed then.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_engine_open(const struct gitlade_store *store,
                                   const struct gitlade_engine_options *options,
                                   struct gitlade_engine **out,
                                   struct gitlade_error **error);

/**
 * Asks for an import, and returns its number at once. What is wrong with the source is found later, and
 * is told by the record.
 *
 * `request` may be NULL, which is the defaults.
 */
gitlade_status gitlade_engine_start(const struct gitlade_engine *engine,
                                    const struct gitlade_source *source,
                                    const struct gitlade_request *request,
                                    uint64_t *out,
                                    struct gitlade_error **error);

/**
 * Asks again for an import that failed, or was cancelled or interrupted. The number stays.
 *
 * `restart` may be NULL, which changes nothing.
 */
gitlade_status gitlade_engine_restart(const struct gitlade_engine *engine,
                                      uint64_t id,
                                      const struct gitlade_restart *restart,
                                      struct gitlade_error **error);

/**
 * Tells where an import stands now, whichever process runs it, as a list of one.
 */
gitlade_status gitlade_engine_status(const struct gitlade_engine *engine,
                                     uint64_t id,
                                     struct gitlade_records **out,
                                     struct gitlade_error **error);

/**
 * Waits until an import has ended, and no longer than `timeout_ms` milliseconds; tells where it stands
 * then, as a list of one. How it ended is no error of this function.
 *
 * A callback must not wait: `GITLADE_STATUS_BUSY`.
 */
gitlade_status gitlade_engine_wait(const struct gitlade_engine *engine,
                                   uint64_t id,
                                   uint64_t timeout_ms,
                                   struct gitlade_records **out,
                                   struct gitlade_error **error);

/**
 * Stops an import, whichever process runs it, and returns at once. `*stopped` says whether there was
 * something to stop.
 *
 * `stopped` may be NULL.
 */
gitlade_status gitlade_engine_cancel(const struct gitlade_engine *engine,
                                     uint64_t id,
                                     bool *stopped,
                                     struct gitlade_error **error);

/**
 * Forgets an import that has ended; `GITLADE_STATUS_BUSY` if it has not.
 */
gitlade_status gitlade_engine_remove(const struct gitlade_engine *engine,
                                     uint64_t id,
                                     struct gitlade_error **error);

/**
 * Lists the imports of all engines of the store, like `gitlade_store_list`.
 *
 * `filter` may be NULL, which is all of them.
 */
gitlade_status gitlade_engine_list(const struct gitlade_engine *engine,
                                   const struct gitlade_filter *filter,
                                   struct gitlade_records **out,
                                   struct gitlade_error **error);

/**
 * Ends and frees an engine: nothing begins any more, what runs has `grace_ms` milliseconds to end by
 * itself, and what has not is interrupted, as is what waits. Returns when all threads have ended; in a
 * callback at once, before they have.
 *
 * `engine` may be NULL.
 */
void gitlade_engine_shutdown(struct gitlade_engine *engine,
                             uint64_t grace_ms);

/**
 * Ends and frees an engine without grace.
 *
 * `engine` may be NULL.
 */
void gitlade_engine_free(struct gitlade_engine *engine);

/**
 * Listens to what happens to the imports of an engine from now on. The subscription may live longer
 * than the engine.
 *
 * `options` may be NULL, which is the defaults.
 */
gitlade_status gitlade_engine_subscribe(const struct gitlade_engine *engine,
                                        const struct gitlade_subscribe_options *options,
                                        struct gitlade_subscription **out,
                                        struct gitlade_error **error);

/**
 * Waits for the next event: `GITLADE_STATUS_PENDING` if none came within `timeout_ms` milliseconds,
 * `GITLADE_STATUS_END` when the engine has ended and all events were taken out.
 *
 * A callback must not wait: `GITLADE_STATUS_BUSY`.
 */
gitlade_status gitlade_subscription_next(struct gitlade_subscription *subscription,
                                         uint64_t timeout_ms,
                                         struct gitlade_event *out,
                                         struct gitlade_error **error);

/**
 * How many events were dropped because nobody took them out: those that told progress, and others.
 *
 * `progress` and `others` may be NULL.
 */
gitlade_status gitlade_subscription_missed(const struct gitlade_subscription *subscription,
                                           uint64_t *progress,
                                           uint64_t *others,
                                           struct gitlade_error **error);

/**
 * Ends a subscription.
 *
 * `subscription` may be NULL.
 */
void gitlade_subscription_free(struct gitlade_subscription *subscription);

/**
 * The version of the library, such as `0.1.0`: a constant that ends in a NUL.
 */
const char *gitlade_version(void);

/**
 * The version of the ABI that the library has. It is `GITLADE_ABI_VERSION` of the header that it
 * was built with, and is raised when a program that was built before would break; additions do not
 * raise it.
 */
uint32_t gitlade_abi_version(void);

/**
 * The name of a feature that was compiled in, by number from 0, or NULL behind the last: `arrow`,
 * `object-store`.
 * A function whose feature is missing is there, and returns `GITLADE_STATUS_INVALID_OPTIONS`.
 */
struct gitlade_str gitlade_feature(size_t index);

/**
 * Whether the feature called `name` was compiled in.
 *
 * `name` may be NULL, which is none.
 */
bool gitlade_has_feature(const char *name, size_t name_len);

/**
 * Writes `len` bytes as lowercase hex, with a NUL behind, into `buffer` of `capacity` bytes, which
 * must be at least 2 `len` + 1. Object ids and digests are shown so.
 *
 * Returns the number of digits, or 0 if there is no room; then nothing is written. `bytes` and
 * `buffer` may be NULL, which is no room.
 */
size_t gitlade_hex(const uint8_t *bytes, size_t len, char *buffer, size_t capacity);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* A text that ends in a NUL; NULL is nothing. */
static inline gitlade_str gitlade_z(const char *text) {
    gitlade_str str;
    str.data = text;
    str.len = text != NULL ? strlen(text) : 0;
    return str;
}

/* Structs with their size set and all else 0, which is the default of every option. */
#define GITLADE_INIT_OF(type)                                                                      \
    static inline type type##_init(void) {                                                         \
        type value;                                                                                \
        memset(&value, 0, sizeof value);                                                           \
        value.struct_size = sizeof value;                                                          \
        return value;                                                                              \
    }

GITLADE_INIT_OF(gitlade_options)
GITLADE_INIT_OF(gitlade_remote_options)
GITLADE_INIT_OF(gitlade_credential_provider)
GITLADE_INIT_OF(gitlade_hooks)
GITLADE_INIT_OF(gitlade_sink)
GITLADE_INIT_OF(gitlade_writer)
GITLADE_INIT_OF(gitlade_input)
GITLADE_INIT_OF(gitlade_table_options)
GITLADE_INIT_OF(gitlade_progress)
GITLADE_INIT_OF(gitlade_entry)
GITLADE_INIT_OF(gitlade_header)
GITLADE_INIT_OF(gitlade_totals)
GITLADE_INIT_OF(gitlade_ref)
GITLADE_INIT_OF(gitlade_detected)
GITLADE_INIT_OF(gitlade_candidate)
GITLADE_INIT_OF(gitlade_blobs_options)
GITLADE_INIT_OF(gitlade_store_options)
GITLADE_INIT_OF(gitlade_filter)
GITLADE_INIT_OF(gitlade_record)
GITLADE_INIT_OF(gitlade_check_options)
GITLADE_INIT_OF(gitlade_check_report)
GITLADE_INIT_OF(gitlade_problem)
GITLADE_INIT_OF(gitlade_place)
GITLADE_INIT_OF(gitlade_repair_options)
GITLADE_INIT_OF(gitlade_repair_report)
GITLADE_INIT_OF(gitlade_loss)
GITLADE_INIT_OF(gitlade_failed_fetch)
GITLADE_INIT_OF(gitlade_gc_options)
GITLADE_INIT_OF(gitlade_gc_report)
GITLADE_INIT_OF(gitlade_store_counts)
GITLADE_INIT_OF(gitlade_tenant_counts)
GITLADE_INIT_OF(gitlade_engine_options)
GITLADE_INIT_OF(gitlade_request)
GITLADE_INIT_OF(gitlade_restart)
GITLADE_INIT_OF(gitlade_subscribe_options)
GITLADE_INIT_OF(gitlade_event)

#undef GITLADE_INIT_OF

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* GITLADE_H */
