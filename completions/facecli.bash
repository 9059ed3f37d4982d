# bash completion for facecli, written by `make docs` from the commands themselves.
# It starts no program: Tab never opens a database and never asks for a key.

# Offer the purposes or REFs of the database that begin with a word.
_facecli_ask() {
    :
}

_facecli_enter() {
    case $1 in
        ' init') path=' init' ;;
        ' purpose') path=' purpose' ;;
        ' purpose apply') path=' purpose apply' ;;
        ' purpose ask-again') path=' purpose ask-again' ;;
        ' purpose list') path=' purpose list' ;;
        ' purpose notice') path=' purpose notice' ;;
        ' purpose retire') path=' purpose retire' ;;
        ' purpose show') path=' purpose show' ;;
        ' subject') path=' subject' ;;
        ' subject add') path=' subject add' ;;
        ' subject answer') path=' subject answer' ;;
        ' subject complete') path=' subject complete' ;;
        ' subject correct') path=' subject correct' ;;
        ' subject disclosed') path=' subject disclosed' ;;
        ' subject elsewhere') path=' subject elsewhere' ;;
        ' subject elsewhere add') path=' subject elsewhere add' ;;
        ' subject elsewhere confirm') path=' subject elsewhere confirm' ;;
        ' subject elsewhere list') path=' subject elsewhere list' ;;
        ' subject export') path=' subject export' ;;
        ' subject hold') path=' subject hold' ;;
        ' subject list') path=' subject list' ;;
        ' subject release') path=' subject release' ;;
        ' subject request') path=' subject request' ;;
        ' subject requests') path=' subject requests' ;;
        ' subject show') path=' subject show' ;;
        ' consent') path=' consent' ;;
        ' consent list') path=' consent list' ;;
        ' consent receipt') path=' consent receipt' ;;
        ' consent record') path=' consent record' ;;
        ' consent show') path=' consent show' ;;
        ' enroll' | ' enrol') path=' enroll' ;;
        ' enroll batch') path=' enroll batch' ;;
        ' enroll camera') path=' enroll camera' ;;
        ' enroll file') path=' enroll file' ;;
        ' faces') path=' faces' ;;
        ' faces list') path=' faces list' ;;
        ' faces remove') path=' faces remove' ;;
        ' camera') path=' camera' ;;
        ' camera list') path=' camera list' ;;
        ' camera test') path=' camera test' ;;
        ' match') path=' match' ;;
        ' verify') path=' verify' ;;
        ' calibrate') path=' calibrate' ;;
        ' revoke') path=' revoke' ;;
        ' purge') path=' purge' ;;
        ' reenroll') path=' reenroll' ;;
        ' evaluate') path=' evaluate' ;;
        ' cluster') path=' cluster' ;;
        ' cluster worker') path=' cluster worker' ;;
        ' log') path=' log' ;;
        ' log certificate') path=' log certificate' ;;
        ' log checkpoint') path=' log checkpoint' ;;
        ' log cosign') path=' log cosign' ;;
        ' log export') path=' log export' ;;
        ' log show') path=' log show' ;;
        ' log verify') path=' log verify' ;;
        ' key') path=' key' ;;
        ' key add') path=' key add' ;;
        ' key list') path=' key list' ;;
        ' key remove') path=' key remove' ;;
        ' key rotate') path=' key rotate' ;;
        ' backup') path=' backup' ;;
        ' backup create') path=' backup create' ;;
        ' backup erase') path=' backup erase' ;;
        ' backup list') path=' backup list' ;;
        ' backup restore') path=' backup restore' ;;
        ' backup verify') path=' backup verify' ;;
        ' report') path=' report' ;;
        ' report filing') path=' report filing' ;;
        ' report policy') path=' report policy' ;;
        ' report processing') path=' report processing' ;;
        ' status') path=' status' ;;
        ' doctor') path=' doctor' ;;
        ' config') path=' config' ;;
        ' config show') path=' config show' ;;
        ' completion') path=' completion' ;;
        ' help') path=' help' ;;
        *) return 1 ;;
    esac
    place=0
}

