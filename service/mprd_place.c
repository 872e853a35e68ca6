/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mprd_place.c: one service a directory.
 *
 * Everything is looked at through the descriptor of the directory, so that what was
 * looked at is what is used. The lock is on a file beside the socket: who holds it may
 * remove the socket of a dead one, and nobody else does.
 */
#include "config.h"

#include "service/mprd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "router/mpr_session_socket.h"
#include "router/mpr_time.h"

#define SOCKET_NAME   MPR_SESSION_SOCKET
#define LOCK_NAME     "session.lock"
#define WAIT_MS       15000 /* for a service that is about to end */
#define LOOK_AGAIN_MS 20
#define OTHERS        077u

static bool fail(struct mpr_failure *failure, DWORD code, const char *what, const char *path) {
    mpr_failure_set(failure, code, "%s %s: %s.", what, path, strerror(errno));
    return false;
}

/* The directory must be the user's alone: whoever can write there can be the service. */
static bool check_directory(const char *runtime, int fd, struct mpr_failure *failure) {
    struct stat facts;

    if (fstat(fd, &facts))
        return fail(failure, ERROR_ACCESS_DENIED, "Cannot look at", runtime);
    if (facts.st_uid != geteuid())
        mpr_failure_set(failure, ERROR_ACCESS_DENIED,
                        "%s belongs to the user %u, not to %u: a service there would not be safe. "
                        "Remove it, or set XDG_RUNTIME_DIR.",
                        runtime, (unsigned)facts.st_uid, (unsigned)geteuid());
    else if (facts.st_mode & OTHERS)
        mpr_failure_set(failure, ERROR_ACCESS_DENIED,
                        "%s has the mode %04o: others may enter it. chmod 0700 it.", runtime,
                        (unsigned)(facts.st_mode & 07777));
    else
        return true;
    return false;
}

static bool open_directory(const char *runtime, int *ret_fd, struct mpr_failure *failure) {
    int fd;

    if (mkdir(runtime, 0700) && errno != EEXIST)
        return fail(failure, ERROR_PATH_NOT_FOUND, "Cannot make the directory", runtime);
    fd = open(runtime, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(failure, ERROR_PATH_NOT_FOUND,
                    errno == ELOOP || errno == ENOTDIR ? "This is no directory of its own:"
                                                       : "Cannot open the directory",
                    runtime);
    if (!check_directory(runtime, fd, failure)) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}

/* A path that is too long for a socket is reached through the directory's descriptor. */
static struct sockaddr_un make_address(const char *runtime, int directory) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t most = sizeof address.sun_path;

    if (snprintf(address.sun_path, most, "%s/" SOCKET_NAME, runtime) >= (int)most)
        snprintf(address.sun_path, most, "/proc/self/fd/%d/" SOCKET_NAME, directory);
    return address;
}

static bool is_served(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool served;

    if (fd < 0)
        return false;
    /* EAGAIN: so many want to connect that there is no room. */
    served = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
    close(fd);
    return served;
}

