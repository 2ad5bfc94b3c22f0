# SPDX-License-Identifier: GPL-2.0-or-later
# What was typed wrongly: status 2, one clear line and a remedy on stderr, nothing on stdout.
. "$(dirname "$0")/../lib/contract.sh"

run
expect "no command" 2 "usage: drvmem"
run reprot
expect "unknown command has a hint" 2 "did you mean 'report'"
run qqqq
expect "unknown command without a hint" 2 "no command 'qqqq'"
run help qqqq
expect "help of an unknown command" 2 "no command 'qqqq'"

for c in $COMMANDS; do
	run "$c" --no-such-option
	expect "$c: unknown option" 2 "^drvmem $c: .*--no-such-option"
	run "$c" --format yaml
	expect "$c: unknown format" 2 "^drvmem $c: .*yaml"
	run "$c" --format
	expect "$c: option without its value" 2 "^drvmem $c: .*format"
done
for c in leaks advise metrics doctor restore version; do
	run "$c" surplus
	expect "$c: unexpected argument" 2 "unexpected argument 'surplus'"
done
for c in report leaks advise metrics; do
	run "$c" --duration 10parsecs
	expect "$c: bad duration" 2 "10parsecs"
	run "$c" --track-max 0
	expect "$c: number out of range" 2 "track-max"
	run "$c" --track-max 99999999999999999999
	expect "$c: number too large" 2 "track-max"
	run "$c" --duration 5 -- true
	expect "$c: duration beside a command" 2 "--duration cannot be used with a command"
	run "$c" --owner nobody
	expect "$c: unknown owner policy" 2 "nobody"
	run "$c" --
	expect "$c: no command after --" 2 "^drvmem $c: "
done
for c in report leaks advise; do
	run "$c" -m 'e1000['
	expect "$c: pattern that cannot be meant" 2 "'e1000\\['.* is not a pattern"
	run "$c" -m ''
	expect "$c: empty pattern" 2 "^drvmem $c: "
	run "$c" --min-size 4K --max-size 1K
	expect "$c: sizes the wrong way round" 2 "--min-size is larger than --max-size"
	run "$c" --min-size 4parsecs
	expect "$c: bad size" 2 "4parsecs"
done
for c in report "top --batch" metrics; do
	run $c --sample 0
	expect "$c: sample of nothing" 2 "--sample 0 leaves nothing to sample"
	# below 1 KiB and above 64 MiB
	for n in 1 1000 1023 65M 64.1M 1G; do
		run $c --sample $n
		expect "$c: sample distance $n" 2 "^drvmem ${c%% *}: --sample is from 1024 to 67108864 bytes"
	done
	for n in garbage 512X -1 1e6 '' ' '; do
		run $c --sample "$n"
		expect "$c: sample distance '$n'" 2 "'$n' is not a valid value of '--sample'"
	done
	run $c --sample 99999999999999999999
	expect "$c: sample distance beyond all numbers" 2 "too large for '--sample'"
	run $c --sample
	expect "$c: sample without its distance" 2 "sample"
	run $c --walk bicycle
	expect "$c: unknown walk" 2 "bicycle"
done
for c in report metrics; do
	run $c --sample 64K --max-overhead 1
	expect "$c: sample beside max-overhead" 2 "--sample and --max-overhead exclude each other"
done
run leaks --sample 64K
expect "leaks: sample" 2 "unknown option '--sample'"
run report --sotr live
expect "nearest option" 2 "--sort"
run report --sort lives
expect "nearest sort key" 2 "live"
run report --by color
expect "unknown view" 2 "color"
run report 0
expect "interval of nothing" 2 "'0' is not an interval"
run report soon
expect "interval that is none" 2 "'soon' is not an interval"
run report 1 many
expect "count that is none" 2 "'many' is not a number of reports"
run report 1 0
expect "count of nothing" 2 "'0' is not a number of reports"
run report 1 2 3
expect "too many arguments" 2 "too many arguments"
run report --duration 9 1 2
expect "duration beside a count" 2 "--duration cannot be used with a COUNT"
run leaks --older 10 --duration 10
expect "age that no object can reach" 2 "--older is not shorter than --duration"

run verify
expect "verify: no module" 2 "no module is given"
run verify one two
expect "verify: two modules" 2 "unexpected argument 'two'"
run verify ./mydrv.ko
expect "verify: a file" 2 "is a file, not the name of a module"
run verify mydrv.ko
expect "verify: a file without a directory" 2 "is a file, not the name of a module"
run verify one,two
expect "verify: a list" 2 "'one,two' is not the name of a module"
run verify 'e1000['
expect "verify: pattern that cannot be meant" 2 "'e1000\\[' is not the name of a module"
run verify ''
expect "verify: empty name" 2 "is not the name of a module"
run verify --device 0000:00:03.0 mydrv
expect "verify: a module and a device" 2 "exclude each other"
run verify --device no-such-device
expect "verify: no such device" 2 "there is no device 'no-such-device'"
run verify --device ../devices
expect "verify: a device that is a path" 2 "there is no device"
run report --alloc slab,heap
expect "an allocator that is none" 2 "'heap' is no allocator"
run leaks --alloc ''
expect "no allocator" 2 "empty element"
run verify mydrv --cycles 0
expect "verify: cycles of nothing" 2 "cycles"
run verify mydrv --cycles 2 -- true
expect "verify: cycles beside a command" 2 "--cycles cannot be used with a command"
run verify mydrv --timeout 5 -- true
expect "verify: timeout beside a command" 2 "--timeout cannot be used with a command"
run verify mydrv --grace 10parsecs
expect "verify: bad grace" 2 "10parsecs"

# every error above has a second line: the remedy
run report --min-size 4K --max-size 1K
if [ "$(wc -l <"$TMP/err")" -ge 2 ] && grep -q '^  ' "$TMP/err"; then
	ok "errors have a remedy"
else
	not_ok "errors have a remedy" "$(cat "$TMP/err")"
fi
finish
