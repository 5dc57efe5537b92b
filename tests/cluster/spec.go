package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// maxSocketPath is the longest path, in bytes, that every supported system takes
// for a unix socket (macOS allows 103, Linux 107), with room for a suffix.
const maxSocketPath = 100

// etcd ticks: one member needs no patience with others, so it elects itself at once.
const (
	etcdHeartbeatMillis = 20
	etcdElectionMillis  = 100
)

// etcdAdvertised is the address etcd records for its one member. Nothing listens
// there and nobody dials it; it must have a port, so it cannot be a socket's path,
// and being constant it lets a copied state folder start elsewhere.
const etcdAdvertised = "http://127.0.0.1:2379"

// spec is everything both ways of running the servers have in common.
type spec struct {
	dir   string
	port  int
	extra extraFlags
	pki   pki
	// fill is a folder of lists to store before the API server starts; empty for none.
	fill string
}

func (s spec) url() string          { return fmt.Sprintf("https://127.0.0.1:%d", s.port) }
func (s spec) kubeconfig() string   { return filepath.Join(s.dir, "kubeconfig") }
func (s spec) etcdDir() string      { return filepath.Join(s.dir, "etcd") }
func (s spec) etcdLog() string      { return filepath.Join(s.dir, "etcd.log") }
func (s spec) apiServerLog() string { return filepath.Join(s.dir, "kube-apiserver.log") }

// clientURL is where etcd listens for the API server.
func (s spec) clientURL() url.URL { return s.socket("etcd.sock") }

// peerURL is where etcd listens for other members; there are none, but it insists.
func (s spec) peerURL() url.URL { return s.socket("peer.sock") }

func (s spec) socket(name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(s.dir, name)}
}

// checkSocketPaths refuses a folder whose sockets the system would refuse to bind
// with nothing but "invalid argument".
func (s spec) checkSocketPaths() error {
	for _, u := range []url.URL{s.clientURL(), s.peerURL()} {
		if len(u.Path) >= maxSocketPath {
			return fmt.Errorf("the path of the etcd socket %s has %d bytes, and a unix socket allows fewer than %d; choose a shorter -dir",
				u.Path, len(u.Path), maxSocketPath)
		}
	}
	return nil
}

// apiServerFlags are the flags of kube-apiserver, except the port, with the
// caller's own last and in place of those of the same name.
func (s spec) apiServerFlags() []string {
	client := s.clientURL()
	base := []string{
		"--etcd-servers=" + client.String(),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--tls-cert-file=" + s.pki.path(serverCert),
		"--tls-private-key-file=" + s.pki.path(serverKey),
		"--client-ca-file=" + s.pki.path(caCert),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + s.pki.path(accountPublic),
		"--service-account-signing-key-file=" + s.pki.path(accountKey),
		"--authorization-mode=Node,RBAC",
		"--service-cluster-ip-range=" + serviceRange,
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		// Nothing creates default ServiceAccounts here, and the plugin refuses pods without.
		"--disable-admission-plugins=ServiceAccount",
	}
	return s.extra.over(base)
}

// extraFlags collects repeated -extra values.
type extraFlags []string

func (e *extraFlags) String() string { return strings.Join(*e, " ") }

// Set takes one flag in the form --name=value or --name.
func (e *extraFlags) Set(value string) error {
	if !strings.HasPrefix(value, "--") {
		return fmt.Errorf("%q is not an API server flag; write -extra=--name=value", value)
	}
	*e = append(*e, value)
	return nil
}

// over returns base without the flags that e sets, followed by e. Dropping matters
// for lists, where the API server would add a second value to the first.
func (e extraFlags) over(base []string) []string {
	replaced := make(map[string]bool, len(e))
	for _, flag := range e {
		replaced[flagName(flag)] = true
	}
	merged := make([]string, 0, len(base)+len(e))
	for _, flag := range base {
		if !replaced[flagName(flag)] {
			merged = append(merged, flag)
		}
	}
	return append(merged, e...)
}

func flagName(flag string) string {
	name, _, _ := strings.Cut(flag, "=")
	return name
}
