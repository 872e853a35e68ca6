/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_shake.c: banner, keys, host key, login, channel, version.
 *
 * libssh reads no configuration of ssh's: a line there can name another host,
 * another identity or a command, and nobody asked for those.
 */
#include "config.h"

#include "providers/sftp/sftp_shake.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpr/winerror.h>

#include "providers/common/np_time.h"
#include "providers/sftp/sftp_known.h"
#include "providers/sftp/sftp_login.h"

/* AES in GCM first: with a processor that has AES built in, several times as fast as what
 * libssh would begin with. */
static const char ciphers[] =
    "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,"
    "aes256-ctr,aes192-ctr,aes128-ctr";

static const char *const stages[] = {
    [SFTP_AT_BANNER] = "the greeting of an SSH server was waited for",
    [SFTP_AT_KEYS] = "keys were being exchanged",
    [SFTP_AT_HOSTKEY] = "the host key was being judged",
    [SFTP_AT_LOGIN] = "the login was under way",
    [SFTP_AT_AGENT] = "the keys of the agent at SSH_AUTH_SOCK were being tried",
    [SFTP_AT_CHANNEL] = "the subsystem sftp was being started",
    [SFTP_AT_VERSION] = "the SFTP server's version was waited for",
    [SFTP_AT_WORK] = "the work began",
};

static int stage_of(const struct sftp_line *line) {
    return atomic_load(&((struct sftp_line *)(uintptr_t)line)->stage);
}

/* Before its greeting nothing says that there is an SSH server. */
static bool fail_here(struct sftp_line *line, struct sftp_failure *failure, uint32_t native,
                      const char *what) {
    int stage = stage_of(line);
    bool mine = stage > SFTP_AT_BANNER;
    char user[MPR_USER_MAX];

    pthread_mutex_lock(&line->lock);
    memcpy(user, line->user, sizeof user);
    pthread_mutex_unlock(&line->lock);
    return sftp_fail(failure, mine ? MPR_MINE_FAILED : MPR_NOT_MINE,
                     mine ? ERROR_EXTENDED_ERROR : ERROR_BAD_NETPATH, native,
                     "%s%s%s: TCP port %u of %s accepted the connection, but while %s, %s.",
                     line->task, user[0] ? " as " : "", user, (unsigned)line->name.port,
                     line->name.host, stages[stage], what);
}

bool sftp_shake_stopped(struct sftp_line *line, int rc, struct sftp_failure *ret_failure) {
    char words[80];

    if (rc == -ECANCELED)
        return sftp_fail(ret_failure, MPR_MINE_FAILED, ERROR_CANCELLED, ECANCELED,
                         "%s was cancelled while %s.", line->task, stages[stage_of(line)]);
    snprintf(words, sizeof words, "no answer came within %lld ms (ETIMEDOUT %d)",
             (long long)((np_now_ns() - line->began_ns) / NP_MS), ETIMEDOUT);
    return fail_here(line, ret_failure, ETIMEDOUT, words);
}

bool sftp_shake_broken(struct sftp_line *line, struct sftp_failure *ret_failure) {
    const char *error = ssh_get_error(line->ssh);
    char text[256], words[300];

    if (atomic_load(&line->aborted))
        return sftp_shake_stopped(line, -ECANCELED, ret_failure);
    if (np_now_ns() >= line->deadline_ns)
        return sftp_shake_stopped(line, -ETIMEDOUT, ret_failure);
    sftp_words_of_server(error, strlen(error), text, sizeof text);
    snprintf(words, sizeof words, "it ended: %s", text[0] ? text : "the server closed it");
    return fail_here(line, ret_failure, ECONNRESET, words);
}

/* Whose keys and known hosts these are, and whom to be where nobody said it. */
static bool find_home(struct sftp_line *line, struct sftp_failure *failure) {
    struct passwd entry, *found = NULL;
    char buffer[16384];

    getpwuid_r(line->uid, &entry, buffer, sizeof buffer, &found);
    if (found)
        snprintf(line->home, sizeof line->home, "%s", found->pw_dir);
    if (line->options.known_hosts[0])
        memcpy(line->known_hosts, line->options.known_hosts, sizeof line->known_hosts);
    else
        snprintf(line->known_hosts, sizeof line->known_hosts, "%s/.ssh/known_hosts", line->home);
    if (line->user[0])
        return true;
    if (!found)
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_BAD_USERNAME, ENOENT,
                         "%s: user %u of this machine has no name; give the user to be.",
                         line->task, (unsigned)line->uid);
    pthread_mutex_lock(&line->lock);
    snprintf(line->user, sizeof line->user, "%s", found->pw_name);
    pthread_mutex_unlock(&line->lock);
    return true;
}

