// Opens a checkpoint by the log's vkey with Go's own signed notes, and checks a proof with Go's own
// trees: verify VKEY CHECKPOINT | verify VKEY LINK OLDROOT | verify VKEY PROOF ENTRY.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func hash(text string) (found tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	copy(found[:], data)
	return found
}

func hashes(lines []string) (found []tlog.Hash) {
	for _, line := range lines {
		found = append(found, hash(line))
	}
	return found
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	check(err)
	data, err := os.ReadFile(os.Args[2])
	check(err)
	var head []string
	if bytes.HasPrefix(data, []byte("old ")) || bytes.HasPrefix(data, []byte("c2sp.org/")) {
		parts := strings.SplitN(string(data), "\n\n", 2)
		head, data = strings.Split(parts[0], "\n"), []byte(parts[1])
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root := hash(lines[2])
	if len(head) > 0 && strings.HasPrefix(head[0], "old ") {
		old, err := strconv.ParseInt(head[0][4:], 10, 64)
		check(err)
		check(tlog.CheckTree(hashes(head[1:]), size, root, old, hash(os.Args[3])))
	} else if len(head) > 0 {
		index, err := strconv.ParseInt(head[1][6:], 10, 64)
		check(err)
		entry, err := os.ReadFile(os.Args[3])
		check(err)
		check(tlog.CheckRecord(hashes(head[2:]), size, root, index, tlog.RecordHash(entry)))
	}
	fmt.Println(lines[0], size, len(opened.Sigs), len(opened.UnverifiedSigs))
}
