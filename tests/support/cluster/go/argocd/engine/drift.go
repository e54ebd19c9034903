package main

import (
	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// drift tells what Argo CD would show as OutOfSync, by both of its ways to compare what server-side apply made. Nothing is
// normalised first, where Argo CD leaves some differences out.
func (c *controller) drift() ([]Outcome, error) {
	live, err := c.live(c.targets)
	if err != nil {
		return nil, err
	}
	operations, cleanup, err := c.kubectl.ManageServerSideDiffDryRuns(c.config)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	common := []diff.Option{diff.WithGVKParser(c.cluster.GetGVKParser()), diff.WithManager(manager)}
	ways := map[string][]diff.Option{
		"structured merge": append(common, diff.WithStructuredMergeDiff(c.app.asks("ServerSideApply=true"))),
		"server side": append(common, diff.WithServerSideDiff(true),
			diff.WithServerSideDryRunner(diff.NewK8sServerSideDryRunner(operations))),
	}
	found := sync.Reconcile(c.targets, live, c.app.destination(), c.cluster)
	outcomes := []Outcome{}
	for i, target := range found.Target {
		live := found.Live[i]
		if live == nil || target == nil {
			outcomes = append(outcomes, missing(target, live))
			continue
		}
		for way, options := range ways {
			result, err := diff.Diff(target.DeepCopy(), live.DeepCopy(), options...)
			if err != nil {
				return nil, err
			}
			if result.Modified {
				message := way + ": " + string(result.NormalizedLive) + " would be " + string(result.PredictedLive)
				outcomes = append(outcomes, Outcome{live.GetKind(), live.GetName(), "OutOfSync", message})
			}
		}
	}
	return outcomes, nil
}

func missing(target, live *unstructured.Unstructured) Outcome {
	if live == nil {
		return Outcome{target.GetKind(), target.GetName(), "Missing", ""}
	}
	return Outcome{live.GetKind(), live.GetName(), "RequiresPruning", ""}
}
