#!/usr/bin/env bash
# Run the main tasks of facecli on the sample data, in a temporary folder: `make demo`.
#     demo.sh [DIRECTORY]    DIRECTORY gets the annotated pictures (default: demo-output)
set -euo pipefail

pictures=$(realpath -m "${1:-demo-output}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$(dirname "${BASH_SOURCE[0]}")"

unset CREDENTIALS_DIRECTORY FACECLI_PASSPHRASE_FILE FACECLI_PASSPHRASE_COMMAND
export FACECLI_DB=$work/facecli.db FACECLI_KEY_FILE=$work/facecli.key

# Print the title of a step.
step() {
    printf '\n== %s\n' "$*"
}

# Print a command and run it. End the demo if its exit code is not STATUS.
#     expect STATUS ARGUMENT...
expect() {
    local wanted=$1 status=0
    shift
    printf '\n$ facecli %s\n' "$*"
    facecli --no-input "$@" || status=$?
    if [ "$status" -ne "$wanted" ]; then
        printf 'demo: exit code %s, expected %s\n' "$status" "$wanted" >&2
        exit 1
    fi
}

echo 'The demo takes about half a minute. It runs in a temporary folder, which it removes.'

step 'Create an encrypted database with its key, and two purposes'
expect 0 init --key-file "$FACECLI_KEY_FILE"
expect 0 purpose apply purposes.toml

step 'Enrol three people who agreed to the gate, each for one year'
expect 0 enroll batch manifest.csv
expect 0 consent list

step 'Match other photographs of them, of a stranger, and of a group'
mkdir -p "$pictures"
expect 0 match probes --purpose gate --annotate "$pictures"

step 'Match a film in which three people pass; each is one row'
expect 0 match --video video/passage.mp4 --purpose gate

step 'Match for attendance: nobody agreed to it, so nobody is recognised'
expect 0 match probes/group.jpg --purpose attendance

step 'Verify one subject: the same person (exit code 0), and another (exit code 4)'
expect 0 verify A-1002 probes/gate-2.jpg --purpose gate
expect 4 verify A-1002 probes/stranger.jpg --purpose gate

step 'Enrol the stranger, who now agrees, from a video file as from a camera'
expect 0 enroll camera A-1004 --purpose gate --video video/turn.mp4 --expires 1y --notice-shown
expect 0 verify A-1004 probes/stranger.jpg --purpose gate

step 'Show the log of all this'
expect 0 log show

step 'Print the notice of the gate that one of them read in Chinese'
expect 0 purpose notice gate --lang zh

step 'Withdraw that consent: facecli erases, certifies and writes a letter; a purge finds nothing left'
expect 0 revoke A-1003 --yes --certificate "$work/certificate.json" --letter "$work/letter.txt" --lang zh
cat "$work/letter.txt"
expect 0 purge

step 'Export the log, verify it with the trust key alone, then change one word'
trust=$(facecli log checkpoint --trust-key)
expect 0 log export --output "$work/log.jsonl" --checkpoint "$work/seal"
expect 0 log verify "$work/log.jsonl" --checkpoint "$work/seal" --trust-key "$trust"
expect 0 log verify "$work/log.jsonl" --certificate "$work/certificate.json" --checkpoint "$work/seal" --trust-key "$trust"
sed -i '3s/done/gone/' "$work/log.jsonl"
expect 30 log verify "$work/log.jsonl" --checkpoint "$work/seal" --trust-key "$trust"

printf '\nThe demo is complete. Annotated pictures are in %s\n' "$pictures"
