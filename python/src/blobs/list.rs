//! Going through all that a store has.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use gitlade::{Error, StoredBlob};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use super::AnyBlobs;
use crate::bridge::ToPy;
use crate::process::{Home, Own};
use crate::store::SLICE;

/// Blobs that are handed over at once, and how many such batches may wait.
const BATCH: usize = 1_024;
const AHEAD: usize = 2;

type Batch = VecDeque<Result<StoredBlob, Error>>;

/// Goes through the contents of a store, which a thread of its own lists.
#[pyclass(frozen, module = "gitlade._gitlade")]
pub(crate) struct BlobIterator {
    state: Own<Mutex<State>>,
    with_sizes: bool,
    home: Home,
}

struct State {
    listed: Receiver<Batch>,
    batch: Batch,
}

/// What there is to tell.
enum Next {
    Blob(Result<StoredBlob, Error>),
    Nothing,
    End,
}

impl BlobIterator {
    pub(super) fn new(store: AnyBlobs, with_sizes: bool) -> PyResult<Self> {
        let (sender, listed) = sync_channel(AHEAD);
        std::thread::Builder::new()
            .name("gitlade list".to_owned())
            .spawn(move || list(&store, &sender))?;
        Ok(BlobIterator {
            state: Own::new(Mutex::new(State {
                listed,
                batch: Batch::new(),
            })),
            with_sizes,
            home: Home::here(),
        })
    }

    fn next(&self) -> Next {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.batch.is_empty() {
            match state.listed.recv_timeout(SLICE) {
                Ok(batch) => state.batch = batch,
                Err(RecvTimeoutError::Timeout) => return Next::Nothing,
                Err(RecvTimeoutError::Disconnected) => return Next::End,
            }
        }
        state.batch.pop_front().map_or(Next::Nothing, Next::Blob)
    }
}

/// Lists until the end, or until nobody listens any more.
fn list(store: &AnyBlobs, sender: &SyncSender<Batch>) {
    let blobs = match store.iter() {
        Ok(blobs) => blobs,
        Err(error) => {
            let _ = sender.send(Batch::from([Err(error)]));
            return;
        }
    };
    let mut batch = Batch::new();
    for blob in blobs {
        batch.push_back(blob);
        if batch.len() == BATCH && sender.send(std::mem::take(&mut batch)).is_err() {
            return;
        }
    }
    let _ = sender.send(batch);
}

#[pymethods]
impl BlobIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// An error is about one content; what follows it can still be asked for.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.home.check("the list")?;
        loop {
            match py.detach(|| self.next()) {
                Next::Blob(blob) => {
                    let blob = blob.py(py)?;
                    let digest = blob.digest.to_string();
                    return Ok(Some(match self.with_sizes {
                        true => (digest, blob.size).into_bound_py_any(py)?,
                        false => digest.into_bound_py_any(py)?,
                    }));
                }
                Next::End => return Ok(None),
                Next::Nothing => py.check_signals()?,
            }
        }
    }
}
