/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet.h: the commands of wnet. It uses what any program may: the public headers.
 */
#ifndef WNET_H
#define WNET_H

struct wnet_options;

/* Exit status, as "net use" has it. */
#define WNET_DONE   0
#define WNET_SYNTAX 1 /**< the command line makes no sense */
#define WNET_FAILED 2 /**< a system error, of which the number is in the text */

/** One command: "use". */
struct wnet_command {
    const char *name;
    unsigned bit;        /**< WNET_IN_, for options to say where they belong */
    const char *usage;   /**< lines, without "wnet" */
    const char *summary; /**< one sentence */
    /** Returns the exit status. */
    int (*run)(const struct wnet_options *options);
};

#define WNET_IN_USE       0x001u
#define WNET_IN_CANCEL    0x002u
#define WNET_IN_VIEW      0x004u
#define WNET_IN_STATUS    0x008u
#define WNET_IN_RESTORE   0x010u
#define WNET_IN_PROVIDERS 0x020u
#define WNET_IN_EXPLAIN   0x040u
#define WNET_IN_MONITOR   0x080u
#define WNET_IN_RUN       0x100u
#define WNET_IN_HELP      0x200u
#define WNET_IN_ALL       0x3ffu

/** Ended by one without a name. */
extern const struct wnet_command wnet_commands[];

int wnet_use(const struct wnet_options *options);
int wnet_cancel(const struct wnet_options *options);
int wnet_view(const struct wnet_options *options);
int wnet_status(const struct wnet_options *options);
int wnet_restore(const struct wnet_options *options);
int wnet_providers(const struct wnet_options *options);
int wnet_explain(const struct wnet_options *options);
int wnet_monitor(const struct wnet_options *options);
int wnet_run(const struct wnet_options *options);
int wnet_help(const struct wnet_options *options);

#endif
