# SPDX-License-Identifier: MIT
#
# Completion of tbdiag for fish. What there is to complete says the program itself (--list-commands,
# --list-options, --list-values): nothing has to be added here with an option or a subcommand.

# __tbdiag_values BEFORE VALUE PROGRAM SUBCOMMAND OPTION: fails when the option takes no argument.
function __tbdiag_values
    set -l lines ($argv[3] $argv[4] --list-values=$argv[5] 2>/dev/null)
    switch "$lines[1]"
        case files
            set lines (__fish_complete_path $argv[2])
        case dirs
            set lines (__fish_complete_directories $argv[2])
        case hosts
            set lines (__fish_print_hostnames)
        case words
            set -e lines[1]
        case '*'
            return 1
    end
    for line in $lines
        echo $argv[1]$line
    end
end

function __tbdiag_options
    $argv[1] $argv[2] --list-options 2>/dev/null | while read -l -d \t long letter argument help
        printf '%s\t%s\n' $long $help
        test $letter = -; or printf '%s\t%s\n' $letter $help
    end
end

function __tbdiag_word -a word program subcommand last
    if string match -qr -- '^--[^=]+=' $word
        set -l parts (string split -m 1 = -- $word)
        __tbdiag_values $parts[1]= "$parts[2]" $program $subcommand $parts[1]
        return
    end
    if test -n "$last"; and __tbdiag_values '' "$word" $program $subcommand $last
        return
    end
    if string match -q -- '-*' $word
        __tbdiag_options $program $subcommand
    else
        __tbdiag_values '' "$word" $program $subcommand ''
    end
end

function __tbdiag
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~/' $HOME/ -- $words[1])
    set -l last (string match -r -- '^-.+' $words[-1])
    if test (count $words) -eq 1; or test (count $words) -eq 2 -a "$words[2]" = help
        if string match -q -- '-*' "$word"
            printf '%s\t%s\n' --help 'Show the subcommands.' --version 'Show versions.'
        else
            $program --list-commands 2>/dev/null
        end
    else if contains -- -- $words[3..-1]
        __tbdiag_values '' "$word" $program $words[2] ''
    else if test "$words[2]" != help
        __tbdiag_word "$word" $program $words[2] "$last"
    end
end

complete -c tbdiag -f -a '(__tbdiag)'
