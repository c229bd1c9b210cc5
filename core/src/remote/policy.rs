//! What may be dialled.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::remote::address::AddressClass;
use crate::source::{Host, Scheme};

/// Which schemes, ports and addresses may be dialled.
///
/// The decision is made on the resolved address, at the moment of dialling, and the very address
/// that was checked is the one that is dialled: a name that resolves differently the next time
/// (DNS rebinding) gains nothing. Every target of a redirect is checked again.
///
/// With a proxy, its own address is exempt, since the host names it; the target's scheme and port
/// are checked, and its address as well where it is known here: [`Proxy`](crate::Proxy) says when.
///
/// ```
/// use gitlade::{AddressClass, Policy};
/// // A service that also imports from a Git server in its own network, on port 3000.
/// let policy = Policy::public()
///     .allow_addresses(AddressClass::Private, true)
///     .allow_port(3000);
/// assert_ne!(format!("{policy:?}"), format!("{:?}", Policy::public()));
/// ```
#[derive(Clone)]
pub struct Policy {
    schemes: Vec<Scheme>,
    /// `None` is any port.
    ports: Option<Vec<u16>>,
    classes: Vec<AddressClass>,
    check: Option<Arc<Check>>,
}

type Check = dyn Fn(&Destination<'_>) -> bool + Send + Sync;

/// Where a connection is about to go, as the callback of [`Policy::check_with`] sees it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Destination<'a> {
    /// The scheme of the URL, or of the redirect's target.
    pub scheme: Scheme,
    /// The host as the URL has it.
    pub host: &'a Host,
    /// The port that is dialled.
    pub port: u16,
    /// The address that is dialled; `None` if a proxy looks the name up.
    pub address: Option<IpAddr>,
}

impl Policy {
    /// The public internet: `https` and `http` on ports 443 and 80, to public addresses.
    ///
    /// This is the library's default, made for services that import what strangers name.
    pub fn public() -> Self {
        Policy {
            schemes: vec![Scheme::Https, Scheme::Http],
            ports: Some(vec![443, 80]),
            classes: vec![AddressClass::Public],
            check: None,
        }
    }

    /// Private networks too: `https` and `http` on any port, to public, private and carrier-grade
    /// NAT addresses; not to this machine, the same wire or a cloud's metadata.
    pub fn private() -> Self {
        Policy {
            schemes: vec![Scheme::Https, Scheme::Http],
            ports: None,
            classes: vec![
                AddressClass::Public,
                AddressClass::Private,
                AddressClass::Shared,
            ],
            check: None,
        }
    }

    /// Whatever the person at the keyboard names: all schemes, ports and addresses.
    ///
    /// This is the command line's default.
    pub fn person() -> Self {
        Self::unrestricted()
    }

    /// Everything, for tests.
    pub fn unrestricted() -> Self {
        Policy {
            schemes: Scheme::ALL.to_vec(),
            ports: None,
            classes: AddressClass::ALL.to_vec(),
            check: None,
        }
    }

    /// Allows a scheme or forbids it. A policy with a list of ports gets the scheme's default port
    /// with it.
    pub fn allow_scheme(mut self, scheme: Scheme, allowed: bool) -> Self {
        self.schemes.retain(|&other| other != scheme);
        if allowed {
            self.schemes.push(scheme);
            return self.allow_port(scheme.default_port());
        }
        self
    }

    /// Allows one more port. Where any port is allowed, nothing changes.
    pub fn allow_port(mut self, port: u16) -> Self {
        if let Some(ports) = &mut self.ports
            && !ports.contains(&port)
        {
            ports.push(port);
        }
        self
    }

    /// Allows any port.
    pub fn allow_any_port(mut self) -> Self {
        self.ports = None;
        self
    }

    /// Allows a class of addresses or forbids it.
    pub fn allow_addresses(mut self, class: AddressClass, allowed: bool) -> Self {
        self.classes.retain(|&other| other != class);
        if allowed {
            self.classes.push(class);
        }
        self
    }

