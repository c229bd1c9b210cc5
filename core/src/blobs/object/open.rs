//! From a URL and settings to a store.

use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::ObjectOptions;
use super::connector::Connector;
use super::error::Explain;
use crate::blobs::Durability;
use crate::blobs::error::BlobError;
use crate::error::{Error, ErrorKind};

/// A store, and where the blobs are in it.
pub(super) type Opened = (Arc<dyn ObjectStore>, Path);

/// Applies the settings to a builder of a service, builds it, and shares it.
macro_rules! service {
    ($builder:expr, $url:expr, $settings:expr, $options:expr, $explain:expr) => {{
        let mut builder = $builder
            .with_url($url.as_str())
            .with_retry(retry($options))
            .with_http_connector(Connector::new($options)?);
        for (key, value) in $settings {
            let parsed = key.to_ascii_lowercase().parse();
            builder = builder.with_config(parsed.map_err(|_| unknown_setting(key))?, *value);
        }
        let store = builder.build().map_err(|error| {
            // Nothing was asked of anyone yet, so it is the settings.
            let error = Error::from($explain.error("open", None, &error));
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            Error::message(
                ErrorKind::InvalidOptions,
                format!("{error}: {}", cause.unwrap_or_default()),
            )
        })?;
        Arc::new(store) as Arc<dyn ObjectStore>
    }};
}

pub(super) fn open(
    url: &Url,
    settings: &[(&str, &str)],
    options: &ObjectOptions,
    explain: &Explain,
) -> Result<Opened, Error> {
    let (scheme, prefix) = ObjectStoreScheme::parse(url).map_err(|_| unknown_scheme())?;
    let store = match scheme {
        ObjectStoreScheme::Local => return open_folder(url, settings, options),
        ObjectStoreScheme::Memory => Arc::new(InMemory::new()) as Arc<dyn ObjectStore>,
        ObjectStoreScheme::AmazonS3 => {
            service!(AmazonS3Builder::new(), url, settings, options, explain)
        }
        ObjectStoreScheme::MicrosoftAzure => {
            service!(
                MicrosoftAzureBuilder::new(),
                url,
                settings,
                options,
                explain
            )
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            require_credentials(settings)?;
            service!(
                GoogleCloudStorageBuilder::new(),
                url,
                settings,
                options,
                explain
            )
        }
        _ => return Err(unknown_scheme()),
    };
    Ok((store, prefix))
}

fn open_folder(
    url: &Url,
    settings: &[(&str, &str)],
    options: &ObjectOptions,
) -> Result<Opened, Error> {
    if let Some((key, _)) = settings.first() {
        return Err(unknown_setting(key));
    }
    let path = url.to_file_path().map_err(|()| unknown_scheme())?;
    let refused = |error| Error::from(BlobError::file("make", &path, None, error));
    std::fs::create_dir_all(&path).map_err(refused)?;
    let store = LocalFileSystem::new_with_prefix(&path).map_err(|error| {
        let text = format!("the folder cannot be opened: {error}");
        Error::message(ErrorKind::Io, text)
    })?;
    let store = store.with_fsync(options.durability != Durability::None);
    Ok((Arc::new(store), Path::default()))
}

/// Without credentials, the client of Google's service would look for them in the environment and
/// in the home directory, which are the host's.
fn require_credentials(settings: &[(&str, &str)]) -> Result<(), Error> {
    let is_credential = |key: &str| {
        let key = key.to_ascii_lowercase();
        let key = key.strip_prefix("google_").unwrap_or(&key);
        key.starts_with("service_account") || key == "application_credentials"
    };
    if settings.iter().any(|(key, _)| is_credential(key)) {
        return Ok(());
    }
    Err(Error::advised(
        ErrorKind::InvalidOptions,
        "there are no credentials for Google Cloud Storage",
        "set google_service_account, google_service_account_key or google_application_credentials",
    ))
}

fn retry(options: &ObjectOptions) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: options.retries,
        retry_timeout: options.retry_timeout,
    }
}

fn unknown_scheme() -> Error {
    Error::advised(
        ErrorKind::InvalidSource,
        "the URL names no object store",
        "begin it with s3://, gs://, az://, abfss:// or file:///",
    )
}

fn unknown_setting(key: &str) -> Error {
    let key = crate::printable::Printable(key.as_bytes());
    Error::message(
        ErrorKind::InvalidOptions,
        format!("this object store has no setting \"{key}\""),
    )
}
