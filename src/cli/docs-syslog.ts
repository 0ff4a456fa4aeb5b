/** The part of docs/reference/configuration.md about TLS and unix sockets. */
export const SECURE_LISTENERS = `## TLS

\`\`\`yaml
syslog:
  listeners:
    - name: tls
      transport: tcp # or relp
      port: 6514
      tls: { certificate_file: /etc/hps/hub.pem, key_file: /etc/hps/hub.key }
    - name: tls-nodes
      transport: relp
      port: 2514
      tls: { certificate_file: /etc/hps/hub.pem, key_file: /etc/hps/hub.key, client_ca_file: /etc/hps/nodes-ca.pem, clients: required }
\`\`\`

- TLS 1.2 and 1.3 (RFC 5425, RFC 9662), with a certificate of any kind that OpenSSL knows. There is no anonymous key exchange: rsyslog's
  \`omrelp\` wants that unless it has a certificate of its own (\`tls.myCert\`, \`tls.myPrivKey\`).
- Certificates are read again each minute and at SIGHUP. New connections get the new one, open ones go on. Files that cannot be used (no
  certificate, a key that does not fit, expired or not valid yet while the one in use is good) change nothing: it is logged once, counted
  in \`hps_ingest_tls_certificate_faults_total\`, and stands in the check \`certificates\` of \`/readyz?verbose\`.
- That check warns 14 days before a certificate expires, and when it has expired. It never makes the hub not ready: clients that verify are
  turned away by an expired certificate, but all else is taken, and taking the hub away renews nothing. Alert on
  \`hps_ingest_tls_certificate_expiry_timestamp_seconds\`.
- What does not become secure is counted by reason in \`hps_ingest_tls_handshake_failures_total\`, and logged at most once a minute for each
  listener and reason, with the address that was last and the number. A handshake that takes longer than 10 seconds is cut off; until then it
  counts as a connection of its address. Some clients (GnuTLS, so rsyslog's) look at the certificate only after the handshake: they
  are seen as connections that end without a message.
- A client whose certificate was verified is the node that its name says (first DNS name, else common name), wherever it sends from:
  [method \`certificate\`](sessions.md#which-node). \`hps sources\` shows the name. It gives no role: a relay is one because \`sources\` says so.
- Revocation lists are not read: take a client's authority away, or let its certificates live briefly.
- Under the systemd unit of \`deploy/systemd\` the hub's user must be able to read the files: \`SupplementaryGroups=ssl-cert\` where Debian keeps keys for that group.
- TLS costs the hub about 40 % more CPU for each message (3.7 µs and 2.7 µs for messages of 138 bytes, measured side by side), and about 1.3 ms a handshake.

## Unix sockets

\`\`\`yaml
syslog:
  listeners:
    - { name: local, transport: unix, path: /run/hps/log.sock, mode: "0666" }
\`\`\`

\`logger -u /run/hps/log.sock\` and everything that writes syslog to a *stream* socket can use it, with line ends or octet counts. Node opens no unix
*datagram* sockets, so it cannot stand in for \`/dev/log\`: \`syslog(3)\`, \`logger -d\` and daemons told to log to a datagram socket need a local
syslogd that forwards, or journald (the hub takes the uploads of \`systemd-journal-upload\`).

Under systemd, \`RuntimeDirectory=hps\` makes \`/run/hps\`.

What comes by it has the address \`unix\` and the role \`node\`, whatever \`sources\` says of 127.0.0.1: programs on the hub's machine speak about no other
node. A message without a host name has no node. \`tcp\`, \`relp\` and \`unix\` share \`syslog.max_connections\`, and all unix senders together may have half of them.
`
