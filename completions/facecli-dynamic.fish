# fish completion for facecli, written by `make docs` from the commands themselves.
# Tab opens the database to complete a purpose or a REF, if a key file opens it. It never asks.

# Offer the purposes or REFs of the database that begin with the present word.
function __facecli_ask
    facecli completion fish --offer $argv[1] --prefix (commandline -ct) 2>/dev/null </dev/null
end

# Keep the commands that some words begin with, and how many arguments come after these.
function __facecli_read
    set -l valued ' --db' ' --key-file' ' --passphrase-file' ' --passphrase-command' ' --config' ' --lock-wait' ' init --key-file' ' init --passphrase-file' ' init --passphrase-command' ' init --label' ' init --engine' ' init --views' ' init --calibration' ' init --user' ' purpose apply --format' ' purpose apply --output' ' purpose ask-again --letter' ' purpose ask-again --lang' ' purpose ask-again --format' ' purpose ask-again --output' ' purpose list --format' ' purpose list --output' ' purpose notice --lang' ' purpose notice --format' ' purpose notice --output' ' purpose show --format' ' purpose show --output' ' subject add --name' ' subject add --guardian' ' subject add --minor-until' ' subject answer --answer' ' subject answer --refused' ' subject answer --letter' ' subject answer --lang' ' subject complete --purpose' ' subject correct --name' ' subject correct --new-ref' ' subject correct --guardian' ' subject correct --minor-until' ' subject disclosed --to' ' subject disclosed --what' ' subject disclosed --basis' ' subject disclosed --on' ' subject elsewhere add --what' ' subject elsewhere add --where' ' subject elsewhere add --since' ' subject elsewhere confirm --evidence' ' subject elsewhere confirm --ref' ' subject elsewhere list --format' ' subject elsewhere list --output' ' subject export --output' ' subject export --lang' ' subject hold --reason' ' subject hold --until' ' subject list --purpose' ' subject list --name' ' subject list --expiring' ' subject list --format' ' subject list --output' ' subject request --kind' ' subject request --on' ' subject requests --format' ' subject requests --output' ' subject show --format' ' subject show --output' ' consent list --purpose' ' consent list --expiring' ' consent list --format' ' consent list --output' ' consent receipt --purpose' ' consent receipt --lang' ' consent receipt --format' ' consent receipt --output' ' consent record --purpose' ' consent record --expires' ' consent record --given' ' consent record --evidence' ' consent record --shared-form' ' consent record --notice-lang' ' consent record --guardian' ' consent show --purpose' ' consent show --format' ' consent show --output' ' enroll batch --workers' ' enroll batch --cluster' ' enroll batch --cluster-ca' ' enroll batch --cluster-cert' ' enroll batch --cluster-key' ' enroll batch --cluster-wait' ' enroll batch --notice-lang' ' enroll batch --format' ' enroll batch --output' ' enroll camera --purpose' ' enroll camera --video' ' enroll camera --url' ' enroll camera --url-file' ' enroll camera --device' ' enroll camera --size' ' enroll camera --camera-ca' ' enroll camera --exposure' ' enroll camera --rotate' ' enroll camera --templates' ' enroll camera --max-seconds' ' enroll camera --pad-model' ' enroll camera --lang' ' enroll camera --evidence' ' enroll camera --shared-form' ' enroll camera --notice-lang' ' enroll camera --name' ' enroll camera --given' ' enroll camera --expires' ' enroll camera --guardian' ' enroll camera --allow-other-face' ' enroll camera --source' ' enroll camera --letter' ' enroll camera --format' ' enroll camera --output' ' enroll file --purpose' ' enroll file --evidence' ' enroll file --shared-form' ' enroll file --notice-lang' ' enroll file --name' ' enroll file --given' ' enroll file --expires' ' enroll file --guardian' ' enroll file --allow-other-face' ' enroll file --source' ' enroll file --letter' ' enroll file --lang' ' enroll file --format' ' enroll file --output' ' faces list --format' ' faces list --output' ' faces remove --format' ' faces remove --output' ' camera list --format' ' camera list --output' ' camera test --url-file' ' camera test --seconds' ' camera test --size' ' camera test --camera-ca' ' camera test --exposure' ' camera test --rotate' ' camera test --format' ' camera test --output' ' match --purpose' ' match --case' ' match --threshold' ' match --fmr' ' match --fpir' ' match --top-k' ' match --annotate' ' match --resume' ' match --video' ' match --url' ' match --url-file' ' match --device' ' match --size' ' match --camera-ca' ' match --exposure' ' match --rotate' ' match --every' ' match --max-seconds' ' match --workers' ' match --cluster' ' match --cluster-ca' ' match --cluster-cert' ' match --cluster-key' ' match --cluster-wait' ' match --format' ' match --output' ' verify --purpose' ' verify --case' ' verify --threshold' ' verify --fmr' ' verify --video' ' verify --url' ' verify --url-file' ' verify --device' ' verify --size' ' verify --camera-ca' ' verify --exposure' ' verify --rotate' ' verify --max-seconds' ' verify --pad-model' ' verify --lang' ' verify --format' ' verify --output' ' calibrate --purpose' ' calibrate --format' ' calibrate --output' ' revoke --purpose' ' revoke --reason' ' revoke --certificate' ' revoke --letter' ' revoke --lang' ' revoke --backups' ' revoke --format' ' revoke --output' ' purge --as-of' ' purge --max-fraction' ' purge --max-subjects' ' purge --backups' ' purge --certificate' ' purge --format' ' purge --output' ' reenroll --engine' ' reenroll --views' ' reenroll --calibration' ' reenroll --workers' ' reenroll --format' ' reenroll --output' ' evaluate --pairs' ' evaluate --images' ' evaluate --gallery' ' evaluate --probes' ' evaluate --attacks' ' evaluate --bona-fide' ' evaluate --pad-model' ' evaluate --engine' ' evaluate --views' ' evaluate --calibration' ' evaluate --face' ' evaluate --rank' ' evaluate --gallery-size' ' evaluate --cohorts' ' evaluate --cohort-column' ' evaluate --stated-fmr' ' evaluate --hold' ' evaluate --discard-worst' ' evaluate --plot' ' evaluate --plot-cohorts' ' evaluate --save-calibration' ' evaluate --save-card' ' evaluate --data-set' ' evaluate --workers' ' evaluate --cluster' ' evaluate --cluster-ca' ' evaluate --cluster-cert' ' evaluate --cluster-key' ' evaluate --cluster-wait' ' evaluate --format' ' evaluate --output' ' cluster worker --engine' ' cluster worker --views' ' cluster worker --workers' ' cluster worker --host' ' cluster worker --cluster-ca' ' cluster worker --cluster-cert' ' cluster worker --cluster-key' ' log certificate --output' ' log checkpoint --since' ' log checkpoint --to' ' log checkpoint --output' ' log cosign --key' ' log cosign --name' ' log cosign --state' ' log cosign --since' ' log cosign --trust-key' ' log export --since' ' log export --until' ' log export --after' ' log export --cursor-file' ' log export --checkpoint' ' log export --format' ' log export --output' ' log show -n' ' log show --lines' ' log show --since' ' log show --until' ' log show --action' ' log show --ref' ' log show --format' ' log show --output' ' log verify --file' ' log verify --against' ' log verify --certificate' ' log verify --receipt' ' log verify --checkpoint' ' log verify --link' ' log verify --witness' ' log verify --quorum' ' log verify --trust-key' ' key add --label' ' key add --new-key-file' ' key add --new-passphrase-file' ' key add --new-passphrase-command' ' key list --format' ' key list --output' ' backup create --keep-daily' ' backup create --keep-weekly' ' backup create --keep-monthly' ' backup erase --backup-key-file' ' backup erase --backup-passphrase-file' ' backup erase --format' ' backup erase --output' ' backup list --backup-key-file' ' backup list --backup-passphrase-file' ' backup list --format' ' backup list --output' ' backup restore --erasures' ' backup restore --backup-key-file' ' backup restore --backup-passphrase-file' ' backup verify --format' ' backup verify --output' ' report --output' ' report --lang' ' report --format' ' report filing --output' ' report filing --lang' ' report filing --format' ' report filing --merge' ' report filing --ref-key' ' report policy --output' ' report policy --lang' ' report policy --format' ' report processing --output' ' report processing --lang' ' report processing --format' ' status --format' ' status --output' ' doctor --budget' ' doctor --format' ' doctor --output' ' config show --format' ' config show --output'
    set -l path ''
    set -l place 0
    set -l taken 0
    set -l ended 0
    for token in $argv[2..]
        if test $taken = 1
            set taken 0
            continue
        end
        if test $ended = 0
            switch $token
                case '--'
                    set ended 1
                    continue
                case '-?*'
                    contains -- "$path $token" $valued; and set taken 1
                    continue
            end
        end
        switch "$path $token"
            case ' init'
                    set path ' init'
                    set place 0
                    continue
            case ' purpose'
                    set path ' purpose'
                    set place 0
                    continue
            case ' purpose apply'
                    set path ' purpose apply'
                    set place 0
                    continue
            case ' purpose ask-again'
                    set path ' purpose ask-again'
                    set place 0
                    continue
            case ' purpose list'
                    set path ' purpose list'
                    set place 0
                    continue
            case ' purpose notice'
                    set path ' purpose notice'
                    set place 0
                    continue
            case ' purpose retire'
                    set path ' purpose retire'
                    set place 0
                    continue
            case ' purpose show'
                    set path ' purpose show'
                    set place 0
                    continue
            case ' subject'
                    set path ' subject'
                    set place 0
                    continue
            case ' subject add'
                    set path ' subject add'
                    set place 0
                    continue
            case ' subject answer'
                    set path ' subject answer'
                    set place 0
                    continue
            case ' subject complete'
                    set path ' subject complete'
                    set place 0
                    continue
            case ' subject correct'
                    set path ' subject correct'
                    set place 0
                    continue
            case ' subject disclosed'
                    set path ' subject disclosed'
                    set place 0
                    continue
            case ' subject elsewhere'
                    set path ' subject elsewhere'
                    set place 0
                    continue
            case ' subject elsewhere add'
                    set path ' subject elsewhere add'
                    set place 0
                    continue
            case ' subject elsewhere confirm'
                    set path ' subject elsewhere confirm'
                    set place 0
                    continue
            case ' subject elsewhere list'
                    set path ' subject elsewhere list'
                    set place 0
                    continue
            case ' subject export'
                    set path ' subject export'
                    set place 0
                    continue
            case ' subject hold'
                    set path ' subject hold'
                    set place 0
                    continue
            case ' subject list'
                    set path ' subject list'
                    set place 0
                    continue
            case ' subject release'
                    set path ' subject release'
                    set place 0
                    continue
            case ' subject request'
                    set path ' subject request'
                    set place 0
                    continue
            case ' subject requests'
                    set path ' subject requests'
                    set place 0
                    continue
            case ' subject show'
                    set path ' subject show'
                    set place 0
                    continue
            case ' consent'
                    set path ' consent'
                    set place 0
                    continue
            case ' consent list'
                    set path ' consent list'
                    set place 0
                    continue
            case ' consent receipt'
                    set path ' consent receipt'
                    set place 0
                    continue
            case ' consent record'
                    set path ' consent record'
                    set place 0
                    continue
            case ' consent show'
                    set path ' consent show'
                    set place 0
                    continue
            case ' enroll' ' enrol'
                    set path ' enroll'
                    set place 0
                    continue
            case ' enroll batch'
                    set path ' enroll batch'
                    set place 0
                    continue
            case ' enroll camera'
                    set path ' enroll camera'
                    set place 0
                    continue
            case ' enroll file'
                    set path ' enroll file'
                    set place 0
                    continue
            case ' faces'
                    set path ' faces'
                    set place 0
                    continue
            case ' faces list'
                    set path ' faces list'
                    set place 0
                    continue
            case ' faces remove'
                    set path ' faces remove'
                    set place 0
                    continue
            case ' camera'
                    set path ' camera'
                    set place 0
                    continue
            case ' camera list'
                    set path ' camera list'
                    set place 0
                    continue
            case ' camera test'
                    set path ' camera test'
                    set place 0
                    continue
            case ' match'
                    set path ' match'
                    set place 0
                    continue
            case ' verify'
                    set path ' verify'
                    set place 0
                    continue
            case ' calibrate'
                    set path ' calibrate'
                    set place 0
                    continue
            case ' revoke'
                    set path ' revoke'
                    set place 0
                    continue
            case ' purge'
                    set path ' purge'
                    set place 0
                    continue
            case ' reenroll'
                    set path ' reenroll'
                    set place 0
                    continue
            case ' evaluate'
                    set path ' evaluate'
                    set place 0
                    continue
            case ' cluster'
                    set path ' cluster'
                    set place 0
                    continue
            case ' cluster worker'
                    set path ' cluster worker'
                    set place 0
                    continue
            case ' log'
                    set path ' log'
                    set place 0
                    continue
            case ' log certificate'
                    set path ' log certificate'
                    set place 0
                    continue
            case ' log checkpoint'
                    set path ' log checkpoint'
                    set place 0
                    continue
            case ' log cosign'
                    set path ' log cosign'
                    set place 0
                    continue
            case ' log export'
                    set path ' log export'
                    set place 0
                    continue
            case ' log show'
                    set path ' log show'
                    set place 0
                    continue
            case ' log verify'
                    set path ' log verify'
                    set place 0
                    continue
            case ' key'
                    set path ' key'
                    set place 0
                    continue
            case ' key add'
                    set path ' key add'
                    set place 0
                    continue
            case ' key list'
                    set path ' key list'
                    set place 0
                    continue
            case ' key remove'
                    set path ' key remove'
                    set place 0
                    continue
            case ' key rotate'
                    set path ' key rotate'
                    set place 0
                    continue
            case ' backup'
                    set path ' backup'
                    set place 0
                    continue
            case ' backup create'
                    set path ' backup create'
                    set place 0
                    continue
            case ' backup erase'
                    set path ' backup erase'
                    set place 0
                    continue
            case ' backup list'
                    set path ' backup list'
                    set place 0
                    continue
            case ' backup restore'
                    set path ' backup restore'
                    set place 0
                    continue
            case ' backup verify'
                    set path ' backup verify'
                    set place 0
                    continue
            case ' report'
                    set path ' report'
                    set place 0
                    continue
            case ' report filing'
                    set path ' report filing'
                    set place 0
                    continue
            case ' report policy'
                    set path ' report policy'
                    set place 0
                    continue
            case ' report processing'
                    set path ' report processing'
                    set place 0
                    continue
            case ' status'
                    set path ' status'
                    set place 0
                    continue
            case ' doctor'
                    set path ' doctor'
                    set place 0
                    continue
            case ' config'
                    set path ' config'
                    set place 0
                    continue
            case ' config show'
                    set path ' config show'
                    set place 0
                    continue
            case ' completion'
                    set path ' completion'
                    set place 0
                    continue
            case ' help'
                    set path ' help'
                    set place 0
                    continue
        end
        set place (math $place + 1)
    end
    set -g __facecli_path $path
    set -g __facecli_place $place