    /// Asks `check` as well, after the rules have allowed a destination. It is called for each
    /// address on its own and denies with `false`.
    pub fn check_with(
        mut self,
        check: impl Fn(&Destination<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Decides what can be decided before a name is looked up.
    pub(crate) fn check_scheme_and_port(&self, scheme: Scheme, port: u16) -> Result<(), Denied> {
        if !self.schemes.contains(&scheme) {
            return Err(Denied::Scheme(scheme));
        }
        if self
            .ports
            .as_ref()
            .is_some_and(|ports| !ports.contains(&port))
        {
            return Err(Denied::Port(port));
        }
        Ok(())
    }

    /// Decides about one address.
    pub(crate) fn check_address(
        &self,
        scheme: Scheme,
        host: &Host,
        port: u16,
        address: IpAddr,
    ) -> Result<(), Denied> {
        self.check_scheme_and_port(scheme, port)?;
        let class = AddressClass::of(address);
        if !self.classes.contains(&class) {
            return Err(Denied::Address {
                host: host.to_bare_string(),
                address,
                class,
            });
        }
        self.ask(Destination {
            scheme,
            host,
            port,
            address: Some(address),
        })
    }

    /// Decides about a name that a proxy looks up. What is known of it is its spelling: `localhost`
    /// and all below it are this machine (RFC 6761).
    pub(crate) fn check_unresolved(
        &self,
        scheme: Scheme,
        host: &Host,
        port: u16,
    ) -> Result<(), Denied> {
        self.check_scheme_and_port(scheme, port)?;
        let name = match host {
            Host::Address(address) => return self.check_address(scheme, host, port, *address),
            Host::Name(name) => name,
        };
        let is_localhost = name == "localhost" || name.ends_with(".localhost");
        if is_localhost && !self.classes.contains(&AddressClass::Loopback) {
            return Err(Denied::Name(name.clone()));
        }
        self.ask(Destination {
            scheme,
            host,
            port,
            address: None,
        })
    }

    fn ask(&self, destination: Destination<'_>) -> Result<(), Denied> {
        match &self.check {
            Some(check) if !check(&destination) => Err(Denied::Callback {
                host: destination.host.to_bare_string(),
                port: destination.port,
            }),
            _ => Ok(()),
        }
    }
}

/// [`Policy::public`].
impl Default for Policy {
    fn default() -> Self {
        Self::public()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("schemes", &self.schemes)
            .field("ports", &self.ports)
            .field("classes", &self.classes)
            .field("check", &self.check.is_some())
            .finish()
    }
}

/// What the policy refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    Scheme(Scheme),
    Port(u16),
    Address {
        host: String,
        address: IpAddr,
        class: AddressClass,
    },
    Name(String),
    Callback {
        host: String,
        port: u16,
    },
}

impl Denied {
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Denied::Scheme(_) => "use https, or allow the scheme in the policy",
            Denied::Port(_) => "allow the port in the policy, if the server is trusted",
            Denied::Address { .. } | Denied::Name(_) => {
                "if the server is trusted, allow such addresses in the policy"
            }
            Denied::Callback { .. } => "ask who runs this service which hosts it imports from",
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Denied::Scheme(scheme) => write!(f, "the scheme {scheme}"),
            Denied::Port(port) => write!(f, "port {port}"),
            Denied::Address {
                host,
                address,
                class,
            } if *host == address.to_string() => write!(f, "{class} addresses such as {address}"),
            Denied::Address {
                host,
                address,
                class,
            } => write!(f, "{class} addresses; {host} is {address}"),
            Denied::Name(name) => write!(f, "the name {name}, which is this machine"),
            Denied::Callback { host, port } => write!(f, "{host} port {port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(policy: &Policy, scheme: Scheme, port: u16, address: &str) -> bool {
        let address: IpAddr = address
            .parse()
            .expect("because the test's addresses are valid");
        let host = Host::Name("git.example".into());
        policy.check_address(scheme, &host, port, address).is_ok()
    }

    #[test]
    fn presets() {
        let (public, private, person) = (Policy::public(), Policy::private(), Policy::person());
        for (scheme, port, address, allowed) in [
            (Scheme::Https, 443, "140.82.121.4", [true, true, true]),
            (Scheme::Http, 80, "140.82.121.4", [true, true, true]),
            (Scheme::Https, 8443, "140.82.121.4", [false, true, true]),
            (Scheme::Ssh, 22, "140.82.121.4", [false, false, true]),
            (Scheme::Git, 9418, "140.82.121.4", [false, false, true]),
            (Scheme::Https, 443, "192.168.1.2", [false, true, true]),
            (Scheme::Https, 443, "fd12::1", [false, true, true]),
            (Scheme::Http, 80, "100.64.0.1", [false, true, true]),
            (Scheme::Http, 80, "127.0.0.1", [false, false, true]),
            (Scheme::Http, 80, "::ffff:127.0.0.1", [false, false, true]),
            (Scheme::Http, 80, "169.254.169.254", [false, false, true]),
            (Scheme::Http, 80, "fd00:ec2::254", [false, false, true]),
            (Scheme::Http, 80, "0.0.0.0", [false, false, true]),
            (Scheme::Http, 80, "fe80::1", [false, false, true]),
        ] {
            let found =
                [&public, &private, &person].map(|policy| verdict(policy, scheme, port, address));
            assert_eq!(found, allowed, "{scheme} {address} {port}");
        }
    }

    #[test]
    fn rules_are_added_and_taken_away() {
        let policy = Policy::public()
            .allow_scheme(Scheme::Ssh, true)
            .allow_scheme(Scheme::Http, false)
            .allow_addresses(AddressClass::Loopback, true)
            .allow_addresses(AddressClass::Public, false)
            .allow_port(3000);
        assert!(verdict(&policy, Scheme::Ssh, 22, "127.0.0.1"));
        assert!(verdict(&policy, Scheme::Https, 3000, "::1"));
        assert!(!verdict(&policy, Scheme::Http, 80, "127.0.0.1"));
        assert!(!verdict(&policy, Scheme::Https, 443, "8.8.8.8"));
    }

    #[test]
    fn the_callback_sees_the_address_and_cannot_widen() {
        let policy = Policy::public()
            .check_with(|to| to.address != Some(IpAddr::from([8, 8, 8, 8])) && to.port == 443);
        assert!(verdict(&policy, Scheme::Https, 443, "8.8.4.4"));
        assert!(!verdict(&policy, Scheme::Https, 443, "8.8.8.8"));
        assert!(!verdict(&policy, Scheme::Http, 80, "8.8.4.4"));
        assert!(!verdict(&policy, Scheme::Https, 443, "10.0.0.1"));
    }

    #[test]
    fn names_for_a_proxy_are_judged_by_their_spelling() {
        let public = Policy::public();
        for (host, allowed) in [
            (Host::Name("github.com".into()), true),
            (Host::Name("localhost".into()), false),
            (Host::Name("a.localhost".into()), false),
            (Host::Name("notlocalhost".into()), true),
            (Host::Address(IpAddr::from([127, 0, 0, 1])), false),
        ] {
            let verdict = public.check_unresolved(Scheme::Https, &host, 443);
            assert_eq!(verdict.is_ok(), allowed, "{host}");
        }
    }
}
