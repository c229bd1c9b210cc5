//! Threads that come when they are needed and go when they are not.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;

/// A pool of threads that is started on first use.
#[derive(Debug)]
pub(super) struct Pool {
    threads: usize,
    started: Mutex<Option<Started>>,
}

#[derive(Debug)]
struct Started {
    /// The process that has the threads: a child has none of its parent's.
    process: u32,
    pool: Arc<rayon::ThreadPool>,
}

impl Pool {
    pub(super) fn new(threads: usize) -> Self {
        Pool {
            threads,
            started: Mutex::new(None),
        }
    }

    /// The pool, with its threads running.
    ///
    /// # Errors
    ///
    /// If the operating system gives no threads.
    pub(super) fn get(&self) -> Result<Arc<rayon::ThreadPool>, Error> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if let Some(started) = &*started
            && started.process == process
        {
            return Ok(Arc::clone(&started.pool));
        }
        let threads = self.threads;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("gitlade-{index}"))
            .build()
            .map_err(|error| {
                Error::advised(
                    crate::ErrorKind::Io,
                    format!("cannot start {threads} threads: {error}"),
                    "use fewer threads",
                )
            })?;
        let pool = Arc::new(pool);
        let before = started.replace(Started {
            process,
            pool: Arc::clone(&pool),
        });
        // Ending threads that are another process's would take locks that nobody gives back.
        std::mem::forget(before);
        Ok(pool)
    }

    /// Ends the threads, if this process has any.
    pub(super) fn rest(&mut self) {
        let started = self.started.get_mut();
        let started = started.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(started) = started
            && started.process != std::process::id()
        {
            std::mem::forget(started);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_come_and_go() {
        let mut pool = Pool::new(2);
        let first = pool.get().unwrap();
        assert_eq!(first.current_num_threads(), 2);
        assert!(Arc::ptr_eq(&first, &pool.get().unwrap()));
        pool.rest();
        assert!(!Arc::ptr_eq(&first, &pool.get().unwrap()));
    }
}
