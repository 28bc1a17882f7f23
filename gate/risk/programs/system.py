"""The machine: processes, services, logs, hardware, users, packages."""

TABLE = """
finger : -l -m -s -p @0
lastlog : -u: -t: -b: --user: --time: --before: @0
ps : * -U: -u: -o: -p: -C: -G: -g: -t: -O: -q: --format: --user: --pid: calm =listing
pgrep,pidof,pstree,pwdx,uptime,free,w,who,whoami,id,users,last,lastb,logname,pinky,nproc,arch,uname,lscpu,
    lsmem,lsirq : *
free : * ~-s ~--seconds -c:
vmstat : * -S: =interval
iostat,mpstat,tapestat,cifsiostat : * -p: -P: -g: -j: =interval
iostat : -c -d -x -m -k -t -h -N -p: -y -z -s -j: -H -g: -V --human --dec: --pretty =interval
mpstat : -P: -u -A -I: -N: -n -T -V --dec: =interval
pidstat : -d -h -H -I -l -p: -r -R -s -t -u -U -v -V -w -C: -T: -G: --human --dec: =interval
sar : -A -b -B -d -F -h -H -I: -m: -n: -p -P: -q -r -R -S -t -u -v -V -w -W -y -z -f: -s: -e: -i: -1 -2 -3 -C --human --dec:
    --iface: --dev: =interval
top : +-n -b -n: -d: -p: -u: -U: -o: -H -c -i -E: -e: -w: -1 -S -s @0
pmap : -x -X -d -q -r -p -A: --extended --device --quiet --range: --show-path
slabtop : +-o|--once -s: --sort:
prlimit : +-p|--pid --output: -o: --raw --noheadings @0
numactl : +-H|--hardware|-s|--show @0
numastat : *
tuptime,lspci,lsusb,lsmod,modinfo,lsscsi,lsns,lsipc,lslocks,lslogins,lsblk,lsfd,systool : *
lspci : * !-A !-H !-F !-p !-i !-O !-G -s: -d: calm
lshw : -short -class -C: -c: -json -xml -html -businfo -numeric -quiet -sanitize go @0-1
dmidecode : -t: -s: -q -u -H: --type: --string: --quiet @0
modinfo : -F: -k: -0 -a -d -l -p -n
hwinfo,inxi,sensors,acpi,upower : *
hwinfo : +--short|--cpu|--disk|--network|--memory|--block|--pci|--usb --only: @0
inxi : -F -b -x -z -C -D -G -M -N -S -m -c -d -i -l -n -o -p -r -s -t -u @0
sensors : -u -f -A -j --no-adapter @0-5
sensors : * !-s !--set !-c !--config-file calm
upower : +-d|--dump|-e|--enumerate|-i: -i:
nvidia-smi : bare -q -L -i: -d: -x --query --list-gpus --query-gpu: --query-compute-apps: --format: --id: --display: @0
nvidia-smi topo : -m
dmesg : -T -t -r -x -k -u -l: -f: -e -d -L -P -H -s: -p -y -J -S --ctime --notime --raw --decode --kernel --userspace --level:
    --facility: --reltime --color --nopager --json --human --time-format: --since: --until: --show-delta --buffer-size: ~-w
    ~--follow ~-W ~--follow-new @0
journalctl : * ~-f ~--follow !--vacuum-size !--vacuum-time !--vacuum-files !--rotate !--flush !--sync !--relinquish-var
    !--smart-relinquish-var !--setup-keys !--update-catalog !--cursor-file !--synchronize-on-exit -n: -u: -p: -o: -S: -U: -g:
    -t: -D: -M: -b -I -F: -c: calm
systemctl : -l -q -a -t: -p: -o: -n: -M: -r --no-pager --full --all --type: --state: --property: --plain --no-legend --failed
    --quiet --lines: --output: --user --system --value --recursive --reverse --after --before --show-types --timestamp: bare
systemctl status|show|cat|is-active|is-enabled|is-failed|is-system-running|list-units|list-unit-files|list-timers|
    list-sockets|list-jobs|list-dependencies|list-machines|list-automounts|list-paths|get-default|help : * !-H !--host calm
service : --status-all @0-2 =served
systemd-analyze : --no-pager --user --system bare @0
systemd-analyze blame|critical-chain|time|calendar|timespan|timestamp|security|condition|unit-paths|unit-files : * !-H
    !--host calm
systemd-cgls : -a -l -k -u: -M: --no-pager --all --full --unit
systemd-cgtop : +-n -b -n: -p -t -c -m -i -d: --depth: @0
systemd-detect-virt,systemd-path : *
systemd-delta : --no-pager --diff --type: -t:
loginctl : --no-pager --no-legend -l -a -p: --property: bare @0
loginctl list-sessions|session-status|show-session|list-users|user-status|show-user|list-seats|seat-status|show-seat : * !-H
    !--host calm
timedatectl,hostnamectl,localectl : --no-pager -a -p: --property: --value --static --transient --pretty --json: bare @0
timedatectl status|show|list-timezones|timesync-status|show-timesync : * !-H !--host calm
hostnamectl status : * !-H !--host calm
localectl status|list-locales|list-keymaps : * !-H !--host calm
coredumpctl : --no-pager --no-legend -1 -n: -r -S: -U: -F: --since: --until: bare @0
coredumpctl list|info : * !-o !--output !--debugger calm !-H !--host calm
resolvectl : --no-pager bare @0
resolvectl status|query|statistics|dns|domain : @0-1
resolvectl query : * !-H !--host calm
networkctl : --no-pager -a -l -s -n: bare @0
networkctl list|status|lldp : * !-H !--host calm
machinectl list|status|show|list-images : * !-H !--host calm
busctl list|status|tree|introspect : * !-H !--host calm
bootctl status|list|is-installed : * !-H !--host calm
initctl list|status|version : *
rc-status : *
chkconfig : +--list
runlevel : @0
supervisorctl :
supervisorctl status|avail|pid|version : *
gitlab-ctl status|service-list : *
sv status : *
monit summary|status|report|procmatch : *
pm2 list|ls|status|show|describe|info : *
chronyc : -n -c -v
chronyc tracking|sources|sourcestats|activity|ntpdata|serverstats|rtcdata|clients|authdata|selectdata : *
ntpq : +-p|-pn|-np|-c: -n -p -4 -6 @0-1
ntpstat : @0
sysctl : -a -A -n -e -N -b -r: --all --values --names --ignore --pattern: --deprecated =kernel
getent passwd|group|hosts|ahosts|ahostsv4|ahostsv6|services|protocols|networks|netgroup|ethers|rpc|aliases : *
getenforce,sestatus,selinuxenabled,seinfo,sesearch,matchpathcon,getsebool,aa-status,apparmor_status,aa-enabled : *
semanage port|fcontext|boolean|login|user|module|permissive : +-l|--list -C -n --noheading
semodule : +-l|--list-modules|-lfull --list-modules: @0
ausearch,aureport : * !--checkpoint calm
auditctl : +-l|-s|-v @0
chage : +-l|--list @1
passwd : +-S|--status @0-1
faillock : --user: @0
getcap : -r -v -n
lid,faillog : @0-1
faillog : -a -u: @0
crontab : +-l -u:
atq : *
at : +-l @0
logrotate : +-d|--debug -v
ipcs : *
vmstat : -a -s -d -D -p: -S: -w -t -m -n -f -y =interval
lsb_release,hostid,locale : *
kdump-config show|status : @0
kdumpctl status|showmem|estimate : @0
ipmitool : -I: -H: -U: -P: -f: -L: -v -c -N: -R:
ipmitool sel|sdr|chassis|fru|mc|lan|sensor|power|user|channel list|elist|info|status|print|get|summary|type : *
ipmitool sensor|sdr|sel|fru : @0
tuned-adm active|list|profile_info|recommend|verify : @0-1
cpupower frequency-info|idle-info|info : *
perf : -v --version @0
perf list : @0-2
bpftool prog|map|net|link|cgroup|feature|btf show|list|tree|probe : @0-3
tmux ls|list-sessions|list-windows|list-panes|list-clients|info : -a -s -t:
screen : +-ls|-list go @0-1

# packages: looking things up
rpm : +-q|-qa|--query|-V|--verify|--version -q -a -i -l -f -c -d -R -V -s -p -g --all --info --list --file --queryformat:
    --qf: --last --changelog --requires --provides --whatprovides --whatrequires --scripts --triggers --configfiles --docfiles
    --state --installtime --nosignature --nodigest --conflicts --obsoletes =plain_format
dpkg : +-l|--list|-L|--listfiles|-s|--status|-S|--search|-p|--print-avail|-V|--verify|-C|--audit|--get-selections|
    --print-architecture|--print-foreign-architectures|--compare-versions|--version|--yet-to-unpack
dpkg-query : +-l|-L|-s|-S|-W|-p|--list|--listfiles|--status|--search|--show -f: --showformat:
dpkg-deb : +-I|-c|-f|--info|--contents|--field @1-2
apt : -a -q --installed --upgradable --all-versions -n --names-only -v
apt list|show|policy|search|depends|rdepends|showsrc : -a -q --installed --upgradable --upgradeable --all-versions -n
    --names-only --manual-installed
apt-cache : -q -n -a --names-only --no-all-versions --installed --recurse
apt-cache policy|show|showpkg|search|depends|rdepends|madison|pkgnames|stats|unmet|showsrc : -q -n -a -f --names-only
    --installed --recurse --no-recommends --no-suggests --full
apt-mark showhold|showmanual|showauto : @0-9
apt-get : -v --version -q @0
aptitude search|show|why|why-not|versions : -F: -w: --disable-columns -q
yum,dnf,microdnf : -v -q -C --cacheonly --quiet --verbose --showduplicates --enablerepo: --disablerepo: --installed
    --available --version -d: -e:
yum,dnf,microdnf list|info|repolist|search|provides|whatprovides|deplist|updateinfo|grouplist|groupinfo|repoquery|repoinfo|
    check : -v -q -C --cacheonly --quiet --verbose --showduplicates --enablerepo: --disablerepo: --installed --available
    --upgrades --updates --all --enabled --disabled --security --list --whatprovides: --requires --provides -l -i --info
yum,dnf history : @0
yum,dnf history list|info|summary : @0-3
repoquery : -l -i -a -q --list --info --requires --provides --whatprovides: --whatrequires: --installed --available --all
    --qf: --queryformat: =plain_format
zypper : -n -q -v --non-interactive --quiet --verbose --no-refresh
zypper search|se|info|if|repos|lr|list-updates|lu|packages|pa|patches|list-patches|lp|locks|ll|services|ls|what-provides|wp|
    patch-check|pchk|products|pd|targetos : *
zypper ps : -s --short
apk info|list|policy|search|stats|version : * !--root !-p !--keys-dir !--repositories-file calm
pacman : +-Q|-Qi|-Ql|-Qs|-Qo|-Qu|-Si|-Ss|-Qe|-Qm -q -i -l -s -o -u -e -m -d -t -n -k -Q
brew list|info|search|deps|config|outdated|uses|leaves|doctor : *
snap list|info|services|changes|tasks|connections|interfaces|version|find : *
flatpak list|info|remotes|search|history : *
port installed|info|search|list|outdated : *
rpm-ostree status : -v --verbose --json --booted
ostree admin status : @0
update-alternatives : +--list|--display|--query|--get-selections @0-1
alternatives : +--list|--display @0-1
subscription-manager status|list|identity|facts|repos|version : --consumed --installed --available --list --list-enabled
    --list-disabled
needs-restarting : -r -s
needrestart : +-b -k -l -r: @0
ubuntu-security-status : *
pip,pip3,pipx : -V --version
pip,pip3 list|show|freeze|check : * !--python !--log !--proxy !-i !--index-url !--extra-index-url !--cert calm
gem list|environment|contents|specification|dependency|which|stale : * !--config-file calm
npm list|ls|view|outdated|ping : --depth: -g --global --json --all --prod --long
npm : -v --version @0

# Windows programs that look the same everywhere
whoami : *
"""
