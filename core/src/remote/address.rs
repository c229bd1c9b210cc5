//! What kind of place an IP address is.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an IP address is, by the special-purpose registries of IANA.
///
/// The sources are the registries `iana-ipv4-special-registry` and `iana-ipv6-special-registry`
/// (RFC 6890 and what followed), the multicast ranges, and the addresses at which clouds hand out
/// credentials. An IPv6 address that only wraps an IPv4 address which the host's network then dials
/// is what the wrapped one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum AddressClass {
    /// Globally reachable.
    Public = 0,
    /// Private networks: 10/8, 172.16/12, 192.168/16, fc00::/7, site-local fec0::/10, and
    /// 64:ff9b:1::/48, the translation inside of a network.
    Private = 1,
    /// Carrier-grade NAT, 100.64/10, which overlay networks use too.
    Shared = 2,
    /// This machine: 127/8, ::1.
    Loopback = 3,
    /// The same wire: 169.254/16, fe80::/10.
    LinkLocal = 4,
    /// Where clouds answer with credentials: 169.254.169.254 and its kin.
    Metadata = 5,
    /// "This network", 0/8 and ::, which reaches this machine on many systems.
    Unspecified = 6,
    /// Groups of machines, and broadcast.
    Multicast = 7,
    /// Examples in texts and measurements: 192.0.2/24, 2001:db8::/32, 198.18/15 and the like.
    Documentation = 8,
    /// Reserved, unassigned, or a way round (6to4, Teredo).
    Reserved = 9,
}

impl AddressClass {
    /// All classes, in the order of their declaration.
    pub const ALL: &'static [AddressClass] = &[
        AddressClass::Public,
        AddressClass::Private,
        AddressClass::Shared,
        AddressClass::Loopback,
        AddressClass::LinkLocal,
        AddressClass::Metadata,
        AddressClass::Unspecified,
        AddressClass::Multicast,
        AddressClass::Documentation,
        AddressClass::Reserved,
    ];

    /// Classifies an address.
    ///
    /// ```
    /// use gitlade::AddressClass;
    /// let mapped = "::ffff:127.0.0.1".parse().unwrap();
    /// assert_eq!(AddressClass::of(mapped), AddressClass::Loopback);
    /// ```
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressClass::Public => "public",
            AddressClass::Private => "private",
            AddressClass::Shared => "carrier-grade NAT",
            AddressClass::Loopback => "loopback",
            AddressClass::LinkLocal => "link-local",
            AddressClass::Metadata => "cloud metadata",
            AddressClass::Unspecified => "unspecified",
            AddressClass::Multicast => "multicast",
            AddressClass::Documentation => "documentation",
            AddressClass::Reserved => "reserved",
        })
    }
}

