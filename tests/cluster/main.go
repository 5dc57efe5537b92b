// Command cluster runs one real Kubernetes API server over one etcd member, on
// loopback, for tests and benchmarks. README.md describes its contract.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const (
	// startLimit bounds the time from launch to READY.
	startLimit = 90 * time.Second
	// stopLimit bounds the time from the request to stop to the end of the
	// process; an API server with open watches would otherwise drain for a minute.
	stopLimit = 1500 * time.Millisecond
)

// errStopped says that the caller asked for the end before the server was ready.
var errStopped = errors.New("stopped before it was ready")

// controlPlane is a started pair of etcd and API server.
type controlPlane interface {
	// Failed delivers one error if either half ends by itself.
	Failed() <-chan error
	// Stop ends both halves and returns when they are gone.
	Stop()
}

// options are the command line.
type options struct {
	dir    string
	port   int
	assets string
	fill   string
	extra  extraFlags
	// Printed or written instead of running servers.
	fields  bool
	samples string
}

func init() {
	// Child processes are tied to the life of the thread that started them, and
	// only the main thread lives as long as the process.
	runtime.LockOSThread()
}

func main() {
	// The embedded server takes os.Stderr for its log; our last word goes to the caller.
	stderr := os.Stderr
	if err := run(parseOptions()); err != nil {
		fmt.Fprintln(stderr, "cluster fixture:", err)
		os.Exit(1)
	}
}

func parseOptions() options {
	var o options
	flag.StringVar(&o.dir, "dir", "", "`folder` for state, certificates, logs and the kubeconfig; created if missing, reused if present (required)")
	flag.IntVar(&o.port, "port", 0, "TCP `port` on 127.0.0.1; 0 picks a free one")
	flag.Var(&o.extra, "extra", "one more API server `flag`, for example -extra=--audit-log-path=/tmp/audit.log; replaces a built-in flag of the same name; repeatable")
	flag.StringVar(&o.assets, "assets", os.Getenv("KUBEBUILDER_ASSETS"), "`folder` with the binaries kube-apiserver and etcd to run instead of the embedded ones; KUBEBUILDER_ASSETS is the default")
	flag.StringVar(&o.fill, "fill", "", "`folder` of lists as JSON, one a file, whose objects are stored before the API server starts; embedded servers only")
	flag.BoolVar(&o.fields, "fields", false, "print how the built-in kinds are written as protobuf, and end")
	flag.StringVar(&o.samples, "samples", "", "write objects of the built-in kinds as protobuf and as JSON into a `folder`, and end")
	flag.Parse()
	if (o.dir == "" && !o.fields && o.samples == "") || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	return o
}

func run(o options) error {
	switch {
	case o.fields:
		return printFields(os.Stdout)
	case o.samples != "":
		return writeSamples(o.samples)
	}
	stop := stopRequested()
	spec, listener, err := prepare(o)
	if err != nil {
		return err
	}
	var plane controlPlane
	if o.assets != "" {
		if o.fill != "" {
			return errors.New("-fill takes the embedded servers; unset KUBEBUILDER_ASSETS")
		}
		plane, err = startAssets(spec, o.assets, listener)
	} else {
		plane, err = startEmbedded(spec, listener)
	}
	if err != nil {
		return err
	}
	defer plane.Stop()
	if err := waitUntilReady(spec, plane, stop); err != nil {
		if errors.Is(err, errStopped) {
			return nil
		}
		return fmt.Errorf("%w; the logs are %s and %s", err, spec.apiServerLog(), spec.etcdLog())
	}
	if err := spec.writeKubeconfig(); err != nil {
		return err
	}
	fmt.Printf("READY %s %s\n", spec.kubeconfig(), spec.url())
	select {
	case <-stop:
		return nil
	case err := <-plane.Failed():
		return fmt.Errorf("%w; the logs are %s and %s", err, spec.apiServerLog(), spec.etcdLog())
	}
}

// stopRequested returns a channel that is closed at the end of standard input
// and on SIGTERM or SIGINT. From then on the process has stopLimit to end in order.
func stopRequested() <-chan struct{} {
	stop := make(chan struct{})
	cause := make(chan struct{}, 2)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		cause <- struct{}{}
	}()
	go func() {
		// An unreadable stdin is as good as a closed one: nobody holds the other end.
		_, _ = io.Copy(io.Discard, os.Stdin)
		cause <- struct{}{}
	}()
	go func() {
		<-cause
		time.AfterFunc(stopLimit, func() { os.Exit(0) })
		close(stop)
	}()
	return stop
}

// prepare makes the folder, takes its lock and port, and makes or loads certificates.
func prepare(o options) (spec, net.Listener, error) {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return spec{}, nil, err
	}
	s := spec{dir: dir, extra: o.extra, fill: o.fill}
	if err := s.checkSocketPaths(); err != nil {
		return spec{}, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return spec{}, nil, err
	}
	if err := lockDir(dir); err != nil {
		return spec{}, nil, err
	}
	if s.pki, err = ensurePKI(filepath.Join(dir, "pki")); err != nil {
		return spec{}, nil, err
	}
	var listener net.Listener
	err = persist(func() (err error) {
		listener, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", o.port))
		return err
	})
	if err != nil {
		return spec{}, nil, fmt.Errorf("cannot listen for the API server: %w; choose another -port", err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	return s, listener, nil
}

// lockDir takes the folder for the rest of this process's life, and of its children's.
func lockDir(dir string) error {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = persist(func() error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) })
	if err != nil {
		return fmt.Errorf("another server still runs on %s: %w; stop it or choose another -dir", dir, err)
	}
	heldLock = file
	return nil
}

// heldLock is the open lock file: closing it would release the lock.
var heldLock *os.File

// persist repeats a try for a few seconds: a server that was just killed may hold
// its folder and port for a moment longer.
func persist(try func() error) error {
	deadline := time.Now().Add(3 * time.Second)
	for {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// waitUntilReady polls until the API server serves and its own first objects exist.
func waitUntilReady(s spec, plane controlPlane, stop <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	client, err := s.adminClient()
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/readyz", "/api/v1/namespaces/default"} {
		for !answersOK(ctx, client, s.url()+path) {
			select {
			case <-stop:
				return errStopped
			case err := <-plane.Failed():
				return err
			case <-ctx.Done():
				return fmt.Errorf("%s did not answer 200 within %s", path, startLimit)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}
