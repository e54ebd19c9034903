#!/bin/sh
# Does the same as docker:dind's entry point: creates a CA and two certificates below DOCKER_TLS_CERTDIR, then starts dockerd on
# its socket and with TLS on 2376.
set -eu

certificate() { # name, extensions
  folder="$DOCKER_TLS_CERTDIR/$1"
  mkdir -p "$folder"
  openssl genrsa -out "$folder/key.pem" 2048
  openssl req -new -key "$folder/key.pem" -out "$folder/csr.pem" -subj "/CN=docker:dind $1"
  printf '%s\n' "$2" >"$folder/extensions.cnf"
  openssl x509 -req -in "$folder/csr.pem" -CA "$ca/cert.pem" -CAkey "$ca/key.pem" -CAcreateserial \
    -out "$folder/cert.pem" -days 825 -extfile "$folder/extensions.cnf"
  cp "$ca/cert.pem" "$folder/ca.pem"
}

ca="$DOCKER_TLS_CERTDIR/ca"
if [ ! -s "$DOCKER_TLS_CERTDIR/client/key.pem" ] || [ ! -s "$ca/key.pem" ]; then
  mkdir -p "$ca"
  openssl genrsa -out "$ca/key.pem" 2048
  openssl req -new -x509 -key "$ca/key.pem" -out "$ca/cert.pem" -subj '/CN=docker:dind CA' -days 825
  certificate server "subjectAltName = DNS:docker,DNS:localhost,IP:127.0.0.1,DNS:$(hostname)"
  certificate client "extendedKeyUsage = clientAuth"
  # For clients that are not root, as in the image.
  chmod 644 "$DOCKER_TLS_CERTDIR/client/key.pem"
fi 2>/dev/null

# Left behind if the daemon was killed.
rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid
exec dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify \
  --tlscacert "$DOCKER_TLS_CERTDIR/server/ca.pem" --tlscert "$DOCKER_TLS_CERTDIR/server/cert.pem" \
  --tlskey "$DOCKER_TLS_CERTDIR/server/key.pem" "$@"
