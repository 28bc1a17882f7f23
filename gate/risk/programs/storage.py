"""Disks, volumes, file systems, distributed storage."""

TABLE = """
findmnt : * ~-p ~--poll calm
mount : -l -v -t: @0
blkid : -o: -s: -p -k -L: -U: -t: -l -i --output: --match-tag: --probe
lsblk : *
swapon : +-s|--show|--summary --noheadings --bytes --output: --raw @0
fdisk : +-l|--list -u -o: -b:
sfdisk : +-l|-d|-J|--list|--dump|--json|-F|--list-free
parted : +-l|--list -m -s @0
gdisk,sgdisk : +-l|-p|--print @1-2
partx : +-s|--show|-l|--list -o: -g
pvs,vgs,lvs,pvdisplay,vgdisplay,lvdisplay,lvmdiskscan : -a -o: -v -S: -P -s -h -c -C -m --all --options: --units: --noheadings
    --nosuffix --separator: --sort: --select: --segments --maps --columns --reportformat: --readonly --unbuffered
lvm version|pvs|vgs|lvs|fullreport : -a -o:
dmsetup ls|info|table|status|deps|targets|version|report : -c -C -o: --tree --noheadings --target: -v --columns --noflush
dmsetup table|status : --noflush -v --target:
mdadm : +-D|--detail|-E|--examine|-Q|--query -s --scan -v --verbose --brief -b --export --test
cryptsetup status|isLuks|luksUUID : -v
cryptsetup --version : @0
smartctl : -a -x -i -H -c -A -d: -l: -q: -j -n: -T: -P: -g: --all --xall --info --health --capabilities --attributes --device:
    --log: --json --scan --scan-open --nocheck:
nvme list|list-subsys|smart-log|id-ctrl|id-ns|error-log|fw-log|list-ns|show-regs|intel|version|list-ctrl|get-feature : -o: -n:
    -H -v --output-format: --human-readable --namespace-id: -f: --feature-id:
hdparm : +-I|-i|-g @1-9
tune2fs : +-l @1
dumpe2fs : +-h -f @1
xfs_info : @1
btrfs filesystem|fi show|df|usage|du : *
btrfs subvolume|sub list|show|get-default : *
btrfs device|dev stats|usage : -T -b -h -k -m -g -t --check
btrfs scrub status : -d -R
btrfs balance status : -v
btrfs version : @0
zpool status|list|get|history : -H -P -p -o: -v -x -L -g -D -e -s -t -i -l
zpool iostat : -v -l -q -p -H -L @0-9 =interval
zfs list|get|holds|diff : -H -r -d: -o: -s: -S: -t: -p
multipath : +-l|-ll|-v: -d -v: @0-2
multipathd show : *
iscsiadm : +-m -P: -d: -t: -m: --mode: --print: @0
targetcli ls : @0-3
lsscsi,sg_map : *
storcli,storcli64,perccli,perccli64 show : @0-2
quota,repquota : *
showmount : *
nfsstat : -c -s -m -r -n -o: -3 -4 -v -l ~-Z
nfsiostat : -a -d -p -s =interval
rpcinfo : -p -s -T: @0-2
exportfs : +-s|-v -s -v @0
smbstatus : -b -p -S -L -d: -v -f -u:
testparm : -s -v --suppress-prompt
drbdadm status|role|cstate|dstate|sh-resources : *
drbdsetup status : --verbose --statistics
pcs :
pcs status : --full --hide-inactive @0-3
crm_mon : +-1|--one-shot -r -f -n -A -R --inactive --group-by-node
crm status : @0-2
crm_resource : +-l|-L|--list -r: -W
corosync-cfgtool : +-s|-b @0
corosync-quorumtool : -s -l -i -n @0
gluster volume status|info|list|get : @0-3
gluster peer status : @0
gluster pool list : @0

# ceph: by what is known to be asked
ceph : -s -f: -n: -v --cluster: --format: --id: --name: --connect-timeout: --status --health --version --format=json bare @0
ceph status|health|df|quorum_status|mon_status|versions|version|fsid|report|node|features|time-sync-status : -f: --format:
    @0-3
ceph health detail : -f: --format:
ceph df detail : -f: --format:
ceph log last : @0-3
ceph node ls : @0-1
ceph osd status|stat|tree|df|perf|dump|ls|find|metadata|versions|lspools|utilization|blocked-by|ok-to-stop|safe-to-destroy|
    numa-status|getmaxosd|map|count-metadata|tree-from|info|ls-tree|stat : -f: --format:
ceph osd pool ls|stats|get|autoscale-status|get-quota : -f: --format:
ceph osd crush tree|dump|show-tunables|get-tunable : -f: --format: --show-shadow
ceph osd crush rule ls|dump|list : -f: --format:
ceph osd crush class ls|ls-osd : -f: --format:
ceph osd erasure-code-profile ls|get : -f: --format:
ceph osd blocklist|blacklist ls : -f: --format:
ceph osd df tree|plain : -f: --format:
ceph pg stat|dump|dump_stuck|ls|ls-by-osd|ls-by-pool|ls-by-primary|map|dump_json|dump_pools_json : -f: --format:
ceph mon stat|dump|metadata|versions : -f: --format:
ceph mds stat|metadata|versions : -f: --format:
ceph mgr dump|stat|services|metadata|versions : -f: --format:
ceph mgr module ls : -f: --format:
ceph fs status|ls|dump|get : -f: --format:
ceph fs subvolume|subvolumegroup|volume ls|info : *
ceph fs volume ls|info : *
ceph balancer status|show|eval|ls : -f: --format:
ceph orch status|ls|ps : *
ceph orch host|device ls : *
ceph crash ls|info|stat|ls-new : -f: --format:
ceph device ls|info|ls-by-host|ls-by-daemon|get-health-metrics : -f: --format:
ceph config get|show|dump|log|ls|help|show-with-defaults : -f: --format:
ceph daemon : @2-6 =asked
ceph tell : @2-6 =asked
ceph progress : @0
ceph progress json : @0
ceph-volume lvm list : --format:
ceph-volume inventory : --format:
cephadm ls|version|list-networks : @0
rbd : -p: --pool: --format: --namespace: --id: --cluster:
rbd ls|list|info|du|disk-usage|status|showmapped|children|diff|help : -p: --pool: -l --long --format: --image: --snap: --id:
    --pretty-format
rbd snap ls|list : -p: --pool: --format: --all
rbd trash ls|list : -p: --pool: --format: -a -l
rbd lock ls|list : -p: --pool: --format:
rbd mirror pool|image status|info : -p: --pool: --format: --verbose
rbd pool stats : -p: --pool: --format:
rbd namespace ls|list : -p: --pool:
rbd device list|ls : --format:
rados : -p: --pool: -N: --namespace: --id: --format:
rados lspools|df|ls|stat|listxattr|listomapkeys|lssnap : -p: --pool: --all
radosgw-admin : --format: --rgw-realm: --rgw-zone:
radosgw-admin bucket list|stats : --bucket: --uid: --format: --max-entries:
radosgw-admin bucket limit check : --uid: --format:
radosgw-admin user list|stats : --uid: --format:
radosgw-admin sync status : --format: --rgw-realm: --rgw-zone:
radosgw-admin realm|zone|zonegroup|period list : --format:
radosgw-admin gc list : --include-all
mc ls|stat|du|tree|version : -r --recursive --json --summarize --depth: --versions
mc admin info : --json @1
s3cmd ls|la|du|info : * !-c !--config !--config= !--dump-config calm
"""
