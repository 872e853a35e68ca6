/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sftp_known.c: the server's key against known_hosts.
 */
#include "config.h"

#include "providers/sftp/sftp_known.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mpr/winerror.h>

/* What can be said of a key. */
struct key_words {
    char type[40];
    char fingerprint[80]; /* SHA256:... */
};

static bool describe_key(ssh_key key, struct key_words *words) {
    unsigned char *hash = NULL;
    size_t length = 0;
    char *text;

    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length))
        return false;
    text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length);
    ssh_clean_pubkey_hash(&hash);
    if (!text)
        return false;
    snprintf(words->type, sizeof words->type, "%s", ssh_key_type_to_char(ssh_key_type(key)));
    snprintf(words->fingerprint, sizeof words->fingerprint, "%s", text);
    ssh_string_free_char(text);
    return true;
}

/* libssh passes over lines with markers. A key that anybody revoked here is no good, for
 * whichever host the line says so. */
static bool is_revoked(const char *file, const char *base64) {
    FILE *stream = fopen(file, "re");
    char *text = NULL;
    size_t size = 0;
    bool revoked = false;

    if (!stream)
        return false;
    while (!revoked && getline(&text, &size, stream) >= 0)
        revoked = strncmp(text, "@revoked", 8) == 0 && strstr(text, base64);
    free(text);
    fclose(stream);
    return revoked;
}

static bool key_is_revoked(struct sftp_line *line, ssh_key key) {
    char *base64 = NULL;
    bool revoked;

    if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
        return true; /* a key that cannot be looked up is not believed */
    revoked =
        is_revoked(line->known_hosts, base64) || is_revoked("/etc/ssh/ssh_known_hosts", base64);
    ssh_string_free_char(base64);
    return revoked;
}

static bool refuse_changed(struct sftp_line *line, const struct key_words *key,
                           struct sftp_failure *failure) {
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, EKEYREJECTED,
                     "%s as %s: THE HOST KEY OF %s HAS CHANGED. It shows the key %s %s, and %s "
                     "has another one. Either somebody stands in between, or the server was given "
                     "a new key: ask its administrator. Only if that is so, remove the old line "
                     "(ssh-keygen -f %s -R '[%s]:%u' or -R %s) and add the new one.",
                     line->task, line->user, line->name.host, key->type, key->fingerprint,
                     line->known_hosts, line->known_hosts, line->name.host,
                     (unsigned)line->name.port, line->name.host);
}

/* Why a file cannot be read: 0 if it can, or if it is not there yet. */
static int why_unreadable(const char *file) {
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = fd < 0 ? errno : 0;
    struct stat facts;

    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode))
        error = EISDIR;
    if (fd >= 0)
        close(fd);
    return error == ENOENT ? 0 : error;
}

static bool refuse_unreadable(const struct sftp_line *line, const struct key_words *key, int error,
                              struct sftp_failure *failure) {
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, (uint32_t)error,
                     "%s as %s: whether the host key of %s, %s %s, is known cannot be said: %s "
                     "cannot be read: %s (%s %d). Mend that, or name another file with the "
                     "provider's option \"known_hosts\".",
                     line->task, line->user, line->name.host, key->type, key->fingerprint,
                     line->known_hosts, strerrordesc_np(error), strerrorname_np(error), error);
}

/* "mkdir ... && ", where the file's directory is not there; else nothing. */
static void words_of_making(const char *file, char *buffer, size_t size) {
    const char *end = strrchr(file, '/');
    int length = end ? (int)(end - file) : 0;

    snprintf(buffer, size, "mkdir -m 700 -p %.*s", length, file);
    if (!length || strlen(buffer) + sizeof " && " > size
        || access(strstr(buffer, "-p ") + 3, F_OK) == 0 || errno != ENOENT)
        buffer[0] = '\0';
    else
        memcpy(buffer + strlen(buffer), " && ", sizeof " && ");
}