# The values of an option (PATH OPTION) or an argument (PATH :PLACE).
_facecli_values() {
    case $1 in
        ' --db' | \
            ' --key-file' | \
            ' --passphrase-file' | \
            ' --config' | \
            ' init --key-file' | \
            ' init --passphrase-file' | \
            ' init --calibration' | \
            ' purpose apply --output' | \
            ' purpose apply :0' | \
            ' purpose ask-again --letter' | \
            ' purpose ask-again --output' | \
            ' purpose list --output' | \
            ' purpose notice --output' | \
            ' purpose show --output' | \
            ' subject answer --letter' | \
            ' subject elsewhere confirm --evidence' | \
            ' subject elsewhere list --output' | \
            ' subject export --output' | \
            ' subject list --output' | \
            ' subject requests --output' | \
            ' subject show --output' | \
            ' consent list --output' | \
            ' consent receipt --output' | \
            ' consent record --evidence' | \
            ' consent show --output' | \
            ' enroll batch --cluster-ca' | \
            ' enroll batch --cluster-cert' | \
            ' enroll batch --cluster-key' | \
            ' enroll batch --output' | \
            ' enroll batch :0' | \
            ' enroll camera --video' | \
            ' enroll camera --url-file' | \
            ' enroll camera --camera-ca' | \
            ' enroll camera --pad-model' | \
            ' enroll camera --evidence' | \
            ' enroll camera --letter' | \
            ' enroll camera --output' | \
            ' enroll file --evidence' | \
            ' enroll file --letter' | \
            ' enroll file --output' | \
            ' faces list --output' | \
            ' faces remove --output' | \
            ' camera list --output' | \
            ' camera test --url-file' | \
            ' camera test --camera-ca' | \
            ' camera test --output' | \
            ' match --annotate' | \
            ' match --resume' | \
            ' match --video' | \
            ' match --url-file' | \
            ' match --camera-ca' | \
            ' match --cluster-ca' | \
            ' match --cluster-cert' | \
            ' match --cluster-key' | \
            ' match --output' | \
            ' verify --video' | \
            ' verify --url-file' | \
            ' verify --camera-ca' | \
            ' verify --pad-model' | \
            ' verify --output' | \
            ' verify :1' | \
            ' calibrate --output' | \
            ' revoke --certificate' | \
            ' revoke --letter' | \
            ' revoke --output' | \
            ' purge --certificate' | \
            ' purge --output' | \
            ' reenroll --calibration' | \
            ' reenroll --output' | \
            ' evaluate --pairs' | \
            ' evaluate --pad-model' | \
            ' evaluate --calibration' | \
            ' evaluate --cohorts' | \
            ' evaluate --plot' | \
            ' evaluate --plot-cohorts' | \
            ' evaluate --save-calibration' | \
            ' evaluate --save-card' | \
            ' evaluate --cluster-ca' | \
            ' evaluate --cluster-cert' | \
            ' evaluate --cluster-key' | \
            ' evaluate --output' | \
            ' cluster worker --cluster-ca' | \
            ' cluster worker --cluster-cert' | \
            ' cluster worker --cluster-key' | \
            ' log certificate --output' | \
            ' log checkpoint --since' | \
            ' log checkpoint --to' | \
            ' log checkpoint --output' | \
            ' log cosign --key' | \
            ' log cosign --since' | \
            ' log cosign :0' | \
            ' log export --cursor-file' | \
            ' log export --checkpoint' | \
            ' log export --output' | \
            ' log show --output' | \
            ' log verify --file' | \
            ' log verify --against' | \
            ' log verify --certificate' | \
            ' log verify --receipt' | \
            ' log verify --checkpoint' | \
            ' log verify --link' | \
            ' key add --new-key-file' | \
            ' key add --new-passphrase-file' | \
            ' key list --output' | \
            ' backup create :0' | \
            ' backup erase --backup-key-file' | \
            ' backup erase --backup-passphrase-file' | \
            ' backup erase --output' | \
            ' backup list --backup-key-file' | \
            ' backup list --backup-passphrase-file' | \
            ' backup list --output' | \
            ' backup restore --erasures' | \
            ' backup restore --backup-key-file' | \
            ' backup restore --backup-passphrase-file' | \
            ' backup restore :0' | \
            ' backup verify --output' | \
            ' backup verify :0' | \
            ' report --output' | \
            ' report filing --output' | \
            ' report filing --merge' | \
            ' report filing --ref-key' | \
            ' report policy --output' | \
            ' report processing --output' | \
            ' status --output' | \
            ' doctor --output' | \
            ' config show --output')
            kind='file' ;;
        ' --passphrase-command' | \
            ' --lock-wait' | \
            ' init --passphrase-command' | \
            ' init --label' | \
            ' init --views' | \
            ' init --user' | \
            ' purpose ask-again --lang' | \
            ' purpose notice --lang' | \
            ' subject add --name' | \
            ' subject add --guardian' | \
            ' subject add --minor-until' | \
            ' subject answer --answer' | \
            ' subject answer --refused' | \
            ' subject answer --lang' | \
            ' subject answer :0' | \
            ' subject correct --name' | \
            ' subject correct --guardian' | \
            ' subject correct --minor-until' | \
            ' subject disclosed --to' | \
            ' subject disclosed --what' | \
            ' subject disclosed --basis' | \
            ' subject disclosed --on' | \
            ' subject elsewhere add --what' | \
            ' subject elsewhere add --where' | \
            ' subject elsewhere add --since' | \
            ' subject elsewhere confirm :0' | \
            ' subject export --lang' | \
            ' subject hold --reason' | \
            ' subject hold --until' | \
            ' subject list --name' | \
            ' subject list --expiring' | \
            ' subject request --on' | \
            ' consent list --expiring' | \
            ' consent receipt --lang' | \
            ' consent receipt :0' | \
            ' consent record --expires' | \
            ' consent record --given' | \
            ' consent record --shared-form' | \
            ' consent record --notice-lang' | \
            ' consent record --guardian' | \
            ' consent show :0' | \
            ' enroll batch --workers' | \
            ' enroll batch --cluster' | \
            ' enroll batch --cluster-wait' | \
            ' enroll batch --notice-lang' | \
            ' enroll camera --url' | \
            ' enroll camera --device' | \
            ' enroll camera --size' | \
            ' enroll camera --exposure' | \
            ' enroll camera --templates' | \
            ' enroll camera --max-seconds' | \
            ' enroll camera --lang' | \
            ' enroll camera --shared-form' | \
            ' enroll camera --notice-lang' | \
            ' enroll camera --name' | \
            ' enroll camera --given' | \
            ' enroll camera --expires' | \
            ' enroll camera --guardian' | \
            ' enroll camera --allow-other-face' | \
            ' enroll camera --source' | \
            ' enroll file --shared-form' | \
            ' enroll file --notice-lang' | \
            ' enroll file --name' | \
            ' enroll file --given' | \
            ' enroll file --expires' | \
            ' enroll file --guardian' | \
            ' enroll file --allow-other-face' | \
            ' enroll file --source' | \
            ' enroll file --lang' | \
            ' faces remove :1' | \
            ' camera test --seconds' | \
            ' camera test --size' | \
            ' camera test --exposure' | \
            ' camera test :0' | \
            ' match --case' | \
            ' match --threshold' | \
            ' match --fmr' | \
            ' match --fpir' | \
            ' match --top-k' | \
            ' match --url' | \
            ' match --device' | \
            ' match --size' | \
            ' match --exposure' | \
            ' match --every' | \
            ' match --max-seconds' | \
            ' match --workers' | \
            ' match --cluster' | \
            ' match --cluster-wait' | \
            ' verify --case' | \
            ' verify --threshold' | \
            ' verify --fmr' | \
            ' verify --url' | \
            ' verify --device' | \
            ' verify --size' | \
            ' verify --exposure' | \
            ' verify --max-seconds' | \
            ' verify --lang' | \
            ' revoke --reason' | \
            ' revoke --lang' | \
            ' purge --as-of' | \
            ' purge --max-fraction' | \
            ' purge --max-subjects' | \
            ' reenroll --views' | \
            ' reenroll --workers' | \
            ' evaluate --views' | \
            ' evaluate --rank' | \
            ' evaluate --gallery-size' | \
            ' evaluate --cohort-column' | \
            ' evaluate --stated-fmr' | \
            ' evaluate --discard-worst' | \
            ' evaluate --data-set' | \
            ' evaluate --workers' | \
            ' evaluate --cluster' | \
            ' evaluate --cluster-wait' | \
            ' cluster worker --views' | \
            ' cluster worker --workers' | \
            ' cluster worker --host' | \
            ' cluster worker :0' | \
            ' log cosign --name' | \
            ' log cosign --trust-key' | \
            ' log export --since' | \
            ' log export --until' | \
            ' log export --after' | \
            ' log show -n' | \
            ' log show --lines' | \
            ' log show --since' | \
            ' log show --until' | \
            ' log show --action' | \
            ' log verify --witness' | \
            ' log verify --quorum' | \
            ' log verify --trust-key' | \
            ' key add --label' | \
            ' key add --new-passphrase-command' | \
            ' key remove :0' | \
            ' backup create --keep-daily' | \
            ' backup create --keep-weekly' | \
            ' backup create --keep-monthly' | \
            ' report --lang' | \
            ' report filing --lang' | \
            ' report policy --lang' | \
            ' report processing --lang' | \
            ' doctor --budget')
            kind='' ;;
        ' init --engine' | \
            ' reenroll --engine' | \
            ' evaluate --engine' | \
            ' cluster worker --engine')
            kind='dlib dlib-hog reference sface' ;;
        ' purpose apply --format' | \
            ' purpose ask-again --format' | \
            ' purpose list --format' | \
            ' purpose show --format' | \
            ' subject elsewhere list --format' | \
            ' subject list --format' | \
            ' subject requests --format' | \
            ' subject show --format' | \
            ' consent list --format' | \
            ' consent show --format' | \
            ' enroll batch --format' | \
            ' enroll camera --format' | \
            ' enroll file --format' | \
            ' faces list --format' | \
            ' faces remove --format' | \
            ' camera list --format' | \
            ' camera test --format' | \
            ' match --format' | \
            ' verify --format' | \
            ' calibrate --format' | \
            ' revoke --format' | \
            ' purge --format' | \
            ' reenroll --format' | \
            ' evaluate --format' | \
            ' log show --format' | \
            ' key list --format' | \
            ' backup erase --format' | \
            ' backup list --format' | \
            ' backup verify --format' | \
            ' doctor --format' | \
            ' config show --format')
            kind='table json jsonl csv' ;;
        ' purpose ask-again :0' | \
            ' purpose notice :0' | \
            ' purpose retire :0' | \
            ' purpose show :0' | \
            ' subject complete --purpose' | \
            ' subject list --purpose' | \
            ' consent list --purpose' | \
            ' consent receipt --purpose' | \
            ' consent record --purpose' | \
            ' consent show --purpose' | \
            ' enroll camera --purpose' | \
            ' enroll file --purpose' | \
            ' match --purpose' | \
            ' verify --purpose' | \
            ' calibrate --purpose' | \
            ' revoke --purpose')
            kind='@purpose' ;;
        ' purpose notice --format')
            kind='table html' ;;
        ' subject add :0' | \
            ' subject complete :0' | \
            ' subject correct --new-ref' | \
            ' subject correct :0' | \
            ' subject disclosed :0' | \
            ' subject elsewhere add :0' | \
            ' subject elsewhere confirm --ref' | \
            ' subject elsewhere list :0' | \
            ' subject export :0' | \
            ' subject hold :0' | \
            ' subject release :0' | \
            ' subject request :0' | \
            ' subject requests :0' | \
            ' subject show :0' | \
            ' consent record :0' | \
            ' enroll camera :0' | \
            ' enroll file :0' | \
            ' faces list :0' | \
            ' faces remove :0' | \
            ' verify :0' | \
            ' log show --ref')
            kind='@ref' ;;
        ' subject request --kind')
            kind='access erase correct complain' ;;
        ' consent receipt --format')
            kind='table json jsonl csv html' ;;
        ' enroll camera --rotate' | \
            ' camera test --rotate' | \
            ' match --rotate' | \
            ' verify --rotate')
            kind='0 90 180 270' ;;
        ' revoke --backups' | \
            ' purge --backups' | \
            ' evaluate --images' | \
            ' evaluate --gallery' | \
            ' evaluate --probes' | \
            ' evaluate --attacks' | \
            ' evaluate --bona-fide' | \
            ' log cosign --state' | \
            ' backup list :0')
            kind='directory' ;;
        ' evaluate --face')
            kind='centre largest' ;;
        ' evaluate --hold')
            kind='worst-group overall' ;;
        ' log export --format')
            kind='jsonl csv cef syslog ocsf' ;;
        ' report --format')
            kind='html json' ;;
        ' report filing --format' | \
            ' report policy --format' | \
            ' report processing --format')
            kind='markdown html json' ;;
        ' status --format')
            kind='table json jsonl csv prometheus' ;;
        ' completion :0')
            kind='bash zsh fish' ;;
        ' enroll file :'* | \
            ' match :'* | \
            ' log verify :'* | \
            ' backup erase :'* | \
            ' backup restore :'* | \
            ' report filing :'*)
            kind='file' ;;
        ' revoke :'*)
            kind='@ref' ;;
        ' log certificate :'* | \
            ' help :'*)
            kind='' ;;
        *) return 1 ;;
    esac
}

