package main

import (
	"strings"

	networking "k8s.io/api/networking/v1"
)

// withoutIPv6 takes the IPv6 blocks out of a NetworkPolicy. This version of kube-router gives up its whole round at the first
// one and enforces nothing from then on, with no more than a line in its log. The node has no IPv6, so they match nothing.
func withoutIPv6(object any) (any, error) {
	policy, ok := object.(*networking.NetworkPolicy)
	if !ok {
		return object, nil
	}
	policy = policy.DeepCopy()
	ingress := policy.Spec.Ingress[:0]
	for _, rule := range policy.Spec.Ingress {
		peers := peersOfIPv4(rule.From)
		// A rule whose list of peers is empty admits everybody: one that only had IPv6 peers goes.
		if len(rule.From) > 0 && len(peers) == 0 {
			continue
		}
		rule.From = peers
		ingress = append(ingress, rule)
	}
	policy.Spec.Ingress = ingress
	egress := policy.Spec.Egress[:0]
	for _, rule := range policy.Spec.Egress {
		peers := peersOfIPv4(rule.To)
		if len(rule.To) > 0 && len(peers) == 0 {
			continue
		}
		rule.To = peers
		egress = append(egress, rule)
	}
	policy.Spec.Egress = egress
	return policy, nil
}

func peersOfIPv4(peers []networking.NetworkPolicyPeer) []networking.NetworkPolicyPeer {
	var kept []networking.NetworkPolicyPeer
	for _, peer := range peers {
		if peer.IPBlock == nil || !strings.Contains(peer.IPBlock.CIDR, ":") {
			kept = append(kept, peer)
		}
	}
	return kept
}
