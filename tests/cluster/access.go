package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"time"
)

const kubeconfigFormat = `apiVersion: v1
kind: Config
current-context: fixture
clusters:
- name: fixture
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: fixture-admin
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: fixture
  context:
    cluster: fixture
    user: fixture-admin
`

// writeKubeconfig writes the administrator's kubeconfig, readable by the owner
// only, in one step: a client that restarts with the server never sees half of it.
func (s spec) writeKubeconfig() error {
	var data [3]string
	for i, name := range []string{caCert, adminCert, adminKey} {
		content, err := os.ReadFile(s.pki.path(name))
		if err != nil {
			return err
		}
		data[i] = base64.StdEncoding.EncodeToString(content)
	}
	text := fmt.Sprintf(kubeconfigFormat, s.url(), data[0], data[1], data[2])
	draft := s.kubeconfig() + ".new"
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(draft, s.kubeconfig())
}

// adminClient speaks to the API server as the administrator.
func (s spec) adminClient() (*http.Client, error) {
	pair, err := tls.LoadX509KeyPair(s.pki.path(adminCert), s.pki.path(adminKey))
	if err != nil {
		return nil, fmt.Errorf("cannot read the administrator's certificate: %w; remove %s to make new ones", err, s.pki.dir)
	}
	authority, err := os.ReadFile(s.pki.path(caCert))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	config := &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: 5 * time.Second}, nil
}

func answersOK(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}
