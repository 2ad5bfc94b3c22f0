# SPDX-License-Identifier: GPL-2.0-or-later
# Makes drvmem-metrics(7) of dist/prometheus/metrics.tsv: name, type, labels, level, unit, help; a first line
# with '#' names the columns. Any awk.
# Usage: awk -v date=... -v version=... -f metrics2man.awk FILE
BEGIN {
	FS = "\t"
	print ".\\\" Made from dist/prometheus/metrics.tsv."
	printf ".TH DRVMEM\\-METRICS 7 %s \"drvmem %s\" \"Miscellaneous\"\n", date, version
	print ".SH NAME\ndrvmem\\-metrics \\- the metrics of drvmem\n.SH DESCRIPTION"
	print "What\n.BR drvmem\\-metrics (8)\nwrites in the text format of Prometheus."
	print "A figure that does not exist has no sample: it is never zero instead."
	print ".SH METRICS"
	col["name"] = 1; col["type"] = 2; col["labels"] = 3; col["level"] = 4; col["unit"] = 5; col["help"] = 6
}
function esc(s) {
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/'/, "\\(aq", s)
	gsub(/"/, "\\(dq", s)
	gsub(/~/, "\\(ti", s)
	gsub(/\^/, "\\(ha", s)
	sub(/^[.]/, "\\\\\\&.", s)
	return s
}
function fold(s,	n, i, w, line) {
	n = split(s, w, / +/)
	line = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && length(line) + 1 + length(w[i]) > 78) {
			print line
			line = ""
		}
		line = line (line == "" ? "" : " ") w[i]
	}
	if (line != "")
		print line
}
/^#/ {
	sub(/^#/, "")
	for (i = 1; i <= NF; i++)
		col[$i] = i
	next
}
NF > 1 {
	print ".TP\n.B " esc($col["name"])
	fold(esc($col["help"]))
	about = $col["type"]
	if ($col["unit"] != "")
		about = about " in " $col["unit"]
	if ($col["labels"] != "") {
		labels = $col["labels"]
		gsub(/,/, ", ", labels)
		about = about "; labels: " labels
	}
	print ".br"
	fold(esc("(" about ")"))
}
END {
	print ".SH \"SEE ALSO\"\n.BR drvmem (8),\n.BR drvmem\\-metrics (8)"
}
