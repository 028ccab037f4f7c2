// Command log-go is the other side of the cross-test: it knows the log only through golang.org/x/mod/sumdb (tlog, note) and
// github.com/transparency-dev/formats. It checks what Countersign wrote, and writes what Countersign must be able to check.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	formats "github.com/transparency-dev/formats/log"
	cosign "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 5 && os.Args[1] == "check":
		err = check(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 4 && os.Args[1] == "make":
		err = makeLog(os.Args[2], os.Args[3])
	case len(os.Args) == 4 && os.Args[1] == "sign":
		err = sign(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("check DIR LOG-VKEY WITNESS-VKEY | make DIR SIZES | sign KEY-FILE TEXT-FILE")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pathOf is where C2SP tlog-tiles keeps a tile: as tlog does, without the height.
func pathOf(t tlog.Tile) string { return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/") }

// tiles reads and remembers nothing: every tile is authenticated by tlog against the tree.
type tiles struct{ dir string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range want {
		data, err := os.ReadFile(filepath.Join(t.dir, pathOf(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func treeOf(text []byte, origin string, log note.Verifier, others ...note.Verifier) (tlog.Tree, int, error) {
	cp, _, n, err := formats.ParseCheckpoint(text, origin, log, others...)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	return tlog.Tree{N: int64(cp.Size), Hash: tlog.Hash(cp.Hash)}, len(n.Sigs) - 1, nil
}

// check reads a log folder as Countersign lays it out and verifies everything in it; it prints what it verified.
func check(dir, logKey, witnessKey string) error {
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return err
	}
	witness, err := cosign.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	if err != nil {
		return err
	}
	trees := map[int64]tlog.Tree{}
	var largest tlog.Tree
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tree, _, err := treeOf(text, log.Name(), log)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		trees[tree.N] = tree
		if tree.N > largest.N {
			largest = tree
		}
	}
	records, err := checkEntries(dir, largest)
	if err != nil {
		return err
	}
	pairs, err := checkTrees(dir, largest, trees)
	if err != nil {
		return err
	}
	proofs, cosignatures, err := checkProofs(dir, log, witness, records)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]int{
		"checkpoints": len(trees), "entries": len(records), "pairs": pairs, "proofs": proofs, "cosignatures": cosignatures,
	})
}

// checkEntries holds every entry of the bundles against the tree, through the tiles.
func checkEntries(dir string, tree tlog.Tree) ([][]byte, error) {
	reader := tlog.TileHashReader(tree, tiles{dir})
	var records [][]byte
	for n := int64(0); n*256 < tree.N; n++ {
		width := min(256, int(tree.N-n*256))
		path := strings.Replace(pathOf(tlog.Tile{H: 8, L: 0, N: n, W: width}), "tile/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			length := 2 + int(data[0])<<8 + int(data[1])
			records = append(records, data[2:length])
			data = data[length:]
		}
	}
	if int64(len(records)) != tree.N {
		return nil, fmt.Errorf("%d entries in a tree of %d", len(records), tree.N)
	}
	for i, record := range records {
		hash := tlog.RecordHash(record)
		p, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckRecord(p, tree.N, tree.Hash, int64(i), hash); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return records, nil
}

// checkTrees proves each published tree to be the beginning of the largest, and checks the proofs that Countersign made.
func checkTrees(dir string, largest tlog.Tree, trees map[int64]tlog.Tree) (int, error) {
	reader := tlog.TileHashReader(largest, tiles{dir})
	for _, older := range trees {
		p, err := tlog.ProveTree(largest.N, older.N, reader)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(p, largest.N, largest.Hash, older.N, older.Hash); err != nil {
			return 0, fmt.Errorf("%d is not the beginning of %d: %w", older.N, largest.N, err)
		}
	}
	names, err := filepath.Glob(filepath.Join(dir, "consistency", "*"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		from, to, _ := strings.Cut(filepath.Base(name), "-")
		older, _ := strconv.ParseInt(from, 10, 64)
		newer, _ := strconv.ParseInt(to, 10, 64)
		var p tlog.TreeProof
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		for _, line := range strings.Fields(string(text)) {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return 0, err
			}
			p = append(p, hash)
		}
		if err := tlog.CheckTree(p, newer, trees[newer].Hash, older, trees[older].Hash); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return len(names), nil
}

// checkProofs verifies each tlog-proof by itself, as an auditor does who has nothing else.
func checkProofs(dir string, log, witness note.Verifier, records [][]byte) (int, int, error) {
	names, err := filepath.Glob(filepath.Join(dir, "proofs", "*.tlog-proof"))
	if err != nil {
		return 0, 0, err
	}
	cosignatures := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, err
		}
		var p proof.TLogProof
		if err := p.Unmarshal(text); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", name, err)
		}
		tree, others, err := treeOf(p.Checkpoint, log.Name(), log, witness)
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", name, err)
		}
		cosignatures += others
		var path tlog.RecordProof
		for _, hash := range p.Hashes {
			path = append(path, tlog.Hash(hash))
		}
		if err := tlog.CheckRecord(path, tree.N, tree.Hash, int64(p.Index), tlog.RecordHash(records[p.Index])); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", name, err)
		}
		if !strings.Contains(string(records[p.Index]), strings.TrimSuffix(filepath.Base(name), ".tlog-proof")) {
			return 0, 0, fmt.Errorf("%s is the proof of another event", name)
		}
	}
	return len(names), cosignatures, nil
}

// sign prints what a key file of Countersign's signs, and its verifier key, by sumdb/note.
func sign(keyFile, textFile string) error {
	skey, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(textFile)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(skey)))
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(signed)
	return err
}

func b64(hash tlog.Hash) string { return base64.StdEncoding.EncodeToString(hash[:]) }
