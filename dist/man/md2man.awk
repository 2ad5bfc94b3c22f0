# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a manual page of a file of doc/: headings, paragraphs, lists, tables of two or more columns,
# fenced text, `code`, **bold**, links. Any awk.
# Usage: awk -v name=drvmem-session -v section=5 -v summary='...' -v date=... -v version=... [-v see='a (8), b (8)'] -f md2man.awk FILE

function esc(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/'/, "\\(aq", s)
	gsub(/"/, "\\(dq", s)
	gsub(/~/, "\\(ti", s)
	gsub(/\^/, "\\(ha", s)
	return s
}

# Prose: dashes between letters stay; `code` and **strong** become bold.
function prose(s,	out, part, n, i, parts) {
	while (match(s, /\[[^]]*\]\([^)]*\)/)) {
		part = substr(s, RSTART + 1, RLENGTH - 1)
		sub(/\]\(.*/, "", part)
		s = substr(s, 1, RSTART - 1) part substr(s, RSTART + RLENGTH)
	}
	n = split(s, parts, "`")
	out = ""
	for (i = 1; i <= n; i++)
		out = out (i % 2 ? strong(esc(parts[i])) : "\\fB" esc(parts[i]) "\\fR")
	return out
}

function strong(s,	n, i, parts, out) {
	n = split(s, parts, /\*\*/)
	out = parts[1]
	for (i = 2; i <= n; i++)
		out = out (i % 2 ? "\\fR" : "\\fB") parts[i]
	return out
}

# A line of roff: what would be a request is none.
function put(s) {
	if (s ~ /^[.]/)
		s = "\\&" s
	print s
}

# A paragraph, folded, a line for each sentence.
function fold(s,	n, i, words, line) {
	n = split(s, words, /[ \t]+/)
	line = ""
	for (i = 1; i <= n; i++) {
		if (words[i] == "")
			continue
		if (line != "" && length(line) + 1 + length(words[i]) > 78) {
			put(line)
			line = ""
		}
		line = line (line == "" ? "" : " ") words[i]
		if (words[i] ~ /[a-z0-9)"R][.]$/ && i < n && words[i + 1] ~ /^(\\fB)?[A-Z]/) {
			put(line)
			line = ""
		}
	}
	if (line != "")
		put(line)
}

function flush() {
	if (text == "")
		return
	if (!fresh && !item)
		print ".PP"
	fold(prose(text))
	text = ""
	fresh = item = 0
}

# |a|b|c|: the first cell is the term, the others follow it.
function row(line,	n, i, cells, rest) {
	gsub(/\\\|/, "\001", line)
	sub(/^\|[ ]*/, "", line)
	sub(/[ ]*\|[ ]*$/, "", line)
	n = split(line, cells, /[ ]*\|[ ]*/)
	for (i = 1; i <= n; i++)
		gsub(/\001/, "|", cells[i])
	if (!intable) {
		intable = 1
		for (i = 1; i <= n; i++)
			head[i] = cells[i]
		return
	}
	print ".TP"
	put(prose(cells[1]))
	rest = cells[2]
	for (i = 3; i <= n; i++)
		if (cells[i] != "")
			rest = rest "; " head[i] ": " cells[i]
	fold(prose(rest == "" ? "-" : rest))
	fresh = 0
}

BEGIN {
	up = toupper(name)
	print ".\\\" Made from a file of doc/."
	printf ".TH %s %s %s \"drvmem %s\" \"%s\"\n", esc(up), section, date, version, section == 5 ? "File Formats" : "Miscellaneous"
	print ".SH NAME"
	print esc(name) " \\- " esc(summary)
	print ".SH DESCRIPTION"
	fresh = 1
}

/^```/ {
	flush()
	if (fenced) {
		print ".fi"
		print ".RE"
	} else {
		print (fresh ? "" : ".PP\n") ".RS 4\n.nf"
	}
	fenced = !fenced
	fresh = 0
	next
}
fenced { put(esc($0)); next }
/^# / { next }
/^##+ / {
	flush()
	intable = 0
	line = $0
	sub(/^#+ /, "", line)
	gsub(/`/, "", line)
	print ($0 ~ /^## / ? ".SH \"" toupper(esc0(line)) "\"" : ".SS \"" esc(line) "\"")
	fresh = 1
	next
}
/^\|[-: |]+\|[ ]*$/ { next }
/^\|/ { flush(); row($0); next }
/^[ ]*$/ { flush(); if (intable) { intable = 0 } next }
/^[-*] / {
	flush()
	print ".IP \\(bu 3"
	item = 1
	text = substr($0, 3)
	next
}
{ intable = 0; sub(/^[ ]+/, ""); text = text (text == "" ? "" : " ") $0 }

# Headings are folded to capitals: no escapes in them.
function esc0(s) {
	gsub(/[\\"]/, "", s)
	return s
}

END {
	flush()
	if (see != "") {
		print ".SH \"SEE ALSO\""
		n = split(see, pages, /, */)
		for (i = 1; i <= n; i++)
			print ".BR " esc(pages[i]) (i < n ? "," : "")
	}
}
