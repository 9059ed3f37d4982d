#!/usr/bin/env bash
# The main job on the sample data, in a temporary directory: what `make demo` runs.
#     demo.sh [DIRECTORY]    annotated pictures are left in DIRECTORY (default: demo-output)
set -euo pipefail

pictures=$(realpath -m "${1:-demo-output}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$(dirname "${BASH_SOURCE[0]}")"

unset CREDENTIALS_DIRECTORY FACECLI_PASSPHRASE_FILE FACECLI_PASSPHRASE_COMMAND
export FACECLI_DB=$work/facecli.db FACECLI_KEY_FILE=$work/facecli.key

# Show a command, run it, and end the demo unless it exits as expected.
#     expect STATUS ARGUMENT...
expect() {
    local wanted=$1 status=0
    shift
    printf '\n$ facecli %s\n' "$*"
    facecli --no-input "$@" || status=$?
    if [ "$status" -ne "$wanted" ]; then
        printf 'demo: exit %s where %s was expected\n' "$status" "$wanted" >&2
        exit 1
    fi
}

echo 'A database, encrypted under a key of its own, and two purposes.'
expect 0 init --key-file "$FACECLI_KEY_FILE"
expect 0 purpose apply purposes.toml

printf '\nThree people who agreed to the gate, each with a consent of one year.\n'
expect 0 enroll batch manifest.csv
expect 0 consent list

printf '\nOther photographs of them, a stranger, and a group.\n'
mkdir -p "$pictures"
expect 0 match probes --purpose gate --annotate "$pictures"

printf '\nThree people who pass before a camera: each is followed, and is one row.\n'
expect 0 match --video video/passage.mp4 --purpose gate

printf '\nThe same for attendance, to which nobody agreed: nobody is recognised.\n'
expect 0 match probes/group.jpg --purpose attendance

printf '\nOne to one: the same person (exit 0), and another (exit 4).\n'
expect 0 verify A-1002 probes/gate-2.jpg --purpose gate
expect 4 verify A-1002 probes/stranger.jpg --purpose gate

printf '\nThe stranger agrees at the desk, and is enrolled from a video file as from a camera.\n'
expect 0 enroll camera A-1004 --purpose gate --video video/turn.mp4 --expires 1y --notice-shown
expect 0 verify A-1004 probes/stranger.jpg --purpose gate

printf '\nWhat all this left in the log.\n'
expect 0 log show

printf '\nOne of them withdraws: everything that rested on the consent is erased, and certified.\n'
expect 0 revoke A-1003 --yes --certificate "$work/certificate.json"
expect 0 purge

printf '\nThe log is exported, and verified with the trust key alone; then one word is altered.\n'
trust=$(facecli log checkpoint --trust-key)
expect 0 log export --output "$work/log.jsonl" --checkpoint "$work/seal"
expect 0 log verify --file "$work/log.jsonl" --checkpoint "$work/seal" --trust-key "$trust"
expect 0 log verify --certificate "$work/certificate.json" --checkpoint "$work/seal" --trust-key "$trust"
sed -i '3s/done/gone/' "$work/log.jsonl"
expect 30 log verify --file "$work/log.jsonl" --checkpoint "$work/seal" --trust-key "$trust"

printf '\nAnnotated pictures are in %s\n' "$pictures"
