//! Calls that need no import: sources, options, constants.

use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use gitlade_abi::*;

use super::callbacks::allow;
use super::machine::{Machine, given, look_at, sized};

/// Makes the call with this number.
pub(super) fn call(machine: &mut Machine<'_>, number: usize) {
    match number {
        0..=2 => source(machine, number),
        3 => {
            let source = machine.byte();
            let source = machine.sources.get(source);
            gitlade_source_is_remote(source);
            look_at(gitlade_source_text(source));
            look_at(gitlade_source_owner(source));
            look_at(gitlade_source_repository(source));
        }
        4..=7 => limits(machine, number - 4),
        8..=12 => policy(machine, number - 8),
        13..=17 => credentials(machine, number - 13),
        18 => machine.make(
            |machine| &mut machine.controls,
            |_, out, error| gitlade_control_new(out, error),
        ),
        19 => {
            let control = machine.byte();
            gitlade_control_cancel(machine.controls.get(control));
        }
        20 => {
            let control = machine.byte();
            gitlade_control_is_cancelled(machine.controls.get(control));
        }
        21 => {
            let control = machine.byte();
            let mut place = sized::<gitlade_progress>(size::<gitlade_progress>(machine));
            let out = place_of(machine, &mut place);
            machine.call(|machine, error| {
                gitlade_control_progress(machine.controls.get(control), out, error)
            });
        }
        22 => hex(machine),
        _ => constants(machine),
    }
}

/// The size of a struct, or what a host that was compiled with another header says.
pub(super) fn size<T>(machine: &mut Machine<'_>) -> usize {
    match machine.byte() {
        0..0xc0 => size_of::<T>(),
        0xc0..0xd0 => size_of::<T>() + 8,
        0xd0..0xe0 => 2 * size_of::<T>(),
        0xe0..0xf0 => size_of::<T>() - 1,
        0xf0..0xf8 => usize::MAX,
        _ => 0,
    }
}

/// Where a struct is written; NULL now and then.
pub(super) fn place_of<T>(machine: &mut Machine<'_>, place: &mut MaybeUninit<[T; 2]>) -> *mut T {
    match machine.byte() {
        0xff => null_mut(),
        _ => place.as_mut_ptr().cast(),
    }
}

fn source(machine: &mut Machine<'_>, number: usize) {
    let (text, len) = match machine.byte() {
        // What an import will find.
        0..0x80 => given(machine.world.repository.as_os_str().as_encoded_bytes()),
        0x80..0xf0 => given(machine.text()),
        other => (null(), usize::from(other)),
    };
    machine.make(
        |machine| &mut machine.sources,
        |machine, out, error| match number {
            0 => gitlade_source_parse(text, len, out, error),
            1 => gitlade_source_of_path(text, len, out, error),
            _ => {
                let index = machine.byte();
                let mut found = MaybeUninit::new(null_mut());
                let wanted = (index & 0x40 == 0).then_some(&mut found);
                let files = index & 1 == 0;
                let status = gitlade_source_parse_with(text, len, files, out, wanted, error);
                // SAFETY: it was set before the call.
                let found = unsafe { found.assume_init() };
                if !found.is_null() {
                    machine.credentials.put(index, found);
                }
                status
            }
        },
    );
}

fn limits(machine: &mut Machine<'_>, number: usize) {
    let index = machine.byte();
    let which = machine.byte();
    let name = match which {
        0..0xc0 => look_at(gitlade_limit_name(usize::from(which % 24))).unwrap_or_default(),
        _ => machine.text(),
    };
    let (name, len) = given(name);
    match number {
        0 => machine.make(
            |machine| &mut machine.limits,
            |_, out, error| gitlade_limits_new(out, error),
        ),
        1 => {
            let value = machine.number();
            machine.call(|machine, error| {
                gitlade_limits_set(machine.limits.get_mut(index), name, len, value, error)
            });
        }
        2 => {
            let mut value = MaybeUninit::new(0);
            machine.call(|machine, error| {
                let limits = machine.limits.get(index);
                gitlade_limits_get(limits, name, len, Some(&mut value), error)
            });
        }
        _ => {
            look_at(gitlade_limit_description(usize::from(which)));
        }
    }
}

fn policy(machine: &mut Machine<'_>, number: usize) {
    let index = machine.byte();
    let value = machine.byte();
    match number {
        0 => machine.make(
            |machine| &mut machine.policies,
            |_, out, error| gitlade_policy_new(u32::from(value % 5), out, error),
        ),
        1 => {
            let (scheme, len) = given(machine.text());
            machine.call(|machine, error| {
                let policy = machine.policies.get_mut(index);
                gitlade_policy_allow_scheme(policy, scheme, len, value & 1 == 0, error)
            });
        }
        2 => {
            let port = machine.number() as u16;
            machine.call(|machine, error| {
                gitlade_policy_allow_port(machine.policies.get_mut(index), port, error)
            });
        }
        3 => machine.call(|machine, error| {
            let policy = machine.policies.get_mut(index);
            gitlade_policy_allow_addresses(policy, u32::from(value >> 1), value & 1 == 0, error)
        }),
        _ => machine.call(|machine, error| {
            let check: gitlade_policy_check = (value & 1 == 0).then_some(allow as _);
            let policy = machine.policies.get_mut(index);
            gitlade_policy_check_with(policy, check, null_mut(), error)
        }),
    }
}

fn credentials(machine: &mut Machine<'_>, number: usize) {
    let index = machine.byte();
    if number == 4 {
        return machine.call(|machine, error| {
            gitlade_credentials_when_asked(machine.credentials.get_mut(index), error)
        });
    }
    let ((one, one_len), (other, other_len)) = (given(machine.text()), given(machine.text()));
    machine.make(
        |machine| &mut machine.credentials,
        |_, out, error| match number {
            0 => gitlade_credentials_token(one, one_len, out, error),
            1 => gitlade_credentials_token_as(one, one_len, other, other_len, out, error),
            2 => gitlade_credentials_bearer(one, one_len, out, error),
            _ => gitlade_credentials_password(one, one_len, other, other_len, out, error),
        },
    );
}

fn hex(machine: &mut Machine<'_>) {
    let bytes = machine.text();
    let mut text = [0x7f; 130];
    let capacity = usize::from(machine.byte()).min(text.len());
    let written = gitlade_hex(bytes.as_ptr(), bytes.len(), text.as_mut_ptr(), capacity);
    assert!(written <= 2 * bytes.len() && (written == 0 || written < capacity));
    assert!(text[capacity..].iter().all(|&byte| byte == 0x7f));
}

fn constants(machine: &mut Machine<'_>) {
    let number = machine.number();
    look_at(gitlade_status_name(number as i32));
    look_at(gitlade_status_description(number as i32));
    look_at(gitlade_step_name(number as u32));
    look_at(gitlade_flag_name(number as u32));
    look_at(gitlade_import_status_name(number as u32));
    look_at(gitlade_feature(number as usize));
    look_at(gitlade_limit_name(number as usize));
    look_at(gitlade_limit_description(number as usize));
    let (name, len) = given(machine.text());
    gitlade_has_feature(name, len);
    gitlade_abi_version();
}
