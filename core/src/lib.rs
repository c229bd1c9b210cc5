//! Imports Git repositories into other programs.

mod budget;
mod cancel;
mod error;
mod id;
mod limits;
mod printable;
mod progress;
mod remote;
mod source;

pub use cancel::Cancel;
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
pub use remote::{
    AddressClass, CredentialProvider, CredentialRequest, Credentials, Destination, HostKeys,
    Policy, Proxy, RemoteOptions, RemoteRef, Roots, Secret, SshOptions, Timeouts, ls_remote,
};
pub use source::{Host, ParsedSource, RemoteUrl, Scheme, Source, SourceOptions};
