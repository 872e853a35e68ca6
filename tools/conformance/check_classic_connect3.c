/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check_classic_connect3.c: the flags and the window of NPAddConnection3.
 */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tools/conformance/kit.h"
#include "tools/conformance/kit_classic.h"
#include "tools/conformance/kit_lab.h"
#include "tools/conformance/kit_memory.h"
#include "tools/conformance/kit_watch.h"

#define KNOWN_FLAGS 0x0007FFFFu

static DWORD add3(const char *local, const char *remote, DWORD flags) {
    return kit_np_connect3(kit_resource(local, remote, RESOURCETYPE_DISK), kit_lab.user,
                           kit_lab.password, flags);
}

static void ignores_unknown_flags(void) {
    kit_classic_open();
    for (DWORD flag = 1; flag; flag <<= 1) {
        if (flag & KNOWN_FLAGS)
            continue;
        KIT_CODES(add3("Z:", kit_good(0), flag), WN_SUCCESS);
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
    }
}

/* Gives this process a terminal and an input. Returns the end at which a user would sit. */
static int sit_down(void) {
    int user = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal = -1;
    const char *name = user >= 0 && !grantpt(user) && !unlockpt(user) ? ptsname(user) : NULL;
    struct termios manner;

    if (name)
        terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || tcgetattr(terminal, &manner))
        kit_skip("there is no terminal to be had here");
    manner.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    tcsetattr(terminal, TCSANOW, &manner);
    if (ioctl(terminal, TIOCSCTTY, 0))
        kit_skip("this process cannot be given a terminal");
    dup2(terminal, STDIN_FILENO);
    /* Whoever asks gets an answer, and does not wait for ever. */
    if (write(user, "words\nwords\nwords\n", 18) != 18
        || poll(&(struct pollfd){.fd = terminal, .events = POLLIN}, 1, 10000) != 1)
        kit_broken("the terminal takes no words");
    return user;
}

static void expect_unasked(int user) {
    struct pollfd output = {.fd = user, .events = POLLIN};
    char said[256] = "";
    int waiting = 0;

    if (poll(&output, 1, 0) == 1 && read(user, said, sizeof said - 1) > 0)
        kit_fail("no question on the terminal", "\"%s\"", said);
    if (ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0)
        kit_fail("what the user types left to the program", "it was read");
}

/* Everything that could be a reason to ask. */
static void give_reasons(DWORD flags) {
    static const char *const users[] = {NULL, "anna"};

    for (size_t i = 0; i < 2; i++) {
        LPNETRESOURCEW resource = kit_resource("Z:", kit_lab.login, RESOURCETYPE_DISK);

        if (kit_np_connect3(resource, users[i], NULL, flags) == WN_SUCCESS)
            kit_np_cancel("Z:", TRUE);
        if (kit_np_connect3(resource, users[i], "no password of anybody", flags) == WN_SUCCESS)
            kit_np_cancel("Z:", TRUE);
    }
}

static void asks_nobody_with_prompt_alone(void) {
    int user = sit_down();
    DWORD code;

    kit_classic_open();
    code = add3("Z:", kit_good(0), CONNECT_PROMPT);
    KIT_CODES(code, WN_SUCCESS, WN_BAD_VALUE);
    kit_np_cancel("Z:", TRUE);
    give_reasons(CONNECT_PROMPT);
    expect_unasked(user);
}

static void asks_nobody(void) {
    int user = sit_down();

    kit_classic_open();
    give_reasons(0);
    expect_unasked(user);
}

static void need_deferred(void) {
    kit_classic_open();
    if (!kit_np_can(WNNC_CONNECTION, WNNC_CON_DEFER))
        kit_skip("the module does not announce WNNC_CON_DEFER");
}

static void defers(void) {
    const char *remote;
    unsigned calls;
    int64_t began;

    need_deferred();
    remote = kit_lab.silent ? kit_lab.silent : kit_good(0);
    calls = kit_network_calls();
    began = kit_ms();
    KIT_CODES(add3("Z:", remote, CONNECT_DEFERRED), WN_SUCCESS);
    kit_within(began, KIT_AT_ONCE);
    kit_expect(kit_network_calls() == calls, "no network before the first use", "%s",
               kit_network_call());
}

