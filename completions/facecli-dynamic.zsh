#compdef facecli
# zsh completion for facecli, written by `make docs` from the commands themselves.
# Tab opens the database to complete a purpose or a REF, if a key file opens it. It never asks.

_facecli__purpose() {
    local -a found
    found=(${(f)"$(facecli completion zsh --offer purpose --prefix "$PREFIX" 2>/dev/null </dev/null)"})
    (( $#found )) && compadd -a found
}

_facecli__ref() {
    local -a found
    found=(${(f)"$(facecli completion zsh --offer ref --prefix "$PREFIX" 2>/dev/null </dev/null)"})
    (( $#found )) && compadd -a found
}

_facecli() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '--version[Show the version and exit.]' \
        '--db=[Database file.]:PATH:_files' \
        '--key-file=[File with a random key, mode 0600.]:FILE:_files' \
        '--passphrase-file=[File whose first line is the passphrase; - is stdin.]:FILE:_files' \
        '--passphrase-command=[Command that prints the passphrase as its first line.]:CMD: ' \
        '--config=[Configuration in TOML.]:FILE:_files' \
        '--no-input[Never ask; implied unless stdin is a terminal.]' \
        '(-q --quiet)'{-q,--quiet}'[Print only errors on stderr.]' \
        '(-v --verbose)'{-v,--verbose}'[Print more on stderr.]' \
        '--lock-wait=[Longest wait for another writer.]:SECONDS: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'init:Create the encrypted database and its first key slot.'
                'purpose:Purposes of comparing faces: apply, list, show, notice, ask-again, retire.'
                'subject:Subjects: add, list, show, correct, complete, hold, release, export, elsewhere, disclosed, request, answer, requests.'
                'consent:Consents: record, list, show, receipt.'
                'enroll:Enrol faces under recorded consent: file, batch, camera.'
                'faces:Templates of a subject: list, remove.'
                'camera:Cameras of this machine: list, test.'
                'match:Compare every face in images with the gallery of a purpose (1:N).'
                'verify:Compare one face with one subject (1:1).'
                'calibrate:Measure the false-match rate among the gallery'\''s own subjects.'
                'revoke:Withdraw consent and erase the data that depended on it.'
                'purge:Erase everything that is due. Runs from cron.'
                'reenroll:Make new templates from kept photos, with another engine.'
                'evaluate:Measure accuracy on labelled images: FMR, FNMR, FPIR, FNIR, DET.'
                'cluster:Decode and recognise on the machines of a cluster: worker.'
                'log:The sealed log: show, export, verify, checkpoint, certificate, cosign.'
                'key:Key slots and the database key: list, add, remove, rotate.'
                'backup:Encrypted copies: create, verify, list, erase, restore.'
                'report:The custody report, and papers that laws ask for: policy, processing, filing.'
                'status:Print counts and dates: subjects, data that is due, latest acts.'
                'doctor:Check files, keys, database, models, clock, schedule, disk and cameras.'
                'config:The configuration file: show.'
                'completion:Print the completion script for a shell: bash, zsh, fish.'
                'help:Print the help of a command.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                init) _facecli_init ;;
                purpose) _facecli_purpose ;;
                subject) _facecli_subject ;;
                consent) _facecli_consent ;;
                enroll | enrol) _facecli_enroll ;;
                faces) _facecli_faces ;;
                camera) _facecli_camera ;;
                match) _facecli_match ;;
                verify) _facecli_verify ;;
                calibrate) _facecli_calibrate ;;
                revoke) _facecli_revoke ;;
                purge) _facecli_purge ;;
                reenroll) _facecli_reenroll ;;
                evaluate) _facecli_evaluate ;;
                cluster) _facecli_cluster ;;
                log) _facecli_log ;;
                key) _facecli_key ;;
                backup) _facecli_backup ;;
                report) _facecli_report ;;
                status) _facecli_status ;;
                doctor) _facecli_doctor ;;
                config) _facecli_config ;;
                completion) _facecli_completion ;;
                help) _facecli_help ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_init() {
    _arguments -s -S \
        '--key-file=[Key file; created with mode 0600 if missing.]:FILE:_files' \
        '--passphrase-file=[File whose first line is the passphrase.]:FILE:_files' \
        '--passphrase-command=[Command that prints the passphrase.]:CMD: ' \
        '--label=[Name of the first key slot.]:L: ' \
        '--engine=[Recognition engine that makes and compares templates, or a model card.]:NAME|FILE.toml:(dlib dlib-hog reference sface)' \
        '--views=[Views averaged into one dlib template\: 2 (face and mirror image) or 1 (faster).]:N: ' \
        '--calibration=[Thresholds from evaluate --save-calibration, instead of the engine'\''s own.]:FILE:_files' \
        '--system[As root, for the whole machine\: database in /var/lib/facecli, key file and configuration in /etc/facecli, owned by a system user.]' \
        '--user=[With --system\: their owner.]:NAME: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_purpose() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'apply:Create or revise purposes from a purpose file.'
                'ask-again:List the subjects to ask again, since a new version has ended their consents.'
                'list:List every purpose as it stands now.'
                'notice:Print the notice of a purpose, for a person to read before agreeing.'
                'retire:End a purpose for good: facecli no longer enrols or matches faces for it.'
                'show:Show the text that a person is shown before consenting: the terms and the notice.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                apply) _facecli_purpose_apply ;;
                ask-again) _facecli_purpose_ask_again ;;
                list) _facecli_purpose_list ;;
                notice) _facecli_purpose_notice ;;
                retire) _facecli_purpose_retire ;;
                show) _facecli_purpose_show ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_purpose_apply() {
    _arguments -s -S \
        '--dry-run[Show the changes, and make none.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':FILE:_files'
}

