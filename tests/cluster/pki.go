package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// serviceRange holds the cluster IPs; its first address is the API server's own.
const serviceRange = "10.0.0.0/24"

// Names of the files in the pki folder.
const (
	caCert        = "ca.crt"
	caKey         = "ca.key"
	serverCert    = "server.crt"
	serverKey     = "server.key"
	adminCert     = "admin.crt"
	adminKey      = "admin.key"
	accountKey    = "service-accounts.key"
	accountPublic = "service-accounts.pub"
)

// lifetime of all certificates: state folders are kept and copied.
const lifetime = 10 * 365 * 24 * time.Hour

// pki is a folder with an authority, the server's and the administrator's
// certificates, and the key pair that signs ServiceAccount tokens.
type pki struct{ dir string }

func (p pki) path(name string) string { return filepath.Join(p.dir, name) }

// ensurePKI loads the folder, or makes it. It is filled under another name and
// renamed, so that it is complete whenever it exists.
func ensurePKI(dir string) (pki, error) {
	if _, err := os.Stat(dir); err == nil {
		return pki{dir}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return pki{}, err
	}
	draft := pki{dir + ".new"}
	if err := os.RemoveAll(draft.dir); err != nil {
		return pki{}, err
	}
	if err := os.MkdirAll(draft.dir, 0o700); err != nil {
		return pki{}, err
	}
	if err := draft.fill(time.Now()); err != nil {
		return pki{}, fmt.Errorf("cannot make certificates: %w", err)
	}
	if err := os.Rename(draft.dir, dir); err != nil {
		return pki{}, err
	}
	return pki{dir}, nil
}

func (p pki) fill(now time.Time) error {
	authority, err := p.issue(caCert, caKey, now, nil, x509.Certificate{
		Subject:  pkix.Name{CommonName: "fixture-ca"},
		IsCA:     true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	})
	if err != nil {
		return err
	}
	if _, err = p.issue(serverCert, serverKey, now, authority, x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)},
	}); err != nil {
		return err
	}
	if _, err = p.issue(adminCert, adminKey, now, authority, x509.Certificate{
		Subject:     pkix.Name{CommonName: "fixture-admin", Organization: []string{"system:masters"}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		return err
	}
	key, err := p.newKey(accountKey)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return p.writePEM(accountPublic, "PUBLIC KEY", public)
}

// issuer is a certificate with the key that signs in its name.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a key and a certificate after the template; without a parent the
// certificate signs itself.
func (p pki) issue(certName, keyName string, now time.Time, parent *issuer, template x509.Certificate) (*issuer, error) {
	key, err := p.newKey(keyName)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, err
	}
	template.NotBefore = now.Add(-time.Hour)
	template.NotAfter = now.Add(lifetime)
	template.BasicConstraintsValid = true
	signer := parent
	if signer == nil {
		signer = &issuer{&template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, signer.cert, &key.PublicKey, signer.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &issuer{cert, key}, p.writePEM(certName, "CERTIFICATE", der)
}

func (p pki) newKey(name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, p.writePEM(name, "EC PRIVATE KEY", der)
}

func (p pki) writePEM(name, kind string, der []byte) error {
	return os.WriteFile(p.path(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
