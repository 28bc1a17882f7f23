"""Cloud command lines and tools that manage infrastructure."""

TABLE = """
aws : * --profile: --region: --output: --query: --cli-read-timeout: --cli-connect-timeout: --ca-bundle: --color:
    !--endpoint-url !--cli-input-json !--cli-input-yaml calm =service_call
gcloud : * --project: --account: --configuration: --format: --verbosity: --billing-project: --impersonate-service-account:
    --zone: --region: --filter: --limit: --sort-by: --uri --cluster: --instance: --location: --page-size: --organization:
    --folder: --service: --source-ranges: --network: --zones: --regions: !--flags-file !--access-token-file
    !--credential-file-override calm =only_names
az : * -o: -g: -n: -s: --output: --resource-group: --name: --subscription: --query: --ids: --vault-name: --account-name:
    --server: -l: --location: --namespace: --cluster-name: --vnet-name: --nsg-name: --vm-name: --workspace: !--defer calm
    =only_names
gsutil : -m -q -u:
gsutil ls|du|stat|version|hash : -l -L -b -r -a -p: -h -s -c -d -e -R -m
gsutil lifecycle|cors|versioning|logging|iam|label|defstorageclass|requesterpays|ubla|retention|bucketpolicyonly|pap|rpo|acl|
    defacl get : *
gsutil notification list : *
bq : --project_id: --format: --location: --quiet -q
bq ls|show|version : * --format: --project_id: --max_results: -n: --filter: -j -a -d -p calm
eb status|health|list|events : -v --region: --profile: --all -a
ecs-cli ps|check-attributes : *
sam validate : *
cdk list|ls : --json --long
doctl compute droplet|volume|snapshot|image|region|size|load-balancer|firewall|domain|certificate list|get|actions|neighbors :
    --format: --no-header -o: --output: --tag-name: --region: --context:
doctl kubernetes|k8s cluster list|get : --format: --no-header -o:
doctl databases list : --format: --no-header
doctl account|balance get : *
hcloud server|volume|network|load-balancer|firewall|image|ssh-key|floating-ip|certificate|datacenter|location|server-type
    list|describe : -o: --output: -l: --selector:
linode-cli linodes|volumes|nodebalancers|domains|regions|images|events list|view|ls : --json --text --format: --all --pretty
    --no-headers --delimiter: --page:
ibmcloud version|regions : @0
heroku ps|status|releases|apps|info|addons|domains : -a: --app: -r: --remote: --json
flyctl,fly status|version|releases : -a: --app: --json
openstack : --os-cloud: --os-region-name: --os-project-name: -f: --format:
openstack server|image|flavor|network|subnet|port|router|volume|project|hypervisor|aggregate|service|endpoint|region|host|
    quota|limits|keypair|stack|domain|group|role|user|catalog|floating|security|availability list|show|stats : * -f: -c:
    --format: --column: calm
openstack floating ip list|show : * -f: -c: calm
openstack security group list|show : * -f: -c: calm
openstack security group rule list|show : * -f: -c: calm
openstack compute|network|volume|baremetal service|agent|node list|show : * -f: -c: calm
openstack server event list|show : * -f: -c: calm
openstack availability zone list : * -f: -c: calm
openstack console log show : --lines: @1
nova,cinder,neutron,glance list|show|service-list|hypervisor-list|image-list|flavor-list|net-list|port-list|agent-list|
    quota-show : *
terraform,tofu : -version --version -chdir: go
terraform,tofu version : -json go
terraform,tofu workspace list|show : go
terraform,tofu state list : -state: -id: go
terraform,tofu fmt : +-check -check -diff -recursive -list: -write=false go
pulumi stack ls : -a --all --json -o: --project: -Q
pulumi version|whoami|about : --json -v
pulumi stack history : --json -s: --stack: --page: --page-size:
packer version : @0
vault status|version : -address: -format: -tls-skip-verify -ca-cert: -ca-path: go
vault auth|secrets|audit|policy|plugin list : -address: -format: -detailed -namespace: go
vault namespace list : -address: -format: go
vault operator raft list-peers : -address: -format: go
vault operator raft autopilot state|get-config : -address: -format: go
vault operator members|key-status : -address: -format: go
consul : -http-addr: -datacenter: -token: go
consul help|members|info|version : * go calm
consul catalog nodes|services|datacenters : -service: -node: -near: -node-meta: -filter: -detailed -tags -http-addr:
    -datacenter: -token: -stale go calm
consul kv get : -recurse -keys -detailed -base64 -separator: -http-addr: -datacenter: -token: -stale go calm
consul kv export : -http-addr: -datacenter: -token: -stale go calm
consul kv,operator : --help -help -h go
consul kv : +--help|-help|-h go bare @0
consul operator : +--help|-help|-h go bare @0
consul operator raft list-peers : -stale -http-addr: -datacenter: -token: go
consul operator autopilot get-config|state : -http-addr: -datacenter: -token: -format: go
consul operator usage instances : -http-addr: go
consul config list|read : -kind: -name: -http-addr: -datacenter: -token: go
consul intention list|check|get|match : -http-addr: -datacenter: -token: go
consul maint : -help -h -http-addr: -token: go @0
consul snapshot inspect : go @1
consul rtt : -wan -http-addr: go
consul validate : -quiet go
consul peering list|read : -name: -format: go
knife : -z -F: -E: --environment: --format: --no-color
knife node|role|environment|client|cookbook|user|group|tag|acl|org|recipe list|show : * -F: -E: -a: -r: -m -l -w -z
    --attribute: --long --medium --run-list --with-uri !-e !--editor !-c !--config calm
knife data bag list : -w
knife search : * -i -a: -r -R: -b: -q: -F: -l -m --attribute: --rows: --id-only !-e !--editor !-c !--config calm
knife status : * !-c !--config calm
knife diff|list : --name-only --name-status -R -r -f -p -1 -z
knife show : -z -F: @0-9
knife ssl check : @0-1
knife cookbook|node|role show : *
chef-client : +-v|--version @0
ohai : @0-3
chef-server-ctl status|service-list|org-list|user-list|org-show|user-show|version : @0-2
puppet --version|-V : @0
puppet module list : --tree
ansible-galaxy list : -p:
ansible-galaxy role|collection list : -p:
ansible-doc : -l -s -t: --list --snippet --type:
ansible-config list|dump|view : --only-changed -t: --format:
gitlab-patronictl,patronictl : -k
gitlab-patronictl,patronictl list|topology|show-config|history|version : -e -t -f: -g: --extended --timestamp --format:
    --group:
repmgr : -f:
repmgr cluster show|matrix|crosscheck|event : -f: --csv --compact --all --limit: --event: --terse
repmgr node status|check : -f: --csv
repmgr daemon|service status : -f: --csv
pgbackrest info|version : --stanza: --output: --repo: --set:
barman list-server|list-servers|list-backup|list-backups|show-backup|show-server|status|diagnose|replication-status|
    list-files|check : --minimal --nagios --source:
wal-g,wal-e backup-list|wal-show|version : --detail --pretty --json
"""
