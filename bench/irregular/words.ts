/** Vocabulary of the irregular corpus: what daemons of many makers say. */
export const WORDS = (
  'accepted active adapter address agent allocated already analysis attempt authentication backend balance bind block bridge buffer bus cache cannot ' +
  'carrier certificate change channel check checksum claim client closed cluster command commit complete configuration connect connection context controller ' +
  'core corrected cpu daemon data database deadline decode default degraded delayed denied descriptor detected device disabled disk domain done down driver dropped ' +
  'enabled encountered endpoint engine entered error event exceeded exception exhausted exited expected expired export failed failure fallback fan fetch filesystem ' +
  'firmware flush forwarding frame garbage gateway generation granted group handler handshake health heartbeat host idle ignored image import inactive index initialized ' +
  'inode input instance interface internal interrupt invalid invalidated journal kernel key latency lease leader limit link listener loaded local lock lookup lost ' +
  'manager mapping master memory message metadata method migration mirror missing mode module mount namespace neighbor network node notify offline offset online opened ' +
  'operation orphan output overflow owner packet page parity partition path peer pending permission persistent policy pool port power pressure primary probe process profile ' +
  'protocol provider queue quorum quota range ready rebuild received reconnect recovered redundancy refused register rejected release reload remote removed replica reply ' +
  'request reset resolved resource response restart resumed retry revoked role rollback route running scheduler scrub secondary sector segment sensor sequence server service ' +
  'session shard shutdown signal skipped slot snapshot socket source stalled started state stopped storage stream subsystem succeeded suspended switch sync syscall table target ' +
  'task temperature template tenant terminated thread threshold timeout timer token topology transaction transfer trigger truncated tunnel unit unknown unreachable updated upgrade ' +
  'upstream user validation verified version virtual volume voltage waiting warning watchdog worker workload write zone'
).split(' ')

export const APPS = (
  'kernel systemd sshd cron dnsmasq chronyd NetworkManager dockerd containerd kubelet etcd haproxy nginx postgres mysqld redis-server ceph-osd ceph-mon zed smartd mdadm ' +
  'lvm iscsid multipathd ntpd rpcbind slurmd slurmctld munged nfsd automount sssd polkitd auditd rsyslogd snmpd ipmievd mcelog opensm ibacm lldpd keepalived corosync pacemakerd ' +
  'prometheus grafana node_exporter java app-server worker api-gateway billing inventory'
).split(' ')

export const KEYS = (
  'status code duration_ms bytes user tenant method path peer host dev ifname queue retries attempt limit offset lag term leader pool osd pg job jobid partition rc errno signal pid tid cpu node ' +
  'temp_c rpm volts watts slot bay wwn serial fw build ref trace span request_id session_id region zone reason'
).split(' ')

export const FOREIGN = ['Gerät nicht verfügbar', 'Größe überschritten', 'échec de la connexion', 'соединение потеряно', '接続が切断されました', '温度超出范围', 'λειτουργία ολοκληρώθηκε', 'Δ≈0 µs — ✓', 'naïve café']
