/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wnet_secret_file.c: a file of credentials, as mount.cifs(8) and smbclient(1) take it.
 *
 *   username=alice
 *   password=the rest of the line
 *   domain=EXAMPLE
 *
 * Blanks round a key do not count, and behind a "=" that has some before it; nor those
 * round user and domain. All others are the password's. A byte order mark and the line ends of Windows are
 * skipped, lines of '#' and ';' are comments, other keys are other programs'.
 */
#include "config.h"

#include "tools/wnet/wnet_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/wnet/wnet_text.h"

#define FILE_MAX_ 16384

struct reader {
    struct wnet_secret *secret;
    const char *path;
    unsigned line;
    char name[WNET_USER_MAX], domain[WNET_USER_MAX];
    char *problem;
    size_t problem_size;
};

static bool complain(const struct reader *reader, const char *what) {
    snprintf(reader->problem, reader->problem_size, "The file %s cannot be used: %s.", reader->path,
             what);
    return false;
}

static bool complain_of_line(const struct reader *reader, const char *what) {
    snprintf(reader->problem, reader->problem_size, "The file %s cannot be used: line %u %s.",
             reader->path, reader->line, what);
    return false;
}

static bool is_private(const struct reader *reader, const struct stat *facts) {
    if (!S_ISREG(facts->st_mode))
        return complain(reader, "it is no file");
    if (facts->st_uid != geteuid())
        return complain(reader, "it belongs to somebody else");
    if (facts->st_mode & 077)
        return complain(reader, "others may read it; chmod 600 changes that");
    if (facts->st_size >= FILE_MAX_)
        return complain(reader, "it is too large");
    return true;
}

static ssize_t read_all(int fd, char *buffer, size_t size) {
    size_t length = 0;
    ssize_t n = 1;

    while (n && length < size - 1) {
        n = read(fd, buffer + length, size - 1 - length);
        if (n < 0 && errno != EINTR)
            return -1;
        length += n > 0 ? (size_t)n : 0;
    }
    buffer[length] = '\0';
    return (ssize_t)length;
}

static void cut_blanks(char *text) {
    size_t length = strlen(text);

    while (length && strchr(" \t", text[length - 1]))
        text[--length] = '\0';
}

static bool store(const struct reader *reader, char *to, size_t size, const char *value) {
    if (strlen(value) >= size)
        return complain_of_line(reader, "is too long");
    memcpy(to, value, strlen(value) + 1);
    return true;
}

static bool is_key(const char *key, const char *name, const char *short_name) {
    return strcasecmp(key, name) == 0 || strcasecmp(key, short_name) == 0;
}

static bool take(struct reader *reader, const char *key, char *value) {
    struct wnet_secret *secret = reader->secret;

    if (is_key(key, "password", "pass")) {
        if (!wnet_text_valid(value))
            return complain_of_line(reader, "has the password, which " WNET_SECRET_NO_UTF8);
        secret->has_password = true;
        return store(reader, secret->password, sizeof secret->password, value);
    }
    value += strspn(value, " \t");
    cut_blanks(value);
    if (is_key(key, "username", "user"))
        return store(reader, reader->name, sizeof reader->name, value);
    if (is_key(key, "domain", "dom"))
        return store(reader, reader->domain, sizeof reader->domain, value);
    return true;
}

static bool read_line(struct reader *reader, char *line) {
    char *value;
    bool spaced;

    line += strspn(line, " \t");
    if (!*line || *line == '#' || *line == ';')
        return true;
    value = strchr(line, '=');
    if (!value)
        return complain_of_line(reader, "has no \"=\"");
    spaced = value > line && strchr(" \t", value[-1]);
    *value++ = '\0';
    cut_blanks(line);
    return take(reader, line, spaced ? value + strspn(value, " \t") : value);
}

static bool read_text(struct reader *reader, char *text, size_t length) {
    char *next;

    if (strlen(text) != length)
        return complain(reader, "there is a NUL in it");
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    for (; text; text = next) {
        size_t end = strcspn(text, "\n");

        next = text[end] ? text + end + 1 : NULL;
        text[end] = '\0';
        if (end && text[end - 1] == '\r')
            text[end - 1] = '\0';
        reader->line++;
        if (!read_line(reader, text))
            return false;
    }
    return true;
}

/* "EXAMPLE\alice", as WNetAddConnection takes it; a name may have its domain already. */
static bool name_user(struct reader *reader) {
    struct wnet_secret *secret = reader->secret;
    int length;

    if (!*reader->name)
        return true;
    if (strpbrk(reader->name, "\\@"))
        *reader->domain = '\0';
    length = snprintf(secret->user, sizeof secret->user, "%s%s%s", reader->domain,
                      *reader->domain ? "\\" : "", reader->name);
    if (length < 0 || (size_t)length >= sizeof secret->user)
        return complain(reader, "the name of the user is too long");
    secret->has_user = true;
    return true;
}

static bool read_file(struct reader *reader, int fd) {
    char text[FILE_MAX_];
    struct stat facts;
    ssize_t length;
    bool good;

    if (fstat(fd, &facts))
        return complain(reader, strerror(errno));
    if (!is_private(reader, &facts))
        return false;
    length = read_all(fd, text, sizeof text);
    good = length < 0 ? complain(reader, strerror(errno))
                      : read_text(reader, text, (size_t)length) && name_user(reader);
    explicit_bzero(text, sizeof text);
    if (good && !reader->secret->has_password)
        return complain(reader, "it has no line \"password=\"");
    return good;
}

bool wnet_secret_read_file(struct wnet_secret *secret, const char *path, char *problem,
                           size_t problem_size) {
    struct reader reader = {
        .secret = secret, .path = path, .problem = problem, .problem_size = problem_size};
    /* Without O_NONBLOCK a pipe of this name would be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool good;

    if (fd < 0)
        return complain(&reader, strerror(errno));
    good = read_file(&reader, fd);
    close(fd);
    return good;
}
