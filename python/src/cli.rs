//! The command line.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Does what the arguments say, the program's name first, and gives the code to exit with.
///
/// It takes over the signals, so it is for a process that does nothing else.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| gitlade_cli::run(arguments))
}