static enum mprd_taken take_lock(const char *runtime, struct mprd_place *place,
                                 struct mpr_failure *failure) {
    const struct sockaddr_un address = make_address(runtime, place->directory);
    int64_t deadline = mpr_deadline_in_ms(WAIT_MS);

    place->lock =
        openat(place->directory, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (place->lock < 0) {
        fail(failure, ERROR_ACCESS_DENIED, "Cannot open the lock " LOCK_NAME " in", runtime);
        return MPRD_FAILED;
    }
    while (flock(place->lock, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            fail(failure, ERROR_ACCESS_DENIED, "Cannot take the lock " LOCK_NAME " in", runtime);
            return MPRD_FAILED;
        }
        if (is_served(&address))
            return MPRD_RUNNING;
        if (mpr_ms_until(deadline) == 0) {
            mpr_failure_set(failure, ERROR_BUSY,
                            "Another service holds the lock " LOCK_NAME " in %s, and neither "
                            "serves nor ends. End it.",
                            runtime);
            return MPRD_FAILED;
        }
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    return MPRD_TAKEN;
}

/*
 * Who listens without the lock is no service, but somebody who starts one when there is a
 * client, as a service manager does: looking has been such a client.
 */
static bool is_kept(const char *runtime, const struct mprd_place *place) {
    const struct sockaddr_un address = make_address(runtime, place->directory);

    return !place->inherited && is_served(&address);
}

/* Of a service that is dead: we have its lock. */
static bool remove_stale(const char *runtime, int directory, struct mpr_failure *failure) {
    struct stat facts;

    if (fstatat(directory, SOCKET_NAME, &facts, AT_SYMLINK_NOFOLLOW))
        return errno == ENOENT
               || fail(failure, ERROR_ACCESS_DENIED, "Cannot look at the socket in", runtime);
    if (!S_ISSOCK(facts.st_mode)) {
        mpr_failure_set(failure, ERROR_ALREADY_EXISTS,
                        "%s/" SOCKET_NAME " is no socket, but lies where that of the service "
                        "belongs. Remove it.",
                        runtime);
        return false;
    }
    return unlinkat(directory, SOCKET_NAME, 0) == 0
           || fail(failure, ERROR_ACCESS_DENIED, "Cannot remove the old socket in", runtime);
}

static bool listen_there(const char *runtime, struct mprd_place *place,
                         struct mpr_failure *failure) {
    const struct sockaddr_un address = make_address(runtime, place->directory);

    if (!remove_stale(runtime, place->directory, failure))
        return false;
    place->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return (place->listener >= 0
            && bind(place->listener, (const struct sockaddr *)&address, sizeof address) == 0
            && listen(place->listener, SOMAXCONN) == 0)
           || fail(failure, ERROR_ACCESS_DENIED, "Cannot listen at the socket in", runtime);
}

enum mprd_taken mprd_place_take(const char *runtime, int inherited, struct mprd_place *ret,
                                struct mpr_failure *failure) {
    struct mprd_place place = {runtime, -1, -1, inherited, inherited >= 0};
    enum mprd_taken taken;

    if (!open_directory(runtime, &place.directory, failure))
        return MPRD_FAILED;
    taken = take_lock(runtime, &place, failure);
    if (taken == MPRD_TAKEN && is_kept(runtime, &place))
        taken = MPRD_RUNNING;
    if (taken == MPRD_TAKEN && !place.inherited && !listen_there(runtime, &place, failure))
        taken = MPRD_FAILED;
    if (taken == MPRD_TAKEN)
        *ret = place;
    else
        mprd_place_leave(&place);
    return taken;
}

/* What cannot be looked at is taken to be there. */
static bool is_gone(int rc) {
    return rc && (errno == ENOENT || errno == ENOTDIR);
}

bool mprd_place_is_found(const struct mprd_place *place) {
    int directory = open(place->runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat there, held, facts;
    bool found = true;
    int rc;

    if (directory < 0)
        return !is_gone(directory);
    rc = fstatat(directory, LOCK_NAME, &there, AT_SYMLINK_NOFOLLOW);
    if (is_gone(rc))
        found = false;
    else if (rc == 0 && fstat(place->lock, &held) == 0)
        found = there.st_ino == held.st_ino && there.st_dev == held.st_dev;
    found = found && !is_gone(fstatat(directory, SOCKET_NAME, &facts, AT_SYMLINK_NOFOLLOW));
    close(directory);
    return found;
}

static void close_one(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void mprd_place_close(struct mprd_place *place) {
    if (place->listener >= 0 && !place->inherited && mprd_place_is_found(place))
        unlinkat(place->directory, SOCKET_NAME, 0);
    close_one(&place->listener);
}

void mprd_place_leave(struct mprd_place *place) {
    close_one(&place->listener);
    close_one(&place->lock);
    close_one(&place->directory);
}
