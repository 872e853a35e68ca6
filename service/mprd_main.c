/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_main.c: main of mprd.
 */
#include "config.h"

#include "service/mprd.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_config.h"
#include "router/mpr_filesize.h"
#include "router/mpr_mount.h"
#include "router/mpr_paths.h"
#include "router/mpr_providers.h"
#include "router/mpr_standard.h"
#include "router/mpr_status.h"
#include "router/mpr_time.h"

#define MOST_FILES  65536u
#define END_WAIT_MS 5000
#define MOST_S      86400u

struct options {
    const char *root;
    unsigned idle_s, load_s;
    bool background;
};

/* --- options --- */

static _Noreturn void say_usage(FILE *to, int status) {
    fputs("Usage: mprd [--foreground | --background] [--root DIRECTORY] [--idle SECONDS]\n"
          "            [--load-timeout SECONDS]\n"
          "Serves the network connections of one user to all of his programs; see mprd(8).\n",
          to);
    exit(status);
}

static unsigned read_seconds(const char *option, unsigned least, const char *text) {
    char *end;
    unsigned long seconds;

    errno = 0;
    seconds = strtoul(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || seconds < least || seconds > MOST_S) {
        fprintf(stderr, "mprd: %s takes a number of seconds from %u to %u, not \"%s\".\n", option,
                least, MOST_S, text);
        exit(2);
    }
    return (unsigned)seconds;
}

static struct options read_options(int argc, char **argv) {
    static const struct option known[] = {
        {"foreground", no_argument, NULL, 'f'},
        {"background", no_argument, NULL, 'b'},
        {"root", required_argument, NULL, 'r'},
        {"idle", required_argument, NULL, 'i'},
        {"load-timeout", required_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.load_s = MPRD_LOAD_S};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 'f':
        case 'b':
            options.background = option == 'b';
            break;
        case 'r':
            options.root = optarg;
            break;
        case 'i':
            options.idle_s = read_seconds("--idle", 0, optarg);
            break;
        case 'l':
            options.load_s = read_seconds("--load-timeout", 1, optarg);
            break;
        case 'h':
            say_usage(stdout, 0);
        case 'v':
            puts("mprd " PACKAGE_VERSION);
            exit(0);
        default:
            say_usage(stderr, 2);
        }
    if (optind != argc)
        say_usage(stderr, 2);
    return options;
}

/* --- this process --- */

/* What is in its memory is nobody else's business; connections need descriptors. */
static void prepare_process(void) {
    struct rlimit files;

    umask(077);
    mpr_filesize_prepare();
    prctl(PR_SET_DUMPABLE, 0);
    if (chdir("/")) /* so that no mount is kept */
        errno = 0;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < MOST_FILES) {
        files.rlim_cur = files.rlim_max < MOST_FILES ? files.rlim_max : MOST_FILES;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* Before there are threads, which inherit it. */
static int block_signals(void) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t ends;

    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* --- the service --- */

/* This thread's failure, in words. */
static const char *explain(DWORD rc) {
    const char *words, *provider;
    DWORD code;

    mpr_error_leave(rc);
    mpr_error_get(&code, &words, &provider);
    return words && *words ? words : mpr_status_text(rc);
}

/* What a service that is no more has left mounted. */
static void clear_stale_mounts(const struct mpr_paths *paths) {
    struct mpr_config *config = NULL;
    struct mpr_failure failure = {.set = false};
    char *complaint = NULL, *directory = NULL;

    if (mpr_config_new(paths, &config, &complaint) == NO_ERROR
        && mpr_mount_root(paths, config, &failure, &directory) == NO_ERROR)
        mpr_mount_clear_all(directory);
    free(directory);
    free(complaint);
    mpr_config_free(config);
}

/* The end takes as long as the bounds of what it ends, and no longer. */
static void end(struct mprd_service *service) {
    int64_t deadline;

    mprd_start_notify("STOPPING=1");
    mprd_restore_stop();
    mprd_end_break(service->driver, service->state);
    deadline = mpr_deadline_in_ms(END_WAIT_MS);
    mprd_loop_end();
    mprd_watch_stop();
    if (!mprd_restore_wait(deadline) || mprd_calls_pending()) {
        /* A call that does not end: what it uses must stay until the process ends. */
        mprd_place_leave(&service->place);
        _exit(0);
    }
    service->driver->clear(service->state, true);
    service->driver->close(service->state);
    mprd_place_leave(&service->place);
}

static void serve(struct mprd_service *service) {
    mprd_calls_start(service->driver, service->state, service->wake_fd);
    mprd_watch_start(service->wake_fd);
    mprd_restore_start(service->driver, service->state);
    mprd_start_notify("READY=1");
    mprd_loop_run(service);
    end(service);
}

/* Returns the exit status. */
static int start(const struct options *options, const struct mpr_paths *paths, int inherited) {
    struct mprd_service service = {.driver = &mprd_router_driver, .idle_s = options->idle_s};
    struct mpr_failure failure = {.set = false};
    DWORD rc;

    switch (mprd_place_take(paths->runtime, inherited, &service.place, &failure)) {
    case MPRD_RUNNING:
        mprd_start_told(true, "The service is running already.");
        return 0;
    case MPRD_FAILED:
        mprd_start_told(false, failure.text);
        return 1;
    case MPRD_TAKEN:
        break;
    }
    clear_stale_mounts(paths);
    mpr_providers_run_in_drives(true);
    service.signal_fd = block_signals();
    service.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rc = service.signal_fd < 0 || service.wake_fd < 0
             ? ERROR_NOT_ENOUGH_MEMORY
             : service.driver->open(options->root, &service.state);
    if (rc != NO_ERROR) {
        mprd_place_close(&service.place);
        mprd_start_told(false, explain(rc));
        return 1;
    }
    mprd_start_told(true, NULL);
    serve(&service);
    return 0;
}

int main(int argc, char **argv) {
    struct options options;
    struct mpr_paths *paths;
    int inherited, status;
    DWORD rc;

    if (!mpr_standard_open())
        return 1;
    options = read_options(argc, argv);
    inherited = mprd_start_descriptors();
    prepare_process();
    mpr_error_enter();
    rc = mpr_paths_new(options.root, &paths);
    if (rc != NO_ERROR) {
        fprintf(stderr, "mprd: %s\n", explain(rc));
        return 1;
    }
    mprd_start_limit(options.load_s);
    if (options.background && !mprd_start_background()) {
        fprintf(stderr, "mprd: Cannot make a process: %s.\n", strerror(errno));
        return 1;
    }
    status = start(&options, paths, inherited);
    mpr_paths_free(paths);
    return status;
}
