//! What is to be seen in the plots, and why curves bend where they do.

pub(super) const TIME_BY_FILES: &str = "Below 10,000 files the start of a process and the opening of the \
repository (a few milliseconds) are most of it. From there on the line is straight: each file costs the \
same, whatever their number.";

pub(super) const MEMORY_BY_FILES: &str = "";

pub(super) const TIME_BY_BYTES: &str = "";

pub(super) const TIME_BY_HISTORY: &str = "";

pub(super) const THROUGHPUT_BY_THREADS: &str = "";

pub(super) const TAIL_BY_RATE: &str = "";
