"""Kubernetes and OpenShift, and what runs on them."""

_GLOBAL = """-n: -v: --namespace: --context: --cluster: --user: --as: --as-group: --request-timeout:
    --insecure-skip-tls-verify --warnings-as-errors --loglevel: --match-server-version --tls-server-name: --disable-compression
    !--kubeconfig !-s !--server !--profile !--profile-output !--log-file !--log-dir !--cache-dir !--token !--config
    !--certificate-authority !--client-certificate !--client-key"""
_READ = """calm * -n: -v: -l: -L: -c: -o: --namespace: --context: --selector: --output: --field-selector: --container: --cluster:
    --user: --as:"""
_GET = f"""{_READ} ~-w ~--watch ~--watch-only --sort-by: --label-columns: -f: -k: --filename: --chunk-size: --template:
    --subresource: --raw: =look"""

TABLE = f"""
kubectl,oc,kubectl.exe,k,kc : {_GLOBAL}
kubectl,oc,k,kc get|describe : {_GET}
kubectl,oc,k,kc events : {_READ} ~-w ~--watch --for: --types:
kubectl,oc,k,kc logs : {_READ} ~-f ~--follow --tail: --since: --since-time: --limit-bytes: --max-log-requests:
    --pod-running-timeout:
kubectl,oc,k,kc explain|api-resources|api-versions|version|options|help : {_READ} --api-version: --api-group: --verbs:
    --sort-by:
kubectl,oc,k,kc top pod|pods|po|node|nodes|no : {_READ} --sort-by:
kubectl,oc,k,kc cluster-info : {_READ} bare @0
kubectl,oc,k,kc auth can-i|whoami : {_READ} --list --subresource:
kubectl,oc,k,kc rollout status|history : {_READ} --timeout: --revision: -f: --watch=false
kubectl,oc,k,kc config current-context|get-contexts|get-clusters|get-users : {_READ}
kubectl,oc,k,kc config view : {_READ} $--raw
kubectl,oc,k,kc wait : {_READ} --for: --timeout: -f:
kubectl,oc,k,kc plugin list : --name-only
kubectl,oc,k,kc exec : -i -t -c: -n: -q --stdin --tty --container: --namespace: --context: --quiet --pod-running-timeout: >1
    =kube_exec
kubectl,oc,k,kc krew list|info|search|version : *
kubectl,oc,k,kc hns tree : *

oc rsh : -c: -n: -T -t --container: --namespace: --timeout: --no-tty --tty >1 =kube_exec
oc status|projects : {_READ}
oc project : @0 -q --short
oc whoami : --show-context --show-server --show-console -c $-t $--show-token @0
oc adm top pod|pods|po|node|nodes|no|images|imagestreams|pvc|persistentvolumeclaims : {_READ} --sort-by:
oc adm node-logs : {_READ} -u: --unit: --role: --path: --since: --until: --tail: --grep: --boot: ~-f ~--follow
oc adm upgrade : --include-not-recommended @0 bare
oc adm upgrade status : *
oc adm policy who-can|scc-review|scc-subject-review : {_READ}
oc adm release info : * !--output-dir calm
oc image info : * !--dir calm -a:
oc registry info : *

helm,helm3 : -n: --namespace: --kube-context: --debug
helm,helm3 list|ls|status|history|hist|version : -n: --namespace: --kube-context: -o: --output: -a -A --all --all-namespaces
    -q --short --max: -m: --revision: --show-resources --show-desc -f: --filter: --pending --failed --deployed --superseded
    --uninstalled --uninstalling -d -r --date --reverse --debug --time-format: --client
helm,helm3 get manifest|notes|hooks|metadata : -n: --namespace: --revision: --kube-context: -o: --output:
helm,helm3 repo list : -o: --output:
helm,helm3 search repo|hub : * !--post-renderer calm
helm,helm3 show chart|readme|crds|values|all : --version: --repo: --devel
helm,helm3 plugin list : @0
helm,helm3 dependency list : @0-1
kustomize version : *
kubectx,kubens : -c --current @0
minikube status|version|ip : -p: --profile: -o: --output: --format:
minikube profile list : -o: --output:
kind get clusters|nodes : --name: -A
kind version : @0
k3d cluster|node|registry list : -o: --no-headers
kubeadm version : -o: --output:
kubeadm certs check-expiration : --cert-dir: -o:
kubeadm config images list : --kubernetes-version:
kops validate cluster : --name: --state: -o:
eksctl get cluster|clusters|nodegroup|nodegroups|ng|addon|addons|fargateprofile|iamserviceaccount|labels : -n: -o: -r: --name:
    --cluster: --region: --output: --profile: -A --all-regions
eksctl version|info : *
eksctl utils describe-stacks|describe-addon-versions|nodegroup-health : --cluster: --region: --name: --kubernetes-version:
istioctl version|proxy-status|ps|analyze : -n: -i: -A --all-namespaces --namespace: --istioNamespace: --context: -o: --output:
    --remote --short --revision: --color
istioctl proxy-config|pc cluster|clusters|c|listener|listeners|l|route|routes|r|endpoint|endpoints|ep|bootstrap|b|all|ecds :
    -n: -o: --namespace: --fqdn: --port: --address: --name: --type: --status: --cluster: --subset: --direction:
linkerd check|version : -n: -o: --namespace: --proxy --pre --output: --wait:
linkerd viz stat|edges|routes|check : -n: --namespace: -t: --time-window: --to: --from: -o: -A
cilium status|version : -n: --namespace: -o: --verbose --brief --all-controllers --all-addresses
cilium endpoint list|get|health : -o:
cilium bpf nat|ct|lb|policy|tunnel|ipcache list|get : -o:
cilium service|identity|policy|node list|get : -o:
hubble status|list : *
hubble observe : ~-f ~--follow --last: -n: --namespace: --pod: --verdict: --type: -o: --output: --since: --until: --from-pod:
    --to-pod: --protocol: --port: --http-status: --server:
calicoctl get|version : -o: --output: -n: --namespace: -a -A --all-namespaces --allow-version-mismatch
calicoctl node status : @0
calicoctl ipam show : --show-blocks --show-borrowed --show-configuration --ip:
velero version : -n: --namespace: --client-only
velero backup|restore|schedule|backup-location|snapshot-location get|describe : -n: --namespace: -o: --details -l: --selector:
    --show-labels
velero backup|restore logs : -n: --namespace:
velero get backups|backup|restores|restore|schedules|schedule|backup-locations : -n: --namespace: -o: -l:
argocd version : --client --short -o:
argocd app list|get|history|manifests|resources|logs : ~-f ~--follow -o: --output: -p: --project: -l: --selector:
    --show-operation --show-params --grpc-web -N: --app-namespace: --tail: --container: --group: --kind: --name: --namespace:
argocd cluster|repo|proj|appset list|get : -o: --output: --grpc-web
flux get all|kustomizations|kustomization|ks|helmreleases|helmrelease|hr|alerts : -n: -A --namespace: --all-namespaces
    --status-selector: --context:
flux get sources git|helm|oci|bucket|all|chart : -n: -A --namespace: --all-namespaces
flux check|version|stats|events|logs : -n: -A --pre --for: --namespace: --all-namespaces ~-f ~--follow --level: --kind:
    --name: --since: --tail:
kyverno version : *
subctl show connections|endpoints|gateways|networks|versions|all : --context:
virtctl : -n: --namespace: --context:
virtctl version|guestosinfo|userlist|fslist|permitted-devices : -n: --namespace:
tkn pipelinerun|pr|taskrun|tr|pipeline|task|clustertask|eventlistener list|ls|describe|desc|logs : ~-f ~--follow -n:
    --namespace: -L -a --last --all --limit: -o: --output: --label: -A
kn service|revision|route|source|broker|trigger list|describe : -n: --namespace: -o: -A
"""
