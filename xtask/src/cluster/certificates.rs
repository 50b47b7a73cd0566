//! Certificates and kubeconfigs of a cluster; all last as long as its folder.

use super::Cluster;
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The names under which the API server is reached.
const API_SERVER_NAMES: &[&str] = &[
    "127.0.0.1",
    "10.96.0.1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];

/// Writes all certificates and kubeconfigs that the servers need; those that are there stay.
pub(super) fn write_all(cluster: &Cluster) -> Result<()> {
    let pki = cluster.folder.join("pki");
    fs::create_dir_all(&pki)?;
    let authority = Authority::open(&pki, "ca")?;
    let front_proxy = Authority::open(&pki, "front-proxy-ca")?;
    let masters = Some("system:masters");
    authority.issue("apiserver", "kube-apiserver", None, API_SERVER_NAMES)?;
    authority.issue("apiserver-kubelet-client", "kube-apiserver-kubelet-client", masters, &[])?;
    front_proxy.issue("front-proxy-client", "front-proxy-client", None, &[])?;
    let nodes = Some("system:nodes");
    authority.issue("kubelet", "system:node:kwok", nodes, &["127.0.0.1", "localhost"])?;
    for (file, name, group) in [
        ("admin", "kubernetes-admin", masters),
        ("controller-manager", "system:kube-controller-manager", None),
        ("scheduler", "system:kube-scheduler", None),
        ("kwok", "kwok", masters),
    ] {
        let identity = authority.issue(file, name, group, &[])?;
        let kubeconfig = cluster.folder.join(format!("{file}.kubeconfig"));
        write_kubeconfig(&kubeconfig, &cluster.address(), &authority, &identity)?;
    }
    if !pki.join("sa.key").exists() {
        let key = KeyPair::generate()?;
        write_secret(&pki.join("sa.key"), &key.serialize_pem())?;
        fs::write(pki.join("sa.pub"), key.public_key_pem())?;
    }
    Ok(())
}

/// A certificate and its key, in files.
pub(super) struct Identity {
    name: String,
    certificate: PathBuf,
    key: PathBuf,
}

/// One who signs certificates.
pub(super) struct Authority {
    pki: PathBuf,
    name: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The authority of a name in a folder of certificates; made now if it is not there.
    pub(super) fn open(pki: &Path, name: &str) -> Result<Authority> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = key(&pki.join(format!("{name}.key")))?;
        let certificate = pki.join(format!("{name}.crt"));
        if !certificate.exists() {
            fs::write(&certificate, params.self_signed(&key)?.pem())?;
        }
        Ok(Authority { pki: pki.into(), name: name.into(), issuer: Issuer::new(params, key) })
    }

    /// A certificate for a user or a server; `file` names its files.
    pub(super) fn issue(
        &self,
        file: &str,
        name: &str,
        group: Option<&str>,
        addresses: &[&str],
    ) -> Result<Identity> {
        let certificate = self.pki.join(format!("{file}.crt"));
        let identity =
            Identity { name: name.into(), certificate, key: self.pki.join(format!("{file}.key")) };
        if identity.certificate.exists() {
            return Ok(identity);
        }
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(addresses)?;
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            params.distinguished_name.push(DnType::OrganizationName, group);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let signed = params.signed_by(&key(&identity.key)?, &self.issuer)?;
        fs::write(&identity.certificate, signed.pem())?;
        Ok(identity)
    }

    /// The file of its own certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.pki.join(format!("{}.crt", self.name))
    }
}

/// Writes a kubeconfig that stands alone.
pub(super) fn write_kubeconfig(
    path: &Path,
    address: &str,
    authority: &Authority,
    identity: &Identity,
) -> Result<()> {
    let encoded = |file: &Path| fs::read(file).map(|bytes| BASE64_STANDARD.encode(bytes));
    let text = format!(
        "\
apiVersion: v1
kind: Config
clusters:
- name: local
  cluster:
    server: {address}
    certificate-authority-data: {authority}
users:
- name: {name}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
contexts:
- name: local
  context:
    cluster: local
    user: {name}
current-context: local
",
        authority = encoded(&authority.certificate())?,
        name = identity.name,
        certificate = encoded(&identity.certificate)?,
        key = encoded(&identity.key)?,
    );
    write_secret(path, &text)
}

fn key(path: &Path) -> Result<KeyPair> {
    if path.exists() {
        let text = fs::read_to_string(path)?;
        return KeyPair::from_pem(&text).with_context(|| format!("no key in {}", path.display()));
    }
    let key = KeyPair::generate()?;
    write_secret(path, &key.serialize_pem())?;
    Ok(key)
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