_facecli_purpose_ask_again() {
    _arguments -s -S \
        '--letter=[Write a letter to each person to DIR, as a page and as text.]:DIR:_files' \
        '--lang=[Language of the letters.]:L: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':CODE:_facecli__purpose'
}

_facecli_purpose_list() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_purpose_notice() {
    _arguments -s -S \
        '--lang=[Language of the notice, such as zh.]:L: ' \
        '--format=[How to print the result.]:VALUE:(table html)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':CODE:_facecli__purpose'
}

_facecli_purpose_retire() {
    _arguments -s -S \
        '--dry-run[Count the consents that end, and retire nothing.]' \
        '--yes[Do not ask for confirmation; needed in scripts.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':CODE:_facecli__purpose'
}

_facecli_purpose_show() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':CODE:_facecli__purpose'
}

_facecli_subject() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'add:Add a subject.'
                'answer:Record the answer to a request or complaint.'
                'complete:Record that a purpose is met for a subject, such as a parcel that was collected.'
                'correct:Correct the record of a subject, or what has changed for them.'
                'disclosed:Record a disclosure of a subject'\''s data, or with --all a breach of the whole database.'
                'elsewhere:Record what others hold of a subject: photos, fingerprints, paper forms, other systems.'
                'export:Write everything that is held on a subject to a zip file, for them.'
                'hold:Put a subject under a legal hold: restricted, never matched, not erased until it ends.'
                'list:List every subject, or those that meet each condition given.'
                'release:End a legal hold.'
                'request:Record a request or complaint of a subject, with its deadline.'
                'requests:List the requests and complaints of a subject, or all that are open.'
                'show:Show one subject with their consents and templates, and what the register has on them.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                add) _facecli_subject_add ;;
                answer) _facecli_subject_answer ;;
                complete) _facecli_subject_complete ;;
                correct) _facecli_subject_correct ;;
                disclosed) _facecli_subject_disclosed ;;
                elsewhere) _facecli_subject_elsewhere ;;
                export) _facecli_subject_export ;;
                hold) _facecli_subject_hold ;;
                list) _facecli_subject_list ;;
                release) _facecli_subject_release ;;
                request) _facecli_subject_request ;;
                requests) _facecli_subject_requests ;;
                show) _facecli_subject_show ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_subject_add() {
    _arguments -s -S \
        '--name=[The subject'\''s name.]:N: ' \
        '--minor[Under 14\: a guardian must consent.]' \
        '--guardian=[Guardian who consents for a minor.]:N: ' \
        '--minor-until=[Last day of minority, where it is known.]:DATE: ' \
        '--alternative-only[Uses the alternative; never enrolled.]' \
        '--distinct[Accept a new REF that looks like another subject'\''s.]' \
        '--offered-alternative[Confirm that the way without the face was offered.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_answer() {
    _arguments -s -S \
        '--answer=[What was answered or done.]:A: ' \
        '--refused=[The request is refused, for this reason.]:REASON: ' \
        '--letter=[With --refused\: write a letter with the reason, a page if the name of FILE ends in .html, else text.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':ID: '
}

_facecli_subject_complete() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_correct() {
    _arguments -s -S \
        '--name=[The right name.]:N: ' \
        '--new-ref=[The right REF.]:REF:_facecli__ref' \
        '--guardian=[The right guardian.]:N: ' \
        '(--minor --no-minor)'{--minor,--no-minor}'[Under 14, or no longer.]' \
        '--minor-until=[Last day of minority.]:DATE: ' \
        '(--alternative-only --no-alternative-only)'{--alternative-only,--no-alternative-only}'[The subject uses the alternative\: withdraw their consents. Or uses it no longer.]' \
        '--distinct[Accept a new REF that looks like another subject'\''s.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_disclosed() {
    _arguments -s -S \
        '--all[A breach of the whole database.]' \
        '--to=[Who received the data.]:NAME: ' \
        '--what=[What was disclosed.]:W: ' \
        '--basis=[Legal basis, or how it came about.]:B: ' \
        '--on=[Day of the disclosure.]:DATE: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_elsewhere() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'add:Record that somebody else holds data on a subject.'
                'confirm:Record the proof that something held elsewhere is deleted.'
                'list:List what is held elsewhere: of one subject, or of all.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                add) _facecli_subject_elsewhere_add ;;
                confirm) _facecli_subject_elsewhere_confirm ;;
                list) _facecli_subject_elsewhere_list ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_subject_elsewhere_add() {
    _arguments -s -S \
        '--what=[Kind of data\: photo, fingerprint, iris, palm, voice, face-data, card, paper, other.]:W: ' \
        '--where=[Who holds it. It may outlive the subject, and must not name them.]:X: ' \
        '--since=[Day since which it is held, if it is known.]:DATE: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_elsewhere_confirm() {
    _arguments -s -S \
        '--evidence=[Proof of the deletion, such as the holder'\''s letter. Its SHA-256 is stored.]:FILE:_files' \
        '--ref=[Refuse the item unless it is this subject'\''s.]:REF:_facecli__ref' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':ITEM: '
}

