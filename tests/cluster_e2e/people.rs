//! Users of the test cluster: client certificates signed by its authority.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, Issuer,
    KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// A `user` entry of a kubeconfig: a certificate in this name, good or run out.
pub fn certificate(fixture: &Fixture, name: &str, group: &str, expired: bool) -> Value {
    let pki = fixture.kubeconfig.parent().unwrap().join("pki");
    let authority = Issuer::new(params("fixture-ca", None), authority_key(&pki.join("ca.key")));
    let mut user = params(name, Some(group));
    user.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    user.not_before = date_time_ymd(2020, 1, 1);
    user.not_after = date_time_ymd(if expired { 2021 } else { 4000 }, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = user.signed_by(&key, &authority).unwrap();
    json!({
        "client-certificate-data": STANDARD.encode(certificate.pem()),
        "client-key-data": STANDARD.encode(key.serialize_pem()),
    })
}

fn params(name: &str, group: Option<&str>) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    // As Go writes them: the server compares issuers byte by byte.
    let text = |text: &str| DnValue::PrintableString(text.try_into().unwrap());
    if let Some(group) = group {
        subject.push(DnType::OrganizationName, text(group));
    }
    subject.push(DnType::CommonName, text(name));
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params
}

/// The authority's key stands there in the older form of RFC 5915; this wraps it in PKCS #8.
fn authority_key(path: &Path) -> KeyPair {
    // AlgorithmIdentifier: ecPublicKey on prime256v1.
    const ALGORITHM: &[u8] = &[
        0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    let pem = std::fs::read_to_string(path).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let old = STANDARD.decode(body).unwrap();
    let length = |bytes: usize| u8::try_from(bytes).unwrap();
    let mut inner = vec![0x02, 0x01, 0x00];
    inner.extend_from_slice(ALGORITHM);
    inner.extend([0x04, length(old.len())]);
    inner.extend(old);
    let mut whole = vec![0x30, 0x81, length(inner.len())];
    whole.extend(inner);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(whole)
    );
    KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &PKCS_ECDSA_P256_SHA256).unwrap()
}