_facecli() {
    local word=${COMP_WORDS[COMP_CWORD]} path='' place=0 valued='' ended='' kind='' token i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        token=${COMP_WORDS[i]}
        if [[ $token == = ]]; then
            continue # bash takes --option=value for three words
        elif [[ $valued ]]; then
            valued=''
        elif [[ ! $ended && $token == -- ]]; then
            ended=1
        elif [[ ! $ended && $token == -?* ]]; then
            _facecli_values "$path $token" && valued="$path $token"
        elif ! _facecli_enter "$path $token"; then
            ((place += 1))
        fi
    done
    [[ $word == = ]] && word=''

    if [[ $valued ]]; then
        _facecli_values "$valued"
    elif [[ ! $ended && $word == -* ]]; then
        _facecli_options
    else
        _facecli_names || _facecli_values "$path :$place"
    fi
    case $kind in
        file) compopt -o default ;;
        directory) compopt -o dirnames ;;
        @*) _facecli_ask "${kind#@}" "$word" ;;
        ?*) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$word") ;;
    esac
}

_facecli_names() {
    local names=''
    case $path:$place in
        ':0') names='init purpose subject consent enroll faces camera match verify calibrate revoke purge reenroll evaluate cluster log key backup report status doctor config completion help' ;;
        ' purpose:0') names='apply ask-again list notice retire show' ;;
        ' subject:0') names='add answer complete correct disclosed elsewhere export hold list release request requests show' ;;
        ' subject elsewhere:0') names='add confirm list' ;;
        ' consent:0') names='list receipt record show' ;;
        ' enroll:0') names='batch camera file' ;;
        ' faces:0') names='list remove' ;;
        ' camera:0') names='list test' ;;
        ' cluster:0') names='worker' ;;
        ' log:0') names='certificate checkpoint cosign export show verify' ;;
        ' key:0') names='add list remove rotate' ;;
        ' backup:0') names='create erase list restore verify' ;;
        ' report:0') names='filing policy processing' ;;
        ' config:0') names='show' ;;
        *) return 1 ;;
    esac
    kind=$names
}

