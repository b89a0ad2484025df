//! A certificate authority for this run, and TLS proxies in front of servers with plain HTTP.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The system's bundle of certificates, where the distributions keep it.
const SYSTEM: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// The buffer of each direction: with a smaller one, the contestants would wait for small pieces.
const BUFFER_BYTES: usize = 256 << 10;

/// An authority, and a certificate of this machine.
pub(crate) struct Authority {
    /// The system's bundle with this authority: programs load as many certificates as in production.
    pub(crate) bundle: PathBuf,
    server: Arc<ServerConfig>,
}

impl Authority {
    /// Creates both below `folder`.
    pub(crate) fn new(folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
        openssl(
            folder,
            [&request[..], &["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench"]].concat(),
        )?;
        let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
        let files = ["-keyout", "server.key", "-out", "server.pem"];
        openssl(folder, [&request[..], &names, &signed, &files].concat())?;
        let system = SYSTEM.iter().find_map(|bundle| fs::read_to_string(bundle).ok());
        let system = system.context("no bundle of certificates is where Linux has it")?;
        let bundle = folder.join("bundle.pem");
        fs::write(&bundle, system + &fs::read_to_string(folder.join("ca.pem"))?)?;
        let certificate = CertificateDer::from_pem_file(folder.join("server.pem"))?;
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key"))?;
        let server =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
        Ok(Self { bundle, server: Arc::new(server) })
    }

    /// Starts a TLS proxy for the server on `port`, which speaks HTTP/1.1.
    pub(crate) async fn proxy(&self, port: u16) -> anyhow::Result<TlsProxy> {
        proxy(Arc::clone(&self.server), port).await
    }

    /// The same for a server that speaks HTTP/2, too, as Graph does.
    pub(crate) async fn proxy_with_http2(&self, port: u16) -> anyhow::Result<TlsProxy> {
        let mut server = ServerConfig::clone(&self.server);
        server.alpn_protocols = ["h2", "http/1.1"].map(|protocol| protocol.as_bytes().to_vec()).into();
        proxy(Arc::new(server), port).await
    }
}

async fn proxy(server: Arc<ServerConfig>, port: u16) -> anyhow::Result<TlsProxy> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://localhost:{}", listener.local_addr()?.port());
    let connections = Arc::new(Connections::default());
    tokio::spawn(accept(listener, TlsAcceptor::from(server), port, Arc::clone(&connections)));
    Ok(TlsProxy { url, connections })
}

/// A TLS proxy: its URL and its connections.
pub(crate) struct TlsProxy {
    pub(crate) url: String,
    pub(crate) connections: Arc<Connections>,
}

/// How many connections are open, and the most that were.
#[derive(Default)]
pub(crate) struct Connections {
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Connections {
    /// The most that were open at once since the last call.
    pub(crate) fn take_most(&self) -> usize {
        self.most.swap(0, Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, port: u16, connections: Arc<Connections>) {
    while let Ok((plain, _)) = listener.accept().await {
        let (acceptor, connections) = (acceptor.clone(), Arc::clone(&connections));
        tokio::spawn(async move {
            connections
                .most
                .fetch_max(connections.open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            // Either side may close the connection at any time.
            let _ended = forward(plain, &acceptor, port).await;
            connections.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn forward(plain: TcpStream, acceptor: &TlsAcceptor, port: u16) -> std::io::Result<()> {
    plain.set_nodelay(true)?;
    let mut inside = acceptor.accept(plain).await?;
    let mut upstream = TcpStream::connect(("127.0.0.1", port)).await?;
    upstream.set_nodelay(true)?;
    copy_bidirectional_with_sizes(&mut inside, &mut upstream, BUFFER_BYTES, BUFFER_BYTES).await?;
    Ok(())
}

fn openssl(folder: &Path, arguments: Vec<&str>) -> anyhow::Result<()> {
    let made = Command::new("openssl").current_dir(folder).args(arguments).stderr(Stdio::null()).status();
    ensure!(made.context("openssl is needed")?.success(), "openssl made no certificate");
    Ok(())
}
