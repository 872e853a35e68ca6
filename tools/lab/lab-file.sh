# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# lab-file.sh: puts a lab file together, field by field. To be sourced.

file_begin() {
    file_fields=()
}

file_end() { # prints it
    local last=$((${#file_fields[@]} - 1)) i
    echo '{'
    for i in "${!file_fields[@]}"; do
        [ "$i" -eq "$last" ] && printf '    %s\n' "${file_fields[$i]}" || printf '    %s,\n' "${file_fields[$i]}"
    done
    echo '}'
}

# A text as JSON wants it.
file_quote() { # text
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    printf '"%s"' "${text//$'\x01'/\\u0001}"
}

# Puts words together as JSON's values: a, b, c.
file_join() { # quoted text...
    local joined
    joined=$(printf ', %s' "$@")
    printf '%s' "${joined#, }"
}

file_text() { # key text
    file_fields+=("\"$1\": $(file_quote "$2")")
}

file_plain() { # key value: a number, true, false or JSON
    file_fields+=("\"$1\": $2")
}

# Long lists have a line for each item.
file_list() { # key text...
    local key=$1 text lines=''
    shift
    for text in "$@"; do
        lines+="${lines:+,}"$'\n'"        $(file_quote "$text")"
    done
    file_fields+=("\"$key\": [$lines"$'\n    ]')
}

file_pairs() { # key a b [a b...]
    local key=$1 lines=''
    shift
    while [ $# -gt 1 ]; do
        lines+="${lines:+,}"$'\n'"        [$(file_join "$(file_quote "$1")" "$(file_quote "$2")")]"
        shift 2
    done
    file_fields+=("\"$key\": [$lines"$'\n    ]')
}

# An object of texts and numbers.
file_object() { # key name value [name value...]
    local key=$1 members=()
    shift
    while [ $# -gt 1 ]; do
        case $2 in
        *[!0-9]*) members+=("$(file_quote "$1"): $(file_quote "$2")") ;;
        *) members+=("$(file_quote "$1"): $2") ;;
        esac
        shift 2
    done
    file_fields+=("\"$key\": {$(file_join "${members[@]}")}")
}

# An absent host, as where there are no namespaces, has no name in the file.
file_host() { # key host name
    [ -z "$2" ] || file_text "$1" "$3"
}

# Names that nobody takes, behind those of a kind's neighbours.
file_foreign() { # name...
    local long
    printf -v long '%0300d' 0
    file_list foreign "$@" \
        'Z:' 'z:\' 'C:\Windows' 'C:dir' 'C:/dir' 'LPT1:' 'LPT1' 'localhost' 'relative/path' '/absolute/path' \
        'https://host/share' 'ftp://host/share' 'file:///etc/passwd' 'mailto:someone@host' \
        '\' '\\' '//' '\\?\C:\dir' '\\.\pipe\name' '\host\share' '\\\host\share' ' \\host\share' \
        '\\ho st\share' '\\host:99999\share' '\\host\..\share' "\\\\$long\\share" $'\\\\ho\x01st\\share' \
        '*' '%s%n' $'\xd1\x81\xd0\xb5\xd1\x80\xd0\xb2\xd0\xb5\xd1\x80' 'ftp://'$'\xe5\x85\xb1\xe6\x9c\x89' $'\xce\xa9:\\dir' $'\xf0\x9d\x84\x9e'
}
