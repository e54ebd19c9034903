// Command probe shows what can be reached, from where there is no shell:
//
//	probe serve TEXT ADDRESS...     answers each HTTP request and each UDP packet with TEXT, until a signal
//	probe dial ADDRESS [TIMEOUT]    connects by TCP and prints "open", or says what is in the way and ends with 1
//	probe udp ADDRESS [TIMEOUT]     sends a packet and waits for an answer, likewise
//	probe get URL [TIMEOUT]         prints the answer's body; ends with 1 unless the status is 200
//	probe resolve NAME [TIMEOUT]    prints the addresses of a name
//	probe dials TIMEOUT             dials all targets of a list on its standard input, as dials.go says
//	probe watch TIMEOUT EVERY       dials them again and again
//
// TIMEOUT and EVERY are as "500ms"; by default 1s. An ADDRESS to serve may begin with tcp/ or udp/, and is served by that alone.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("a command, and of what"))
	}
	command, subject, rest := os.Args[1], os.Args[2], os.Args[3:]
	if command == "serve" {
		fail(serve(subject, rest))
	}
	if command == "dials" || command == "watch" {
		rest = append([]string{subject}, rest...)
	}
	timeout := time.Second
	if len(rest) > 0 {
		parsed, err := time.ParseDuration(rest[0])
		fail(err)
		timeout = parsed
	}
	limited, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	switch command {
	case "dial":
		fail(dial(subject, timeout))
		fmt.Println("open")
	case "udp":
		fail(udp(subject, []byte("probe"), timeout))
		fmt.Println("open")
	case "dials":
		fail(dials(timeout))
	case "watch":
		every, err := time.ParseDuration(rest[1])
		fail(err)
		fail(watch(timeout, every))
	case "get":
		fail(get(limited, subject))
	case "resolve":
		addresses, err := net.DefaultResolver.LookupHost(limited, subject)
		fail(err)
		fmt.Println(strings.Join(addresses, "\n"))
	default:
		fail(fmt.Errorf("%s is not known", command))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(text string, addresses []string) error {
	failed := make(chan error)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s to=%s from=%s\n", text, r.Host, r.RemoteAddr)
	})
	for _, address := range addresses {
		protocol, alone, chosen := strings.Cut(address, "/")
		if chosen {
			address = alone
		}
		if !chosen || protocol == "udp" {
			packets, err := net.ListenPacket("udp", address)
			if err != nil {
				return err
			}
			go func() { failed <- echo(text, packets) }()
		}
		if !chosen || protocol == "tcp" {
			listener, err := net.Listen("tcp", address)
			if err != nil {
				return err
			}
			go func() { failed <- http.Serve(listener, handler) }()
		}
	}
	return <-failed
}

// echo answers every packet with the text.
func echo(text string, packets net.PacketConn) error {
	buffer := make([]byte, 1500)
	for {
		_, from, err := packets.ReadFrom(buffer)
		if err != nil {
			return err
		}
		packets.WriteTo([]byte(text), from)
	}
}

func dial(address string, timeout time.Duration) error {
	connection, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return err
	}
	return connection.Close()
}

func udp(address string, payload []byte, timeout time.Duration) error {
	connection, err := net.Dial("udp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(timeout))
	if _, err := connection.Write(payload); err != nil {
		return err
	}
	_, err = connection.Read(make([]byte, 1500))
	return err
}

func get(limited context.Context, url string) error {
	request, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
