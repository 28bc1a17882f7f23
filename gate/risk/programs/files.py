"""Looking at files and text."""

TABLE = """
# text in, text out: no option of these writes, executes or sends
cat,tac,nl,rev,head,wc,cut,paste,join,comm,tr,fold,fmt,pr,column : *
od,hd,hexdump,strings,cksum,sum,md5,base64,base32,cmp,colrm,look,tsort,factor,numfmt,zcat,bzcat,xzcat,zstdcat,lz4cat,gzcat : *
md5sum,sha1sum,sha224sum,sha256sum,sha384sum,sha512sum,b2sum : *
egrep,fgrep,grep,zgrep,zegrep,zfgrep,bzgrep,xzgrep : *
tail : * ~-f ~-F ~--follow ~--retry ~--pid -n: -c: -s:
uniq : * @0-1 -f: -s: -w:
sort : -b -d -f -g -i -M -h -n -R -r -V -c -C -m -s -u -z -k: -t: -S: --ignore-leading-blanks --dictionary-order --ignore-case
    --general-numeric-sort --month-sort --human-numeric-sort --numeric-sort --random-sort --reverse --sort: --version-sort
    --check --key: --field-separator: --stable --unique --zero-terminated --parallel: --batch-size: --buffer-size: --debug
    --merge
shuf : -e -n: -i: -r -z --echo --head-count: --input-range: --repeat --zero-terminated
sed,gsed : -n -e: -E -r -s -u -z --quiet --silent --expression: --regexp-extended --separate --unbuffered --null-data --posix
    --debug --sandbox =sed
awk,gawk,mawk,nawk,original-awk : -F: -v: --field-separator: --assign: --posix --re-interval --traditional --sandbox =awk
jq,gojq,jaq : * -L: --arg: --argjson: --indent: !-f !--from-file !--rawfile !--slurpfile !--run-tests calm =filtered
yq : * !-i !--inplace !--in-place !-s !--split-exp !-f !--from-file -o: -p: -I: calm =filtered
xmllint : --xpath: --format --noout --valid --nonet --pretty: --huge -
diff,sdiff : * !-o !--output calm
zdiff,zcmp,diffstat,wdiff : *
tee : -a -i -p --append --ignore-interrupts =nowhere
dd : * =devices
xxd : -l: -s: -c: -g: -p -u -b -e -i @0-1
iconv : -f: -t: -c -l --from-code: --to-code: --list
gzip,pigz,gunzip,bzip2,bunzip2,xz,unxz,zstd,unzstd,lz4,lzma,unlzma : -c -d -l -t -v -q -k -# -n --stdout --to-stdout
    --decompress --list --test --verbose --quiet --keep --fast --best =streamed
tar,gtar,bsdtar : -t -v -z -j -J -f: --list --verbose --file: --gzip --bzip2 --xz --zstd --full-time --numeric-owner --totals
    =bundled
bc : -l -q -i =streamed
unzip : +-l|-Z|-t|-v -q -1 -2 -h -z
zipinfo : *
cpio : +-t|--list -v -i --verbose --quiet

# places and what is known of them
ls,dir,vdir,exa,eza,lsd : *
tree : * !-o !-R -L: -P: -I: calm
stat,readlink,realpath,basename,dirname,namei,pathchk,du,df,getfacl,lsattr,getfattr,test,[ : *
file : * !-C !--compile -F: -m: -f: calm
find,gfind : raw =find
fd,fdfind : -H -I -t: -e: -d: -a -l -L -p -g -i -s -0 -u -E: -S: --hidden --no-ignore --type: --extension: --max-depth:
    --min-depth: --absolute-path --changed-within: --changed-before: --size: --glob --exclude:
rg,ripgrep : * !--pre !--hostname-bin !--pre-glob !-z !--search-zip calm
ag,ack : * !--pager !--ackrc
locate,mlocate,plocate : * !-o !--output
cal,ncal,seq,factor : *
echo : *
printf : * !-v calm
pwd,true,false,: : *
date,gdate : -u -R -I -d: -r: -f: -j -v: -n --utc --universal --date: --reference: --iso-8601 --rfc-3339 --rfc-email --file:
    --debug =naming
sleep : @1-5 =sleeping
dos2unix,unix2dos : +-ic|-i --info
inotifywatch : -t: --timeout:
uuidgen : *
expr,numfmt,dircolors,locale,getconf : *
zipgrep : *
lsof : calm -i? -n -P -p: -u: -c: -t -a -l -R -w -U -N -s? -o -O -b -d: -g -F: -V -M -T -x -X -K -E -Q -H
fuser : -v -m -u -n: -a -4 -6 -s --verbose --mount --all
"""
