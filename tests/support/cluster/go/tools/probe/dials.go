package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// A target as src/commands/verify/inside.ts has it.
type target struct {
	ID       int    `json:"id"`
	Protocol string `json:"protocol"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Payload  string `json:"payload"`
}

// How often a target is dialled before it counts as shut: a packet can be lost. A watch allows that to UDP alone.
const tries = 2

// dials tries all targets at once and prints a line of JSON for each, {"id": 1, "tries": ["open"]}.
func dials(timeout time.Duration) error {
	var targets []target
	if err := json.NewDecoder(os.Stdin).Decode(&targets); err != nil {
		return err
	}
	return each(targets, func(to target, print func(any)) {
		print(map[string]any{"id": to.ID, "tries": to.outcomes(timeout, tries)})
	})
}

// watch dials each target again and again until its standard input ends. It prints a line whenever the outcome differs from the
// one before, {"id": 1, "at": MILLISECONDS, "outcome": "open"}, and at the end how often it tried: {"id": 1, "count": 99}.
func watch(timeout, every time.Duration) error {
	decoder := json.NewDecoder(os.Stdin)
	var targets []target
	if err := decoder.Decode(&targets); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	return each(targets, func(to target, print func(any)) {
		last, count := "", 0
		for {
			at := time.Now().UnixMilli()
			most := 1
			if to.Protocol == "UDP" {
				most = tries
			}
			outcomes := to.outcomes(timeout, most)
			count++
			if outcome := outcomes[len(outcomes)-1]; outcome != last {
				print(map[string]any{"id": to.ID, "at": at, "outcome": outcome})
				last = outcome
			}
			select {
			case <-ended:
				print(map[string]any{"id": to.ID, "count": count})
				return
			case <-time.After(every):
			}
		}
	})
}

func each(targets []target, work func(to target, print func(any))) error {
	var running sync.WaitGroup
	var printing sync.Mutex
	print := func(line any) {
		printing.Lock()
		defer printing.Unlock()
		json.NewEncoder(os.Stdout).Encode(line)
	}
	for _, to := range targets {
		running.Add(1)
		go func() {
			defer running.Done()
			work(to, print)
		}()
	}
	running.Wait()
	return nil
}

// outcomes are those of a few tries, up to the first that is open.
func (to target) outcomes(timeout time.Duration, most int) []string {
	var all []string
	for len(all) < most {
		outcome := to.outcome(timeout)
		all = append(all, outcome)
		if outcome == "open" {
			break
		}
	}
	return all
}

// outcome is "open", or in a word what is in the way.
func (to target) outcome(timeout time.Duration) string {
	address := net.JoinHostPort(to.Host, strconv.Itoa(to.Port))
	var err error
	switch to.Protocol {
	case "TCP":
		err = dial(address, timeout)
	case "UDP":
		payload := []byte("probe")
		if to.Payload != "" {
			if payload, err = hex.DecodeString(to.Payload); err != nil {
				break
			}
		}
		err = udp(address, payload, timeout)
	default:
		err = fmt.Errorf("%s is no protocol", to.Protocol)
	}
	var limit net.Error
	var errno syscall.Errno
	switch {
	case err == nil:
		return "open"
	case errors.As(err, &limit) && limit.Timeout():
		return "timeout"
	case errors.As(err, &errno):
		return errno.Error()
	default:
		return err.Error()
	}
}
