#!/usr/bin/env bash
# A real Kubernetes for the tests: etcd, apiserver, controller-manager, scheduler and for each node a kubelet with a
# containerd of its own, on this machine's loopback. Needs root and no systemd; runs on cgroup v1 and v2.
#
#   cluster.sh build            installs Debian's packages where they are missing and compiles the one binary (4 to 5 minutes, once)
#   cluster.sh ready            exit 0 where everything that `up` needs is there
#   cluster.sh up [image.tar…]  a fresh cluster, built if need be; prints its folder, in which etc/kubeconfig is. NODES: how many (1)
#   cluster.sh load FOLDER image.tar…
#   cluster.sh down FOLDER      stops everything by its pid and removes the traces
#
# OWNER: pid of the process for which it is; a cluster whose owner is gone is taken down by the next `up`.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
CACHE=${GCTUNE_K8S_CACHE:-$HOME/.cache/gctune-k8s}
# A digest of the sources: a changed version is another binary.
B=$CACHE/kube-bin-$(cd "$HERE/kube-all" && cat go.mod main.go pause/main.go | sha256sum | cut -c1-12)

lacking() {
  local x
  for x in containerd runc ctr openssl curl ip /usr/lib/cni/bridge /usr/lib/cni/host-local; do
    command -v $x >/dev/null || echo $x
  done
}

