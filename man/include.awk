# SPDX-License-Identifier: MIT
#
# include.awk - replace "%include NAME" by the file of that name beside the page: options that several
# subcommands have are documented once.
/^%include / {
	dir = FILENAME
	sub(/[^\/]*$/, "", dir)
	file = dir $2
	while ((status = (getline line < file)) > 0)
		print line
	if (status < 0) {
		print "include.awk: cannot read " file > "/dev/stderr"
		exit 1
	}
	close(file)
	next
}
{ print }
