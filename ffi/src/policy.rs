//! What may be dialled.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::net::IpAddr;

use gitlade::{AddressClass, Destination, Policy, Scheme};

use crate::boundary::{self, Failure};
use crate::callback;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::text::{self, gitlade_str};

/// Which schemes, ports and addresses may be dialled. The decision is made on the resolved address,
/// at the moment of dialling, and for every redirect again. Not to be changed while another thread
/// uses it.
pub struct gitlade_policy(pub(crate) Policy);

/// With what a policy begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_policy_preset {
    /// `https` and `http` on ports 443 and 80, to public addresses. The default.
    Public = 0,
    /// `https` and `http` on any port, to public and private addresses; not to this machine, the same
    /// wire or a cloud's metadata.
    Private = 1,
    /// Whatever the person at the keyboard names: all schemes, ports and addresses.
    Person = 2,
    /// Everything, for tests.
    Unrestricted = 3,
}

/// What kind of address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_address_class {
    /// Globally reachable.
    Public = 0,
    /// Private networks.
    Private = 1,
    /// Carrier-grade NAT, which overlay networks use too.
    Shared = 2,
    /// This machine.
    Loopback = 3,
    /// The same wire.
    LinkLocal = 4,
    /// Where clouds answer with credentials.
    Metadata = 5,
    /// "This network", 0/8 and `::`, which reaches this machine on many systems.
    Unspecified = 6,
    /// Groups of machines, and broadcast.
    Multicast = 7,
    /// Examples in texts and measurements.
    Documentation = 8,
    /// Reserved, unassigned, or a way round.
    Reserved = 9,
}

/// Where a connection is about to go. The texts live as long as the callback runs.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_destination {
    /// `sizeof(gitlade_destination)` of the library.
    pub struct_size: usize,
    /// The scheme of the URL, or of the redirect's target.
    pub scheme: gitlade_str,
    /// The host as the URL has it, without brackets.
    pub host: gitlade_str,
    /// The address that is dialled, 4 or 16 bytes in network order; NULL if a proxy looks the name up.
    pub address: gitlade_str,
    /// The port that is dialled.
    pub port: u32,
}

/// Decides about a destination that the rules allow: false forbids it.
pub type gitlade_policy_check = Option<
    unsafe extern "C" fn(context: *mut c_void, destination: *const gitlade_destination) -> bool,
>;

/// Makes a policy of a `gitlade_policy_preset`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_new(
    preset: u32,
    out: Option<&mut MaybeUninit<*mut gitlade_policy>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let policy = match preset {
            0 => Policy::public(),
            1 => Policy::private(),
            2 => Policy::person(),
            3 => Policy::unrestricted(),
            _ => return Err(Failure::argument("preset is no gitlade_policy_preset")),
        };
        give::place("out", out)?.give(gitlade_policy(policy));
        Ok(())
    })
}

/// Changes a policy by a function that takes it and returns another.
fn change(
    policy: Option<&mut gitlade_policy>,
    by: impl FnOnce(Policy) -> Policy,
) -> Result<(), Failure> {
    let policy = give::required_mut("policy", policy)?;
    policy.0 = by(policy.0.clone());
    Ok(())
}

/// Allows a scheme or forbids it: `https`, `http`, `ssh`, `git`. With the scheme comes its port.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_allow_scheme(
    policy: Option<&mut gitlade_policy>,
    scheme: *const c_char,
    scheme_len: usize,
    allowed: bool,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let name = text::required_text("scheme", scheme, scheme_len)?;
        let known = Scheme::ALL.iter().find(|scheme| scheme.name() == name);
        let scheme = known.ok_or_else(|| Failure::argument("there is no such scheme"))?;
        change(policy, |policy| policy.allow_scheme(*scheme, allowed))
    })
}

/// Allows one more port; 0 allows any.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_allow_port(
    policy: Option<&mut gitlade_policy>,
    port: u16,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        change(policy, |policy| match port {
            0 => policy.allow_any_port(),
            port => policy.allow_port(port),
        })
    })
}

/// Allows a `gitlade_address_class` or forbids it.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_allow_addresses(
    policy: Option<&mut gitlade_policy>,
    address_class: u32,
    allowed: bool,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let class = AddressClass::ALL.get(address_class as usize);
        let class = class.ok_or_else(|| Failure::argument("there is no such address class"))?;
        change(policy, |policy| policy.allow_addresses(*class, allowed))
    })
}

/// Asks `check` as well, for each address, after the rules have allowed it. It is called from any
/// thread, and `context` must live until the policy is freed and the imports with it have ended.
///
/// `context` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_check_with(
    policy: Option<&mut gitlade_policy>,
    check: gitlade_policy_check,
    context: *mut c_void,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let function = check.ok_or_else(|| text::null("check"))?;
        let check = Check { function, context };
        change(policy, |policy| {
            policy.check_with(move |destination| check.ask(destination))
        })
    })
}

/// Frees a policy. Imports that use it are not disturbed.
///
/// `policy` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_policy_free(policy: *mut gitlade_policy) {
    boundary::value((), || give::free(policy));
}

/// A callback with its context.
struct Check {
    function: unsafe extern "C" fn(*mut c_void, *const gitlade_destination) -> bool,
    context: *mut c_void,
}

// SAFETY: the header says that the callback is called from any thread.
unsafe impl Send for Check {}
// SAFETY: the header says that the callback is called from any thread.
unsafe impl Sync for Check {}

impl Check {
    fn ask(&self, destination: &Destination<'_>) -> bool {
        let host = destination.host.to_bare_string();
        let address = destination.address.map(|address| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        });
        let shown = gitlade_destination {
            struct_size: size_of::<gitlade_destination>(),
            scheme: gitlade_str::of(destination.scheme.name().as_bytes()),
            host: gitlade_str::of(host.as_bytes()),
            address: gitlade_str::of_option(address.as_ref()),
            port: destination.port.into(),
        };
        // SAFETY: the header asks for a function of this type that takes the context.
        callback::call(|| unsafe { (self.function)(self.context, &raw const shown) })
    }
}
