// A fake of Terraform providers: a program that serves the schemas in schema.json next to it, in the format of `terraform
// providers schema -json`, so that the real Terraform core can init, validate, plan and apply where the real providers are not
// available.
//
// It does not show how AWS, Cloudflare or random behave. With it Terraform checks structure, types, references and the graph. It
// does not check values: an enum, a length, conflicting arguments, which change replaces an object, or what a real API would
// answer. Sensitive and write-only attributes are served as ordinary ones, because the npm bindings from which the schemas come
// do not distinguish them.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

func main() {
	// Terraform starts it by its path in .terraform/providers; /proc/self/exe would resolve the links in this path.
	path := filepath.Join(filepath.Dir(os.Args[0]), "schema.json")
	address, standin, err := load(path)
	if err == nil {
		err = tf6server.Serve(address, func() tfprotov6.ProviderServer { return standin })
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "fake provider: %v\n", err)
		os.Exit(1)
	}
}