_facecli_subject_elsewhere_list() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_export() {
    _arguments -s -S \
        '--output=[The file to write, whole or not at all, mode 0600.]:FILE.zip:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_hold() {
    _arguments -s -S \
        '--reason=[The law or case that requires it.]:R: ' \
        '--until=[Last day of the hold, or a length such as 6m.]:DATE: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_list() {
    _arguments -s -S \
        '--purpose=[Only those with a consent to this purpose.]:CODE:_facecli__purpose' \
        '--name=[Only those with this in their name.]:N: ' \
        '--expiring=[Only what ends within this time, such as 30d, or up to this date.]:TIME: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_subject_release() {
    _arguments -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_request() {
    _arguments -s -S \
        '--kind=[What the subject asks for.]:VALUE:(access erase correct complain)' \
        '--on=[Day on which it was received.]:DATE: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_requests() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_subject_show() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_consent() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'list:List all consents, including those that ended.'
                'receipt:Print the receipt to hand to the subject, and log that it was made.'
                'record:Record a subject'\''s consent to the current notice of a purpose.'
                'show:Show one consent: by its record id, or a subject'\''s latest by the REF.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                list) _facecli_consent_list ;;
                receipt) _facecli_consent_receipt ;;
                record) _facecli_consent_record ;;
                show) _facecli_consent_show ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_consent_list() {
    _arguments -s -S \
        '--purpose=[Only consents to this purpose.]:CODE:_facecli__purpose' \
        '--expiring=[Only what ends within this time, such as 30d, or up to this date.]:TIME: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_consent_receipt() {
    _arguments -s -S \
        '--purpose=[With a REF\: the consent to this purpose.]:CODE:_facecli__purpose' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv html)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF|RECORD_ID: '
}

_facecli_consent_record() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '--expires=[Last day of the consent, or a length such as 1y.]:DATE: ' \
        '--given=[Day of the consent, or its time.]:DATE: ' \
        '--evidence=[The signed consent form.]:FILE:_files' \
        '--keep-evidence[Store the form itself, not only its SHA-256.]' \
        '--shared-form=[Why the form covers several people. Without this, a form counts once.]:REASON: ' \
        '--notice-shown[Confirm that the subject has read the notice and agreed.]' \
        '--notice-lang=[The language of the notice that was shown, such as zh.]:L: ' \
        '--guardian=[Guardian who consented for a minor.]:N: ' \
        '--offered-alternative[Confirm that the way without the face was offered.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_consent_show() {
    _arguments -s -S \
        '--purpose=[With a REF\: the consent to this purpose.]:CODE:_facecli__purpose' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF|RECORD_ID: '
}

_facecli_enroll() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'batch:Enrol many subjects from a CSV manifest.'
                'camera:Enrol a subject in front of a camera, or from a video file.'
                'file:Enrol a subject from image files.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                batch) _facecli_enroll_batch ;;
                camera) _facecli_enroll_camera ;;
                file) _facecli_enroll_file ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_enroll_batch() {
    _arguments -s -S \
        '--workers=[Number of processes that decode and recognise.]:N: ' \
        '--cluster=[Decode and recognise on the cluster of this Dask scheduler, tls\://HOST\:PORT.]:ADDRESS: ' \
        '--cluster-ca=[Certificate of the cluster'\''s own authority, in PEM.]:FILE:_files' \
        '--cluster-cert=[Certificate of this side, in PEM.]:FILE:_files' \
        '--cluster-key=[Private key of --cluster-cert, in PEM.]:FILE:_files' \
        '--cluster-wait=[Longest wait for workers of the cluster.]:SECONDS: ' \
        '--resume[Skip captures that are enrolled already.]' \
        '--notice-shown[Confirm that the subject has read the notice and agreed.]' \
        '--notice-lang=[The language of the notice that was shown, such as zh.]:L: ' \
        '--offered-alternative[Confirm that the way without the face was offered.]' \
        '--keep-evidence[Store the forms themselves.]' \
        '--keep-photo[Store the photos too, if the purpose allows it.]' \
        '--allow-duplicate[Enrol the face even if it has another REF (twins).]' \
        '--distinct[Accept a new REF that looks like another subject'\''s.]' \
        '--replace[Erase the subject'\''s earlier templates for the purpose in the same act. The consent stays.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':MANIFEST:_files'
}

