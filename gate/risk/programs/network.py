"""Networks: addresses, names, sockets, firewalls, and asking a server for what it shows anyone."""

TABLE = """
ip,iproute : -s -d -h -j -p -o -4 -6 -0 -r -t -c -br -f: -brief -statistics -details -human -json -pretty -oneline -resolve
    -family: -color -stats -det go calm
ip address|addr|a|link|l|route|r|ro|rule|ru|neighbour|neighbor|neigh|n|tunnel|maddress|maddr|mroute|netns|token|vrf|
    tcp_metrics|tuntap|macsec|ntable|nexthop|stats : -s -d calm bare @0
ip address|addr|a|link|l|route|r|ro|rule|ru|neighbour|neighbor|neigh|n|tunnel|maddress|maddr|mroute|vrf|nexthop|stats|ntable|
    tuntap|token|macsec|tcp_metrics show|list|ls|lst|sh|get : -s -d calm
ip netns list|list-id|identify|pids|ls : calm
ip netns exec : >1 =within
ip xfrm policy show|list|count : calm
ip -V : @0
ifconfig : -a -s -v @0-1
route : -n -e -v -A: -4 -6 @0
arp : -a -n -v -e -H: -i: @0-1
netstat : * ~-c ~--continuous -A: -I: -p calm
ss : -n -r -a -l -o -e -m -p -T -s -i -t -u -d -w -x -S -0 -4 -6 -Z -z -b -H -O -M -V -h -f: -A: --numeric --all --listening
    --processes --summary --tcp --udp --unix --info --memory --extended --options --resolve --ipv4 --ipv6 --no-header
    --family: --query: --raw --oneline --vsock --context --tipc
nstat,rtacct,lnstat : -a -z -s -p -j --zeros --noupdate --json
lnstat : +-c: -k: -f: -i:
bridge link|fdb|vlan|mdb|vni show|list : -s -d
bridge : -s -d -j -p -o -c
bridge link|fdb|vlan|mdb : @0 bare
tc : -s -d -p -j -g -r -n:
tc qdisc|class|filter|action show|list|ls : -s -d
ethtool : -a -c -g -i -k -l -d -S -m -n -u -x -T -P --show-pause --show-coalesce --show-ring --driver --show-features
    --show-offload --show-channels --statistics --module-info --show-eee --show-priv-flags --show-time-stamping
    --show-permaddr --show-ntuple --show-rxfh --show-rxfh-indir --show-fec --json -I --include-statistics @1
mii-tool : -v @0-9
iw dev|phy|reg|list : calm @0
iw dev|phy : @0-1
iwconfig : @0-1
nmcli : -t -p -f: -g: -m: -e: -c: -w: --terse --pretty --fields: --get-values: --mode: --colors: bare @0
nmcli general|g|networking|n|radio|r|connection|con|c|device|dev|d : -t -f: bare @0
nmcli general|g status|permissions : @0
nmcli networking|n connectivity : @0
nmcli connection|con|c show : -a --active --order:
nmcli device|dev|d status|show|lldp : calm
nmcli device|dev|d wifi : @0
nmcli device|dev|d wifi list :
iptables,ip6tables : +-L|-S|--list|--list-rules|-nL -n -v -x -t: --line-numbers --numeric --verbose --exact --table: -L -S -w
    @0-2
iptables-save,ip6tables-save : -c -t: --counters --table: @0
ebtables,arptables : +-L --Lc --Ln --Lx -t: -n -v @0-1
nft : -a -n -j -s -y -N -S --handle --numeric --json --stateless
nft list : calm
ipset list|test|-L : -n -t -o: -s -name -terse go
ipvsadm : +-L|-l|-Ln|-ln|--list -n --stats --rate -c --timeout --daemon --numeric @0
conntrack : +-L|-S|-C|--list|--stats|--count -p: -s: -d: -f: -o: --src: --dst: --proto: --sport: --dport: --orig-src:
    --orig-dst: --state: @0-1
firewall-cmd : +--state|--list-all|--list-all-zones|--list-services|--list-ports|--list-rich-rules|--list-interfaces|
    --list-sources|--list-forward-ports|--list-protocols|--list-icmp-blocks|--get-zones|--get-default-zone|--get-active-zones|
    --get-services|--get-zone-of-interface|--get-log-denied|--query-port|--query-service|--query-masquerade|--query-panic|
    --info-zone|--info-service|--get-policies --zone: --permanent --list-all --query-port: --query-service: --query-interface:
    --get-zone-of-interface: --info-zone: --info-service: --policy: @0
ufw status : @0-1
ufw app list|info : @0-1
ufw show : @1
fail2ban-client status|version|ping : @0-1
wg show : @0-1
ipsec status|statusall|version|listcerts : @0-1
swanctl : +--list-sas|--list-conns|--stats|--version -l -L -S
birdc,birdc6,birdcl : -r
birdc,birdc6,birdcl show : *
vtysh : +-c -c: @0 =router
ovs-vsctl : --format: --columns: -f: --no-headings --timeout: -t: --bare
ovs-vsctl show|list-br|list-ports|list-ifaces|list|get|find|br-exists|port-to-br|iface-to-br|get-controller|get-manager :
    --format: --columns: --no-headings
ovs-ofctl : -O: --names --no-names --sort
ovs-ofctl show|dump-flows|dump-ports|dump-tables|dump-ports-desc|dump-desc|dump-groups|dump-group-stats|dump-aggregate|
    dump-meters : -O:
ovs-dpctl,ovs-appctl : -t: -s -m --names
ovs-dpctl show|dump-flows|dump-dps : -m -s --names
ovn-nbctl,ovn-sbctl : --db: --no-leader-only --format: --columns: --timeout: -p: -c: -C: --private-key: --certificate:
    --ca-cert: --leader-only
ovn-nbctl show|list|get|find|ls-list|lr-list|lsp-list|lrp-list|lr-route-list|lr-nat-list|acl-list|lb-list|lr-policy-list|
    dhcp-options-list|ls-lb-list|lr-lb-list|qos-list|meter-list|get-connection|lsp-get-addresses|lsp-get-type|lsp-get-up|
    lrp-get-enabled : --format: --columns:
ovn-sbctl show|list|get|find|lflow-list|dump-flows|get-connection : --format: --columns: --uuid
ovn-trace,ovn-detrace : --ovs --summary --minimal --detailed --db: --ct:
lldpctl : -f: @0-9
lldpcli show : *

# names and reachability
dig,kdig,drill,delv,host : * calm
nslookup : * @1-3 calm
whois : -H --verbose @1
ping,ping6,ping4,oping : calm +-c|-w -c: -w: -W: -i: -I: -s: -t: -q -n -4 -6 -v -D -O -U -A -R -M: -Q: -S: -d -a -L -B -r -p:
fping : -c: -C: -q -n -a -u -e -t: -i: -p: -r: -b: -s -d -A -4 -6 -g
arping : +-c|-w|-C -c: -w: -I: -i: -q -s: -D -b -f -C:
traceroute,traceroute6,tracepath,tracepath6 : calm -n -m: -q: -w: -I -T -U -p: -4 -6 -f: -i: -z: -A -e -N: -b -l: -M: -t:
    -s: --mtu
    --tcp --icmp @1-2
mtr : +-r|--report|-w|--report-wide|-j|--json|-C|--csv -c: -n -b -i: -4 -6 -T -u -P: -z -s: -m: -f: -o: -e --report-cycles:
    --no-dns --show-ips --tcp --udp --port: --interval: --aslookup @1
tcptraceroute : -n -p: -m: -q: -w: -f: @1-2
nc,ncat,netcat : +-z -z -v -w: -u -n -4 -6 -t -q: --wait: --zero @2-3 =probe
httping : +-c -c: -g: -G -s -t: -h: -p:
curl : -G -d: --get --data: --data-urlencode: -s -S -f -L -k -i -I -v -g -N -4 -6 -0 -1 -2 -3 -# -A: -e: -E: -H: -m: -o: -r:
    -u: -w: -X: -Y: -y: -z: -V --silent
    --show-error --fail --fail-with-body --fail-early --location --insecure --include --head --verbose --globoff --no-buffer
    --ipv4 --ipv6 --http1.0 --http1.1 --http2 --http2-prior-knowledge --http3 --tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3
    --tls-max: --user-agent: --header: --max-time: --connect-timeout: --output: --range: --user: --write-out: --request:
    --retry: --retry-delay: --retry-max-time: --retry-connrefused --retry-all-errors --compressed --cacert: --capath: --cert:
    --key: --cert-type: --key-type: --resolve: --connect-to: --interface: --path-as-is --no-progress-meter --progress-bar
    --max-redirs: --url: --version --no-keepalive --keepalive-time: --limit-rate: --referer: --noproxy: --ssl-no-revoke
    --unix-socket: --raw --tcp-nodelay --anyauth --basic --digest --negotiate --ntlm --proto: --dns-servers: --ciphers:
    --curves: --no-sessionid --speed-limit: --speed-time: --parallel --oauth2-bearer: --abstract-unix-socket: =fetch
wget : -q -v -nv -S -4 -6 -T: -t: -w: -O: -U: --quiet --verbose --no-verbose --server-response --spider --timeout: --tries:
    --wait: --output-document: --header: --no-check-certificate --user: --password: --ca-certificate: --max-redirect:
    --inet4-only --inet6-only --connect-timeout: --read-timeout: --dns-timeout: --no-proxy --user-agent: --content-on-error
    =fetch
openssl : -
openssl version|ciphers|errstr|list : * go !-engine !-provider !-provider-path !-config @0-2
openssl x509 : -in: -inform: -noout -text -subject -issuer -dates -startdate -enddate -serial -fingerprint -hash -subject_hash
    -issuer_hash -modulus -purpose -checkend: -checkhost: -checkip: -email -ocsp_uri -ext: -nameopt: -certopt: -sha1 -sha256
    -sha512 -md5 -pubkey -alias -dateopt: go =keyless
openssl req : +-noout -in: -inform: -text -subject -noout -verify -modulus -pubkey -nameopt: go =keyless
openssl crl : -in: -inform: -noout -text -issuer -lastupdate -nextupdate -hash -fingerprint -crlnumber -nameopt: go =keyless
openssl crl2pkcs7 : +-nocrl -nocrl -certfile: -in: -inform: -outform: go =keyless
openssl pkcs7 : -in: -inform: -print_certs -print -text -noout go =keyless
openssl verify : -CAfile: -CApath: -untrusted: -trusted: -purpose: -verbose -show_chain -partial_chain -crl_check
    -crl_check_all -x509_strict -verify_hostname: -no-CAfile -no-CApath go =keyless
openssl ocsp : +-issuer -issuer: -cert: -serial: -url: -CAfile: -noverify -text -header: -resp_text -VAfile: -no_nonce -nonce
    go =keyless
openssl dgst|md5|sha1|sha256|sha512 : -md5 -sha1 -sha256 -sha384 -sha512 -hex -r -c go
openssl asn1parse : -in: -inform: -i -dump -strparse: -offset: -length: go =keyless
openssl s_client : -connect: -servername: -showcerts -brief -CAfile: -CApath: -cert: -key: -verify: -verify_return_error -tls1
    -tls1_1 -tls1_2 -tls1_3 -no_tls1 -no_tls1_1 -no_tls1_2 -no_tls1_3 -no_ssl3 -ssl3 -starttls: -status -alpn: -cipher:
    -ciphersuites: -prexit -state -msg -crlf -host: -port: -4 -6 -noservername -nbio -verify_hostname: -xmpphost: -name:
    -no_ign_eof -reconnect -tlsextdebug -debug -groups: -sigalgs: go =connect
ssh-keyscan : -t: -p: -T: -H -4 -6 -v @1-9
ssh-keygen : +-l -f: -v -E: -F: @0-1
ssh-add : +-l
sshd : +-T|-t -C:
exim,exim4 : +-bp|-bpc|-bpr|-bV go @0
mailq : @0
postqueue : +-p|-j @0
postconf : -n -d -h -x @0-9 =kernel
named-checkconf : @0-1
named-checkzone : @2
rndc status : @0
unbound-control :
unbound-control status|stats_noreset|list_forwards|list_stubs|list_local_zones|lookup|dump_requestlist|list_auth_zones : *
dnsmasq : +--test|--version|-v @0
nginx : +-v|-V|-t|-T -q go @0
apachectl,apache2ctl,httpd,apache2 : +-v|-V|-t|-S|-M|-l|-L go @0
apachectl,apache2ctl configtest : @0
postfix status : @0
haproxy : +-v|-vv|-c go -f:
varnishstat : +-1 -f: -j @0
snmpget,snmpwalk,snmpbulkwalk,snmpstatus : -v: -c: -O: -t: -r: -l: -u: -a: -A: -x: -X: -n: -C: -m:
snmpstatus : -v: -c:
promtool query|check|version : * !--http.config.file
promtool query instant|range|series|labels : -o: --format: --start: --end: --step: --match: --time: --header: go =queried
promtool check config|rules|metrics|web-config|healthy|ready|service-discovery : --syntax-only --lint: --extended --url: go
    =queried
promtool tsdb list|analyze : -h -r --limit: --human-readable
amtool : --alertmanager.url: -o: --output: --timeout: -v --verbose go
amtool alert : @0 bare go
amtool alert query : --alertmanager.url: -o: --output: -a -s -i --active --silenced --inhibited --unprocessed --receiver: -v
    go
amtool silence : @0 bare go
amtool silence query : --alertmanager.url: -o: --output: --expired --within: --created-by: --id: -q --quiet go
amtool config show|routes : --alertmanager.url: -o: --output: go
amtool config routes show|test : --alertmanager.url: --config.file: --tree --verify.receivers: go
amtool check-config : go
amtool cluster show : --alertmanager.url: go
logcli query|labels|series|stats|instant-query : ~--tail ~-f --addr: --from: --to: --since: --limit: -q --quiet -o: --output:
    --timezone: --org-id: --step: --forward --batch: --no-labels --include-label: --exclude-label: --labels-length: --stats
    -z:
cmctl status|version|check : *
cmctl check api : *
step certificate inspect|verify|fingerprint : --short --format: --roots: --insecure --servername:
certbot certificates : --cert-name: -d: --domains: @0
"""
