package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	cosign "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type pair struct {
	Older, Newer int64
	Path         []string
}

type made struct {
	LogKey, WitnessKey, SignerKey string
	Roots                         map[int64]string
	Pairs                         []pair
}

// makeLog writes a log of its own in the layout of C2SP tlog-tiles: tiles, checkpoints, proofs, consistency proofs.
func makeLog(dir, list string) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, "go.example.test/log")
	if err != nil {
		return err
	}
	wkey, wvkey, err := note.GenerateKey(rand.Reader, "go.example.test/witness")
	if err != nil {
		return err
	}
	log, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	witness, err := cosign.NewSignerForCosignatureV1(wkey)
	if err != nil {
		return err
	}
	out := made{LogKey: vkey, WitnessKey: wvkey, SignerKey: skey, Roots: map[int64]string{}}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	size := int64(0)
	var sizes []int64
	for _, text := range strings.Split(list, ",") {
		next, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		for n := size; n < next; n++ {
			hashes, err := tlog.StoredHashes(n, []byte(fmt.Sprintf("record %d", n)), reader)
			if err != nil {
				return err
			}
			stored = append(stored, hashes...)
		}
		for _, tile := range tlog.NewTiles(8, size, next) {
			data, err := tlog.ReadTileData(tile, reader)
			if err != nil {
				return err
			}
			if err := write(filepath.Join(dir, pathOf(tile)), data); err != nil {
				return err
			}
		}
		root, err := tlog.TreeHash(next, reader)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s\n%d\n%s\n", log.Name(), next, b64(root))
		signed, err := note.Sign(&note.Note{Text: text}, log, witness)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(dir, "checkpoints", strconv.FormatInt(next, 10)), signed); err != nil {
			return err
		}
		if err := prove(dir, next, signed, reader); err != nil {
			return err
		}
		for _, older := range sizes {
			p, err := tlog.ProveTree(next, older, reader)
			if err != nil {
				return err
			}
			path := []string{}
			for _, hash := range p {
				path = append(path, b64(hash))
			}
			out.Pairs = append(out.Pairs, pair{older, next, path})
		}
		out.Roots[next] = b64(root)
		sizes = append(sizes, next)
		size = next
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func prove(dir string, size int64, checkpoint []byte, reader tlog.HashReader) error {
	for n := int64(0); n < size; n += max(1, size/7) {
		p, err := tlog.ProveRecord(size, n, reader)
		if err != nil {
			return err
		}
		file := proof.TLogProof{Index: uint64(n), Checkpoint: checkpoint}
		for _, hash := range p {
			file.Hashes = append(file.Hashes, hash)
		}
		name := fmt.Sprintf("%d-%d.tlog-proof", size, n)
		if err := write(filepath.Join(dir, "proofs", name), file.Marshal()); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
