"""Version control and the tools around it."""

TABLE = """
git : -C: --no-pager --git-dir: --work-tree: --no-optional-locks --literal-pathspecs --bare --version -v --no-replace-objects
    !-c !--config-env !--exec-path !-p !--paginate bare @0
git status|describe|rev-parse|rev-list|ls-files|ls-tree|merge-base|name-rev|for-each-ref|show-ref|cherry|count-objects|
    check-ignore|check-attr|check-ref-format|var|show-branch|verify-commit|verify-tag|verify-pack|version|patch-id|
    get-tar-commit-id : *
git log|show|diff|shortlog|whatchanged|diff-tree|diff-index|diff-files|blame|annotate|range-diff : * -p -c !--output !--ext-diff
    calm
git cat-file : * !--textconv !--filters calm
git grep : * -p -c !-O !--open-files-in-pager calm
git fsck : * !--lost-found calm
git ls-remote : -h -t -q --heads --tags --refs --quiet --symref --sort: --get-url --exit-code !--upload-pack !--exec =no_reads
git reflog : @0
git reflog show|exists : * !--output calm
git branch : * -n: --contains: --merged: --no-merged: --points-at: --sort: --format: =refs
git tag : * -n: --contains: --merged: --no-merged: --points-at: --sort: --format: =refs
git remote : -v --verbose @0 bare
git remote show|get-url : -n --all --push
git stash list|show : * -p !--output !--ext-diff calm
git config : --get --get-all --get-regexp --list -l --global --local --system --worktree --show-origin --show-scope
    --name-only -z --null --type: --bool --int --includes --get-urlmatch -f: --file: =setting
git worktree list : --porcelain -v
git submodule : @0 --quiet --cached
git submodule status|summary : --cached --recursive
git bisect log : @0
git notes list|show : *
git symbolic-ref : -q --short @1
git bundle verify|list-heads : -q @1-9
git lfs ls-files|status|locks : -l -s -a --all
hg status|st|log|diff|branches|tags|heads|summary|sum|identify|id|parents|manifest|annotate|blame|paths|tip|root|version : -R:
    -r: -l: -m -a -n -q -v -p -u -d -A -C -g --rev: --limit: --cwd: --template: -T: --all --modified --added
svn info|status|st|log|list|ls|blame|propget|pget|proplist|plist : -r: -l: -v -q -R -u --revision: --limit: --verbose --xml
    --stop-on-copy --show-updates --depth: --non-interactive
gh auth status : -h: --hostname:
gh repo|issue|pr|release|run|workflow|gist|label|project|ruleset|cache|secret|variable list|view|status|diff|checks : -R: -L:
    -l: -s: -S: -A: -a: -w: -b: -q: -t: -B: -H: --repo: --limit: --label: --state: --search: --author: --assignee: --json:
    --jq: --template: --log --log-failed --job: -j: --comments -c --verbose -v --workflow: --branch: --user: -u: --required
    --org: -o: --env: -e:
gh search repos|issues|prs|commits|code : *
gh status,version : @0
glab mr|issue|ci|repo|release|pipeline list|view|status|get|lint : -R: -P: -p: --repo: --per-page: --page: -F: --output:
rsync : +-n|--dry-run|--version -n -v -r -a -c -l -p -t -g -o -D -H -A -X -z -u -W -x -i -h -L -R -S -q --dry-run --recursive
    --archive --verbose --checksum --itemize-changes --human-readable --stats --exclude: --include: --out-format: --progress
    --delete --update --links --perms --times --existing --ignore-existing --size-only --list-only =copies
make : +-n @9
gitlab-runner --version : @0
gitlab-runner list|status : @0
mvn,gradle : +-v|--version go @0
jps : -l -q @0
jstat : -gc -gcutil -gccapacity -gccause -class -compiler -options -t go @1
jstack : -l -e @1
jcmd : -l @0-2 =diagnosed
nagios : +-v
"""
