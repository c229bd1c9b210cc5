//! What the tests share: servers and repositories.

pub mod server;
