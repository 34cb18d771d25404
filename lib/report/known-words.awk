# SPDX-License-Identifier: MIT
#
# known-words.awk - the words in the string literals of C files, in lower case, each as "word\n" for the
# compiler, with the digits in them and without, and the numbers of sections and versions; sorted and made unique by
# who calls.
function put(text,    words, count, i) {
  gsub(/[^a-zA-Z0-9]+/, " ", text)
  count = split(tolower(text), words, " ")
  for (i = 1; i <= count; i++)
    if (length(words[i]) > 1 && words[i] ~ /[a-z]/)
      print "\"" words[i] "\\n\""
}
function put_numbers(text) {
  while (match(text, /[0-9]+([-.][0-9]+)([-.][0-9]+)+/)) {
    print "\"" substr(text, RSTART, RLENGTH) "\\n\""
    text = substr(text, RSTART + RLENGTH)
  }
}
/^[ \t]*#/ { next }
{
  line = $0
  sub(/^[ \t]*(\/\*|\*[ \/]|\*$).*/, "", line)
  gsub(/\\\\/, " ", line)
  gsub(/\\"/, " ", line)
  gsub(/(ABOUT|LIMITS)\("[^"]*"\)/, "", line) # of the JSON Schema, not of a report
  while (match(line, /"[^"]*"/)) {
    text = substr(line, RSTART + 1, RLENGTH - 2)
    line = substr(line, RSTART + RLENGTH)
    gsub(/\\(x[0-9a-fA-F][0-9a-fA-F]|[0-7][0-7]?[0-7]?|.)/, " ", text)
    gsub(/%[-+ #0]*[0-9*.]*(hh|h|ll|l|j|z|t)?[a-zA-Z]/, " ", text)
    put_numbers(text)
    put(text)
    gsub(/[0-9]+/, " ", text)
    put(text)
  }
}
