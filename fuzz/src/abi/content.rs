//! Calls about imports and manifests: making them, going through them, reading what they have.

use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use gitlade_abi::*;

use super::arrow::Stream;
use super::callbacks::{Host, progress, put, read, write};
use super::machine::{Machine, given, given_str, look_at, sized};
use super::plain::{place_of, size};

/// Makes the call with this number.
pub(super) fn call(machine: &mut Machine<'_>, number: usize) {
    match number {
        0 => import(machine),
        1 | 2 => parse(machine),
        3 => read_by_callback(machine),
        4..=8 => entry(machine, number - 4),
        9..=11 => walk(machine, number - 9),
        12 => with_manifest(machine, |machine, manifest| {
            machine.make(
                |machine| &mut machine.buffers,
                |_, out, error| gitlade_manifest_ndjson(manifest, out, error),
            );
        }),
        13 => write_out(machine),
        14..=18 => blob(machine, number - 14),
        19..=21 => read_on(machine),
        22 => {
            let buffer = machine.byte();
            look_at(gitlade_buffer_bytes(machine.buffers.get(buffer)));
        }
        23 => table(machine),
        _ => {
            let import = machine.byte();
            // SAFETY: it belongs to the import, or is NULL.
            let manifest = unsafe { gitlade_import_manifest(machine.imports.get(import)).as_ref() };
            gitlade_manifest_len(manifest);
        }
    }
}

