//go:build !launcher

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// kinds are those whose lists Plimsoll reads as protobuf, by group and version. Of Secrets it asks for
// metadata only, and CustomResourceDefinitions have JSON of their own in them: both stay JSON.
var kinds = []struct{ group, version, kinds string }{
	{"", "v1", "ConfigMap LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate " +
		"ReplicationController ResourceQuota Service ServiceAccount"},
	{"admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding " +
		"MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding " +
		"ValidatingWebhookConfiguration"},
	{"apiregistration.k8s.io", "v1", "APIService"},
	{"apps", "v1", "DaemonSet Deployment ReplicaSet StatefulSet"},
	{"autoscaling", "v2", "HorizontalPodAutoscaler"},
	{"batch", "v1", "CronJob Job"},
	{"certificates.k8s.io", "v1", "CertificateSigningRequest"},
	{"discovery.k8s.io", "v1", "EndpointSlice"},
	{"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema PriorityLevelConfiguration"},
	{"networking.k8s.io", "v1", "Ingress IngressClass NetworkPolicy"},
	{"node.k8s.io", "v1", "RuntimeClass"},
	{"policy", "v1", "PodDisruptionBudget"},
	{"rbac.authorization.k8s.io", "v1", "ClusterRole ClusterRoleBinding Role RoleBinding"},
	{"scheduling.k8s.io", "v1", "PriorityClass"},
	{"storage.k8s.io", "v1", "CSIDriver StorageClass"},
}

// eachKind calls a function for every kind, in order.
func eachKind(do func(schema.GroupVersionKind) error) error {
	for _, of := range kinds {
		for _, kind := range strings.Fields(of.kinds) {
			if err := do(schema.GroupVersionKind{Group: of.group, Version: of.version, Kind: kind}); err != nil {
				return fmt.Errorf("%s of %s/%s: %w", kind, of.group, of.version, err)
			}
		}
	}
	return nil
}

// builtIn is the scheme that knows all of them.
func builtIn() (*runtime.Scheme, error) {
	known := runtime.NewScheme()
	if err := scheme.AddToScheme(known); err != nil {
		return nil, err
	}
	return known, apiregistration.AddToScheme(known)
}

// Types that are written as one value of JSON, whatever they are made of.
var plain = map[reflect.Type]string{
	reflect.TypeFor[metav1.Time]():               "time",
	reflect.TypeFor[metav1.MicroTime]():          "microtime",
	reflect.TypeFor[resource.Quantity]():         "quantity",
	reflect.TypeFor[intstr.IntOrString]():        "intorstring",
	reflect.TypeFor[metav1.ManagedFieldsEntry](): "skip",
}

// objects are the messages in others that are objects of their own, with their version: protobuf does
// not have what they are, and a server's JSON does (pkg/apis/apps/v1/conversion.go).
var objects = map[string]string{"apps.v1.StatefulSetSpec.VolumeClaimTemplates": "v1"}

// printFields writes, for every kind and every message in it, the fields in the order in which JSON has
// them, with their numbers in protobuf.
func printFields(out io.Writer) error {
	known, err := builtIn()
	if err != nil {
		return err
	}
	table := table{messages: map[string]string{}}
	var names strings.Builder
	err = eachKind(func(kind schema.GroupVersionKind) error {
		list, err := known.New(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err != nil {
			return err
		}
		item, err := itemOf(reflect.TypeOf(list).Elem())
		if err != nil {
			return err
		}
		name, err := table.add(item)
		fmt.Fprintf(&names, "kind %s %s %s\n", kind.GroupVersion(), kind.Kind, name)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "# The fields of Kubernetes %s, printed by `-fields` of the program of tests/cluster.\n", builtFrom())
	fmt.Fprint(out, head, names.String())
	for _, name := range table.sorted() {
		fmt.Fprintf(out, "\n%s\n%s", name, table.messages[name])
	}
	return nil
}

// builtFrom is the version of Kubernetes whose types these are.
func builtFrom() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "k8s.io/kubernetes" {
			return module.Version
		}
	}
	return "of no known version"
}

const head = `# Renew it: $(tests/fixture.sh) -fields > src/cluster/protobuf/fields.txt
#
# A message has its fields in the order of JSON: name, number, type. In front of a type, * is a
# pointer, [] a list, {} a map by text; - in place of a name is a message whose fields JSON has in
# its place; ! behind a type says that JSON has it although it is empty, @ that JSON gives its kind
# and this version.

`

