//! Over TLS: an authority that we were told to trust is trusted, and no other.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use bytes::Bytes;
use http::{Method, Request};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use readonly::allow::{AllowList, Read};
use readonly::body::whole;
use readonly::limits::Limits;
use readonly::network::{Network, Trust};
use readonly::reader::Reader;
use readonly::refusal::{Kind, Refusal};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{WantsServerCert, WebPkiClientVerifier};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    WantsVerifier,
};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use url::Url;

struct Upstream {
    address: Url,
    trusted: RootCertStore,
    /// The authority's certificate as it would stand in a file.
    authority: String,
    /// A certificate of that authority for us, and its key.
    identity: String,
    /// Bytes of requests that arrived, after the handshake.
    heard: Arc<AtomicUsize>,
}

/// Answers over TLS with a certificate for `name`, from an authority of its own.
fn serve(name: &str) -> Upstream {
    serve_whom(name, |builder, _| builder.with_no_client_auth())
}

/// The same to those that `whom` lets in, who may be told by certificates of the same authority.
fn serve_whom(
    name: &str,
    whom: impl FnOnce(
        ConfigBuilder<ServerConfig, WantsVerifier>,
        &RootCertStore,
    ) -> ConfigBuilder<ServerConfig, WantsServerCert>,
) -> Upstream {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(authority.der().clone()).unwrap();
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    let server = whom(builder, &trusted)
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    std::thread::spawn(move || {
        let server = Arc::new(server);
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&server)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let Ok(count) = stream.read(&mut [0; 4096]) else { continue };
            counted.fetch_add(count, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        }
    });
    let address = format!("https://localhost:{port}").parse().unwrap();
    let client = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["us".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&client, &authority).unwrap();
    let identity = format!("{}\n{}", certificate.pem(), client.serialize_pem());
    Upstream { address, trusted, authority: authority.pem(), identity, heard }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn trusting(upstream: &Upstream) -> Network {
    let tls = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(upstream.trusted.clone())
        .with_no_client_auth();
    Network::with_tls("test", &upstream.address, &Limits::default(), tls).unwrap()
}

async fn ask(network: Network) -> Result<Vec<u8>, Refusal> {
    let allow = AllowList::new(vec![Read::new(Method::GET, "/ask").unwrap()]);
    let limits = Limits { retries: 0, ..Limits::default() };
    let reader = Reader::new("test", Arc::new(network), allow, limits);
    whole(reader.read(Request::get("/ask").body(Bytes::new()).unwrap()).await?, 100).await
}

#[tokio::test]
async fn an_authority_that_we_were_given_is_trusted() {
    let upstream = serve("localhost");
    assert_eq!(ask(trusting(&upstream)).await.unwrap(), b"hi");
}

#[tokio::test]
async fn an_unknown_authority_hears_nothing() {
    let upstream = serve("localhost");
    let network = Network::new("test", &upstream.address, &Limits::default()).unwrap();
    let kind = ask(network).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. }), "{kind:?}");
    assert_eq!(upstream.heard.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_certificate_for_another_host_hears_nothing() {
    let upstream = serve("elsewhere.example");
    let kind = ask(trusting(&upstream)).await.unwrap_err().kind;
    assert!(matches!(kind, Kind::Unreachable { .. }), "{kind:?}");
    assert_eq!(upstream.heard.load(Ordering::SeqCst), 0);
}

/// Over a network that trusts and is what stands in files.
fn with_files(upstream: &Upstream, identity: Option<&str>) -> Network {
    let trust = Trust {
        authorities: Some(upstream.authority.clone().into_bytes()),
        identity: identity.map(|it| it.as_bytes().to_vec()),
    };
    Network::trusting("test", &upstream.address, &Limits::default(), &trust).unwrap()
}

#[tokio::test]
async fn an_authority_in_a_file_is_trusted_and_no_other() {
    let (upstream, other) = (serve("localhost"), serve("localhost"));
    assert_eq!(ask(with_files(&upstream, None)).await.unwrap(), b"hi");
    let stranger = Upstream { authority: upstream.authority.clone(), ..other };
    assert!(ask(with_files(&stranger, None)).await.is_err());
    assert_eq!(stranger.heard.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_client_certificate_lets_us_in() {
    let upstream = serve_whom("localhost", |builder, trusted| {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(trusted.clone()), provider());
        builder.with_client_cert_verifier(verifier.build().unwrap())
    });
    assert!(ask(with_files(&upstream, None)).await.is_err());
    assert_eq!(ask(with_files(&upstream, Some(&upstream.identity))).await.unwrap(), b"hi");
}

#[test]
fn an_address_must_be_one() {
    for address in ["ftp://a/", "file:///etc", "http://a/?b=c", "http://a/#b", "unix:/run/x"] {
        assert!(
            Network::new("test", &address.parse().unwrap(), &Limits::default()).is_err(),
            "{address}"
        );
    }
}
