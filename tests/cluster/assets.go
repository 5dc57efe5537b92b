package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// childStopLimit is how long one child may take to end in order.
const childStopLimit = 600 * time.Millisecond

// assets runs kube-apiserver and etcd as child processes.
type assets struct {
	apiServer, etcd *child
	failed          chan error
}

// child is a running process; ended is closed when it is gone.
type child struct {
	process *os.Process
	ended   chan struct{}
}

// startAssets starts both binaries of the folder. The listener only reserved the
// port: it is closed here, just before the API server binds the same one.
func startAssets(s spec, folder string, listener net.Listener) (controlPlane, error) {
	plane := &assets{failed: make(chan error, 2)}
	client, peer := s.clientURL(), s.peerURL()
	etcd, err := plane.launch(filepath.Join(folder, "etcd"), s.etcdLog(), []string{
		"--name=default",
		"--data-dir=" + s.etcdDir(),
		"--listen-client-urls=" + client.String(),
		"--advertise-client-urls=" + etcdAdvertised,
		"--listen-peer-urls=" + peer.String(),
		"--initial-advertise-peer-urls=" + etcdAdvertised,
		"--initial-cluster=default=" + etcdAdvertised,
		"--heartbeat-interval=" + strconv.Itoa(etcdHeartbeatMillis),
		"--election-timeout=" + strconv.Itoa(etcdElectionMillis),
		"--unsafe-no-fsync",
		"--log-level=warn",
	})
	if err != nil {
		return nil, err
	}
	plane.etcd = etcd
	if err := listener.Close(); err != nil {
		plane.Stop()
		return nil, err
	}
	flags := append([]string{"--secure-port=" + strconv.Itoa(s.port)}, s.apiServerFlags()...)
	plane.apiServer, err = plane.launch(filepath.Join(folder, "kube-apiserver"), s.apiServerLog(), flags)
	if err != nil {
		plane.Stop()
		return nil, err
	}
	return plane, nil
}

func (p *assets) Failed() <-chan error { return p.failed }

// Stop ends the API server first, since it would only log errors without etcd.
func (p *assets) Stop() {
	for _, c := range []*child{p.apiServer, p.etcd} {
		if c != nil {
			c.stop()
		}
	}
}

// launch starts one binary with its output appended to the log file.
func (p *assets) launch(binary, logName string, args []string) (*child, error) {
	log, err := os.OpenFile(logName, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(binary, args...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = endWithParent()
	// An orphan must keep the folder locked until it is gone.
	command.ExtraFiles = []*os.File{heldLock}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", binary, err)
	}
	c := &child{command.Process, make(chan struct{})}
	go func() {
		err := command.Wait()
		close(c.ended)
		p.failed <- fmt.Errorf("%s ended by itself: %v", filepath.Base(binary), err)
	}()
	return c, nil
}

// stop asks, waits, and then kills.
func (c *child) stop() {
	_ = c.process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(childStopLimit):
		_ = c.process.Kill()
		<-c.ended
	}
}