end

# Does the line stand after the commands PATH, where the arguments from FIRST to LAST stand?
# Tab asks this hundreds of times of the same line, which is read once.
function __facecli_at --argument-names wanted first last
    set -l tokens (commandline -opc)
    set -l line (string escape -- $tokens)
    if test "$line" != "$__facecli_line"
        __facecli_read $tokens
        set -g __facecli_line "$line"
    end
    test "$__facecli_path" = "$wanted"; or return 1
    test -z "$first"; or test $__facecli_place -ge $first -a $__facecli_place -le $last
end

complete -c facecli -f
complete -c facecli -n "__facecli_at '' 0 0" -a init -d 'Create the encrypted database and its first key slot.'
complete -c facecli -n "__facecli_at '' 0 0" -a purpose -d 'Purposes of comparing faces: apply, list, show, notice, ask-again, retire.'
complete -c facecli -n "__facecli_at '' 0 0" -a subject -d 'Subjects: add, list, show, correct, complete, hold, release, export, elsewhere, disclosed, request, answer, requests.'
complete -c facecli -n "__facecli_at '' 0 0" -a consent -d 'Consents: record, list, show, receipt.'
complete -c facecli -n "__facecli_at '' 0 0" -a enroll -d 'Enrol faces under recorded consent: file, batch, camera.'
complete -c facecli -n "__facecli_at '' 0 0" -a faces -d 'Templates of a subject: list, remove.'
complete -c facecli -n "__facecli_at '' 0 0" -a camera -d 'Cameras of this machine: list, test.'
complete -c facecli -n "__facecli_at '' 0 0" -a match -d 'Compare every face in images with the gallery of a purpose (1:N).'
complete -c facecli -n "__facecli_at '' 0 0" -a verify -d 'Compare one face with one subject (1:1).'
complete -c facecli -n "__facecli_at '' 0 0" -a calibrate -d 'Measure the false-match rate among the gallery\'s own subjects.'
complete -c facecli -n "__facecli_at '' 0 0" -a revoke -d 'Withdraw consent and erase the data that depended on it.'
complete -c facecli -n "__facecli_at '' 0 0" -a purge -d 'Erase everything that is due. Runs from cron.'
complete -c facecli -n "__facecli_at '' 0 0" -a reenroll -d 'Make new templates from kept photos, with another engine.'
complete -c facecli -n "__facecli_at '' 0 0" -a evaluate -d 'Measure accuracy on labelled images: FMR, FNMR, FPIR, FNIR, DET.'
complete -c facecli -n "__facecli_at '' 0 0" -a cluster -d 'Decode and recognise on the machines of a cluster: worker.'
complete -c facecli -n "__facecli_at '' 0 0" -a log -d 'The sealed log: show, export, verify, checkpoint, certificate, cosign.'
complete -c facecli -n "__facecli_at '' 0 0" -a key -d 'Key slots and the database key: list, add, remove, rotate.'
complete -c facecli -n "__facecli_at '' 0 0" -a backup -d 'Encrypted copies: create, verify, list, erase, restore.'
complete -c facecli -n "__facecli_at '' 0 0" -a report -d 'The custody report, and papers that laws ask for: policy, processing, filing.'
complete -c facecli -n "__facecli_at '' 0 0" -a status -d 'Print counts and dates: subjects, data that is due, latest acts.'
complete -c facecli -n "__facecli_at '' 0 0" -a doctor -d 'Check files, keys, database, models, clock, schedule, disk and cameras.'
complete -c facecli -n "__facecli_at '' 0 0" -a config -d 'The configuration file: show.'
complete -c facecli -n "__facecli_at '' 0 0" -a completion -d 'Print the completion script for a shell: bash, zsh, fish.'
complete -c facecli -n "__facecli_at '' 0 0" -a help -d 'Print the help of a command.'
complete -c facecli -n "__facecli_at ''" -l version -d 'Show the version and exit.'
complete -c facecli -n "__facecli_at ''" -l db -r -F -d 'Database file.'
complete -c facecli -n "__facecli_at ''" -l key-file -r -F -d 'File with a random key, mode 0600.'
complete -c facecli -n "__facecli_at ''" -l passphrase-file -r -F -d 'File whose first line is the passphrase; - is stdin.'
complete -c facecli -n "__facecli_at ''" -l passphrase-command -x -d 'Command that prints the passphrase as its first line.'
complete -c facecli -n "__facecli_at ''" -l config -r -F -d 'Configuration in TOML.'
complete -c facecli -n "__facecli_at ''" -l no-input -d 'Never ask; implied unless stdin is a terminal.'
complete -c facecli -n "__facecli_at ''" -s q -l quiet -d 'Print only errors on stderr.'
complete -c facecli -n "__facecli_at ''" -s v -l verbose -d 'Print more on stderr.'
complete -c facecli -n "__facecli_at ''" -l lock-wait -x -d 'Longest wait for another writer.'
complete -c facecli -n "__facecli_at ''" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' init'" -l key-file -r -F -d 'Key file; created with mode 0600 if missing.'
complete -c facecli -n "__facecli_at ' init'" -l passphrase-file -r -F -d 'File whose first line is the passphrase.'
complete -c facecli -n "__facecli_at ' init'" -l passphrase-command -x -d 'Command that prints the passphrase.'
complete -c facecli -n "__facecli_at ' init'" -l label -x -d 'Name of the first key slot.'
complete -c facecli -n "__facecli_at ' init'" -l engine -x -a 'dlib dlib-hog reference sface' -d 'Recognition engine that makes and compares templates, or a model card.'
complete -c facecli -n "__facecli_at ' init'" -l views -x -d 'Views averaged into one dlib template: 2 (face and mirror image) or 1 (faster).'
complete -c facecli -n "__facecli_at ' init'" -l calibration -r -F -d 'Thresholds from evaluate --save-calibration, instead of the engine\'s own.'
complete -c facecli -n "__facecli_at ' init'" -l system -d 'As root, for the whole machine: database in /var/lib/facecli, key file and configuration in /etc/facecli, owned by a system user.'
complete -c facecli -n "__facecli_at ' init'" -l user -x -d 'With --system: their owner.'
complete -c facecli -n "__facecli_at ' init'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a apply -d 'Create or revise purposes from a purpose file.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a ask-again -d 'List the subjects to ask again, since a new version has ended their consents.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a list -d 'List every purpose as it stands now.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a notice -d 'Print the notice of a purpose, for a person to read before agreeing.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a retire -d 'End a purpose for good: facecli no longer enrols or matches faces for it.'
complete -c facecli -n "__facecli_at ' purpose' 0 0" -a show -d 'Show the text that a person is shown before consenting: the terms and the notice.'
complete -c facecli -n "__facecli_at ' purpose'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose apply' 0 0" -F
complete -c facecli -n "__facecli_at ' purpose apply'" -l dry-run -d 'Show the changes, and make none.'
complete -c facecli -n "__facecli_at ' purpose apply'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purpose apply'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purpose apply'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purpose apply'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose ask-again' 0 0" -a '(__facecli_ask purpose)'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -l letter -r -F -d 'Write a letter to each person to DIR, as a page and as text.'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -l lang -x -d 'Language of the letters.'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purpose ask-again'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purpose list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purpose list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purpose list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose notice' 0 0" -a '(__facecli_ask purpose)'
complete -c facecli -n "__facecli_at ' purpose notice'" -l lang -x -d 'Language of the notice, such as zh.'
complete -c facecli -n "__facecli_at ' purpose notice'" -l format -x -a 'table html' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purpose notice'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purpose notice'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purpose notice'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose retire' 0 0" -a '(__facecli_ask purpose)'
complete -c facecli -n "__facecli_at ' purpose retire'" -l dry-run -d 'Count the consents that end, and retire nothing.'
complete -c facecli -n "__facecli_at ' purpose retire'" -l yes -d 'Do not ask for confirmation; needed in scripts.'
complete -c facecli -n "__facecli_at ' purpose retire'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purpose show' 0 0" -a '(__facecli_ask purpose)'
complete -c facecli -n "__facecli_at ' purpose show'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purpose show'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purpose show'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purpose show'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a add -d 'Add a subject.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a answer -d 'Record the answer to a request or complaint.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a complete -d 'Record that a purpose is met for a subject, such as a parcel that was collected.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a correct -d 'Correct the record of a subject, or what has changed for them.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a disclosed -d 'Record a disclosure of a subject\'s data, or with --all a breach of the whole database.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a elsewhere -d 'Record what others hold of a subject: photos, fingerprints, paper forms, other systems.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a export -d 'Write everything that is held on a subject to a zip file, for them.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a hold -d 'Put a subject under a legal hold: restricted, never matched, not erased until it ends.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a list -d 'List every subject, or those that meet each condition given.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a release -d 'End a legal hold.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a request -d 'Record a request or complaint of a subject, with its deadline.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a requests -d 'List the requests and complaints of a subject, or all that are open.'
complete -c facecli -n "__facecli_at ' subject' 0 0" -a show -d 'Show one subject with their consents and templates, and what the register has on them.'
complete -c facecli -n "__facecli_at ' subject'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject add' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject add'" -l name -x -d 'The subject\'s name.'
complete -c facecli -n "__facecli_at ' subject add'" -l minor -d 'Under 14: a guardian must consent.'
complete -c facecli -n "__facecli_at ' subject add'" -l guardian -x -d 'Guardian who consents for a minor.'
complete -c facecli -n "__facecli_at ' subject add'" -l minor-until -x -d 'Last day of minority, where it is known.'
complete -c facecli -n "__facecli_at ' subject add'" -l alternative-only -d 'Uses the alternative; never enrolled.'
complete -c facecli -n "__facecli_at ' subject add'" -l distinct -d 'Accept a new REF that looks like another subject\'s.'
complete -c facecli -n "__facecli_at ' subject add'" -l offered-alternative -d 'Confirm that the way without the face was offered.'
complete -c facecli -n "__facecli_at ' subject add'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject answer'" -l answer -x -d 'What was answered or done.'
complete -c facecli -n "__facecli_at ' subject answer'" -l refused -x -d 'The request is refused, for this reason.'
complete -c facecli -n "__facecli_at ' subject answer'" -l letter -r -F -d 'With --refused: write a letter with the reason, a page if the name of FILE ends in .html, else text.'
complete -c facecli -n "__facecli_at ' subject answer'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' subject answer'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject complete' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject complete'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' subject complete'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject correct' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject correct'" -l name -x -d 'The right name.'
complete -c facecli -n "__facecli_at ' subject correct'" -l new-ref -x -a '(__facecli_ask ref)' -d 'The right REF.'
complete -c facecli -n "__facecli_at ' subject correct'" -l guardian -x -d 'The right guardian.'
complete -c facecli -n "__facecli_at ' subject correct'" -l minor -l no-minor -d 'Under 14, or no longer.'
complete -c facecli -n "__facecli_at ' subject correct'" -l minor-until -x -d 'Last day of minority.'
complete -c facecli -n "__facecli_at ' subject correct'" -l alternative-only -l no-alternative-only -d 'The subject uses the alternative: withdraw their consents. Or uses it no longer.'
complete -c facecli -n "__facecli_at ' subject correct'" -l distinct -d 'Accept a new REF that looks like another subject\'s.'
complete -c facecli -n "__facecli_at ' subject correct'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject disclosed' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject disclosed'" -l all -d 'A breach of the whole database.'
complete -c facecli -n "__facecli_at ' subject disclosed'" -l to -x -d 'Who received the data.'
complete -c facecli -n "__facecli_at ' subject disclosed'" -l what -x -d 'What was disclosed.'
complete -c facecli -n "__facecli_at ' subject disclosed'" -l basis -x -d 'Legal basis, or how it came about.'
complete -c facecli -n "__facecli_at ' subject disclosed'" -l on -x -d 'Day of the disclosure.'
complete -c facecli -n "__facecli_at ' subject disclosed'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject elsewhere' 0 0" -a add -d 'Record that somebody else holds data on a subject.'
complete -c facecli -n "__facecli_at ' subject elsewhere' 0 0" -a confirm -d 'Record the proof that something held elsewhere is deleted.'
complete -c facecli -n "__facecli_at ' subject elsewhere' 0 0" -a list -d 'List what is held elsewhere: of one subject, or of all.'
complete -c facecli -n "__facecli_at ' subject elsewhere'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject elsewhere add' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject elsewhere add'" -l what -x -d 'Kind of data: photo, fingerprint, iris, palm, voice, face-data, card, paper, other.'
complete -c facecli -n "__facecli_at ' subject elsewhere add'" -l where -x -d 'Who holds it. It may outlive the subject, and must not name them.'
complete -c facecli -n "__facecli_at ' subject elsewhere add'" -l since -x -d 'Day since which it is held, if it is known.'
complete -c facecli -n "__facecli_at ' subject elsewhere add'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject elsewhere confirm'" -l evidence -r -F -d 'Proof of the deletion, such as the holder\'s letter. Its SHA-256 is stored.'
complete -c facecli -n "__facecli_at ' subject elsewhere confirm'" -l ref -x -a '(__facecli_ask ref)' -d 'Refuse the item unless it is this subject\'s.'
complete -c facecli -n "__facecli_at ' subject elsewhere confirm'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject elsewhere list' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject elsewhere list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' subject elsewhere list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' subject elsewhere list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' subject elsewhere list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject export' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject export'" -l output -r -F -d 'The file to write, whole or not at all, mode 0600.'
complete -c facecli -n "__facecli_at ' subject export'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' subject export'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject hold' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject hold'" -l reason -x -d 'The law or case that requires it.'
complete -c facecli -n "__facecli_at ' subject hold'" -l until -x -d 'Last day of the hold, or a length such as 6m.'
complete -c facecli -n "__facecli_at ' subject hold'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject list'" -l purpose -x -a '(__facecli_ask purpose)' -d 'Only those with a consent to this purpose.'
complete -c facecli -n "__facecli_at ' subject list'" -l name -x -d 'Only those with this in their name.'
complete -c facecli -n "__facecli_at ' subject list'" -l expiring -x -d 'Only what ends within this time, such as 30d, or up to this date.'
complete -c facecli -n "__facecli_at ' subject list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' subject list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' subject list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' subject list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject release' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject release'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject request' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject request'" -l kind -x -a 'access erase correct complain' -d 'What the subject asks for.'
complete -c facecli -n "__facecli_at ' subject request'" -l on -x -d 'Day on which it was received.'
complete -c facecli -n "__facecli_at ' subject request'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject requests' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject requests'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' subject requests'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' subject requests'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' subject requests'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' subject show' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' subject show'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' subject show'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' subject show'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' subject show'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' consent' 0 0" -a list -d 'List all consents, including those that ended.'
complete -c facecli -n "__facecli_at ' consent' 0 0" -a receipt -d 'Print the receipt to hand to the subject, and log that it was made.'
complete -c facecli -n "__facecli_at ' consent' 0 0" -a record -d 'Record a subject\'s consent to the current notice of a purpose.'
complete -c facecli -n "__facecli_at ' consent' 0 0" -a show -d 'Show one consent: by its record id, or a subject\'s latest by the REF.'
complete -c facecli -n "__facecli_at ' consent'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' consent list'" -l purpose -x -a '(__facecli_ask purpose)' -d 'Only consents to this purpose.'
complete -c facecli -n "__facecli_at ' consent list'" -l expiring -x -d 'Only what ends within this time, such as 30d, or up to this date.'
complete -c facecli -n "__facecli_at ' consent list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' consent list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' consent list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' consent list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' consent receipt'" -l purpose -x -a '(__facecli_ask purpose)' -d 'With a REF: the consent to this purpose.'
complete -c facecli -n "__facecli_at ' consent receipt'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' consent receipt'" -l format -x -a 'table json jsonl csv html' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' consent receipt'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' consent receipt'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' consent receipt'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' consent record' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' consent record'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' consent record'" -l expires -x -d 'Last day of the consent, or a length such as 1y.'
complete -c facecli -n "__facecli_at ' consent record'" -l given -x -d 'Day of the consent, or its time.'
complete -c facecli -n "__facecli_at ' consent record'" -l evidence -r -F -d 'The signed consent form.'
complete -c facecli -n "__facecli_at ' consent record'" -l keep-evidence -d 'Store the form itself, not only its SHA-256.'
complete -c facecli -n "__facecli_at ' consent record'" -l shared-form -x -d 'Why the form covers several people. Without this, a form counts once.'
complete -c facecli -n "__facecli_at ' consent record'" -l notice-shown -d 'Confirm that the subject has read the notice and agreed.'
complete -c facecli -n "__facecli_at ' consent record'" -l notice-lang -x -d 'The language of the notice that was shown, such as zh.'
complete -c facecli -n "__facecli_at ' consent record'" -l guardian -x -d 'Guardian who consented for a minor.'
complete -c facecli -n "__facecli_at ' consent record'" -l offered-alternative -d 'Confirm that the way without the face was offered.'
complete -c facecli -n "__facecli_at ' consent record'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' consent show'" -l purpose -x -a '(__facecli_ask purpose)' -d 'With a REF: the consent to this purpose.'
complete -c facecli -n "__facecli_at ' consent show'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' consent show'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' consent show'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' consent show'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' enroll' 0 0" -a batch -d 'Enrol many subjects from a CSV manifest.'
complete -c facecli -n "__facecli_at ' enroll' 0 0" -a camera -d 'Enrol a subject in front of a camera, or from a video file.'
complete -c facecli -n "__facecli_at ' enroll' 0 0" -a file -d 'Enrol a subject from image files.'
complete -c facecli -n "__facecli_at ' enroll'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' enroll batch' 0 0" -F
complete -c facecli -n "__facecli_at ' enroll batch'" -l workers -x -d 'Number of processes that decode and recognise.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l cluster -x -d 'Decode and recognise on the cluster of this Dask scheduler, tls://HOST:PORT.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l cluster-ca -r -F -d 'Certificate of the cluster\'s own authority, in PEM.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l cluster-cert -r -F -d 'Certificate of this side, in PEM.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l cluster-key -r -F -d 'Private key of --cluster-cert, in PEM.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l cluster-wait -x -d 'Longest wait for workers of the cluster.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l resume -d 'Skip captures that are enrolled already.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l notice-shown -d 'Confirm that the subject has read the notice and agreed.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l notice-lang -x -d 'The language of the notice that was shown, such as zh.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l offered-alternative -d 'Confirm that the way without the face was offered.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l keep-evidence -d 'Store the forms themselves.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l keep-photo -d 'Store the photos too, if the purpose allows it.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l allow-duplicate -d 'Enrol the face even if it has another REF (twins).'
complete -c facecli -n "__facecli_at ' enroll batch'" -l distinct -d 'Accept a new REF that looks like another subject\'s.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l replace -d 'Erase the subject\'s earlier templates for the purpose in the same act. The consent stays.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' enroll batch'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' enroll batch'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' enroll camera' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' enroll camera'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l video -r -F -d 'Video file.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l url -x -d 'URL of a network camera: rtsp, rtsps, http or https.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l url-file -r -F -d 'File whose first line is the URL, for a URL with a password.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l device -x -d 'Number or path of a camera of this machine.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l size -x -d 'Frame size to request from the camera, as in 640x480.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l camera-ca -r -F -d 'Certificates, of which one must vouch for an https or rtsps camera.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l mjpeg -d 'Request compressed frames: more a second over USB at large sizes.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l exposure -x -d 'Fixed exposure in the driver\'s units, usually 100 microseconds.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l rotate -x -a '0 90 180 270' -d 'Turn the frames clockwise by this many degrees.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l templates -x -d 'Most templates to store, from frames that differ.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l max-seconds -x -d 'Longest wait for good frames, in seconds.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l preview -d 'Show the camera\'s picture in a window, with the face outlined.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l liveness -d 'Ask the person to turn the head left and right in random order, and refuse what looks like a picture. Not certified. Not with --video.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l pad-model -r -F -d 'Your own network that distinguishes a face from a picture of one, with the interface of MiniFASNet.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l lang -x -d 'Language of what the person reads: instructions and papers.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l evidence -r -F -d 'The signed consent form.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l keep-evidence -d 'Store the form itself, not only its SHA-256.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l shared-form -x -d 'Why the form covers several people. Without this, a form counts once.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l notice-shown -d 'Confirm that the subject has read the notice and agreed.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l notice-lang -x -d 'The language of the notice that was shown, such as zh.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l name -x -d 'The name of a new subject.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l given -x -d 'Date on which consent was given, or its time.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l expires -x -d 'End of the consent: a date, or a length such as 1y.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l guardian -x -d 'Name of the guardian who consents for a minor.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l offered-alternative -d 'Confirm that the way without the face was offered.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l keep-photo -d 'Store the photo too, if the purpose allows it.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l allow-duplicate -d 'Enrol the face even if it has another REF (twins).'
complete -c facecli -n "__facecli_at ' enroll camera'" -l allow-other-face -x -d 'Why the face may look like another than the one that is enrolled as REF; for all images.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l distinct -d 'Accept a new REF that looks like another subject\'s.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l source -x -d 'Where the photo comes from: camera, handed-in, document or other:TEXT.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l replace -d 'Erase the subject\'s earlier templates for the purpose in the same act. The consent stays.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l letter -r -F -d 'If the enrolment is refused, write a letter with the reason: a page if the name of FILE ends in .html, else text.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' enroll camera'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' enroll camera'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' enroll file' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' enroll file' 1 9999" -F
complete -c facecli -n "__facecli_at ' enroll file'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' enroll file'" -l evidence -r -F -d 'The signed consent form.'
complete -c facecli -n "__facecli_at ' enroll file'" -l keep-evidence -d 'Store the form itself, not only its SHA-256.'
complete -c facecli -n "__facecli_at ' enroll file'" -l shared-form -x -d 'Why the form covers several people. Without this, a form counts once.'
complete -c facecli -n "__facecli_at ' enroll file'" -l notice-shown -d 'Confirm that the subject has read the notice and agreed.'
complete -c facecli -n "__facecli_at ' enroll file'" -l notice-lang -x -d 'The language of the notice that was shown, such as zh.'
complete -c facecli -n "__facecli_at ' enroll file'" -l name -x -d 'The name of a new subject.'
complete -c facecli -n "__facecli_at ' enroll file'" -l given -x -d 'Date on which consent was given, or its time.'
complete -c facecli -n "__facecli_at ' enroll file'" -l expires -x -d 'End of the consent: a date, or a length such as 1y.'
complete -c facecli -n "__facecli_at ' enroll file'" -l guardian -x -d 'Name of the guardian who consents for a minor.'
complete -c facecli -n "__facecli_at ' enroll file'" -l offered-alternative -d 'Confirm that the way without the face was offered.'
complete -c facecli -n "__facecli_at ' enroll file'" -l keep-photo -d 'Store the photo too, if the purpose allows it.'
complete -c facecli -n "__facecli_at ' enroll file'" -l allow-duplicate -d 'Enrol the face even if it has another REF (twins).'
complete -c facecli -n "__facecli_at ' enroll file'" -l allow-other-face -x -d 'Why the face may look like another than the one that is enrolled as REF; for all images.'
complete -c facecli -n "__facecli_at ' enroll file'" -l distinct -d 'Accept a new REF that looks like another subject\'s.'
complete -c facecli -n "__facecli_at ' enroll file'" -l source -x -d 'Where the photo comes from: camera, handed-in, document or other:TEXT.'
complete -c facecli -n "__facecli_at ' enroll file'" -l replace -d 'Erase the subject\'s earlier templates for the purpose in the same act. The consent stays.'
complete -c facecli -n "__facecli_at ' enroll file'" -l letter -r -F -d 'If the enrolment is refused, write a letter with the reason: a page if the name of FILE ends in .html, else text.'
complete -c facecli -n "__facecli_at ' enroll file'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' enroll file'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' enroll file'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' enroll file'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' enroll file'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' faces' 0 0" -a list -d 'List the templates of a subject, for every purpose and engine, oldest first.'
complete -c facecli -n "__facecli_at ' faces' 0 0" -a remove -d 'Erase one template of a subject for good, such as that of a wrong picture.'
complete -c facecli -n "__facecli_at ' faces'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' faces list' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' faces list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' faces list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' faces list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' faces list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' faces remove' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' faces remove'" -l dry-run -d 'Show the rows, and erase nothing.'
complete -c facecli -n "__facecli_at ' faces remove'" -l yes -d 'Do not ask for confirmation; needed in scripts.'
complete -c facecli -n "__facecli_at ' faces remove'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' faces remove'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' faces remove'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' faces remove'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' camera' 0 0" -a list -d 'List the cameras of this machine, with their formats.'
complete -c facecli -n "__facecli_at ' camera' 0 0" -a test -d 'Test a camera: frame rate, brightness, size of faces, and problems.'
complete -c facecli -n "__facecli_at ' camera'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' camera list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' camera list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' camera list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' camera list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' camera test'" -l url-file -r -F -d 'File whose first line is the URL, for a URL with a password.'
complete -c facecli -n "__facecli_at ' camera test'" -l seconds -x -d 'Length of the test in seconds.'
complete -c facecli -n "__facecli_at ' camera test'" -l size -x -d 'Frame size to request from the camera, as in 640x480.'
complete -c facecli -n "__facecli_at ' camera test'" -l camera-ca -r -F -d 'Certificates, of which one must vouch for an https or rtsps camera.'
complete -c facecli -n "__facecli_at ' camera test'" -l mjpeg -d 'Request compressed frames: more a second over USB at large sizes.'
complete -c facecli -n "__facecli_at ' camera test'" -l exposure -x -d 'Fixed exposure in the driver\'s units, usually 100 microseconds.'
complete -c facecli -n "__facecli_at ' camera test'" -l rotate -x -a '0 90 180 270' -d 'Turn the frames clockwise by this many degrees.'
complete -c facecli -n "__facecli_at ' camera test'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' camera test'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' camera test'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' camera test'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' match' 0 9999" -F
complete -c facecli -n "__facecli_at ' match'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' match'" -l case -x -d 'The case or approval that the search belongs to, for the log.'
complete -c facecli -n "__facecli_at ' match'" -l recursive -d 'Search subfolders too.'
complete -c facecli -n "__facecli_at ' match'" -l no-rotate -d 'Search faces that are not upright as they are.'
complete -c facecli -n "__facecli_at ' match'" -l threshold -x -d 'Largest distance that counts as a match, instead of a rate.'
complete -c facecli -n "__facecli_at ' match'" -l fmr -x -d 'False-match rate of one comparison, instead of the purpose\'s.'
complete -c facecli -n "__facecli_at ' match'" -l fpir -x -d 'Share of searches for strangers that may return a candidate.'
complete -c facecli -n "__facecli_at ' match'" -l top-k -x -d 'Candidates per face, at most.'
complete -c facecli -n "__facecli_at ' match'" -l annotate -r -F -d 'Write annotated copies: of each image, or of the best frame of each track, to the folder DIR; of a whole --video to FILE.mp4.'
complete -c facecli -n "__facecli_at ' match'" -l show-names -d 'Write names beside REFs in annotated copies.'
complete -c facecli -n "__facecli_at ' match'" -l no-blur -d 'Do not blur unmatched faces.'
complete -c facecli -n "__facecli_at ' match'" -l resume -r -F -d 'Record finished images in FILE, and skip those already in it. Needs --format jsonl or csv.'
complete -c facecli -n "__facecli_at ' match'" -l video -r -F -d 'Video file.'
complete -c facecli -n "__facecli_at ' match'" -l url -x -d 'URL of a network camera: rtsp, rtsps, http or https.'
complete -c facecli -n "__facecli_at ' match'" -l url-file -r -F -d 'File whose first line is the URL, for a URL with a password.'
complete -c facecli -n "__facecli_at ' match'" -l device -x -d 'Number or path of a camera of this machine.'
complete -c facecli -n "__facecli_at ' match'" -l size -x -d 'Frame size to request from the camera, as in 640x480.'
complete -c facecli -n "__facecli_at ' match'" -l camera-ca -r -F -d 'Certificates, of which one must vouch for an https or rtsps camera.'
complete -c facecli -n "__facecli_at ' match'" -l mjpeg -d 'Request compressed frames: more a second over USB at large sizes.'
complete -c facecli -n "__facecli_at ' match'" -l exposure -x -d 'Fixed exposure in the driver\'s units, usually 100 microseconds.'
complete -c facecli -n "__facecli_at ' match'" -l rotate -x -a '0 90 180 270' -d 'Turn the frames clockwise by this many degrees.'
complete -c facecli -n "__facecli_at ' match'" -l every -x -d 'Analyse every N-th frame.'
complete -c facecli -n "__facecli_at ' match'" -l max-seconds -x -d 'Stop after S seconds of the video or camera.'
complete -c facecli -n "__facecli_at ' match'" -l workers -x -d 'Number of processes that decode and recognise.'
complete -c facecli -n "__facecli_at ' match'" -l cluster -x -d 'Decode and recognise on the cluster of this Dask scheduler, tls://HOST:PORT.'
complete -c facecli -n "__facecli_at ' match'" -l cluster-ca -r -F -d 'Certificate of the cluster\'s own authority, in PEM.'
complete -c facecli -n "__facecli_at ' match'" -l cluster-cert -r -F -d 'Certificate of this side, in PEM.'
complete -c facecli -n "__facecli_at ' match'" -l cluster-key -r -F -d 'Private key of --cluster-cert, in PEM.'
complete -c facecli -n "__facecli_at ' match'" -l cluster-wait -x -d 'Longest wait for workers of the cluster.'
complete -c facecli -n "__facecli_at ' match'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' match'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' match'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' match'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' verify' 0 0" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' verify' 1 1" -F
complete -c facecli -n "__facecli_at ' verify'" -l purpose -x -a '(__facecli_ask purpose)' -d 'The code of the purpose.'
complete -c facecli -n "__facecli_at ' verify'" -l case -x -d 'The case or approval that the search belongs to, for the log.'
complete -c facecli -n "__facecli_at ' verify'" -l threshold -x -d 'Largest distance that counts as a match, instead of a rate.'
complete -c facecli -n "__facecli_at ' verify'" -l fmr -x -d 'False-match rate of one comparison, instead of the purpose\'s.'
complete -c facecli -n "__facecli_at ' verify'" -l video -r -F -d 'Video file.'
complete -c facecli -n "__facecli_at ' verify'" -l url -x -d 'URL of a network camera: rtsp, rtsps, http or https.'
complete -c facecli -n "__facecli_at ' verify'" -l url-file -r -F -d 'File whose first line is the URL, for a URL with a password.'
complete -c facecli -n "__facecli_at ' verify'" -l device -x -d 'Number or path of a camera of this machine.'
complete -c facecli -n "__facecli_at ' verify'" -l size -x -d 'Frame size to request from the camera, as in 640x480.'
complete -c facecli -n "__facecli_at ' verify'" -l camera-ca -r -F -d 'Certificates, of which one must vouch for an https or rtsps camera.'
complete -c facecli -n "__facecli_at ' verify'" -l mjpeg -d 'Request compressed frames: more a second over USB at large sizes.'
complete -c facecli -n "__facecli_at ' verify'" -l exposure -x -d 'Fixed exposure in the driver\'s units, usually 100 microseconds.'
complete -c facecli -n "__facecli_at ' verify'" -l rotate -x -a '0 90 180 270' -d 'Turn the frames clockwise by this many degrees.'
complete -c facecli -n "__facecli_at ' verify'" -l max-seconds -x -d 'Longest wait for good frames, in seconds.'
complete -c facecli -n "__facecli_at ' verify'" -l preview -d 'Show the camera\'s picture in a window, with the face outlined.'
complete -c facecli -n "__facecli_at ' verify'" -l liveness -d 'Ask the person to turn the head left and right in random order, and refuse what looks like a picture. Not certified. Not with --video.'
complete -c facecli -n "__facecli_at ' verify'" -l pad-model -r -F -d 'Your own network that distinguishes a face from a picture of one, with the interface of MiniFASNet.'
complete -c facecli -n "__facecli_at ' verify'" -l lang -x -d 'Language of what the person reads: instructions and papers.'
complete -c facecli -n "__facecli_at ' verify'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' verify'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' verify'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' verify'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' calibrate'" -l purpose -x -a '(__facecli_ask purpose)' -d 'Of this purpose.'
complete -c facecli -n "__facecli_at ' calibrate'" -l dry-run -d 'Measure and print, and store nothing.'
complete -c facecli -n "__facecli_at ' calibrate'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' calibrate'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' calibrate'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' calibrate'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' revoke' 0 9999" -a '(__facecli_ask ref)'
complete -c facecli -n "__facecli_at ' revoke'" -l purpose -x -a '(__facecli_ask purpose)' -d 'Withdraw only for this purpose.'
complete -c facecli -n "__facecli_at ' revoke'" -l reason -x -d 'Reason, for your own records. The log stores that a reason was given, not its text.'
complete -c facecli -n "__facecli_at ' revoke'" -l certificate -r -F -d 'Certify the erasure in FILE: a list for several REFs. A dry run writes none.'
complete -c facecli -n "__facecli_at ' revoke'" -l letter -r -F -d 'Write a letter for the person: a page if the name of FILE ends in .html, else text. For one REF.'
complete -c facecli -n "__facecli_at ' revoke'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' revoke'" -l backups -x -a '(__fish_complete_directories)' -d 'Erase in every backup in DIR too; repeat for several.'
complete -c facecli -n "__facecli_at ' revoke'" -l dry-run -d 'Show the rows, and erase nothing.'
complete -c facecli -n "__facecli_at ' revoke'" -l yes -d 'Do not ask for confirmation; needed in scripts.'
complete -c facecli -n "__facecli_at ' revoke'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' revoke'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' revoke'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' revoke'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' purge'" -l dry-run -d 'Show the rows of the run, and erase nothing.'
complete -c facecli -n "__facecli_at ' purge'" -l as-of -x -d 'With --dry-run: show what is due at the end of that day.'
complete -c facecli -n "__facecli_at ' purge'" -l max-fraction -x -d 'Refuse if more than this share of subjects is due.'
complete -c facecli -n "__facecli_at ' purge'" -l max-subjects -x -d 'Refuse if more than N subjects are due.'
complete -c facecli -n "__facecli_at ' purge'" -l trust-clock -d 'Trust the clock after it was ahead or behind; logged.'
complete -c facecli -n "__facecli_at ' purge'" -l rotate-key -d 'Afterwards rotate the database key, like `key rotate`.'
complete -c facecli -n "__facecli_at ' purge'" -l backups -x -a '(__fish_complete_directories)' -d 'Erase in every backup in DIR too; repeat for several.'
complete -c facecli -n "__facecli_at ' purge'" -l certificate -r -F -d 'Certify every erasure in FILE, a list. A dry run writes none.'
complete -c facecli -n "__facecli_at ' purge'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' purge'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' purge'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' purge'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' reenroll'" -l engine -x -a 'dlib dlib-hog reference sface' -d 'The new engine, or a model card.'
complete -c facecli -n "__facecli_at ' reenroll'" -l views -x -d 'Views averaged into one dlib template: 2 (face and mirror image) or 1 (faster).'
complete -c facecli -n "__facecli_at ' reenroll'" -l calibration -r -F -d 'Thresholds from evaluate --save-calibration, instead of the engine\'s own.'
complete -c facecli -n "__facecli_at ' reenroll'" -l dry-run -d 'List the subjects with a photo, and those to call in.'
complete -c facecli -n "__facecli_at ' reenroll'" -l yes -d 'Do not ask for confirmation; needed in scripts.'
complete -c facecli -n "__facecli_at ' reenroll'" -l workers -x -d 'Number of processes that decode and recognise.'
complete -c facecli -n "__facecli_at ' reenroll'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' reenroll'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' reenroll'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' reenroll'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' evaluate'" -l pairs -r -F -d 'Pairs to compare, in the format of LFW\'s pairs.txt.'
complete -c facecli -n "__facecli_at ' evaluate'" -l images -x -a '(__fish_complete_directories)' -d 'A folder with one subfolder per person. Without --pairs, all its images are compared.'
complete -c facecli -n "__facecli_at ' evaluate'" -l gallery -x -a '(__fish_complete_directories)' -d 'The same, for the enrolled people (1:N).'
complete -c facecli -n "__facecli_at ' evaluate'" -l probes -x -a '(__fish_complete_directories)' -d 'The same, for the probes. People not in the gallery are non-mated.'
complete -c facecli -n "__facecli_at ' evaluate'" -l attacks -x -a '(__fish_complete_directories)' -d 'Recordings of presentation attacks, with one subfolder per species.'
complete -c facecli -n "__facecli_at ' evaluate'" -l bona-fide -x -a '(__fish_complete_directories)' -d 'Recordings of people before the camera.'
complete -c facecli -n "__facecli_at ' evaluate'" -l liveness -d 'Measure the challenge of `enroll camera --liveness` on these recordings.'
complete -c facecli -n "__facecli_at ' evaluate'" -l pad-model -r -F -d 'Measure this network on these recordings.'
complete -c facecli -n "__facecli_at ' evaluate'" -l engine -x -a 'dlib dlib-hog reference sface' -d 'The engine, or a model card.'
complete -c facecli -n "__facecli_at ' evaluate'" -l views -x -d 'Views averaged into one dlib template: 2 (face and mirror image) or 1 (faster).'
complete -c facecli -n "__facecli_at ' evaluate'" -l calibration -r -F -d 'Take thresholds from this calibration, not the engine\'s own.'
complete -c facecli -n "__facecli_at ' evaluate'" -l face -x -a 'centre largest' -d 'The face of an image that is the person\'s.'
complete -c facecli -n "__facecli_at ' evaluate'" -l rank -x -d 'R of FNIR(N, R, T).'
complete -c facecli -n "__facecli_at ' evaluate'" -l gallery-size -x -d 'Also extrapolate FPIR and FNIR to a gallery of N references, such as 1e6.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cohorts -r -F -d 'The cohort of each person: columns person (or name) and cohort.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cohort-column -x -d 'The column of the cohort.'
complete -c facecli -n "__facecli_at ' evaluate'" -l stated-fmr -x -d 'A rate that purposes state, to measure cohorts at its threshold.'
complete -c facecli -n "__facecli_at ' evaluate'" -l hold -x -a 'worst-group overall' -d '`calibration` of those purposes.'
complete -c facecli -n "__facecli_at ' evaluate'" -l discard-worst -x -d 'Also measure FNMR without the worst images by quality, such as 5%.'
complete -c facecli -n "__facecli_at ' evaluate'" -l plot -r -F -d 'Draw a DET plot, .png or .svg.'
complete -c facecli -n "__facecli_at ' evaluate'" -l plot-cohorts -r -F -d 'Draw the rates of cohorts against the stated rates, .png or .svg.'
complete -c facecli -n "__facecli_at ' evaluate'" -l save-calibration -r -F -d 'Write the thresholds of all pairs, for init --calibration.'
complete -c facecli -n "__facecli_at ' evaluate'" -l save-card -r -F -d 'Estimate the constants of a model card, write the card with them, and measure with them.'
complete -c facecli -n "__facecli_at ' evaluate'" -l data-set -x -d 'Name of the images in the calibration.'
complete -c facecli -n "__facecli_at ' evaluate'" -l workers -x -d 'Number of processes that decode and recognise.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cluster -x -d 'Decode and recognise on the cluster of this Dask scheduler, tls://HOST:PORT.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cluster-ca -r -F -d 'Certificate of the cluster\'s own authority, in PEM.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cluster-cert -r -F -d 'Certificate of this side, in PEM.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cluster-key -r -F -d 'Private key of --cluster-cert, in PEM.'
complete -c facecli -n "__facecli_at ' evaluate'" -l cluster-wait -x -d 'Longest wait for workers of the cluster.'
complete -c facecli -n "__facecli_at ' evaluate'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' evaluate'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' evaluate'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' evaluate'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' cluster' 0 0" -a worker -d 'Work for a scheduler until it ends, or until Ctrl-C or SIGTERM.'
complete -c facecli -n "__facecli_at ' cluster'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l engine -x -a 'dlib dlib-hog reference sface' -d 'The engine of the databases that this cluster works for.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l views -x -d 'Views averaged into one dlib template: 2 (face and mirror image) or 1 (faster).'
complete -c facecli -n "__facecli_at ' cluster worker'" -l workers -x -d 'Number of processes that decode and recognise.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l host -x -d 'Name or number of this machine at which it listens.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l cluster-ca -r -F -d 'Certificate of the cluster\'s own authority, in PEM.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l cluster-cert -r -F -d 'Certificate of this side, in PEM.'
complete -c facecli -n "__facecli_at ' cluster worker'" -l cluster-key -r -F -d 'Private key of --cluster-cert, in PEM.'
complete -c facecli -n "__facecli_at ' cluster worker'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a certificate -d 'Certify erasures again, from their entries in the log.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a checkpoint -d 'Seal the log as it stands, and print the signed checkpoint; keep it elsewhere.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a cosign -d 'Cosign a checkpoint that goes on from the last one seen, and print the line to append to it.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a export -d 'Export the log, sealed with a checkpoint at its end.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a show -d 'Show the latest entries, oldest first.'
complete -c facecli -n "__facecli_at ' log' 0 0" -a verify -d 'Verify that no entry was edited, removed, reordered or cut off.'
complete -c facecli -n "__facecli_at ' log'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log certificate'" -l output -r -F -d 'Write the certificate to FILE; of several, a list.'
complete -c facecli -n "__facecli_at ' log certificate'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -l trust-key -d 'Print the log\'s trust key, and seal nothing.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -l vkey -d 'Print the log\'s identity key for C2SP tools, and seal nothing.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -l since -r -F -d 'Print the link from this checkpoint, certificate or receipt to a new checkpoint.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -l to -r -F -d 'With --since: to this one, which you kept, and seal nothing.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -l output -r -F -d 'Write to FILE, whole or not at all. A checkpoint in FILE is replaced only if the log extends it.'
complete -c facecli -n "__facecli_at ' log checkpoint'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log cosign' 0 0" -F
complete -c facecli -n "__facecli_at ' log cosign'" -l key -r -F -d 'The witness\'s secret key; made with mode 0600 if missing.'
complete -c facecli -n "__facecli_at ' log cosign'" -l name -x -d 'The name of a key that is made.'
complete -c facecli -n "__facecli_at ' log cosign'" -l state -x -a '(__fish_complete_directories)' -d 'The folder that keeps what was seen of each log; made if missing.'
complete -c facecli -n "__facecli_at ' log cosign'" -l since -r -F -d 'The link from the last one seen (`log checkpoint --since`).'
complete -c facecli -n "__facecli_at ' log cosign'" -l trust-key -x -d 'The log\'s trust key.'
complete -c facecli -n "__facecli_at ' log cosign'" -l vkey -d 'Print the witness\'s public key.'
complete -c facecli -n "__facecli_at ' log cosign'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log export'" -l since -x -d 'From the first entry of this date or moment on.'
complete -c facecli -n "__facecli_at ' log export'" -l until -x -d 'To the last entry of this date, or before this moment.'
complete -c facecli -n "__facecli_at ' log export'" -l after -x -d 'From the entry after this.'
complete -c facecli -n "__facecli_at ' log export'" -l cursor-file -r -F -d 'Continue after the last export, and keep the end of this one.'
complete -c facecli -n "__facecli_at ' log export'" -l checkpoint -r -F -d 'Refuse unless the log extends this one, and keep the new one.'
complete -c facecli -n "__facecli_at ' log export'" -l format -x -a 'jsonl csv cef syslog ocsf' -d '`log verify` reads jsonl.'
complete -c facecli -n "__facecli_at ' log export'" -l output -r -F -d 'Write to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' log export'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log show'" -s n -l lines -x -d 'The latest N entries.'
complete -c facecli -n "__facecli_at ' log show'" -l since -x -d 'Entries from this date or moment on.'
complete -c facecli -n "__facecli_at ' log show'" -l until -x -d 'Entries to the end of this date, or before this moment.'
complete -c facecli -n "__facecli_at ' log show'" -l action -x -d 'Entries of this action, such as consent.record, or consent for all of them; may be repeated.'
complete -c facecli -n "__facecli_at ' log show'" -l ref -x -a '(__facecli_ask ref)' -d 'Entries about this subject.'
complete -c facecli -n "__facecli_at ' log show'" -s f -l follow -d 'Go on with new entries until interrupted.'
complete -c facecli -n "__facecli_at ' log show'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' log show'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' log show'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' log show'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' log verify' 0 9999" -F
complete -c facecli -n "__facecli_at ' log verify'" -l file -r -F -d 'The same as FILE.'
complete -c facecli -n "__facecli_at ' log verify'" -l against -r -F -d 'The database\'s log must extend this checkpoint, kept elsewhere.'
complete -c facecli -n "__facecli_at ' log verify'" -l certificate -r -F -d 'Verify this certificate of erasure.'
complete -c facecli -n "__facecli_at ' log verify'" -l receipt -r -F -d 'Verify this receipt of a consent, in JSON.'
complete -c facecli -n "__facecli_at ' log verify'" -l checkpoint -r -F -d 'A checkpoint that you kept; may be repeated.'
complete -c facecli -n "__facecli_at ' log verify'" -l link -r -F -d 'A link that `log checkpoint --since` printed; may be repeated.'
complete -c facecli -n "__facecli_at ' log verify'" -l witness -x -d 'Require the line of this witness; may be repeated.'
complete -c facecli -n "__facecli_at ' log verify'" -l quorum -x -d 'Require N of the witnesses.'
complete -c facecli -n "__facecli_at ' log verify'" -l trust-key -x -d 'The log\'s trust key, which `init` printed.'
complete -c facecli -n "__facecli_at ' log verify'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' key' 0 0" -a add -d 'Add a slot: another secret that opens the database.'
complete -c facecli -n "__facecli_at ' key' 0 0" -a list -d 'List the slots.'
complete -c facecli -n "__facecli_at ' key' 0 0" -a remove -d 'Remove a slot: its secret no longer opens the database.'
complete -c facecli -n "__facecli_at ' key' 0 0" -a rotate -d 'Encrypt the database under a new random key.'
complete -c facecli -n "__facecli_at ' key'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' key add'" -l label -x -d 'The new slot\'s name.'
complete -c facecli -n "__facecli_at ' key add'" -l new-key-file -r -F -d 'Key file; created with mode 0600 if missing.'
complete -c facecli -n "__facecli_at ' key add'" -l new-passphrase-file -r -F -d 'File whose first line is the passphrase.'
complete -c facecli -n "__facecli_at ' key add'" -l new-passphrase-command -x -d 'Command that prints the passphrase.'
complete -c facecli -n "__facecli_at ' key add'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' key list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' key list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' key list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' key list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' key remove'" -l rotate -d 'Then encrypt the database under a new key, as `key rotate` does.'
complete -c facecli -n "__facecli_at ' key remove'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' key rotate'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup' 0 0" -a create -d 'Make a backup while others use the database: FILE and FILE.keys.'
complete -c facecli -n "__facecli_at ' backup' 0 0" -a erase -d 'Erase in copies, in place, everything that was erased since they were made.'
complete -c facecli -n "__facecli_at ' backup' 0 0" -a list -d 'List the copies of the database in DIR, and how many erasures have not reached each.'
complete -c facecli -n "__facecli_at ' backup' 0 0" -a restore -d 'Replace the database with a backup, and erase again every subject erased since.'
complete -c facecli -n "__facecli_at ' backup' 0 0" -a verify -d 'Check a backup: every page, the structure, and every entry of its log.'
complete -c facecli -n "__facecli_at ' backup'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup create' 0 0" -F
complete -c facecli -n "__facecli_at ' backup create'" -l keep-daily -x -d 'Keep the latest backup of each of the last N days that have one.'
complete -c facecli -n "__facecli_at ' backup create'" -l keep-weekly -x -d 'Keep the latest backup of each of the last N weeks that have one.'
complete -c facecli -n "__facecli_at ' backup create'" -l keep-monthly -x -d 'Keep the latest backup of each of the last N months that have one.'
complete -c facecli -n "__facecli_at ' backup create'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup erase' 0 9999" -F
complete -c facecli -n "__facecli_at ' backup erase'" -l gone -d 'FILE was destroyed otherwise: record that, and no longer name it as a copy.'
complete -c facecli -n "__facecli_at ' backup erase'" -l backup-key-file -r -F -d 'The backup\'s key file, if it differs from the database\'s.'
complete -c facecli -n "__facecli_at ' backup erase'" -l backup-passphrase-file -r -F -d 'The backup\'s passphrase file, likewise.'
complete -c facecli -n "__facecli_at ' backup erase'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' backup erase'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' backup erase'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' backup erase'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup list' 0 0" -a '(__fish_complete_directories)'
complete -c facecli -n "__facecli_at ' backup list'" -l backup-key-file -r -F -d 'The backup\'s key file, if it differs from the database\'s.'
complete -c facecli -n "__facecli_at ' backup list'" -l backup-passphrase-file -r -F -d 'The backup\'s passphrase file, likewise.'
complete -c facecli -n "__facecli_at ' backup list'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' backup list'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' backup list'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' backup list'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup restore' 0 0" -F
complete -c facecli -n "__facecli_at ' backup restore' 1 9999" -F
complete -c facecli -n "__facecli_at ' backup restore'" -l erasures -r -F -d 'A log export since the backup; repeat for several.'
complete -c facecli -n "__facecli_at ' backup restore'" -l backup-key-file -r -F -d 'The backup\'s key file, if it differs from the database\'s.'
complete -c facecli -n "__facecli_at ' backup restore'" -l backup-passphrase-file -r -F -d 'The backup\'s passphrase file, likewise.'
complete -c facecli -n "__facecli_at ' backup restore'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' backup verify' 0 0" -F
complete -c facecli -n "__facecli_at ' backup verify'" -l record -d 'Record in the log of the database that it was verified.'
complete -c facecli -n "__facecli_at ' backup verify'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' backup verify'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' backup verify'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' backup verify'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' report' 0 0" -a filing -d 'Write the papers for China\'s filing duty: people counted once, and the deadline.'
complete -c facecli -n "__facecli_at ' report' 0 0" -a policy -d 'Write the public retention policy, from the purposes as they stand.'
complete -c facecli -n "__facecli_at ' report' 0 0" -a processing -d 'Write the record of processing activities (GDPR 30), from the purposes as they stand.'
complete -c facecli -n "__facecli_at ' report'" -l output -r -F -d 'The file to write, whole or not at all, mode 0600.'
complete -c facecli -n "__facecli_at ' report'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' report'" -l with-refs -d 'Name subjects by REF too, not by pseudonym only.'
complete -c facecli -n "__facecli_at ' report'" -l format -x -a 'html json' -d 'A page to read, or the same figures as data.'
complete -c facecli -n "__facecli_at ' report'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' report filing' 0 9999" -F
complete -c facecli -n "__facecli_at ' report filing'" -l output -r -F -d 'Write to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' report filing'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' report filing'" -l format -x -a 'markdown html json' -d 'How to write it.'
complete -c facecli -n "__facecli_at ' report filing'" -l merge -r -F -d 'Add the report of another database, in JSON. More may follow.'
complete -c facecli -n "__facecli_at ' report filing'" -l ref-key -r -F -d 'Name people by tags under this key file, the same one for all databases, so that equal REFs count once.'
complete -c facecli -n "__facecli_at ' report filing'" -l with-refs -d 'Name people by REF, so that equal REFs count once.'
complete -c facecli -n "__facecli_at ' report filing'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' report policy'" -l output -r -F -d 'Write to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' report policy'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' report policy'" -l format -x -a 'markdown html json' -d 'How to write it.'
complete -c facecli -n "__facecli_at ' report policy'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' report processing'" -l output -r -F -d 'Write to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' report processing'" -l lang -x -d 'Language of the letter or report; English where there is no other.'
complete -c facecli -n "__facecli_at ' report processing'" -l format -x -a 'markdown html json' -d 'How to write it.'
complete -c facecli -n "__facecli_at ' report processing'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' status'" -l format -x -a 'table json jsonl csv prometheus' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' status'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' status'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' status'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' doctor'" -l quick -d 'Skip the check that reads every page.'
complete -c facecli -n "__facecli_at ' doctor'" -l budget -x -d 'Check pages for LENGTH (5m), from where the last run ended.'
complete -c facecli -n "__facecli_at ' doctor'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' doctor'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' doctor'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' doctor'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' config' 0 0" -a show -d 'Print the value of each setting, and where it comes from.'
complete -c facecli -n "__facecli_at ' config'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' config show'" -l format -x -a 'table json jsonl csv' -d 'How to print the result.'
complete -c facecli -n "__facecli_at ' config show'" -l output -r -F -d 'Write the result to FILE, whole or not at all.'
complete -c facecli -n "__facecli_at ' config show'" -l wide -d 'Show all columns of a table, without wrapping.'
complete -c facecli -n "__facecli_at ' config show'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' completion' 0 0" -a 'bash zsh fish'
complete -c facecli -n "__facecli_at ' completion'" -l dynamic -d 'Complete purposes and REFs too, from the database.'
complete -c facecli -n "__facecli_at ' completion'" -s h -l help -d 'Show this message and exit.'
complete -c facecli -n "__facecli_at ' help'" -s h -l help -d 'Show this message and exit.'
