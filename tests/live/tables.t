#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tables.t - a table that an enumeration indexes has a row for each value: an assertion ties its length to the
# value that is said to be the last one. Here it is seen that no table goes without, and that it is the last one.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

cat >tables.awk <<'END'
{ line = $0; sub(/\/\*.*/, "", line); sub(/^[[:space:]]*\*.*/, "", line) }

# First the enumerations: last["FILE", VALUE], and last[VALUE] for other files.
pass == 1 && line ~ /^[[:space:]]*enum ([a-z_]+ )?\{/ { inside = 1; count = 0; sub(/.*\{/, "", line) }
pass == 1 && inside {
	ends = sub(/\}.*/, "", line)
	gsub(/=[^,]*|[[:space:]]/, "", line)
	parts = split(line, part, ",")
	for (i = 1; i <= parts; i++)
		if (part[i] ~ /^[A-Z][A-Z0-9_]*$/ && part[i] !~ /_COUNT$/)
			value[++count] = part[i]
	for (i = 1; ends && i <= count; i++)
		last[FILENAME, value[i]] = last[value[i]] = value[count]
	inside = !ends
}

# Then the tables, and what ties them.
pass == 2 && match(line, /[a-z_]+\)?\[\](\[[0-9]+\])?(\)\(.*\))? = \{/) {
	table = substr(line, RSTART, RLENGTH)
	sub(/\)?\[.*/, "", table)
}
pass == 2 && table != "" && line ~ /\[[A-Z][A-Z0-9_]*\] = / { loose[FILENAME, table] = 1 }
pass == 2 && line ~ /\};/ { table = "" }
pass == 2 && match(line, /(TABLE_OF|WORDS)\([a-z_]+, [A-Z][A-Z0-9_]*/) {
	split(substr(line, RSTART, RLENGTH), part, /[(, ]+/)
	name = part[2] (part[1] ~ /WORDS/ ? "_list" : "")
	delete loose[FILENAME, name]
	end = ((FILENAME, part[3]) in last) ? last[FILENAME, part[3]] : last[part[3]]
	if (end != part[3])
		print FILENAME ": " name " ends with " part[3] ", its enumeration with " end
	tied++
}
pass == 2 && match(line, /_Static_assert\(sizeof\([a-z_]+\)/) {
	split(substr(line, RSTART, RLENGTH), part, /[()]/)
	delete loose[FILENAME, part[3]]
}
END {
	for (key in loose) {
		split(key, part, SUBSEP)
		print part[1] ": " part[2] " is not tied to an enumeration"
	}
	print tied + 0 " tables" >"/dev/stderr"
}
END

# look FILE...: prints what is wrong, and to stderr how many tables there are.
look() { run awk -f tables.awk pass=1 "$@" pass=2 "$@"; }

cat >fruits.c <<'END'
enum fruit {
	APPLE, /* red, GREEN */
	PEAR = 7,
	PLUM,
};
static const char *const names[] = {
	[APPLE] = "apple", [PEAR] = "pear"
};
TBDI_TABLE_OF(names, PEAR);
static int (*const sizes[])(int) = {
	[APPLE] = small,
};
END
look fruits.c
check 'a table is seen that ends too early' out_has 'fruits.c: names ends with PEAR, its enumeration with PLUM'
check 'a table is seen that nothing ties' out_has 'fruits.c: sizes is not tied to an enumeration'

# shellcheck disable=SC2046
look $(cd "$abs_top_srcdir" && find "$PWD/lib" "$PWD/tools" "$PWD/certs" -name '*.[ch]' | sort)
check 'each table ends with its enumeration' out_empty
check 'there are tables' test "$(cut -d ' ' -f 1 "$err")" -gt 40

done_testing