/// Hands a manifest to `work`: one by itself, or that of an import. Neither is freed meanwhile.
fn with_manifest(
    machine: &mut Machine<'_>,
    work: impl FnOnce(&mut Machine<'_>, Option<&gitlade_manifest>),
) {
    let index = machine.byte();
    let manifest: *const gitlade_manifest = match index & 0x40 {
        0 => machine
            .manifests
            .get(index)
            .map_or(null(), std::ptr::from_ref),
        _ => gitlade_import_manifest(machine.imports.get(index)),
    };
    // SAFETY: it is NULL, or a manifest; no `work` frees or replaces manifests or imports.
    work(machine, unsafe { manifest.as_ref() });
}

fn import(machine: &mut Machine<'_>) {
    // Once for a sequence: it starts threads.
    if !std::mem::take(&mut machine.may_import) {
        return;
    }
    let [source, limits, control, fails_at, told] = [(); 5].map(|()| machine.byte());
    let pattern = given_str(machine.text());
    let subdir = given_str(machine.text());
    let mut host = Host::new(fails_at, b"");
    let mut sink = sized::<gitlade_sink>(size::<gitlade_sink>(machine));
    let mut hooks = sized::<gitlade_hooks>(size::<gitlade_hooks>(machine));
    let mut options = sized::<gitlade_options>(size::<gitlade_options>(machine));
    let context = host.context();
    // SAFETY: all are zeroed structs with their sizes, and live until the import has ended.
    let (sink, hooks, options) = unsafe {
        let sink = sink.as_mut_ptr().cast::<gitlade_sink>();
        (*sink).context = context;
        (*sink).put = (told & 1 == 0).then_some(put as _);
        let hooks = hooks.as_mut_ptr().cast::<gitlade_hooks>();
        (*hooks).control = machine
            .controls
            .get(control)
            .map_or(null(), std::ptr::from_ref);
        (*hooks).sink = if told & 2 == 0 { sink } else { null() };
        (*hooks).progress_context = context;
        (*hooks).progress = (told & 4 == 0).then_some(progress as _);
        let options = options.as_mut_ptr().cast::<gitlade_options>();
        (*options).threads = 1;
        (*options).limits = machine
            .limits
            .get(limits)
            .map_or(null(), std::ptr::from_ref);
        (*options).verify = u32::from(told >> 6);
        if told & 8 == 0 {
            (*options).include = &raw const pattern;
            (*options).include_count = 1;
        }
        if told & 16 == 0 {
            (*options).subdir = subdir;
        }
        (sink, hooks, options)
    };
    let _ = sink;
    if gitlade_source_is_remote(machine.sources.get(source)) {
        // Nothing is dialled.
        return;
    }
    machine.make(
        |machine| &mut machine.imports,
        |machine, out, error| {
            let hooks = if told & 32 == 0 { hooks } else { null_mut() };
            gitlade_import_run(machine.sources.get(source), options, hooks, out, error)
        },
    );
}

/// A sound manifest with a few bytes changed.
fn text_of_manifest(machine: &mut Machine<'_>) -> Vec<u8> {
    let mut ndjson = machine.world.ndjson.clone();
    for _ in 0..machine.byte() % 4 {
        let place = usize::from(machine.byte()) << 4 | usize::from(machine.byte());
        let place = place % ndjson.len();
        match machine.byte() {
            0 => ndjson.truncate(place.max(1)),
            change => ndjson[place] ^= change,
        }
    }
    ndjson
}

fn parse(machine: &mut Machine<'_>) {
    let limits = machine.byte();
    let ndjson = text_of_manifest(machine);
    machine.make(
        |machine| &mut machine.manifests,
        |machine, out, error| {
            let (bytes, len) = given(&ndjson);
            gitlade_manifest_parse(bytes, len, machine.limits.get(limits), out, error)
        },
    );
}

fn read_by_callback(machine: &mut Machine<'_>) {
    let [limits, fails_at, step, lie] = [(); 4].map(|()| machine.byte());
    let ndjson = text_of_manifest(machine);
    let mut host = Host::new(fails_at | 1, &ndjson);
    host.step = usize::from(step) << 4;
    host.lie = if lie >= 0xf0 {
        i64::from(lie) - 0xef
    } else {
        0
    };
    let lies = host.lie > 0;
    let mut input = sized::<gitlade_input>(size::<gitlade_input>(machine));
    // SAFETY: it is a zeroed struct with its size.
    let input = unsafe {
        let input = input.as_mut_ptr().cast::<gitlade_input>();
        (*input).context = host.context();
        (*input).read = (step != 0xff).then_some(read as _);
        input
    };
    machine.make(
        |machine| &mut machine.manifests,
        |machine, out, error| {
            let limits = machine.limits.get(limits);
            let status = gitlade_manifest_read(input, limits, out, error);
            assert!(
                !lies || status != gitlade_status::Ok,
                "more than there is was taken"
            );
            status
        },
    );
}

fn look_at_entry(entry: &gitlade_entry) {
    for text in [
        entry.path,
        entry.name,
        entry.encoding,
        entry.mime,
        entry.working_tree_encoding,
        entry.target,
        entry.url,
    ] {
        look_at(text);
    }
}

fn entry(machine: &mut Machine<'_>, number: usize) {
    with_manifest(machine, |machine, manifest| {
        let wanted = machine.number() as usize;
        let path = match machine.byte() {
            0..0x80 => b"docs/deep/run",
            _ => machine.text(),
        };
        let (path, len) = given(path);
        match number {
            0 | 1 => {
                let told = size::<gitlade_entry>(machine);
                let mut place = sized::<gitlade_entry>(told);
                let out = place_of(machine, &mut place);
                machine.call(|_, error| {
                    let status = match number {
                        0 => gitlade_manifest_entry(manifest, wanted, out, error),
                        _ => gitlade_manifest_find(manifest, path, len, out, error),
                    };
                    if status == gitlade_status::Ok {
                        // SAFETY: it was written, and is zero where the host's is longer.
                        look_at_entry(unsafe { &*out });
                    }
                    status
                });
            }
            2 => {
                let mut place = sized::<gitlade_header>(size::<gitlade_header>(machine));
                let out = place_of(machine, &mut place);
                machine.call(|_, error| gitlade_manifest_header(manifest, out, error));
            }
            3 => {
                let mut place = sized::<gitlade_totals>(size::<gitlade_totals>(machine));
                let out = place_of(machine, &mut place);
                machine.call(|_, error| gitlade_manifest_totals(manifest, out, error));
            }
            _ => {
                gitlade_manifest_len(manifest);
            }
        }
    });
}

fn walk(machine: &mut Machine<'_>, number: usize) {
    if number == 0 {
        let entries = machine.byte();
        let mut place = sized::<gitlade_entry>(size::<gitlade_entry>(machine));
        let out = place_of(machine, &mut place);
        return machine.call(|machine, error| {
            let status = gitlade_entries_next(machine.entries.get_mut(entries), out, error);
            if status == gitlade_status::Ok {
                // SAFETY: it was written, and is zero where the host's is longer.
                look_at_entry(unsafe { &*out });
            }
            status
        });
    }
    with_manifest(machine, |machine, manifest| {
        let wanted = machine.number() as u32;
        let folder = machine.number() as usize;
        machine.make(
            |machine| &mut machine.entries,
            |_, out, error| match number {
                1 => gitlade_manifest_entries(manifest, wanted, out, error),
                _ => gitlade_manifest_children(manifest, folder, wanted, out, error),
            },
        );
    });
}

fn write_out(machine: &mut Machine<'_>) {
    let [fails_at, which, import] = [(); 3].map(|()| machine.byte());
    let mut host = Host::new(fails_at, b"");
    let mut writer = sized::<gitlade_writer>(size::<gitlade_writer>(machine));
    // SAFETY: it is a zeroed struct with its size.
    let writer = unsafe {
        let writer = writer.as_mut_ptr().cast::<gitlade_writer>();
        (*writer).context = host.context();
        (*writer).write = (which != 0xff).then_some(write as _);
        writer
    };
    if which & 1 == 0 {
        with_manifest(machine, |machine, manifest| {
            machine.call(|_, error| gitlade_manifest_write(manifest, writer, error));
        });
    } else {
        machine.call(|machine, error| {
            gitlade_import_write_with_text(machine.imports.get(import), writer, error)
        });
    }
}

fn blob(machine: &mut Machine<'_>, number: usize) {
    let import = machine.byte();
    let index = machine.number() as usize;
    if number < 3 {
        return machine.make(
            |machine| &mut machine.buffers,
            |machine, out, error| {
                let import = machine.imports.get(import);
                match number {
                    0 => gitlade_import_bytes(import, index, out, error),
                    1 => gitlade_import_text(import, index, out, error),
                    _ => gitlade_import_text_lossy(import, index, out, None, error),
                }
            },
        );
    }
    machine.make(
        |machine| &mut machine.readers,
        |machine, out, error| {
            let import = machine.imports.get(import);
            match number {
                3 => gitlade_import_reader(import, index, out, error),
                _ => gitlade_import_text_reader(import, index, out, error),
            }
        },
    );
}

fn read_on(machine: &mut Machine<'_>) {
    let reader = machine.byte();
    let mut buffer = [0x7f; 300];
    let capacity = usize::from(machine.byte());
    let out = if capacity == 0xff {
        null_mut()
    } else {
        buffer.as_mut_ptr()
    };
    let mut count = MaybeUninit::new(usize::MAX);
    machine.call(|machine, error| {
        let reader = machine.readers.get_mut(reader);
        gitlade_reader_read(reader, out, capacity, Some(&mut count), error)
    });
    // SAFETY: it was set before the call.
    let count = unsafe { count.assume_init() };
    assert!(count <= capacity || count == usize::MAX);
    assert!(buffer[capacity..].iter().all(|&byte| byte == 0x7f));
}

fn table(machine: &mut Machine<'_>) {
    let [import, told] = [(); 2].map(|()| machine.byte());
    let mut options = sized::<gitlade_table_options>(size::<gitlade_table_options>(machine));
    // SAFETY: it is a zeroed struct with its size.
    let options = unsafe {
        let options = options.as_mut_ptr().cast::<gitlade_table_options>();
        (*options).max_rows = usize::from(told >> 4);
        (*options).data = told & 1;
        (*options).text = told & 2;
        options
    };
    let mut stream = Stream::empty();
    let out = stream.place();
    if told & 4 == 0 {
        with_manifest(machine, |machine, manifest| {
            machine.call(|_, error| gitlade_manifest_arrow_stream(manifest, options, out, error));
        });
    } else {
        machine.call(|machine, error| {
            gitlade_import_arrow_stream(machine.imports.get(import), options, out, error)
        });
    }
    stream.read_to_end(told & 8 == 0);
}