_facecli_enroll_camera() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '--video=[Video file.]:FILE:_files' \
        '--url=[URL of a network camera\: rtsp, rtsps, http or https.]:URL: ' \
        '--url-file=[File whose first line is the URL, for a URL with a password.]:FILE:_files' \
        '--device=[Number or path of a camera of this machine.]:N: ' \
        '--size=[Frame size to request from the camera, as in 640x480.]:WxH: ' \
        '--camera-ca=[Certificates, of which one must vouch for an https or rtsps camera.]:FILE:_files' \
        '--mjpeg[Request compressed frames\: more a second over USB at large sizes.]' \
        '--exposure=[Fixed exposure in the driver'\''s units, usually 100 microseconds.]:N: ' \
        '--rotate=[Turn the frames clockwise by this many degrees.]:VALUE:(0 90 180 270)' \
        '--templates=[Most templates to store, from frames that differ.]:N: ' \
        '--max-seconds=[Longest wait for good frames, in seconds.]:S: ' \
        '--preview[Show the camera'\''s picture in a window, with the face outlined.]' \
        '--liveness[Ask the person to turn the head left and right in random order, and refuse what looks like a picture. Not certified. Not with --video.]' \
        '--pad-model=[Your own network that distinguishes a face from a picture of one, with the interface of MiniFASNet.]:FILE.onnx:_files' \
        '--lang=[Language of what the person reads\: instructions and papers.]:L: ' \
        '--evidence=[The signed consent form.]:FILE:_files' \
        '--keep-evidence[Store the form itself, not only its SHA-256.]' \
        '--shared-form=[Why the form covers several people. Without this, a form counts once.]:REASON: ' \
        '--notice-shown[Confirm that the subject has read the notice and agreed.]' \
        '--notice-lang=[The language of the notice that was shown, such as zh.]:L: ' \
        '--name=[The name of a new subject.]:N: ' \
        '--given=[Date on which consent was given, or its time.]:DATE: ' \
        '--expires=[End of the consent\: a date, or a length such as 1y.]:DATE: ' \
        '--guardian=[Name of the guardian who consents for a minor.]:N: ' \
        '--offered-alternative[Confirm that the way without the face was offered.]' \
        '--keep-photo[Store the photo too, if the purpose allows it.]' \
        '--allow-duplicate[Enrol the face even if it has another REF (twins).]' \
        '--allow-other-face=[Why the face may look like another than the one that is enrolled as REF; for all images.]:REASON: ' \
        '--distinct[Accept a new REF that looks like another subject'\''s.]' \
        '--source=[Where the photo comes from\: camera, handed-in, document or other\:TEXT.]:S: ' \
        '--replace[Erase the subject'\''s earlier templates for the purpose in the same act. The consent stays.]' \
        '--letter=[If the enrolment is refused, write a letter with the reason\: a page if the name of FILE ends in .html, else text.]:FILE:_files' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_enroll_file() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '--evidence=[The signed consent form.]:FILE:_files' \
        '--keep-evidence[Store the form itself, not only its SHA-256.]' \
        '--shared-form=[Why the form covers several people. Without this, a form counts once.]:REASON: ' \
        '--notice-shown[Confirm that the subject has read the notice and agreed.]' \
        '--notice-lang=[The language of the notice that was shown, such as zh.]:L: ' \
        '--name=[The name of a new subject.]:N: ' \
        '--given=[Date on which consent was given, or its time.]:DATE: ' \
        '--expires=[End of the consent\: a date, or a length such as 1y.]:DATE: ' \
        '--guardian=[Name of the guardian who consents for a minor.]:N: ' \
        '--offered-alternative[Confirm that the way without the face was offered.]' \
        '--keep-photo[Store the photo too, if the purpose allows it.]' \
        '--allow-duplicate[Enrol the face even if it has another REF (twins).]' \
        '--allow-other-face=[Why the face may look like another than the one that is enrolled as REF; for all images.]:REASON: ' \
        '--distinct[Accept a new REF that looks like another subject'\''s.]' \
        '--source=[Where the photo comes from\: camera, handed-in, document or other\:TEXT.]:S: ' \
        '--replace[Erase the subject'\''s earlier templates for the purpose in the same act. The consent stays.]' \
        '--letter=[If the enrolment is refused, write a letter with the reason\: a page if the name of FILE ends in .html, else text.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref' \
        '*:IMAGE:_files'
}

_facecli_faces() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'list:List the templates of a subject, for every purpose and engine, oldest first.'
                'remove:Erase one template of a subject for good, such as that of a wrong picture.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                list) _facecli_faces_list ;;
                remove) _facecli_faces_remove ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_faces_list() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref'
}

_facecli_faces_remove() {
    _arguments -s -S \
        '--dry-run[Show the rows, and erase nothing.]' \
        '--yes[Do not ask for confirmation; needed in scripts.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref' \
        ':ID: '
}

_facecli_camera() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'list:List the cameras of this machine, with their formats.'
                'test:Test a camera: frame rate, brightness, size of faces, and problems.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                list) _facecli_camera_list ;;
                test) _facecli_camera_test ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_camera_list() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_camera_test() {
    _arguments -s -S \
        '--url-file=[File whose first line is the URL, for a URL with a password.]:FILE:_files' \
        '--seconds=[Length of the test in seconds.]:S: ' \
        '--size=[Frame size to request from the camera, as in 640x480.]:WxH: ' \
        '--camera-ca=[Certificates, of which one must vouch for an https or rtsps camera.]:FILE:_files' \
        '--mjpeg[Request compressed frames\: more a second over USB at large sizes.]' \
        '--exposure=[Fixed exposure in the driver'\''s units, usually 100 microseconds.]:N: ' \
        '--rotate=[Turn the frames clockwise by this many degrees.]:VALUE:(0 90 180 270)' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':SOURCE: '
}

