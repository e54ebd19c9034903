package main

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/resource"
)

// delete does what the end of an Application does to its objects: finalizeApplicationDeletion of Argo CD's controller, which is
// no part of its engine. What is deleted may be a moment in going.
func (c *controller) delete(ctx context.Context) ([]Outcome, error) {
	outcomes := []Outcome{}
	ending, cascades := c.app.finalizer()
	if !cascades {
		return outcomes, nil
	}
	propagation := metav1.DeletePropagationForeground
	if ending == "/background" {
		propagation = metav1.DeletePropagationBackground
	}
	live, err := c.live(nil)
	if err != nil {
		return nil, err
	}
	for _, object := range live {
		outcome := Outcome{object.GetKind(), object.GetName(), "Kept", ""}
		if shouldBeDeleted(object) {
			err := c.kubectl.DeleteResource(ctx, c.config, object.GroupVersionKind(), object.GetName(), object.GetNamespace(),
				metav1.DeleteOptions{PropagationPolicy: &propagation})
			outcome.Status = "Deleted"
			if err != nil {
				outcome.Status, outcome.Message = "Failed", err.Error()
			}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

func shouldBeDeleted(object *unstructured.Unstructured) bool {
	option := resource.GetAnnotationOptionValue(object, common.AnnotationSyncOptions, common.SyncOptionDelete)
	return option == nil || *option != common.SyncValueFalse
}
