// Transports serves one small answer and its counters: over HTTP/2 without TLS alone, or on a unix socket.
package main

import (
	_ "expvar"
	"flag"
	"log"
	"net"
	"net/http"
	"strings"
)

var kept [][]byte

func main() {
	listen := flag.String("listen", "", "address to serve on")
	unix := flag.String("unix", "", "socket to serve on")
	h2c := flag.Bool("h2c", false, "speak HTTP/2 without TLS and nothing else")
	flag.Parse()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		kept = [][]byte{make([]byte, 64<<10)}
		if *h2c && r.ProtoMajor != 2 {
			http.Error(w, "not HTTP/2", http.StatusHTTPVersionNotSupported)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/missing") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(strings.Repeat("answer ", 100)))
	})
	var protocols http.Protocols
	protocols.SetHTTP1(!*h2c)
	protocols.SetUnencryptedHTTP2(*h2c)
	network, address := "tcp", *listen
	if *unix != "" {
		network, address = "unix", *unix
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Protocols: &protocols}
	log.Fatal(server.Serve(listener))
}