static void defers_no_nameless(void) {
    need_deferred();
    KIT_CODES(add3(NULL, kit_good(0), CONNECT_DEFERRED), WN_SUCCESS, WN_BAD_VALUE);
}

/* How many files are in a directory and below. */
static unsigned count_files(const char *path) {
    DIR *directory = opendir(path);
    const struct dirent *entry;
    unsigned count = 0;

    while (directory && (entry = readdir(directory))) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        count += 1 + count_files(kit_ro(kit_text("%s/%s", path, name)));
    }
    if (directory)
        closedir(directory);
    return count;
}

static void remembers_nothing(void) {
    static const char *const variables[] = {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME",
                                            "XDG_DATA_HOME", "XDG_CACHE_HOME"};
    static const DWORD flags[] = {CONNECT_TEMPORARY, CONNECT_UPDATE_PROFILE, CONNECT_UPDATE_RECENT};
    const char *home = kit_ro(kit_path("home"));

    mkdir(home, 0700);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
        setenv(variables[i], home, 1);
    if (chdir(home))
        kit_broken("%s cannot be entered", home);
    kit_classic_open();
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        KIT_CODES(add3("Z:", kit_good(0), flags[i]), WN_SUCCESS);
        KIT_CODES(kit_np_cancel("Z:", FALSE), WN_SUCCESS);
        kit_expect(count_files(home) == 0, "no file in the user's home", "%u", count_files(home));
    }
}

static void leaves_window_alone(void) {
    LPWSTR user = kit_wide(kit_lab.user), password = kit_wide(kit_lab.password);
    DWORD code;

    kit_classic_open();
    KIT_NP_NEEDS(AddConnection3);
    kit_doing("NPAddConnection3(hwndOwner no window, remote \"%s\", flags 0)", kit_good(0));
    code = kit_np.AddConnection3(kit_poison(), kit_resource("Z:", kit_good(0), RESOURCETYPE_DISK),
                                 password, user, 0);
    KIT_CODES(code, WN_SUCCESS);
}

const struct kit_check kit_checks_classic_connect3[] = {
    {"AD3-01", KIT_MUST, ignores_unknown_flags, "Flags that are not defined are ignored",
     "Callers of later versions set them.", "Windows: NPAddConnection3, dwFlags"},
    {"AD3-02", KIT_MUST, asks_nobody_with_prompt_alone,
     "CONNECT_PROMPT without CONNECT_INTERACTIVE asks nobody",
     "Without the second there is nobody to be asked: a service has no user before it.",
     "Windows: WNetAddConnection2, CONNECT_PROMPT"},
    {"AD3-06", KIT_MUST, asks_nobody, "Without CONNECT_INTERACTIVE nobody is asked",
     "A question on a terminal that is somebody else's stops the program for ever.",
     "Windows: NPAddConnection3, CONNECT_INTERACTIVE"},
    {"AD3-07", KIT_CAPABILITY, defers,
     "CONNECT_DEFERRED with a device succeeds at once, without network",
     "At the start of a session drives are restored whose servers are not there yet.",
     "Windows: NPAddConnection3, CONNECT_DEFERRED"},
    {"AD3-08", KIT_CAPABILITY, defers_no_nameless,
     "CONNECT_DEFERRED without a device is ignored or ERROR_INVALID_PARAMETER",
     "There is no first use of what has no name to be used by.",
     "Windows: NPAddConnection3, CONNECT_DEFERRED"},
    {"AD3-09", KIT_MUST, remembers_nothing,
     "CONNECT_TEMPORARY and the flags of the profile write nothing to the user's home",
     "What is remembered is the router's affair; a second memory contradicts the first.",
     "Windows: WNetAddConnection2; npapi.h, rule 4"},
    {"AD3-10", KIT_MUST, leaves_window_alone,
     "hwndOwner is not looked at without CONNECT_INTERACTIVE", "It is valid only then.",
     "Windows: NPAddConnection3, hwndOwner"},
    {NULL, KIT_MUST, NULL, NULL, NULL, NULL},
};
