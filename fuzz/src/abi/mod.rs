//! Sequences of calls of the C ABI.
//!
//! Bytes are read as calls: which function, which of a few handles, which text, whether a pointer is
//! NULL. A handle that was not made yet is NULL, and one that was freed is NULL from then on, since
//! what the header forbids cannot be noticed. Whatever comes, the contract has to hold: nothing is
//! written unless the call succeeds, an error comes with a status, and no call meets a defect
//! (`GITLADE_STATUS_INTERNAL`, which a panic becomes).

#![allow(unsafe_code, reason = "it is the caller of C functions")]

mod arrow;
mod callbacks;
mod content;
mod machine;
mod plain;
mod stores;

use std::cell::RefCell;

use machine::{Machine, World};

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

/// The most calls of one input.
const MAX_CALLS: usize = 200;

/// Makes the calls that the input asks for, and frees what is left.
pub fn abi(input: &[u8]) {
    WORLD.with_borrow(|world| {
        let mut machine = Machine::new(world, input);
        for _ in 0..MAX_CALLS {
            if machine.is_at_end() {
                break;
            }
            let call = machine.byte();
            let number = usize::from(call & 0x1f);
            match call >> 5 {
                0 | 1 => plain::call(&mut machine, number),
                2..=4 => content::call(&mut machine, number),
                5 | 6 => stores::call(&mut machine, number),
                _ => machine.free(number),
            }
        }
        machine.free_all();
    });
}