_facecli_options() {
    local options=''
    case $path in
        '') options='--version --db --key-file --passphrase-file --passphrase-command --config --no-input -q --quiet -v --verbose --lock-wait -h --help' ;;
        ' init') options='--key-file --passphrase-file --passphrase-command --label --engine --views --calibration --system --user -h --help' ;;
        ' purpose') options='-h --help' ;;
        ' purpose apply') options='--dry-run --format --output --wide -h --help' ;;
        ' purpose ask-again') options='--letter --lang --format --output --wide -h --help' ;;
        ' purpose list') options='--format --output --wide -h --help' ;;
        ' purpose notice') options='--lang --format --output --wide -h --help' ;;
        ' purpose retire') options='--dry-run --yes -h --help' ;;
        ' purpose show') options='--format --output --wide -h --help' ;;
        ' subject') options='-h --help' ;;
        ' subject add') options='--name --minor --guardian --minor-until --alternative-only --distinct --offered-alternative -h --help' ;;
        ' subject answer') options='--answer --refused --letter --lang -h --help' ;;
        ' subject complete') options='--purpose -h --help' ;;
        ' subject correct') options='--name --new-ref --guardian --minor --no-minor --minor-until --alternative-only --no-alternative-only --distinct -h --help' ;;
        ' subject disclosed') options='--all --to --what --basis --on -h --help' ;;
        ' subject elsewhere') options='-h --help' ;;
        ' subject elsewhere add') options='--what --where --since -h --help' ;;
        ' subject elsewhere confirm') options='--evidence --ref -h --help' ;;
        ' subject elsewhere list') options='--format --output --wide -h --help' ;;
        ' subject export') options='--output --lang -h --help' ;;
        ' subject hold') options='--reason --until -h --help' ;;
        ' subject list') options='--purpose --name --expiring --format --output --wide -h --help' ;;
        ' subject release') options='-h --help' ;;
        ' subject request') options='--kind --on -h --help' ;;
        ' subject requests') options='--format --output --wide -h --help' ;;
        ' subject show') options='--format --output --wide -h --help' ;;
        ' consent') options='-h --help' ;;
        ' consent list') options='--purpose --expiring --format --output --wide -h --help' ;;
        ' consent receipt') options='--purpose --lang --format --output --wide -h --help' ;;
        ' consent record') options='--purpose --expires --given --evidence --keep-evidence --shared-form --notice-shown --notice-lang --guardian --offered-alternative -h --help' ;;
        ' consent show') options='--purpose --format --output --wide -h --help' ;;
        ' enroll') options='-h --help' ;;
        ' enroll batch') options='--workers --cluster --cluster-ca --cluster-cert --cluster-key --cluster-wait --resume --notice-shown --notice-lang --offered-alternative --keep-evidence --keep-photo --allow-duplicate --distinct --replace --format --output --wide -h --help' ;;
        ' enroll camera') options='--purpose --video --url --url-file --device --size --camera-ca --mjpeg --exposure --rotate --templates --max-seconds --preview --liveness --pad-model --lang --evidence --keep-evidence --shared-form --notice-shown --notice-lang --name --given --expires --guardian --offered-alternative --keep-photo --allow-duplicate --allow-other-face --distinct --source --replace --letter --format --output --wide -h --help' ;;
        ' enroll file') options='--purpose --evidence --keep-evidence --shared-form --notice-shown --notice-lang --name --given --expires --guardian --offered-alternative --keep-photo --allow-duplicate --allow-other-face --distinct --source --replace --letter --lang --format --output --wide -h --help' ;;
        ' faces') options='-h --help' ;;
        ' faces list') options='--format --output --wide -h --help' ;;
        ' faces remove') options='--dry-run --yes --format --output --wide -h --help' ;;
        ' camera') options='-h --help' ;;
        ' camera list') options='--format --output --wide -h --help' ;;
        ' camera test') options='--url-file --seconds --size --camera-ca --mjpeg --exposure --rotate --format --output --wide -h --help' ;;
        ' match') options='--purpose --case --recursive --no-rotate --threshold --fmr --fpir --top-k --annotate --show-names --no-blur --resume --video --url --url-file --device --size --camera-ca --mjpeg --exposure --rotate --every --max-seconds --workers --cluster --cluster-ca --cluster-cert --cluster-key --cluster-wait --format --output --wide -h --help' ;;
        ' verify') options='--purpose --case --threshold --fmr --video --url --url-file --device --size --camera-ca --mjpeg --exposure --rotate --max-seconds --preview --liveness --pad-model --lang --format --output --wide -h --help' ;;
        ' calibrate') options='--purpose --dry-run --format --output --wide -h --help' ;;
        ' revoke') options='--purpose --reason --certificate --letter --lang --backups --dry-run --yes --format --output --wide -h --help' ;;
        ' purge') options='--dry-run --as-of --max-fraction --max-subjects --trust-clock --rotate-key --backups --certificate --format --output --wide -h --help' ;;
        ' reenroll') options='--engine --views --calibration --dry-run --yes --workers --format --output --wide -h --help' ;;
        ' evaluate') options='--pairs --images --gallery --probes --attacks --bona-fide --liveness --pad-model --engine --views --calibration --face --rank --gallery-size --cohorts --cohort-column --stated-fmr --hold --discard-worst --plot --plot-cohorts --save-calibration --save-card --data-set --workers --cluster --cluster-ca --cluster-cert --cluster-key --cluster-wait --format --output --wide -h --help' ;;
        ' cluster') options='-h --help' ;;
        ' cluster worker') options='--engine --views --workers --host --cluster-ca --cluster-cert --cluster-key -h --help' ;;
        ' log') options='-h --help' ;;
        ' log certificate') options='--output -h --help' ;;
        ' log checkpoint') options='--trust-key --vkey --since --to --output -h --help' ;;
        ' log cosign') options='--key --name --state --since --trust-key --vkey -h --help' ;;
        ' log export') options='--since --until --after --cursor-file --checkpoint --format --output -h --help' ;;
        ' log show') options='-n --lines --since --until --action --ref -f --follow --format --output --wide -h --help' ;;
        ' log verify') options='--file --against --certificate --receipt --checkpoint --link --witness --quorum --trust-key -h --help' ;;
        ' key') options='-h --help' ;;
        ' key add') options='--label --new-key-file --new-passphrase-file --new-passphrase-command -h --help' ;;
        ' key list') options='--format --output --wide -h --help' ;;
        ' key remove') options='--rotate -h --help' ;;
        ' key rotate') options='-h --help' ;;
        ' backup') options='-h --help' ;;
        ' backup create') options='--keep-daily --keep-weekly --keep-monthly -h --help' ;;
        ' backup erase') options='--gone --backup-key-file --backup-passphrase-file --format --output --wide -h --help' ;;
        ' backup list') options='--backup-key-file --backup-passphrase-file --format --output --wide -h --help' ;;
        ' backup restore') options='--erasures --backup-key-file --backup-passphrase-file -h --help' ;;
        ' backup verify') options='--record --format --output --wide -h --help' ;;
        ' report') options='--output --lang --with-refs --format -h --help' ;;
        ' report filing') options='--output --lang --format --merge --ref-key --with-refs -h --help' ;;
        ' report policy') options='--output --lang --format -h --help' ;;
        ' report processing') options='--output --lang --format -h --help' ;;
        ' status') options='--format --output --wide -h --help' ;;
        ' doctor') options='--quick --budget --format --output --wide -h --help' ;;
        ' config') options='-h --help' ;;
        ' config show') options='--format --output --wide -h --help' ;;
        ' completion') options='--dynamic -h --help' ;;
        ' help') options='-h --help' ;;
    esac
    kind=$options
}

complete -F _facecli facecli
