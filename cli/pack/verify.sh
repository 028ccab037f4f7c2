#!/bin/sh
# Verifies an audit pack of Countersign with openssl and the usual tools of a Unix shell. Nothing of Countersign is called.
#
#   unzip PACK.zip -d pack && cd pack && sh verify.sh /path/to/TRUST.json
#
# TRUST.json holds the keys you trust. Get it, and this script, from somebody you trust, not from the pack.
# Each line says what was checked. The first thing that is wrong is named, and the exit code is 1.
set -eu
LC_ALL=C
export LC_ALL
TRUST=${1:?give your trust file}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

fail() { echo "FAIL $1"; exit 1; }
sha() { openssl dgst -sha256 -r "$1" | cut -c1-64; }
raw() { openssl base64 -d -A; }
parent() { { printf '\001'; cat "$1" "$2"; } | openssl dgst -sha256 -binary; }
# The objects of a JSON file, one a line: good enough for the flat ones that are looked for here.
objects() { tr -d '\n' < "$1" | tr '{}' '\n\n'; }
field() { sed 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/'; }

# 1. The index: every file is listed, is the bytes that were listed, and there is none beside.
test -f index.txt || fail "index.txt is missing"
find . ! -type d | sed 's|^\./||' | grep -vx 'index\.txt' | sort > "$WORK/here"
while IFS= read -r name; do
  test -f "$name" && test ! -L "$name" || fail "$name is not a plain file"
  echo "$(sha "$name")  $name"
done < "$WORK/here" > "$WORK/index"
cmp -s index.txt "$WORK/index" || fail "index.txt and these files differ: $(diff index.txt "$WORK/index" | grep '^[<>]' | cut -c69- | sort -u | tr '\n' ' ')"
echo "ok   index: $(wc -l < index.txt | tr -d ' ') files as listed"

# 2. Objects are named by their own hash, a policy by that of its manifest, which names its files.
for f in blobs/*; do
  if test -e "$f"; then test "$(sha "$f")" = "${f#blobs/}" || fail "$f is not the bytes that its name says"; fi
done
for f in said/*; do
  if test -e "$f"; then name=${f#said/}; test "$(sha "$f")" = "${name%.json}" || fail "$f is not the bytes that its name says"; fi
done
for f in packs/*/*; do
  test -e "$f" || continue
  folder=${f%/*}
  case ${f##*/} in
    manifest.json) test "$(sha "$f")" = "${folder#packs/}" || fail "$f is not the policy that its name says" ;;
    release.dsse.json) ;;
    *) grep -q "\"${f##*/}\":\"sha256:$(sha "$f")\"" "$folder/manifest.json" || fail "$f is not the file that its manifest names" ;;
  esac
done
echo "ok   objects and policies are the bytes that their names say"