// itemOf is the type of a list's items. Every list is metadata and items.
func itemOf(list reflect.Type) (reflect.Type, error) {
	if list.NumField() != 3 || list.Field(0).Type != reflect.TypeFor[metav1.TypeMeta]() ||
		list.Field(1).Type != reflect.TypeFor[metav1.ListMeta]() || number(list.Field(1)) != "1" ||
		list.Field(2).Type.Kind() != reflect.Slice || number(list.Field(2)) != "2" {
		return nil, fmt.Errorf("%s is no list as others are", list)
	}
	return list.Field(2).Type.Elem(), nil
}

// table has the lines of each message by its name.
type table struct{ messages map[string]string }

func (t table) sorted() []string {
	names := make([]string, 0, len(t.messages))
	for name := range t.messages {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// add takes in a message and all in it, and gives its name.
func (t table) add(of reflect.Type) (string, error) {
	parts := strings.Split(of.PkgPath(), "/")
	name := strings.Join(append(parts[max(len(parts)-2, 0):], of.Name()), ".")
	if _, done := t.messages[name]; done {
		return name, nil
	}
	// Before what is in it: a message may contain itself.
	t.messages[name] = ""
	var lines strings.Builder
	for i := range of.NumField() {
		field := of.Field(i)
		if field.Type == reflect.TypeFor[metav1.TypeMeta]() {
			continue
		}
		line, err := t.field(name+"."+field.Name, field)
		if err != nil {
			return "", fmt.Errorf("%s.%s: %w", name, field.Name, err)
		}
		lines.WriteString(line)
	}
	t.messages[name] = lines.String()
	return name, nil
}

func (t table) field(path string, field reflect.StructField) (string, error) {
	if number(field) == "" {
		return "", fmt.Errorf("it has no number in protobuf")
	}
	words := strings.Split(field.Tag.Get("json"), ",")
	name, options := words[0], words[1:]
	has := func(option string) bool { return strings.Contains(","+strings.Join(options, ",")+",", ","+option+",") }
	of, err := t.of(field.Type)
	if err != nil {
		return "", err
	}
	if isObject(field.Type) {
		version, known := objects[path]
		if !known {
			return "", fmt.Errorf("what kind it is may be in JSON, and is not in protobuf")
		}
		of += "@" + version
	}
	switch {
	case name == "-":
		return "", fmt.Errorf("JSON does not have it")
	case name == "" && has("inline"):
		if !field.Anonymous || field.Type.Kind() != reflect.Struct {
			return "", fmt.Errorf("it is inline and no embedded message")
		}
		name = "-"
	case name == "":
		return "", fmt.Errorf("it has no name in JSON")
	}
	// encoding/json never takes a struct for empty.
	always := !has("omitempty") || field.Type.Kind() == reflect.Struct
	if has("omitzero") && of != "time" {
		return "", fmt.Errorf("omitzero is not known of %s", of)
	}
	if always && of != "skip" && name != "-" {
		of += "!"
	}
	return fmt.Sprintf("%s %s %s\n", name, number(field), of), nil
}

// isObject tells whether it is, or holds, something with a kind of its own.
func isObject(of reflect.Type) bool {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
		of = of.Elem()
	}
	return of.Kind() == reflect.Struct && of.NumField() > 0 && of.Field(0).Type == reflect.TypeFor[metav1.TypeMeta]()
}

// of is the word for a type.
func (t table) of(of reflect.Type) (string, error) {
	if word, known := plain[of]; known {
		return word, nil
	}
	inner := func(before string, of reflect.Type) (string, error) {
		word, err := t.of(of)
		if word == "skip" {
			return word, err
		}
		return before + word, err
	}
	if _, own := reflect.New(of).Interface().(json.Marshaler); own {
		return "", fmt.Errorf("%s writes JSON of its own", of)
	}
	_, message := reflect.New(of).Interface().(interface{ Marshal() ([]byte, error) })
	switch kind := of.Kind(); {
	case kind == reflect.String:
		return "string", nil
	case kind == reflect.Bool || kind == reflect.Int32 || kind == reflect.Int64:
		return kind.String(), nil
	case kind == reflect.Pointer:
		return inner("*", of.Elem())
	case kind == reflect.Slice && of.Elem().Kind() == reflect.Uint8:
		return "bytes", nil
	case kind == reflect.Slice && message && of.Elem().Kind() == reflect.String:
		return "strings", nil
	case kind == reflect.Slice && !message:
		return inner("[]", of.Elem())
	case kind == reflect.Map && of.Key().Kind() == reflect.String:
		return inner("{}", of.Elem())
	case kind == reflect.Struct && message:
		return t.add(of)
	}
	return "", fmt.Errorf("there is no word for %s", of)
}

// number is the second part of a protobuf tag. The first does not tell: it has "bytes" for a number
// and "varint" for a message here and there.
func number(field reflect.StructField) string {
	parts := strings.Split(field.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}