_facecli_match() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '--case=[The case or approval that the search belongs to, for the log.]:ID: ' \
        '--recursive[Search subfolders too.]' \
        '--no-rotate[Search faces that are not upright as they are.]' \
        '--threshold=[Largest distance that counts as a match, instead of a rate.]:T: ' \
        '--fmr=[False-match rate of one comparison, instead of the purpose'\''s.]:F: ' \
        '--fpir=[Share of searches for strangers that may return a candidate.]:F: ' \
        '--top-k=[Candidates per face, at most.]:K: ' \
        '--annotate=[Write annotated copies\: of each image, or of the best frame of each track, to the folder DIR; of a whole --video to FILE.mp4.]:DIR|FILE.mp4:_files' \
        '--show-names[Write names beside REFs in annotated copies.]' \
        '--no-blur[Do not blur unmatched faces.]' \
        '--resume=[Record finished images in FILE, and skip those already in it. Needs --format jsonl or csv.]:FILE:_files' \
        '--video=[Video file.]:FILE:_files' \
        '--url=[URL of a network camera\: rtsp, rtsps, http or https.]:URL: ' \
        '--url-file=[File whose first line is the URL, for a URL with a password.]:FILE:_files' \
        '--device=[Number or path of a camera of this machine.]:N: ' \
        '--size=[Frame size to request from the camera, as in 640x480.]:WxH: ' \
        '--camera-ca=[Certificates, of which one must vouch for an https or rtsps camera.]:FILE:_files' \
        '--mjpeg[Request compressed frames\: more a second over USB at large sizes.]' \
        '--exposure=[Fixed exposure in the driver'\''s units, usually 100 microseconds.]:N: ' \
        '--rotate=[Turn the frames clockwise by this many degrees.]:VALUE:(0 90 180 270)' \
        '--every=[Analyse every N-th frame.]:N: ' \
        '--max-seconds=[Stop after S seconds of the video or camera.]:S: ' \
        '--workers=[Number of processes that decode and recognise.]:N: ' \
        '--cluster=[Decode and recognise on the cluster of this Dask scheduler, tls\://HOST\:PORT.]:ADDRESS: ' \
        '--cluster-ca=[Certificate of the cluster'\''s own authority, in PEM.]:FILE:_files' \
        '--cluster-cert=[Certificate of this side, in PEM.]:FILE:_files' \
        '--cluster-key=[Private key of --cluster-cert, in PEM.]:FILE:_files' \
        '--cluster-wait=[Longest wait for workers of the cluster.]:SECONDS: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:PATH:_files'
}

_facecli_verify() {
    _arguments -s -S \
        '--purpose=[The code of the purpose.]:CODE:_facecli__purpose' \
        '--case=[The case or approval that the search belongs to, for the log.]:ID: ' \
        '--threshold=[Largest distance that counts as a match, instead of a rate.]:T: ' \
        '--fmr=[False-match rate of one comparison, instead of the purpose'\''s.]:F: ' \
        '--video=[Video file.]:FILE:_files' \
        '--url=[URL of a network camera\: rtsp, rtsps, http or https.]:URL: ' \
        '--url-file=[File whose first line is the URL, for a URL with a password.]:FILE:_files' \
        '--device=[Number or path of a camera of this machine.]:N: ' \
        '--size=[Frame size to request from the camera, as in 640x480.]:WxH: ' \
        '--camera-ca=[Certificates, of which one must vouch for an https or rtsps camera.]:FILE:_files' \
        '--mjpeg[Request compressed frames\: more a second over USB at large sizes.]' \
        '--exposure=[Fixed exposure in the driver'\''s units, usually 100 microseconds.]:N: ' \
        '--rotate=[Turn the frames clockwise by this many degrees.]:VALUE:(0 90 180 270)' \
        '--max-seconds=[Longest wait for good frames, in seconds.]:S: ' \
        '--preview[Show the camera'\''s picture in a window, with the face outlined.]' \
        '--liveness[Ask the person to turn the head left and right in random order, and refuse what looks like a picture. Not certified. Not with --video.]' \
        '--pad-model=[Your own network that distinguishes a face from a picture of one, with the interface of MiniFASNet.]:FILE.onnx:_files' \
        '--lang=[Language of what the person reads\: instructions and papers.]:L: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':REF:_facecli__ref' \
        ':IMAGE:_files'
}

