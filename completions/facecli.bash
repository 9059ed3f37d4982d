# bash completion for facecli, written by `make docs` from the commands themselves.
# It starts no program: Tab never opens a database and never asks for a key.

_facecli_enter() {
    case $1 in
        ' init') path=' init' ;;
        ' purpose') path=' purpose' ;;
        ' purpose apply') path=' purpose apply' ;;
        ' purpose list') path=' purpose list' ;;
        ' purpose retire') path=' purpose retire' ;;
        ' purpose show') path=' purpose show' ;;
        ' subject') path=' subject' ;;
        ' subject add') path=' subject add' ;;
        ' subject correct') path=' subject correct' ;;
        ' subject hold') path=' subject hold' ;;
        ' subject list') path=' subject list' ;;
        ' subject release') path=' subject release' ;;
        ' subject show') path=' subject show' ;;
        ' consent') path=' consent' ;;
        ' consent list') path=' consent list' ;;
        ' consent receipt') path=' consent receipt' ;;
        ' consent record') path=' consent record' ;;
        ' consent show') path=' consent show' ;;
        ' enroll' | ' enrol') path=' enroll' ;;
        ' enroll batch') path=' enroll batch' ;;
        ' enroll file') path=' enroll file' ;;
        ' match') path=' match' ;;
        ' verify') path=' verify' ;;
        ' revoke') path=' revoke' ;;
        ' purge') path=' purge' ;;
        ' log') path=' log' ;;
        ' log show') path=' log show' ;;
        ' completion') path=' completion' ;;
        *) return 1 ;;
    esac
    place=0
}

# What may stand for an option's value (PATH OPTION) or an argument (PATH :PLACE).
_facecli_values() {
    case $1 in
        ' --db' | \
            ' --key-file' | \
            ' --passphrase-file' | \
            ' init --key-file' | \
            ' init --passphrase-file' | \
            ' purpose apply --output' | \
            ' purpose apply :0' | \
            ' purpose list --output' | \
            ' purpose show --output' | \
            ' subject list --output' | \
            ' subject show --output' | \
            ' consent list --output' | \
            ' consent receipt --output' | \
            ' consent record --evidence' | \
            ' consent show --output' | \
            ' enroll batch --output' | \
            ' enroll batch :0' | \
            ' enroll file --evidence' | \
            ' enroll file --output' | \
            ' match --output' | \
            ' verify --output' | \
            ' verify :1' | \
            ' revoke --output' | \
            ' purge --output' | \
            ' log show --output')
            kind='file' ;;
        ' --passphrase-command' | \
            ' --lock-wait' | \
            ' init --passphrase-command' | \
            ' init --label' | \
            ' purpose retire :0' | \
            ' purpose show :0' | \
            ' subject add --name' | \
            ' subject add --guardian' | \
            ' subject add :0' | \
            ' subject correct --name' | \
            ' subject correct --new-ref' | \
            ' subject correct --guardian' | \
            ' subject correct :0' | \
            ' subject hold --reason' | \
            ' subject hold --until' | \
            ' subject hold :0' | \
            ' subject release :0' | \
            ' subject show :0' | \
            ' consent list --purpose' | \
            ' consent receipt --purpose' | \
            ' consent receipt :0' | \
            ' consent record --purpose' | \
            ' consent record --expires' | \
            ' consent record --given' | \
            ' consent record --guardian' | \
            ' consent record :0' | \
            ' consent show --purpose' | \
            ' consent show :0' | \
            ' enroll batch --workers' | \
            ' enroll file --purpose' | \
            ' enroll file --name' | \
            ' enroll file --given' | \
            ' enroll file --expires' | \
            ' enroll file --guardian' | \
            ' enroll file :0' | \
            ' match --purpose' | \
            ' match --threshold' | \
            ' match --fmr' | \
            ' match --top-k' | \
            ' match --workers' | \
            ' verify --purpose' | \
            ' verify --threshold' | \
            ' verify --fmr' | \
            ' verify :0' | \
            ' revoke --purpose' | \
            ' revoke --reason' | \
            ' purge --max-fraction' | \
            ' purge --max-subjects' | \
            ' log show -n')
            kind='' ;;
        ' init --engine')
            kind='dlib reference sface' ;;
        ' purpose apply --format' | \
            ' purpose list --format' | \
            ' purpose show --format' | \
            ' subject list --format' | \
            ' subject show --format' | \
            ' consent list --format' | \
            ' consent receipt --format' | \
            ' consent show --format' | \
            ' enroll batch --format' | \
            ' enroll file --format' | \
            ' match --format' | \
            ' verify --format' | \
            ' revoke --format' | \
            ' purge --format' | \
            ' log show --format')
            kind='table json jsonl csv' ;;
        ' match --annotate')
            kind='directory' ;;
        ' completion :0')
            kind='bash zsh fish' ;;
        ' enroll file :'* | \
            ' match :'*)
            kind='file' ;;
        ' revoke :'*)
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
        ?*) mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$word") ;;
    esac
}

