//! What ureq sends and receives over: our own connections.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use crate::remote::error::RemoteError;
use crate::remote::http::url::HttpUrl;
use crate::remote::link::Link;
use crate::remote::lookup::Endpoint;
use crate::remote::tls;
use crate::remote::watch::Watch;
use crate::remote::way::Way;
use crate::source::Scheme;

/// Makes the connections of one client. Lookup, policy, proxy, TLS and timeouts are ours; ureq has
/// the HTTP on top.
#[derive(Debug)]
pub(super) struct Dialer {
    pub(super) way: Way,
    /// Whom the URL names.
    pub(super) home: Endpoint,
    pub(super) tls: Arc<ClientConfig>,
    /// The same with the client's certificate, which is for the home alone.
    pub(super) home_tls: Option<Arc<ClientConfig>>,
    pub(super) watch: Watch,
}

impl Dialer {
    fn open(&self, uri: &Uri) -> Result<Line, RemoteError> {
        let url = HttpUrl::parse(&uri.to_string()).map_err(|reason| RemoteError::Protocol {
            reason: reason.to_owned(),
        })?;
        let endpoint = &url.endpoint;
        let link = self.way.reach(endpoint, &self.watch)?;
        if endpoint.scheme == Scheme::Http {
            return Ok(Line::Plain(link));
        }
        let config = match &self.home_tls {
            Some(config) if *endpoint == self.home => config,
            _ => &self.tls,
        };
        let tls = tls::handshake(config, &endpoint.host, link)?;
        Ok(Line::Tls(Box::new(tls)))
    }
}

impl Connector<()> for Dialer {
    type Out = LineTransport;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _chained: Option<()>,
    ) -> Result<Option<LineTransport>, ureq::Error> {
        let line = self
            .open(details.uri)
            .map_err(|error| ureq::Error::Io(error.into_io()))?;
        Ok(Some(LineTransport {
            line,
            buffers: LazyBuffers::new(
                details.config.input_buffer_size(),
                details.config.output_buffer_size(),
            ),
        }))
    }
}

/// A connection, with TLS or without.
enum Line {
    Plain(Link),
    Tls(Box<StreamOwned<ClientConnection, Link>>),
}

pub(super) struct LineTransport {
    line: Line,
    buffers: LazyBuffers,
}

/// ureq's own timeouts are all off, so that what it hands over is not looked at; the
/// [stream](crate::remote::stream::Stream) beneath has its own.
impl Transport for LineTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let output = &self.buffers.output()[..amount];
        match &mut self.line {
            Line::Plain(stream) => {
                stream.write_all(output)?;
                stream.flush()?;
            }
            Line::Tls(stream) => {
                let sent = stream.write_all(output).and_then(|()| stream.flush());
                sent.map_err(|error| tls::with_last_words(stream, error))?;
            }
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let buffer = self.buffers.input_append_buf();
        if buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line has no end").into());
        }
        let amount = match &mut self.line {
            Line::Plain(stream) => stream.read(buffer)?,
            Line::Tls(stream) => stream.read(buffer)?,
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        match &self.line {
            Line::Plain(link) => link.is_idle(),
            Line::Tls(stream) => stream.sock.is_idle(),
        }
    }

    fn is_tls(&self) -> bool {
        matches!(self.line, Line::Tls(_))
    }
}

impl fmt::Debug for LineTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineTransport")
    }
}

/// Resolves nothing: [`Dialer`] does, once the policy and the proxy are known.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}