build() {
  if [ -n "$(lacking)" ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      containerd runc containernetworking-plugins openssl curl iproute2 >/dev/null
  fi
  mkdir -p "$CACHE"
  # Two builds at once would both take minutes; the second waits for the first and finds what it has made.
  (flock 9 && compile) 9>"$CACHE/build.lock"
}
compile() {
  [ -x $B/kube-all ] && [ -x $B/pause ] && return
  cd "$HERE/kube-all"
  local kv n X=k8s.io/component-base/version new=$B.new
  kv=$(sed -n 's/^\tk8s.io\/kubernetes v//p' go.mod)
  rm -rf $new; mkdir $new
  export CGO_ENABLED=0 GOTOOLCHAIN=${GOTOOLCHAIN:-local} GOFLAGS='-mod=readonly -buildvcs=false' GOWORK=off
  go build -trimpath -gcflags=all=-dwarf=false \
    -ldflags "-s -w -X $X.gitVersion=v$kv -X $X.gitMajor=1 -X $X.gitMinor=$(echo $kv | cut -d. -f2)" -o $new/kube-all .
  go build -trimpath -ldflags '-s -w' -o $new/pause ./pause
  for n in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet; do ln -sf kube-all $new/$n; done
  rm -rf $B; mv $new $B
}

# What follows is of one cluster: K is its folder, I its number, from which ports, addresses and names follow.
place() {
  K=$1; I=${K##*-}; E=$K/etc R=$K/run L=$K/log
  API=$((16443 + I * 20)) ETCD=$((16444 + I * 20)) ETCDP=$((16445 + I * 20))
}
node() { # sets the names of node $1
  N=$1; NODE=127.0.0.$((I * 4 + N)); KUBELET=$((16445 + I * 20 + N)) GROUP=gctune-k8s-$I-$N BRIDGE=gck$I-$N
  SUBNET=10.$((200 + I)).$N.0/24 NK=$K/node$N SOCK=$R/containerd$N.sock
}
nodes() { seq "$(cat $E/nodes 2>/dev/null || echo 1)"; }

start() { local n=$1; shift; setsid nohup "$@" >$L/$n.log 2>&1 </dev/null & echo $! > $R/$n.pid; }
api() { curl -sf --cacert $E/apiserver.crt -H "Authorization: Bearer $(cat $E/admin.token)" "https://127.0.0.1:$API$1"; }
waitfor() {
  local n=$1 i; shift
  for i in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep .2; done
  echo "$n did not come up; the ends of the logs:" >&2; tail -n 5 $L/*.log >&2; return 1
}
node_ready() { api /api/v1/nodes/$NODE | grep -q 'kubelet is posting ready'; }
ctr_node() { ctr -a $SOCK -n k8s.io "$@"; }
load() { local t n; for n in $(nodes); do node $n; for t in "$@"; do ctr_node images import "$t" >/dev/null; done; done; }

pause_tar() { # a docker-archive with one file
  local d; d=$(mktemp -d)
  tar -C $B --owner=0 --group=0 --mtime=@0 -cf $d/layer.tar pause
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/pause"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(go_arch)" "$(sha256sum < $d/layer.tar | cut -d' ' -f1)" > $d/config.json
  echo '[{"Config":"config.json","RepoTags":["gctune-test/pause:1"],"Layers":["layer.tar"]}]' > $d/manifest.json
  tar -C $d -cf "$1" manifest.json config.json layer.tar; rm -r $d
}
go_arch() { case $(uname -m) in x86_64) echo amd64;; aarch64) echo arm64;; *) uname -m;; esac; }

# Folders of a cgroup in every hierarchy.
groups_named() { ls -d /sys/fs/cgroup/$1 /sys/fs/cgroup/*/$1 2>/dev/null || true; }
make_groups() {
  local d
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then mkdir -p /sys/fs/cgroup/$1; return; fi
  for d in $(awk '$3=="cgroup" {print $2}' /proc/mounts); do
    mkdir -p $d/$1
    # An empty cpuset takes no process.
    for f in cpuset.cpus cpuset.mems; do [ ! -f $d/$1/$f ] || cat $d/$f > $d/$1/$f; done
  done
}

start_containerd() {
  mkdir -p $NK/cni/net.d
  # Pods get an address on a bridge with no route out and no masquerading.
  cat > $NK/cni/net.d/10-local.conflist <<Y
{"cniVersion":"0.4.0","name":"gctune-$I-$N","plugins":[{"type":"bridge","bridge":"$BRIDGE","isGateway":true,"ipMasq":false,
 "ipam":{"type":"host-local","dataDir":"$NK/cni/ipam","ranges":[[{"subnet":"$SUBNET"}]]}}]}
Y
  cat > $E/containerd$N.toml <<Y
version = 2
root = "$NK/containerd"
state = "$R/containerd$N"
[grpc]
  address = "$SOCK"
[plugins."io.containerd.internal.v1.opt"]
  path = "$NK/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/gctune-test/pause:1"
  # Without CAP_SYS_RESOURCE runc would die with "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
      Root = "$R/runc$N"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$NK/cni/net.d"
Y
  start containerd$N containerd --config $E/containerd$N.toml
}

start_kubelet() {
  make_groups $GROUP
  cat > $E/kubelet$N.yaml <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $NODE
port: $KUBELET
healthzPort: 0
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
# Of its own, so that what is in it is ours to kill.
cgroupRoot: /$GROUP
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
makeIPTablesUtilChains: false
containerRuntimeEndpoint: unix://$SOCK
podLogsDir: $NK/pod-logs
volumePluginDir: $NK/volplugins
containerLogMaxSize: ${LOG_MAX_SIZE:-64Mi}
podPidsLimit: 512
resolvConf: ""
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%", nodefs.inodesFree: "1%", imagefs.inodesFree: "1%"}
${KUBELET_CONFIG:-}
Y
  # A node's name is its address, as in hack/local-up-cluster.sh: a loopback address is taken for no other.
  start kubelet$N $B/kubelet --config=$E/kubelet$N.yaml --kubeconfig=$E/kubeconfig --root-dir=$NK/kubelet \
    --cert-dir=$NK/kubelet-pki --hostname-override=$NODE
}

# The first number that no cluster has, claimed by making its folder.
claim() {
  local i; mkdir -p "$CACHE"
  for i in $(seq 0 40); do
    if mkdir "$CACHE/cluster-$i" 2>/dev/null; then place "$CACHE/cluster-$i"; return; fi
  done
  echo "40 clusters are up already; see $CACHE" >&2; return 1
}

reap() { # clusters of owners that are gone
  local d p
  for d in "$CACHE"/cluster-*; do
    p=$(cat "$d/owner" 2>/dev/null) || continue
    [ -d /proc/$p ] || (down "$d")
  done
}

up() {
  local n; build; reap; claim
  mkdir -p $E $R $L; chmod 700 $E
  [ -z "${OWNER:-}" ] || echo $OWNER > $K/owner
  echo ${NODES:-1} > $E/nodes
  [ -e /var/lib/kubelet ] || touch $K/made-var-lib-kubelet
  trap 'down $K >/dev/null 2>&1' ERR
  openssl genrsa -out $E/sa.key 2048 2>/dev/null
  openssl rand -hex 24 > $E/admin.token
  echo "$(cat $E/admin.token),admin,admin,\"system:masters\"" > $E/tokens.csv
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=kube-apiserver \
    -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' -keyout $E/apiserver.key -out $E/apiserver.crt 2>/dev/null
  cat > $E/kubeconfig <<Y
apiVersion: v1
kind: Config
clusters: [{name: local, cluster: {server: "https://127.0.0.1:$API", certificate-authority: $E/apiserver.crt}}]
users: [{name: admin, user: {token: $(cat $E/admin.token)}}]
contexts: [{name: local, context: {cluster: local, user: admin}}]
current-context: local
Y
  for n in $(nodes); do node $n; start_containerd; done
  start etcd $B/etcd --name e --data-dir $K/etcd --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:$ETCD --advertise-client-urls http://127.0.0.1:$ETCD \
    --listen-peer-urls http://127.0.0.1:$ETCDP --initial-advertise-peer-urls http://127.0.0.1:$ETCDP \
    --initial-cluster e=http://127.0.0.1:$ETCDP
  start kube-apiserver $B/kube-apiserver --etcd-servers=http://127.0.0.1:$ETCD \
    --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port=$API --endpoint-reconciler-type=none \
    --tls-cert-file=$E/apiserver.crt --tls-private-key-file=$E/apiserver.key \
    --token-auth-file=$E/tokens.csv --authorization-mode=RBAC \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=$E/sa.key \
    --service-account-signing-key-file=$E/sa.key --service-cluster-ip-range=10.96.0.0/24 \
    --kubelet-preferred-address-types=InternalIP ${APISERVER_FLAGS:-}
  for n in $(nodes); do node $n; waitfor containerd$n ctr_node version; done
  pause_tar $R/pause.tar; load $R/pause.tar "$@"
  waitfor kube-apiserver api /readyz
  start kube-controller-manager $B/kube-controller-manager --kubeconfig=$E/kubeconfig --secure-port=0 --leader-elect=false \
    --service-account-private-key-file=$E/sa.key --root-ca-file=$E/apiserver.crt
  start kube-scheduler $B/kube-scheduler --kubeconfig=$E/kubeconfig --secure-port=0 --leader-elect=false
  for n in $(nodes); do node $n; start_kubelet; done
  for n in $(nodes); do node $n; waitfor "node $NODE" node_ready; done
  waitfor serviceaccount api /api/v1/namespaces/default/serviceaccounts/default
  trap - ERR
  echo $K
}

# Guards against a pid that is another's by now.
ours() { { tr '\0' ' ' < /proc/$1/cmdline; } 2>/dev/null | grep -qF -e "$K/"; }
stop() { # TERM to each by pid, up to 3 s for all, then KILL
  local n p ps=() i
  for n in "$@"; do p=$(cat $R/$n.pid 2>/dev/null) && ours $p && kill $p 2>/dev/null && ps+=($p); rm -f $R/$n.pid; done
  for i in $(seq 30); do kill -0 ${ps[@]:-} 2>/dev/null || break; sleep .1; done
  for p in ${ps[@]:-}; do ours $p && kill -9 $p 2>/dev/null; done; true
}
down() {
  local t d p n; place "$1"; trap - ERR
  stop $(for n in $(nodes); do echo kubelet$n; done) kube-scheduler kube-controller-manager
  for n in $(nodes); do
    node $n
    p=$(cat $R/containerd$n.pid 2>/dev/null) && ours $p || continue
    for t in $(ctr_node tasks ls -q 2>/dev/null); do ctr_node tasks rm -f $t >/dev/null 2>&1 || true; done
    for t in $(ctr_node containers ls -q 2>/dev/null); do ctr_node containers rm $t >/dev/null 2>&1 || true; done
  done
  stop kube-apiserver etcd $(for n in $(nodes); do echo containerd$n; done)
  # Left over from an `up` that was killed: shims of our sockets, then what is in the cgroups of our pods.
  for d in /proc/[0-9]*; do
    p=${d#/proc/}
    case "$( { tr '\0' ' ' < $d/cmdline; } 2>/dev/null)" in
    *containerd-shim-runc-v2*" -address $R/"*) kill -9 $p 2>/dev/null || true;; esac
  done
  for n in $(nodes); do
    node $n
    for t in 1 2 3 4 5; do
      for d in $(groups_named $GROUP); do
        for p in $(find $d -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u); do kill -9 $p 2>/dev/null || true; done
      done
      sleep .1
      for d in $(groups_named $GROUP); do find $d -depth -type d -exec rmdir {} + 2>/dev/null || true; done
      [ -n "$(groups_named $GROUP)" ] || break
    done
    ip link del $BRIDGE 2>/dev/null || true
  done
  awk -v k="$K/" 'index($2,k)==1{print $2}' /proc/mounts | sort -r | while read -r d; do umount -l "$d" || true; done
  # Network namespaces have no name of ours, but nobody else's CNI has made one where no other cluster is up.
  for d in /run/netns/cni-*; do
    [ -e $d ] && [ "$(ls -d "$CACHE"/cluster-* | wc -l)" = 1 ] && { umount -l $d 2>/dev/null; rm -f $d; } || true
  done
  find /var/log/containers -type l -lname "$K/*" -delete 2>/dev/null || true
  [ ! -e $K/made-var-lib-kubelet ] || rm -rf /var/lib/kubelet
  rm -rf "$K"
}

case "${1:-}" in
build) build ;;
ready) [ -z "$(lacking)" ] && [ -x $B/kube-all ] && [ "$(id -u)" = 0 ] ;;
up) shift; up "$@" ;;
load) place "$2"; shift 2; load "$@" ;;
down) down "$2" ;;
*) sed -n '2,12s/^# \?//p' "$0"; exit 2 ;;
esac
