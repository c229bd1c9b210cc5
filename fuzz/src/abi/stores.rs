//! Calls about stores: opened for reading, listed and read.

use gitlade_abi::*;

use super::machine::{Machine, given, given_str, look_at, sized};
use super::plain::{place_of, size};

/// Makes the call with this number.
pub(super) fn call(machine: &mut Machine<'_>, number: usize) {
    match number {
        0 | 1 => open(machine),
        2 | 3 => list(machine),
        4 => {
            let (store, id) = (machine.byte(), machine.number());
            machine.make(
                |machine| &mut machine.records,
                |machine, out, error| {
                    gitlade_store_record(machine.stores.get(store), id, out, error)
                },
            );
        }
        5 => {
            let (store, id) = (machine.byte(), machine.number());
            machine.make(
                |machine| &mut machine.buffers,
                |machine, out, error| {
                    gitlade_store_log_json(machine.stores.get(store), id, out, error)
                },
            );
        }
        6 | 7 => {
            let (store, id) = (machine.byte(), machine.number());
            machine.make(
                |machine| &mut machine.manifests,
                |machine, out, error| {
                    gitlade_store_manifest(machine.stores.get(store), id, out, error)
                },
            );
        }
        8..=12 => content(machine, number),
        13 => {
            // It was opened for reading only.
            let (store, id) = (machine.byte(), machine.number());
            machine.call(|machine, error| {
                let status = gitlade_store_remove(machine.stores.get(store), id, error);
                assert!(status != gitlade_status::Ok);
                status
            });
        }
        14..=16 => record(machine),
        17 => {
            let (records, index) = (machine.byte(), machine.number() as usize);
            machine.make(
                |machine| &mut machine.buffers,
                |machine, out, error| {
                    gitlade_records_json(machine.records.get(records), index, out, error)
                },
            );
        }
        _ => {
            let records = machine.byte();
            let records = machine.records.get(records);
            let (here, all) = (gitlade_records_len(records), gitlade_records_total(records));
            assert!(here as u64 <= all);
        }
    }
}

fn open(machine: &mut Machine<'_>) {
    // Once for a sequence: it compares the tables.
    if !std::mem::take(&mut machine.may_open) {
        return;
    }
    let path = machine.world.store.as_os_str().as_encoded_bytes();
    let (path, len) = given(path);
    let mut options = sized::<gitlade_store_options>(size::<gitlade_store_options>(machine));
    let told = machine.byte();
    // SAFETY: it is a zeroed struct with its size.
    let options = unsafe {
        let options = options.as_mut_ptr().cast::<gitlade_store_options>();
        (*options).read_only = 1;
        (*options).durability = u32::from(told & 3);
        (*options).compress = u32::from(told >> 2);
        options
    };
    machine.make(
        |machine| &mut machine.stores,
        |_, out, error| gitlade_store_open(path, len, options, out, error),
    );
}

fn list(machine: &mut Machine<'_>) {
    let store = machine.byte();
    let mut filter = sized::<gitlade_filter>(size::<gitlade_filter>(machine));
    // SAFETY: it is a zeroed struct with its size.
    let filter = unsafe {
        let filter = filter.as_mut_ptr().cast::<gitlade_filter>();
        if machine.byte() & 1 == 0 {
            (*filter).tenant = given_str(machine.text());
        }
        filter
    };
    machine.make(
        |machine| &mut machine.records,
        |machine, out, error| gitlade_store_list(machine.stores.get(store), filter, out, error),
    );
}

fn content(machine: &mut Machine<'_>, number: usize) {
    let (store, id) = (machine.byte(), machine.number());
    let path: &[u8] = match machine.byte() {
        0..0x40 => b"readme",
        0x40..0x60 => b"logo.png",
        0x60..0x80 => b"docs/caf\xe9.txt",
        _ => machine.text(),
    };
    let (path, len) = given(path);
    if number < 11 {
        return machine.make(
            |machine| &mut machine.buffers,
            |machine, out, error| {
                let store = machine.stores.get(store);
                match number {
                    8 => gitlade_store_bytes(store, id, path, len, out, error),
                    _ => gitlade_store_text(store, id, path, len, out, error),
                }
            },
        );
    }
    machine.make(
        |machine| &mut machine.readers,
        |machine, out, error| {
            gitlade_store_reader(machine.stores.get(store), id, path, len, out, error)
        },
    );
}

fn record(machine: &mut Machine<'_>) {
    let (records, index) = (machine.byte(), machine.number() as usize);
    let mut place = sized::<gitlade_record>(size::<gitlade_record>(machine));
    let out = place_of(machine, &mut place);
    machine.call(|machine, error| {
        let status = gitlade_records_get(machine.records.get(records), index, out, error);
        if status == gitlade_status::Ok {
            // SAFETY: it was written, and is zero where the host's is longer.
            let record = unsafe { &*out };
            look_at(record.tenant);
            look_at(record.metadata);
            look_at(record.source);
        }
        status
    });
}
