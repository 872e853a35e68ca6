#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Words that do not occur in the code: unsafe functions, printing and ending the
# process inside the library, wide characters outside the borders, descriptors
# that a child would inherit.
# shellcheck source=SCRIPTDIR/check-lib.sh
. "${top_srcdir:?}/tests/check-lib.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Says where a pattern (extended regular expression) occurs in the code at hand.
no() { # pattern why
    if grep -nE "$1" "$scratch/code" >"$scratch/found"; then
        say "$file: $2"
        cat "$scratch/found"
    fi
}
no_call() { # names why
    no "(^|[^A-Za-z0-9_.>])($1) *\(" "$2"
}

for file in $(c_files include $product_folders tests); do
    code_of "$file" >"$scratch/code"
    no_call 'strcpy|strcat|sprintf|vsprintf|strncpy|gets|alloca|tmpnam|mktemp' "a function that is not used here"
    no '\b(WINAPI|APIENTRY)\b' "a calling convention of other headers"
    case $file in tests/*) continue ;; esac
    no_call 'strtok|atoi|atol|system|popen|signal' "a function that is not used here"
    no_call getenv "getenv: use secure_getenv"
    no '\bwchar_t\b|\bL"|\bwcs[a-z]+ *\(' "wide characters: use WCHAR and u\"\""
    case $file in
    providers/memory/memory_fault.c) ;; # breaks down when its drop-in says so
    router/* | providers/*)
        no_call 'abort|exit|_exit|quick_exit|assert|raise' "the library never ends the process"
        ;;
    esac
    case $file in
    tools/* | service/* | router/mpr_trace.c) ;;
    *)
        no_call 'printf|fprintf|vprintf|vfprintf|dprintf|vdprintf|puts|fputs|putchar|perror|syslog' \
            "the library prints nothing"
        no '\b(stdout|stderr)\b' "the library prints nothing"
        ;;
    esac
    case $file in
    include/* | router/wnet_* | router/mpr_utf.* | router/classic* | tools/conformance/*) ;;
    *) no '\bL?P?C?W(CHAR|STR)\b|\bLPC?WSTR\b|\bchar16_t\b' "UTF-16 beyond the borders" ;;
    esac
    case $file in
    router/mpr_json.c) ;;
    *) no '\bcJSON_InitHooks\b' "cJSON's hooks belong to the host program" ;;
    esac

    no_call 'accept|pipe|dup|epoll_create|mkstemp|inotify_init|creat|tmpfile' \
        "use the variant that takes CLOEXEC"
    code_with_literals_of "$file" | perl -0777 -ne '
        while (/(?<![\w.>])(open|openat|socket|socketpair|accept4|pipe2|memfd_create|eventfd|epoll_create1
                |timerfd_create|signalfd|inotify_init1|mkostemp|dup3|userfaultfd)\s*\(([^;]*);/gsx) {
            my ($name, $rest) = ($1, $2);
            next if $rest =~ /CLOEXEC/;
            print "$name(", ($rest =~ /^([^\n]*)/), "\n";
        }
        while (/(?<![\w.>])(fopen|fdopen|freopen)\s*\(([^;]*);/gs) {
            my ($name, $rest) = ($1, $2);
            next if $name eq "fdopen" || $rest =~ /"[rwa+b]*e/;
            print "$name(", ($rest =~ /^([^\n]*)/), "\n";
        }' >"$scratch/found"
    if [ -s "$scratch/found" ]; then
        say "$file: a descriptor without CLOEXEC"
        cat "$scratch/found"
    fi
done
exit "$status"
