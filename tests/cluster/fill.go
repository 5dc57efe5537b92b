//go:build !launcher

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// A transaction of etcd takes at most 128 operations and 1.5 MB.
const (
	mostOperations = 100
	mostBytes      = 1 << 20
)

// folders are the kinds whose folder in etcd is not their plural.
var folders = map[string]string{
	"endpoints": "services/endpoints",
	"nodes":     "minions",
	"services":  "services/specs",
}

// fill stores every object of the lists in a folder, as the API server would have
// stored it: no admission and no validation looks at them. Writing 20,000 pods
// through the API server takes minutes, this takes seconds.
func fill(etcd *embed.Etcd, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for _, file := range files {
		group.Go(func() error {
			if err := fillFrom(etcd, file); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func fillFrom(etcd *embed.Etcd, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	list, kind, err := scheme.Codecs.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		return err
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return err
	}
	kind.Kind = strings.TrimSuffix(kind.Kind, "List")
	batch := batch{etcd: etcd}
	for _, item := range items {
		key, value, err := stored(item, *kind)
		if err != nil {
			return err
		}
		if err := batch.put(key, value); err != nil {
			return err
		}
	}
	return batch.flush()
}

// stored gives the key and the value of an object in etcd.
func stored(object kruntime.Object, kind schema.GroupVersionKind) (string, []byte, error) {
	access, err := meta.Accessor(object)
	if err != nil {
		return "", nil, err
	}
	// Both are told by etcd and the kind, never stored.
	access.SetResourceVersion("")
	access.SetSelfLink("")
	object.GetObjectKind().SetGroupVersionKind(kind)
	encoder := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	value, err := kruntime.Encode(encoder, object)
	if err != nil {
		return "", nil, err
	}
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	folder := plural.Resource
	if special, ok := folders[folder]; ok {
		folder = special
	}
	return filepath.Join("/registry", folder, access.GetNamespace(), access.GetName()), value, nil
}

// batch collects writes into transactions.
type batch struct {
	etcd       *embed.Etcd
	operations []*etcdserverpb.RequestOp
	bytes      int
}

func (b *batch) put(key string, value []byte) error {
	if len(b.operations) == mostOperations || b.bytes+len(value) > mostBytes {
		if err := b.flush(); err != nil {
			return err
		}
	}
	put := &etcdserverpb.PutRequest{Key: []byte(key), Value: value}
	b.operations = append(b.operations, &etcdserverpb.RequestOp{
		Request: &etcdserverpb.RequestOp_RequestPut{RequestPut: put},
	})
	b.bytes += len(value)
	return nil
}

func (b *batch) flush() error {
	if len(b.operations) == 0 {
		return nil
	}
	_, err := b.etcd.Server.Txn(context.Background(), &etcdserverpb.TxnRequest{Success: b.operations})
	b.operations, b.bytes = nil, 0
	return err
}
