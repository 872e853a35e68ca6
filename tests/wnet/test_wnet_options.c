/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_wnet_options.c: command lines in both dialects, and what is wrong with others.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tools/wnet/wnet.h"
#include "tools/wnet/wnet_options.h"

#define MOST_WORDS 16

TestSuite(wnet_options, .timeout = 60);

static struct wnet_options options;
static char problem[256];

/* Reads a command line of words with blanks between them. */
static bool read_line(const char *line) {
    static char room[512];
    static char *words[MOST_WORDS];
    int count = 0;

    snprintf(room, sizeof room, "wnet %s", line);
    for (char *word = strtok(room, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    wnet_options_clear(&options);
    return wnet_options_read(count, words, &options, problem, sizeof problem);
}

#define GOOD(line) cr_expect(read_line(line), "%s: %s", line, problem)
#define BAD(line, words)                                                                           \
    do {                                                                                           \
        cr_expect_not(read_line(line), "%s", line);                                                \
        cr_expect_str_eq(problem, words);                                                          \
    } while (0)

static void fini(void) {
    wnet_options_clear(&options);
}

Test(wnet_options, windows_dialect, .fini = fini) {
    GOOD("use Z: \\\\server\\share * /USER:EXAMPLE\\alice /Persistent:No /y");
    cr_expect_str_eq(options.command->name, "use");
    cr_assert_eq(options.count, 3);
    cr_expect_str_eq(options.words[0], "Z:");
    cr_expect_str_eq(options.words[1], "\\\\server\\share");
    cr_expect_str_eq(options.words[2], "*");
    cr_expect_str_eq(options.user, "EXAMPLE\\alice");
    cr_expect_eq(options.persistent, WNET_NO);
    cr_expect(options.yes);
    cr_expect_not(options.no);
}

Test(wnet_options, abbreviations, .fini = fini) {
    GOOD("use Z: /d");
    cr_expect(options.delete);
    GOOD("use Z: /DEL /N");
    cr_expect(options.delete &&options.no);
    GOOD("use Z: //s/p /pers:y /u:bob /sav");
    cr_expect(options.persistent == WNET_YES && options.savecred);
    cr_expect_str_eq(options.user, "bob");
    cr_expect_eq(options.count, 2, "//s/p is a name");
    GOOD("use --del Z:");
    cr_expect(options.delete);
    BAD("use /re", "The option /re may mean requireintegrity or requireprivacy.");
}

Test(wnet_options, posix_dialect, .fini = fini) {
    GOOD("use --user alice Z: //s/p --persistent=yes --password-fd 7 --json -y");
    cr_expect_str_eq(options.user, "alice");
    cr_expect_eq(options.persistent, WNET_YES);
    cr_expect_eq(options.password_fd, 7);
    cr_expect(options.json && options.yes);
    cr_expect_eq(options.count, 2);
    GOOD("use -ualice -p no //s/p");
    cr_expect_str_eq(options.user, "alice");
    cr_expect_eq(options.persistent, WNET_NO);
    GOOD("--no-service use");
    cr_expect(options.no_service);
    GOOD("USE -- -odd-name");
    cr_expect_str_eq(options.words[0], "-odd-name");
    cr_expect_eq(options.password_fd, -1);
}

Test(wnet_options, values, .fini = fini) {
    GOOD("use //s/p --use-kerberos");
    cr_expect_eq(options.kerberos, WNET_KERBEROS_WANTED);
    GOOD("use //s/p --use-kerberos=required");
    cr_expect_eq(options.kerberos, WNET_KERBEROS_REQUIRED);
    GOOD("use //s/p --user=");
    cr_expect_str_eq(options.user, "");
    BAD("use //s/p --use-kerberos=perhaps",
        "\"perhaps\" is not what --use-kerberos takes: \"required\", or nothing.");
    BAD("use //s/p --user", "The option user needs a value.");
    BAD("use //s/p /user bob", "The option user needs a value.");
    BAD("use /persistent:perhaps", "\"perhaps\" is neither yes nor no.");
    BAD("use /persistent:", "\"\" is neither yes nor no.");
    BAD("use /delete:yes", "The option delete takes no value.");
    BAD("use --password-fd -1", "\"-1\" is no number of a descriptor.");
    BAD("use --password-fd 99999999999999999999",
        "\"99999999999999999999\" is no number of a descriptor.");
    BAD("use --password-fd 3x", "\"3x\" is no number of a descriptor.");
}

Test(wnet_options, what_is_wrong, .fini = fini) {
    BAD("frob", "There is no command \"frob\".");
    BAD("use --frob", "There is no option --frob of wnet use.");
    BAD("use /frob:x", "There is no option /frob of wnet use.");
    BAD("use -4", "There is no option -4.");
    BAD("view --user bob", "The option user does not belong to wnet view.");
    BAD("run Z: --json", "The option json does not belong to wnet run.");
    BAD("--json --user bob run Z: ls", "The option json does not belong to wnet run.");
    BAD("--no-start --user bob view", "The option user does not belong to wnet view.");
    BAD("status -y", "There is no option -y of wnet status.");
    BAD("run N: --frob", "There is no option --frob of wnet run.");
    BAD("run N: /bin/ls", "There is no option /bin/ls of wnet run. If it is the command to be "
                          "run, write \"--\" before it.");
}

Test(wnet_options, a_password_is_refused_wherever_it_stands) {
    static const char *const lines[] = {
        "use //s/p --password=geheim", "use //s/p --password geheim", "use //s/p /password:geheim",
        "use //s/p /PASSW:geheim",     "use //s/p --pass=geheim",     "restore --password=geheim",
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        BAD(lines[i], WNET_NO_PASSWORD_HERE);
        cr_expect_not(strstr(problem, "geheim"));
    }
    GOOD("use //s/p --password-s");
    cr_expect(options.password_stdin);
}

Test(wnet_options, switches_that_have_no_meaning_here) {
    static const char *const names[] = {
        "home",     "smartcard",     "transport", "tcpport",   "quicport",
        "rdmaport", "skipcertcheck", "global",    "blockntlm", "requestcompression"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char line[128], wanted[128];

        snprintf(line, sizeof line, "use Z: //s/p /%s:1", names[i]);
        snprintf(wanted, sizeof wanted,
                 "The switch /%s of \"net use\" has no meaning here: ", names[i]);
        cr_expect_not(read_line(line));
        cr_expect(strncmp(problem, wanted, strlen(wanted)) == 0, "%s", problem);
    }
    BAD("use Z: //s/p /SMART",
        "The switch /smartcard of \"net use\" has no meaning here: kinit takes a ticket by the "
        "card, and --use-kerberos takes the ticket.");
    BAD("view /smartcard", "There is no option /smartcard of wnet view.");
}

Test(wnet_options, run_takes_another_command_line, .fini = fini) {
    GOOD("run Z: --user bob -- ls -l --json");
    cr_expect_str_eq(options.words[0], "Z:");
    cr_expect_str_eq(options.user, "bob");
    cr_assert_not_null(options.program);
    cr_expect_str_eq(options.program[0], "ls");
    cr_expect_str_eq(options.program[2], "--json");
    cr_expect_null(options.program[3]);
    GOOD("run Z: ls -l");
    cr_assert_not_null(options.program);
    cr_expect_str_eq(options.program[1], "-l");
    GOOD("run Z: --");
    cr_expect_null(options.program);
    GOOD("run Z:");
    cr_expect_null(options.program);
}

Test(wnet_options, help, .fini = fini) {
    GOOD("");
    cr_expect_null(options.command);
    GOOD("use /?");
    cr_expect(options.help);
    GOOD("--help");
    cr_expect(options.help);
    GOOD("-V");
    cr_expect(options.version);
    GOOD("monitor -h");
    cr_expect(options.help);
}
