//! What is to be seen in the plots, and why curves bend where they do.

pub(super) const TIME_BY_FILES: &str = "\
Both axes grow by factors, so that a straight line at 45° says that each file costs the same, however many
there are. All lines are flatter on the left: the start of a process and the opening of a repository take
some milliseconds, which a thousand files do not outweigh; for the peers in Python and for Node.js it is
the start of the interpreter, for Git two processes. The distance from the limit is what is done beyond
it: walking and checking the trees, classification, the order, folder digests, and writing the manifest,
which for files this small has about as many bytes as their contents.";

pub(super) const MEMORY_BY_FILES: &str = "\
Flat on the left, where it is the program itself and the window of contents in flight; then it grows with
the entries, since all of them are in memory when they are put in order: some 350 bytes each, of which
about half is the manifest that remains and the rest the list of what is to be read. The floor's share is
its list of ids and places. Contents are never held.";

pub(super) const TIME_BY_BYTES: &str = "\
Flat on the left, where 2,000 files and the start of the process cost more than their bytes; from about
64 MB on it is inflating and BLAKE3 that cost, and the line runs along the limit. Files are read by
several threads, one file by one thread: `one-huge`, a single file, is in the tables, and takes as long as
one thread takes for it.";

pub(super) const TIME_BY_HISTORY: &str = "\
The line is flat: of the commits only the one at HEAD is read, and of the objects only what its trees
name. What little it rises comes of the index, which has all objects and is searched by halves, and of the
pack, in which the objects that are wanted lie farther apart.";

pub(super) const THROUGHPUT_BY_THREADS: &str = "\
It bends at the number of processors and is flat beyond: more threads than processors neither help nor
harm. Up to there it stays below the straight line, since trees are walked before contents are read and
the manifest is written after them, by one thread each; the floor, which has neither, bends at the same
place.";

pub(super) const TAIL_BY_RATE: &str = "\
While the line is slower than the processor, objects are done when they arrive, and what remains after the
last byte are deltas and the order: the tail does not depend on the rate. It bends upwards where the line
becomes faster than inflating: from there on the last bytes wait in the spool, and the tail is their
work. Git resolves deltas and writes its index after the last byte, at any rate.";
