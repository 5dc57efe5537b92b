//go:build !launcher

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/server/flagz"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// embedded runs both servers inside this process.
type embedded struct {
	etcd   *embed.Etcd
	cancel context.CancelFunc
	ended  chan struct{}
	failed chan error
}

// startEmbedded starts etcd, waits for it, and lets the API server come up on the listener.
func startEmbedded(s spec, listener net.Listener) (controlPlane, error) {
	etcd, err := startEtcd(s)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w; its log is %s", err, s.etcdLog())
	}
	if s.fill != "" {
		if err := fill(etcd, s.fill); err != nil {
			etcd.Close()
			return nil, fmt.Errorf("cannot store what -fill names: %w", err)
		}
	}
	log, err := os.OpenFile(s.apiServerLog(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	// The server logs to the process's standard error, which belongs to the test.
	os.Stderr = log
	ctx, cancel := context.WithCancel(context.Background())
	plane := &embedded{etcd, cancel, make(chan struct{}), make(chan error, 2)}
	go func() {
		if err, open := <-etcd.Err(); open {
			plane.failed <- fmt.Errorf("etcd: %w", err)
		}
	}()
	go func() {
		defer close(plane.ended)
		err := runAPIServer(ctx, s, listener)
		if err == nil {
			err = errors.New("ended by itself")
		}
		if ctx.Err() == nil {
			plane.failed <- fmt.Errorf("kube-apiserver: %w", err)
		}
	}()
	return plane, nil
}

func (p *embedded) Failed() <-chan error { return p.failed }

// Stop ends the API server first, since it would only log errors without etcd.
func (p *embedded) Stop() {
	p.cancel()
	<-p.ended
	// A graceful close would wait for the API server's clients; there is no other
	// member to hand over to, and every write is already in the log file.
	p.etcd.Server.HardStop()
}

func startEtcd(s spec) (*embed.Etcd, error) {
	advertised, err := url.Parse(etcdAdvertised)
	if err != nil {
		return nil, err
	}
	config := embed.NewConfig()
	config.Dir = s.etcdDir()
	config.ListenClientUrls = []url.URL{s.clientURL()}
	config.AdvertiseClientUrls = []url.URL{*advertised}
	config.ListenPeerUrls = []url.URL{s.peerURL()}
	config.AdvertisePeerUrls = []url.URL{*advertised}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.TickMs = etcdHeartbeatMillis
	config.ElectionMs = etcdElectionMillis
	config.UnsafeNoFsync = true
	// etcd's own flags default to this; its library defaults to zero and logs every request.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	config.LogLevel = "warn"
	config.LogOutputs = []string{s.etcdLog()}
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		return nil, err
	}
}

// runAPIServer is kube-apiserver's own command without its signal handler and
// with our listener, so that the port is ours from the moment it was chosen.
func runAPIServer(ctx context.Context, s spec, listener net.Listener) error {
	server := apiserver.NewServerRunOptions()
	server.SecureServing.Listener = listener
	server.SecureServing.BindPort = s.port
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	sets := server.Flags()
	server.Flagz = flagz.NamedFlagSetsReader{FlagSets: sets}
	for _, set := range sets.FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(s.apiServerFlags()); err != nil {
		return err
	}
	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	if err := logsapi.ValidateAndApply(server.Logs, utilfeature.DefaultFeatureGate); err != nil {
		return err
	}
	completed, err := server.Complete(ctx)
	if err != nil {
		return err
	}
	if err := utilerrors.NewAggregate(completed.Validate()); err != nil {
		return err
	}
	return app.Run(ctx, completed)
}