_facecli_calibrate() {
    _arguments -s -S \
        '--purpose=[Of this purpose.]:CODE:_facecli__purpose' \
        '--dry-run[Measure and print, and store nothing.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_revoke() {
    _arguments -s -S \
        '--purpose=[Withdraw only for this purpose.]:CODE:_facecli__purpose' \
        '--reason=[Reason, for your own records. The log stores that a reason was given, not its text.]:R: ' \
        '--certificate=[Certify the erasure in FILE\: a list for several REFs. A dry run writes none.]:FILE:_files' \
        '--letter=[Write a letter for the person\: a page if the name of FILE ends in .html, else text. For one REF.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '*--backups=[Erase in every backup in DIR too; repeat for several.]:DIR:_files -/' \
        '--dry-run[Show the rows, and erase nothing.]' \
        '--yes[Do not ask for confirmation; needed in scripts.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:REF:_facecli__ref'
}

_facecli_purge() {
    _arguments -s -S \
        '--dry-run[Show the rows of the run, and erase nothing.]' \
        '--as-of=[With --dry-run\: show what is due at the end of that day.]:DATE: ' \
        '--max-fraction=[Refuse if more than this share of subjects is due.]:F: ' \
        '--max-subjects=[Refuse if more than N subjects are due.]:N: ' \
        '--trust-clock[Trust the clock after it was ahead or behind; logged.]' \
        '--rotate-key[Afterwards rotate the database key, like `key rotate`.]' \
        '*--backups=[Erase in every backup in DIR too; repeat for several.]:DIR:_files -/' \
        '--certificate=[Certify every erasure in FILE, a list. A dry run writes none.]:FILE:_files' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_reenroll() {
    _arguments -s -S \
        '--engine=[The new engine, or a model card.]:NAME|FILE.toml:(dlib dlib-hog reference sface)' \
        '--views=[Views averaged into one dlib template\: 2 (face and mirror image) or 1 (faster).]:N: ' \
        '--calibration=[Thresholds from evaluate --save-calibration, instead of the engine'\''s own.]:FILE:_files' \
        '--dry-run[List the subjects with a photo, and those to call in.]' \
        '--yes[Do not ask for confirmation; needed in scripts.]' \
        '--workers=[Number of processes that decode and recognise.]:N: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_evaluate() {
    _arguments -s -S \
        '--pairs=[Pairs to compare, in the format of LFW'\''s pairs.txt.]:FILE:_files' \
        '--images=[A folder with one subfolder per person. Without --pairs, all its images are compared.]:DIR:_files -/' \
        '--gallery=[The same, for the enrolled people (1\:N).]:DIR:_files -/' \
        '--probes=[The same, for the probes. People not in the gallery are non-mated.]:DIR:_files -/' \
        '--attacks=[Recordings of presentation attacks, with one subfolder per species.]:DIR:_files -/' \
        '--bona-fide=[Recordings of people before the camera.]:DIR:_files -/' \
        '--liveness[Measure the challenge of `enroll camera --liveness` on these recordings.]' \
        '--pad-model=[Measure this network on these recordings.]:FILE.onnx:_files' \
        '--engine=[The engine, or a model card.]:NAME|FILE.toml:(dlib dlib-hog reference sface)' \
        '--views=[Views averaged into one dlib template\: 2 (face and mirror image) or 1 (faster).]:N: ' \
        '--calibration=[Take thresholds from this calibration, not the engine'\''s own.]:FILE:_files' \
        '--face=[The face of an image that is the person'\''s.]:VALUE:(centre largest)' \
        '*--rank=[R of FNIR(N, R, T).]:R: ' \
        '*--gallery-size=[Also extrapolate FPIR and FNIR to a gallery of N references, such as 1e6.]:N: ' \
        '--cohorts=[The cohort of each person\: columns person (or name) and cohort.]:FILE.csv:_files' \
        '--cohort-column=[The column of the cohort.]:NAME: ' \
        '*--stated-fmr=[A rate that purposes state, to measure cohorts at its threshold.]:RATE: ' \
        '--hold=[`calibration` of those purposes.]:VALUE:(worst-group overall)' \
        '--discard-worst=[Also measure FNMR without the worst images by quality, such as 5%.]:SHARE: ' \
        '--plot=[Draw a DET plot, .png or .svg.]:FILE:_files' \
        '--plot-cohorts=[Draw the rates of cohorts against the stated rates, .png or .svg.]:FILE:_files' \
        '--save-calibration=[Write the thresholds of all pairs, for init --calibration.]:FILE:_files' \
        '--save-card=[Estimate the constants of a model card, write the card with them, and measure with them.]:FILE.toml:_files' \
        '--data-set=[Name of the images in the calibration.]:TEXT: ' \
        '--workers=[Number of processes that decode and recognise.]:N: ' \
        '--cluster=[Decode and recognise on the cluster of this Dask scheduler, tls\://HOST\:PORT.]:ADDRESS: ' \
        '--cluster-ca=[Certificate of the cluster'\''s own authority, in PEM.]:FILE:_files' \
        '--cluster-cert=[Certificate of this side, in PEM.]:FILE:_files' \
        '--cluster-key=[Private key of --cluster-cert, in PEM.]:FILE:_files' \
        '--cluster-wait=[Longest wait for workers of the cluster.]:SECONDS: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_cluster() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'worker:Work for a scheduler until it ends, or until Ctrl-C or SIGTERM.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                worker) _facecli_cluster_worker ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_cluster_worker() {
    _arguments -s -S \
        '--engine=[The engine of the databases that this cluster works for.]:NAME|FILE.toml:(dlib dlib-hog reference sface)' \
        '--views=[Views averaged into one dlib template\: 2 (face and mirror image) or 1 (faster).]:N: ' \
        '--workers=[Number of processes that decode and recognise.]:N: ' \
        '--host=[Name or number of this machine at which it listens.]:NAME: ' \
        '--cluster-ca=[Certificate of the cluster'\''s own authority, in PEM.]:FILE:_files' \
        '--cluster-cert=[Certificate of this side, in PEM.]:FILE:_files' \
        '--cluster-key=[Private key of --cluster-cert, in PEM.]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':ADDRESS: '
}

