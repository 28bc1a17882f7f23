"""Containers, virtual machines, orchestration."""

TABLE = """
docker,podman,nerdctl : -c: -l: -D -n: --context: --log-level: --debug --namespace: --remote
docker,podman,nerdctl ps|images|info|version|port|top|history|diff|inspect|search : * -f: -n: --filter: --format: --type:
    --last: --sort: -l calm
docker,podman,nerdctl logs : * ~-f ~--follow -n: --tail: --since: --until: -t calm
docker,podman,nerdctl stats : +--no-stream -a --all --format: --no-stream --no-trunc --no-reset
docker,podman,nerdctl events : +--until --since: --until: --filter: -f: --format:
docker,podman,nerdctl exec : -i -t -u: -w: --user: --workdir: --interactive --tty --privileged >1 =within
docker,podman,nerdctl container ls|list|ps|inspect|top|port|diff : * -f: -n: --filter: --format: calm
docker,podman,nerdctl container logs : * ~-f ~--follow -n: --tail: --since: --until: calm
docker,podman,nerdctl container exec : -i -t -u: -w: --user: --workdir: >1 =within
docker,podman,nerdctl container stats : +--no-stream -a --format: --no-stream
docker,podman,nerdctl image ls|list|inspect|history : * -f: --filter: --format: calm
docker,podman,nerdctl volume|network|plugin|context|node|service|stack|config|pod|secret ls|list|ps|inspect : * -f: --filter:
    --format: calm
docker service|stack ps|services : * -f: --filter: --format: calm
docker service logs : * ~-f ~--follow -n: --tail: --since: calm
docker,podman,nerdctl system df|info : * --format: calm
docker,podman manifest inspect : * calm
docker,podman,nerdctl compose : -f: -p: --file: --project-name: --profile: --project-directory: --env-file:
docker,podman,nerdctl compose ps|images|top|version|ls|port : * --format: --filter: calm
docker,podman,nerdctl compose logs : * ~-f ~--follow -n: --tail: --since: --until: calm
docker,podman,nerdctl compose exec : -T -i -t -u: -w: --user: --workdir: --index: >1 =within
docker buildx ls|version|du|inspect : --verbose --format:
docker-compose,podman-compose : -f: -p: --file: --project-name: --profile: --project-directory: --env-file:
docker-compose,podman-compose ps|images|top|version|ls|port : *
docker-compose,podman-compose logs : * ~-f ~--follow -n: --tail: --since: calm
docker-compose,podman-compose exec : -T -i -t -u: -w: --user: --workdir: --index: >1 =within
docker-machine ls|status|ip|url|version|active : * -f: --filter: --format: -t:
podman machine list|ls|info|inspect : * --format: calm
podman pod ps|top : * -f: --filter: --format: calm
crictl : -r: -D -t: -i: --runtime-endpoint: --image-endpoint: --timeout: --debug
crictl ps|pods|images|image|img|info|version|inspect|inspecti|inspectp|imagefsinfo : * -o: -q -a --name: --state: --label:
    --image: --namespace: --pod: -p: --output: --last: calm
crictl stats|statsp : ~-w ~--watch -a -o: --id: --pod: --output: --label: --seconds:
crictl logs : * ~-f ~--follow --tail: --since: -p -t calm
crictl exec : -i -t -s --sync --interactive --tty --timeout: >1 =within
ctr : -n: -a: --namespace: --address: --timeout: --debug
ctr containers|container|c|images|image|i|tasks|task|t|namespaces|namespace|ns|snapshots|snapshot|plugins|plugin|content|
    leases ls|list|info|ps|metrics|check|usage|tree : *
ctr version|info : *
runc,crun list|ps|state|features : --format: -f: -q
runc,crun : --root: --version -v
buildah images|containers|ps|info|version|inspect : * --format: --filter: calm
skopeo inspect|list-tags : --config --raw --format: -f: --no-tags --tls-verify --override-os: --override-arch: --retry-times:
    --no-creds
crane digest|manifest|config|ls|catalog|version : --platform: --full-ref --insecure
lxc,incus list|ls|info|version : * -c: -f: --format: --columns: calm
lxc,incus config show : @0-1
lxc,incus image|network|profile|storage|cluster|project list|show|info : * -f: --format: calm
lxc,incus exec : -t -T -n --user: --group: --cwd: --mode: >1 =within
lxc-ls,lxc-info,lxc-checkconfig : *
machinectl list|status|show|list-images : *
virsh : -c: -r -q -d: --connect: --readonly --quiet
virsh list|dominfo|domstate|domstats|domblklist|domblkinfo|domblkstat|domblkerror|domiflist|domifstat|domifaddr|domif-getlink|
    dommemstat|domid|domname|domuuid|domjobinfo|domfsinfo|domhostname|domcapabilities|capabilities|cpu-stats|vcpuinfo|
    vcpucount|dumpxml|guestinfo|hostname|nodeinfo|nodecpustats|nodememstats|nodecpumap|nodedev-list|nodedev-dumpxml|net-list|
    net-info|net-dumpxml|net-dhcp-leases|iface-list|iface-dumpxml|pool-list|pool-info|pool-dumpxml|pool-capabilities|vol-list|
    vol-info|vol-dumpxml|vol-path|snapshot-list|snapshot-info|snapshot-dumpxml|checkpoint-list|sysinfo|uri|version|freecell|
    freepages|nwfilter-list|secret-list : --all --inactive --state-running --title --uuid --name --table --details --domain:
    --pool: --source: --full --total --bytes --tree --persistent --transient --active --live --config --current --raw --state
    --cpu-total --balloon --vcpu --interface --block --cap: --human
virsh dumpxml : --inactive --migratable --update-cpu $--security-info --xpath: --domain:
vboxmanage,VBoxManage list|showvminfo : *
xl list|info|vcpu-list|uptime|dmesg|domid|domname : *
qm,pct list|status|config|pending|listsnapshot : @0-1 --current --verbose
pvesm status|list : *
pvecm status|nodes : @0
pveversion : *
pvesh get : *
qemu-img info|map : --output: -f: -U --backing-chain --force-share
multipass list|ls|info|version : --format:
nomad : -address: -region: -namespace: go
nomad status|version : -address: -region: -namespace: -json -verbose -short -t: -evals go
nomad node|job|alloc|deployment|eval|server|volume|plugin|namespace|service|agent-info|quota status|list|members|info|history|
    inspect|allocs|deployments : -address: -region: -namespace: -json -verbose -short -stats -self -t: -allocs -filter:
    -per-page: -type: -detailed -version: -p go
nomad alloc logs|fs : -address: -namespace: -stderr -n: -c: -tail -task: -job -verbose -stat -H ~-f go
nomad server members : -detailed -verbose -json go
nomad operator raft list-peers : -stale go
nomad agent-info : go
salt-run manage.status|manage.up|manage.down|jobs.list_jobs|jobs.active|jobs.lookup_jid : --out:
salt : -C -G -E -L -t: --out: --timeout: @2-6 =salted
puppet --version : @0
facter : -j -y --json --yaml @0-9
"""
