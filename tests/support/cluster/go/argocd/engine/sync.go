package main

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/engine"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
)

// sync makes the cluster as the targets are, pruning included.
func (c *controller) sync(ctx context.Context) ([]Outcome, error) {
	engine := engine.NewEngine(c.config, c.cluster)
	propagation := metav1.DeletePropagationForeground
	options := []sync.SyncOpt{
		sync.WithPrune(c.app.automated("prune")),
		sync.WithPrunePropagationPolicy(&propagation),
		sync.WithServerSideApply(c.app.asks("ServerSideApply=true")),
		sync.WithServerSideApplyManager(manager),
	}
	if c.app.asks("CreateNamespace=true") {
		isNew := func(namespace, live *unstructured.Unstructured) (bool, error) { return live == nil, nil }
		options = append(options, sync.WithNamespaceModifier(isNew))
	}
	results, err := engine.Sync(ctx, c.targets, isManaged, "HEAD", c.app.destination(), options...)
	if err != nil && len(results) == 0 {
		return nil, err
	}
	outcomes := []Outcome{}
	for _, result := range results {
		key := result.ResourceKey
		outcomes = append(outcomes, Outcome{key.Kind, key.Name, string(result.Status), result.Message})
	}
	return outcomes, nil
}
