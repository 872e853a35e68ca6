/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_options.h: the command line, in both of its dialects.
 *
 * "/user:alice", as on Windows: letters of any case, and as few of them as are
 * unmistakable ("/d"). "--user alice", "--user=alice" or "-u alice", as on Linux:
 * also as few as are unmistakable. What begins with "//" is a name, and so is all
 * that follows "--".
 */
#ifndef WNET_OPTIONS_H
#define WNET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct wnet_command;

/** To whoever writes a password among the words. */
#define WNET_NO_PASSWORD_HERE                                                                      \
    "A password does not belong on the command line, where every process can read it (ps). Write " \
    "* to be asked for it, or use --password-stdin, --password-fd, --credentials or "              \
    "--password-command."

enum wnet_choice { WNET_UNSAID, WNET_NO, WNET_YES };

enum wnet_kerberos { WNET_KERBEROS_UNSAID, WNET_KERBEROS_WANTED, WNET_KERBEROS_REQUIRED };

struct wnet_options {
    const struct wnet_command *command;
    char **words; /**< what is no option, in the order it came; of the command line itself */
    size_t count;
    char **program; /**< of "run": what to run, NULL-ended; NULL = nothing */

    const char *user, *provider, *credentials, *password_command;
    enum wnet_choice persistent;
    enum wnet_kerberos kerberos;
    int password_fd; /**< -1 = none */
    bool password_stdin, guest, savecred;
    bool delete, yes, no, force, forget;
    bool integrity, privacy, write_through;
    bool json, no_service, no_start, help, version;
};

/**
 * Reads a command line. problem receives what is wrong with it, in a sentence.
 *
 * Returns false then; what was understood up to there is in ret_options.
 */
bool wnet_options_read(int argc, char **argv, struct wnet_options *ret_options, char *problem,
                       size_t problem_size);

void wnet_options_clear(struct wnet_options *options);

#endif
