"""Shell builtins, wrappers of other commands, and interpreters as far as they only tell their version."""

TABLE = """
cd,pushd,popd,dirs,type,times,which,whereis,whatis,apropos,shift,return,exit,break,continue,wait,groups,tty,getopts :
    *
jobs : -l -p -r -s -n
let : *
read : * calm
mapfile,readarray : -t -n: -s: -d: -O: -u:
unset : -v
alias,umask : @0
umask : -S @0
ulimit : -a -n -u -f -c -v -s -l -m -p -H -S @0
history : @0-1
fc : +-l -n -r @0-2
set : +-e|-u|-x|-o|-E -e -u -x -o: -E -v -f -C @0
shopt : -p -q -o @0-9 calm
hostname : -f -s -i -I -d -A -y --fqdn --short --ip-address --all-ip-addresses --domain --long --all-fqdns @0
command : -v -V -p >0 =named
builtin : >0 =within
exec : >0 =within
time : -p -v -f: --portability --verbose --format: >0 =within
nice : -n: -# --adjustment: >0 =within
ionice : -c: -n: -t -p: --class: --classdata: --ignore >0 =within
nohup : >0 =within
stdbuf : -i: -o: -e: --input: --output: --error: >0 =within
timeout,gtimeout : -s: -k: -v --signal: --kill-after: --preserve-status --foreground --verbose >1 =within
taskset : +-p|--pid -a -p @1
chrt : +-p|--pid -m -p --max @0-1
sudo,doas : -n -E -H -u: -g: -S -k -l -P -U: --user: --group: --non-interactive --list --set-home >0 =sudo
env : -i -u: -0 -C: --ignore-environment --unset: --null --chdir: >0 =env
printenv : @1
xargs,gxargs : -0 -r -t -n: -L: -l? -P: -I: -i? -d: -E: -s: -x --null --no-run-if-empty --verbose --max-args: --max-lines:
    --max-procs: --replace? --delimiter: --max-chars: --exit --show-limits >0 =xargs
watch : * -n: -d -t -c >0 =watched
chroot : --userspec: --groups: --skip-chdir >1 =within
nsenter : -t: -m -n -p -u -i -U -C -a -T -S: -G: -r -w --target: --mount --net --pid --uts --ipc --all --user --cgroup --root
    --wd >0 =within
runuser : -u: --user: >0 =within
setpriv : --reuid: --regid: --clear-groups --init-groups >0 =within
bash,sh,dash,ash,zsh,ksh : +-c -l -e -u -x -o: --norc --noprofile --login =shell
busybox,toybox : >0 =within
eval : =evaluate
kill : -0 -l -L --list =numbers_only

# sudo and ssh to many
ssh : -p: -l: -i: -q -T -n -t -4 -6 -C -v -x -a -k -o: >1 =remote
bundle exec : >0 =within
knife ssh : -a: -C: -x: -i: -p: -E: --attribute: --concurrency: --ssh-user: --ssh-port: --identity-file: --no-color
    --no-host-key-verify --on-error: --prefix-attribute: @2-99 =each_node
ansible : +-m|--module-name|-a|--args -m: -a: -l: -u: -b --become --limit: -o -f: --one-line -v
    --module-name: --args: --check =released
pssh,parallel-ssh : -i -h: -H: -l: -p: -t: >0 =within

python,python3,python2 : -V --version -m: -B -I =python
ruby,node,nodejs,java,javac,php,perl,rustc,gcc,g++,clang : +-v|--version|-version go @0
php : +-l|-v|--version|-m -n @0-1
go version : @0
ld : +--verbose|--version|-V|-v @0
"""
