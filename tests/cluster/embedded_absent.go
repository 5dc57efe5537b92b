//go:build launcher

package main

import (
	"errors"
	"io"
	"net"
)

// startEmbedded reports that this build, made in seconds and without Kubernetes'
// sources, can only launch the binaries of -assets.
func startEmbedded(spec, net.Listener) (controlPlane, error) {
	return nil, errors.New("this build has no API server of its own; set KUBEBUILDER_ASSETS or -assets to a folder with kube-apiserver and etcd")
}

var errNoTypes = errors.New("this build does not know the types of Kubernetes; -fields and -samples take one without -tags launcher")

func printFields(io.Writer) error { return errNoTypes }

func writeSamples(string) error { return errNoTypes }
