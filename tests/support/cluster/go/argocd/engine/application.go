package main

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
)

// application is what is read off the generated Application.
type application struct{ *unstructured.Unstructured }

// destination is the namespace for objects without one.
func (a application) destination() string {
	namespace, _, _ := unstructured.NestedString(a.Object, "spec", "destination", "namespace")
	return namespace
}

// asks tells whether it has a sync option, as "ServerSideApply=true".
func (a application) asks(option string) bool {
	options, _, _ := unstructured.NestedStringSlice(a.Object, "spec", "syncPolicy", "syncOptions")
	return slices.Contains(options, option)
}

// automated tells of a switch of its automated sync, as "prune".
func (a application) automated(name string) bool {
	on, _, _ := unstructured.NestedBool(a.Object, "spec", "syncPolicy", "automated", name)
	return on
}

// finalizer tells whether its deletion takes its objects along, and how: "/background", or "" for the foreground.
func (a application) finalizer() (propagation string, cascades bool) {
	for _, finalizer := range a.GetFinalizers() {
		if rest, found := strings.CutPrefix(finalizer, "resources-finalizer.argocd.argoproj.io"); found {
			return rest, true
		}
	}
	return "", false
}

func (a application) trackingID(object *unstructured.Unstructured) string {
	key := kube.GetResourceKey(object)
	return fmt.Sprintf("%s:%s/%s:%s/%s", a.GetName(), key.Group, key.Kind, key.Namespace, key.Name)
}

func (a application) manages(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()[trackingID] == a.trackingID(object)
}