# 3. Every envelope: its payload is what its name says, signed by a key of yours. What is signed is DSSE's encoding of it. A list of
# keys has two signatures; the key is chosen by its id. Windows of keys are not looked at here, nor when a stolen key signed.
TYPE=application/vnd.in-toto+json
EVENT=$(cut -d: -f2 event.txt)
# The keys of the trust file that seal, one a line: an entry with an issuer is somebody's own key, for another use.
objects "$TRUST" | grep '"keyid"' | grep '"spki"' | grep -v '"iss" *:' > "$WORK/keys" || true
for envelope in events/* records/* reattested/*; do
  test -e "$envelope" || continue
  sed 's/.*"payload":"\([^"]*\)".*/\1/' "$envelope" | raw > "$WORK/payload"
  { printf 'DSSEv1 %d %s %d ' ${#TYPE} "$TYPE" "$(wc -c < "$WORK/payload")"; cat "$WORK/payload"; } > "$WORK/signed"
  tr '{}' '\n\n' < "$envelope" | grep '^"keyid"' > "$WORK/signatures" || fail "$envelope is not signed"
  trusted=no
  written=
  while IFS= read -r one; do
    keyid=$(printf %s "$one" | sed 's/.*"keyid":"\([^"]*\)".*/\1/')
    printf %s "$one" | sed 's/.*"sig":"\([^"]*\)".*/\1/' | raw > "$WORK/signature"
    written="$written${written:+,}{\"keyid\":\"$keyid\",\"sig\":\"$(openssl base64 -A -in "$WORK/signature")\"}"
    # Of a list of keys the one that comes in may be new to you: then it has to be in the list itself.
    own=$(grep "\"keyid\" *: *\"$keyid\"" "$WORK/keys" || true)
    spki=$(printf '%s\n' "$own" | head -n 1 | field spki)
    if test -n "$own"; then
      trusted=yes
      if printf %s "$own" | grep -q '"compromisedSince"' && test "${envelope##*/}" = "$EVENT.dsse.json"; then
        fail "$envelope is signed by a key that was stolen: only the full verifier can tell whether before that"
      fi
    elif grep -q '"kind":"keyChange"' "$WORK/payload"; then
      spki=$(objects "$WORK/payload" | grep -F "\"keyid\":\"$keyid\"" | grep '"spki"' | head -n 1 | field spki)
    fi
    test -n "$spki" || fail "$envelope is signed by key $keyid, which is not in your trust file"
    printf '%b' "$spki" > "$WORK/key.pem"
    test "$(openssl pkey -pubin -in "$WORK/key.pem" -outform DER | openssl dgst -sha256 -r | cut -c1-64)" = "$keyid" || fail "another key has the name $keyid"
    openssl dgst -sha256 -verify "$WORK/key.pem" -signature "$WORK/signature" "$WORK/signed" > /dev/null 2>&1 || fail "$envelope: the signature does not fit"
  done < "$WORK/signatures"
  test $trusted = yes || fail "$envelope is signed by no key of your trust file"
  printf '{"payload":"%s","payloadType":"%s","signatures":[%s]}' "$(openssl base64 -A -in "$WORK/payload")" "$TYPE" "$written" |
    cmp -s - "$envelope" || fail "$envelope is not an envelope as it was written"
  name=${envelope##*/}
  case $envelope in
    reattested/*) grep -q "\"event\":\"sha256:${name%.dsse.json}\"" "$WORK/payload" || fail "$envelope is about another event" ;;
    *) test "$(sha "$WORK/payload")" = "${name%.dsse.json}" || fail "$envelope holds another event than its name says" ;;
  esac
done
echo "ok   every envelope is signed by a key of your trust file"

# 4. The event itself, and the files that say it again.
printf 'sha256:%s\n' "$EVENT" | cmp -s - event.txt || fail "event.txt is not written as it is written"
ENVELOPE=events/$EVENT.dsse.json
test -f "$ENVELOPE" || ENVELOPE=records/$EVENT.dsse.json
test -f "$ENVELOPE" || fail "the event that event.txt names is not here"
sed 's/.*"payload":"\([^"]*\)".*/\1/' "$ENVELOPE" | raw | cmp -s - statement.json || fail "statement.json is not what was signed"
# A bundle holds the first signature, with its key as a hint.
sed 's/\("signatures":\[{[^}]*}\).*/\1]}/' "$ENVELOPE" > "$WORK/first"
keyid=$(sed 's/.*"keyid":"\([^"]*\)".*/\1/' "$WORK/first")
printf '{"dsseEnvelope":%s,"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"%s"},"tlogEntries":[]}}' \
  "$(sed 's/"keyid":"[^"]*"/"keyid":""/' "$WORK/first")" "$keyid" | cmp -s - event.sigstore.json || fail "event.sigstore.json is not the envelope"
if test -f screen.html; then
  grep -q "\"screen\":\"sha256:$(sha screen.html)\"" statement.json || fail "screen.html is not the page that was sealed"
fi
for f in votes/*; do
  if test -e "$f"; then grep -q "\"vote\":\"sha256:$(sha "$f")\"" statement.json || fail "$f is not a vote that was sealed"; fi
done
echo "ok   event $EVENT: statement, screen and votes are those that were signed"

# 5. The log, if it came along and your trust names one: its signature, then the way from the entry up to the signed root.
PROOF=log/proofs/$EVENT.tlog-proof
if test -f "$PROOF"; then
  sed '1,/^$/d' "$PROOF" > "$WORK/note"
  sed '/^$/,$d' "$WORK/note" > "$WORK/text"
  ORIGIN=$(sed -n 1p "$WORK/text")
  SIZE=$(sed -n 2p "$WORK/text")
  sed -n 3p "$WORK/text" | raw > "$WORK/root"
  # The checkpoint without the lines of witnesses: what timestamps are over.
  { cat "$WORK/text"; echo; grep -F -- "— $ORIGIN " "$WORK/note"; } | cmp -s - "log/checkpoints/$SIZE" || fail "log/checkpoints/$SIZE is not that of the proof"
  vkey=$(objects "$TRUST" | grep -F "\"$ORIGIN+" | field vkey | head -n 1)
  test -n "$vkey" || fail "the log $ORIGIN is not in your trust file"
  material=${vkey#*+}
  { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; printf %s "${material#*+}" | raw | tail -c 32; } > "$WORK/log.der"
  grep -F -- "— $ORIGIN " "$WORK/note" | cut -d' ' -f3 | raw | tail -c 64 > "$WORK/logsig"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$WORK/log.der" -rawin -in "$WORK/text" -sigfile "$WORK/logsig" > /dev/null 2>&1 ||
    fail "$PROOF: the signature of the log does not fit"
  INDEX=$(sed -n '2s/^index //p' "$PROOF")
  sed '1,2d;/^$/,$d' "$PROOF" > "$WORK/path"
  found=no
  for kind in $(grep -o '"kind":"[A-Za-z]*"' statement.json | cut -d'"' -f4 | sort -u); do
    { printf '\000'; printf '{"envelopeSha256":"sha256:%s","eventHash":"sha256:%s","kind":"%s","v":0}' "$(sha "$ENVELOPE")" "$EVENT" "$kind"; } |
      openssl dgst -sha256 -binary > "$WORK/hash"
    fn=$INDEX
    sn=$((SIZE - 1))
    while IFS= read -r sibling; do
      printf %s "$sibling" | raw > "$WORK/sibling"
      if test $((fn % 2)) = 1 || test "$fn" = "$sn"; then
        parent "$WORK/sibling" "$WORK/hash" > "$WORK/next"
        while test $((fn % 2)) = 0 && test "$fn" != 0; do fn=$((fn / 2)); sn=$((sn / 2)); done
      else
        parent "$WORK/hash" "$WORK/sibling" > "$WORK/next"
      fi
      mv "$WORK/next" "$WORK/hash"
      fn=$((fn / 2))
      sn=$((sn / 2))
    done < "$WORK/path"
    if test "$sn" = 0 && cmp -s "$WORK/hash" "$WORK/root"; then found=yes; fi
  done
  test $found = yes || fail "$PROOF: the event is not entry $INDEX of the tree of $SIZE"
  echo "ok   log: entry $INDEX of $SIZE in $ORIGIN"

  # 6. Timestamps (RFC 3161) over that checkpoint, by the authorities whose certificates your trust holds.
  tr ',[]' '\n\n\n' < "$TRUST" | grep -o -- '-----BEGIN CERTIFICATE-----[^"]*' > "$WORK/authorities" || true
  while IFS= read -r pem; do
    printf '%b' "$pem" > "$WORK/tsa.pem"
    token=log/timestamps/$SIZE/$(openssl x509 -in "$WORK/tsa.pem" -outform DER | openssl dgst -sha256 -r | cut -c1-64)
    test -f "$token" || continue
    # Long after, its certificate has expired: what it said then still stands.
    openssl ts -verify -data "log/checkpoints/$SIZE" -in "$token" -token_in -CAfile "$WORK/tsa.pem" -untrusted "$WORK/tsa.pem" -partial_chain -no_check_time > "$WORK/out" 2>&1 ||
      fail "$token does not hold: $(tail -n 1 "$WORK/out")"
    echo "ok   timestamp: $(openssl ts -reply -in "$token" -token_in -text 2> /dev/null | sed -n 's/^Time stamp: //p')"
  done < "$WORK/authorities"
fi
echo "verified: $EVENT"
