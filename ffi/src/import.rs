//! Importing, and what comes of it.

use std::mem::MaybeUninit;
use std::sync::Arc;

use gitlade::Import;

use crate::boundary;
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::manifest::{Shared, gitlade_manifest};
use crate::options::{self, gitlade_options};
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::watch;

/// A finished import: the manifest, and the content of its files for as long as it lives. It never
/// changes, and may be used from several threads at once.
pub struct gitlade_import {
    pub(crate) import: Arc<Import>,
    manifest: gitlade_manifest,
}

impl gitlade_import {
    pub(crate) fn new(import: Import) -> Self {
        let import = Arc::new(import);
        gitlade_import {
            manifest: gitlade_manifest::new(Shared::Import(Arc::clone(&import))),
            import,
        }
    }
}

/// Imports one commit of `source`, and returns when that is done.
///
/// After an error nothing is left behind. Several imports may run at once.
///
/// `options` and `hooks` may be NULL, which are the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_run(
    source: Option<&gitlade_source>,
    options: *const gitlade_options,
    hooks: *const gitlade_hooks,
    out: Option<&mut MaybeUninit<*mut gitlade_import>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let source = give::required("source", source)?;
        let options = options::options(options)?;
        let hooks = Hooks::read(hooks)?;
        let out = give::place("out", out)?;
        out.give(gitlade_import::new(watch::run(
            &source.source,
            &options,
            &hooks,
        )?));
        Ok(())
    })
}

/// The ordered list of what was imported. It belongs to the import and lives as long; do not free
/// it.
///
/// `import` may be NULL, which has none: NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_manifest(
    import: Option<&gitlade_import>,
) -> *const gitlade_manifest {
    boundary::value(std::ptr::null(), || {
        import.map_or(std::ptr::null(), |import| &raw const import.manifest)
    })
}

/// Frees an import. Buffers, readers and streams that were made of it live on.
///
/// `import` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_free(import: *mut gitlade_import) {
    boundary::value((), || give::free(import));
}
