// A stand-in for Terraform providers: one program that serves the schemas it finds in schema.json beside itself, in the
// format of `terraform providers schema -json`, so that the real Terraform core can init, validate, plan and apply
// where the real provider can't be had.
//
// It is not AWS, Cloudflare or random, and knows nothing of how they behave. What it lets Terraform judge is structure,
// types, references and the graph. It does not judge values: an enum, a length, two arguments that exclude each other,
// which change replaces an object, and what a real API would answer are all beyond it. Sensitive and write-only
// attributes are served as ordinary ones, because the npm bindings that the schemas come from don't tell them apart.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

func main() {
	// Terraform starts it by its path in .terraform/providers; /proc/self/exe would resolve the links on the way.
	path := filepath.Join(filepath.Dir(os.Args[0]), "schema.json")
	address, standin, err := load(path)
	if err == nil {
		err = tf6server.Serve(address, func() tfprotov6.ProviderServer { return standin })
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "stand-in provider: %v\n", err)
		os.Exit(1)
	}
}
