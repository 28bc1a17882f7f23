"""Databases, queues, search: asking them."""

TABLE = """
psql,gitlab-psql : +-c|--command|-l|--list|-V|--version -c: -h: -p: -U: -d: -t -A -x -q -X -w -F: -R: -H -z -1 -a -b -E -n
    --command: --host: --port: --username: --dbname: --tuples-only --no-align --expanded --quiet --no-psqlrc --no-password
    --csv --html --field-separator: --single-transaction --list -l --no-readline @0-2 =query
mysql,mariadb : +-e|--execute|-V|--version -e: -h: -P: -u: -D: -p? -N -B -s -t -E -v -r -n -H -X -C --execute: --host: --port:
    --user: --database: --password --protocol: --socket: -S: --batch --silent --table --vertical --raw --skip-column-names
    --column-names --ssl-mode: --ssl-ca: --connect-timeout: --html --xml --default-character-set: --no-auto-rehash -A --table
    @0-1 =query
mysqladmin,mariadb-admin : -h: -P: -u: -p? -S: -v -r --host: --port: --user: --password --socket: --protocol: --vertical
mysqladmin,mariadb-admin status|extended-status|processlist|ping|version|variables : -h: -P: -u: -p? -S: --host: --user:
    --password @0
mysqlshow : -h: -P: -u: -p? --host: --user: --password --count --status -k -i -t -v
mysqldumpslow : -s: -t: -r -a -g: -l -n: -v -d
clickhouse-client : +-q|--query|--version -q: --query: -h: --host: --port: -u: --user: --password: -d: --database: -f:
    --format: --secure -t --time @0 =query
cockroach node status|ls : --host: --url: --certs-dir: --insecure --all --ranges --stats --decommission --format:
cockroach version : *
sqlite3 : -readonly -header -noheader -csv -json -column -line -list -html -markdown -table -box -separator: -bail -batch
    -safe -ascii -tabs -quote -nullvalue: go calm @2 =sqlite
nodetool : -h: -p: -u: -pw: --host: --port: go
nodetool status|info|ring|tpstats|compactionstats|netstats|cfstats|tablestats|describecluster|gossipinfo|version|
    proxyhistograms|tablehistograms|cfhistograms|getcompactionthroughput|getstreamthroughput|listsnapshots|statusbinary|
    statusgossip|statusthrift|statushandoff|statusbackup|getendpoints|getlogginglevels|describering|viewbuildstatus|
    getsstables|failuredetector|rangekeysample|clientstats : * go calm
mongosh,mongo : +--eval|--version --eval: --quiet --host: --port: --username: -u: -p: --password: --authenticationDatabase:
    --tls --ssl --tlsCAFile: --norc --json --version @0-1 =mongo
mongostat,mongotop : +-n|--rowcount -n: --rowcount: --host: --port: -u: -p: --authenticationDatabase: --json
redis-cli,valkey-cli,gitlab-redis-cli,keydb-cli : -h: -p: -n: -a: -u: -s: -c -t: --user: --pass: --raw --no-raw --csv --json
    --tls --cacert: --cert: --key: --sni: --insecure --no-auth-warning --bigkeys --memkeys --hotkeys --scan --pattern:
    --count: --version -v --help -2 -3 ~--stat ~--latency ~--latency-history ~--latency-dist ~-r =redis
redis-cli :
memcstat,memcping : *
etcdctl : -w: -C: --endpoints: --endpoint: --cacert: --cert: --key: --ca-file: --cert-file: --key-file: --command-timeout:
    --dial-timeout: --write-out: --insecure-skip-tls-verify --insecure-transport --hex --debug --cluster --discovery-srv:
    --keepalive-time: --keepalive-timeout:
etcdctl version|cluster-health|ls : --endpoints: -w: --write-out: -r --recursive --sort -p
etcdctl endpoint status|health|hashkv : -w: --cluster --write-out: --endpoints: --rev:
etcdctl member list : -w: --write-out: --endpoints: --hex
etcdctl alarm list : -w: --endpoints:
etcdctl get : --prefix --keys-only --count-only --limit: --from-key --consistency: --rev: --sort-by: --order: -w: --write-out:
    --endpoints: =etcd_get
etcdctl lease list|timetolive : --keys -w:
etcdctl snapshot status : -w: --write-out:
etcdctl role|user list : -w:
etcdutl snapshot status : -w: --write-out:
etcdutl version : @0
kafka-topics,kafka-topics.sh : +--list|--describe --bootstrap-server: --zookeeper: --topic: --list --describe
    --under-replicated-partitions --unavailable-partitions --under-min-isr-partitions --at-min-isr-partitions
    --topics-with-overrides --exclude-internal @0
kafka-consumer-groups,kafka-consumer-groups.sh : +--list|--describe --bootstrap-server: --group: --all-groups --members
    --state --verbose --offsets --timeout: --list --describe @0
kafka-configs,kafka-configs.sh : +--describe --bootstrap-server: --zookeeper: --entity-type: --entity-name: --all --describe
    --topic: --broker: --entity-default --user: @0
kafka-acls,kafka-acls.sh : +--list --bootstrap-server: --topic: --group: --principal: --list --cluster @0
kafka-log-dirs,kafka-log-dirs.sh : +--describe --bootstrap-server: --topic-list: --broker-list: --describe @0
kafka-broker-api-versions,kafka-broker-api-versions.sh : --bootstrap-server: @0
kafka-get-offsets,kafka-get-offsets.sh : --bootstrap-server: --topic: --time: --partitions: @0
kafka-metadata-quorum,kafka-metadata-quorum.sh : --bootstrap-server: --bootstrap-controller:
kafka-metadata-quorum,kafka-metadata-quorum.sh describe : --status --replication --human-readable
kcat,kafkacat : +-L -b: -t: -J -m: -L @0
rabbitmqctl : -n: -p: -q -s -t: -l --node: --vhost: --quiet --silent --timeout: --formatter: --longnames
rabbitmqctl status|cluster_status|list_queues|list_exchanges|list_bindings|list_connections|list_channels|list_consumers|
    list_vhosts|list_users|list_permissions|list_user_permissions|list_policies|list_parameters|list_global_parameters|
    list_operator_policies|list_unresponsive_queues|list_ciphers|list_feature_flags|list_hashes|list_topic_permissions|
    list_vhost_limits|list_user_limits|node_health_check|ping|version : -n: -p: -q -s -t: --node: --vhost: --quiet --timeout:
    --formatter: --online --offline --local --no-table-headers --silent
rabbitmq-diagnostics : -n: -q -s -t: --node: --quiet --silent --timeout: --formatter:
rabbitmq-diagnostics status|cluster_status|ping|check_running|check_local_alarms|check_port_connectivity|check_port_listener|
    check_protocol_listener|check_virtual_hosts|check_alarms|alarms|listeners|memory_breakdown|runtime_thread_stats|version|
    server_version|erlang_version|is_running|is_booting|list_queues|check_if_node_is_quorum_critical|
    check_if_node_is_mirror_sync_critical|maybe_stuck : -n: -q -s -t: --node: --quiet --silent --timeout: --unit: --formatter:
rabbitmq-plugins list|is_enabled|directories : -e -E -m -v -q --enabled --minimal
rabbitmqadmin list|show : * !-c !--config -H: -P: -u: -p: -V: -f: -d: calm
pulsar-admin topics|namespaces|tenants|brokers|clusters|subscriptions list|stats|get-policies|get|stats-internal|
    partitioned-stats|healthcheck : *
nats server|stream|consumer|account ls|list|info|report|ping : -s: --server: --context: --json --all
influx ping|version : --host:
curator_cli show_indices|show_snapshots : *
pg_isready : *
pg_lsclusters : *
pg_config,pg_controldata : *
pg_waldump : -n: -s: -e: -p: -t: -z -r: -b -q -x: ~-f ~--follow --limit: --start: --end: --path: --timeline: --stats --rmgr:
solr status|version|healthcheck : -c: -z: go
"""