static bool refuse_unknown(struct sftp_line *line, const struct key_words *key, const char *why,
                           struct sftp_failure *failure) {
    char making[PATH_MAX + 32];

    words_of_making(line->known_hosts, making, sizeof making);
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, ENOKEY,
                     "%s as %s: the host key of %s is not known: %s %s is not in %s%s. If the "
                     "server's administrator confirms this fingerprint, add the key with "
                     "\"%sssh-keyscan -p %u %s >> %s\", or name a file that has it with the "
                     "provider's option \"known_hosts\".",
                     line->task, line->user, line->name.host, key->type, key->fingerprint,
                     line->known_hosts, why, making, (unsigned)line->name.port, line->name.host,
                     line->known_hosts);
}

/* Asks the user, where that was allowed. Only a plain yes is one. */
static bool ask_for(struct sftp_line *line, const struct key_words *key,
                    struct sftp_failure *failure) {
    char question[768], answer[16];
    int error = why_unreadable(line->known_hosts);
    uint32_t code;

    if (error)
        return refuse_unreadable(line, key, error, failure);
    if (!line->interactive)
        return refuse_unknown(line, key, "", failure);
    snprintf(question, sizeof question,
             "The host key of %s, port %u, is not known. It is %s %s.\n"
             "Is that the right one? yes adds it to %.200s: ",
             line->name.host, (unsigned)line->name.port, key->type, key->fingerprint,
             line->known_hosts);
    code = sftp_line_ask(line, question, answer, sizeof answer);
    if (code == ERROR_CANCELLED)
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_CANCELLED, ECANCELED,
                         "%s as %s: the question whether the host key %s %s is right was not "
                         "answered.",
                         line->task, line->user, key->type, key->fingerprint);
    if (code != NO_ERROR)
        return refuse_unknown(line, key, ", and there is no way to ask", failure);
    if (strcasecmp(answer, "yes") != 0)
        return refuse_unknown(line, key, ", and was not confirmed", failure);
    if (ssh_session_update_known_hosts(line->ssh) == SSH_OK)
        return true;
    return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, EIO,
                     "%s as %s: the host key was confirmed, but it could not be added to %s: %s.",
                     line->task, line->user, line->known_hosts, ssh_get_error(line->ssh));
}

static bool judge(struct sftp_line *line, ssh_key key, const struct key_words *words,
                  struct sftp_failure *failure) {
    int error;

    if (key_is_revoked(line, key))
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, EKEYREVOKED,
                         "%s as %s: the host key of %s, %s %s, is REVOKED by %s.", line->task,
                         line->user, line->name.host, words->type, words->fingerprint,
                         line->known_hosts);
    switch (ssh_session_is_known_server(line->ssh)) {
    case SSH_KNOWN_HOSTS_OK:
        return true;
    case SSH_KNOWN_HOSTS_CHANGED:
    case SSH_KNOWN_HOSTS_OTHER:
        return refuse_changed(line, words, failure);
    case SSH_KNOWN_HOSTS_UNKNOWN:
    case SSH_KNOWN_HOSTS_NOT_FOUND:
        return ask_for(line, words, failure);
    default:
        error = why_unreadable(line->known_hosts);
        if (error)
            return refuse_unreadable(line, words, error, failure);
        return sftp_fail(failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, EIO,
                         "%s as %s: the known hosts could not be read from %s: %s.", line->task,
                         line->user, line->known_hosts, ssh_get_error(line->ssh));
    }
}

bool sftp_known_judge(struct sftp_line *line, struct sftp_failure *ret_failure) {
    struct key_words words;
    ssh_key key = NULL;
    bool good;

    if (ssh_get_server_publickey(line->ssh, &key) != SSH_OK || !describe_key(key, &words))
        good = sftp_fail(ret_failure, MPR_MINE_FAILED, ERROR_EXTENDED_ERROR, ENOKEY,
                         "%s as %s: the server's host key could not be read: %s.", line->task,
                         line->user, ssh_get_error(line->ssh));
    else
        good = judge(line, key, &words, ret_failure);
    ssh_key_free(key);
    return good;
}