_facecli_log() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'certificate:Certify erasures again, from their entries in the log.'
                'checkpoint:Seal the log as it stands, and print the signed checkpoint; keep it elsewhere.'
                'cosign:Cosign a checkpoint that goes on from the last one seen, and print the line to append to it.'
                'export:Export the log, sealed with a checkpoint at its end.'
                'show:Show the latest entries, oldest first.'
                'verify:Verify that no entry was edited, removed, reordered or cut off.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                certificate) _facecli_log_certificate ;;
                checkpoint) _facecli_log_checkpoint ;;
                cosign) _facecli_log_cosign ;;
                export) _facecli_log_export ;;
                show) _facecli_log_show ;;
                verify) _facecli_log_verify ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_log_certificate() {
    _arguments -s -S \
        '--output=[Write the certificate to FILE; of several, a list.]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:SEQ: '
}

_facecli_log_checkpoint() {
    _arguments -s -S \
        '--trust-key[Print the log'\''s trust key, and seal nothing.]' \
        '--vkey[Print the log'\''s identity key for C2SP tools, and seal nothing.]' \
        '--since=[Print the link from this checkpoint, certificate or receipt to a new checkpoint.]:FILE:_files' \
        '--to=[With --since\: to this one, which you kept, and seal nothing.]:FILE:_files' \
        '--output=[Write to FILE, whole or not at all. A checkpoint in FILE is replaced only if the log extends it.]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_log_cosign() {
    _arguments -s -S \
        '--key=[The witness'\''s secret key; made with mode 0600 if missing.]:FILE:_files' \
        '--name=[The name of a key that is made.]:N: ' \
        '--state=[The folder that keeps what was seen of each log; made if missing.]:DIR:_files -/' \
        '--since=[The link from the last one seen (`log checkpoint --since`).]:LINK:_files' \
        '--trust-key=[The log'\''s trust key.]:K: ' \
        '--vkey[Print the witness'\''s public key.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':CHECKPOINT:_files'
}

_facecli_log_export() {
    _arguments -s -S \
        '--since=[From the first entry of this date or moment on.]:D: ' \
        '--until=[To the last entry of this date, or before this moment.]:D: ' \
        '--after=[From the entry after this.]:SEQ: ' \
        '--cursor-file=[Continue after the last export, and keep the end of this one.]:FILE:_files' \
        '--checkpoint=[Refuse unless the log extends this one, and keep the new one.]:FILE:_files' \
        '--format=[`log verify` reads jsonl.]:VALUE:(jsonl csv cef syslog ocsf)' \
        '--output=[Write to FILE, whole or not at all.]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_log_show() {
    _arguments -s -S \
        '(-n --lines)'{-n+,--lines=}'[The latest N entries.]:N: ' \
        '--since=[Entries from this date or moment on.]:D: ' \
        '--until=[Entries to the end of this date, or before this moment.]:D: ' \
        '*--action=[Entries of this action, such as consent.record, or consent for all of them; may be repeated.]:A: ' \
        '--ref=[Entries about this subject.]:REF:_facecli__ref' \
        '(-f --follow)'{-f,--follow}'[Go on with new entries until interrupted.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_log_verify() {
    _arguments -s -S \
        '*--file=[The same as FILE.]:FILE:_files' \
        '--against=[The database'\''s log must extend this checkpoint, kept elsewhere.]:FILE:_files' \
        '*--certificate=[Verify this certificate of erasure.]:FILE:_files' \
        '*--receipt=[Verify this receipt of a consent, in JSON.]:FILE:_files' \
        '*--checkpoint=[A checkpoint that you kept; may be repeated.]:FILE:_files' \
        '*--link=[A link that `log checkpoint --since` printed; may be repeated.]:FILE:_files' \
        '*--witness=[Require the line of this witness; may be repeated.]:VKEY: ' \
        '--quorum=[Require N of the witnesses.]:N: ' \
        '--trust-key=[The log'\''s trust key, which `init` printed.]:K: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:\[FILE\]:_files'
}

_facecli_key() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'add:Add a slot: another secret that opens the database.'
                'list:List the slots.'
                'remove:Remove a slot: its secret no longer opens the database.'
                'rotate:Encrypt the database under a new random key.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                add) _facecli_key_add ;;
                list) _facecli_key_list ;;
                remove) _facecli_key_remove ;;
                rotate) _facecli_key_rotate ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_key_add() {
    _arguments -s -S \
        '--label=[The new slot'\''s name.]:L: ' \
        '--new-key-file=[Key file; created with mode 0600 if missing.]:FILE:_files' \
        '--new-passphrase-file=[File whose first line is the passphrase.]:FILE:_files' \
        '--new-passphrase-command=[Command that prints the passphrase.]:CMD: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_key_list() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_key_remove() {
    _arguments -s -S \
        '--rotate[Then encrypt the database under a new key, as `key rotate` does.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':LABEL: '
}