_facecli_names() {
    local names=''
    case $path:$place in
        ':0') names='init purpose subject consent enroll match verify revoke purge log completion' ;;
        ' purpose:0') names='apply list retire show' ;;
        ' subject:0') names='add correct hold list release show' ;;
        ' consent:0') names='list receipt record show' ;;
        ' enroll:0') names='batch file' ;;
        ' log:0') names='show' ;;
        *) return 1 ;;
    esac
    kind=$names
}

_facecli_options() {
    local options=''
    case $path in
        '') options='--version --db --key-file --passphrase-file --passphrase-command --no-input -q --quiet -v --verbose --lock-wait -h --help' ;;
        ' init') options='--key-file --passphrase-file --passphrase-command --label --engine -h --help' ;;
        ' purpose') options='-h --help' ;;
        ' purpose apply') options='--dry-run --format --output -h --help' ;;
        ' purpose list') options='--format --output -h --help' ;;
        ' purpose retire') options='-h --help' ;;
        ' purpose show') options='--format --output -h --help' ;;
        ' subject') options='-h --help' ;;
        ' subject add') options='--name --minor --guardian --alternative-only -h --help' ;;
        ' subject correct') options='--name --new-ref --guardian -h --help' ;;
        ' subject hold') options='--reason --until -h --help' ;;
        ' subject list') options='--format --output -h --help' ;;
        ' subject release') options='-h --help' ;;
        ' subject show') options='--format --output -h --help' ;;
        ' consent') options='-h --help' ;;
        ' consent list') options='--purpose --format --output -h --help' ;;
        ' consent receipt') options='--purpose --format --output -h --help' ;;
        ' consent record') options='--purpose --expires --given --evidence --keep-evidence --guardian -h --help' ;;
        ' consent show') options='--purpose --format --output -h --help' ;;
        ' enroll') options='-h --help' ;;
        ' enroll batch') options='--workers --resume --keep-evidence --keep-photo --allow-duplicate --format --output -h --help' ;;
        ' enroll file') options='--purpose --name --evidence --keep-evidence --given --expires --guardian --keep-photo --allow-duplicate --format --output -h --help' ;;
        ' match') options='--purpose --recursive --threshold --fmr --top-k --annotate --show-names --no-blur --workers --format --output -h --help' ;;
        ' verify') options='--purpose --threshold --fmr --format --output -h --help' ;;
        ' revoke') options='--purpose --reason --dry-run --yes --format --output -h --help' ;;
        ' purge') options='--dry-run --max-fraction --max-subjects --format --output -h --help' ;;
        ' log') options='-h --help' ;;
        ' log show') options='-n --format --output -h --help' ;;
        ' completion') options='-h --help' ;;
    esac
    kind=$options
}

complete -F _facecli facecli
