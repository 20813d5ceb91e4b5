#!/usr/bin/env bash
# Makes the certificates that the tests of TLS use: an authority, three servers
# on three loopback addresses, a server that the configuration does not name, and
# one that only a stranger vouches for. They are valid for a hundred years.
set -euo pipefail
cd "$(dirname "$0")"

authority() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
    -keyout "$1.key" -out "$1.pem" -subj "/CN=$1" 2>/dev/null
}

# A file with key and certificate, as Java's PEM key stores want it.
server() { # NAME ADDRESS AUTHORITY
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 36500 \
    -extfile <(echo "subjectAltName=IP:$2") -out "$1.crt" 2>/dev/null
  openssl pkcs8 -topk8 -nocrypt -in "$1.key" >"$1.pem"
  cat "$1.crt" >>"$1.pem"
  rm "$1.key" "$1.csr" "$1.crt"
}

authority authority
authority stranger
server server1 127.0.0.1 authority
server server2 127.0.0.2 authority
server server3 127.0.0.3 authority
server unnamed 127.0.0.9 authority
server forged 127.0.0.2 stranger
# A client that vouches for itself, whose name has everything that is hard to write.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -utf8 -multivalue-rdn \
  -keyout client.key -out client.crt -subj '/C=DE/O=Acme, Inc./CN=Ålice+serialNumber=7' 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in client.key >client.pem
cat client.crt >>client.pem
rm client.crt
rm -f ./*.key ./*.srl stranger.pem