fn of_v4(address: Ipv4Addr) -> AddressClass {
    match address.octets() {
        // AWS, Azure, Google, OpenStack, DigitalOcean; ECS tasks; Alibaba; Azure's wire server;
        // Oracle.
        [169, 254, 169, 254]
        | [169, 254, 170, 2 | 23]
        | [100, 100, 100, 200]
        | [168, 63, 129, 16]
        | [192, 0, 0, 192] => AddressClass::Metadata,
        [0, ..] => AddressClass::Unspecified,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressClass::Private,
        [100, 64..=127, ..] => AddressClass::Shared,
        [127, ..] => AddressClass::Loopback,
        [169, 254, ..] => AddressClass::LinkLocal,
        // Of 192.0.0/24 two addresses are globally reachable (RFC 7723, RFC 8155).
        [192, 0, 0, 9 | 10] => AddressClass::Public,
        [192, 0, 0, _] => AddressClass::Reserved,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressClass::Documentation,
        // Benchmarking, RFC 2544.
        [198, 18 | 19, ..] => AddressClass::Documentation,
        // The anycast of 6to4, deprecated by RFC 7526.
        [192, 88, 99, _] => AddressClass::Reserved,
        [224..=239, ..] | [255, 255, 255, 255] => AddressClass::Multicast,
        [240..=255, ..] => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressClass {
    let low = {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        // IPv4-mapped: the system dials the IPv4 address.
        [0, 0, 0, 0, 0, 0xffff, _, _] => of_v4(low),
        // NAT64, RFC 6052: the network's translator dials the IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => of_v4(low),
        [0x64, 0xff9b, 1, ..] => AddressClass::Private,
        // AWS, its DNS and time, ECS; Oracle; Google.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254 | 0x253 | 0x123 | 0x23]
        | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => AddressClass::Metadata,
        [0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe] => AddressClass::Metadata,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => AddressClass::Private,
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xff00..=0xffff, ..] => AddressClass::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressClass::Documentation,
        // Benchmarking, RFC 5180.
        [0x2001, 2, 0, ..] => AddressClass::Documentation,
        // Inside of 2001::/23 only these are globally reachable: PCP and TURN anycast, DNS-SD,
        // AMT, AS112, ORCHIDv2, drone remote ID.
        [0x2001, 1, 0, 0, 0, 0, 0, 1..=3]
        | [0x2001, 3, ..]
        | [0x2001, 4, 0x112, ..]
        | [0x2001, 0x20..=0x3f, ..] => AddressClass::Public,
        // Teredo and the rest of the IETF's assignments.
        [0x2001, 0..=0x1ff, ..] => AddressClass::Reserved,
        // 6to4, deprecated; the IPv4 address inside may be anything.
        [0x2002, ..] => AddressClass::Reserved,
        [0x2000..=0x3fff, ..] => AddressClass::Public,
        // IPv4-compatible, discard-only, segment routing, and all that is not global unicast.
        _ => AddressClass::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::AddressClass::*;
    use super::*;

    /// The ends of each block of IANA's registries, with the neighbours outside.
    const TABLE: &[(AddressClass, &[&str])] = &[
        (
            Public,
            &[
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "140.82.121.4",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "191.255.255.255",
                "192.0.0.9",
                "192.0.0.10",
                "192.0.1.0",
                "192.0.3.0",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.98.255",
                "192.88.100.0",
                "192.167.255.255",
                "192.169.0.0",
                "192.175.48.1",
                "198.17.255.255",
                "198.20.0.0",
                "198.51.99.255",
                "198.51.101.0",
                "203.0.112.255",
                "203.0.114.0",
                "223.255.255.255",
                "2606:50c0:8000::64",
                "2a00:1450:4001::1",
                "2001:1::1",
                "2001:1::2",
                "2001:3::1",
                "2001:4:112::1",
                "2001:20::1",
                "2001:30::1",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2620:4f:8000::1",
                "3ffe::1",
                "64:ff9b::8.8.8.8",
                "::ffff:8.8.8.8",
            ],
        ),
        (
            Private,
            &[
                "10.0.0.0",
                "10.255.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "fc00::",
                "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "fd12:3456::1",
                "fec0::1",
                "feff::1",
                "64:ff9b:1::1",
                "64:ff9b:1:ffff::8.8.8.8",
                "::ffff:10.1.2.3",
                "64:ff9b::192.168.0.1",
            ],
        ),
        (
            Shared,
            &["100.64.0.0", "100.127.255.255", "::ffff:100.64.0.1"],
        ),
        (
            Loopback,
            &[
                "127.0.0.0",
                "127.0.0.1",
                "127.255.255.255",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:7f00:1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::7f00:1",
            ],
        ),
        (
            LinkLocal,
            &[
                "169.254.0.0",
                "169.254.255.255",
                "fe80::1",
                "febf::1",
                "::ffff:169.254.0.1",
            ],
        ),
        (
            Metadata,
            &[
                "169.254.169.254",
                "169.254.170.2",
                "169.254.170.23",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd20:ce::254",
                "fe80::a9fe:a9fe",
                "::ffff:169.254.169.254",
                "::ffff:a9fe:a9fe",
                "64:ff9b::169.254.169.254",
            ],
        ),
        (
            Unspecified,
            &[
                "0.0.0.0",
                "0.0.0.1",
                "0.255.255.255",
                "::",
                "::ffff:0.0.0.0",
            ],
        ),
        (
            Multicast,
            &[
                "224.0.0.0",
                "239.255.255.255",
                "255.255.255.255",
                "ff02::1",
                "ff0e::1",
                "::ffff:224.0.0.1",
            ],
        ),
        (
            Documentation,
            &[
                "192.0.2.0",
                "192.0.2.255",
                "198.51.100.0",
                "198.51.100.255",
                "203.0.113.0",
                "203.0.113.255",
                "198.18.0.0",
                "198.19.255.255",
                "2001:db8::1",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff::1",
                "3fff:fff::1",
                "2001:2::1",
            ],
        ),
        (
            Reserved,
            &[
                "192.0.0.0",
                "192.0.0.8",
                "192.0.0.170",
                "192.0.0.255",
                "192.88.99.0",
                "192.88.99.255",
                "240.0.0.0",
                "255.255.255.254",
                "::2",
                "::127.0.0.1",
                "::8.8.8.8",
                "::ffff:0:127.0.0.1",
                "2001::1",
                "2001:0:7f00:1::1",
                "2001:10::1",
                "2001:1ff::1",
                "2002:7f00:1::1",
                "2002:808:808::1",
                "100::1",
                "5f00::1",
                "4000::1",
                "8000::1",
                "fe00::1",
                "64:ff9b:2::1",
                "64:ff9a::1",
            ],
        ),
    ];

    #[test]
    fn blocks_of_the_registries() {
        for (class, addresses) in TABLE {
            for address in *addresses {
                let parsed: IpAddr = address.parse().expect("because the table is well-formed");
                assert_eq!(AddressClass::of(parsed), *class, "{address}");
            }
        }
    }

    #[test]
    fn the_list_of_all_is_complete_and_in_order() {
        for (index, class) in AddressClass::ALL.iter().enumerate() {
            assert_eq!(*class as usize, index);
        }
        assert_eq!(AddressClass::ALL.last(), Some(&Reserved));
    }
}
