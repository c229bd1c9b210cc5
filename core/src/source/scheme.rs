//! The ways to reach a remote.

use std::fmt;

/// How a remote is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scheme {
    /// `https://`: HTTP over TLS.
    Https,
    /// `http://`: readable and changeable by everyone on the way.
    Http,
    /// `ssh://` and `user@host:path`.
    Ssh,
    /// `git://`: the Git daemon, readable and changeable by everyone on the way.
    Git,
}

impl Scheme {
    /// All schemes.
    pub const ALL: &'static [Scheme] = &[Scheme::Https, Scheme::Http, Scheme::Ssh, Scheme::Git];

    /// The port that is dialled if the URL names none: 443, 80, 22, 9418.
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Https => 443,
            Scheme::Http => 80,
            Scheme::Ssh => 22,
            Scheme::Git => 9418,
        }
    }

    /// The name that stands before `://`.
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Https => "https",
            Scheme::Http => "http",
            Scheme::Ssh => "ssh",
            Scheme::Git => "git",
        }
    }

    /// Whether it is `https` or `http`.
    pub const fn is_http(self) -> bool {
        matches!(self, Scheme::Https | Scheme::Http)
    }

    /// Finds a scheme by its name in any case. `git+ssh` and `ssh+git` are old names of `ssh`, which
    /// Git still takes.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("git+ssh") || name.eq_ignore_ascii_case("ssh+git") {
            return Some(Scheme::Ssh);
        }
        Self::ALL
            .iter()
            .copied()
            .find(|scheme| name.eq_ignore_ascii_case(scheme.name()))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
