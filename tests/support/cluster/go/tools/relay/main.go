// Command relay carries TCP connections from one network namespace to another:
//
//	relay LISTEN NAMESPACE TARGET
//
// listens in the namespace that it is started in, prints the address, and connects to TARGET from the one that NAMESPACE, a file
// as /proc/PID/ns/net, stands for. A socket keeps the namespace that it was made in; so the program listens, changes the
// namespace and starts itself anew with the socket, since a process of many threads cannot change at once. Ends with its
// standard input.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"syscall"
)

const inherited = "RELAY_SOCKET"

func main() {
	if os.Getenv(inherited) == "" {
		log.Fatal(listen(os.Args[1], os.Args[2]))
	}
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		from, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go carry(from.(*net.TCPConn), os.Args[3])
	}
}

// listen only returns if it fails.
func listen(address, namespace string) error {
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	if err := syscall.Dup3(int(socket.Fd()), 3, 0); err != nil && socket.Fd() != 3 {
		return err
	}
	// Go opens files so that they do not survive exec; the third one must.
	syscall.RawSyscall(syscall.SYS_FCNTL, 3, syscall.F_SETFD, 0)
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := append([]string{"nsenter", "--net=" + namespace, self}, os.Args[1:]...)
	return syscall.Exec(nsenter, args, append(os.Environ(), inherited+"=3"))
}

func carry(from *net.TCPConn, target string) {
	defer from.Close()
	connection, err := net.Dial("tcp", target)
	if err != nil {
		log.Print(err)
		return
	}
	to := connection.(*net.TCPConn)
	defer to.Close()
	done := make(chan struct{})
	go func() {
		io.Copy(to, from)
		to.CloseWrite()
		close(done)
	}()
	io.Copy(from, to)
	from.CloseWrite()
	<-done
}
