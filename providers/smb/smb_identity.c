/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * smb_identity.c: user names, and the owner of a Kerberos credential cache.
 *
 * The SMB library uses whatever ticket it finds, whoever was named. So the
 * cache's owner is read here first, from the file itself: its layout is
 * documented and is the same for MIT and Heimdal Kerberos.
 */
#include "config.h"

#include "providers/smb/smb_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "providers/common/np_unc.h"

static bool copy_field(char *field, const char *text, size_t length) {
    if (!length || length >= SMB_FIELD_MAX || !np_text_is_clean(text, length))
        return false;
    memcpy(field, text, length);
    field[length] = '\0';
    return true;
}

int smb_identity_parse(const char *text, struct smb_identity *ret_identity) {
    const char *slash = strchr(text, '\\');
    struct smb_identity identity = {.guest = false};

    if (strlen(text) >= MPR_USER_MAX)
        return 0;
    if (slash && !copy_field(identity.domain, text, (size_t)(slash - text)))
        return 0;
    if (slash)
        text = slash + 1;
    if (strpbrk(text, "\\/") || text[0] == '@' || !copy_field(identity.user, text, strlen(text))
        || text[strlen(text) - 1] == '@')
        return 0;
    identity.guest = strcasecmp(identity.user, "guest") == 0;
    *ret_identity = identity;
    return 1;
}

bool smb_identity_is(const struct smb_identity *identity, const char *principal) {
    bool realm = strchr(identity->user, '@') != NULL;
    size_t length = realm ? strlen(principal) : strcspn(principal, "@");

    return strlen(identity->user) == length && strncasecmp(identity->user, principal, length) == 0;
}

int smb_identity_of_uid(uint32_t uid, char *buffer, size_t size) {
    struct passwd entry, *found = NULL;
    char strings[4096];

    if (getpwuid_r(uid, &entry, strings, sizeof strings, &found) || !found
        || strlen(found->pw_name) >= size)
        return 0;
    memcpy(buffer, found->pw_name, strlen(found->pw_name) + 1);
    return 1;
}

/* A read position in the cache; failed sticks. */
struct reader {
    const unsigned char *data;
    size_t left;
    bool failed;
};

static uint32_t read_number(struct reader *reader, size_t bytes) {
    uint32_t value = 0;

    if (reader->left < bytes) {
        reader->failed = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | reader->data[i];
    reader->data += bytes;
    reader->left -= bytes;
    return value;
}

static struct np_span read_counted(struct reader *reader) {
    uint32_t length = read_number(reader, 4);
    struct np_span text = {(const char *)reader->data, length};

    if (reader->failed || reader->left < length) {
        reader->failed = true;
        return (struct np_span){"", 0};
    }
    reader->data += length;
    reader->left -= length;
    return text;
}

static bool append(char *buffer, size_t size, char separator, struct np_span text) {
    size_t used = strlen(buffer);

    if (used + text.length + 2 > size || !np_text_is_clean(text.text, text.length))
        return false;
    if (separator)
        buffer[used++] = separator;
    memcpy(buffer + used, text.text, text.length);
    buffer[used + text.length] = '\0';
    return true;
}

/* Version, a header from version 4 on, then the owner: type, count, realm, components. */
static int parse_cache(struct reader reader, char *buffer, size_t size) {
    uint32_t version = read_number(&reader, 2), parts;
    char owner[SMB_FIELD_MAX] = "";
    struct np_span realm;

    if (version == 0x0504) {
        uint32_t header = read_number(&reader, 2);

        while (header-- && !reader.failed)
            read_number(&reader, 1);
    } else if (version != 0x0503) {
        return -1;
    }
    read_number(&reader, 4);
    parts = read_number(&reader, 4);
    realm = read_counted(&reader);
    for (uint32_t i = 0; i < parts && !reader.failed; i++) {
        if (!append(owner, sizeof owner, i ? '/' : '\0', read_counted(&reader)))
            return -1;
    }
    if (reader.failed || !append(owner, sizeof owner, '@', realm) || strlen(owner) >= size)
        return -1;
    memcpy(buffer, owner, strlen(owner) + 1);
    return 1;
}

int smb_identity_of_ticket(char *buffer, size_t size) {
    const char *name = secure_getenv("KRB5CCNAME");
    unsigned char data[1024];
    char path[64];
    ssize_t length;
    int fd;

    if (!name || !name[0]) {
        snprintf(path, sizeof path, "/tmp/krb5cc_%u", (unsigned)getuid());
        name = path;
    } else if (strncmp(name, "FILE:", 5) == 0) {
        name += 5;
    } else if (strncmp(name, "DIR::", 5) == 0) {
        name += 5;
    }
    if (name[0] != '/')
        return -1;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    length = read(fd, data, sizeof data);
    close(fd);
    if (length < 0)
        return -1;
    return parse_cache((struct reader){data, (size_t)length, false}, buffer, size);
}