_facecli_key_rotate() {
    _arguments -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_backup() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'create:Make a backup while others use the database: FILE and FILE.keys.'
                'erase:Erase in copies, in place, everything that was erased since they were made.'
                'list:List the copies of the database in DIR, and how many erasures have not reached each.'
                'restore:Replace the database with a backup, and erase again every subject erased since.'
                'verify:Check a backup: every page, the structure, and every entry of its log.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                create) _facecli_backup_create ;;
                erase) _facecli_backup_erase ;;
                list) _facecli_backup_list ;;
                restore) _facecli_backup_restore ;;
                verify) _facecli_backup_verify ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_backup_create() {
    _arguments -s -S \
        '--keep-daily=[Keep the latest backup of each of the last N days that have one.]:N: ' \
        '--keep-weekly=[Keep the latest backup of each of the last N weeks that have one.]:N: ' \
        '--keep-monthly=[Keep the latest backup of each of the last N months that have one.]:N: ' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':FILE|DIR:_files'
}

_facecli_backup_erase() {
    _arguments -s -S \
        '--gone[FILE was destroyed otherwise\: record that, and no longer name it as a copy.]' \
        '--backup-key-file=[The backup'\''s key file, if it differs from the database'\''s.]:FILE:_files' \
        '--backup-passphrase-file=[The backup'\''s passphrase file, likewise.]:FILE:_files' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:FILE|DIR:_files'
}

_facecli_backup_list() {
    _arguments -s -S \
        '--backup-key-file=[The backup'\''s key file, if it differs from the database'\''s.]:FILE:_files' \
        '--backup-passphrase-file=[The backup'\''s passphrase file, likewise.]:FILE:_files' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':DIR:_files -/'
}

_facecli_backup_restore() {
    _arguments -s -S \
        '*--erasures=[A log export since the backup; repeat for several.]:EXPORT:_files' \
        '--backup-key-file=[The backup'\''s key file, if it differs from the database'\''s.]:FILE:_files' \
        '--backup-passphrase-file=[The backup'\''s passphrase file, likewise.]:FILE:_files' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':BACKUP:_files' \
        '*:\[EXPORT\]:_files'
}

_facecli_backup_verify() {
    _arguments -s -S \
        '--record[Record in the log of the database that it was verified.]' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':FILE:_files'
}

_facecli_report() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '--output=[The file to write, whole or not at all, mode 0600.]:FILE.html:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--with-refs[Name subjects by REF too, not by pseudonym only.]' \
        '--format=[A page to read, or the same figures as data.]:VALUE:(html json)' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'filing:Write the papers for China'\''s filing duty: people counted once, and the deadline.'
                'policy:Write the public retention policy, from the purposes as they stand.'
                'processing:Write the record of processing activities (GDPR 30), from the purposes as they stand.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                filing) _facecli_report_filing ;;
                policy) _facecli_report_policy ;;
                processing) _facecli_report_processing ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_report_filing() {
    _arguments -s -S \
        '--output=[Write to FILE, whole or not at all.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--format=[How to write it.]:VALUE:(markdown html json)' \
        '*--merge=[Add the report of another database, in JSON. More may follow.]:FILE:_files' \
        '--ref-key=[Name people by tags under this key file, the same one for all databases, so that equal REFs count once.]:FILE:_files' \
        '--with-refs[Name people by REF, so that equal REFs count once.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:\[FILE\]:_files'
}

_facecli_report_policy() {
    _arguments -s -S \
        '--output=[Write to FILE, whole or not at all.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--format=[How to write it.]:VALUE:(markdown html json)' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_report_processing() {
    _arguments -s -S \
        '--output=[Write to FILE, whole or not at all.]:FILE:_files' \
        '--lang=[Language of the letter or report; English where there is no other.]:L: ' \
        '--format=[How to write it.]:VALUE:(markdown html json)' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_status() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv prometheus)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_doctor() {
    _arguments -s -S \
        '--quick[Skip the check that reads every page.]' \
        '--budget=[Check pages for LENGTH (5m), from where the last run ended.]:LENGTH: ' \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_config() {
    local curcontext=$curcontext state line ret=1
    local -a commands
    local -A opt_args
    _arguments -C -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '1: :->command' \
        '*:: :->rest' && ret=0
    case $state in
        command)
            commands=(
                'show:Print the value of each setting, and where it comes from.'
            )
            _describe -t commands command commands && ret=0
            ;;
        rest)
            case $line[1] in
                show) _facecli_config_show ;;
            esac && ret=0
            ;;
    esac
    return ret
}

_facecli_config_show() {
    _arguments -s -S \
        '--format=[How to print the result.]:VALUE:(table json jsonl csv)' \
        '--output=[Write the result to FILE, whole or not at all.]:FILE:_files' \
        '--wide[Show all columns of a table, without wrapping.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]'
}

_facecli_completion() {
    _arguments -s -S \
        '--dynamic[Complete purposes and REFs too, from the database.]' \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        ':SHELL:(bash zsh fish)'
}

_facecli_help() {
    _arguments -s -S \
        '(-h --help)'{-h,--help}'[Show this message and exit.]' \
        '*:\[COMMAND\]: '
}

if [[ $funcstack[1] == _facecli ]]; then
    _facecli "$@" # found in fpath, and called for the first Tab
else
    compdef _facecli facecli # read with `source`
fi
