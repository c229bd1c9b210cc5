//! Servers on loopback: of Git, honest ones and others, and [one](Moto) of objects.
//!
//! Each listens on a port that was free, on `127.0.0.1` only, and is gone with its threads and
//! processes when it is dropped.

mod daemon;
mod gate;
mod git;
mod git_http;
mod http;
mod http_cases;
mod liar;
mod misbehaviour;
mod moto;
mod pack_cases;
mod pkt;
mod proxy;
mod recorded;
mod ssh_cases;
mod sshd;
mod tcp;
mod tls;
mod tunnel;

pub use daemon::GitDaemon;
pub use gate::Gate;
pub use git::{exec_path, git, git_with_input, isolated, sample_repository, sample_repository_as};
pub use git_http::{Auth, GitHttp, GitHttpBuilder, Speaks, base64};
pub use http::{Channel, Request, Response, send_chunk, send_head};
pub use liar::{Lie, LyingServer, Over, Stage, Version};
pub use misbehaviour::{Case, impatient, misbehaviours, small_limits};
pub use moto::Moto;
pub use pkt::{band, join_pack, split_pack};
pub use proxy::HttpProxy;
pub use recorded::{RawHttp, Say};
pub use ssh_cases::{NoSsh, ScriptedSshd, SshScript, no_ssh_cases, ssh_scripts};
pub use sshd::Sshd;
pub use tcp::{TcpServer, free_port};
pub use tls::{Flaw, Tls};
pub use tunnel::Tunnel;