static bool set_options(struct sftp_line *line) {
    const int port = line->name.port, yes = 1;
    const bool no = false;
    socket_t fd = fcntl(line->fd, F_DUPFD_CLOEXEC, 0);
    bool good;

    if (fd < 0)
        return false;
    good = ssh_options_set(line->ssh, SSH_OPTIONS_PROCESS_CONFIG, &no) == 0
           && ssh_options_set(line->ssh, SSH_OPTIONS_HOST, line->name.host) == 0
           && ssh_options_set(line->ssh, SSH_OPTIONS_PORT, &port) == 0
           && ssh_options_set(line->ssh, SSH_OPTIONS_USER, line->user) == 0
           && ssh_options_set(line->ssh, SSH_OPTIONS_KNOWNHOSTS, line->known_hosts) == 0
           && ssh_options_set(line->ssh, SSH_OPTIONS_NODELAY, &yes) == 0;
    /* Where a library has not all of them, its own order is as good. */
    ssh_options_set(line->ssh, SSH_OPTIONS_CIPHERS_C_S, ciphers);
    ssh_options_set(line->ssh, SSH_OPTIONS_CIPHERS_S_C, ciphers);
    good = good && ssh_options_set(line->ssh, SSH_OPTIONS_FD, &fd) == 0;
    line->ssh_fd = fd;
    return good;
}

/* The greeting and the exchange of keys. */
static bool exchange_keys(struct sftp_line *line, struct sftp_failure *failure) {
    int rc;

    ssh_set_blocking(line->ssh, 0);
    while ((rc = ssh_connect(line->ssh)) == SSH_AGAIN) {
        if (ssh_get_serverbanner(line->ssh))
            atomic_store(&line->stage, SFTP_AT_KEYS);
        if (!sftp_line_wait(line))
            break;
    }
    if (ssh_get_serverbanner(line->ssh))
        atomic_store(&line->stage, SFTP_AT_KEYS);
    return rc == SSH_OK || sftp_shake_broken(line, failure);
}

static bool start_subsystem(struct sftp_line *line, struct sftp_failure *failure) {
    int rc;

    atomic_store(&line->stage, SFTP_AT_CHANNEL);
    line->channel = ssh_channel_new(line->ssh);
    if (!line->channel)
        return sftp_shake_broken(line, failure);
    ssh_set_channel_callbacks(line->channel, line->callbacks);
    while ((rc = ssh_channel_open_session(line->channel)) == SSH_AGAIN && sftp_line_wait(line))
        ;
    while (rc == SSH_OK && (rc = ssh_channel_request_sftp(line->channel)) == SSH_AGAIN) {
        if (!sftp_line_wait(line))
            break;
        rc = SSH_OK;
    }
    if (rc == SSH_OK)
        return true;
    if (!ssh_is_connected(line->ssh) || rc == SSH_AGAIN)
        return sftp_shake_broken(line, failure);
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_NOT_SUPPORTED, ENOTSUP,
                     "%s as %s: the server accepted the login but starts no SFTP: %s.", line->task,
                     line->user, ssh_get_error(line->ssh));
}

static bool greet(struct sftp_line *line, struct sftp_failure *failure) {
    const char *banner = ssh_get_serverbanner(line->ssh);
    struct sftp_out packet;

    /* OpenSSH takes the arguments of SYMLINK the wrong way round, and so does who is like it. */
    line->target_first = banner && strstr(banner, "OpenSSH");
    atomic_store(&line->stage, SFTP_AT_VERSION);
    sftp_out_begin(&packet, SFTP_INIT, 3, 0);
    pthread_mutex_lock(&line->lock);
    sftp_line_send_locked(line, NULL, &packet);
    pthread_mutex_unlock(&line->lock);
    while (stage_of(line) == SFTP_AT_VERSION) {
        if (!sftp_line_pump(line, line->deadline_ns) || atomic_load(&line->aborted)
            || np_now_ns() >= line->deadline_ns)
            return sftp_shake_broken(line, failure);
    }
    return true;
}

bool sftp_shake_hands(struct sftp_line *line, struct sftp_failure *ret_failure) {
    if (!find_home(line, ret_failure))
        return false;
    line->ssh = ssh_new();
    if (!line->ssh || !set_options(line))
        return sftp_fail(ret_failure, MPR_MINE_FAILED, ERROR_NOT_ENOUGH_MEMORY, ENOMEM,
                         "%s: libssh could not be prepared: %s", line->task,
                         line->ssh ? ssh_get_error(line->ssh) : "memory ran out");
    if (!exchange_keys(line, ret_failure))
        return false;
    atomic_store(&line->stage, SFTP_AT_HOSTKEY);
    if (!sftp_known_judge(line, ret_failure))
        return false;
    atomic_store(&line->stage, SFTP_AT_LOGIN);
    return sftp_login(line, ret_failure) && start_subsystem(line, ret_failure)
           && greet(line, ret_failure);
}
