// Command cloudflared is a stand-in for the tunnel's client, which needs Cloudflare: it answers /ready on the port of --metrics as
// long as TUNNEL_TOKEN is set, and opens no tunnel.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	if os.Getenv("TUNNEL_TOKEN") == "" {
		log.Fatal("stand-in for cloudflared: TUNNEL_TOKEN is not set")
	}
	address := ""
	for i, argument := range os.Args[:len(os.Args)-1] {
		if argument == "--metrics" {
			address = os.Args[i+1]
		}
	}
	if address == "" {
		log.Fatal("stand-in for cloudflared: --metrics is missing")
	}
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"status":200,"readyConnections":4,"connectorId":"stand-in"}`)
	})
	log.Fatal(http.ListenAndServe(address, nil))
}
