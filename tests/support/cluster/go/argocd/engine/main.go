// Command engine does with Argo CD's own engine what an Application asks for:
//
//	engine [-as USER] sync|drift|delete KUBECONFIG
//
// On standard input are the Application and its targets, what kustomize builds; on standard output is what became of each object.
// What Argo CD's controller adds to its engine is here too, in few lines: the annotation that it knows its objects by, the options
// that it reads off the Application, and the deletion of an Application.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2/textlogger"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/cache"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/tracing"
)

// The field manager of its server-side apply, and its mark on what it manages.
const (
	manager    = "argocd-controller"
	trackingID = "argocd.argoproj.io/tracking-id"
)

// Outcome is what became of one object.
type Outcome struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

type input struct {
	Application unstructured.Unstructured    `json:"application"`
	Targets     []*unstructured.Unstructured `json:"targets"`
}

// Argo CD with one Application.
type controller struct {
	config  *rest.Config
	kubectl *kube.KubectlCmd
	cluster cache.ClusterCache
	app     application
	targets []*unstructured.Unstructured
}

func main() {
	as := flag.String("as", "", "who asks, in place of the kubeconfig's user")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	controller, err := start(*as, flag.Arg(1))
	if err != nil {
		log.Fatal(err)
	}
	var outcomes []Outcome
	switch flag.Arg(0) {
	case "sync":
		outcomes, err = controller.sync(ctx)
	case "drift":
		outcomes, err = controller.drift()
	case "delete":
		outcomes, err = controller.delete(ctx)
	default:
		err = fmt.Errorf("what is %q?", flag.Arg(0))
	}
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		log.Fatal(err)
	}
}

func start(as, kubeconfig string) (*controller, error) {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Impersonate.UserName = as
	config.QPS, config.Burst = 50, 100
	app := application{&in.Application}
	for _, target := range in.Targets {
		annotations := target.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[trackingID] = app.trackingID(target)
		target.SetAnnotations(annotations)
	}
	kubectl := &kube.KubectlCmd{Log: textlogger.NewLogger(textlogger.NewConfig()), Tracer: tracing.NopTracer{}}
	cluster := cache.NewClusterCache(config,
		cache.SetPopulateResourceInfoHandler(func(object *unstructured.Unstructured, _ bool) (any, bool) {
			managed := app.manages(object)
			return managed, managed
		}))
	if err := cluster.EnsureSynced(); err != nil {
		return nil, err
	}
	return &controller{config, kubectl, cluster, app, in.Targets}, nil
}

// live gives the objects that carry the Application's mark, or are among its targets.
func (c *controller) live(targets []*unstructured.Unstructured) (map[kube.ResourceKey]*unstructured.Unstructured, error) {
	return c.cluster.GetManagedLiveObjs(targets, isManaged)
}

func isManaged(resource *cache.Resource) bool { return resource.Info == true }
