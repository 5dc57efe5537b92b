//go:build !launcher

package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	apps "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// perKind is how many objects a sample has: one with every field, one with none, the rest by chance.
const perKind = 12

// writeSamples writes a list of each kind that is read as protobuf into a folder, once as protobuf and
// once as the JSON that a server which keeps that protobuf answers.
func writeSamples(dir string) error {
	known, err := builtIn()
	if err != nil {
		return err
	}
	binary := protobuf.NewSerializer(known, known)
	text := json.NewSerializerWithOptions(json.DefaultMetaFactory, known, known, json.SerializerOptions{})
	return eachKind(func(kind schema.GroupVersionKind) error {
		listKind := kind.GroupVersion().WithKind(kind.Kind + "List")
		list, err := known.New(listKind)
		if err != nil {
			return err
		}
		fillList(list)
		list.GetObjectKind().SetGroupVersionKind(listKind)
		var stored, written bytes.Buffer
		if err := binary.Encode(list, &stored); err != nil {
			return err
		}
		kept, _, err := binary.Decode(stored.Bytes(), nil, nil)
		if err != nil {
			return err
		}
		kept.GetObjectKind().SetGroupVersionKind(listKind)
		if sets, are := kept.(*apps.StatefulSetList); are {
			sayKinds(sets)
		}
		if err := text.Encode(kept, &written); err != nil {
			return err
		}
		name := filepath.Join(dir, strings.ReplaceAll(kind.GroupVersion().String(), "/", "_")+"_"+kind.Kind)
		if err := os.WriteFile(name+".pb", stored.Bytes(), 0o600); err != nil {
			return err
		}
		return os.WriteFile(name+".json", written.Bytes(), 0o600)
	})
}

// sayKinds does what a server does before it writes JSON; see objects.
func sayKinds(sets *apps.StatefulSetList) {
	for i := range sets.Items {
		for j := range sets.Items[i].Spec.VolumeClaimTemplates {
			claim := &sets.Items[i].Spec.VolumeClaimTemplates[j]
			claim.APIVersion, claim.Kind = "v1", "PersistentVolumeClaim"
		}
	}
}

func fillList(list runtime.Object) {
	value := reflect.ValueOf(list).Elem()
	metadata := value.FieldByName("ListMeta").Addr().Interface().(*metav1.ListMeta)
	metadata.ResourceVersion, metadata.Continue = "17", "there"
	remaining := int64(3)
	metadata.RemainingItemCount = &remaining
	items := value.FieldByName("Items")
	items.Set(reflect.MakeSlice(items.Type(), perKind, perKind))
	for i := range perKind {
		chance := filler{random: rand.New(rand.NewSource(int64(i)))}
		switch i {
		case 0:
			chance.often = 100
		case 1:
			chance.often = 0
		default:
			chance.often = i * 9
		}
		item := items.Index(i)
		chance.fill(item)
		item.Addr().Interface().(metav1.Object).SetName(fmt.Sprintf("sample-%d", i))
	}
}

// filler fills a field in so many of a hundred cases.
type filler struct {
	random *rand.Rand
	often  int
}

var texts = []string{"a", "managed", "e\u0301\u00e9 \u2028 \U0001f680 <&>", "line\nline\t\"quoted\" \\", "10.0.0.1",
	"a text that is longer than twenty-three bytes", strings.Repeat("long ", 220), "\u0000\u001f\u007f"}

var quantities = []string{"0", "1", "100m", "1.5Gi", "1536Mi", "12345678901234567890", "1e3", "-5", "2u"}

func (f filler) fill(value reflect.Value) {
	if value.Kind() != reflect.Struct && f.random.Intn(100) >= f.often {
		return
	}
	switch into := value.Addr().Interface().(type) {
	case *metav1.Time:
		if f.random.Intn(100) < f.often {
			*into = metav1.Unix(f.random.Int63n(4e9)-1e9, 0)
		}
		return
	case *metav1.MicroTime:
		if f.random.Intn(100) < f.often {
			*into = metav1.MicroTime{Time: time.Unix(f.random.Int63n(4e9)-1e9, f.random.Int63n(1e9))}
		}
		return
	case *resource.Quantity:
		if f.random.Intn(100) < f.often {
			*into = resource.MustParse(quantities[f.random.Intn(len(quantities))])
		}
		return
	case *intstr.IntOrString:
		if f.random.Intn(2) == 0 {
			*into = intstr.FromInt32(f.random.Int31() - 1<<30)
		} else {
			*into = intstr.FromString(f.text())
		}
		return
	case *metav1.FieldsV1:
		into.Raw = []byte(`{"f:spec":{}}`)
		return
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(f.text())
	case reflect.Bool:
		value.SetBool(f.random.Intn(3) > 0)
	case reflect.Int32, reflect.Int64:
		value.SetInt([]int64{0, 1, -1, 8080, 1<<31 - 1, -1 << 31}[f.random.Intn(6)])
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		f.fill(value.Elem())
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			value.SetBytes([]byte(f.text()[:f.random.Intn(2)]))
			return
		}
		value.Set(reflect.MakeSlice(value.Type(), 1+f.random.Intn(2), 2))
		for i := range value.Len() {
			f.fill(value.Index(i))
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		for range 1 + f.random.Intn(4) {
			entry := reflect.New(value.Type().Elem()).Elem()
			f.fill(entry)
			key := fmt.Sprintf("%c%s", 'a'+f.random.Intn(26), f.text())
			value.SetMapIndex(reflect.ValueOf(key).Convert(value.Type().Key()), entry)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).Type != reflect.TypeFor[metav1.TypeMeta]() {
				f.fill(value.Field(i))
			}
		}
	}
}

func (f filler) text() string { return texts[f.random.Intn(len(texts))] }
